"""The assets of an audit; those alike but for rows of tables are made at each look."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol, overload

from auditor.model.hearsay import ReportedRow
from auditor.model.rows import NeighbourTable
from auditor.model.verdicts import AuditedAsset

_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1


class AssetPattern(Protocol):
    """What assets have in common of which rows of tables alone speak."""

    def asset(self, rows: tuple[ReportedRow, ...], addresses: tuple[str, ...]) -> AuditedAsset:
        """Return the asset that some rows speak of, at its addresses."""


class AlikeAsset(NamedTuple):
    """One of many that are alike: their pattern, the rows that speak of this one, its addresses."""

    pattern: AssetPattern
    rows: tuple[ReportedRow, ...]
    addresses: tuple[str, ...]


class AssetList(Sequence[AuditedAsset]):
    """Assets by site and key. Of an alike one its pattern and the numbers of its rows are held.

    An asset made anew for each look equals the one before; hold on to it where it is asked for often.
    """

    __slots__ = ("_addresses", "_items", "_rows", "_starts", "_tables")

    def __init__(self, items: Iterable[AuditedAsset | AlikeAsset]) -> None:
        self._items: list[AuditedAsset | AssetPattern] = []
        self._tables: list[tuple[str, NeighbourTable]] = []
        # The rows of all, and where those of each begin.
        self._rows, self._starts = array("Q"), array("Q", (0,))
        # Where they are others than ARP tables have in these rows.
        self._addresses: dict[int, tuple[str, ...]] = {}
        numbers: dict[tuple[str, int], int] = {}
        for item in items:
            if isinstance(item, AlikeAsset):
                self._take(item, numbers)
            else:
                self._items.append(item)
            self._starts.append(len(self._rows))

    def _take(self, item: AlikeAsset, numbers: dict[tuple[str, int], int]) -> None:
        for by, table, at in item.rows:
            number = numbers.setdefault((by, id(table)), len(self._tables))
            if number == len(self._tables):
                self._tables.append((by, table))
            self._rows.append(number << _ROW_BITS | at)
        if item.addresses != _addresses(item.rows):
            self._addresses[len(self._items)] = item.addresses
        self._items.append(item.pattern)

    def _make(self, at: int, item: AuditedAsset | AssetPattern, start: int, end: int) -> AuditedAsset:
        if isinstance(item, AuditedAsset):
            return item
        tables = self._tables
        rows = tuple([ReportedRow(*tables[row >> _ROW_BITS], row & _ROW_MASK) for row in self._rows[start:end]])
        return item.asset(rows, self._addresses[at] if at in self._addresses else _addresses(rows))

    def __iter__(self) -> Iterator[AuditedAsset]:
        ends = pairwise(self._starts)
        for at, (item, (start, end)) in enumerate(zip(self._items, ends, strict=True)):
            yield self._make(at, item, start, end)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> AuditedAsset: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[AuditedAsset, ...]: ...
    def __getitem__(self, at: int | slice) -> AuditedAsset | tuple[AuditedAsset, ...]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(len(self))))
        number = range(len(self))[at]
        return self._make(number, self._items[number], self._starts[number], self._starts[number + 1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"AssetList({list(self)!r})"


def _addresses(rows: Iterable[ReportedRow]) -> tuple[str, ...]:
    """Return the addresses at which rows of ARP tables have a device."""
    addresses = [table.addresses[at] for _, table, at in rows if table.addresses]
    return tuple(sorted(set(addresses))) if len(addresses) > 1 else tuple(addresses)
