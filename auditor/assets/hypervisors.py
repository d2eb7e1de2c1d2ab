"""Hosts of virtual machines and the MACs of their guests: `hypervisors.toml`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from importlib.resources.abc import Traversable
from operator import or_

from auditor import normal
from auditor.model import Fact
from auditor.tables import Section, file_texts, finish, read_toml

FILE = "hypervisors.toml"
_PREFIX = re.compile(r"[0-9A-F]{6,11}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWords:
    """What a host says of itself: a kind of fact, and how it begins or what it holds."""

    fact: str
    begins: str
    holds: str
    name: str

    def fit(self, text: str) -> bool:
        """Tell whether a value of that kind is a host's."""
        line = normal.one_line(text).casefold()
        return line.startswith(self.begins) and self.holds in line


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypervisors:
    """The prefixes of guests' MACs, in lower case, with the program's name; words of hosts."""

    prefixes: Mapping[str, str] = field(default_factory=dict)
    words: tuple[HostWords, ...] = ()
    sizes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(sorted({len(prefix) for prefix in self.prefixes}, reverse=True)))

    def guest(self, digits: str) -> str:
        """Return which program gives such a MAC to its guests, or nothing."""
        for size in self.sizes:
            name = self.prefixes.get(digits[:size])
            if name is not None:
                return name
        return ""

    def host(self, facts: Iterable[Fact]) -> str:
        """Return which program a machine with these words runs, or nothing."""
        kinds = {words.fact for words in self.words}
        names = (
            words.name
            for fact in facts
            if fact.kind in kinds
            for words in self.words
            if words.fact == fact.kind and words.fit(fact.value)
        )
        return min(names, default="")

    def __or__(self, other: "Hypervisors") -> "Hypervisors":
        """Return what either knows."""
        return Hypervisors(prefixes={**self.prefixes, **other.prefixes}, words=(*self.words, *other.words))


@lru_cache(maxsize=8)
def load(text: str, name: str = FILE) -> Hypervisors:
    """Return what a file lists; a prefix of two programs or a false example is a `RuleError`."""
    top = read_toml(text, name)
    prefixes: dict[str, str] = {}
    words: list[HostWords] = []
    for section in top.sections("hypervisor"):
        program = section.text("name")
        section.text("source")
        for prefix in section.texts("prefixes", required=True):
            if not _PREFIX.match(prefix):
                section.complain(f"write '{prefix}' as 6 to 11 hexadecimal digits in capitals", "prefixes")
            elif prefixes.setdefault(prefix.lower(), program) != program:
                section.complain(f"'{prefix}' is of '{prefixes[prefix.lower()]}' already", "prefixes")
        words += [_words(part, program) for part in section.sections("says")]
    finish(top)
    return Hypervisors(prefixes=prefixes, words=tuple(words))


def _words(section: Section, program: str) -> HostWords:
    words = HostWords(
        fact=section.text("fact"),
        begins=section.text("begins", "").casefold(),
        holds=section.text("holds", "").casefold(),
        name=program,
    )
    example, never = section.text("example"), section.text("never")
    if not (words.begins or words.holds):
        section.complain("say how the fact begins or what it holds", "begins")
        return words
    if not words.fit(example):
        section.complain("the example is no host's", "example")
    if words.fit(never):
        section.complain("this is a host's too", "never")
    return words


def load_hypervisors(folders: Iterable[Traversable]) -> Hypervisors:
    """Return what the files of several folders list together; a folder need not have one."""
    return reduce(or_, (load(text, name) for name, text in file_texts(folders, FILE)), Hypervisors())
