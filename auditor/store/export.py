"""Every table of a store as files other programs read: Parquet, or CSV and JSON Lines."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from auditor.errors import OutputError
from auditor.store import documents
from auditor.store.files import make_folder, whole_file
from auditor.store.schema import document, tables

BATCH = 5000
Cells = dict[str, Any]


def export(base: Connection, folder: Path) -> list[Path]:
    """Write each table into a folder, documents as JSON text; return the files."""
    make_folder(folder)
    try:
        import pyarrow as pa  # noqa: F401 - nobody has to have it
    except ImportError:
        return [path for table in tables.sorted_tables for path in _texts(base, table, folder)]
    return [_parquet(base, table, folder) for table in tables.sorted_tables]


def _texts(base: Connection, table: Table, folder: Path) -> list[Path]:
    paths = [folder / f"{table.name}.csv", folder / f"{table.name}.jsonl"]
    with whole_file(paths[0], 0o600) as one, whole_file(paths[1], 0o600) as other:
        text = io.TextIOWrapper(one, "utf-8", newline="", write_through=True)
        writer = csv.DictWriter(text, _columns(table), lineterminator="\n")
        writer.writeheader()
        for cells in _rows(base, table):
            writer.writerow(cells)
            other.write(f"{json.dumps(cells, ensure_ascii=False)}\n".encode())
        text.detach()
    return paths


def _parquet(base: Connection, table: Table, folder: Path) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {int: pa.int64(), bool: pa.bool_()}
    columns = {name: table.c[name].type.python_type for name in _columns(table)}
    schema = pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in columns.items()])
    path = folder / f"{table.name}.parquet"
    rows = list(_rows(base, table))
    with whole_file(path, 0o600) as file, parquet.ParquetWriter(file, schema) as writer:
        for at in range(0, len(rows), BATCH):
            writer.write_table(pa.Table.from_pylist(rows[at : at + BATCH], schema))
    return path


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _rows(base: Connection, table: Table) -> Iterator[Cells]:
    """Yield rows by column; digests in hexadecimal, bodies as the text they hold."""
    for row in base.execute(select(table).execution_options(yield_per=500)):
        cells = dict(row._mapping)  # noqa: SLF001 - a public name
        if table.name == document.name:
            body = documents.unpack(row.id, row.sha256, row.body)
            cells |= {"sha256": bytes(row.sha256).hex(), "body": body}
        yield cells


def size(path: Path) -> int:
    """Return the octets of a database and what lies beside it."""
    files = (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm")))
    try:
        return sum(file.stat().st_size for file in files if file.is_file())
    except OSError as exc:
        raise OutputError(f"cannot be read: {exc.strerror}", where=str(path)) from None
