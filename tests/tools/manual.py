"""The manual: a page of section 1 for every command, made from the commands themselves.

    python -m tests.tools.manual        writes docs/man/, as `make man` and `make docs` do

click-man does not find commands that are loaded when called, and cuts each name's line after 45 characters.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from auditor.cli import COMMANDS, main
from auditor.version import VERSION

FOLDER = Path(__file__).parents[2] / "docs" / "man"
FILES = (
    ("./auditor.toml", "sites, credentials by name, limits and options; goes before both below"),
    ("$XDG_CONFIG_HOME/auditor/auditor.toml", "the same, of a user"),
    ("/etc/auditor/auditor.toml", "the same, of a machine"),
)
CODES = re.compile(r"Exit codes: (.*)\.\Z", re.DOTALL)


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {f"{path.replace(' ', '-')}.1": page(context) for path, context in contexts(main, "auditor", None)}


def contexts(command: click.Command, word: str, parent: click.Context | None) -> Iterator[tuple[str, click.Context]]:
    """Yield each command below a group, the group first, with its words."""
    context = click.Context(command, info_name=word, parent=parent, **command.context_settings)
    yield context.command_path, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from contexts(below, name, context)


def page(context: click.Context) -> str:
    """Return one page in the man macros of groff(7)."""
    command, name = context.command, context.command_path.replace(" ", "-")
    text, codes = _description(command)
    lines = [
        f'.TH {quoted(name.upper())} 1 "" {quoted(f"auditor {VERSION}")} "auditor manual"',
        ".SH NAME", f"{roff(name)} \\- {roff(_short(context))}",
        ".SH SYNOPSIS", f"\\fB{roff(context.command_path)}\\fR {roff(' '.join(command.collect_usage_pieces(context)))}",
        ".SH DESCRIPTION", *paragraphs(text),
    ]  # fmt: skip
    lines += section("OPTIONS", _options(context))
    if isinstance(command, click.Group):
        lines += section("COMMANDS", _below(command, context))
    lines += section("EXIT STATUS", [code.strip().split(" ", 1) for code in codes])
    lines += section("FILES", FILES if context.parent is None else [])
    return "\n".join([*lines, ".SH SEE ALSO", _others(context), ""])


def _description(command: click.Command) -> tuple[str, list[str]]:
    """Return the help of a command, the exit codes it lists taken out of it."""
    text = str(command.help or "").strip()
    codes = CODES.search(text)
    return (text[: codes.start()].strip(), re.sub(r"\s+", " ", codes[1]).split(";")) if codes else (text, [])


def _short(context: click.Context) -> str:
    words = COMMANDS.get(str(context.info_name), ("", ""))[1] if context.parent and not context.parent.parent else ""
    text = words or context.command.short_help or str(context.command.help or "").partition("\n\n")[0]
    return re.sub(r"\s+", " ", text).strip().rstrip(".")


def _options(context: click.Context) -> list[tuple[str, str]]:
    records = (one.get_help_record(context) for one in context.command.get_params(context))
    return [record for record in records if record and record[1]]


def _below(group: click.Group, context: click.Context) -> list[tuple[str, str]]:
    own = context.command_path.replace(" ", "-")
    below = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [
        (f"{own}-{name}(1)", _short(click.Context(command, info_name=name, parent=context)))
        for name, command in below
        if command
    ]


def _others(context: click.Context) -> str:
    if context.parent is None:
        return "The manual of a command has its words in its name, such as \\fBauditor\\-scan\\fR(1)."
    above = context.parent.command_path.replace(" ", "-")
    names = dict.fromkeys((above, "auditor", "auditor-config-show"))
    return ", ".join(f"\\fB{roff(name)}\\fR(1)" for name in names)


def section(
    title: str, entries: "Iterator[tuple[str, ...]] | list[tuple[str, ...]] | tuple[tuple[str, ...], ...]"
) -> list[str]:
    """Return a section of tagged paragraphs, or nothing where there are no entries."""
    lines = [line for tag, *text in entries for line in (".TP", f"\\fB{roff(tag)}\\fR", roff(" ".join(text)))]
    return [f".SH {title}", *lines] if lines else []


def paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of some paragraphs; one that begins with a backspace keeps its lines."""
    for at, part in enumerate(text.split("\n\n")):
        if at:
            yield ".PP"
        if part.startswith("\b"):
            yield from (".nf", *(roff(line) for line in part.splitlines()[1:]), ".fi")
        else:
            yield roff(re.sub(r"\s+", " ", part.strip()))


def roff(text: str) -> str:
    """Return a text with nothing in it that groff takes for a request."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


def quoted(text: str) -> str:
    """Return one argument of a request."""
    return '"' + roff(text).replace('"', "\\(dq") + '"'


def write() -> None:
    """Write every page anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{len(list(FOLDER.iterdir()))} pages in {FOLDER}\n")
