"""What a run logs on stderr at -v and -vv: no secret in it, no line a device could forge."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from auditor import normal
from auditor.cli.terminal import warn

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_CAP = 4_000

Veil = Callable[[str], str]


class StderrLog(logging.Handler):
    """Writes records to stderr, a line each; all passes the veils first, tracebacks included."""

    def __init__(self, shape: str) -> None:
        super().__init__()
        self.shape = shape
        self.veils: list[Veil] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a record that cannot be formatted is told as such and ends nothing."""
        try:
            text = self.format(record)
        except Exception as exc:  # noqa: BLE001 - a library's broken log call is no reason to end a run
            text = f"a record that cannot be shown: {type(exc).__name__}"
        for veil in self.veils:
            text = veil(text)
        text = text[:_CAP]
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        word = record.levelname.lower()
        if self.shape == "json":
            line = json.dumps({"at": at, "level": word, "logger": record.name, "message": text})
        else:
            line = f"{at} {word} {record.name}: {normal.one_line(text, _CAP)}"
        warn(line)


@contextmanager
def logging_to_stderr(verbose: int, shape: str) -> Iterator[None]:
    """Log to stderr while the block runs: each device at -v, each question at -vv."""
    if not verbose:
        yield
        return
    root, handler = logging.getLogger(), StderrLog(shape)
    before = root.level
    root.addHandler(handler)
    root.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def hide(veil: Veil) -> None:
    """Pass all that is logged from now on through `veil`, which takes secrets out of a text."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, StderrLog):
            handler.veils.append(veil)
