"""Tables about others: who reports, which MAC, at which address, port and VLAN."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor import normal
from auditor.imports.cells import address_of, clean, macs_of
from auditor.imports.rows import LABEL_CAP, LOCAL, Rows, site_of
from auditor.model import About, Fact, Observation, Record, Target, about_address, about_mac, ip_of, kind_of, quick_fact

BATCH = 50_000
FEW = 2  # MACs under one name beside a port, which make it the name of whoever heard them
MANY = 3  # the same without a port: a computer may have two interfaces
NO_MAC = "holds no MAC and says nothing of a neighbour, passed over"
# Columns that describe a device of one's own; a table that has one is an inventory, wherever its devices are plugged
# in.
OWN = frozenset(
    {
        "inventory.model",
        "inventory.serial",
        "inventory.firmware",
        "inventory.acquired",
        "snmp.sysdescr",
        "snmp.sysobjectid",
    }
)
PLUGGED = frozenset({"fdb.port", "interface", "fdb.vlan"})
_VLAN = re.compile(r"(?:vlan[ -]?(?:id)?)?[ -]?([0-9]{1,4})(?:/[-0-9]*)*\Z", re.IGNORECASE | re.ASCII)
_ROUTED = re.compile(r"vlan(?:if|-interface)?[ .]?([0-9]{1,4})\Z", re.IGNORECASE | re.ASCII)
_SWITCHED = re.compile(
    r"(?=\D*[a-z])[\w -]*\d+/\d+[\w/.:]*\Z|(?:ether|ethernet|eth|ge|gi|te|xe|swp|sfp)[a-z-]*\d[\d/.:]*\Z",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShape:
    """Which columns name the reporter and its addresses; the rest is about the MAC."""

    reporter: int | None = None
    addresses: frozenset[int] = frozenset()


def shape(columns: Mapping[int, str], rows: Sequence[Sequence[str]], sorts: Iterable[int] = ()) -> ReportShape | None:
    """Return how a table about others is laid out, None where it is an inventory."""
    kinds = {kind for index, kind in columns.items() if index not in sorts}
    # Of whoever hears others, the clients' systems may be told too.
    own = OWN - {"inventory.firmware"} if "reporter" in kinds and kinds & PLUGGED else OWN
    if "inventory.mac" not in kinds or kinds & own or "said_by" in kinds:
        return None
    mac = next(index for index, kind in columns.items() if kind == "inventory.mac")
    subject = {
        index: _subject_column(index, mac, rows)
        for index, kind in columns.items()
        if kind in {"address", "inventory.name"}
    }
    addresses = frozenset(i for i, most in subject.items() if columns[i] == "address" and most >= FEW)
    reporter = next((index for index, kind in columns.items() if kind == "reporter"), None)
    if kinds & PLUGGED:
        names = [index for index in subject if columns[index] == "inventory.name"]
        if reporter is None:
            reporter = next((index for index in names if subject[index] >= FEW), None)
        if reporter is None and names and _is_of_switches(kinds, rows):
            reporter = names[0]
        nameless = reporter is not None or not names
        return ReportShape(reporter=reporter, addresses=addresses) if nameless or addresses else None
    many = next((index for index, most in subject.items() if columns[index] == "inventory.name" and most >= MANY), None)
    if many is None or "inventory.vendor" in kinds:
        return None
    return ReportShape(reporter=many, addresses=addresses)


def _subject_column(index: int, mac: int, rows: Sequence[Sequence[str]]) -> int:
    """Return the largest number of MACs that stand beside one cell of a column."""
    beside: dict[str, set[str]] = defaultdict(set)
    for cells in rows:
        if max(index, mac) < len(cells) and (cell := clean(cells[index])):
            beside[cell] |= set(map(normal.mac, macs_of(clean(cells[mac])))) - {""}
    return max(map(len, beside.values()), default=0)


def _is_of_switches(kinds: set[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether names that stand once each are switches': by port and VLAN, no address."""
    both = "fdb.vlan" in kinds and not kinds.isdisjoint({"fdb.port", "interface"})
    return both and ("address" not in kinds or len(rows) == 1)


@dataclass(slots=True)
class Reports:
    """Gathers rows about others by reporter, hands them out in bounded observations."""

    rows: Rows
    shape: ReportShape
    facts: dict[tuple[str, str], dict[Fact, None]] = field(default_factory=dict)
    pending: int = 0

    def add(self, columns: Mapping[int, str], cells: Sequence[str], where: str) -> Iterator[Record]:
        """Take in one row; yield what was gathered where that became much."""
        reporter, names, values = self._split(columns, cells)
        row_values = self.rows.cells_by_kind(values)
        site = next(filter(None, map(site_of, row_values.pop("site", ()))), "") or self.rows.source.site
        macs = {normal.mac(mac) for cell in row_values.pop("inventory.mac", ()) for mac in macs_of(cell)} - {""}
        if not macs:
            self.rows.note(NO_MAC, where)
            return
        about = self.facts.setdefault((reporter or self.rows.source.path.name, site), {})
        before = len(about)
        about |= dict.fromkeys(names)
        for digits in sorted(macs):
            if normal.is_local(digits):
                self.rows.note(LOCAL, where)
            about |= dict.fromkeys(_row(digits, row_values, where))
        self.pending += len(about) - before
        if self.pending >= BATCH:
            yield from self.records()

    def records(self) -> Iterator[Record]:
        """Yield what was gathered by reporter; one not read itself is no device."""
        for (reporter, site), facts in self.facts.items():
            target = Target(address=reporter, site=site)
            yield Observation(target=target, collector="table", at=self.rows.source.at, facts=tuple(facts))
        self.facts, self.pending = {}, 0

    def _split(
        self, columns: Mapping[int, str], cells: Sequence[str]
    ) -> tuple[str, list[Fact], dict[str, tuple[str, ...]]]:
        """Return the reporter's label, its name beside an address, and the cells by kind."""
        values: dict[str, tuple[str, ...]] = {}
        name = address = ""
        for index, kind in columns.items():
            cell = cells[index] if index < len(cells) else ""
            if index == self.shape.reporter:
                name = normal.one_line(clean(cell), LABEL_CAP)
            elif index in self.shape.addresses:
                address = address or address_of(clean(cell))
            else:
                values[kind] = (*values.get(kind, ()), cell)
        names = [Fact(kind="inventory.name", value=name)] if name and address else []
        return address or address_of(name) or name, names, values


def _row(digits: str, values: Mapping[str, list[str]], where: str) -> Iterator[Fact]:
    """Yield what a row says of a MAC: its address, where it was learned, and the rest."""
    about, mac = about_mac(digits), normal.spelled(digits)
    addresses = list(filter(None, map(address_of, values.get("address", ()))))
    ports = [
        *values.get("fdb.port", ()),
        *(port for port in values.get("interface", ()) if not addresses or _SWITCHED.match(port)),
    ]
    vlans_routed = [match[1] for port in values.get("interface", ()) if addresses and (match := _ROUTED.match(port))]
    vlans = [match[1] for vlan in values.get("fdb.vlan", ()) if (match := _VLAN.match(vlan))] + vlans_routed
    for address in addresses:
        yield quick_fact("arp.mac", mac, where, about_address(address))
    if not addresses or ports or vlans:
        yield quick_fact("fdb.mac", mac, where, about)
    yield from (quick_fact("fdb.port", port, where, about) for port in ports[:1])
    yield from (quick_fact("fdb.vlan", vlan, where, about) for vlan in vlans[:1])
    # A MAC made up for one network names no box; what is said beside it is said of whoever had the address.
    nameless = bool(addresses) and normal.is_local(digits)
    yield from _words(values, mac, where, about_address(addresses[0]) if nameless else about)


def _words(cells: Mapping[str, list[str]], mac: str, where: str, about: About) -> Iterator[Fact]:
    """Yield the words beside a MAC; a vendor with the MAC it may have been looked up by."""
    words = [
        (kind, value) for kind, values in cells.items() if kind.startswith(("inventory.", "dhcp.")) for value in values
    ]
    if words and ("inventory.vendor" in cells or ip_of(about)):
        yield quick_fact("inventory.mac", mac, where, about)
    yield from (quick_fact(kind_of(kind), value, where, about) for kind, value in words)
