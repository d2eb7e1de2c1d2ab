"""How fast packets may go: each sender's pace, and the gate that they share."""

import threading
import time
from collections.abc import Callable
from typing import Self

BURST = 0.01
_LOOK = 0.2
# Octets of a full TCP segment over Ethernet (RFC 9293 3.7.1), less the options a kernel sends.
SEGMENT = 1_448
# A kernel acknowledges every second full segment at least (RFC 1122 4.2.3.2).
ACKNOWLEDGED = 2 * SEGMENT


class StoppedError(Exception):
    """The run was stopped; whoever sees this leaves at once."""


class Moments:
    """The next free moment (monotonic seconds), handed out to whoever asks in this process."""

    def __init__(self) -> None:
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self, now: float, seconds: float) -> float:
        """Return the moment of whoever asks now; the next is so many seconds later."""
        with self._lock:
            at = max(self._next, now - BURST)
            self._next = at + seconds
            return at


class Gate:
    """What collections side by side share: the rate of all of them, and the word to stop.

    Safe between threads; zero means no limit. `above` is the gate of the whole run, which counts every packet too;
    `moments` may be shared with other programs.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        above: "Gate | None" = None,
        moments: Moments | None = None,
    ) -> None:
        self._gap = 1.0 / per_second if per_second > 0 else 0.0
        self._clock, self._above = clock, above
        self._moments = moments or Moments()
        self._closed = threading.Event()

    def book(self, packets: int) -> float:
        """Return the moment from which on so many packets may go; nobody else is given it."""
        self.check()
        at = 0.0 if self._above is None else self._above.book(packets)
        return max(at, self._moments.take(self._clock(), packets * self._gap)) if self._gap else at

    def admit(self, packets: int = 1) -> None:
        """Wait until so many packets may go; `StoppedError` where the gate closes meanwhile."""
        at = self.book(packets)
        while (left := at - self._clock()) > 0:
            self.check()
            time.sleep(min(left, _LOOK))

    def close(self) -> None:
        """Stop everybody."""
        self._closed.set()

    def check(self) -> None:
        """Raise `StoppedError` once the gate is closed."""
        if self._closed.is_set():
            raise StoppedError
        if self._above is not None:
            self._above.check()


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
        """Take note of packets sent, those the kernel sent by itself too."""
        if self._slot is None and self._gate is not None:
            self._gate.book(packets)
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
