"""What commands share: options spelled from their one declaration, each with its variable."""

import functools
from collections.abc import Callable
from dataclasses import Field, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import click

from auditor.cli import values
from auditor.cli.logs import logging_to_stderr
from auditor.cli.person import AtTerminal
from auditor.run.options import Judging, Option

F = TypeVar("F", bound=Callable[..., Any])
DATE = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OWN_FOLDER = click.Path(file_okay=False, path_type=Path)
# Types of fields that are no plain text.
TYPES: dict[Any, click.types.ParamType[Any]] = {
    float: click.FloatRange(0),
    int: click.IntRange(0),
    datetime | None: DATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonOptions(Judging):
    """What `scan`, `import` and `judge` share: the judging, the reports, the way to speak."""

    format: Annotated[
        tuple[str, ...], Option("text, json, jsonl, csv, xlsx, html … (repeatable).", short="-f", metavar="FORMAT")
    ] = ()
    output: Annotated[str, Option("Write there instead of stdout.", short="-o", metavar="FILE|DIR")] = ""
    stable: Annotated[
        bool, Option("In a folder, call reports the same every time (audit.html) and replace them whole.")
    ] = False
    redact: Annotated[
        str, Option("Hash serials, trim MACs, rename sites; stable under one key.", metavar="KEY-NAME")
    ] = ""
    quiet: Annotated[bool, Option("Say nothing on stderr but errors.", short="-q")] = False
    verbose: Annotated[int, Option("Log each device to stderr; -vv each step too; never a secret.", short="-v")] = 0
    progress: Annotated[bool, Option("Show no progress.")] = True
    log_format: Annotated[str, Option("How messages and logs on stderr are written.", choices=("text", "json"))] = (
        "text"
    )

    @property
    def person(self) -> AtTerminal:
        """Return the person at the terminal."""
        return AtTerminal(quiet=self.quiet, progress=self.progress)


def config_file() -> str:
    """Return the file named by `auditor --config`, or nothing."""
    return click.get_current_context().find_object(str) or ""


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Return a click option that also listens to `AUDITOR_<NAME>` and says so."""
    word = next(name for name in names if name.startswith("--")).lstrip("-").partition("/")[0]
    variable = "AUDITOR_" + word.removeprefix("no-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


def styles(*names: str) -> Callable[[F], F]:
    """Return the option that chooses how a command prints, as text unless told otherwise."""
    choice = click.Choice(names)
    return option("-f", "--format", "style", type=choice, default="text", show_default=True, help="How to print it.")


def options_of(request: type) -> dict[str, Callable[[F], F]]:
    """Return the options a request declares, by the names of its fields."""
    hints = get_type_hints(request, include_extras=True)
    entries = [(entry, hints[entry.name]) for entry in fields(request)]
    return {
        entry.name: _click_option(entry, hint.__origin__, option)
        for entry, hint in entries
        for option in getattr(hint, "__metadata__", ())
    }


def _click_option(entry: "Field[Any]", kind: Any, declaration: Option) -> Callable[[F], F]:
    """Return one option as its field means it: the type says what values it takes."""
    word = entry.name.replace("_", "-")
    settings: dict[str, Any] = {"help": declaration.help, "default": entry.default}
    if kind is bool:
        settings |= {"flag_value": False} if entry.default else {"is_flag": True}
        word = f"no-{word}" if entry.default else word
    elif kind is int and not declaration.metavar:
        settings["count"] = True
    else:
        settings |= {
            "metavar": declaration.metavar or None,
            "multiple": kind == tuple[str, ...],
            "show_default": declaration.shows_default,
            "type": click.Choice(declaration.choices) if declaration.choices else TYPES.get(kind),
            "shell_complete": values.OF_OPTIONS.get(entry.name, values.OF_METAVARS.get(declaration.metavar)),
        }
    return option(*filter(None, (declaration.short, f"--{word}", *declaration.also)), entry.name, **settings)


_SHARED = options_of(CommonOptions)
STORE, RULES, WAIVERS = _SHARED["store"], _SHARED["rules"], _SHARED["waivers"]
POLICY, COUNTRY = _SHARED["policy"], _SHARED["country"]
FORMAT, OUTPUT, STABLE, REDACT, QUIET = (_SHARED[name] for name in ("format", "output", "stable", "redact", "quiet"))
STYLE = styles("text", "json")


def takes(request: type, name: str) -> Callable[[F], F]:
    """Return a decorator that gives a command the options of a request in one argument."""
    names = {entry.name for entry in fields(request)}

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def with_request(*args: Any, **values: Any) -> Any:
            own = {key: values.pop(key) for key in names & set(values)}
            return command(*args, **values, **{name: request(**own)})

        outer: Any = with_request
        for one in reversed(options_of(request).values()):
            outer = one(outer)
        return outer  # type: ignore[no-any-return]  # click's decorators keep the callable

    return decorate


def judging(command: F) -> F:
    """Give a command the argument `common`, its options, and log as they say while it runs."""

    @functools.wraps(command)
    def with_log(*args: Any, common: CommonOptions, **values: Any) -> Any:
        with logging_to_stderr(common.verbose):
            return command(*args, common=replace(common, config=config_file()), **values)

    return takes(CommonOptions, "common")(with_log)  # type: ignore[return-value]  # the same command
