"""Stopping a run: the first Ctrl-C or SIGTERM winds it down, the second ends it at once."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130


class SignalInterrupt(KeyboardInterrupt):
    """A signal asked the run to stop.

    Python marks a process in which the very class KeyboardInterrupt left a text it was executing, as it does for each
    dataclass of a module being imported, and ends `python -m` by SIGINT whatever its exit code.
    """


@contextmanager
def stoppable(line: Callable[[str], str] = "\nauditor: {}\n".format) -> Iterator[None]:
    """Let a signal stop the block as `KeyboardInterrupt`; a second one ends the process.

    Whatever was read is in the journal already. `line` makes of a message what is written on stderr.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def wind_down(_number: int, _frame: FrameType | None) -> None:
        for number in STOPS:
            signal.signal(number, _end)
        # Nothing of Python's own may print here: it could be in the middle of a line.
        text = line("stopping; once more to end at once")
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, text.encode())
        raise SignalInterrupt

    before = {number: signal.signal(number, wind_down) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_at_once() -> None:
    """Let the first signal end this process; what others are doing for it goes on."""
    for number in STOPS:
        signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    # Threads that wait for a device would hold up any politer way out.
    os._exit(INTERRUPTED)
