"""A breaker against locked accounts: how many logins may fail, how many may be under way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

_LOOK = 0.05


@dataclass(slots=True)
class LoginCount:
    """How the logins with one credential went so far, and how many are under way."""

    refusals: int = 0
    proven: int = 0
    under_way: int = 0

    def enter(self, limit: int) -> bool | None:
        """Take a turn; false where none is left, None where another login has to end first.

        Until a credential has worked somewhere, no more logins are under way than may still fail, so a wrong password
        on 200 devices costs `limit` failures and not as many as there are threads. Every success lets one more be under
        way.
        """
        if self.refusals >= limit:
            return False
        if self.under_way >= max(1, limit - self.refusals + self.proven):
            return None
        self.under_way += 1
        return True

    def leave(self, *, turn: bool, success: bool | None) -> None:
        """Note how a login ended, and whether it had taken a turn."""
        self.under_way -= turn
        self.refusals += success is False
        self.proven += success is True


class LoginCounts(Protocol):
    """Where the logins of a run are counted, however many processes read for it."""

    def enter(self, credential: str, limit: int) -> bool | None:
        """Take a turn to log in, as `LoginCount.enter` does."""

    def leave(self, credential: str, *, turn: bool, success: bool | None) -> None:
        """Note how a login ended: accepted, refused, or nothing where the device never answered."""

    def of(self, credential: str) -> LoginCount:
        """Return how the logins with a credential went so far."""

    def wait(self, seconds: float) -> None:
        """Wait until something may have changed, so many seconds at most."""


class LocalCounts:
    """The logins of this process; safe to share between threads."""

    def __init__(self) -> None:
        self._counts: dict[str, LoginCount] = {}
        self._changed = threading.Condition()

    @contextmanager
    def change(self, credential: str) -> Iterator[LoginCount]:
        """Yield a count that nobody else changes meanwhile."""
        with self._changed:
            yield self._counts.setdefault(credential, LoginCount())
            self._changed.notify_all()

    def enter(self, credential: str, limit: int) -> bool | None:
        """Take a turn to log in, as `LoginCount.enter` does."""
        with self.change(credential) as count:
            return count.enter(limit)

    def leave(self, credential: str, *, turn: bool, success: bool | None) -> None:
        """Note how a login ended."""
        with self.change(credential) as count:
            count.leave(turn=turn, success=success)

    def of(self, credential: str) -> LoginCount:
        """Return how the logins with a credential went so far."""
        with self.change(credential) as count:
            return LoginCount(count.refusals, count.proven, count.under_way)

    def wait(self, seconds: float) -> None:
        """Wait until something may have changed, so many seconds at most."""
        with self._changed:
            self._changed.wait(min(seconds, _LOOK))


class Breaker:
    """Stops trying a credential over a whole run once `limit` logins with it were refused."""

    def __init__(self, limit: int, counts: LoginCounts | None = None) -> None:
        self._limit = max(1, limit)
        self._counts = counts or LocalCounts()

    def enter(self, credential: str, deadline: float) -> bool:
        """Wait for a turn to log in until `deadline` (monotonic); false where there is none."""
        while True:
            turn = self._counts.enter(credential, self._limit)
            left = deadline - time.monotonic()
            if turn is not None or left <= 0:
                return bool(turn)
            self._counts.wait(left)

    def leave(self, credential: str, *, success: bool | None) -> None:
        """Note how a login ended: accepted, refused, or nothing where the device never answered."""
        self._counts.leave(credential, turn=True, success=success)

    def note(self, credential: str, *, success: bool | None) -> None:
        """Note how a login ended that needed no turn."""
        self._counts.leave(credential, turn=False, success=success)

    def open(self, credential: str) -> bool:
        """Tell whether a credential has failed too often to be tried again in this run."""
        return self.failures(credential) >= self._limit

    def failures(self, credential: str) -> int:
        """Return how often a credential was refused."""
        return self._counts.of(credential).refusals

    def works(self, credential: str) -> bool:
        """Tell whether a credential has opened any device."""
        return self._counts.of(credential).proven > 0
