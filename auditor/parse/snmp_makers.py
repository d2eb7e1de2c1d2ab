"""Makers' own tables (`oui_rules/probes.toml`) → facts about neighbours.

Terminals behind an OLT by their serial number (ITU-T G.984.3), forwarding tables that show what BRIDGE-MIB does not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor import normal
from auditor.model import Fact, Kind, VarBind, about_mac, about_ont
from auditor.parse.snmp_probes import MakerTable
from auditor.parse.snmp_tables import SnmpTables
from auditor.parse.snmp_values import HEX, mac_digits, text

MAC_ARCS = 6
PON_OCTETS = 8
ARC = re.compile(r"[0-9]{1,10}")
MOST = 2**32
# One OLT puts the way a terminal proves itself in front, `1,ZTEGA1B2C3D4`.
_LEAD = re.compile(r"[0-9],")


def facts(tables: SnmpTables, described: Iterable[MakerTable]) -> Iterator[Fact]:
    """Yield what each table says of its neighbours; rows that do not fit are left out."""
    interfaces = tables.interfaces
    for table in described:
        for index, bind in tables.column(table.entry, table.column).items():
            row = _row(table, index)
            if row is not None:
                name = _terminal if table.kind == "gpon.serial" else _learned
                yield from name(bind, row, f"{table.oid}.{index}", _port(table, row, interfaces))


def _row(table: MakerTable, index: str) -> dict[str, str] | None:
    """Return the arcs of an index by what they are; nothing where they do not fit."""
    arcs = index.split(".")
    wanted = [part for name in table.index for part in ([name] * MAC_ARCS if name == "mac" else [name])]
    if len(arcs) != len(wanted) or not all(ARC.fullmatch(arc) and int(arc) < MOST for arc in arcs):
        return None
    row = dict(zip(wanted, arcs, strict=True))
    digits = "".join(HEX.get(arc, "") for name, arc in zip(wanted, arcs, strict=True) if name == "mac")
    return row | {"mac": digits}


def _port(table: MakerTable, row: Mapping[str, str], interfaces: Mapping[str, VarBind]) -> str:
    arc = row.get("port", "")
    if not arc:
        return ""
    named = table.port(int(arc)) if table.ports else text(interfaces[arc]) if arc in interfaces else ""
    return f"{named} ONT {row['terminal']}" if named and "terminal" in row else named


def _terminal(bind: VarBind, _row: Mapping[str, str], where: str, port: str) -> Iterator[Fact]:
    said = bind.raw.hex() if len(bind.raw) == PON_OCTETS else _LEAD.sub("", text(bind).strip(), count=1)
    if serial := normal.pon_serial(said):
        yield Fact(kind="gpon.serial", value=serial, where=where, about=about_ont(serial))
        if port:
            yield Fact(kind="gpon.port", value=port, where=where, about=about_ont(serial))


def _learned(bind: VarBind, row: Mapping[str, str], where: str, port: str) -> Iterator[Fact]:
    digits = normal.mac(row["mac"]) or mac_digits(bind.raw)
    if not digits:
        return
    said: Sequence[tuple[Kind, str]] = (
        ("fdb.mac", normal.spelled(digits)),
        ("fdb.port", port),
        ("fdb.vlan", row.get("vlan", "")),
    )
    for kind, value in said:
        if value:
            yield Fact(kind=kind, value=value, where=where, about=about_mac(digits))
