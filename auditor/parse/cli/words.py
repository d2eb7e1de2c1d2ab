"""Which line of a reply states a value of the device: `oui_rules/replies.toml`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from auditor.model import KINDS, Kind, kind_of
from auditor.tables import Section, finish, read_toml

# `Serial Number..... X`, as FASTPATH prints it.
_LEADER = re.compile(r"[ \t]?\.{3,80}[ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One kind of line, or of lines: the fact it states, and where in it the value stands."""

    fact: Kind
    pattern: re.Pattern[str]
    is_across: bool = False

    def read(self, line: str) -> str:
        """Return the value a line states, or an empty string."""
        match = self.pattern.search(plain(line))
        return match["v"].strip() if match else ""


def plain(text: str) -> str:
    """Return text with leaders as colons."""
    return _LEADER.sub(": ", text) if "..." in text else text


@cache
def table() -> tuple[Saying, ...]:
    """Return the table that comes with the program, read once."""
    return load(files("oui_rules").joinpath("replies.toml").read_text(encoding="utf-8"))


def of_line(line: str) -> Iterable[Saying]:
    """Return what one line may state, each to be read; most lines state nothing."""
    together, sifted, others = _sieve()
    if not line.isascii():  # digits and letters of RE2 are those of ASCII
        return (*sifted, *others)
    return (*(sifted[at] for at in together.Match(plain(line)) or ()), *others)


def over_lines() -> Iterable[Saying]:
    """Return what only several lines state together."""
    return (saying for saying in table() if saying.is_across)


@cache
def _sieve() -> tuple[Any, tuple[Saying, ...], tuple[Saying, ...]]:
    """Return the expressions of one line as one automaton, whose they are, and the others."""
    import re2

    options = re2.Options()
    options.log_errors, options.case_sensitive = False, False
    together = re2.Set.SearchSet(options)
    sifted, others = [], []
    for saying in table():
        if saying.is_across:
            continue
        try:
            together.Add(saying.pattern.pattern)
            sifted.append(saying)
        except re2.error:
            others.append(saying)
    together.Compile()
    return together, tuple(sifted), tuple(others)


def load(text: str, name: str = "replies.toml") -> tuple[Saying, ...]:
    """Return the sayings in a table, each tried on its example; raise all problems at once."""
    top = read_toml(text, name)
    sayings = tuple(map(_saying, top.sections("line")))
    finish(top)
    return sayings


def _saying(section: Section) -> Saying:
    fact, regex = kind_of(section.choice("fact", KINDS)), section.text("regex")
    example, says, never = section.text("example"), section.text("says"), section.text("never")
    try:
        saying = Saying(fact=fact, pattern=re.compile(regex, re.IGNORECASE), is_across=section.flag("across"))
    except re.error as exc:
        section.complain(f"no regular expression: {exc}", "regex")
        return Saying(fact=fact, pattern=re.compile(""))
    if "v" not in saying.pattern.groupindex:
        section.complain("must name the value by a group: (?P<v>…)", "regex")
    elif saying.read(example) != says:
        section.complain(f"reads {saying.read(example)!r} out of its example", "says")
    elif saying.read(never):
        section.complain("is read too", "never")
    return saying
