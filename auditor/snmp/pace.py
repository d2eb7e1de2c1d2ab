"""How fast packets may go: each sender's own pace, and the gate that senders side by side share."""

import threading
import time
from collections.abc import Callable

BURST = 0.01


class StoppedError(Exception):
    """The run was stopped; whoever sees this leaves at once."""


class Gate:
    """What collections side by side share: the rate of the whole run, and the word to stop. Safe between threads; zero means no limit."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1.0 / per_second if per_second > 0 else 0.0
        self._clock = clock
        self._next = 0.0
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def book(self, packets: int) -> float:
        """Return the moment from which on so many packets may go; no other sender is given the same one."""
        self.check()
        with self._lock:
            at = max(self._next, self._clock() - BURST)
            self._next = at + packets * self._gap
            return at

    def close(self) -> None:
        """Stop everybody."""
        self._closed.set()

    def check(self) -> None:
        """Raise `StoppedError` once the gate is closed."""
        if self._closed.is_set():
            raise StoppedError


class Pace:
    """Spreads packets evenly: never more than a hundredth of a second's worth at once, and where there is a gate not before its word."""

    def __init__(self, per_second: float, gate: Gate | None = None) -> None:
        self._gap = 1.0 / per_second if per_second > 0 else 0.0
        self._next = 0.0
        self._gate = gate
        self._booked: float | None = None

    def wait(self, now: float) -> float:
        """Return the seconds until the next packet may go, 0 for now."""
        own = max(0.0, self._next - now)
        if self._gate is None or own:
            return own
        if self._booked is None:
            self._booked = self._gate.book(1)
        return max(0.0, self._booked - now)

    def spend(self, now: float) -> None:
        """Take note of one packet sent."""
        self._next = max(self._next, now - BURST) + self._gap
        self._booked = None
