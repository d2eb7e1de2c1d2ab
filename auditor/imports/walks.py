"""Whole SNMP recordings: `.snmprec` of LibreNMS and snmpsim, and what `snmpwalk -On` or `-Oneb` prints."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Observation, Reason, Record, Target, Unread
from auditor.parse import snmp, snmprec


def read(source: Source) -> Iterator[Record]:
    """Yield the device a recording shows; its target is the file's name, since a recording names no address."""
    text = source.data().decode("utf-8", "surrogateescape")
    walk = snmprec.read(text)
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
    if walk.problems:
        detail = f"{len(walk.problems)} lines of the recording could not be read; the first: {walk.problems[0]}"
        source.warn(f"{source.path}: {detail}")
        yield Unread(target=target, collector="snmp", at=source.at, reason=Reason.PARTIAL, detail=detail)


def _name(source: Source) -> str:
    name = source.path.name.removesuffix(".gz")
    for suffix in (".snmprec", ".snmpwalk", ".walk", ".txt"):
        name = name.removesuffix(suffix)
    return name
