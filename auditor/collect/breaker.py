"""A breaker against locked accounts: how many logins may fail, how many may be under way."""

import threading
import time
from dataclasses import dataclass


@dataclass(slots=True)
class _Count:
    refusals: int = 0
    proven: int = 0
    under_way: int = 0


class Breaker:
    """Counts wrong logins per credential over a whole run; safe to share between threads.

    Until a credential has worked somewhere, no more logins are under way than may still fail, so a wrong password on
    200 devices costs `limit` failures and not as many as there are threads. Every success lets one more be under way.
    """

    def __init__(self, limit: int) -> None:
        self._limit = max(1, limit)
        self._counts: dict[str, _Count] = {}
        self._changed = threading.Condition()

    def enter(self, credential: str, deadline: float) -> bool:
        """Wait for a turn to log in until `deadline` (monotonic); false where there is none."""
        with self._changed:
            count = self._counts.setdefault(credential, _Count())
            while count.refusals < self._limit and count.under_way >= self._room(count):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            if count.refusals >= self._limit:
                return False
            count.under_way += 1
            return True

    def leave(self, credential: str, *, success: bool | None) -> None:
        """Note how a login ended: accepted, refused, or nothing where the device never answered."""
        with self._changed:
            self._counts[credential].under_way -= 1
        self.note(credential, success=success)

    def note(self, credential: str, *, success: bool | None) -> None:
        """Note how a login ended that needed no turn."""
        with self._changed:
            count = self._counts.setdefault(credential, _Count())
            count.refusals += success is False
            count.proven += success is True
            self._changed.notify_all()

    def open(self, credential: str) -> bool:
        """Tell whether a credential has failed too often to be tried again in this run."""
        return self.failures(credential) >= self._limit

    def failures(self, credential: str) -> int:
        """Return how often a credential was refused."""
        with self._changed:
            return self._counts.get(credential, _Count()).refusals

    def works(self, credential: str) -> bool:
        """Tell whether a credential has opened any device."""
        with self._changed:
            return self._counts.get(credential, _Count()).proven > 0

    def _room(self, count: _Count) -> int:
        return max(1, self._limit - count.refusals + count.proven)
