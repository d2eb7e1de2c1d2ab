"""The worker of one site: takes jobs, reads with its own credentials, hands in turns.

It dials out and listens to nobody. Who is contacted, how fast and with which secret is decided by its own auditor.toml;
a job can only ask for less.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from itertools import chain, count
from typing import TypeVar

from auditor.collect.base import LoginHistory
from auditor.errors import AuditorError
from auditor.formats import journal
from auditor.hub.engine import GivenOnError, JobDesk, SiteJob, TakenJob
from auditor.model import Reason, Record, Target, Unread
from auditor.run.budget import ScanPlan
from auditor.run.configuration import configuration
from auditor.run.home import now
from auditor.run.meter import Meter
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.request import ScanRequest
from auditor.run.scan import prepare
from auditor.run.shared_rate import shared_gate
from auditor.run.stages import collect
from auditor.run.turns import Turn, turns
from auditor.run.unlock import unlock
from auditor.snmp.pace import Gate, StoppedError

# The collector under which it stands that a job could not be done.
NAME = "worker"
# Turns, characters and seconds after which a batch is handed in.
BATCH_TURNS, BATCH_SIZE, BATCH_S = 64, 1 << 20, 1.0
POLL_S = 0.5
BEAT_S = 1.0
OPTIONS = frozenset({"collector", "probe", "sweep", "ports", "tcp", "careful", "rate", "deadline", "snmp_engine"})
T = TypeVar("T")


def work(desk: JobDesk, judging: Judging, person: Person, stop: threading.Event, *, idle: float = 0.0) -> int:
    """Do the jobs of a site until `stop` is set; return how many were done.

    Where `idle` is not zero it also ends once none came for so many seconds.
    """
    number, is_away, last = 0, False, time.monotonic()
    while not stop.is_set() and not (idle and time.monotonic() > last + idle):
        try:
            task = desk.take()
            is_away = False
        except ConnectionError as exc:
            if not is_away:
                person.warn(f"the hub is away, dialling on: {exc}")
            task, is_away = None, True
        if task is None:
            stop.wait(POLL_S)
            continue
        try:
            _Duty(desk, task, judging, person, stop).do()
            number += 1
        except GivenOnError:
            person.warn(f"job {task.job.number} of run {task.job.run} was given on; what it had handed in is kept")
        except StoppedError:
            # The job was given on meanwhile, or this worker is to stop.
            continue
        finally:
            last = time.monotonic()
    return number


@dataclass(frozen=True, slots=True)
class _Duty:
    """One job in hand: whose desk it is from, how it is read, the word to stop."""

    desk: JobDesk
    task: TakenJob
    judging: Judging
    person: Person
    stop: threading.Event

    def do(self) -> None:
        """Do the job to its end; what keeps all of it from being read is told of each of its words."""
        job = self.task.job
        with _batches(self.desk, self.task, self.stop) as add:
            try:
                here = replace(self.judging, site=job.site)
                plan = _within(prepare(_request(job), here, self.person), here)
                unlock(plan.selection, plan.setup, plan.order)
            except AuditorError as exc:
                for record in refusals(job, exc.problem):
                    add(record)
            else:
                for one in chain(self._read(plan), _exclusions(job, plan)):
                    add(one)
        _patiently(lambda: self.desk.finish(self.task), self.stop)

    def _read(self, plan: ScanPlan) -> Iterator[Record]:
        """Yield what the job's devices say; what was handed in before is not asked again."""
        run, meter = self.task.job.run, Meter()
        history = LoginHistory(counts=lambda kind: self.desk.counts(run, kind))
        with (
            shared_gate(plan.setup.limits.packets_per_second, self.person.warn) as gate,
            _beating(self.desk, meter, gate, self.stop),
        ):
            setup = replace(plan.setup, notify=meter.note, gate=gate, history=history)
            order = replace(plan.order, before=tuple(_records(self.task.before)), on_begin=meter.begin)
            yield from collect(plan.selection.spans, setup, order)


def _exclusions(job: SiteJob, plan: ScanPlan) -> Iterator[Unread]:
    """Yield each address of a job that this worker's own configuration leaves out."""
    targets = {target.address for target in plan.selection} if plan.selection.count < len(job.words) else set()
    for word in job.words if targets else ():
        address = word.split(maxsplit=1)[0]
        if "-" not in address and address not in targets:
            yield _unread(job, address, Reason.EXCLUDED, "excluded by the configuration of its worker")


def _request(job: SiteJob) -> ScanRequest:
    """Return a job as the request of a scan; it may hold nothing else."""
    names = {entry.name for entry in fields(ScanRequest)} & OPTIONS
    return ScanRequest(targets=job.words, **{key: value for key, value in job.options.items() if key in names})


def _within(plan: ScanPlan, judging: Judging) -> ScanPlan:
    """Return a plan no faster and no rougher than this worker's own configuration."""
    own, asked = ScanRequest().limits(configuration(judging.config)), plan.setup.limits
    rates = [rate for rate in (own.packets_per_second, asked.packets_per_second) if rate > 0]
    limits = replace(
        asked,
        packets_per_second=min(rates, default=0.0),
        max_failed_logins=min(own.max_failed_logins, asked.max_failed_logins),
    )
    return replace(plan, setup=replace(plan.setup, limits=limits))


def _records(batches: tuple[str, ...]) -> Iterator[Record]:
    """Yield what was handed in of a job before."""
    entries = (journal.decode(line) for text in batches for line in text.split("\n") if line)
    yield from journal.joined(record for record in entries if isinstance(record, Record))


def refusals(job: SiteJob, why: str) -> Iterator[Unread]:
    """Yield that each of a job's words was not asked, and why."""
    for word in job.words:
        yield _unread(job, word.split(maxsplit=1)[0], Reason.INTERRUPTED, f"not asked: {why}")


def _unread(job: SiteJob, address: str, reason: Reason, why: str) -> Unread:
    target = Target(address=address, site=job.site)
    return Unread(target=target, collector=NAME, at=now(), reason=reason, detail=why)


@contextmanager
def _batches(desk: JobDesk, task: TakenJob, stop: threading.Event) -> Iterator[Callable[[Record], None]]:
    """Yield what takes records; some whole turns at a time are handed in.

    Reading waits meanwhile.
    """
    numbers = count(len(task.before))
    waiting: list[str] = []
    since = time.monotonic()

    def hand_in() -> None:
        nonlocal since
        if waiting:
            number, text = next(numbers), "".join(waiting)
            _patiently(lambda: desk.hand_in(task, number, text), stop)
            waiting.clear()
        since = time.monotonic()

    def hand_on(turn: Turn) -> None:
        waiting.append("".join(f"{journal.encode(record)}\n" for record in turn))
        full = len(waiting) >= BATCH_TURNS or sum(map(len, waiting)) >= BATCH_SIZE
        if full or time.monotonic() - since >= BATCH_S:
            hand_in()

    with turns(hand_on) as add:
        yield add
    hand_in()


@contextmanager
def _beating(desk: JobDesk, meter: Meter, gate: Gate, stop: threading.Event) -> Iterator[None]:
    """Show the hub that the worker lives while the block runs.

    A job that was given on is let go of.
    """
    done = threading.Event()

    def beat() -> None:
        while not done.wait(BEAT_S):
            if stop.is_set():
                gate.close()
            try:
                desk.beat(meter.lines())
            except GivenOnError:
                gate.close()
            except OSError:
                continue

    thread = threading.Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _patiently(ask: Callable[[], T], stop: threading.Event) -> T:
    """Return what the hub answers, however long it is away.

    `StoppedError` where nobody waits any more.
    """
    while True:
        try:
            return ask()
        except ConnectionError:
            if stop.wait(POLL_S):
                raise StoppedError from None
