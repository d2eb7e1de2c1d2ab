"""Finds what answers in whole subnets, so that the collectors read devices and not silence.

    for seen in sweep(selection.spans, setup, Ways(ports=(22, 80))):
        seen.target      with `collectors` set to those worth running
        seen.facts       what it said without being asked twice: sysDescr, sysObjectID, engine ID; often nothing at all

Two passes of SNMP (each community bound to the subnet, and SNMPv3 engine discovery, which needs none), ICMP echo where
the system permits it, and TCP connects. Ports of control systems (`oui_rules/probes.toml`, forbidden) are refused
whatever is asked.

In the journal an observation of the sweep has keys of its own, which only a resumed sweep reads: `found`, the
collectors worth running; `swept`, ranges such as `10.0.0.1-10.0.7.254` that were asked to their end; `cut`, true where
the sweep was stopped in the middle of its block, which is then asked again. Ranges in which nobody
answered at all are a record of their own, an `EmptySweep`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain, groupby

from auditor.collect.base import Setup, kept_off
from auditor.collect.events import CollectEvent, Notice
from auditor.collect.sweep.addresses import BLOCK, STRIDE, AddressBlock, AddressReplies, blocks, spell_ranges
from auditor.collect.sweep.links import LOCAL_PER_SECOND, on_link
from auditor.collect.sweep.packets import Probe, community, echo, engine
from auditor.collect.sweep.tcp import PortProber, attempts
from auditor.collect.sweep.udp import UdpProber
from auditor.errors import UsageError
from auditor.model import EmptySweep, FactList, Observation, Reason, Record, Span, SweepNote, Target, Unread
from auditor.parse import services
from auditor.parse.snmp_probes import probe_table
from auditor.snmp.pace import Gate, Pace, StoppedError

NAME = "sweep"
PORTS = (22, 23, 80, 443, 554, 8000, 37777)
PASSES = 2
BETWEEN = 0.3
# Seconds a block may take to send: what it found is in the journal then, and a resumed run does not ask it again.
SITTING = 300.0
# A port that answers → the collector that reads it; any other open port is the probes'.
READS = {"snmp": "snmp", "engine": "snmp", "tcp:22": "ssh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How to look: `ports` of TCP, empty for none; `passes` attempts in each way."""

    snmp: bool = True
    engine: bool = True
    icmp: bool = True
    ports: tuple[int, ...] = PORTS
    passes: int = PASSES

    def __post_init__(self) -> None:
        forbidden = probe_table().forbidden.intersection(self.ports)
        if forbidden:
            ports = ", ".join(map(str, sorted(forbidden)))
            raise UsageError("these ports belong to control systems and are never touched", where=f"ports {ports}")


def sweep(
    spans: Iterable[Span], setup: Setup, ways: Ways | None = None, *, before: Iterable[Observation | EmptySweep] = ()
) -> Iterator[Record]:
    """Yield every address that answers; `done` is what the sweep found before an interruption.

    Where the run's time is up, each range that was not asked to its end is an `Unread`.
    Whoever was heard when a `KeyboardInterrupt` or the end of the run comes is yielded before it goes on, marked as not
    asked in every way yet.
    """
    ways = ways or Ways()
    pace = Pace(setup.limits.packets_per_second, _SweepGate(setup))
    last = LastHeard()
    coming = blocks(spans, before, partial(_block_size, setup, ways), setup.scope.barred)
    for block in coming:
        if (kind := (block.like, block.version)) != last.kind:
            yield from last.end(setup)
            last = LastHeard(kind)
        if why := setup.ending():
            yield from last.end(setup)
            yield from _left_out(chain([block], coming), setup, why)
            return
        interruption = _look(block, setup, ways, pace.at(_per_second(setup, block), partial(_count, setup, block.like)))
        for position in block.living():
            yield from last.release()
            last.heard = _observation(block, position, setup, cut=interruption is not None)
        if interruption:
            yield from last.end(setup)
            if isinstance(interruption, StoppedError) and (why := setup.ending()):
                yield from _left_out(chain([block], coming), setup, why)
                return
            raise interruption
        # Only now, that all others of the block were told, may a resumed sweep pass over it.
        last.ranges.extend(block.pieces)
    yield from last.end(setup)


@dataclass(slots=True)
class LastHeard:
    """Who was heard last of addresses that are alike, and what was asked since the one before.

    It is held until the next is heard, so that addresses where nobody is count as asked, those at the end too.
    """

    kind: tuple[Target, int] | None = None
    heard: Observation | None = None
    ranges: list[range] = field(default_factory=list)

    def release(self) -> Iterator[Observation]:
        """Yield it, if there is one."""
        if self.heard is None or self.kind is None:
            return
        device, self.heard = self.heard, None
        if self.ranges and device.sweep and not device.sweep.cut:
            device = replace(device, sweep=replace(device.sweep, ranges=spell_ranges(self.kind[1], self.ranges)))
            self.ranges = []
        yield device

    def end(self, setup: Setup) -> Iterator[Record]:
        """Yield it, or what was asked where nobody was heard, as its kind of address ends."""
        yield from self.release()
        if self.ranges and self.kind is not None:
            like, version = self.kind
            ranges = spell_ranges(version, self.ranges)
            yield EmptySweep(target=Target(address="", site=like.site), collector=NAME, at=setup.now(), ranges=ranges)
            self.ranges = []


class _SweepGate(Gate):
    """The gate of the run, which for the sweep shuts too when the time of the run is up."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(0.0, above=setup.gate)
        self._setup = setup

    def book(self, packets: int) -> float:
        """Return the moment from which on so many packets may go."""
        if self._setup.ending():
            raise StoppedError
        return super().book(packets)


def _left_out(left: Iterable[AddressBlock], setup: Setup, why: str) -> Iterator[Unread]:
    """Yield the addresses of blocks that are not asked, a range each."""
    for (like, version), alike in groupby(left, key=lambda block: (block.like, block.version)):
        for text in spell_ranges(version, (piece for block in alike for piece in block.pieces)):
            first, _, last = text.partition("-")
            address = first if first == last else text
            target = Target(address=address, site=like.site)
            yield Unread(target=target, collector=NAME, at=setup.now(), reason=Reason.INTERRUPTED, detail=why)


def _look(block: AddressBlock, setup: Setup, ways: Ways, pace: Pace) -> KeyboardInterrupt | StoppedError | None:
    """Ask in every way; return the interruption that came meanwhile, so that nothing is lost."""
    try:
        _snmp(block, setup, ways, pace)
        # Every address of 127.0.0.0/8 answers an echo; that says nothing.
        if ways.icmp and not block.is_loopback(0):
            _echo(block, setup, ways, pace)
        if ways.ports:
            PortProber(block, pace, setup.limits, ways.passes).knock(ways.ports)
    except (KeyboardInterrupt, StoppedError) as stop:
        return stop
    return None


def _observation(block: AddressBlock, position: int, setup: Setup, *, cut: bool) -> Observation:
    replies = block.replies[position]
    target = _target(block, position, replies)
    setup.notify(Notice(CollectEvent.ALIVE, target))
    return Observation(
        target=target,
        collector=NAME,
        at=setup.now(),
        facts=FactList(tuple(dict.fromkeys(replies.facts))),
        sweep=SweepNote(collectors=target.collectors, cut=cut),
    )


def _block_size(setup: Setup, ways: Ways, like: Target) -> int:
    """Return how many addresses may be asked before whoever was found is told."""
    rate = setup.limits.packets_per_second
    return max(STRIDE, int(rate * SITTING / max(1, _each(like, setup, ways)))) if rate > 0 else BLOCK


def target_of(observation: Observation, like: Target) -> Target:
    """Return a target a sweep found: what its journal does not hold is taken from its span."""
    collectors = observation.sweep.collectors if observation.sweep else ()
    return replace(like, address=observation.target.address, collectors=collectors or like.collectors)


def over(observation: Observation) -> bool:
    """Tell whether an address was asked in every way; a resumed sweep asks the others again."""
    return observation.sweep is None or not observation.sweep.cut


def packets(spans: Iterable[Span], setup: Setup, ways: Ways | None = None) -> int:
    """Return how many packets a sweep sends at most: what a dry run tells."""
    return sum(span.size * _each(span.like, setup, ways or Ways()) for span in spans)


def _each(like: Target, setup: Setup, ways: Ways) -> int:
    """Return the packets an address costs that never answers."""
    probes = len(_communities(like, setup)) * ways.snmp + ways.engine + ways.icmp
    return probes * ways.passes + len(ways.ports) * attempts(ways.passes, setup.limits.timeout)


def _per_second(setup: Setup, block: AddressBlock) -> float:
    rate = setup.limits.packets_per_second
    if 0 < rate <= LOCAL_PER_SECOND or not on_link(block.version, block.pieces):
        return rate
    # Each dead address of an attached network is an ARP broadcast to everybody on it.
    return min(rate or LOCAL_PER_SECOND, LOCAL_PER_SECOND)


def _snmp(block: AddressBlock, setup: Setup, ways: Ways, pace: Pace) -> None:
    probes: list[Probe] = []
    if ways.snmp:
        names = _communities(block.like, setup)
        fetch, public = setup.secrets.fetch, setup.credentials
        probes += [community(fetch(name, "community").encode(), public[name].kind) for name in names]
    if ways.engine:
        probes.append(engine())
    port = services.port("snmp", block.like)
    if kept_off(port):
        setup.notify(Notice(CollectEvent.PORT_BARRED, block.like))
        return
    if not probes:
        return
    with UdpProber(block, pace) as ear:
        _ask(block, ear, probes, port, ways.passes)
        _hear_out(block, ear, probes, setup.limits.timeout)
        _tell(setup, ear, block.like)


def _echo(block: AddressBlock, setup: Setup, ways: Ways, pace: Pace) -> None:
    try:
        ear = UdpProber(block, pace, icmp=True)
    except OSError:
        setup.notify(Notice(CollectEvent.NO_ICMP, block.like))
        return
    with ear:
        probe = echo(block.version)
        _ask(block, ear, [probe], 0, ways.passes)
        _hear_out(block, ear, [probe], setup.limits.timeout)


def _ask(block: AddressBlock, ear: UdpProber, probes: Sequence[Probe], port: int, passes: int) -> None:
    for number in range(passes):
        if number:
            _hear_out(block, ear, probes, BETWEEN)
        for probe in probes:
            ear.ask(probe, port)


def _hear_out(block: AddressBlock, ear: UdpProber, probes: Sequence[Probe], seconds: float) -> None:
    """Listen, unless nobody is left who might still answer."""
    if not all(block.all_known(probe.way) for probe in probes):
        ear.listen(seconds)


def _tell(setup: Setup, ear: UdpProber, like: Target) -> None:
    for event in (CollectEvent.STRAYS, CollectEvent.UNREADABLE):
        if number := ear.counts[event.value]:
            setup.notify(Notice(event, like, number))


def _count(setup: Setup, like: Target, packets: int) -> None:
    setup.notify(Notice(CollectEvent.PACKETS, like, packets))


def _communities(like: Target, setup: Setup) -> list[str]:
    """Return the communities bound to these addresses, by name; no other is ever sent there."""
    public = setup.credentials
    return [name for name in like.credentials if name in public and public[name].kind in {"snmp-v2c", "snmp-v1"}]


def _target(block: AddressBlock, position: int, replies: AddressReplies) -> Target:
    like = block.like
    # Not by `replace`, which takes as long as the rest: everybody may answer.
    return Target(
        address=block.address(position),
        site=like.site,
        collectors=like.collectors or _collectors(tuple(replies.ways)),
        credentials=like.credentials,
        ports=like.ports,
        driver=like.driver,
    )


@cache
def _collectors(ways: tuple[str, ...]) -> tuple[str, ...]:
    """Return the collectors worth running for what answered."""
    readers = {READS.get(way, "probe") for way in ways if way not in {"closed", "icmp"}}
    return tuple(sorted(readers | {"probe"})) if readers else ()
