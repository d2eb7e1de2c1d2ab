"""One row of anybody's inventory → one observation; no two devices under one label."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from auditor import normal
from auditor.imports.cells import address_of, clean, collapse, day_of, is_spoilt, macs_of
from auditor.imports.objects import Entry, text
from auditor.imports.source import SourceFile
from auditor.model import CONCLUDED, OURS, SAID_BY, Fact, Observation, Record, Target, kind_of

LABEL_CAP = 200
SHOWN = 10
# What a report of ours says that a person may have kept as well: which device it is.
SHARED = frozenset({"inventory.name", "inventory.mac"})
# One of these is in every table of ours that lists devices, a row each.
MARKS = frozenset({"address", "inventory.serial", "inventory.mac"})
LOCAL = "has a locally administered MAC, which no registry knows; nothing can be told of its maker by it"
SPOILT = (
    "holds a long number that a spreadsheet spoilt, whose last digits are lost, as its serial number; "
    "keep serial numbers as text"
)
NO_DAY = "names a day of purchase that is none, or that can be read in two ways; write it as 2019-03-05"
CONCLUSIONS = "what a report of this program concluded; they add nothing to what is known"
BLANK = "cells that only say that nothing is known, passed over"
# What our exports to systems of record begin a description with, since those keep no column they do not know.
_CONCLUSION = re.compile(rf"{OURS}: (?:match|no match|undetermined|unread)\b")

Cells = Mapping[str, str | tuple[str, ...]]
Told = dict[str, list[str]]


@dataclass(slots=True)
class Rows:
    """Turns rows of one file into observations; `collector` is the journal's word."""

    source: SourceFile
    collector: str = "inventory"
    devices: int = 0
    passed_over: int = 0
    own: int = 0
    blank: int = 0
    blank_as: dict[str, None] = field(default_factory=dict)
    odd: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def observe(self, values: Cells, where: str) -> Iterator[Record]:
        """Yield what one row says, by kinds, `address`, `site`, `said_by`; silence is no device."""
        by_kind = self.cells_by_kind(values)
        address = next(filter(None, map(address_of, by_kind.pop("address", ()))), "")
        site = next(filter(None, map(site_of, by_kind.pop("site", ()))), "") or self.source.site
        ours = self.is_own(by_kind)
        if ours and not values.keys() & MARKS:
            self.own += 1  # evidence and counts of ours, each of them many rows of one device
            return
        if not by_kind and not address:
            return
        facts = tuple(self._facts(by_kind, where, ours=ours))
        self.own += ours
        target = Target(address=self._label(address, site, by_kind, where), site=site)
        yield Observation(target=target, collector=self.collector, at=self.source.at, facts=facts)

    def cells_by_kind(self, values: Cells) -> Told:
        """Return a row's cells by kind, each once; those that say nothing is known are counted."""
        by_kind: Told = {}
        for kind, cells in values.items():
            for value in (cells,) if isinstance(cells, str) else cells:
                cell = clean(value)
                if cell and cell not in by_kind.setdefault(kind, []):
                    by_kind[kind].append(cell)
                elif not cell and any(map(str.isalpha, value)):
                    self.blank += 1
                    self.blank_as[normal.one_line(collapse(value), 20)] = None
        return {kind: cells for kind, cells in by_kind.items() if cells}

    def is_own(self, values: Told) -> bool:
        """Tell whether a report of ours concluded a row, and drop the mark that says so."""
        marks = any(word.casefold() == OURS for word in values.pop(SAID_BY, ()))
        return marks or any(_CONCLUSION.match(word) for word in values.get("inventory.description", ()))

    def note(self, problem: str, where: str) -> None:
        """Remember what is odd about a row, to be told at the end of the file."""
        self.odd.setdefault(problem, []).append(where)

    def close(self) -> Iterator[Record]:
        """Tell what was odd about the rows, each thing once; lost digits leave it half read."""
        spoilt = self.odd.pop(SPOILT, [])
        for problem, places in self.odd.items():
            self.source.warn(f"{self.source.path}: {_with(places, problem)}")
        if self.blank:
            self.source.warn(f"{self.source.path}: {self.blank} {BLANK}: {', '.join([*self.blank_as][:SHOWN])}")
        if self.own:
            rows = "1 row is" if self.own == 1 else f"{self.own} rows are"
            self.source.warn(f"{self.source.path}: {rows} {CONCLUSIONS}")
        yield from self.source.partial([_with(spoilt, SPOILT)] if spoilt else [], "inventory")

    def entries(
        self, items: Iterable[Entry], mark: str, values: Callable[[Entry], Cells], number: str
    ) -> Iterator[Record]:
        """Yield what each object of a list says; one without the key `mark` is no device.

        `number` is the key under which objects bear a number of their own.
        """
        for place, entry in enumerate(items, 1):
            records = (
                list(self.observe(values(entry), f"device {text(entry, number) or place}")) if mark in entry else []
            )
            self.devices += bool(records)
            self.passed_over += not records
            yield from records
        if self.devices and self.passed_over:
            self.source.warn(
                f"{self.source.path}: {self.passed_over} of {self.devices + self.passed_over} entries "
                "are no devices, passed over"
            )
        yield from self.close()

    def _facts(self, values: Told, where: str, *, ours: bool) -> Iterator[Fact]:
        if any(map(is_spoilt, values.get("inventory.serial", ()))):
            self.note(SPOILT, where)
            # Several devices would share what is left of their numbers, and be one.
            values.setdefault("inventory.description", []).extend(values.pop("inventory.serial"))
        for kind, cells in values.items():
            for cell in cells:
                for value in self._values(kind, cell, where):
                    extra = CONCLUDED if ours and kind not in SHARED else ""
                    yield Fact(kind=kind_of(kind), value=value, where=where, extra=extra)

    def _values(self, kind: str, cell: str, where: str) -> list[str]:
        """Return the values of a cell of some kind; an unreadable day stays, and is told."""
        if kind == "inventory.mac":
            macs = macs_of(cell)
            if any(normal.is_local(normal.mac(mac)) for mac in macs):
                self.note(LOCAL, where)
            return macs or [cell]
        if kind == "inventory.acquired":
            if not day_of(cell):
                self.note(NO_DAY, where)
            return [day_of(cell) or cell]
        return [normal.oid(cell) or cell] if kind == "snmp.sysobjectid" else [cell]

    def _label(self, address: str, site: str, values: Told, where: str) -> str:
        """Return the first label no other device bears: a gateway's may stand in many rows."""
        name = _first(values, "inventory.name") or _first(values, "snmp.sysname")
        serial, mac = _first(values, "inventory.serial"), _first(values, "inventory.mac")
        for label in filter(None, (address, "" if name.isdecimal() else name, serial, mac)):
            if _same(self.labels.setdefault((site, label), (name, serial)), (name, serial)):
                return normal.one_line(label, LABEL_CAP)
        return f"{self.source.path.name} {where}"


def site_of(text: str) -> str:
    """Return a site's name; a subnet mask in a column called subnet is none."""
    try:
        ip_address(text.partition("/")[0])
    except ValueError:
        return normal.one_line(text, LABEL_CAP)
    return ""


def _first(values: Told, kind: str) -> str:
    return values[kind][0] if kind in values else ""


def _with(places: list[str], problem: str) -> str:
    """Return a problem with the rows that have it, the first ones by name."""
    more = f"; so it is with {len(places) - 1} more" if len(places) > 1 else ""
    names = f": {', '.join(places[1:SHOWN])}" if len(places) > 1 else ""
    return f"{places[0].replace('row ', 'line ') if places[0].startswith('row ') else places[0]} {problem}{more}{names}"


def _same(owner: tuple[str, str], mine: tuple[str, str]) -> bool:
    """Tell whether rows of one label may be one device: nothing tells them apart."""
    for one, other in zip(owner, mine, strict=True):
        if one and other:
            return one == other
    return True
