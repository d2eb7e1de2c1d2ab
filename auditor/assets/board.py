"""The ports of all reporters: MACs learned there, announcements, and where each leads."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from auditor import normal
from auditor.assets.claims import LINK_KINDS
from auditor.assets.links import Announcement, Bridge, Links
from auditor.assets.register import Register
from auditor.model import Fact, FactList

MANY_MEMBERS = 8
NAMELESS = "a device"
# The family of ports that bundle others, as `oui_rules/ports.toml` names it.
AGGREGATE = "aggregate "


class Row(NamedTuple):
    """A port of a switch, in the one spelling it has here."""

    by: str
    port: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """One device that was read, with its tables: when they were taken, and its own addresses."""

    key: str
    name: str
    site: str
    macs: Iterable[str]
    at: datetime
    facts: Iterable[Fact]


@dataclass(slots=True)
class Switchboard:
    """The ports of every reporter; `spelling` returns the one spelling of a port."""

    spelling: Callable[[str], str]
    bridges: dict[str, Bridge] = field(default_factory=dict)
    power_ports: set[Row] = field(default_factory=set)
    links: Links = field(default_factory=lambda: Links({}, ()))
    register: Register = field(default_factory=Register)
    _ports: list[list[Row | None]] = field(default_factory=list)
    _crowd: Counter[Row] = field(default_factory=Counter)
    _odd: dict[tuple[str, str], set[Row]] = field(default_factory=lambda: defaultdict(set))
    _spellings: dict[Row, str] = field(default_factory=dict)
    _bundles: dict[Row, list[str]] = field(default_factory=lambda: defaultdict(list))
    _aggregate: dict[Row, str] = field(default_factory=dict)
    _strangers: dict[Row, list[tuple[str, frozenset[str]]]] = field(default_factory=lambda: defaultdict(list))
    _routers: set[str] = field(default_factory=set)
    _above: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, reporter: Reporter) -> None:
        """Take in the tables of one device that was read."""
        key, facts = reporter.key, FactList.of(reporter.facts)
        bridge = Bridge(key=key, name=reporter.name, site=reporter.site, macs=frozenset(reporter.macs), at=reporter.at)
        self.bridges[key] = bridge
        # Announcements may spell a port in another way than the switch's own tables do.
        for fact in facts.plain:
            if fact.kind not in LINK_KINDS:
                self._note(key, fact)
        ports = dict.fromkeys(port for table in facts.tables for port in table.cells("port") if port is not None)
        for port in ports:
            self._spellings.setdefault(Row(key, self.spelling(port)), normal.one_line(port))
        for fact in facts.plain:
            if fact.kind in LINK_KINDS:
                self._note(key, fact)
        rows = {None: None} | {port: self.row(key, port) for port in ports}
        for table in facts.tables:
            self.register.add(reporter.site, key, table)
            self._ports.append([rows[port] for port in table.cells("port")])
            if table.name == "arp":
                self._routers.add(key)
            elif "port" in table.columns:
                bridge.tables.append((table.macs, [row and row.port for row in self._ports[-1]]))
        learned = [
            (normal.mac(fact.about[4:]), self.row(key, fact.value).port)
            for fact in facts.plain
            if fact.kind == "fdb.port" and fact.about.startswith("mac:")
        ]
        for mac, port in learned:
            self._odd[reporter.site, mac].add(Row(key, port))
        bridge.tables += [([mac], [port]) for mac, port in learned]
        self._crowd.update(Row(key, port) for _, port in set(bridge.rows()))
        bridge.ports.update(port for _, port in set(bridge.rows()))

    def connect(self, claims: Iterable[Announcement], strangers: Iterable[tuple[str, str, str, str]]) -> None:
        """Take in who announces itself to whom over LLDP and CDP; strangers were not read.

        A stranger is a reporter's key, its port, and the name and MAC announced there. What was read without a table
        shows nothing of what hangs behind it, so that it counts as a stranger too.
        """
        between = []
        for claim in claims:
            at, far = self.row(claim.by, claim.port), self.bridges[claim.of]
            if far.has_table:
                port = claim.far and self.row(claim.of, claim.far).port
                between.append(Announcement(by=claim.by, port=at.port, of=claim.of, far=port))
            else:
                self._strangers[at].append((far.name, far.macs))
        for by, text, name, mac in strangers:
            self._strangers[self.row(by, text)].append((name or normal.spelled(mac), frozenset(filter(None, (mac,)))))
        self.links = Links(self.bridges, between)
        self._root()

    def _note(self, by: str, fact: Fact) -> None:
        if fact.kind == "arp.mac":
            self._routers.add(by)
        elif fact.kind in {"fdb.port", "if.name", *LINK_KINDS}:
            at = Row(by, self.spelling(fact.value))
            self._spellings.setdefault(at, normal.one_line(fact.value))
            if fact.kind != "fdb.port":
                self.bridges[by].ports.add(at.port)
        elif fact.kind == "lag.member":
            bundle = Row(by, self.spelling(fact.where))
            self._spellings.setdefault(bundle, normal.one_line(fact.where))
            self._bundles[bundle].append(normal.one_line(fact.value))
            self._aggregate[Row(by, self.spelling(fact.value))] = bundle.port
        elif fact.kind == "poe.port":
            self.power_ports.add(Row(by, self.spelling(fact.value)))

    def row(self, by: str, text: str) -> Row:
        """Return a port in its one spelling; a member of an aggregate is that aggregate."""
        port = Row(by, self.spelling(text))
        return Row(by, self._aggregate.get(port, port.port))

    def name(self, key: str) -> str:
        """Return what people call a reporter."""
        return self.bridges[key].name if key in self.bridges else key

    def names(self, row: Row) -> tuple[str, str]:
        """Return a port as people say it: the switch's name, and the port as the switch spells it."""
        return self.name(row.by), self._spellings.get(row, row.port)

    def at(self, key: str) -> datetime:
        """Return when the tables of a reporter were taken."""
        return self.bridges[key].at

    def crowd(self, row: Row) -> int:
        """Return how many MACs were learned on a port."""
        return self._crowd[row]

    def others(self, row: Row, macs: Collection[str]) -> int:
        """Return how many MACs beside some were learned on a port."""
        site = self.bridges[row.by].site
        return self._crowd[row] - sum(row in self.learned(site, (mac,)) for mac in set(macs))

    def learned(self, site: str, macs: Iterable[str]) -> set[Row]:
        """Return the ports on which MACs were learned."""
        odd = {row for mac in macs for row in self._odd.get((site, mac), ())} if self._odd else set()
        return odd | self.ports(self.register.rows(site, macs))

    def ports(self, numbers: Iterable[int]) -> set[Row]:
        """Return the ports that rows of tables name."""
        rows = (self._ports[table][at] for table, at in map(self.register.split, numbers))
        return {row for row in rows if row is not None}

    def rows_on(self, numbers: Iterable[int], place: tuple[str, str]) -> list[int]:
        """Return those rows of tables that name a port, spelled as people say it."""
        pairs = ((number, self._ports[table][at]) for number in numbers for table, at in (self.register.split(number),))
        return [number for number, row in pairs if row is not None and self.names(row) == place]

    def strangers(self, row: Row, macs: Collection[str]) -> list[str]:
        """Return who announces itself on a port without a table of its own or one of these MACs."""
        names = (name or NAMELESS for name, own in self._strangers.get(row, ()) if own.isdisjoint(macs))
        return list(dict.fromkeys(names))

    def is_aggregate(self, row: Row) -> bool:
        """Tell whether a port bundles others."""
        return row in self._bundles or row.port.startswith(AGGREGATE)

    def members(self, row: Row) -> str:
        """Return the sentence on what a port bundles, if it does."""
        members = sorted(self._bundles.get(row, ()))[:MANY_MEMBERS]
        return f" The port bundles {' and '.join(members)}." if members else ""

    def is_uplink(self, row: Row) -> bool:
        """Tell whether several MACs are behind an aggregate or a port with an announcement."""
        return self.crowd(row) > 1 and (self.is_aggregate(row) or row in self._strangers)

    def is_access(self, row: Row) -> bool:
        """Tell whether one device alone is behind a port, as far as is known."""
        return self.crowd(row) == 1 and not self._strangers.get(row) and not self.beyond(row)

    def beyond(self, row: Row) -> Sequence[str]:
        """Return the switches a port is known to lead to."""
        return self.links.behind.get((row.by, row.port), ())

    def edges(self, rows: Sequence[Row]) -> list[Row]:
        """Return the ports behind which no switch has the device on a port that leads elsewhere."""
        # Where few devices are, the device is most likely: there the question is soon answered.
        likely = sorted(rows, key=self._crowd.__getitem__)
        return [row for row in rows if not any(self._is_nearer(other, row) for other in likely)]

    def _is_nearer(self, row: Row, to: Row) -> bool:
        """Tell whether a device on two ports is nearer to the first: the second leads there, not the first back."""
        return self.links.leads(to.by, to.port, row.by) and not self.links.leads(row.by, row.port, to.by)

    def face_each_other(self, rows: Sequence[Row]) -> bool:
        """Tell whether each of these ports leads to the switches of all others."""
        return len({row.by for row in rows}) == len(rows) and all(
            self.links.leads(one.by, one.port, other.by) for one in rows for other in rows if one.by != other.by
        )

    def amid(self, rows: Sequence[Row]) -> list[str]:
        """Return the switches behind every one of these ports; the device may hang on one of them."""
        common = set.intersection(*(set(self.beyond(row)) for row in rows))
        return sorted(common - {row.by for row in rows})

    def above(self, key: str) -> list[Row]:
        """Return the ports of the nearest switches towards the gateway that lead to a switch."""
        return self._above.get(key, [])

    def _root(self) -> None:
        """Find for each switch the port of the switch above it, on the way to the root of its site."""
        sites: dict[str, list[str]] = defaultdict(list)
        for bridge in self.bridges.values():
            if bridge.has_table:
                sites[bridge.site].append(bridge.key)
        uplinks: dict[str, set[str]] = defaultdict(set)
        for (one, _), ports in self.links.toward.items():
            uplinks[one] |= ports
        for keys in sites.values():
            # The gateway most likely: a router, then the switch with the most uplinks.
            root = min(keys, key=lambda key: (key not in self._routers, -len(uplinks[key]), key))
            for key in keys:
                if key != root:
                    self._above[key] = self._nearest(key, root, keys)

    def _nearest(self, key: str, root: str, keys: Iterable[str]) -> list[Row]:
        """Return the ports that lead to a switch from the root's side, the nearest alone."""
        rows = [
            Row(one, port)
            for one in keys
            if one != key
            for port in sorted(self.links.toward.get((one, key), ()))
            if one == root or not self.links.leads(one, port, root)
        ]
        above = {row.by for row in rows}
        return sorted(
            row
            for row in rows
            if not any(self._stands(row, other, key) for other in above if self.links.leads(row.by, row.port, other))
        )

    def _stands(self, row: Row, other: str, key: str) -> bool:
        """Tell whether a switch behind a port has the wanted one on a port that leads onwards."""
        ports = self.links.toward.get((other, key), ())
        return other != key and any(not self.links.leads(other, port, row.by) for port in ports)
