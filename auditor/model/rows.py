"""Rows of ARP and forwarding tables, held by columns; facts where somebody looks at them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from typing import Literal, NamedTuple, overload

from auditor import normal
from auditor.model.fact import Fact, quick_fact
from auditor.model.kinds import About, Kind, about_address, about_mac, ip_of

Cell = str | None
Column = tuple[Cell, ...]
TableName = Literal["arp", "fdb"]
# What each table says beside a MAC: the column and the kind of fact it stands for, "mac" first.
TABLE_COLUMNS: Mapping[TableName, Mapping[str, Kind]] = {
    "arp": {"text": "arp.mac"},
    "fdb": {"text": "fdb.mac", "port": "fdb.port", "vlan": "fdb.vlan", "age": "fdb.age"},
}
_TABLE_OF: dict[str, tuple[TableName, str]] = {
    kind: (name, column) for name, columns in TABLE_COLUMNS.items() for column, kind in columns.items()
}
_BY_KIND: Mapping[TableName, list[tuple[Kind, str]]] = {
    name: sorted((kind, column) for column, kind in columns.items()) for name, columns in TABLE_COLUMNS.items()
}
TABLE_KINDS = frozenset(_TABLE_OF)
# Stands at the end of a place for the arcs of the MAC, or for the address, of the row itself.
OWN = "*"
_MAC, _REMEMBERED = "mac:", 1 << 15


@lru_cache(maxsize=_REMEMBERED)
def _arcs(digits: str) -> str:
    return ".".join(map(str, bytes.fromhex(digits)))


@lru_cache(maxsize=_REMEMBERED)
def digits_of(text: str) -> str:
    """Return the digits of a MAC as `normal.mac` does; the rows of a table repeat them."""
    return intern(normal.mac(text))


@lru_cache(maxsize=_REMEMBERED)
def _spelled(digits: str) -> str:
    return normal.spelled(digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourTable:
    """An ARP or forwarding table: the MAC of each row and what is said of it, by columns.

    `wheres` end with `*` for the row's own MAC (as arcs) or address. A column holds None where a row does not say it;
    `text` is the MAC as it was written, empty in its usual spelling. `addresses` are those of an ARP table.
    """

    name: TableName
    macs: tuple[str, ...]
    wheres: tuple[str, ...]
    columns: Mapping[str, Column]
    addresses: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.macs)

    def facts(self, at: int) -> Iterator[Fact]:
        """Yield the facts of one row."""
        digits, where = self.macs[at], self.where(at)
        about = self.about(at)
        for column, kind in TABLE_COLUMNS[self.name].items():
            value = self.columns[column][at] if column in self.columns else None
            if value is not None:
                yield quick_fact(kind, value or _spelled(digits) if column == "text" else value, where, about)

    def kinds(self, at: int) -> list[Kind]:
        """Return the kinds of fact that a row has."""
        kinds = TABLE_COLUMNS[self.name]
        return [kinds[column] for column, cells in self.columns.items() if cells[at] is not None]

    def values(self, at: int) -> list[tuple[Kind, str]]:
        """Return the kinds of fact that a row has, in order, each with what it says."""
        pairs = [
            (kind, column, self.columns[column][at]) for kind, column in _BY_KIND[self.name] if column in self.columns
        ]
        own = _spelled(self.macs[at])
        return [(kind, cell or own if column == "text" else cell) for kind, column, cell in pairs if cell is not None]

    def value(self, kind: Kind, at: int) -> str:
        """Return what a row says of one kind, as its facts do; nothing where it says none."""
        _, column = _TABLE_OF[kind]
        cell = self.cell(column, at)
        return _spelled(self.macs[at]) if cell == "" and column == "text" else cell or ""

    def first_fact(self) -> Fact:
        """Return the first of its facts by kind, place, value and whom it is about."""
        kinds = TABLE_COLUMNS[self.name]
        column = min(self.columns, key=lambda name: kinds[name])
        cells = self.columns[column]
        rows = (
            (self.where(at), cell or _spelled(self.macs[at]) if column == "text" else cell, self.about(at))
            for at, cell in enumerate(cells)
            if cell is not None
        )
        where, value, about = min(rows)
        return quick_fact(kinds[column], value, where, about)

    def about(self, at: int) -> About:
        """Return whom a row is about."""
        return about_address(self.addresses[at]) if self.addresses else about_mac(self.macs[at])

    def where(self, at: int) -> str:
        """Return the place of a row in full."""
        where = self.wheres[at]
        if not where.endswith(OWN):
            return where
        return where[:-1] + (self.addresses[at] if self.addresses else _arcs(self.macs[at]))

    def cell(self, column: str, at: int) -> Cell:
        """Return what a row says in a column."""
        cells = self.columns.get(column)
        return None if cells is None else cells[at]

    def cells(self, column: str) -> Column:
        """Return a column, row for row."""
        return self.columns.get(column) or (None,) * len(self)


@dataclass(slots=True)
class _Rows:
    """The rows of one table while they are gathered, a list a column."""

    name: TableName
    macs: list[str] = field(default_factory=list)
    wheres: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    columns: dict[str, list[Cell]] = field(default_factory=dict)
    # The place the last rows stand at, the first of these, and how many of them have each column.
    last: tuple[str, str] | None = None
    start: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = {column: [] for column in TABLE_COLUMNS[self.name]}

    def begin(self, digits: str, where: str, own: str, address: str) -> None:
        """Begin a row."""
        self.macs.append(digits)
        # What ends with the mark itself is told apart by a fact of its own.
        self.wheres.append(intern(where[: -len(own)] + OWN if where.endswith("." + own) else where))
        if address:
            self.addresses.append(address)
        for cells in self.columns.values():
            cells.append(None)

    def learn(self, digits: str, where: str, port: Cell, vlan: Cell) -> None:
        """Add a whole row of a forwarding table, its place written as in `NeighbourTable`."""
        self.last = None
        self.macs.append(intern(digits))
        self.wheres.append(intern(where))
        for column, value in (("text", ""), ("port", port), ("vlan", vlan), ("age", None)):
            self.columns[column].append(value)

    def table(self) -> NeighbourTable:
        """Return the table, without columns that say nothing."""
        return NeighbourTable(
            name=self.name,
            macs=tuple(self.macs),
            wheres=tuple(self.wheres),
            addresses=tuple(self.addresses),
            columns={name: tuple(cells) for name, cells in self.columns.items() if any(c is not None for c in cells)},
        )


class LearnedRow(NamedTuple):
    """A row of a forwarding table: a MAC (twelve digits), where it stands, its port and VLAN."""

    digits: str
    where: str
    port: Cell
    vlan: Cell


class ResolvedRow(NamedTuple):
    """A row of an ARP table: an address, its MAC (twelve digits), and where that stands."""

    address: str
    digits: str
    where: str


class TableBuilder:
    """Gathers facts of ARP and forwarding tables into rows."""

    def __init__(self) -> None:
        self._tables: dict[TableName, _Rows] = {name: _Rows(name) for name in TABLE_COLUMNS}

    def add(self, kind: str, value: str, where: str, about: str) -> bool:
        """Take in one fact; tell whether it is one of a table, as the rows can give it back."""
        place = _TABLE_OF.get(kind)
        if place is None or where.endswith(OWN):
            return False
        rows, column = self._tables[place[0]], place[1]
        return (
            self._resolve(rows, value, where, about)
            if rows.name == "arp"
            else _learn(rows, column, value, where, about)
        )

    def add_row(self, name: TableName, digits: str, where: str, cells: Mapping[str, Cell], address: str = "") -> None:
        """Take in a whole row of which nothing was taken in before; its place holds no mark of it."""
        rows = self._tables[name]
        rows.macs.append(digits)
        rows.wheres.append(where)
        if address:
            rows.addresses.append(address)
        for column, values in rows.columns.items():
            values.append(cells.get(column))
        rows.last, rows.start, rows.counts = (about_mac(digits), where), len(rows.macs) - 1, dict.fromkeys(cells, 1)

    def sift(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Take in what the rows can give back, and yield all other facts."""
        for fact in facts:
            is_row = fact.kind in TABLE_KINDS and not fact.extra
            if not (is_row and self.add(fact.kind, fact.value, fact.where, fact.about)):
                yield fact

    def learn(self, rows: Iterable["LearnedRow"]) -> None:
        """Take in rows of a forwarding table."""
        learn = self._tables["fdb"].learn
        for row in rows:
            learn(*row)

    def resolve(self, rows: Iterable["ResolvedRow"]) -> None:
        """Take in rows of an ARP table, the MACs in their usual spelling."""
        table = self._tables["arp"]
        for address, digits, where in rows:
            table.begin(intern(digits), where, address, address)
            table.columns["text"][-1] = ""

    def tables(self) -> tuple[NeighbourTable, ...]:
        """Return the tables that have rows."""
        return tuple(rows.table() for rows in self._tables.values() if rows.macs)

    def _resolve(self, rows: _Rows, value: str, where: str, about: str) -> bool:
        address, digits = ip_of(About(about)), digits_of(value)
        if not address or not digits:
            return False
        rows.begin(digits, where, address, address)
        rows.columns["text"][-1] = "" if value == _spelled(digits) else value
        return True


def _learn(rows: _Rows, column: str, value: str, where: str, about: str) -> bool:
    """Take in a fact of a forwarding table: of the rows at hand, or of the next."""
    digits = about[len(_MAC) :]
    if column == "text":
        if digits_of(value) != digits:
            return False
        value = "" if value == _spelled(digits) else value
    if rows.last != (about, where):
        if not (about.startswith(_MAC) and digits and digits_of(digits) == digits):
            return False
        rows.last, rows.start, rows.counts = (about, where), len(rows.macs), {}
    # In whatever order a place is told, a fact is of the first row there that lacks its column.
    at = rows.start + rows.counts.get(column, 0)
    if at == len(rows.macs):
        rows.begin(intern(digits), where, _arcs(digits), "")
    rows.columns[column][at] = intern(value)
    rows.counts[column] = rows.counts.get(column, 0) + 1
    return True


class FactList(Sequence[Fact]):
    """The facts of one observation: `plain` ones as they are, those of tables as rows."""

    __slots__ = ("plain", "tables")

    def __init__(self, plain: tuple[Fact, ...] = (), tables: tuple[NeighbourTable, ...] = ()) -> None:
        self.plain = plain
        self.tables = tables

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "FactList":
        """Return facts as a list that holds the rows of tables compactly."""
        if isinstance(facts, FactList):
            return facts
        builder = TableBuilder()
        plain = tuple(
            f
            for f in facts
            if f.kind not in TABLE_KINDS or f.extra or not builder.add(f.kind, f.value, f.where, f.about)
        )
        return cls(plain, builder.tables())

    def __iter__(self) -> Iterator[Fact]:
        yield from self.plain
        for table in self.tables:
            for at in range(len(table)):
                yield from table.facts(at)

    def __len__(self) -> int:
        columns = [column for table in self.tables for column in table.columns.values()]
        return len(self.plain) + sum(len(column) - column.count(None) for column in columns)

    @overload
    def __getitem__(self, at: int) -> Fact: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Fact, ...]: ...
    def __getitem__(self, at: int | slice) -> Fact | tuple[Fact, ...]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"FactList({list(self)!r})"
