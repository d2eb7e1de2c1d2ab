"""The progress of a collection on stderr: bars on a terminal, else a line now and then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from auditor import normal
from auditor.cli.terminal import log

if TYPE_CHECKING:
    from auditor.run.meter import Meter

PAUSE = 5.0
BARS = 12
WORDS = {"sweep": "looking who answers", "snmp": "reading over SNMP", "probe": "listening", "ssh": "reading over SSH"}


@contextmanager
def show(meter: "Meter", *, bars: bool) -> Iterator[None]:
    """Show progress while the block runs."""
    stop = threading.Event()
    render = _bars if bars else _lines
    thread = threading.Thread(target=render, args=(meter, stop), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _bars(meter: "Meter", stop: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as bars:
        while not stop.wait(0.2):
            for line in meter.lines()[-BARS:]:
                name = line["site"]
                if name not in tasks:
                    tasks[name] = bars.add_task(heading(line), total=line["total"], pace="")
                bars.update(
                    tasks[name],
                    completed=line["done"],
                    total=line["total"],
                    description=Text(heading(line)).plain,
                    pace=pace(line),
                )


def heading(line: dict[str, Any]) -> str:
    """Return what a line is about: `hq: reading over SNMP`."""
    site = normal.one_line(line["site"])
    word = WORDS.get(line["stage"], line["stage"])
    return f"{site}: {word}" if site else word


def pace(line: dict[str, Any]) -> str:
    """Return rate, time left and counts in words: `120/s, 2 min left; 40 read, 3 unread`."""
    from auditor.run.meter import SHOWN

    left = "" if line["left"] is None else f", {duration(line['left'])} left"
    counts = ", ".join(f"{line[word]} {word}" for word in SHOWN if word in line)
    return f"{line['rate']}/s{left}" + (f"; {counts}" if counts else "")


def duration(seconds: float) -> str:
    """Return a length of time as people say it."""
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} s"


def _lines(meter: "Meter", stop: threading.Event) -> None:
    before: dict[str, dict[str, Any]] = {}
    while not stop.wait(PAUSE):
        for line in meter.lines():
            # A site whose stage is over is told of once more, then no longer.
            was = before.get(line["site"])
            if was is not None and was["done"] == line["done"] == line["total"]:
                continue
            before[line["site"]] = line
            text = f"{heading(line)}, {line['done']} of {line['total']}, {pace(line)}"
            log("info", text, type="progress", **line)
