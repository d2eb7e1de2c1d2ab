"""What the pages of the documentation show of a terminal, run and compared.

A block marked `console` holds commands after `$ ` and, below each, what it prints; `…` stands for anything within a
line, a line of `…` alone for any lines. A block marked `toml` whose first line is `# auditor.toml` is written there.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from auditor.cli import main

FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
ANY = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One command of a page with the lines it is said to print."""

    page: str
    command: str
    lines: tuple[str, ...]

    def fits(self, output: str) -> bool:
        """Tell whether an output is what the page shows; blanks at the ends of lines do not count."""
        pattern = "".join(
            r"(?:[^\n]*\n)*?" if line.strip() == ANY else _pattern(line) + r"[ \t]*\n" for line in self.lines
        )
        return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in output.splitlines())) is not None


def _pattern(line: str) -> str:
    return "[^\n]*".join(map(re.escape, line.rstrip().split(ANY)))


def steps(page: Path) -> Iterator[Shown | str]:
    """Yield the commands of a page in order, and the text of auditor.toml where it stands between them."""
    for language, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "toml" and body.startswith("# auditor.toml\n"):
            yield body
        elif language == "console":
            for part in re.split(r"(?m)^\$ ", body)[1:]:
                command, *lines = part.rstrip("\n").split("\n")
                while command.endswith("\\") and lines:
                    command = command[:-1] + lines.pop(0).strip()
                yield Shown(page=page.name, command=command, lines=tuple(lines))


def faults(page: Path, run: Callable[[str], str], folder: Path) -> Iterator[str]:
    """Run every command of a page in a folder and yield those that print something else."""
    for step in steps(page):
        if isinstance(step, str):
            (folder / "auditor.toml").write_text(step, encoding="utf-8")
            continue
        output = run(step.command)
        if not step.fits(output):
            yield f"{step.page}: $ {step.command}\nprinted:\n{output}"


def words_of(page: Path) -> Iterator[list[str]]:
    """Yield the words of every line of a page's blocks that calls `auditor`, remarks left out."""
    for _, body in FENCE.findall(page.read_text(encoding="utf-8")):
        joined = re.sub(r"\\\n\s*", " ", body)
        for line in joined.splitlines():
            found = re.match(r"(?:\$ |(?:\S+/)?)auditor (.+)", line.strip())
            if found and not re.search(r"[…|<>]|\.\.\.|\$\(", found[1].partition("  #")[0]):
                yield shlex.split(found[1], comments=True)


def misuse(words: list[str]) -> str:
    """Return what click says against a command line as it is parsed, or nothing; none is run."""
    command: click.Command = main
    context = click.Context(main, info_name="auditor")
    while True:
        try:
            _, words, _ = command.make_parser(context).parse_args(args=list(words))
        except click.UsageError as exc:
            return exc.format_message()
        if not isinstance(command, click.Group) or not words:
            return ""
        below = command.get_command(context, words[0])
        if below is None:
            return f"no command {words[0]}"
        command, words = below, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
