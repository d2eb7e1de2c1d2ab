"""Collection in this process: find what answers, read it over SNMP, listen to what it says unasked, then log in over SSH."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditor.collect import collector
from auditor.collect.base import Setup
from auditor.model import Fact, Observation, Reason, Record, Span, Target, Unread

STAGES = ("snmp", "probe", "ssh")
QUIET = frozenset({Reason.TIMEOUT, Reason.REFUSED, Reason.CLOSED, Reason.UNREACHABLE})
# Whoever names so few addresses wants to hear of each of them, silent ones included.
ONE_BY_ONE = 32
# What SSH chooses its driver from.
TELLING = frozenset({"snmp.sysdescr", "snmp.sysobjectid", "snmp.enterprise", "ssh.banner", "telnet.banner"})


@dataclass(slots=True)
class Memory:
    """What this run has heard so far, no more of it than later stages need."""

    said: dict[tuple[str, str], tuple[Fact, ...]] = field(default_factory=dict)
    answered: dict[tuple[str, str], Target] = field(default_factory=dict)

    def note(self, record: Record) -> None:
        """Remember who answered, and the words that choose a driver."""
        if not isinstance(record, Observation):
            return
        key = (record.target.site, record.target.address)
        self.answered.setdefault(key, record.target)
        telling = tuple(fact for fact in record.facts if fact.kind in TELLING and not fact.about)
        if telling:
            self.said[key] = (*self.said.get(key, ()), *telling)

    def was_read(self, target: Target) -> bool:
        """Tell whether a target has answered in this run."""
        return (target.site, target.address) in self.answered

    def known(self, target: Target) -> tuple[Fact, ...]:
        """Return what a target has said in this run."""
        return self.said.get((target.site, target.address), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to collect: which stages, whether to look first who answers in a subnet, which SNMP client.

    `before` is what an interrupted run has read; nobody is asked again what he has answered.
    """

    stages: tuple[str, ...] = STAGES
    sweep: bool = True
    snmp_engine: str = "own"
    before: tuple[Record, ...] = ()


def collect(spans: Sequence[Span], setup: Setup, order: Order) -> Iterator[Record]:
    """Yield every record of a collection, stage by stage; a device that fails one stage is still asked in the next."""
    memory = Memory()
    for record in order.before:
        memory.note(record)
    done = {(record.collector, record.target.site, record.target.address) for record in order.before}
    setup = replace(setup, known=memory.known)
    swept = subnets(spans) if order.sweep else []
    for record in _swept(swept, setup):
        memory.note(record)
        yield record
    for stage in STAGES:
        if stage not in order.stages:
            continue
        asked = (
            target
            for target in _alive(spans, swept, memory)
            if fits(stage, target, setup) and (stage, target.site, target.address) not in done
        )
        for record in collector(_engine(stage, order)).collect(asked, setup):
            if _only_quiet(record, memory):
                continue
            memory.note(record)
            yield record


def _only_quiet(record: Record, memory: Memory) -> bool:
    """Tell whether a device that was read merely has no service for probes: nothing failed that anybody would miss."""
    return (
        isinstance(record, Unread)
        and record.collector == "probe"
        and record.reason in QUIET
        and memory.was_read(record.target)
    )


def subnets(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that are looked over before anybody in them is asked."""
    return [span for span in spans if span.size > ONE_BY_ONE]


def _swept(swept: Sequence[Span], setup: Setup) -> Iterator[Record]:
    if swept:
        from auditor.collect.sweep import sweep

        yield from sweep(swept, setup)


def _alive(spans: Sequence[Span], swept: Sequence[Span], memory: Memory) -> Iterator[Target]:
    """Yield who is worth asking: every address named singly, and of a swept subnet whoever answered."""
    for span in spans:
        if span in swept:
            yield from (target for target in list(memory.answered.values()) if span.holds(target))
        else:
            yield from span.targets()


def _engine(stage: str, order: Order) -> str:
    return "snmp-pysnmp" if stage == "snmp" and order.snmp_engine == "pysnmp" else stage


def fits(stage: str, target: Target, setup: Setup) -> bool:
    """Tell whether a target is to be asked in a stage: no stage that needs a credential without one bound to the target."""
    if target.collectors and stage not in target.collectors:
        return False
    kinds: Iterable[str] = (setup.credentials[name].kind for name in target.credentials if name in setup.credentials)
    if stage == "snmp":
        return any(kind.startswith("snmp") for kind in kinds)
    return stage == "probe" or any(kind == "ssh" for kind in kinds)
