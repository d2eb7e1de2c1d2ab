"""The command reference, made from the commands themselves: `python -m tests.reference --write` refreshes docs/commands.md."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from auditor.cli import main

PATH = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """# Commands

Made by `make docs` from the commands' own help; a test fails when the two differ. Every option with a variable also has a key under
`[options]` in `auditor.toml`, spelled as on the command line. Order: command line, environment, `auditor.toml` here, then
`$XDG_CONFIG_HOME/auditor/`, then `/etc/auditor/`.
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


if __name__ == "__main__":
    if "--write" in sys.argv:
        PATH.write_text(reference(), encoding="utf-8")
    else:
        print(reference())  # noqa: T201 - the point of running it
