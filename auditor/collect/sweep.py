"""Finds what answers in whole subnets, so that the collectors read devices and not silence.

    for seen in sweep(selection.spans, setup, Ways(ports=(22, 80))):
        seen.target      with `collectors` set to those worth running
        seen.facts       what it said without being asked twice: sysDescr, sysObjectID, engine ID; often nothing at all

Two passes of SNMP (each community bound to the subnet, and SNMPv3 engine discovery, which needs none), ICMP echo where the system
permits it, and TCP connects. Ports of control systems (`oui_rules/probes.toml`, forbidden) are refused whatever is asked.
"""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from auditor.collect.base import Setup
from auditor.collect.sweep_field import Field, Heard, fields
from auditor.collect.sweep_pace import LOCAL_PER_SECOND, Pace, on_link
from auditor.collect.sweep_probe import Probe, community, echo, engine
from auditor.collect.sweep_tcp import Knocker
from auditor.collect.sweep_udp import Ear
from auditor.errors import UsageError
from auditor.model import Observation, Span, Target
from auditor.parse.snmp_probes import known

NAME = "sweep"
PORT = 161
PORTS = (22, 23, 80, 443, 554, 8000, 37777)
PASSES = 2
BETWEEN = 0.3
# A port that answers → the collector that reads it; any other open port is the probes'.
READS = {"snmp": "snmp", "engine": "snmp", "tcp:22": "ssh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How to look. `ports` are TCP ports to try, empty for none; `passes` SNMP and ICMP attempts per address."""

    snmp: bool = True
    engine: bool = True
    icmp: bool = True
    ports: tuple[int, ...] = PORTS
    passes: int = PASSES

    def __post_init__(self) -> None:
        forbidden = known().forbidden.intersection(self.ports)
        if forbidden:
            listed = ", ".join(map(str, sorted(forbidden)))
            raise UsageError("these ports belong to control systems and are never touched", where=f"ports {listed}")


def sweep(
    spans: Iterable[Span], setup: Setup, ways: Ways | None = None, *, done: Container[tuple[str, str]] = frozenset()
) -> Iterator[Observation]:
    """Yield every address that answers in any way; `done` holds (site, address) pairs a resumed run has behind it."""
    ways = ways or Ways()
    for field in fields(spans, done):
        pace = Pace(_per_second(setup, field), told=partial(setup.sent, field.like.site))
        _snmp(field, setup, ways, pace)
        # Every address of 127.0.0.0/8 answers an echo; that says nothing.
        if ways.icmp and not field.is_loopback(0):
            _echo(field, setup, ways, pace)
        if ways.ports:
            limits = setup.limits
            Knocker(field, pace, timeout=limits.timeout, in_flight=limits.in_flight).knock(ways.ports)
        for position, heard in sorted(field.heard.items()):
            target = _target(field, position, heard)
            setup.told("alive", target)
            facts = tuple(dict.fromkeys(heard.facts))
            yield Observation(
                target=target, collector=NAME, at=setup.now(), facts=facts, extra=_spell(target.collectors)
            )


def found(seen: Observation, like: Target) -> Target:
    """Return a target a sweep found, out of its journal: what the journal does not hold is taken from its span."""
    try:
        words = json.loads(seen.extra or "{}").get("found", [])
    except ValueError:
        words = []
    collectors = tuple(str(word) for word in words) if isinstance(words, list) else ()
    return replace(like, address=seen.target.address, collectors=collectors or like.collectors)


def _spell(collectors: tuple[str, ...]) -> str:
    return json.dumps({"found": list(collectors)}, separators=(",", ":"))


def packets(spans: Iterable[Span], setup: Setup, ways: Ways | None = None) -> int:
    """Return how many packets a sweep sends at most: what a dry run tells."""
    ways = ways or Ways()
    total = 0
    for span in spans:
        probes = len(_communities(span.like, setup)) * ways.snmp + ways.engine + ways.icmp
        total += span.size * (probes * ways.passes + len(ways.ports))
    return total


def _per_second(setup: Setup, field: Field) -> float:
    asked = setup.limits.packets_per_second
    if not on_link(field.version, field.addresses):
        return asked
    # Each dead address of an attached network is an ARP broadcast to everybody on it.
    return min(asked or LOCAL_PER_SECOND, LOCAL_PER_SECOND)


def _snmp(field: Field, setup: Setup, ways: Ways, pace: Pace) -> None:
    probes: list[Probe] = []
    if ways.snmp:
        names = _communities(field.like, setup)
        fetch, public = setup.secrets.fetch, setup.credentials
        probes += [community(fetch(name, "community").encode(), public[name].kind) for name in names]
    if ways.engine:
        probes.append(engine())
    if not probes:
        return
    with Ear(field, pace) as ear:
        port = field.like.port("snmp", PORT)
        _ask(ear, probes, port, ways.passes)
        if not all(field.all_known(probe.way) for probe in probes):
            ear.listen(setup.limits.timeout)
        _tell(setup, ear, field.like)


def _echo(field: Field, setup: Setup, ways: Ways, pace: Pace) -> None:
    try:
        ear = Ear(field, pace, icmp=True)
    except OSError:
        setup.told("icmp not permitted", field.like)
        return
    with ear:
        _ask(ear, [echo(field.version)], 0, ways.passes)
        if not field.all_known("icmp"):
            ear.listen(setup.limits.timeout)


def _ask(ear: Ear, probes: Iterable[Probe], port: int, passes: int) -> None:
    for number in range(passes):
        if number:
            ear.listen(BETWEEN)
        for probe in probes:
            ear.ask(probe, port)


def _tell(setup: Setup, ear: Ear, like: Target) -> None:
    for word in ("strays", "unreadable"):
        if ear.counts[word]:
            setup.told(f"{ear.counts[word]} {word}", like)


def _communities(like: Target, setup: Setup) -> list[str]:
    """Return the names of the communities bound to these addresses; no other community is ever sent there."""
    public = setup.credentials
    return [name for name in like.credentials if name in public and public[name].kind in {"snmp-v2c", "snmp-v1"}]


def _target(field: Field, position: int, heard: Heard) -> Target:
    found = [READS.get(way, "probe") for way in heard.ways if way not in {"closed", "icmp"}]
    collectors = field.like.collectors or tuple(sorted({*found, "probe"} if found else set()))
    return replace(field.like, address=field.address(position), collectors=collectors)
