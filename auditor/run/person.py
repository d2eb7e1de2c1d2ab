"""Whoever a use case speaks to: a person at a terminal, or nobody but the log."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from auditor.targets.secrets import nobody_to_ask

if TYPE_CHECKING:
    from auditor.run.budget import Budget
    from auditor.run.meter import Meter

_log = logging.getLogger("auditor.run")


class Person(Protocol):
    """Takes messages, types in secrets, watches a collection; unless overridden, as nobody does."""

    def say(self, message: str) -> None:
        """Take a message that a person who wants quiet can do without."""
        _log.info("%s", message)

    def warn(self, message: str) -> None:
        """Take a message that must not be missed."""
        _log.warning("%s", message)

    def line(self, message: str) -> str:
        """Return a message as it is written on stderr where nothing but that may be done."""
        return f"\n{message}\n"

    def answer(self, question: str, default: str) -> str:
        """Return the answer to a question; whoever is not there takes the default."""
        del question
        return default

    def ask(self, name: str, part: str) -> str:
        """Return a part of a credential, typed in; `UsageError` where nobody is there to type."""
        return nobody_to_ask(name, part)

    def hide(self, veil: Callable[[str], str]) -> None:
        """Pass all that is shown from now on through `veil`, which takes the secrets out of a text."""
        del veil

    def watch(self, _budget: "Budget", _meter: "Meter") -> AbstractContextManager[None]:
        """Announce the cost before the first packet, then show progress while the block runs."""
        return nullcontext()


class Absent(Person):
    """Nobody: messages go to the log `auditor.run`, and no secret can be typed in."""
