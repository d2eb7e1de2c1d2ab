"""What commands share: options spelled once, each with its variable, and the values behind them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from auditor.cli.terminal import warn
from auditor.pipeline import FAIL_ON
from auditor.run.conclude import Judging
from auditor.run.home import data_home, now, run_id, store_url
from auditor.run.knowledge import rule_folders

__all__ = ["data_home", "now", "run_id", "store_url"]

F = TypeVar("F", bound=Callable[..., Any])
DATE = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The options `scan`, `import`, `judge` and `demo` have in common."""

    policy: tuple[str, ...] = ()
    as_of: datetime | None = None
    site: str = ""
    format: tuple[str, ...] = ()
    output: str = ""
    store: str = ""
    journal: str = ""
    fail_on: str = "probable"
    rules: tuple[str, ...] = ()
    waivers: str = ""
    redact: str = ""
    quiet: bool = False
    verbose: int = 0
    progress: bool = True
    log_format: str = "text"
    config: str = ""

    @property
    def rule_folders(self) -> list[Path]:
        """Return the user's own rule folders, later ones over earlier ones."""
        return rule_folders(self.rules)

    @property
    def judging(self) -> Judging:
        """Return what records are judged by."""
        return Judging(**{entry.name: getattr(self, entry.name) for entry in fields(Judging)})

    def say(self, message: str) -> None:
        """Tell the person at the terminal something that is not data."""
        if not self.quiet:
            warn(json.dumps({"message": message}) if self.log_format == "json" else message)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Return a click option that also listens to `AUDITOR_<NAME>` and says so."""
    word = next(name for name in names if name.startswith("--")).lstrip("-")
    variable = "AUDITOR_" + word.removeprefix("no-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


STORE = option("--store", metavar="URL|none", default="", help="Where runs are kept: a path, sqlite:///path, or none.")
RULES = option("--rules", multiple=True, metavar="FOLDER", help="Own rules over the built-in ones (repeatable).")
FORMAT = option(
    "-f",
    "--format",
    "format",
    multiple=True,
    metavar="FORMAT",
    help="text, json, jsonl, csv, xlsx, html … (repeatable).",
)
STYLE = option(
    "-f",
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
OUTPUT = option("-o", "--output", default="", metavar="FILE|DIR", help="Write there instead of stdout.")
QUIET = option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
REDACT = option(
    "--redact", metavar="KEY-NAME", default="", help="Hash serials, trim MACs, rename sites; stable under one key."
)
WAIVERS = option(
    "--waivers", default="", metavar="FILE", help="Waivers to honour (default: waivers.toml here, where there is one)."
)
JUDGING = (
    option("--policy", multiple=True, metavar="ID", help="Ask only this policy (repeatable; default: all)."),
    option("--as-of", type=DATE, metavar="DATE", help="Ask the laws of that day (default: today)."),
    option("--site", default="", metavar="NAME", help="The site of devices that name none."),
    FORMAT,
    OUTPUT,
    STORE,
    option("--journal", default="", metavar="FILE", help="Append every observation to this journal."),
    option(
        "--fail-on",
        type=click.Choice(list(FAIL_ON)),
        default="probable",
        show_default=True,
        help="Exit 1 from this verdict on.",
    ),
    RULES,
    WAIVERS,
    REDACT,
    QUIET,
    option("-v", "--verbose", count=True, help="Log each device to stderr; -vv each step too; never a secret."),
    option("--no-progress", "progress", flag_value=False, default=True, help="Show no progress."),
    option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="How messages and logs on stderr are written.",
    ),
)


def judging(command: F) -> F:
    """Give a command the shared options, gathered in one argument, `shared`."""
    import functools

    names = {entry.name for entry in fields(Shared)}

    @functools.wraps(command)
    def gathered(*args: Any, **values: Any) -> Any:
        own = {key: value for key, value in values.items() if key not in names}
        given = {key: value for key, value in values.items() if key in names}
        context = click.get_current_context()
        shared = Shared(**given | {"config": (context.obj or {}).get("config") or ""})
        from auditor.cli.logs import telling

        with telling(shared.verbose, shared.log_format):
            return command(*args, shared=shared, **own)

    wrapped: Any = gathered
    for decorate in reversed(JUDGING):
        wrapped = decorate(wrapped)
    return wrapped  # type: ignore[no-any-return]  # click's decorators keep the callable
