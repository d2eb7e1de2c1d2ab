"""The person at the terminal: messages, secrets typed in unseen, progress of a collection."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditor import normal
from auditor.cli import logs, plan, progress
from auditor.cli.terminal import is_json, is_watched, json_line, note, warn
from auditor.targets.secrets import nobody_to_ask

if TYPE_CHECKING:
    from auditor.run.budget import Budget
    from auditor.run.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTerminal:
    """How to speak to a person: `quiet` leaves errors and warnings."""

    quiet: bool = False
    progress: bool = True

    def say(self, message: str) -> None:
        """Print something that is not data."""
        if not self.quiet:
            note(message)

    def warn(self, message: str) -> None:
        """Print a warning."""
        warn(f"auditor: {message}")

    def line(self, message: str) -> str:
        """Return a message as it is written on stderr, its ends of line with it."""
        return f"{json_line('warning', message)}\n" if is_json() else f"\nauditor: {message}\n"

    def answer(self, question: str, default: str) -> str:
        """Return what a person answers, the default where nobody is there."""
        if not sys.stdin.isatty():
            return default
        return str(click.prompt(question, default=default, err=True))

    def ask(self, name: str, part: str) -> str:
        """Return a secret typed in unseen."""
        if not sys.stdin.isatty():
            return nobody_to_ask(name, part)
        return str(click.prompt(normal.one_line(f"{part} of credential {name}"), hide_input=True, err=True))

    def hide(self, veil: Callable[[str], str]) -> None:
        """Take secrets out of whatever is logged from now on."""
        logs.hide(veil)

    def watch(self, budget: "Budget", meter: "Meter") -> AbstractContextManager[None]:
        """Say what is contacted and at what cost, then show progress."""
        for line in plan.announcement(budget):
            self.say(line)
        if self.quiet or not self.progress:
            return nullcontext()
        return progress.show(meter, bars=is_watched() and not is_json())
