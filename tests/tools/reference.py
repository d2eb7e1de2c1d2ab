"""The command reference, made from the commands themselves.

`python -m tests.tools.reference --write` refreshes docs/commands.md, the keys in docs/configuration.md, the schema of
auditor.toml, docs/deploy, docs/man.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from auditor.cli import main
from auditor.cli.config_schema import config_schema
from auditor.cli.options import is_path, option_keys
from auditor.targets.keys import page_rows
from tests.tools import deployment, manual

PATH = Path(__file__).parents[2] / "docs" / "commands.md"
SETTINGS = PATH.with_name("configuration.md")
SCHEMA = PATH.parent / "schemas" / "config.schema.json"
TABLES, TABLES_END = "<!-- tables, made by `make docs` -->\n", "<!-- end of tables -->\n"
FIRST, LAST = "<!-- keys, made by `make docs` -->\n", "<!-- end of keys -->\n"
HEAD = """# Commands

Made by `make docs` from the commands' own help; a test fails when the two differ. Every option also has a key under
`[options]` in `auditor.toml`, spelled as on the command line ([configuration](configuration.md)). Order: command line,
environment, `auditor.toml` here, then `$XDG_CONFIG_HOME/auditor/`, then `/etc/auditor/`.
"""


def reference() -> str:
    """Return the page."""
    return HEAD + "".join(f"\n## {name}\n\n```\n{text}\n```\n" for name, text in helps(main, "auditor"))


def helps(command: click.Command, word: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """Yield each command with its help as a terminal 100 columns wide shows it."""
    settings = {"terminal_width": 100, "max_content_width": 100, **command.context_settings}
    context = click.Context(command, info_name=word, parent=parent, **settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from helps(child, name, context)


def keys_table() -> str:
    """Return the table of all keys of `[options]`: what each takes, which commands have it."""
    rows: dict[str, tuple[set[str], list[str]]] = {}
    for words, keys in option_keys(main).items():
        for name, key in keys.items():
            takes, commands = rows.setdefault(name, (set(), []))
            takes.add(_takes(key.option))
            commands.append(" ".join(words))
    lines = [
        f"| `{name}` | {' or '.join(sorted(takes))} | {', '.join(on)} |" for name, (takes, on) in sorted(rows.items())
    ]
    return "\n".join(["| Key | Value | Commands |", "| --- | --- | --- |", *lines]) + "\n"


def _takes(option: click.Option) -> str:
    """Return in words what a key takes."""
    if option.count:
        return "whole number"
    if option.is_flag:
        return "`true` or `false`"
    kind = "number" if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType) else "text"
    kind = "date" if isinstance(option.type, click.DateTime) else kind
    kind = "path" if is_path(option, "x") else kind
    return f"{option.nargs} {kind}s" if option.nargs > 1 else f"list of {kind}s" if option.multiple else kind


def settings() -> str:
    """Return the page on the configuration with both tables of keys as they are now."""
    page = SETTINGS.read_text(encoding="utf-8")
    for first, last, table in ((FIRST, LAST, keys_table()), (TABLES, TABLES_END, page_rows())):
        before, _, rest = page.partition(first)
        page = before + first + "\n" + table + "\n" + last + rest.partition(last)[2]
    return page


def schema() -> str:
    """Return the JSON Schema of auditor.toml as it is now."""
    return json.dumps(config_schema(main), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PATH.write_text(reference(), encoding="utf-8")
        SETTINGS.write_text(settings(), encoding="utf-8")
        SCHEMA.write_text(schema(), encoding="utf-8")
        deployment.refresh()
        manual.write()
    else:
        print(reference())  # noqa: T201 - the point of running it
