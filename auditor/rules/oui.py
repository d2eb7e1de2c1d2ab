"""The IEEE registry: who holds the block of a MAC. Read from files, never a network."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from auditor.errors import RuleError
from auditor.normal import MAC_DIGITS, is_group, is_local
from auditor.tables import Section, finish, read_toml

COLUMNS = ("prefix", "bits", "registry", "registrant", "source", "date")
REGISTRIES = MappingProxyType({"MA-L": 24, "MA-M": 28, "MA-S": 36, "IAB": 36, "CID": 24})
TABLE = "registry.tsv"
SPECIAL = "special.toml"
_HEAD = 4  # digits every named range has at least
_LENGTHS = (9, 7, 6)  # 36, 28 and 24 bits in hexadecimal digits, longest first


class Kind(StrEnum):
    """What sort of address a MAC is; only a universal one has a maker."""

    UNIVERSAL = "universal"
    GROUP = "group"
    LOCAL = "local"
    VIRTUAL = "virtual"
    NULL = "null"
    BROADCAST = "broadcast"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One assignment: `prefix` in upper-case digits, `bits` 24, 28 or 36, source and day."""

    prefix: str
    bits: int
    registry: str
    registrant: str
    source: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A range of addresses that name no maker, such as VRRP's, with the document that says so."""

    prefix: str
    kind: Kind
    name: str
    because: str
    source: str


class Registry:
    """The whole table in memory; a row is taken apart only when somebody asks for it.

    `date` is the day the newest of its sources was taken.
    """

    def __init__(self, table: str, specials: Iterable[Special], where: str = TABLE) -> None:
        self._where = where
        self._rows = _index(table, where)
        self._blocks: dict[str, Block] = {}
        self.date = _newest(self._rows.values(), where)
        self._specials = {special.prefix: special for special in specials}
        self._special_lengths = sorted({len(prefix) for prefix in self._specials}, reverse=True)
        self._special_heads = frozenset(prefix[:_HEAD] for prefix in self._specials)
        # Of most heads the flag bits alone decide what the addresses are.
        self._kinds: dict[str, Kind] = {}

    @staticmethod
    def load(folder: Traversable | None = None) -> "Registry":
        """Return the registry in a folder, or without one that of this release."""
        place = folder or built_in()
        table = _read(place, TABLE)
        special = place if place.joinpath(SPECIAL).is_file() else built_in()
        return _registry(table, _read(special, SPECIAL))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Block]:
        return map(self._block, self._rows.values())

    @property
    def specials(self) -> tuple[Special, ...]:
        """Return the named ranges that have no maker, sorted by prefix."""
        return tuple(self._specials[prefix] for prefix in sorted(self._specials))

    def kind(self, digits: str) -> Kind:
        """Return what sort of address twelve digits are; a named range beats the flag bits."""
        head = digits[:_HEAD]
        if head in self._kinds:
            return self._kinds[head]
        special = self.special(digits)
        if special is not None:
            return special.kind
        kind = Kind.GROUP if is_group(digits) else Kind.LOCAL if is_local(digits) else Kind.UNIVERSAL
        if head.upper() not in self._special_heads:
            self._kinds[head] = kind
        return kind

    def special(self, digits: str) -> Special | None:
        """Return the named range an address lies in, longest prefix first."""
        if digits[:_HEAD].upper() not in self._special_heads:
            return None
        upper = digits.upper()
        specials = (self._specials.get(upper[:length]) for length in self._special_lengths)
        return next((special for special in specials if special is not None), None)

    def block(self, digits: str) -> Block | None:
        """Return the smallest assignment that holds a universal unicast address, if any."""
        if len(digits) != MAC_DIGITS or self.kind(digits) is not Kind.UNIVERSAL:
            return None
        row = self._row(digits.upper())
        if row is None:
            return None
        # Devices come by the hundred from one block, whose row is then taken apart once.
        return self._blocks.get(row) or self._blocks.setdefault(row, self._block(row))

    def registrant(self, digits: str) -> str:
        """Return who holds an address's block, as registered; empty where nobody does."""
        block = self.block(digits)
        return "" if block is None else block.registrant

    def _row(self, digits: str) -> str | None:
        rows = self._rows
        for length in _LENGTHS:
            row = rows.get(digits[:length])
            if row is not None:
                return row
        return None

    def _block(self, row: str) -> Block:
        try:
            prefix, bits, registry, registrant, source, day = row.split("\t")
            return Block(
                prefix=prefix,
                bits=int(bits),
                registry=registry,
                registrant=registrant,
                source=source,
                date=date.fromisoformat(day),
            )
        except ValueError:
            raise RuleError(
                "is no row of the registry; build the table again", where=f"{self._where}: {row[:40]!r}"
            ) from None


def built_in() -> Traversable:
    """Return the folder of the tables that came with this release."""
    return files("oui_rules").joinpath("oui")


def read_specials(text: str) -> tuple[Special, ...]:
    """Return the named ranges of special.toml."""
    top = read_toml(text, SPECIAL)
    specials = tuple(_special(section) for section in top.sections("special"))
    finish(top)
    return specials


def _special(section: Section) -> Special:
    kinds = (Kind.GROUP, Kind.VIRTUAL, Kind.NULL, Kind.BROADCAST)
    return Special(
        prefix=_prefix(section),
        kind=Kind(section.choice("kind", kinds) or Kind.VIRTUAL),
        name=section.text("name"),
        because=section.text("because"),
        source=section.text("source"),
    )


def _prefix(section: Section) -> str:
    prefix = section.text("prefix")
    if not re.fullmatch(rf"[0-9A-F]{{{_HEAD},{MAC_DIGITS}}}", prefix):
        section.complain(f"'{prefix}' must be {_HEAD} to {MAC_DIGITS} upper-case hexadecimal digits", "prefix")
    return prefix


@lru_cache(maxsize=2)
def _registry(table: str, specials: str) -> Registry:
    return Registry(table, read_specials(specials))


def _index(table: str, where: str) -> dict[str, str]:
    """Return prefix → row; no row is split before it is wanted."""
    lines = table.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise RuleError(f"the first line must name the columns {' '.join(COLUMNS)}, separated by tabs", where=where)
    return {line.partition("\t")[0]: line for line in lines[1:]}


def _newest(rows: Iterable[str], where: str) -> date:
    """Return the day the newest source was taken; ISO days sort as text."""
    try:
        return date.fromisoformat(max((row.rpartition("\t")[2] for row in rows), default=""))
    except ValueError:
        raise RuleError("holds no row with a date; build the table again", where=where) from None


def _read(folder: Traversable, name: str) -> str:
    try:
        return folder.joinpath(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(
            f"cannot be read ({exc}); run `make oui` or install again", where=str(folder.joinpath(name))
        ) from None
