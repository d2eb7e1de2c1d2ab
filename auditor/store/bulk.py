"""Many rows in one statement: COPY in PostgreSQL where nothing is to be replaced."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

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
    dialect = postgresql if base.dialect.name == POSTGRES else sqlite

    words = dialect.insert(table)
    if replace:
        cells = {name: words.excluded[name] for name in columns if name not in replace}
        words = words.on_conflict_do_update(index_elements=replace, set_=cells)
    if values := [dict(zip(columns, row, strict=True)) for row in rows]:
        base.execute(words, values)


def update(base: Connection, table: Table, columns: Sequence[str], key: str, rows: Iterable[Sequence[Any]]) -> None:
    """Set columns of the rows that have a key; each row of values ends with its key."""
    names = [f"new_{name}" for name in (*columns, key)]
    cells: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    words = table.update().where(table.c[key] == bindparam(f"new_{key}")).values(cells)
    if values := [dict(zip(names, row, strict=True)) for row in rows]:
        base.execute(words, values)


def _copy(base: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = base.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
