"""Whoever a use case speaks to: a person at a terminal, or nobody but the log."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from auditor.errors import UsageError
from auditor.run.budget import Budget
from auditor.run.meter import Meter

_log = logging.getLogger("auditor.run")


class Person(Protocol):
    """Takes messages, types in secrets and watches a collection."""

    def say(self, message: str) -> None:
        """Take a message that a person who wants quiet can do without."""
        ...

    def warn(self, message: str) -> None:
        """Take a message that must not be missed."""
        ...

    def ask(self, name: str, part: str) -> str:
        """Return a part of a credential, typed in; `UsageError` where nobody is there to type."""
        ...

    def hide(self, veil: Callable[[str], str]) -> None:
        """Pass all that is shown from now on through `veil`, which takes the secrets out of a text."""
        ...

    def watch(self, budget: Budget, meter: Meter) -> AbstractContextManager[None]:
        """Announce the cost before the first packet, then show progress while the block runs."""
        ...


class Absent:
    """Nobody: messages go to the log `auditor.run`, and no secret can be typed in."""

    def say(self, message: str) -> None:
        """Log a message."""
        _log.info("%s", message)

    def warn(self, message: str) -> None:
        """Log a warning."""
        _log.warning("%s", message)

    def ask(self, name: str, part: str) -> str:
        """Refuse: nobody is there to type."""
        raise UsageError(f"the {part} must be typed in, and nobody is there to type", where=f"credential {name}")

    def hide(self, veil: Callable[[str], str]) -> None:
        """Show nothing, so there is nothing to hide."""

    def watch(self, budget: Budget, meter: Meter) -> AbstractContextManager[None]:
        """Show nothing."""
        del budget, meter
        return nullcontext()
