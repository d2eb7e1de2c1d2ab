"""What is asked of one agent: the system group, then what its answers make worth asking.

A script for `auditor.snmp.client`: it yields questions and is sent answers, so it knows no socket and no clock. What is
asked follows RFC 3418, 6933, 2863, 4293, 4188, 4363, IEEE 802.1AB and `oui_rules/probes.toml`.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from auditor.model import Reason, VarBind
from auditor.oids import ENTERPRISES, NAMES, columns, scalar, scalars
from auditor.parse.snmp_probes import PerVlan, Probes, enterprise
from auditor.parse.snmp_values import number, oid_text
from auditor.snmp.script import Answer, Get, Question, Walk

SYSTEM = scalars("sysDescr sysObjectID sysUpTime sysName sysLocation")
SYS_OBJECT_ID = scalar("sysObjectID")
IF_NUMBER = scalar("ifNumber")
IDENTITY = scalars(
    "snmpEngineID ifNumber dot1dBaseBridgeAddress lldpLocChassisIdSubtype lldpLocChassisId"
    " lldpV2LocChassisIdSubtype lldpV2LocChassisId"
)
ENTITY = columns(
    "entPhysicalDescr entPhysicalContainedIn entPhysicalClass entPhysicalName entPhysicalSoftwareRev "
    "entPhysicalSerialNum entPhysicalMfgName entPhysicalModelName"
)
INTERFACES = columns("ifDescr ifPhysAddress ifName")
RESOLVED = columns("ipNetToPhysicalPhysAddress ipNetToMediaPhysAddress")
RESOLVED_OLD = columns("atPhysAddress ipv6NetToMediaPhysAddress")
BRIDGE_PORTS, Q_FORWARDING, Q_VLANS = columns("dot1dBasePortIfIndex dot1qTpFdbPort dot1qVlanFdbId")
FORWARDING, FORWARDING_MACS = columns("dot1dTpFdbPort dot1dTpFdbAddress")
SPANNING, INSTANCES = columns("dot1dStpPortDesignatedBridge ieee8021MstpPortDesignatedBridge")
MAC_INDEX = FORWARDING.count(".") + 6
STACKED = columns("ifType ifStackStatus")
NEIGHBOURS = columns(
    "lldpRemChassisIdSubtype lldpRemChassisId lldpRemPortIdSubtype lldpRemPortId lldpRemSysName lldpRemSysDesc "
    "lldpLocPortIdSubtype lldpLocPortId lldpLocPortDesc lldpRemManAddrIfSubtype cdpCacheAddress cdpCacheDeviceId "
    "cdpCachePlatform dot3adAggPortAttachedAggID pethPsePortDetectionStatus lldpRemPortDesc lldpRemSysCapEnabled "
    "cdpCacheDevicePort cdpCacheCapabilities dot1dStpPortDesignatedBridge"
)
LLDP_INVENTORY = columns("lldpXMedRemSoftwareRev lldpXMedRemSerialNum lldpXMedRemMfgName lldpXMedRemModelName")
LLDP_2 = columns(
    "lldpV2RemChassisIdSubtype lldpV2RemChassisId lldpV2RemPortIdSubtype lldpV2RemPortId lldpV2RemSysName "
    "lldpV2RemSysDesc lldpV2RemManAddrIfSubtype lldpV2RemPortDesc lldpV2RemSysCapEnabled"
)
RESERVED_VLANS = range(1002, 1006)
OPERATIONAL = 1
MANY_VLANS = 256
MANY_ENTERPRISES = 24
SILENT_CONTEXTS = 2

Plan = Generator[Question, Answer, None]


@dataclass(frozen=True, slots=True)
class TableGap:
    """A table that could not be read to its end, and why."""

    table: str
    why: str
    reason: Reason


@dataclass(slots=True)
class Reading:
    """What one agent said so far: variables, forwarding tables per VLAN, and what is missing."""

    answers: list[Answer] = field(default_factory=list)
    vlans: dict[int, list[VarBind]] = field(default_factory=dict)
    gaps: list[TableGap] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Tell whether the agent said nothing at all."""
        return not any(answer.has() for answer in self.answers)

    def drain(self) -> Iterator[VarBind]:
        """Yield the variables in their order and let each go: an endless table is not held twice."""
        self.answers.reverse()
        while self.answers:
            yield from self.answers.pop().drain()

    def take(self, table: str, answer: Answer) -> Answer:
        """Keep an answer, note what it lacks, and return it."""
        self.answers.append(answer)
        self.note(table, answer)
        return answer

    def note(self, table: str, answer: Answer) -> None:
        """Note what an answer lacks."""
        if answer.is_void:
            self.gaps.append(TableGap(table, f"NULL instead of each of {len(answer.varbinds)} values", Reason.PARTIAL))
        if not answer.complete:
            self.gaps.append(TableGap(table, answer.why, answer.reason or Reason.PARTIAL))


def plan(reading: Reading, probes: Probes, max_rows: int) -> Plan:
    """Ask one agent everything worth asking; answers land in `reading`, whenever it dies."""
    system = yield Get(oids=SYSTEM)
    reading.take("system group", system)
    if not system.has() and not system.complete:
        return
    sysobjectid = next((oid_text(bind.raw) for bind in system.varbinds if bind.oid == SYS_OBJECT_ID), "")
    scalars = probes.scalars_for(sysobjectid)
    extra = reading.take("identity", (yield Get(oids=(*IDENTITY, *scalars))))
    numbers = yield from _enterprises(reading)
    if more := tuple(oid for oid in probes.scalars_for(sysobjectid, numbers) if oid not in scalars):
        reading.take("identity", (yield Get(oids=more)))
    ports = next((number(bind) or 0 for bind in extra.varbinds if bind.oid == IF_NUMBER), 0)
    yield from _walk(reading, "ENTITY-MIB", ENTITY, max_rows)
    # An agent that leaves IF-MIB before ifNumber rows has not shown them all.
    answer = yield Walk(columns=INTERFACES, max_rows=max_rows, expect=min(ports, 1))
    reading.take("IF-MIB", answer)
    yield from _addresses(reading, max_rows)
    is_bridge = yield from _bridge(reading, max_rows)
    neighbours = yield from _neighbours(reading, extra, max_rows)
    if is_bridge and not neighbours.has(NAMES["dot3adAggPortAttachedAggID"]):
        # Bridges that keep no table of aggregates show them among the layers of their interfaces.
        yield from _walk(reading, "interface stack", STACKED, max_rows)
    if neighbours.has(SPANNING):
        yield from _walk(reading, "spanning tree instances", (INSTANCES,), max_rows)
    if columns := probes.columns(sysobjectid, numbers):
        yield from _walk(reading, "the maker's own tables", columns, max_rows)
    how = probes.per_vlan.get(enterprise(sysobjectid))
    if how is not None:
        yield from _per_vlan(reading, how, max_rows)


def _walk(reading: Reading, table: str, columns: Iterable[str], max_rows: int) -> Plan:
    reading.take(table, (yield Walk(columns=tuple(columns), max_rows=max_rows)))


def _enterprises(reading: Reading) -> Generator[Question, Answer, list[str]]:
    """Count off the enterprise numbers an agent has: one variable of each, then on behind it."""
    numbers: list[str] = []
    after = ""
    while len(numbers) < MANY_ENTERPRISES:
        answer = yield Walk(columns=(NAMES["enterprises"],), max_rows=1, after=after)
        number = enterprise(answer.varbinds[0].oid) if answer.varbinds else ""
        if not number or number in numbers:
            break
        reading.answers.append(answer)
        numbers.append(number)
        after = f"{ENTERPRISES}{int(number) + 1}"
    return numbers


def _addresses(reading: Reading, max_rows: int) -> Plan:
    """Read ARP and neighbour discovery; the oldest tables only where the newer hold nothing."""
    answer = yield Walk(columns=RESOLVED, max_rows=max_rows)
    if not reading.take("ARP and ND", answer).has():
        yield from _walk(reading, "ARP and ND", RESOLVED_OLD, max_rows)


def _bridge(reading: Reading, max_rows: int) -> Generator[Question, Answer, bool]:
    """Read the forwarding table, with VLANs where it has them; return whether there is any."""
    answer = yield Walk(columns=(BRIDGE_PORTS, Q_VLANS, Q_FORWARDING), max_rows=max_rows)
    if reading.take("forwarding table", answer).has(Q_FORWARDING):
        return True
    plain = reading.take("forwarding table", (yield Walk(columns=(FORWARDING,), max_rows=max_rows)))
    if any(row.oid.count(".") != MAC_INDEX for row in plain.varbinds):
        # The rows are numbered, not indexed by the MAC they are about.
        yield from _walk(reading, "forwarding table", (FORWARDING_MACS,), max_rows)
    return plain.has()


def _neighbours(reading: Reading, identity: Answer, max_rows: int) -> Generator[Question, Answer, Answer]:
    """Read LLDP and CDP; LLDP-MED only where somebody is, LLDP of 2009 only without the other."""
    rows = reading.take("LLDP and CDP", (yield Walk(columns=NEIGHBOURS, max_rows=max_rows)))
    if rows.has(NAMES["lldpRemEntry"]):
        yield from _walk(reading, "LLDP-MED", LLDP_INVENTORY, max_rows)
    elif identity.has(NAMES["lldpV2Objects"]):
        yield from _walk(reading, "LLDP", LLDP_2, max_rows)
    return rows


def _per_vlan(reading: Reading, how: PerVlan, max_rows: int) -> Plan:
    answer = yield Walk(columns=(how.vlans,), max_rows=max_rows)
    reading.note("VLAN list", answer)
    silent = 0
    vlans = [int(row.oid.rpartition(".")[2]) for row in answer.varbinds if number(row) == OPERATIONAL]
    for vlan in [vlan for vlan in vlans if vlan not in RESERVED_VLANS][:MANY_VLANS]:
        table = yield Walk(
            columns=(FORWARDING, BRIDGE_PORTS, SPANNING),
            max_rows=max_rows,
            context=how.context.format(vlan=vlan),
            community_suffix=how.suffix.format(vlan=vlan),
        )
        reading.note(f"forwarding table of VLAN {vlan}", table)
        if table.varbinds:
            reading.vlans[vlan] = list(table.varbinds)
        elif not table.complete:
            silent += 1
            # Silent in two contexts is silent in all; the gap need not be told for each.
            if silent == SILENT_CONTEXTS:
                return
