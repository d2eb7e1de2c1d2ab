"""Stopping a run: the first Ctrl-C or SIGTERM winds it down, the second ends it at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a signal stop the block as `KeyboardInterrupt`; a second one ends the process.

    Whatever was read is in the journal already.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _wind_down) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wind_down(_number: int, _frame: FrameType | None) -> None:
    for number in STOPS:
        signal.signal(number, _end)
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"\nauditor: stopping; once more to end at once\n")
    raise KeyboardInterrupt


def _end(_number: int, _frame: FrameType | None) -> None:
    # Threads that wait for a device would hold up any politer way out.
    os._exit(INTERRUPTED)
