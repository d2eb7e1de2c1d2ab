"""SNMP recordings: `.snmprec` of LibreNMS and snmpsim, `snmpwalk -On` or `-Oneb`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor import ber, normal
from auditor.errors import InputError
from auditor.imports import charsets
from auditor.imports.source import SourceFile
from auditor.model import Observation, Reason, Record, Target, Unread, VarBind
from auditor.oids import scalars
from auditor.parse import snmp, snmprec

# What tells one device from another.
_SYSTEM = frozenset(scalars("sysDescr sysObjectID sysName"))
# What net-snmp says when it gives up, which a log of both its outputs holds among the variables.
_GAVE_UP = re.compile(
    r"^(?:Timeout: No Response from|Error in packet|Error: OID not increasing|snmp\w+: ).*$", re.MULTILINE
)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield a recording's device; its target is the file's name."""
    data = source.data()
    # PowerShell's `>` writes UTF-16; octets that are no UTF-8 must survive into a value.
    text = data.decode("utf-16", "replace") if data[:2] in charsets.MARKS else data.decode("utf-8", "surrogateescape")
    ends = [match.group().strip()[:200] for match in _GAVE_UP.finditer(text)]
    walk = snmprec.read(_GAVE_UP.sub("", text))
    target = Target(address=_name(source), site=source.site)
    if not text.strip():
        yield Unread(
            target=target, collector="snmp", at=source.at, reason=Reason.NOT_PARSED, detail="the recording is empty"
        )
        return
    if not walk.varbinds:
        raise InputError("holds no SNMP variable", where=str(source.path))
    problems = _problems(ends, walk.problems)
    for remark in walk.remarks:
        source.warn(f"{source.path}: {remark}")
    devices = _devices(walk.varbinds)
    if len(devices) > 1:
        source.warn(
            f"{source.path}: holds the walks of more than one device: {len(devices)}; each is read as one of its own"
        )
    for number, varbinds in enumerate(devices, 1):
        one = target if len(devices) == 1 else replace(target, address=f"{target.address}, walk {number}")
        yield Observation(target=one, collector="snmp", at=source.at, facts=snmp.facts(varbinds))
        if differences := _changes(varbinds):
            problems.append(
                f"{differences} variables stand in it again with another value, the last was taken; "
                "is it more than one walk?"
            )
    if problems:
        detail = "; ".join(dict.fromkeys(problems))
        source.warn(f"{source.path}: {detail}")
        yield Unread(target=target, collector="snmp", at=source.at, reason=Reason.PARTIAL, detail=detail)


def _problems(ends: Sequence[str], unread: Sequence[str]) -> list[str]:
    """Return what a recording lacks: its end, or lines nobody can read."""
    problems = [f"the walk was not finished: {normal.one_line(ends[0])}"] if ends else []
    if unread:
        problems.append(f"{len(unread)} lines of the recording could not be read; the first: {unread[0]}")
    return problems


def _devices(varbinds: Sequence[VarBind]) -> list[list[VarBind]]:
    """Return each device's variables: one begins where another system group begins."""
    devices: list[list[VarBind]] = [[]]
    system: list[dict[str, bytes]] = [{}]
    at = 0
    for bind in varbinds:
        if bind.oid in _SYSTEM and bind.oid in system[at]:
            at = len(devices)
            devices.append([])
            system.append({})
        if bind.oid in _SYSTEM:
            system[at][bind.oid] = bind.raw
        devices[at].append(bind)
    whole: list[tuple[dict[str, bytes], list[VarBind]]] = []
    for values, binds in zip(system, devices, strict=True):
        device_of = next(
            (one for one in whole if all(one[0].get(oid, raw) == raw for oid, raw in values.items())), None
        )
        if device_of is None:
            whole.append((values, binds))
        else:
            device_of[0].update(values)
            device_of[1].extend(binds)
    return [binds for _, binds in whole]


def _changes(varbinds: Sequence[VarBind]) -> int:
    """Count variables that stand twice with another text, address or identifier."""
    values: dict[str, bytes] = {}
    return sum(
        values.setdefault(bind.oid, bind.raw) != bind.raw
        for bind in varbinds
        if bind.tag in {ber.OCTET_STRING, ber.OBJECT_IDENTIFIER}
    )


def _name(source: SourceFile) -> str:
    name = source.path.name.removesuffix(".gz")
    for suffix in (".snmprec", ".snmpwalk", ".walk", ".txt"):
        name = name.removesuffix(suffix)
    return name
