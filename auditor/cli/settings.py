"""The configuration as the commands see it: trusted folders, and defaults for options."""

from pathlib import Path
from typing import Any

import click

from auditor import ownership
from auditor.cli.options import defaults, option_keys
from auditor.cli.terminal import shape, warn
from auditor.errors import UsageError
from auditor.run.configuration import paths
from auditor.targets.config import load

DEMO = "demo"
TRUST: dict[str, Any] = {
    "type": click.Path(),
    "multiple": True,
    "metavar": "FOLDER",
    "envvar": "AUDITOR_TRUST",
    "show_envvar": True,
    "expose_value": False,
    "is_eager": True,
    "help": "Use the files in this folder although others could change them (repeatable).",
}


def add_trust(command: click.Command) -> click.Command:
    """Return a command that takes `--trust` and reads the configuration before anything else."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_trust(below)
    elif all(param.name != "trust" for param in command.params):
        command.params.append(click.Option(["--trust"], callback=settle, **TRUST))
    return command


def settle(context: click.Context, _param: click.Parameter, folders: tuple[str, ...]) -> None:
    """Take `--trust` and what the configuration says of options, before any other option."""
    if context.resilient_parsing:
        return
    root = context.find_root()
    name = str(root.params.get("config") or "")
    context.with_resource(ownership.trust(folders))
    config = load(_trusted_files() if not name and context.info_name == DEMO else paths(name))
    context.with_resource(ownership.trust(config.trust))
    if any(file.values for file in config.options):
        context.default_map = values = defaults(config.options, _words(context), option_keys(root.command))
        shape(str(values.get("log_format", "")))


def _words(context: click.Context) -> tuple[str, ...]:
    """Return the words that name a command, without the program's."""
    parent = context.parent
    return (*_words(parent), str(context.info_name)) if parent else ()


def _trusted_files() -> list[Path]:
    """Return the usual files but those others could change: a demo needs none of them."""
    files = []
    for path in paths():
        try:
            ownership.check(path)
        except UsageError as exc:
            warn(f"auditor: passed over: {exc}")
        else:
            files.append(path)
    return files
