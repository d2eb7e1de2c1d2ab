"""The person at the terminal: messages, secrets typed in unseen, progress of a collection."""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from auditor import normal
from auditor.cli import logs, plan, progress
from auditor.cli.terminal import is_watched, warn
from auditor.targets.secrets import nobody_to_ask

if TYPE_CHECKING:
    from auditor.run.budget import Budget
    from auditor.run.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTerminal:
    """How to speak to a person: `quiet` leaves errors and warnings, `log_format` is text, json."""

    quiet: bool = False
    progress: bool = True
    log_format: str = "text"

    def say(self, message: str) -> None:
        """Print something that is not data."""
        if not self.quiet:
            warn(json.dumps({"message": message}) if self.log_format == "json" else message)

    def warn(self, message: str) -> None:
        """Print a warning."""
        warn(json.dumps({"message": message}) if self.log_format == "json" else f"auditor: {message}")

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
        as_json = self.log_format == "json"
        return progress.show(meter, as_json=as_json, bars=is_watched() and not as_json)
