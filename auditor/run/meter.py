"""How far a running collection has got, counted as collectors report it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from auditor.collect.events import CollectEvent, Notice

# The events with which a stage says that it is done with one device, or with one packet.
DONE = {
    "sweep": frozenset({CollectEvent.PACKETS}),
    "snmp": frozenset({CollectEvent.READ, CollectEvent.UNREAD}),
    "enrol": frozenset({CollectEvent.ENROLLED}),
    "probe": frozenset({CollectEvent.PROBED}),
    "ssh": frozenset({CollectEvent.SESSION_OVER}),
}
SHOWN = (
    CollectEvent.ALIVE,
    CollectEvent.READ,
    CollectEvent.UNREAD,
    CollectEvent.PROBED,
    CollectEvent.LOGIN,
    CollectEvent.REFUSED,
)


@dataclass(slots=True)
class StageProgress:
    """One stage at one site: how much of it is done, since when (monotonic seconds)."""

    site: str
    stage: str
    total: int
    start: float
    count: int = 0
    end: float | None = None

    def advance(self, by: int, now: float) -> None:
        """Take note that so much more is done; the clock of a stage that is over stands still."""
        self.count = min(self.total, self.count + by)
        if self.count == self.total and self.end is None:
            self.end = now

    def seconds(self, now: float) -> float:
        """Return the seconds it has taken so far."""
        return (now if self.end is None else self.end) - self.start

    def left(self, now: float) -> float | None:
        """Return the seconds left at this rate; none where it is not known yet, or nothing is left."""
        if self.count == 0 or self.end is not None:
            return None
        return (self.total - self.count) * self.seconds(now) / self.count


@dataclass(slots=True)
class Meter:
    """Counts what collectors report; safe from several threads."""

    clock: Callable[[], float] = time.monotonic
    start: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    stages: dict[str, StageProgress] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.start = self.clock()

    def begin(self, site: str, stage: str, total: int) -> None:
        """Begin a stage at a site, over so many devices, or packets where it is the sweep."""
        with self.lock:
            self.stages[site] = StageProgress(site, stage, total, self.clock())

    def note(self, notice: Notice) -> None:
        """Take what a collector reports."""
        with self.lock:
            self.counts[notice.event] += notice.count
            progress = self.stages.get(notice.target.site)
            if progress is not None and notice.event in DONE.get(progress.stage, ()):
                progress.advance(notice.count, self.clock())

    def lines(self) -> list[dict[str, Any]]:
        """Return a line for each site under way: stage, progress, seconds left, counts of the run."""
        with self.lock:
            now = self.clock()
            counts = {event.value: self.counts[event] for event in SHOWN if self.counts[event]}
            return [self._line(progress, now) | counts for progress in self.stages.values()]

    def _line(self, progress: StageProgress, now: float) -> dict[str, Any]:
        left = progress.left(now)
        return {
            "seconds": round(now - self.start, 1),
            "site": progress.site,
            "stage": progress.stage,
            "done": progress.count,
            "total": progress.total,
            "rate": round(progress.count / max(progress.seconds(now), 0.001), 1),
            "left": None if left is None else round(left, 1),
        }
