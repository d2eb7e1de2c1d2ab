"""Whole SNMP recordings: `.snmprec` of LibreNMS and snmpsim, and what `snmpwalk -On` or `-Oneb` prints."""

import re
from collections.abc import Iterator

from auditor import normal
from auditor.errors import InputError
from auditor.imports import charsets
from auditor.imports.source import Source
from auditor.model import Observation, Reason, Record, Target, Unread
from auditor.parse import snmp, snmprec

# What net-snmp says when it gives up, which a log of both its outputs holds among the variables.
_GAVE_UP = re.compile(
    r"^(?:Timeout: No Response from|Error in packet|Error: OID not increasing|snmp\w+: ).*$", re.MULTILINE
)


def read(source: Source) -> Iterator[Record]:
    """Yield the device a recording shows; its target is the file's name, since a recording names no address."""
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
    facts = snmp.facts(walk.varbinds)
    yield Observation(target=target, collector="snmp", at=source.at, facts=facts)
    problems = [f"the walk was not finished: {normal.one_line(ends[0])}"] if ends else []
    if walk.problems:
        problems.append(f"{len(walk.problems)} lines of the recording could not be read; the first: {walk.problems[0]}")
    if problems:
        detail = "; ".join(problems)
        source.warn(f"{source.path}: {detail}")
        yield Unread(target=target, collector="snmp", at=source.at, reason=Reason.PARTIAL, detail=detail)


def _name(source: Source) -> str:
    name = source.path.name.removesuffix(".gz")
    for suffix in (".snmprec", ".snmpwalk", ".walk", ".txt"):
        name = name.removesuffix(suffix)
    return name
