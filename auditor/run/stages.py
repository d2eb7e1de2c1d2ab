"""Collection in stages: look who answers, read over SNMP, probe, then log in over SSH.

Sites with limits of their own are collected side by side with all the rest: each at its own rate, all of them at the
run's at most.
A careful run takes one after the other.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.collect import collector
from auditor.collect.base import Setup
from auditor.collect.sweep.collector import NAME as SWEEP
from auditor.collect.sweep.collector import Ways, over, packets, sweep, target_of
from auditor.model import Fact, Limits, Observation, Reason, Record, Span, Target, Unread
from auditor.run.readers import Readers
from auditor.run.side_by_side import AT_ONCE, side_by_side
from auditor.snmp.pace import Gate

STAGES = ("snmp", "probe", "ssh")
ENROLMENT = "enrol"
QUIET = frozenset({Reason.TIMEOUT, Reason.REFUSED, Reason.CLOSED, Reason.UNREACHABLE})
# Whoever names so few addresses wants to hear of each of them, silent ones included.
ONE_BY_ONE = 32
# What SSH chooses its driver from.
TELLING = frozenset({"snmp.sysdescr", "snmp.sysobjectid", "snmp.enterprise", "ssh.banner", "telnet.banner"})


@dataclass(slots=True)
class Memory:
    """What this run has heard so far, no more of it than later stages need."""

    facts_by_target: dict[tuple[str, str], tuple[Fact, ...]] = field(default_factory=dict)
    read_targets: set[tuple[str, str]] = field(default_factory=set)

    def note(self, record: Record) -> None:
        """Remember who answered, and the words that choose a driver."""
        if not isinstance(record, Observation):
            return
        key = (record.target.site, record.target.address)
        # Whoever answered only the last stage had not answered when others were asked; a resumed run must know no more.
        if record.collector != STAGES[-1]:
            self.read_targets.add(key)
        telling = tuple(fact for fact in record.plain if fact.kind in TELLING and not fact.about)
        if telling:
            self.facts_by_target[key] = (*self.facts_by_target.get(key, ()), *telling)

    def was_read(self, target: Target) -> bool:
        """Tell whether a target has answered in this run, before the last stage."""
        return (target.site, target.address) in self.read_targets

    def facts_of(self, target: Target) -> tuple[Fact, ...]:
        """Return what a target has said in this run."""
        return self.facts_by_target.get((target.site, target.address), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to collect: the stages, whether and how to sweep first, which SNMP client.

    `before` is what an interrupted run has finished; nobody is asked it again. `limits` are sites' own.
    `on_begin` hears of each stage that begins: its site, its name and its devices (of a sweep: packets) at most.
    `on_enrol` takes a line for each device whose host key is fetched; without it none is. `readers` are the processes
    that share the reading; without them this one reads.
    """

    stages: tuple[str, ...] = STAGES
    sweep: bool = True
    ways: Ways | None = None
    snmp_engine: str = "own"
    before: tuple[Record, ...] = ()
    limits: Mapping[str, Limits] = field(default_factory=dict)
    on_begin: Callable[[str, str, int], None] = lambda _site, _stage, _count: None
    on_enrol: Callable[[str], None] | None = None
    readers: Readers | None = None


def collect(spans: Sequence[Span], setup: Setup, order: Order) -> Generator[Record, None, None]:
    """Yield every record of a collection; who fails one stage is still asked in the next."""
    memory = Memory()
    for record in order.before:
        memory.note(record)
        if isinstance(record, Observation) and record.collector == "snmp" and record.opened_by:
            setup.history.breaker("snmp", setup.limits.max_failed_logins).note(record.opened_by, success=True)
    setup = replace(setup, facts_of=memory.facts_of)
    groups = list(parts(spans, setup.limits, order.limits))
    gate = setup.gate or Gate(setup.limits.packets_per_second)
    if len(groups) == 1 or setup.limits.careful:
        for part, limits in groups:
            yield from _Part(part, _at_own_rate(setup, limits, gate), order, memory).collect()
        return
    sides = [_at_own_rate(setup, _share(limits, len(groups)), gate) for _, limits in groups]
    yield from side_by_side(
        [_Part(part, side, order, memory).collect() for (part, _), side in zip(groups, sides, strict=True)], gate
    )


def _at_own_rate(setup: Setup, limits: Limits, gate: Gate) -> Setup:
    is_usual = limits.packets_per_second == setup.limits.packets_per_second
    return replace(setup, limits=limits, gate=gate if is_usual else Gate(limits.packets_per_second, above=gate))


def _share(limits: Limits, many: int) -> Limits:
    """Return limits under which so many collections need the sockets and threads of one.

    A share is left over for all else.
    """
    share = min(many, AT_ONCE) + 1
    return replace(limits, in_flight=max(1, limits.in_flight // share), sessions=max(1, limits.sessions // (share - 1)))


def parts(spans: Sequence[Span], usual: Limits, special: Mapping[str, Limits]) -> Iterator[tuple[list[Span], Limits]]:
    """Yield the spans that are treated alike: all sites without own limits, then each other."""
    rest = [span for span in spans if span.like.site not in special]
    if rest:
        yield rest, usual
    for site, limits in sorted(special.items(), key=lambda pair: pair[0]):
        own = [span for span in spans if span.like.site == site]
        if own:
            yield own, limits


def subnets(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that are swept first: what was named as a range, however little is left."""
    return [span for span in spans if span.breadth > ONE_BY_ONE]


class _Part:
    """One collection under one set of limits."""

    def __init__(self, spans: Sequence[Span], setup: Setup, order: Order, memory: Memory) -> None:
        self.setup, self.order, self.memory = setup, order, memory
        self.swept = subnets(spans) if order.sweep else []
        self.single = [span for span in spans if not order.sweep or not subnets([span])]
        self.found: list[Target] = []
        # The run's time was up before every address was asked who is there.
        self.cut = False
        self.done = {(item.collector, item.target.site, item.target.address) for item in order.before}

    def collect(self) -> Iterator[Record]:
        """Yield what the sweep finds and what every stage reads."""
        if self.swept:
            yield from self._sweep()
        if self.cut:
            yield from self._not_asked()
            return
        for stage in STAGES:
            if stage == "ssh" and self.order.on_enrol:
                self._enrol(self.order.on_enrol)
            if stage in self.order.stages:
                yield from self._stage(stage)

    def _sweep(self) -> Iterator[Record]:
        if self._recall():
            return
        for site in {span.like.site for span in self.swept}:
            own = [span for span in self.swept if span.like.site == site]
            self.order.on_begin(site, SWEEP, packets(own, self.setup, self.order.ways))
        before = [one for one in self.order.before if one.collector == SWEEP and not isinstance(one, Unread)]
        for record in sweep(self.swept, self.setup, self.order.ways, before=before):
            if isinstance(record, Observation):
                self.found.append(record.target)
                self.memory.note(record)
            elif isinstance(record, Unread):
                self.cut = True
            yield record

    def _not_asked(self) -> Iterator[Record]:
        """Yield each device nobody read, under the sweep's name: there a resumed run goes on."""
        targets = (target for stage in self.order.stages for target in self._targets(stage))
        for target in dict.fromkeys(replace(target, credentials=()) for target in targets):
            why, at = self.setup.ending(), self.setup.now()
            yield Unread(target=target, collector=SWEEP, at=at, reason=Reason.INTERRUPTED, detail=why)

    def _recall(self) -> bool:
        """Take over what an interrupted sweep found; tell whether it was over."""
        is_over = False
        for record in self.order.before:
            span = next((span for span in self.swept if span.holds(record.target)), None)
            if span is None:
                continue
            if record.collector == SWEEP and isinstance(record, Observation) and over(record):
                self.found.append(target_of(record, span.like))
            is_over = is_over or record.collector != SWEEP
        return is_over

    def _stage(self, stage: str) -> Iterator[Record]:
        for site, count in self._counts(stage).items():
            self.order.on_begin(site, stage, count)
        engine = "snmp-pysnmp" if stage == "snmp" and self.order.snmp_engine == "pysnmp" else stage
        for record in self._read(engine, self._targets(stage)):
            if not _only_quiet(record, self.memory):
                self.memory.note(record)
                yield record

    def _read(self, engine: str, targets: Iterator[Target]) -> Iterator[Record]:
        readers = self.order.readers
        if readers is None or self.setup.limits.careful:
            return collector(engine).collect(targets, self.setup)
        return readers.read(engine, list(targets), self.setup)

    def _enrol(self, tell: Callable[[str], None]) -> None:
        """Fetch the host keys of whoever would be logged in to and has none."""
        from auditor.collect.ssh.enrolment import enrol_all

        targets = list(self._targets("ssh"))
        for site, count in Counter(target.site for target in targets).items():
            self.order.on_begin(site, ENROLMENT, count)
        for line in enrol_all(targets, self.setup):
            tell(line)

    def _targets(self, stage: str) -> Iterator[Target]:
        """Yield who is asked in a stage: addresses named singly, and who answered the sweep."""
        for target in self._worth(stage):
            if (stage, target.site, target.address) not in self.done:
                yield self._last_credential_first(stage, target)

    def _worth(self, stage: str) -> Iterator[Target]:
        for span in self.single:
            if fits(stage, span.like, self.setup):
                yield from span.targets()
        yield from (target for target in self.found if fits(stage, target, self.setup))

    def _counts(self, stage: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for span in self.single:
            counts[span.like.site] += span.size * fits(stage, span.like, self.setup)
        counts.update(target.site for target in self.found if fits(stage, target, self.setup))
        counts.subtract(site for name, site, _ in self.done if name == stage and site in counts)
        return +counts

    def _last_credential_first(self, stage: str, target: Target) -> Target:
        """Return a target with the credential that let us in the last time before the others."""
        last = self.setup.history.last_credential(stage, target)
        if stage != "ssh" or last not in target.credentials:
            return target
        return replace(target, credentials=tuple(sorted(target.credentials, key=lambda name: name != last)))


def _only_quiet(record: Record, memory: Memory) -> bool:
    """Tell whether a device that was read merely has no service for probes: no failure."""
    return (
        isinstance(record, Unread)
        and record.collector == "probe"
        and record.reason in QUIET
        and memory.was_read(record.target)
    )


def fits(stage: str, target: Target, setup: Setup) -> bool:
    """Tell whether a target is to be asked in a stage.

    Where no credential is bound to it, only if somebody must hear that.

    That is a device that spoke SNMP to the sweep, and any that was asked for in this stage and no other.
    """
    if target.collectors and stage not in target.collectors:
        return False
    if stage == "probe" or target.collectors == (stage,) or (stage == "snmp" and bool(target.collectors)):
        return True
    kinds = [setup.credentials[name].kind for name in target.credentials if name in setup.credentials]
    return any(kind == "ssh" if stage == "ssh" else kind.startswith("snmp") for kind in kinds)
