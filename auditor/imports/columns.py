"""What the columns of an inventory hold, by their titles: `oui_rules/columns.toml`, read strictly."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape

from auditor.tables import Section, finish, read_toml

MIN_COLUMNS = 2
MIN_ONLY = 2
TITLE_CAP = 200
# What a column of these kinds says could be said of any maker's device.
SAYS_NO_MAKER = frozenset({"inventory.name", "inventory.place", "inventory.acquired"})
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A table that shows replies to a protocol, taken apart; each row can be put together again as the fact it was read from."""

    fact: str
    only: frozenset[str]
    unless_empty: str
    root: str
    fields: tuple[tuple[str, str], ...]

    def shown_by(self, titles: Sequence[str]) -> bool:
        """Tell whether a table has columns that nothing else writes; one may be chance."""
        return len(self.only & set(map(plain, titles))) >= MIN_ONLY

    def reply(self, values: Mapping[str, str]) -> str:
        """Return the reply a row shows as it is on the wire, empty where the row shows none."""
        told = [(name, values.get(kind, "").strip()) for name, kind in self.fields]
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told if value)
        return f"<{self.root}>{inside}</{self.root}>" if values.get(self.unless_empty, "").strip() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """Title → what its column holds and how closely it names it (0 is closest); and the tables that are decoded replies."""

    ranks: Mapping[str, tuple[str, int]]
    decoded: tuple[Decoded, ...]


def plain(title: str) -> str:
    """Return a column's title as letters and digits alone, in lower case and one width."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", title[:TITLE_CAP]).casefold())


def mapped(titles: Sequence[str]) -> dict[int, str]:
    """Return what each column holds, by position; of two columns of one kind the one named more closely counts."""
    ranks, best = shipped().ranks, dict[str, tuple[int, int]]()
    for index, title in enumerate(titles):
        kind, rank = ranks.get(plain(title), ("", 0))
        if kind and rank < best.get(kind, (len(ranks), 0))[0]:
            best[kind] = (rank, index)
    return {index: kind for kind, (_rank, index) in best.items()}


def is_header(columns: Mapping[int, str]) -> bool:
    """Tell whether mapped titles are those of an inventory: at least two columns, one of which can tell a maker."""
    telling = any(kind.startswith("inventory.") and kind not in SAYS_NO_MAKER for kind in columns.values())
    return telling and len(columns) >= MIN_COLUMNS


def decoded(titles: Sequence[str]) -> tuple[Decoded, ...]:
    """Return the sorts of decoded reply a table with these titles shows."""
    return tuple(one for one in shipped().decoded if one.shown_by(titles))


@cache
def shipped() -> Titles:
    """Return the table that comes with the program, read once."""
    return load(files("oui_rules").joinpath("columns.toml").read_text(encoding="utf-8"))


def load(text: str, name: str = "columns.toml") -> Titles:
    """Return the titles in a table; one that is spelled otherwise than it is compared, or stands twice, is a `RuleError`."""
    top = read_toml(text, name)
    ranks: dict[str, tuple[str, int]] = {}
    titles = top.section("titles")
    for kind in titles.values:
        for rank, title in enumerate(titles.texts(kind, required=True)):
            if title != plain(title):
                titles.complain(f"write '{plain(title)}' for '{title}'", kind)
            if ranks.setdefault(title, (kind, rank)) != (kind, rank):
                titles.complain(f"'{title}' already stands under {ranks[title][0]}", kind)
    found = Titles(ranks=ranks, decoded=tuple(_decoded(section) for section in top.sections("decoded")))
    top.close()
    finish(top)
    return found


def _decoded(section: Section) -> Decoded:
    fields = section.section("fields")
    found = Decoded(
        fact=section.text("fact"),
        only=frozenset(section.texts("only", required=True)),
        unless_empty=section.text("unless_empty"),
        root=section.text("root"),
        fields=tuple((name, fields.text(name)) for name in fields.values),
    )
    section.close()
    return found
