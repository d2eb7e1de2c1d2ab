"""How fast a sweep may send: packets a second, spread evenly, and slower where every address costs an ARP request."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from auditor.snmp.pace import Gate

SLICE = 0.01
# An address that is not there is looked for three times in three seconds: 750 of the 1,024 neighbours a kernel keeps (gc_thresh3).
LOCAL_PER_SECOND = 250.0
ROUTES = Path("/proc/net/route")
_UP, _GATEWAY = 1, 2


class Pace:
    """Says how many packets may go now. Over any second never more than `per_second`; zero means no limit.

    `told` hears how many packets went; `gate` is what runs side by side share.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[int], None] = lambda _packets: None,
        gate: Gate | None = None,
    ) -> None:
        self.per_second = per_second
        self._gate = gate
        self._booked: float | None = None
        self._step = 1
        self._told = told
        self._clock = clock
        self._next = clock()

    def at(self, per_second: float, told: Callable[[int], None]) -> Self:
        """Go on at another pace and tell somebody else; what was sent before still counts, so that no second is filled twice."""
        self.per_second, self._told = per_second, told
        return self

    def allows(self, most: int) -> int:
        """Return how many packets may be sent at once, at most a hundredth of a second's worth."""
        self._step = most if self.per_second <= 0 else max(1, min(most, int(self.per_second * SLICE)))
        return self._step

    def wait(self) -> float:
        """Return the seconds until the next packet may go."""
        now = self._clock()
        own = max(0.0, self._next - now) if self.per_second > 0 else 0.0
        if self._gate is None:
            return own
        if self._booked is None:
            self._booked = self._gate.book(self._step)
        return max(own, self._booked - now)

    def spend(self, count: int) -> None:
        """Take note of packets sent."""
        self._told(count)
        self._booked = None
        if self.per_second > 0:
            self._next = max(self._next, self._clock()) + count / self.per_second


def on_link(version: int, pieces: Iterable[range], routes: str | None = None) -> bool:
    """Tell whether any address lies on a network this machine is attached to; asking it costs a broadcast (Linux route table)."""
    attached = _attached(_routes() if routes is None else routes) if version == 4 else []  # noqa: PLR2004 - an IP version
    return any(piece[0] <= last and piece[-1] >= first for first, last in attached for piece in pieces)


def _routes() -> str:
    try:
        return ROUTES.read_bytes().decode("ascii", "replace")
    except OSError:
        return ""


def _attached(routes: str) -> list[tuple[int, int]]:
    found = []
    for line in routes.splitlines()[1:]:
        cells = line.split()
        flags = int(cells[3], 16)
        if flags & _UP and not flags & _GATEWAY and cells[0] != "lo":
            first = int.from_bytes(bytes.fromhex(cells[1]), "little")
            mask = int.from_bytes(bytes.fromhex(cells[7]), "little")
            if mask:
                found.append((first, first | (mask ^ 0xFFFF_FFFF)))
    return found
