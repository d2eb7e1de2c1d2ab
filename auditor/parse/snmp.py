"""SNMP variables → facts, whether they come over the wire or out of a recording.

    facts(varbinds)                          everything one agent said, in the fact kinds of the journal
    facts(varbinds, vlans={20: varbinds})    the same, with forwarding tables that were read one VLAN at a time
    table_facts(tables(varbinds))            the same in two steps: the variables need not be held meanwhile

Order of facts: system group, engine ID, enterprises, scalars, entities, own ports, spanning tree, makers' tables, LLDP,
CDP, then the rows of ARP and forwarding tables; the same variables give the same facts. Nothing here fails on what a
device says: rows that make no sense are left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from auditor.model import Fact, FactList, Kind, TableBuilder, VarBind
from auditor.normal import spelled
from auditor.oids import ENTERPRISES, scalar
from auditor.parse import snmp_entity, snmp_makers, snmp_neighbours, snmp_ports, snmp_reach
from auditor.parse.snmp_probes import Probes, enterprise, probe_table
from auditor.parse.snmp_tables import BRIDGE, BRIDGE_ADDRESS, ENTRIES, SnmpTables
from auditor.parse.snmp_tables import read as sort
from auditor.parse.snmp_values import mac_digits, text

SYSTEM: Sequence[tuple[Kind, str]] = (
    ("snmp.sysdescr", scalar("sysDescr")),
    ("snmp.sysobjectid", scalar("sysObjectID")),
    ("snmp.sysname", scalar("sysName")),
    ("snmp.syslocation", scalar("sysLocation")),
)
INTERFACE_NAMES: Sequence[tuple[Kind, str, str, str]] = (
    ("if.name", "interface-x", "1", "ifName"),
    ("if.descr", "interface", "2", "ifDescr"),
)
ENGINE_ID = scalar("snmpEngineID")
MANY_ENTERPRISES = 64
SYSTEM_OIDS = frozenset(oid for _, oid in SYSTEM)
SCALARS = SYSTEM_OIDS | {ENGINE_ID, BRIDGE_ADDRESS, *chain.from_iterable(snmp_neighbours.LOCAL_CHASSIS)}


def facts(
    varbinds: Iterable[VarBind], *, vlans: Mapping[int, Iterable[VarBind]] | None = None, probes: Probes | None = None
) -> FactList:
    """Return every fact in the variables of one agent; `vlans` are tables read per VLAN."""
    return table_facts(tables(varbinds, probes), vlans=vlans, probes=probes)


def tables(varbinds: Iterable[VarBind], probes: Probes | None = None) -> SnmpTables:
    """Return what facts are made from, the variables sorted; all others are let go."""
    table = probe_table() if probes is None else probes
    return sort(varbinds, table.entries, SCALARS | table.by_oid.keys())


def table_facts(
    tables: SnmpTables, *, vlans: Mapping[int, Iterable[VarBind]] | None = None, probes: Probes | None = None
) -> FactList:
    """Return every fact in the sorted variables of one agent."""
    table = probe_table() if probes is None else probes
    scalars = (*_system(tables.rest), *_enterprises(tables), *_scalars(tables.rest, table))
    # A sweep hands over thousands of two-variable answers; there is no table in them to look for.
    if not tables.columns and not vlans and SYSTEM_OIDS.issuperset(tables.rest):
        return FactList.of(scalars)
    builder = TableBuilder()
    own = (scalars, snmp_entity.facts(tables), _ports(tables), snmp_ports.facts(tables))
    plain = list(builder.sift(chain(*own)))
    builder.resolve(snmp_reach.arp(tables))
    builder.learn(snmp_reach.forwarding(tables))
    contexts = list(_contexts(tables, vlans or {}))
    for vlan, whole in contexts:
        builder.learn(snmp_reach.forwarding(whole, vlan=vlan))
    # Most trees have the same bridges at their ports.
    trees = chain.from_iterable(map(snmp_reach.spanning, (tables, *(whole for _, whole in contexts))))
    plain += builder.sift(dict.fromkeys(trees))
    plain += builder.sift(snmp_makers.facts(tables, table.tables))
    plain += builder.sift(chain(snmp_neighbours.lldp(tables), snmp_neighbours.cdp(tables)))
    return FactList(tuple(plain), builder.tables())


def _system(rest: Mapping[str, VarBind]) -> Iterator[Fact]:
    for kind, oid in SYSTEM:
        if oid in rest and (value := text(rest[oid])):
            yield Fact(kind=kind, value=value, where=oid)
    if ENGINE_ID in rest and rest[ENGINE_ID].raw:
        yield Fact(kind="snmp.engineid", value=rest[ENGINE_ID].raw[:32].hex(), where=ENGINE_ID)


def _enterprises(tables: SnmpTables) -> Iterator[Fact]:
    numbers = tables.enterprises | {enterprise(ENTRIES.get(name, name)) for name in tables.columns}
    for number in sorted(filter(str.isdecimal, numbers), key=int)[:MANY_ENTERPRISES]:
        yield Fact(kind="snmp.enterprise", value=number, where=ENTERPRISES + number)


def _scalars(rest: Mapping[str, VarBind], probes: Probes) -> Iterator[Fact]:
    for oid in [oid for oid in probes.by_oid if oid in rest]:
        scalar, bind = probes.by_oid[oid], rest[oid]
        if scalar.kind == "if.mac":
            digits = mac_digits(bind.raw)
            value = spelled(digits) if digits else ""
        else:
            value = text(bind)
        if value:
            yield Fact(kind=scalar.kind, value=value, where=oid)


def _ports(tables: SnmpTables) -> Iterator[Fact]:
    digits_seen: set[str] = set()
    own = list(snmp_neighbours.own_chassis(tables))
    if BRIDGE_ADDRESS in tables.rest:
        own.insert(0, ("dot1dBaseBridgeAddress.0", tables.rest[BRIDGE_ADDRESS]))
    own.extend((f"ifPhysAddress.{index}", bind) for index, bind in tables.column("interface", "6").items())
    for where, bind in own:
        digits = mac_digits(bind.raw)
        # A 48-port switch repeats one MAC on every VLAN interface; said once it is said, first as that of the whole.
        if digits and digits not in digits_seen:
            digits_seen.add(digits)
            yield Fact(kind="if.mac", value=spelled(digits), where=where)
    for kind, table, column, name in INTERFACE_NAMES:
        for index, value in tables.texts(table, column).items():
            if value:
                yield Fact(kind=kind, value=value, where=f"{name}.{index}")


def _contexts(tables: SnmpTables, vlans: Mapping[int, Iterable[VarBind]]) -> Iterator[tuple[int, SnmpTables]]:
    """Yield each VLAN that was read in a context of its own, with the tables of that context."""
    for vlan, varbinds in sorted(vlans.items()):
        mine = sort(varbinds)
        # Names of ports stand in IF-MIB, which is the same in every context; bridge port numbers are not.
        whole = SnmpTables(
            columns=tables.columns | {key: mine.columns.get(key, {}) for key in BRIDGE}, rest=tables.rest
        )
        yield vlan, whole
