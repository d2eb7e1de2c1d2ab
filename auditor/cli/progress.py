"""How far a collection is: a bar on a terminal, a plain or JSON line now and then elsewhere, nothing when told to be quiet."""

import json
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from auditor.cli.common import Shared
from auditor.collect.base import Setup
from auditor.model import Target

PAUSE = 5.0
_log = logging.getLogger("auditor.step")
ANSWERS = frozenset({"read", "answered", "login"})


@dataclass(slots=True)
class Watch:
    """Counts what collectors tell; safe from several threads."""

    total: int
    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    told: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: str, target: Target) -> None:
        """Take one event of a collector."""
        _log.debug("%s %s: %s", target.site or "-", target.address, event)
        with self.lock:
            self.counts[event] += 1

    def line(self) -> dict[str, object]:
        """Return the counts, the rate (events a second) and the seconds since the start."""
        with self.lock:
            counts = dict(self.counts)
        seconds = time.monotonic() - self.began
        return {
            "seconds": round(seconds, 1),
            "addresses": self.total,
            **counts,
            "rate": round(sum(counts.values()) / max(seconds, 0.001), 1),
        }


@contextmanager
def watching(setup: Setup, total: int, shared: Shared) -> Iterator[Setup]:
    """Show progress while the block runs; yield the setup whose collectors tell it."""
    watch = Watch(total)
    watched = replace(setup, told=watch.note)
    if shared.quiet or not shared.progress:
        yield watched
        return
    stop = threading.Event()
    teller = threading.Thread(
        target=_bar if sys.stderr.isatty() and shared.log_format == "text" else _lines,
        args=(watch, stop, shared),
        daemon=True,
    )
    teller.start()
    try:
        yield watched
    finally:
        stop.set()
        teller.join()


def _bar(watch: Watch, stop: threading.Event, _shared: Shared) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("reading", total=watch.total)
        while not stop.wait(0.2):
            line = watch.line()
            done = sum(int(str(value)) for key, value in line.items() if key in ANSWERS or key == "unread")
            told = ", ".join(
                f"{value} {key}" for key, value in line.items() if key not in {"seconds", "addresses", "rate"}
            )
            bar.update(task, completed=min(done, watch.total), description=told or "reading")


def _lines(watch: Watch, stop: threading.Event, shared: Shared) -> None:
    while not stop.wait(PAUSE):
        line = watch.line()
        text = (
            json.dumps(line)
            if shared.log_format == "json"
            else ", ".join(f"{key} {value}" for key, value in line.items())
        )
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress on stderr from a thread without click's context
