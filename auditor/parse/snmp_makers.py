"""Makers' own tables (`oui_rules/probes.toml`) → facts about neighbours.

Terminals behind an OLT by their serial number (ITU-T G.984.3), forwarding tables that show what BRIDGE-MIB does not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from auditor import normal
from auditor.model import Fact, VarBind, about_mac, about_ont
from auditor.parse.cells import cell_facts
from auditor.parse.snmp_probes import MakerTable
from auditor.parse.snmp_tables import SnmpTables
from auditor.parse.snmp_values import HEX, mac_digits, text

MAC_ARCS = 6
PON_OCTETS = 8
ARC = re.compile(r"[0-9]{1,10}")
MOST = 2**32
# One OLT puts the way a terminal proves itself in front, `1,ZTEGA1B2C3D4`.
_LEAD = re.compile(r"[0-9],")


def facts(tables: SnmpTables, makers: Iterable[MakerTable]) -> Iterator[Fact]:
    """Yield what each table says of its neighbours; rows that do not fit are left out."""
    interfaces = tables.interfaces
    for table in makers:
        for index, bind in tables.column(table.entry, table.column).items():
            row = _row(table, index)
            if row is not None:
                name = _terminal if table.kind == "gpon.serial" else _is_learned
                yield from name(bind, row, f"{table.oid}.{index}", _port(table, row, interfaces))


def _row(table: MakerTable, index: str) -> dict[str, str] | None:
    """Return the arcs of an index by what they are; nothing where they do not fit."""
    arcs = index.split(".")
    parts = [part for name in table.index for part in ([name] * MAC_ARCS if name == "mac" else [name])]
    if len(arcs) != len(parts) or not all(ARC.fullmatch(arc) and int(arc) < MOST for arc in arcs):
        return None
    row = dict(zip(parts, arcs, strict=True))
    digits = "".join(HEX.get(arc, "") for name, arc in zip(parts, arcs, strict=True) if name == "mac")
    return row | {"mac": digits}


def _port(table: MakerTable, row: Mapping[str, str], interfaces: Mapping[str, str]) -> str:
    arc = row.get("port", "")
    if not arc:
        return ""
    port = table.port(int(arc)) if table.ports else interfaces.get(arc, "")
    return f"{port} ONT {row['terminal']}" if port and "terminal" in row else port


def _terminal(bind: VarBind, _row: Mapping[str, str], where: str, port: str) -> Iterator[Fact]:
    serial_text = bind.raw.hex() if len(bind.raw) == PON_OCTETS else _LEAD.sub("", text(bind).strip(), count=1)
    if serial := normal.pon_serial(serial_text):
        yield from cell_facts(where, about_ont(serial), ("gpon.serial", serial), ("gpon.port", port))


def _is_learned(bind: VarBind, row: Mapping[str, str], where: str, port: str) -> Iterator[Fact]:
    digits = normal.mac(row["mac"]) or mac_digits(bind.raw)
    if not digits:
        return
    about, mac, vlan = about_mac(digits), normal.spelled(digits), row.get("vlan", "")
    yield from cell_facts(where, about, ("fdb.mac", mac), ("fdb.port", port), ("fdb.vlan", vlan))
