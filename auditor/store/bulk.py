"""Many rows in one statement: COPY in PostgreSQL where nothing is to be replaced."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

POSTGRES = "postgresql"


def clean(value: str) -> str:
    """Return text that both databases take: no NUL, no half pairs of UTF-16."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def insert(
    base: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    replace: Sequence[str] = (),
) -> None:
    """Write rows of the named columns into a table, in the transaction of the connection.

    A row that has the same cells in the columns of `replace` as one that is there takes its place.
    """
    if base.dialect.name == POSTGRES and not replace:
        _copy(base, table, columns, rows)
        return
    marks = ", ".join([_mark(base)] * len(columns))
    words = f'INSERT INTO "{table.name}" ({_names(columns)}) VALUES ({marks})'  # noqa: S608 - names of ours
    if replace:
        cells = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in replace)
        words += f" ON CONFLICT ({_names(replace)}) DO UPDATE SET {cells}"
    _run(base, words, rows)


def update(
    base: Connection, table: Table, columns: Sequence[str], keys: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set columns of the rows that have their keys; each row of values ends with these."""
    cells = ", ".join(f'"{name}" = {_mark(base)}' for name in columns)
    place = " AND ".join(f'"{name}" = {_mark(base)}' for name in keys)
    _run(base, f'UPDATE "{table.name}" SET {cells} WHERE {place}', rows)  # noqa: S608 - names of ours


def _run(base: Connection, words: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run a statement for each row of values; as tuples, which the driver takes as they are."""
    if values := [tuple(row) for row in rows]:
        base.exec_driver_sql(words, values)


def _mark(base: Connection) -> str:
    """Return what stands for a value in a statement, as the driver has it."""
    return "%s" if base.dialect.name == POSTGRES else "?"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _copy(base: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = base.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({_names(columns)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
