"""What a running collection tells: a bar a site on a terminal, a line now and then otherwise, as text or JSON. All on stderr."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from auditor import normal
from auditor.cli.common import Shared
from auditor.cli.terminal import is_watched, warn
from auditor.collect.base import Setup
from auditor.collect.events import CollectEvent, Notice

PAUSE = 5.0
BARS = 12
# The events with which a stage says that it is done with one device, or with one packet.
DONE = {
    "sweep": frozenset({CollectEvent.PACKETS}),
    "snmp": frozenset({CollectEvent.READ, CollectEvent.UNREAD}),
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
class Leg:
    """One stage at one site: how much of it is done, since when (monotonic seconds)."""

    site: str
    stage: str
    total: int
    began: float
    done: int = 0
    ended: float | None = None

    def advance(self, by: int, now: float) -> None:
        """Take note that so much more is done; the clock of a stage that is over stands still."""
        self.done = min(self.total, self.done + by)
        if self.done == self.total and self.ended is None:
            self.ended = now

    def spent(self, now: float) -> float:
        """Return the seconds it has taken so far."""
        return (now if self.ended is None else self.ended) - self.began

    def left(self, now: float) -> float | None:
        """Return the seconds it will still take at this rate; none where nothing is known yet, or nothing is left."""
        if self.done == 0 or self.ended is not None:
            return None
        return (self.total - self.done) * self.spent(now) / self.done


@dataclass(slots=True)
class Watch:
    """Counts what collectors tell; safe from several threads."""

    clock: Callable[[], float] = time.monotonic
    began: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    legs: dict[str, Leg] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def begin(self, site: str, stage: str, total: int) -> None:
        """Take note that a stage begins at a site, over so many devices, or packets where it is the sweep."""
        with self.lock:
            self.legs[site] = Leg(site, stage, total, self.clock())

    def note(self, notice: Notice) -> None:
        """Take what a collector reports."""
        with self.lock:
            self.counts[notice.event] += notice.count
            leg = self.legs.get(notice.target.site)
            if leg is not None and notice.event in DONE.get(leg.stage, ()):
                leg.advance(notice.count, self.clock())

    def lines(self) -> list[dict[str, object]]:
        """Return one line a site under way: its stage, done, total, rate a second, seconds left; and the counts of the run."""
        with self.lock:
            now = self.clock()
            counts = {event.value: self.counts[event] for event in SHOWN if self.counts[event]}
            return [self._line(leg, now) | counts for leg in self.legs.values()]

    def _line(self, leg: Leg, now: float) -> dict[str, object]:
        left = leg.left(now)
        return {
            "seconds": round(now - self.began, 1),
            "site": leg.site,
            "stage": leg.stage,
            "done": leg.done,
            "total": leg.total,
            "rate": round(leg.done / max(leg.spent(now), 0.001), 1),
            "left": None if left is None else round(left, 1),
        }


@contextmanager
def watching(setup: Setup, watch: Watch, shared: Shared) -> Iterator[Setup]:
    """Show progress while the block runs; yield the setup whose collectors tell it."""
    watched = replace(setup, notify=watch.note)
    if shared.quiet or not shared.progress:
        yield watched
        return
    stop = threading.Event()
    tell = _bars if is_watched() and shared.log_format == "text" else _lines
    teller = threading.Thread(target=tell, args=(watch, stop, shared), name="progress", daemon=True)
    teller.start()
    try:
        yield watched
    finally:
        stop.set()
        teller.join()


def _bars(watch: Watch, stop: threading.Event, _shared: Shared) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", markup=False),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as bars:
        while not stop.wait(0.2):
            for line in watch.lines()[-BARS:]:
                name = str(line["site"])
                if name not in tasks:
                    tasks[name] = bars.add_task(headed(line), total=_number(line["total"]), told="")
                bars.update(
                    tasks[name],
                    completed=_number(line["done"]),
                    total=_number(line["total"]),
                    description=Text(headed(line)).plain,
                    told=paced(line),
                )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def headed(line: dict[str, object]) -> str:
    """Return what a line is about: `hq: reading over SNMP`."""
    words = {
        "sweep": "looking who answers",
        "snmp": "reading over SNMP",
        "probe": "listening",
        "ssh": "reading over SSH",
    }
    site = normal.one_line(str(line["site"]))
    word = words.get(str(line["stage"]), str(line["stage"]))
    return f"{site}: {word}" if site else word


def paced(line: dict[str, object]) -> str:
    """Return rate, time left and counts in words: `120/s, 2 min left; 40 read, 3 unread`."""
    left = line["left"]
    pace = f"{line['rate']}/s" + (f", {span(float(left))} left" if isinstance(left, float) else "")
    counts = ", ".join(f"{line[word]} {word}" for word in SHOWN if word in line)
    return f"{pace}; {counts}" if counts else pace


def span(seconds: float) -> str:
    """Return a length of time as people say it."""
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} s"


def _lines(watch: Watch, stop: threading.Event, shared: Shared) -> None:
    told: dict[str, dict[str, object]] = {}
    while not stop.wait(PAUSE):
        for line in watch.lines():
            # A site whose stage is over is told of once more, then no longer.
            was = told.get(str(line["site"]))
            if was is not None and was["done"] == line["done"] == line["total"]:
                continue
            told[str(line["site"])] = line
            text = (
                json.dumps({"type": "progress"} | line)
                if shared.log_format == "json"
                else f"{headed(line)}, {line['done']} of {line['total']}, {paced(line)}"
            )
            warn(text)
