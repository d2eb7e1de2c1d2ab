"""What is logged on stderr, warnings of libraries too: no secret, no line a device forges."""

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from auditor import normal
from auditor.cli.terminal import is_json, lament, log, warn

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_CAP = 4_000

Veil = Callable[[str], str]


class StderrLog(logging.Handler):
    """Writes records to stderr, a line each; all passes the veils first, tracebacks included."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
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
        at, word = datetime.fromtimestamp(record.created, UTC), record.levelname.lower()
        if is_json():
            log(word, text, at, logger=record.name)
        else:
            time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            log(word, f"{time} {word} {record.name}: {normal.one_line(text, _CAP)}")


@contextmanager
def last_resort() -> Iterator[None]:
    """Take what else would reach stderr in a shape of its own, while the block runs.

    That are records nobody logs, Python's warnings, and whatever fails in a thread or while something is thrown away.
    A test runner that takes these itself is left to it.
    """
    before = logging.lastResort, warnings.showwarning, threading.excepthook, sys.unraisablehook
    logging.lastResort = StderrLog(logging.WARNING)
    warnings.showwarning = _show_warning
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _show_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _show_unraisable
    try:
        yield
    finally:
        logging.lastResort, warnings.showwarning, threading.excepthook, sys.unraisablehook = before


def _show_warning(message: Warning | str, category: type[Warning], *_where: object, **_more: object) -> None:
    warn(f"{category.__name__}: {message}")


def _show_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        lament("".join(traceback.format_exception(failure.exc_value)))


def _show_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    if failure.exc_value is not None:
        lament("".join(traceback.format_exception(failure.exc_value)))


@contextmanager
def logging_to_stderr(verbose: int) -> Iterator[None]:
    """Log to stderr while the block runs: each device at -v, each question at -vv."""
    if not verbose:
        yield
        return
    root, handler = logging.getLogger(), StderrLog()
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
    for handler in (*logging.getLogger().handlers, logging.lastResort):
        if isinstance(handler, StderrLog):
            handler.veils.append(veil)
