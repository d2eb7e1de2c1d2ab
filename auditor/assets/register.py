"""Which rows of all tables are about one MAC; a row is held once, at whoever reported it."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from auditor.model import NeighbourTable, ReportedRow

ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1
_NONE = array("Q")
_NO_ROWS: Mapping[str, "int | array[int]"] = {}


@dataclass(slots=True)
class Register:
    """The tables of all reporters; a row has a number: its table's, then its place in it."""

    tables: list[tuple[str, NeighbourTable]] = field(default_factory=list)
    has_ages: bool = False
    has_addresses: bool = False
    _tables_of: dict[str, list[int]] = field(default_factory=dict)
    _sites: list[str] = field(default_factory=list)
    # A MAC that stands in one row, as most do in a list, has that row's number alone.
    _rows: dict[str, dict[str, "int | array[int]"]] = field(default_factory=dict)

    def add(self, site: str, by: str, table: NeighbourTable) -> int:
        """Take in a table and return its number."""
        number = len(self.tables)
        self.tables.append((by, table))
        self._tables_of.setdefault(by, []).append(number)
        self._sites.append(site)
        self.has_ages = self.has_ages or "age" in table.columns
        self.has_addresses = self.has_addresses or bool(table.addresses)
        rows = self._rows.setdefault(site, {})
        for row, mac in enumerate(table.macs, number << ROW_BITS):
            before = rows.setdefault(mac, row)
            if isinstance(before, array):
                before.append(row)
            elif before != row:
                rows[mac] = array("Q", (before, row))
        return number

    def macs(self) -> Iterator[tuple[str, str]]:
        """Yield each site and MAC that stands in a table there."""
        for site, rows in self._rows.items():
            yield from ((site, mac) for mac in rows)

    def rows(self, site: str, macs: Iterable[str], key: str = "") -> list[int]:
        """Return the numbers of the rows about some MACs in the tables of all others than `key`."""
        found = [row for mac in macs for row in self._of(site, mac)]
        return [row for row in found if self.tables[row >> ROW_BITS][0] != key] if key else found

    def crowds(self, site: str, rows: Iterable[tuple[str, str]], odd: Container[tuple[str, str]]) -> Counter[str]:
        """Return how many MACs a reporter has on each port; `odd` ones stand elsewhere as well."""
        register, crowds, several = self._rows.get(site, _NO_ROWS), Counter[str](), set[tuple[str, str]]()
        for mac, port in rows:
            # Most stand in one row of all: they need no set.
            if isinstance(register.get(mac), int) and (site, mac) not in odd:
                crowds[port] += 1
            else:
                several.add((mac, port))
        crowds.update(port for _, port in several)
        return crowds

    def _of(self, site: str, mac: str) -> Sequence[int]:
        rows = self._rows.get(site, _NO_ROWS).get(mac, _NONE)
        return (rows,) if isinstance(rows, int) else rows

    def rows_of(self, site: str, mac: str, key: str) -> Iterator[int]:
        """Yield the numbers of the rows one reporter has about a MAC."""
        rows = self._of(site, mac)
        for number in self._tables_of.get(key, ()):
            # Rows of one MAC stand in the order of their tables.
            start = bisect_left(rows, number << ROW_BITS)
            end = bisect_left(rows, number + 1 << ROW_BITS, start)
            yield from islice(rows, start, end)

    def split(self, row: int) -> tuple[int, int]:
        """Return the number of the table and the place in it of a row."""
        return row >> ROW_BITS, row & ROW_MASK

    def entry(self, row: int) -> ReportedRow:
        """Return a row by its number."""
        table, at = self.split(row)
        return ReportedRow(*self.tables[table], at)

    def of(self, rows: Iterable[int], key: str) -> list[int]:
        """Return those rows that one reporter has."""
        tables = self.tables
        return [row for row in rows if tables[row >> ROW_BITS][0] == key]

    def resolved(self) -> Iterator[tuple[str, str, str]]:
        """Yield site, address and MAC of each row of an ARP table."""
        for site, (_, table) in zip(self._sites, self.tables, strict=True):
            yield from ((site, address, mac) for address, mac in zip(table.addresses, table.macs, strict=False))

    def addresses(self, site: str, mac: str) -> list[str]:
        """Return the addresses at which ARP tables have a MAC."""
        rows = self._of(site, mac) if self.has_addresses else ()
        return [entry.table.addresses[entry.at] for entry in self._arp(rows)]

    def arp_macs(self, rows: Iterable[int]) -> set[str]:
        """Return the MACs in those rows that are of ARP tables."""
        return {entry.table.macs[entry.at] for entry in self._arp(rows)}

    def _arp(self, rows: Iterable[int]) -> Iterator[ReportedRow]:
        return (self.entry(row) for row in rows if self.tables[row >> ROW_BITS][1].addresses)

    def leading(self, rows: Sequence[int]) -> Sequence[int]:
        """Return the first row of each sort of table, by reporter and by what it says."""
        if len(rows) <= 1:
            return rows
        firsts: dict[str, list[tuple[str, int]]] = {}
        for row in rows:
            by, table = self.tables[row >> ROW_BITS]
            best = firsts.get(table.name)
            if best is None or by < best[0][0]:
                firsts[table.name] = [(by, row)]
            elif by == best[0][0]:
                best.append((by, row))
        rows_of = ([row for _, row in best] for best in firsts.values())
        return [own[0] if len(own) == 1 else min(own, key=self._order) for own in rows_of]

    def _order(self, row: int) -> tuple[object, ...]:
        facts = list(self.entry(row).table.facts(row & ROW_MASK))
        return tuple((fact.kind, len(fact.where), fact.where, fact.value) for fact in facts)
