"""What a file says of others, in observations of bounded size; each fact once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor import normal
from auditor.imports.source import SourceFile
from auditor.model import (
    TABLE_COLUMNS,
    Cell,
    Fact,
    FactList,
    Observation,
    Record,
    TableBuilder,
    TableName,
    Target,
    about_address,
    about_mac,
    quick_fact,
)

BATCH = 50_000  # facts
WHERE = "table"
HOST_KINDS = frozenset({"arp.mac", "fdb.mac", "inventory.mac"})


class TableRow(NamedTuple):
    """A row of a table that speaks of one MAC: of an ARP table where it has an address.

    `cells` are its columns; `text` is empty for the MAC in its usual spelling.
    """

    digits: str
    address: str
    cells: Mapping[str, Cell]

    @property
    def table(self) -> TableName:
        """Return which table it is a row of."""
        return "arp" if self.address else "fdb"

    def facts(self) -> Iterator[Fact]:
        """Yield what it says, fact by fact."""
        about = about_address(self.address) if self.address else about_mac(self.digits)
        kinds = TABLE_COLUMNS[self.table]
        for column, value in self.cells.items():
            yield quick_fact(kinds[column], value or normal.spelled(self.digits), WHERE, about)


@dataclass(slots=True)
class Hosts:
    """Counts the hosts one reporter spoke of, and those with a MAC of no registry."""

    others: int = 0
    local: int = 0
    first: str = ""

    def count(self, fact: Fact) -> None:
        """Count a host by its MAC: a row of an ARP or forwarding table, or a host that was scanned."""
        if fact.kind in HOST_KINDS and (digits := normal.mac(fact.value)):
            self.count_mac(digits)

    def count_mac(self, digits: str) -> None:
        """Count a host by the digits of its MAC."""
        if is_local_host(digits):
            self.local += 1
            self.first = self.first or normal.spelled(digits)
        else:
            self.others += 1

    def listen(self, record: Record) -> None:
        """Count the hosts one record speaks of."""
        for fact in record.facts if isinstance(record, Observation) else ():
            self.count(fact)

    def warn(self, source: SourceFile) -> None:
        """Tell how many hosts have such a MAC."""
        if self.local:
            source.warn(f"{source.path}: {self._words()}")

    def records(self, source: SourceFile) -> Iterator[Record]:
        """Tell the count; a table that speaks of nobody else is unread, not clean."""
        if self.local and not self.others:
            yield from source.partial([f"{self._words()}; it shows no other"], "table")
        else:
            self.warn(source)

    def _words(self) -> str:
        return f"hosts with a locally administered MAC, which tells no maker: {self.local}, the first is {self.first}"


@dataclass(slots=True)
class _Batch:
    """Facts, each once; rows of MACs not met before go straight into columns."""

    hosts: Hosts
    plain: list[Fact] = field(default_factory=list)
    builder: TableBuilder = field(default_factory=TableBuilder)
    size: int = 0
    _facts: set[Fact] = field(default_factory=set)
    _rows: dict[str, TableRow] = field(default_factory=dict)

    def add_row(self, row: TableRow) -> None:
        """Take in a row; what was said of its MAC before is left out."""
        first = self._rows.setdefault(row.digits, row)
        if first is row:
            self.builder.add_row(row.table, row.digits, WHERE, row.cells, row.address)
            self.hosts.count_mac(row.digits)
            self.size += len(row.cells)
            return
        self._facts.update(first.facts())
        for fact in row.facts():
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Take in a fact, unless it was said before."""
        if fact in self._facts:
            return
        self._facts.add(fact)
        self.hosts.count(fact)
        self.size += 1
        if fact.extra or not self.builder.add(fact.kind, fact.value, fact.where, fact.about):
            self.plain.append(fact)

    def record(self, source: SourceFile) -> Record:
        """Return it as what a file said of others; the file itself is no device."""
        target = Target(address=source.path.name, site=source.site)
        facts = FactList(tuple(self.plain), self.builder.tables())
        return Observation(target=target, collector="table", at=source.at, facts=facts)


def batches(source: SourceFile, words: Iterable[Fact | TableRow]) -> Iterator[Record]:
    """Yield facts and whole rows in observations of bounded size, each once in a batch."""
    hosts = Hosts()
    batch = _Batch(hosts)
    for word in words:
        if isinstance(word, TableRow):
            batch.add_row(word)
        else:
            batch.add(word)
        if batch.size >= BATCH:
            yield batch.record(source)
            batch = _Batch(hosts)
    if batch.size:
        yield batch.record(source)
    yield from hosts.records(source)


def is_local_host(digits: str) -> bool:
    """Tell whether a MAC is one that software made up for a host: phones, containers."""
    return digits[1] in "26ae"
