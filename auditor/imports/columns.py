"""What the columns of an inventory hold, by title: `oui_rules/columns.toml`."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from auditor import normal
from auditor.model import KINDS
from auditor.tables import Section, finish, read_toml

MIN_COLUMNS = 2
MIN_ONLY = 2
TITLE_CAP = 200
WIDEST = 1024  # columns that are looked at
LOOSE_CAP = 40  # a title longer than this is prose, and is only known by heart
MAC = "inventory.mac"
# What a column may hold beside facts.
OTHERS = frozenset({"address", "site", "reporter", "interface", "said_by"})
# What a column of these kinds says could be said of any maker's device.
SAYS_NO_MAKER = frozenset({"inventory.name", "inventory.place", "inventory.acquired"})
OWN_WORDS = frozenset({"snmp.sysdescr", "snmp.sysobjectid", "dhcp.vendorclass"})
LISTS = ("qualifiers", "elsewhere", "carriers", "no_mac", "sorts", "blank", "totals")
VALUE = frozenset(":=\"'")  # signs of a value rather than of a title
_BRACKETS = re.compile(r"[(\[\u3010][^)\]\u3011]*[)\]\u3011]")
_NUMBER = re.compile(r"\d+\Z")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zß-ÿ]+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A table of decoded replies; each row can be put together again as the fact it was."""

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
        pairs = [(name, values.get(kind, "").strip()) for name, kind in self.fields]
        inside = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in pairs if value)
        return f"<{self.root}>{inside}</{self.root}>" if values.get(self.unless_empty, "").strip() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """Title → what its column holds and how closely (0 is closest); word lists; decoders."""

    ranks: Mapping[str, tuple[str, int]]
    words: Mapping[str, frozenset[str]]
    decoders: tuple[Decoded, ...]

    def kind(self, title: str) -> tuple[str, int]:
        """Return what a column holds and how closely its title says so, or nothing."""
        closest = self.closest(title)
        kind, rank = self.ranks.get(closest, ("", 0))
        if not kind and len(title) <= LOOSE_CAP and self._is_mac(title):
            kind = MAC
        return (kind, rank if closest == plain(title) else rank + len(self.ranks)) if kind else ("", 0)

    def closest(self, title: str) -> str:
        """Return the title of the lists that a title comes down to, or nothing."""
        if plain(title) in self.ranks or len(title) > LOOSE_CAP:
            return plain(title)
        short = plain(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", title)))
        without = [short, _NUMBER.sub("", short)]
        without += [short[len(word) :] for word in self.words["qualifiers"] if short.startswith(word)]
        return min((one for one in without if one in self.ranks), key=lambda one: (self.ranks[one][1], one), default="")

    def says(self, name: str, title: str) -> bool:
        """Tell whether a title has one of the words of a list in it."""
        return not self.words[name].isdisjoint(word.casefold() for word in _WORDS.findall(title))

    def is_of_another(self, title: str) -> bool:
        """Tell whether a title speaks of what a device is connected to rather than of the device."""
        return self.says("elsewhere", title) or self.says("carriers", title)

    def _is_mac(self, title: str) -> bool:
        short = plain(title)
        return (
            "mac" in short
            and not VALUE.intersection(title)
            and not any(word in short for word in self.words["no_mac"])
            and not self.says("elsewhere", title)
        )


def plain(title: str) -> str:
    """Return a column's title as letters and digits alone, in lower case and one width."""
    return normal.letters(title[:TITLE_CAP])


def map_columns(titles: Sequence[str]) -> dict[int, str]:
    """Return what each column holds, by position, the most closely named first."""
    table = shipped()
    order = sorted((rank, index, kind) for index, (kind, rank) in enumerate(map(table.kind, titles[:WIDEST])) if kind)
    columns = {index: kind for _rank, index, kind in order}
    macs = [index for index, kind in columns.items() if kind == MAC]
    own = [index for index in macs if not table.says("carriers", titles[index])]
    return {index: kind for index, kind in columns.items() if kind != MAC or index in (own or macs)}


def is_sort(title: str) -> bool:
    """Tell whether a title says what sort of thing a device is: its model at most."""
    return shipped().closest(title) in shipped().words["sorts"]


def is_header(columns: Mapping[int, str]) -> bool:
    """Tell whether titles are an inventory's: two columns, one of which can tell a maker."""
    telling = any(
        kind in OWN_WORDS or (kind.startswith("inventory.") and kind not in SAYS_NO_MAKER) for kind in columns.values()
    )
    return telling and len(columns) >= MIN_COLUMNS


def is_total(cell: str) -> bool:
    """Tell whether a cell names a sum, `Total` or `合计: 12`."""
    return _NUMBER.sub("", plain(cell)) in shipped().words["totals"]


def is_blank(cell: str) -> bool:
    """Tell whether a cell says in words that nothing is known."""
    word = cell.strip("[](){}<>【】 ").casefold()
    return word in shipped().words["blank"] or not (cell[:1].isalnum() or any(map(str.isalnum, cell)))


def decoders_of(titles: Sequence[str]) -> tuple[Decoded, ...]:
    """Return the sorts of decoded reply a table with these titles shows."""
    return tuple(one for one in shipped().decoders if one.shown_by(titles))


@cache
def shipped() -> Titles:
    """Return the table that comes with the program, read once."""
    return load(files("oui_rules").joinpath("columns.toml").read_text(encoding="utf-8"))


def load(text: str, name: str = "columns.toml") -> Titles:
    """Return the titles in a table; one misspelled or standing twice is a `RuleError`."""
    top = read_toml(text, name)
    ranks: dict[str, tuple[str, int]] = {}
    titles = top.section("titles")
    for kind in titles.values:
        if kind not in KINDS and kind not in OTHERS:
            titles.complain(f"'{kind}' is no kind of fact, nor one of {', '.join(sorted(OTHERS))}", kind)
        for rank, title in enumerate(titles.texts(kind, required=True)):
            if title != plain(title):
                titles.complain(f"write '{plain(title)}' for '{title}'", kind)
            if ranks.setdefault(title, (kind, rank)) != (kind, rank):
                titles.complain(f"'{title}' already stands under {ranks[title][0]}", kind)
    words = {one: frozenset(top.texts(one)) for one in LISTS}
    table = Titles(ranks=ranks, words=words, decoders=tuple(_decoder(section) for section in top.sections("decoded")))
    finish(top)
    return table


def _decoder(section: Section) -> Decoded:
    fields = section.section("fields")
    return Decoded(
        fact=section.choice("fact", KINDS),
        only=frozenset(section.texts("only", required=True)),
        unless_empty=section.text("unless_empty"),
        root=section.text("root"),
        fields=tuple((name, fields.text(name)) for name in fields.values),
    )
