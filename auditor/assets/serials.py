"""Texts that stand in place of a serial number: `oui_rules/serials.toml`, read strictly."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from importlib.resources.abc import Traversable
from operator import or_

from auditor import normal
from auditor.tables import Section, file_texts, finish, read_toml

FILE = "serials.toml"
MIN_LENGTH = 6
MIN_DISTINCT = 3
TEXT_CAP = 200
_BETWEEN = re.compile(r"[\s\-_:;,()<>\[\]]+")

IsFiller = Callable[[str], bool]


def is_wording(text: str) -> bool:
    """Tell whether a text is words without a digit: `ask the installer` is no number."""
    return " " in text.strip() and not any(char.isdigit() for char in text)


def tells(serial: str) -> bool:
    """Tell whether a serial can name one box: neither repeated characters nor a few digits."""
    return len(serial) >= MIN_LENGTH and len(set(serial)) >= MIN_DISTINCT


def plain(text: str) -> str:
    """Return a text as letters and digits alone, in lower case and one width."""
    return normal.letters(text[:TEXT_CAP])


def words(text: str) -> list[str]:
    """Return the words of a text, each as letters and digits alone: `Not-Specified` is two."""
    parts = _BETWEEN.split(unicodedata.normalize("NFKC", text[:TEXT_CAP]))
    return [word for part in parts if (word := normal.letters(part))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fillers:
    """What is written in place of a serial: whole texts, words, sequences."""

    exact: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    counting: frozenset[str] = frozenset()

    def __call__(self, text: str) -> bool:
        """Tell whether a text stands where a serial number should and is none."""
        value = plain(text)
        is_sequence = len(value) >= MIN_LENGTH and any(value in sequence for sequence in self.counting)
        return not value or value in self.exact or is_sequence or is_wording(text) or self.words.issuperset(words(text))

    def __or__(self, other: "Fillers") -> "Fillers":
        """Return what either knows."""
        return Fillers(
            exact=self.exact | other.exact, words=self.words | other.words, counting=self.counting | other.counting
        )


@lru_cache(maxsize=8)
def load(text: str, name: str = FILE) -> Fillers:
    """Return what a file lists; an entry twice, or unlike its example, is a `RuleError`."""
    top = read_toml(text, name)
    fillers = Fillers(
        exact=_entries(top, "exact", lambda entry, example: entry == plain(example)),
        words=_entries(top, "word", lambda entry, example: entry.isalpha() and entry in words(example)),
        counting=_entries(top, "counting", lambda entry, example: plain(example) in entry),
    )
    finish(top)
    return fillers


def load_fillers(folders: Iterable[Traversable]) -> Fillers:
    """Return what the files of several folders list together; a folder need not have one."""
    return reduce(or_, (load(text, name) for name, text in file_texts(folders, FILE)), Fillers())


def _entries(top: Section, key: str, shows: Callable[[str, str], bool]) -> frozenset[str]:
    entries: set[str] = set()
    for section in top.sections(key):
        entry, example = section.text("text"), section.text("example")
        if entry != plain(entry):
            section.complain(f"write '{plain(entry)}' for '{entry}'", "text")
        elif entry in entries:
            section.complain(f"'{entry}' stands twice", "text")
        elif example and not shows(entry, example):
            section.complain(f"'{example}' does not show '{entry}'", "example")
        entries.add(entry)
    return frozenset(entries)
