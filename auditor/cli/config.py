"""`auditor config`: what is in force and where it comes from, and what the file may say."""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

import click

from auditor.cli.common import STYLE, config_file, option
from auditor.cli.options import defaults, option_keys
from auditor.cli.terminal import tell, tell_line
from auditor.errors import UsageError
from auditor.run.configuration import paths
from auditor.run.in_force import DEFAULT, ValueInForce, shown, values_in_files
from auditor.targets.config import load


@click.group("config", short_help="Show what is in force, and where each value comes from.")
def config_command() -> None:
    """Show what is in force, and where each value comes from."""


@config_command.command("show")
@click.argument("words", nargs=-1, metavar="[COMMAND]…")
@STYLE
@option("--origin/--no-origin", default=True, help="Say where each value comes from; -f json always does.")
@click.pass_context
def show_command(ctx: click.Context, words: tuple[str, ...], style: str, origin: bool) -> None:  # noqa: FBT001 - a flag
    """Show options of COMMAND (default: scan) and what auditor.toml says, each with its origin.

    Secrets are named, never shown. Nothing is contacted.
    """
    files = paths(config_file())
    values = [*_options(ctx.find_root(), words or ("scan",)), *values_in_files(files)]
    if style == "json":
        rows = [{"key": one.key, "value": one.value, "from": one.origin} for one in values]
        tell(json.dumps(rows, indent=1, default=str, ensure_ascii=False))
    else:
        for one in values:
            remark = f"  # {one.origin}" if origin else ""
            tell_line(f"{one.key} = {json.dumps(one.value, default=str, ensure_ascii=False)}{remark}")


@config_command.command("schema")
@click.pass_context
def schema_command(ctx: click.Context) -> None:
    """Print the JSON Schema of auditor.toml, for editors that complete and check what is typed."""
    from auditor.cli.config_schema import config_schema

    tell(json.dumps(config_schema(ctx.find_root().command), indent=1, ensure_ascii=False))


def _options(root: click.Context, words: tuple[str, ...]) -> Iterator[ValueInForce]:
    """Yield the options of a command: from a variable, else the nearest file, else the default."""
    commands = option_keys(root.command)
    if words not in commands:
        raise UsageError(f"'{' '.join(words)}' is no command with options", where="COMMAND")
    tables = load(paths(config_file())).options
    merged = defaults(tables, words, commands)
    origins = {name: str(table.path) for table in reversed(tables) for name in defaults([table], words, commands)}
    for word, key in commands[words].items():
        if key.inverse:
            continue
        context = click.Context(click.Command(words[-1]), parent=root)
        value: Any = key.option.value_from_envvar(context)
        if value is not None:
            value, origin = key.option.type_cast_value(context, value), str(key.option.envvar)
        elif key.name in merged:
            value, origin = merged[key.name], origins[key.name]
        else:
            value, origin = key.option.get_default(context), DEFAULT
            # An option without a default has a mark of click's in its place.
            value = None if isinstance(value, Enum) else value
        yield ValueInForce(key=word, value=_plain(value), origin=origin)


def _plain(value: object) -> object:
    return [shown(one) for one in value] if isinstance(value, list | tuple) else shown(value)
