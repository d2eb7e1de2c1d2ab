"""An ARP or forwarding table as one line of a journal: columns, and the cells of each row."""

from collections.abc import Iterator, Mapping
from sys import intern

from auditor.errors import InputError
from auditor.formats.fields import Json
from auditor.model import TABLE_COLUMNS, Cell, Column, NeighbourTable, TableName, digits_of

KEYS = ("table", "columns", "rows")
# Beside the columns that stand for facts.
_FIXED = {"mac": "macs", "where": "wheres", "address": "addresses"}
_NUMBERS = frozenset({"vlan", "age"})
_DIGITS = 10


def write(table: NeighbourTable) -> tuple[Json, Iterator[tuple[Cell | int, ...]]]:
    """Return the keys of a table, and each row; columns that say nothing new are left out."""
    columns: dict[str, Column] = {"mac": table.macs}
    if table.addresses:
        columns["address"] = table.addresses
    columns |= {name: cells for name, cells in table.columns.items() if name != "text" or any(c != "" for c in cells)}
    if any(table.wheres):
        columns["where"] = table.wheres
    written = [map(_number, cells) if name in _NUMBERS else cells for name, cells in columns.items()]
    return {"table": table.name, "columns": list(columns), "rows": []}, zip(*written, strict=True)


def _number(cell: Cell) -> Cell | int:
    """Return a number as one where no zero before it would be lost."""
    plain = cell is not None and cell.isascii() and cell.isdecimal() and len(cell) <= _DIGITS
    return int(cell) if cell is not None and plain and str(int(cell)) == cell else cell


def read(entry: Mapping[str, object]) -> NeighbourTable | None:
    """Return the table of a line, or nothing of an unknown sort; broken is an `InputError`."""
    name, names, rows = entry.get("table"), entry.get("columns"), entry.get("rows")
    table = next((known for known in TABLE_COLUMNS if known == name), None)
    if table is None:
        return None
    if not isinstance(names, list) or not isinstance(rows, list):
        raise InputError("must be a list", where="rows" if isinstance(names, list) else "columns")
    for at, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            raise InputError(f"must be a list of {len(names)} cells", where=f"rows[{at}]")
    columns = dict(zip(map(str, names), zip(*rows, strict=True), strict=True)) if rows else {}
    cells = {column: _cells(column, values) for column, values in columns.items() if column in _known(table)}
    return _table(table, cells, len(rows))


def _known(table: TableName) -> frozenset[str]:
    return frozenset({*_FIXED, *TABLE_COLUMNS[table]})


def _table(table: TableName, cells: dict[str, Column], size: int) -> NeighbourTable:
    fixed = {name: tuple(cell or "" for cell in cells.pop(column, ("",) * size)) for column, name in _FIXED.items()}
    odd = next((at for at, mac in enumerate(fixed["macs"]) if not mac or digits_of(mac) != mac), None)
    if odd is not None:
        raise InputError("its MAC must be twelve hexadecimal digits in lower case", where=f"rows[{odd}]")
    if table == "arp" and not all(fixed["addresses"]):
        raise InputError("must hold an address in each row", where="rows")
    cells.setdefault("text", ("",) * size)
    if table != "arp":
        fixed["addresses"] = ()
    return NeighbourTable(
        name=table,
        columns={name: cells[name] for name in TABLE_COLUMNS[table] if any(c is not None for c in cells.get(name, ()))},
        **fixed,
    )


def _cells(column: str, values: Column) -> Column:
    kinds = set(map(type, values))
    if not kinds <= {str, int, type(None)}:
        raise InputError(f"must hold texts and numbers only, in column {column}", where="rows")
    known: dict[object, Cell] = {value: _cell(value) for value in set(values)}
    return tuple(map(known.__getitem__, values))


def _cell(value: object) -> Cell:
    if value is None:
        return None
    text = str(value)
    return intern(text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8"))
