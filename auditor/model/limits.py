"""How gently devices are treated; the keys of `[limits]` in a configuration are fields."""

from dataclasses import dataclass, replace
from typing import Self

_VARBINDS, _CAREFUL_VARBINDS = 160, 16
_CAREFUL_PACE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How gently devices are treated and how much of them is believed.

    Seconds, packets per second (zero means no limit), octets, counts. `retries` come after the first attempt;
    `max_rows` bounds each column of a table and `max_output` the reply to a command.
    """

    timeout: float = 2.0
    retries: int = 2
    deadline: float = 120.0
    packets_per_second: float = 100.0
    in_flight: int = 1024
    sessions: int = 64
    max_rows: int = 200_000
    max_output: int = 4_000_000
    max_failed_logins: int = 3
    careful: bool = False

    @property
    def varbinds(self) -> int:
        """Return how many variables are asked for in one GETBULK at most."""
        return _CAREFUL_VARBINDS if self.careful else _VARBINDS

    def gentle(self) -> Self:
        """Return limits for fragile networks: one device at a time, ten packets a second at most."""
        rate = self.packets_per_second
        slow = min(rate, _CAREFUL_PACE) if rate > 0 else _CAREFUL_PACE
        return replace(self, careful=True, in_flight=1, sessions=1, packets_per_second=slow)
