"""What collectors ask beyond standard tables and what they never touch: `probes.toml`.

The makers' own scalars tell a device apart when sysObjectID is empty or says only which SNMP library answered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from auditor.model import Kind, kind_of
from auditor.normal import oid, under
from auditor.oids import ENTERPRISES
from auditor.tables import Section, finish, read_toml

PORTS = 65_536
KINDS = ("snmp.value", "if.mac")
ROWS = ("gpon.serial", "fdb.mac")
ARC_OCTETS = 4
COUNTED = 1 << 24
ARCS = frozenset({"port", "vlan", "terminal", "mac", "other"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One variable worth asking for, and the kind of fact it becomes."""

    oid: str
    kind: Kind
    because: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerVlan:
    """How bridges of an enterprise are asked about one VLAN: the list, and what names one."""

    vlans: str
    suffix: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerTable:
    """One column of a maker's own table that names neighbours, and how its row index is read.

    `index` names the arcs in order: `port`, `vlan`, `terminal`, `mac` (six of them) or `other`; without `mac` the value
    holds it. `ports` spells the port from its arc, `{port}`, or from that arc's octets, `{0}` to `{3}`; without it the
    arc is an ifIndex.
    """

    oid: str
    kind: Kind
    index: tuple[str, ...]
    ports: str

    @property
    def entry(self) -> str:
        """Return the OID of the table's entry, above the column."""
        return self.oid.rpartition(".")[0]

    @property
    def column(self) -> str:
        """Return the number of the column."""
        return self.oid.rpartition(".")[2]

    def port(self, number: int) -> str:
        """Return the port of an arc, empty where IF-MIB has to say or nobody does."""
        # Older releases count ports from 1: no slot can be read out of such a number.
        if number < COUNTED and "{port}" not in self.ports:
            return ""
        return self.ports.format(*number.to_bytes(ARC_OCTETS, "big"), port=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What may be asked of whom.

    `tables` are the makers' own tables of neighbours, `entries` the OIDs above their columns, `vague` the sysObjectIDs
    that name no maker, `per_vlan` the enterprises whose bridges need a context per VLAN, `forbidden` the ports of
    control systems that nothing may open.
    """

    by_oid: Mapping[str, Scalar]
    tables: tuple[MakerTable, ...]
    entries: tuple[str, ...]
    vague: tuple[str, ...]
    per_vlan: Mapping[str, PerVlan]
    forbidden: frozenset[int]

    def is_vague(self, sysobjectid: str) -> bool:
        """Tell whether a sysObjectID is empty or names an SNMP library instead of a maker."""
        return not sysobjectid or any(under(sysobjectid, parent) for parent in self.vague)

    def scalars_for(self, sysobjectid: str, numbers: Collection[str] = ()) -> tuple[str, ...]:
        """Return the OIDs to ask: all where sysObjectID is vague, else of its enterprises."""
        if self.is_vague(sysobjectid):
            return tuple(self.by_oid)
        has = {"", enterprise(sysobjectid), *numbers}
        return tuple(name for name in self.by_oid if enterprise(name) in has)

    def columns(self, sysobjectid: str, numbers: Collection[str]) -> tuple[str, ...]:
        """Return the columns of makers' tables to walk: those under enterprises the agent has."""
        has = {enterprise(sysobjectid), *numbers}
        return tuple(table.oid for table in self.tables if enterprise(table.oid) in has)


def enterprise(name: str) -> str:
    """Return the enterprise number an OID lies under (1.3.6.1.4.1.<number>), or empty."""
    head, mark, tail = name.partition(ENTERPRISES)
    return tail.partition(".")[0] if mark and not head else ""


def load(text: str, name: str = "probes.toml") -> Probes:
    """Return what a probes file says; every problem of the file is raised at once."""
    top = read_toml(text, name)
    tables = tuple(map(_table, top.sections("table")))
    probes = Probes(
        by_oid={scalar.oid: scalar for scalar in map(_scalar, top.sections("scalar"))},
        tables=tables,
        entries=tuple(dict.fromkeys(table.entry for table in tables)),
        vague=tuple(map(_vague, top.sections("vague"))),
        per_vlan=dict(map(_per_vlan, top.sections("per_vlan"))),
        forbidden=frozenset(chain.from_iterable(map(_ports, top.sections("forbidden")))),
    )
    finish(top)
    return probes


@cache
def probe_table() -> Probes:
    """Return the probes this version ships."""
    return load(files("oui_rules").joinpath("probes.toml").read_text(encoding="utf-8"))


def _scalar(section: Section) -> Scalar:
    return section.fill(Scalar, oid=_oid(section), kind=kind_of(section.choice("kind", KINDS, "snmp.value")))


def _table(section: Section) -> MakerTable:
    table = MakerTable(
        oid=_oid(section),
        kind=kind_of(section.choice("kind", ROWS, "fdb.mac")),
        index=section.texts("index"),
        ports=section.text("ports", ""),
    )
    _reason(section)
    if unknown := sorted({*table.index} - ARCS):
        section.complain(f"'{unknown[0]}' names no part of a row index: {', '.join(sorted(ARCS))}", "index")
    try:
        table.port(COUNTED)
    except (IndexError, KeyError, ValueError):
        section.complain(f"'{table.ports}' is no port such as gpon_1/{{1}}/{{2}} or PON {{port}}", "ports")
    return table


def _vague(section: Section) -> str:
    _reason(section)
    return _oid(section)


def _per_vlan(section: Section) -> tuple[str, PerVlan]:
    _reason(section)
    return section.text("enterprise"), section.fill(PerVlan)


def _ports(section: Section) -> tuple[int, ...]:
    _reason(section)
    ports = section.rest().get("ports")
    if not isinstance(ports, list) or not all(isinstance(port, int) and 0 < port < PORTS for port in ports):
        section.complain("'ports' must be a list of port numbers, 1 to 65535", "ports")
        return ()
    return tuple(ports)


def _reason(section: Section) -> None:
    """Demand what the readers of the file want to know and the program does not."""
    section.text("because")
    section.text("source")


def _oid(section: Section) -> str:
    text = section.text("oid")
    if text and oid(text) != text:
        section.complain(f"'{text}' is no dotted OID such as 1.3.6.1.2.1.1.1.0", "oid")
    return text
