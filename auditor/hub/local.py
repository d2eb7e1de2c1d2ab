"""The engine in this process: sites that the hub reaches by itself, a thread for each."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from auditor.collect.breaker import LocalCounts, LoginCounts
from auditor.hub.engine import ATTEMPTS, GivenOnError, SiteJob, SiteProgress, TakenJob


@dataclass(slots=True)
class _JobEntry:
    """A job, who has it, how often it was tried since its last batch, what came of it."""

    job: SiteJob
    holder: int = 0
    attempts: int = 0
    state: str = "todo"
    batches: dict[int, str] = field(default_factory=dict)


class LocalEngine:
    """Jobs and turns in memory, safe between threads; its runs end with its process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.entries: dict[tuple[str, str, int], _JobEntry] = {}
        self.heads: dict[str, str] = {}
        self.beats: dict[int, tuple[str, float, Sequence[Mapping[str, Any]]]] = {}
        self._counts: dict[tuple[str, str], LocalCounts] = {}
        self._tickets = count(1)
        self._workers = count(1)

    def begin(self, run: str, head: str, jobs: Sequence[SiteJob]) -> None:
        """Hand out the jobs of a run; one that has begun is not begun again."""
        with self.lock:
            if self.heads.setdefault(run, head) and not self._of(run):
                self.entries.update({(run, job.site, job.number): _JobEntry(job) for job in jobs})

    def states(self, run: str) -> tuple[SiteProgress, ...]:
        """Return how far a run is, by site."""
        with self.lock:
            return tuple(self._state(run, site) for site in sorted({one.job.site for one in self._of(run)}))

    def give_on(self, seconds: float) -> int:
        """Take back the jobs of workers silent for so long."""
        with self.lock:
            old = time.monotonic() - seconds
            silent = {worker for worker, (_, at, _) in self.beats.items() if at < old}
            back = [one for one in self.entries.values() if one.state == "doing" and one.holder in silent]
            for one in back:
                one.state, one.holder = ("lost" if one.attempts >= ATTEMPTS else "todo"), 0
            return len(back)

    def head(self, run: str) -> str:
        """Return the head of a run that has begun and not ended; nothing of any other."""
        return self.heads.get(run, "")

    def texts(self, run: str) -> Iterator[tuple[str, str]]:
        """Yield what came back, each batch after its site: by site, job and batch."""
        with self.lock:
            entries = sorted(self._of(run), key=lambda one: (one.job.site, one.job.number))
            texts = [(one.job.site, one.batches[number]) for one in entries for number in sorted(one.batches)]
        yield from texts

    def lost(self, run: str) -> tuple[SiteJob, ...]:
        """Return the jobs nobody brought to an end."""
        with self.lock:
            return tuple(one.job for one in self._of(run) if one.state == "lost")

    def end(self, run: str) -> None:
        """Forget a run."""
        with self.lock:
            self.heads.pop(run, None)
            self.entries = {key: one for key, one in self.entries.items() if key[0] != run}
            self._counts = {key: one for key, one in self._counts.items() if key[0] != run}

    def desk(self, site: str) -> "LocalDesk":
        """Return a desk for a worker in this process."""
        with self.lock:
            return LocalDesk(self, site, next(self._workers))

    def take(self, site: str, worker: int) -> TakenJob | None:
        """Return the next job of a site that nobody works at."""
        with self.lock:
            entries = [one for (_, at, _), one in sorted(self.entries.items()) if at == site]
            waiting = next((one for one in entries if one.state == "todo"), None)
            if waiting is None or any(one.state == "doing" for one in entries):
                return None
            waiting.state, waiting.holder, waiting.attempts = "doing", worker, waiting.attempts + 1
            before = tuple(waiting.batches[number] for number in sorted(waiting.batches))
            return TakenJob(ticket=next(self._tickets), job=waiting.job, before=before)

    def holding(self, task: TakenJob, worker: int) -> _JobEntry:
        """Return the entry of a job this worker has; `GivenOnError` where it has it no longer."""
        job = task.job
        entry = self.entries.get((job.run, job.site, job.number))
        if entry is None or entry.state != "doing" or entry.holder != worker:
            raise GivenOnError
        return entry

    def counts(self, run: str, kind: str) -> LoginCounts:
        """Return where the logins of a run are counted."""
        with self.lock:
            return self._counts.setdefault((run, kind), LocalCounts())

    def _of(self, run: str) -> list[_JobEntry]:
        return [one for key, one in self.entries.items() if key[0] == run]

    def _state(self, run: str, site: str) -> SiteProgress:
        entries = [one for one in self._of(run) if one.job.site == site]
        beats = [(at, progress) for where, at, progress in self.beats.values() if where == site]
        at, progress = max(beats, key=lambda beat: beat[0], default=(None, ()))
        jobs = {state: sum(one.state == state for one in entries) for state in ("todo", "doing", "done", "lost")}
        silent = None if at is None else time.monotonic() - at
        batches = sum(len(one.batches) for one in entries)
        return SiteProgress(site=site, **jobs, batches=batches, progress=progress, silent=silent)


@dataclass(frozen=True, slots=True)
class LocalDesk:
    """The desk of one worker in this process."""

    engine: LocalEngine
    site: str
    worker: int

    def take(self) -> TakenJob | None:
        """Return the next job of the site, or None."""
        self.beat(())
        return self.engine.take(self.site, self.worker)

    def hand_in(self, task: TakenJob, number: int, text: str) -> None:
        """Keep a batch of whole turns under its number; once kept it stays as it is."""
        with self.engine.lock:
            entry = self.engine.holding(task, self.worker)
            if number not in entry.batches:
                entry.batches[number], entry.attempts = text, 1

    def finish(self, task: TakenJob) -> None:
        """Say that a job is done."""
        with self.engine.lock:
            self.engine.holding(task, self.worker).state = "done"

    def beat(self, progress: Sequence[Mapping[str, Any]]) -> None:
        """Show that the worker lives, and how far it is."""
        with self.engine.lock:
            self.engine.beats[self.worker] = (self.site, time.monotonic(), tuple(progress))

    def counts(self, run: str, kind: str) -> LoginCounts:
        """Return where the logins of a run are counted, over all its workers."""
        return self.engine.counts(run, kind)
