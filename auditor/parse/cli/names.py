"""What titles over columns and names before values mean: `oui_rules/tables.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from auditor import normal
from auditor.model import Kind, kind_of
from auditor.tables import Section, finish, read_toml

# What a title means that is made of words: those it must have, those it may have beside them, and its meaning.
_MEANINGS: tuple[tuple[frozenset[str], frozenset[str], str], ...] = tuple(
    (frozenset(needs.split()), frozenset(f"{needs} {others}".split()), meaning)
    for needs, others, meaning in (
        ("manage address", "ip far system id", "address"), ("manage ip", "address far system id", "address"),
        ("port describe", "far", "portdescr"), ("system describe", "far", "sysdescr"),
        ("chassis describe", "far", "sysdescr"), ("chassis name", "far", "sysname"),
        ("chassis", "far id mac address", "chassis"), ("vlan name", "", "vlan name"), ("vlan", "id", "vlan"),
        ("far port", "id name", "portid"), ("own port", "id name", "local"), ("port", "id name", "port"),
        ("far mac", "address", "chassis"), ("mac", "address id", "mac"), ("far ip", "address", "address"),
        ("ip", "address", "address"), ("far address", "", "address"), ("system name", "far", "sysname"),
        ("far name", "", "sysname"), ("far system", "", "sysname"), ("capability", "far system", "capabilities"),
    )
)  # fmt: skip
_LONGEST_TITLE = 120  # characters; what is longer is looked at, and not kept
_LONGEST = 12  # words run together in one
# Marks, and units such as (s), (min).
_NO_LETTERS = re.compile(r"\((?:s|secs?|seconds|min|m|mins?|minutes)\.?\)|[^\w# ]|_")
# Over columns these are of hardware as well as of software.
_OF_PARTS = frozenset({"version", "release", "description"})
_ASIDE = re.compile(r"\([^()]{0,40}\)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """The lists of `tables.toml`: meanings by title, by name before a value, and of words."""

    titles: Mapping[str, str]
    announcements: Mapping[str, str]
    beside: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]
    before: frozenset[str]
    only_after: frozenset[str]
    never: frozenset[str]
    plate: Mapping[str, tuple[Kind, int]]
    makers: tuple[str, ...]


@cache
def table() -> FieldNames:
    """Return the lists that come with the program, read once."""
    return load(files("oui_rules").joinpath("tables.toml").read_text(encoding="utf-8"))


def load(text: str, name: str = "tables.toml") -> FieldNames:
    """Return the lists of a text; raise all problems at once."""
    top = read_toml(text, name)
    plate, makers = top.section("plate"), top.section("makers").texts("names", required=True)
    names = FieldNames(
        titles=_meanings(top, "titles"),
        announcements=_meanings(top, "announcements"),
        beside=_beside(top.section("beside")),
        words=_meanings(top, "words"),
        before=frozenset(plate.text("before").split()) | frozenset(map(letters, makers)),
        only_after=frozenset(plate.text("only_after").split()),
        never=frozenset(plate.text("never").split()),
        plate=_ranked(plate.section("names")),
        makers=makers,
    )
    finish(top)
    return names


def _beside(section: Section) -> dict[str, dict[str, str]]:
    return {
        key: {name: str(text) for name, text in section.section(key).rest().items()} for key in tuple(section.values)
    }


def _meanings(top: Section, key: str) -> dict[str, str]:
    """Return the meaning of each title in a section; one title with two is a problem."""
    section = top.section(key)
    meanings: dict[str, str] = {}
    for meaning in tuple(section.values):
        for title in section.text(meaning).split():
            if title in meanings:
                section.complain(f"'{title}' stands under '{meanings[title]}' too", meaning)
            meanings[title] = meaning
    return meanings


def _ranked(section: Section) -> dict[str, tuple[Kind, int]]:
    """Return the kind of each name of a nameplate, and how close it is."""
    kinds = tuple(section.values)
    return {name: (kind_of(kind), rank) for kind in kinds for rank, name in enumerate(section.text(kind).split())}


def of_title(text: str) -> str:
    """Return what a title over a column means, or an empty string."""
    return _of_title(text) if len(text) <= _LONGEST_TITLE else ""


@lru_cache(maxsize=2048)
def _of_title(text: str) -> str:
    if meaning := table().titles.get(letters(text)) or _of_words(text):
        return meaning
    first = re.split(r"[/\[]", text)[0].strip()  # `Vlan/SrvcId[:ID]`
    return of_title(first) if first and first != text else ""


@lru_cache(maxsize=2048)
def of_name(text: str, *, is_listed: bool = False) -> str:
    """Return what a name before a value of LLDP or CDP means, or an empty string."""
    meaning = table().announcements.get(letters(text), "")
    return meaning or ("" if is_listed else _ANNOUNCED.get(_of_words(text), ""))


@lru_cache(maxsize=2048)
def of_plate(text: str, *, in_table: bool = False) -> tuple[Kind, int, str] | None:
    """Return kind, rank and plain form of a name before a value of the device, else None."""
    lists, words = table(), letters(_ASIDE.sub("", text.replace("/", ""))).replace("#", "")
    if in_table and words in _OF_PARTS:
        return None
    name, is_after = words, in_table
    while name not in lists.plate or (name in lists.only_after and not is_after):
        start = next((end for end in range(len(name) - 1, 0, -1) if name[:end] in lists.before), 0)
        if not start or name in lists.never:
            return None
        name, is_after = name[start:], True
    return (*lists.plate[name], name)


# What is announced line by line, by what the same words mean over a column.
_ANNOUNCED = {
    meaning: meaning
    for meaning in ("port", "chassis", "sysname", "portid", "local", "address", "capabilities", "portdescr", "sysdescr")
}


@lru_cache(maxsize=2048)
def starts(word: str) -> bool:
    """Tell whether a word begins as a title does that means something."""
    return letters(word)[:3] in _beginnings()


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(title[:3] for titles in (table().titles, table().words) for title in titles)


def letters(text: str) -> str:
    """Return a title as its letters, digits and number signs, in lower case."""
    return _letters(text) if len(text) <= _LONGEST_TITLE else _plain(text).replace(" ", "")


@lru_cache(maxsize=2048)
def _letters(text: str) -> str:
    return _plain(text).replace(" ", "")


def _plain(text: str) -> str:
    return _NO_LETTERS.sub("", normal.plain_marks(text).lower())


def _of_words(text: str) -> str:
    """Return what the words of a title mean together; with a word of no list, nothing."""
    words = frozenset(_words(text))
    if not words or "" in words:
        return ""
    return next((meaning for needs, all_of, meaning in _MEANINGS if needs <= words <= all_of), "")


def _words(text: str) -> list[str]:
    known = table().words
    apart = re.split(r"[\s_/.\-]+", _CAMEL.sub(" ", text.strip()))
    meanings = [meaning for word in apart if word for meaning in _segments(letters(word), known)]
    return [meaning for meaning in meanings if meaning != "of"]


def _segments(word: str, known: Mapping[str, str]) -> list[str]:
    """Return the meanings of words run together, the longest first; `""` where one is unknown."""
    meanings: list[str] = []
    while word and len(meanings) < _LONGEST:
        end = next((end for end in range(len(word), 0, -1) if word[:end] in known), 0)
        if not end:
            return ["" if not word.isdecimal() else "id"]
        meanings.append(known[word[:end]])
        word = word[end:]
    return meanings
