"""How fast packets may go: each sender's pace, and the gate that they share."""

import threading
import time
from collections.abc import Callable
from typing import Self

BURST = 0.01


class StoppedError(Exception):
    """The run was stopped; whoever sees this leaves at once."""


class Gate:
    """What collections side by side share: the rate of the whole run, and the word to stop.

    Safe between threads; zero means no limit.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1.0 / per_second if per_second > 0 else 0.0
        self._clock = clock
        self._next = 0.0
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def book(self, packets: int) -> float:
        """Return the moment from which on so many packets may go; nobody else is given it."""
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
    """Spreads the packets of one sender evenly, and not before the gate's word; zero: no limit.

    `burst` is the seconds of lateness that may be made up for at once; `report` takes the number of packets spent.
    """

    def __init__(
        self,
        per_second: float,
        gate: Gate | None = None,
        *,
        burst: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        report: Callable[[int], None] | None = None,
    ) -> None:
        self.per_second = per_second
        self._gate, self._burst, self._clock, self._report = gate, burst, clock, report
        self._next = 0.0
        self._slot: float | None = None

    def at(self, per_second: float, report: Callable[[int], None]) -> Self:
        """Go on at another rate and report elsewhere; what was sent before still counts."""
        self.per_second, self._report = per_second, report
        return self

    def batch(self, most: int) -> int:
        """Return how many packets may be sent at once, at most a hundredth of a second's worth."""
        return most if self.per_second <= 0 else max(1, min(most, int(self.per_second * BURST)))

    def wait(self, packets: int = 1) -> float:
        """Return the seconds until so many packets may go, 0 for now."""
        at = self._next
        if self._gate is not None:
            if self._slot is None:
                self._slot = self._gate.book(packets)
            at = max(at, self._slot)
        left = at - self._clock()
        return left if left > 0 else 0.0

    def spend(self, packets: int = 1) -> None:
        """Take note of packets sent."""
        self._slot = None
        if self._report is not None:
            self._report(packets)
        if self.per_second > 0:
            start = self._clock() - self._burst
            self._next = (max(self._next, start)) + packets / self.per_second

    def book(self, packets: int) -> float:
        """Return the seconds to wait before so many packets go; they count as sent from now on."""
        wait = self.wait(packets)
        self._slot = None
        if self.per_second > 0:
            self._next = max(self._next, self._clock() + wait) + packets / self.per_second
        return wait
