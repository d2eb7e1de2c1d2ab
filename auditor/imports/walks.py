"""SNMP recordings: `.snmprec` of LibreNMS and snmpsim, what programs that walk print.

A long one is read line by line; only what facts are made from is held.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from auditor import ber, normal
from auditor.errors import InputError
from auditor.imports.source import LINE_CAP, SourceFile
from auditor.model import FactList, Observation, Reason, Record, Target, Unread, VarBind
from auditor.oids import scalars
from auditor.parse import snmp, snmprec
from auditor.parse.recording import RecordingNotes
from auditor.parse.snmp_tables import SnmpTables

CAP = 256 << 20
# What tells one device from another.
_SYSTEM = frozenset(scalars("sysDescr sysObjectID sysName"))
# What net-snmp says when it gives up, which a log of both its outputs holds among the variables.
_GAVE_UP = re.compile(r"(?:Timeout: No Response from|Error in packet|Error: OID not increasing|snmp\w+: ).*$")
_FIRST_LETTERS = frozenset("TEs")
_TEXTS = frozenset({ber.OCTET_STRING, ber.OBJECT_IDENTIFIER})


def read(source: SourceFile) -> Iterator[Record]:
    """Yield a recording's device; its target is the file's name."""
    lines, notes = WalkLines(source), RecordingNotes()
    walks = _joined(_walks(snmprec.variables(lines, notes)))
    target = Target(address=_name(source), site=source.site)
    if not lines.is_blank and not walks:
        raise InputError(f"holds no SNMP variable: {(*notes.problems, 'it is blank')[0]}", where=str(source.path))
    if not walks:
        yield Unread(
            target=target, collector="snmp", at=source.at, reason=Reason.NOT_PARSED, detail="the recording is empty"
        )
        return
    problems = _problems(lines.end, notes)
    for remark in notes.remarks:
        source.warn(f"{source.path}: {remark}")
    if len(walks) > 1:
        source.warn(
            f"{source.path}: holds the walks of more than one device: {len(walks)}; each is read as one of its own"
        )
    for number, walk in enumerate(walks, 1):
        one = target if len(walks) == 1 else replace(target, address=f"{target.address}, walk {number}")
        yield Observation(target=one, collector="snmp", at=source.at, facts=walk.facts())
        if walk.changes:
            problems.append(
                f"{walk.changes} variables stand in it again with another value, the last was taken; "
                "is it more than one walk?"
            )
    if problems:
        detail = "; ".join(dict.fromkeys(problems))
        source.warn(f"{source.path}: {detail}")
        yield Unread(target=target, collector="snmp", at=source.at, reason=Reason.PARTIAL, detail=detail)


@dataclass
class WalkLines:
    """The lines of a recording, as often as they are asked for; `end` is where net-snmp gave up."""

    source: SourceFile
    end: str = ""
    is_blank: bool = True

    def __call__(self) -> Iterator[str]:
        """Yield each line without its newline; what net-snmp said when it gave up is an empty one."""
        for text in self._blocks():
            for line in text.split("\n"):
                self.is_blank = self.is_blank and not line.strip()
                if line[:1] in _FIRST_LETTERS and (match := _GAVE_UP.match(line)):
                    self.end = self.end or match.group().strip()[:200]
                    yield ""
                else:
                    yield line

    def _blocks(self) -> Iterator[str]:
        """Yield whole lines at a time, without the last newline; octets that are no UTF-8 survive."""
        rest = ""
        for block in self.source.blocks(CAP):
            rest += block.decode("utf-8", "surrogateescape")
            if rest.endswith("\n") or len(rest) > LINE_CAP:
                yield (rest.replace("\r\n", "\n") if self._is_of_windows else rest).removesuffix("\n")
                rest = ""
        if rest:
            yield rest.replace("\r\n", "\n") if self._is_of_windows else rest

    @cached_property
    def _is_of_windows(self) -> bool:
        """Tell whether each line ends with a carriage return; a single one is the device's own."""
        return all(block.count(b"\r\n") == block.count(b"\n") for block in self.source.blocks(CAP))


def _problems(end: str, notes: RecordingNotes) -> list[str]:
    """Return what a recording lacks: its end, or lines nobody can read."""
    problems = [f"the walk was not finished: {normal.one_line(end)}"] if end else []
    if notes.unread:
        problems.append(f"{notes.unread} lines of the recording could not be read; the first: {notes.problems[0]}")
    return problems


@dataclass(slots=True)
class DeviceWalk:
    """What one walk of a recording says: it ends where another system group begins."""

    system: dict[str, bytes] = field(default_factory=dict)
    tables: SnmpTables = field(default_factory=lambda: SnmpTables(columns={}, rest={}))
    values: dict[int, int] = field(default_factory=dict)
    changes: int = 0
    following: VarBind | None = None

    def take(self, varbinds: Iterator[VarBind]) -> Iterator[VarBind]:
        """Yield its own variables; the first of the next walk is `following` then."""
        for bind in varbinds:
            oid, tag, raw = bind
            if oid in _SYSTEM:
                if oid in self.system:
                    self.following = bind
                    return
                self.system[oid] = raw
            if tag in _TEXTS:
                # Of variables that nobody reads only these numbers are held.
                digest = hash(raw)
                self.changes += self.values.setdefault(hash(oid), digest) != digest
            yield bind

    def facts(self) -> FactList:
        """Return what is said in it; its variables, which may be a million, are let go."""
        facts = snmp.table_facts(self.tables)
        self.tables, self.values = SnmpTables(columns={}, rest={}), {}
        return facts

    def agrees(self, other: "DeviceWalk") -> bool:
        """Tell whether both may be of one device: no value of their system groups differs."""
        return all(self.system.get(oid, raw) == raw for oid, raw in other.system.items())

    def absorb(self, other: "DeviceWalk") -> None:
        """Take in another walk of the same device."""
        self.system |= other.system
        self.changes += other.changes
        self.changes += sum(self.values.setdefault(oid, digest) != digest for oid, digest in other.values.items())
        for name, columns in other.tables.columns.items():
            own = self.tables.columns.setdefault(name, {})
            for number, column in columns.items():
                own.setdefault(number, {}).update(column)
        self.tables.rest.update(other.tables.rest)
        self.tables.enterprises.update(other.tables.enterprises)


def _walks(varbinds: Iterator[VarBind]) -> Iterator[DeviceWalk]:
    """Yield each walk of a recording, its variables sorted as they come."""
    bind = next(varbinds, None)
    while bind is not None:
        walk = DeviceWalk()
        walk.tables = snmp.tables(walk.take(chain((bind,), varbinds)))
        yield walk
        bind = walk.following


def _joined(walks: Iterator[DeviceWalk]) -> list[DeviceWalk]:
    """Return one walk per device: the others of a device are taken into its first."""
    whole: list[DeviceWalk] = []
    for walk in walks:
        same = next((one for one in whole if one.agrees(walk)), None)
        if same is None:
            whole.append(walk)
        else:
            same.absorb(walk)
    return whole


def _name(source: SourceFile) -> str:
    name = source.path.name.removesuffix(".gz")
    for suffix in (".snmprec", ".snmpwalk", ".walk", ".txt"):
        name = name.removesuffix(suffix)
    return name
