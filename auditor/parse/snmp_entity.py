"""ENTITY-MIB rows → facts (RFC 6933): which rows are the device, which are parts inside it.

A board or a transceiver names its own maker, so only the chassis may speak for the device. Rows of class chassis or
stack are the device; of several chassis that stand side by side, each with its own serial number, the first is, the
others are parts of class chassis: the members of a stack. Where an agent shows neither, rows at the root (contained in
nothing) that are no power supply, fan, sensor, port or container are; where it shows no containment either, the row
with the lowest index is.
"""

from collections.abc import Iterator, Sequence

from auditor import normal
from auditor.model import DEVICE, Fact, Kind, about_part
from auditor.parse.cells import cell_facts
from auditor.parse.snmp_tables import SnmpTables
from auditor.parse.snmp_values import number, text

_CLASS_NAMES = [
    "other", "unknown", "chassis", "backplane", "container", "powerSupply", "fan", "sensor", "module", "port",
    "stack", "cpu", "energyObject", "battery", "storageDrive",
]  # fmt: skip
CLASSES = dict(enumerate(_CLASS_NAMES, 1))
WHOLE = frozenset({"chassis", "stack"})
NEVER_WHOLE = frozenset({"container", "powerSupply", "fan", "sensor", "port", "battery", "storageDrive"})
COLUMNS: Sequence[tuple[Kind, str]] = (
    ("entity.descr", "2"),
    ("entity.name", "7"),
    ("entity.mfg", "12"),
    ("entity.model", "13"),
    ("entity.serial", "11"),
    ("entity.firmware", "10"),
)
MANY_ROWS = 20_000


def facts(tables: SnmpTables) -> Iterator[Fact]:
    """Yield what each row says; parts have an `about` of `part:<index>`."""
    classes = {index: CLASSES.get(number(bind) or 0, "") for index, bind in tables.column("entity", "5").items()}
    columns = [(kind, tables.column("entity", column)) for kind, column in COLUMNS]
    indices = dict.fromkeys(index for _, column in columns for index in column if index.isdecimal())
    whole = _device_rows(tables, classes, list(indices))
    for index in sorted(indices, key=int)[:MANY_ROWS]:
        about = DEVICE if index in whole else about_part(index)
        cells = [(kind, text(column[index]).strip()) for kind, column in columns if index in column]
        if any(value for _, value in cells) and classes.get(index):
            cells.append(("entity.class", classes[index]))
        yield from cell_facts(index, about, *cells)


def _device_rows(tables: SnmpTables, classes: dict[str, str], indices: list[str]) -> frozenset[str]:
    boxes = frozenset(index for index in indices if classes.get(index) in WHOLE)
    if boxes or not indices:
        return boxes - frozenset(_members(tables, classes, boxes)[1:])
    possible = [index for index in indices if classes.get(index, "") not in NEVER_WHOLE]
    inside = tables.column("entity", "4")
    roots = frozenset(index for index in possible if index in inside and number(inside[index]) == 0)
    if roots or inside or not possible:
        return roots
    return frozenset({min(possible, key=int)})


def _members(tables: SnmpTables, classes: dict[str, str], boxes: frozenset[str]) -> list[str]:
    """Return the chassis that stand in nothing or in a stack, one per serial number."""
    inside, serials = tables.column("entity", "4"), tables.column("entity", "11")
    units: dict[str, str] = {}
    for index in sorted(boxes, key=int):
        serial = normal.serial(text(serials[index])) if index in serials else ""
        around = number(inside[index]) if index in inside else 0
        if serial and classes[index] == "chassis" and (not around or classes.get(str(around)) == "stack"):
            units.setdefault(serial, index)
    return list(units.values())
