"""Reads devices over SNMP with our own client: the system group first, then tables.

A table that breaks off gives an `Observation` of what was read and an `Unread` with reason `partial` (or a sharper one)
naming the table and why. Credentials are tried in the order of the target; only silence or refusal leads to the next
one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Protocol

from auditor.collect.base import Setup, kept_off, kept_out
from auditor.collect.events import CollectEvent, Notice
from auditor.collect.snmp.login import Attempt, Logins
from auditor.collect.snmp.plan import Reading, plan
from auditor.errors import AuditorError
from auditor.model import Fact, FactList, Limits, Observation, Reason, Record, Scope, Target, Unread
from auditor.oids import scalar
from auditor.parse import snmp as parse
from auditor.parse.services import port
from auditor.parse.snmp_probes import Probes, probe_table
from auditor.snmp.client import Client
from auditor.snmp.pace import Gate
from auditor.snmp.script import Agent, Result, Script

NAME = "snmp"
CAREFUL_IN_FLIGHT = 32
_TURN = 0.05
# What a device may have meant by "not with this credential".
TRY_NEXT = frozenset({Reason.TIMEOUT, Reason.AUTHENTICATION, Reason.AUTHORIZATION, Reason.SPOOFED, Reason.PROTOCOL})


class Runner(Protocol):
    """What runs scripts against agents: our client, or another that answers alike."""

    def run(self, jobs: Iterable[tuple[Agent, Script]]) -> Iterator[Result]:
        """Yield one result per job, in the order they finish."""


NewRunner = Callable[[Limits, Gate | None, Scope], Runner]


class SnmpCollector:
    """The SNMP collector. `runner` makes the client of a round from its limits."""

    name = NAME

    def __init__(self, runner: NewRunner = Client) -> None:
        self._runner = runner

    def collect(self, targets: Iterable[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target said, in the order they answer."""
        if setup.limits.careful:
            gentle = replace(setup.limits, in_flight=min(setup.limits.in_flight, CAREFUL_IN_FLIGHT))
            setup = replace(setup, limits=gentle)
        run = _SnmpRun(setup, Logins(setup), probe_table(), self._runner)
        attempts: Iterable[Attempt] = (run.logins.attempt(target) for target in targets)
        while True:
            again: list[Attempt] = []
            for batch in run.logins.batches(attempts):
                yield from run.round(batch, again)
            if not again:
                return
            attempts = again


@dataclass(slots=True)
class _SnmpRun:
    setup: Setup
    logins: Logins
    probes: Probes
    runner: NewRunner
    backlog: list[Attempt] = field(default_factory=list)
    turns: set[str] = field(default_factory=set)
    silent_too: bool = False
    requests: int = 0

    def round(self, batch: list[Attempt], again: list[Attempt]) -> Iterator[Record]:
        """Try the first credential of each; who is to be tried with the next one goes to `again`."""
        records: list[Record] = []
        readings: dict[str, tuple[Attempt, Reading]] = {}
        self.requests = 0
        client = self.runner(self.setup.limits, self.setup.gate, self.setup.scope)
        self.silent_too = not self.logins.explore([] if self.setup.ending() else [*again, *batch])
        for result in client.run(self._jobs(batch, again, records, readings)):
            yield from records
            records.clear()
            attempt, reading = readings.pop(result.agent.label)
            yield from self._settle(attempt, reading, result, again)
        yield from records
        again.extend(self.backlog)
        self.backlog.clear()
        if again and not self.requests:
            # Every turn is taken by another site of this run.
            time.sleep(_TURN)

    def _jobs(
        self,
        batch: Iterable[Attempt],
        again: list[Attempt],
        records: list[Record],
        readings: dict[str, tuple[Attempt, Reading]],
    ) -> Iterator[tuple[Agent, Script]]:
        waiting = iter(batch)
        for number in count():
            # A device that is waiting for its next credential goes before one that has not been asked yet: so a winner
            # is soon known.
            attempt = again.pop(0) if again else next(waiting, None)
            if attempt is None:
                return
            attempt = self.logins.in_order(attempt)
            if why := self.setup.ending():
                attempt = replace(attempt, names=())
                records.extend(self._next(attempt, self._unread(attempt.target, Reason.INTERRUPTED, why), again))
                continue
            problem = self._problem(attempt)
            if problem is not None:
                records.extend(self._next(attempt, problem, again))
                continue
            label = str(number)
            if not self._may_ask(attempt, label):
                self.backlog.append(attempt)
                continue
            try:
                agent = self.logins.agent(attempt, label)
            except AuditorError as exc:
                self._end_login(label, attempt, success=None)
                records.extend(self._next(attempt, self._unread(attempt.target, Reason.NO_CREDENTIAL, str(exc)), again))
                continue
            reading = Reading()
            readings[label] = (attempt, reading)
            self.requests += 1
            self.setup.notify(Notice(CollectEvent.ASKED, attempt.target))
            yield agent, plan(reading, self.probes, self.setup.limits.max_rows)

    def _problem(self, attempt: Attempt) -> Unread | None:
        if why := kept_out(self.setup, attempt.target):
            return self._unread(attempt.target, Reason.EXCLUDED, why)
        if why := kept_off(port("snmp", attempt.target)):
            return self._unread(attempt.target, Reason.LIMIT, why)
        if not attempt.names:
            return self._unread(attempt.target, Reason.NO_CREDENTIAL, "no SNMP credential is bound to this address")
        if self.logins.is_broken(attempt.names[0]):
            name = attempt.names[0]
            detail = f"credential {name} was refused {self.logins.breaker.failures(name)} times and is used no more"
            return self._unread(attempt.target, Reason.BREAKER, detail)
        return None

    def _may_ask(self, attempt: Attempt, label: str) -> bool:
        """Tell whether a device may be asked now; an unproven credential goes to few at a time."""
        if not self.logins.is_risky(attempt):
            return True
        if self.logins.has_engine(attempt) is False:
            return self.silent_too
        if self.logins.has_engine(attempt) is None or not self.logins.breaker.enter(attempt.names[0], 0.0):
            return False
        self.turns.add(label)
        return True

    def _end_login(self, label: str, attempt: Attempt, *, success: bool | None) -> None:
        end = self.logins.breaker.leave if label in self.turns else self.logins.breaker.note
        self.turns.discard(label)
        end(attempt.names[0], success=success)

    def _settle(self, attempt: Attempt, reading: Reading, result: Result, again: list[Attempt]) -> Iterator[Record]:
        target, name = attempt.target, attempt.names[0]
        if not reading.is_empty:
            self._end_login(result.agent.label, attempt, success=True)
            self.logins.remember(name, target)
            yield from self._read(attempt, reading, result)
            return
        reason = result.fault.reason if result.fault else reading.gaps[0].reason if reading.gaps else Reason.PROTOCOL
        detail = result.fault.detail if result.fault else reading.gaps[0].why if reading.gaps else "an empty answer"
        success = False if reason is Reason.AUTHENTICATION else None
        self._end_login(result.agent.label, attempt, success=success)
        attempt = replace(attempt, engine_id=result.engine_id or attempt.engine_id)
        failure = self._unread(target, reason, f"{detail} (credential {name})")
        yield from self._next(attempt if reason in TRY_NEXT else replace(attempt, names=()), failure, again)

    def _next(self, attempt: Attempt, failure: Unread, again: list[Attempt]) -> Iterator[Record]:
        """Queue the next credential of a device, or give it up for the reason it was lost last.

        The detail says of each credential why it failed: whoever mends one would else mend the wrong one.
        """
        left, reasons = attempt.names[1:], (*attempt.failed, failure.detail)
        if left:
            again.append(replace(attempt, names=left, failed=reasons))
            return
        self.setup.notify(Notice(CollectEvent.UNREAD, attempt.target))
        if attempt.engine_id:
            yield self._observation(attempt.target, _engine_fact(attempt.engine_id))
        yield replace(failure, detail="; ".join(reasons))

    def _read(self, attempt: Attempt, reading: Reading, result: Result) -> Iterator[Record]:
        target, engine_id = attempt.target, result.engine_id or attempt.engine_id
        facts = parse.facts(reading.drain(), vlans=reading.vlans, probes=self.probes)
        if engine_id and not any(fact.kind == "snmp.engineid" for fact in facts.plain):
            facts = FactList((*facts.plain, *_engine_fact(engine_id)), facts.tables)
        self.setup.notify(Notice(CollectEvent.READ, target))
        yield replace(self._observation(target, facts), opened_by=attempt.names[0])
        for gap in reading.gaps:
            # However it broke off, the device itself was read; the reason proper stands in the detail.
            sort = "" if gap.reason is Reason.PARTIAL else f"{gap.reason.value}, "
            yield self._unread(target, Reason.PARTIAL, f"{gap.table}: {sort}{gap.why}")
        if result.fault is not None and not reading.gaps:
            yield self._unread(target, Reason.PARTIAL, f"{result.fault.reason.value}, {result.fault.detail}")

    def _observation(self, target: Target, facts: Sequence[Fact]) -> Observation:
        return Observation(target=target, collector=NAME, at=self.setup.now(), facts=facts)

    def _unread(self, target: Target, reason: Reason, detail: str) -> Unread:
        return Unread(target=target, collector=NAME, at=self.setup.now(), reason=reason, detail=detail)


def _engine_fact(engine_id: bytes) -> tuple[Fact, ...]:
    return (Fact(kind="snmp.engineid", value=engine_id.hex(), where=scalar("snmpEngineID")),)
