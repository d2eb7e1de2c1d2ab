"""The ports of all reporters: MACs learned there, announcements, and where each leads."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import NamedTuple

from auditor import normal
from auditor.assets.claims import LINK_KINDS, Carries
from auditor.assets.links import Announcement, Bridge, Links, Stranger
from auditor.assets.register import ROW_BITS, ROW_MASK, Register
from auditor.model import Fact, FactList, NeighbourTable, Place

MANY_MEMBERS = 8
NAMELESS = "a device"
# An ARP table of a single address may be a host's that speaks to its router alone.
MIN_ADDRESSES = 2
# The family of ports that bundle others, as `oui_rules/ports.toml` names it.
AGGREGATE = "aggregate "
AGE_DIGITS = 7
# So many silent devices on one port may share an unmanaged switch or a recorder; more of them hang on a switch.
FEW = 6
_SWITCH = Carries.NETWORK


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
    cut: bool = False
    is_list: bool = False


@dataclass(slots=True)
class Switchboard:
    """The ports of every reporter; `spelling` returns the one spelling of a port.

    `shared` are MACs, each with its site, that several boxes answer with: they are no device on a port.
    """

    spelling: Callable[[str], str]
    shared: Container[tuple[str, str]] = ()
    bridges: dict[str, Bridge] = field(default_factory=dict)
    power_ports: set[Row] = field(default_factory=set)
    links: Links = field(default_factory=lambda: Links({}, ()))
    register: Register = field(default_factory=Register)
    announcements: list[Announcement] = field(default_factory=list)
    gateways: dict[str, str] = field(default_factory=dict)
    recorders: dict[str, frozenset[str]] = field(default_factory=dict)
    _recorder_on: dict[Row, str] = field(default_factory=dict)
    _spellings: dict[Row, tuple[bool, int, str]] = field(default_factory=dict)
    _names: dict[Row, tuple[str, str]] = field(default_factory=dict)
    _bundles: dict[Row, list[str]] = field(default_factory=lambda: defaultdict(list))
    _aggregate: dict[Row, str] = field(default_factory=dict)
    _strangers: dict[Row, list[Stranger]] = field(default_factory=lambda: defaultdict(list))
    _announcer_macs: frozenset[str] = frozenset()
    _designated: set[tuple[Row, str]] = field(default_factory=set)
    port_columns: list[list[Row | None]] = field(default_factory=list)
    _crowd: Counter[Row] = field(default_factory=Counter)
    _odd: dict[tuple[str, str], set[Row]] = field(default_factory=lambda: defaultdict(set))
    # The addresses of its ARP tables, table by table, until the routers are known.
    _arp: dict[str, list[Sequence[str]]] = field(default_factory=lambda: defaultdict(list))
    _above: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, reporter: Reporter) -> None:
        """Take in the tables of one device that was read."""
        bridge = Bridge(
            key=reporter.key,
            name=reporter.name,
            site=reporter.site,
            macs=frozenset(reporter.macs),
            at=reporter.at,
            cut=reporter.cut,
        )
        self.bridges[reporter.key] = bridge
        facts = FactList.of(reporter.facts)
        for fact in facts.plain:
            self._note(reporter.key, fact)
        for table in facts.tables:
            self._learn(bridge, table)
        for fact in facts.plain:
            mac = normal.mac(fact.about.removeprefix("mac:")) if fact.kind == "fdb.port" else ""
            if mac and (reporter.site, mac) not in self.shared:
                row = self.row(reporter.key, fact.value)
                self._odd[reporter.site, mac].add(row)
                bridge.tables.append(([mac], [row.port]))
        if reporter.is_list:
            self._arp.pop(reporter.key, None)
        crowd = self.register.crowds(bridge.site, bridge.rows(), self._odd)
        self._crowd.update({Row(reporter.key, port): count for port, count in crowd.items()})
        bridge.busy = set(crowd)
        bridge.ports |= bridge.busy

    def lend(self, key: str, macs: Iterable[str]) -> None:
        """Take in the MACs ARP tables have for a device that showed none of its own."""
        self.bridges[key].macs |= frozenset(macs)

    def _learn(self, bridge: Bridge, table: NeighbourTable) -> None:
        """Take in a table: which port each row names, in its one spelling."""
        self.register.add(bridge.site, bridge.key, table)
        ports = table.cells("port")
        rows = {port: None if port is None else self.row(bridge.key, port) for port in set(ports)}
        for port in rows:
            if port is not None:
                self._spell(Row(bridge.key, self.spelling(port)), port, is_table=True)
        pairs = zip(table.macs, ports, strict=True)
        self.port_columns.append([None if (bridge.site, mac) in self.shared else rows[port] for mac, port in pairs])
        self._arp[bridge.key].append(table.addresses)
        if "port" in table.columns:
            bridge.tables.append((table.macs, [row and row.port for row in self.port_columns[-1]]))

    def connect(self, claims: Iterable[Announcement], strangers: Iterable[Stranger]) -> None:
        """Take in who announces itself to whom over LLDP and CDP; strangers were not read.

        What was read without a table shows nothing of what hangs behind it, so that it counts as a stranger too.
        """
        self.announcements = list(map(self.in_one_spelling, claims))
        between = []
        for claim in self.announcements:
            far = self.bridges[claim.of]
            if far.has_table:
                between.append(claim)
            else:
                self._strangers[Row(claim.by, claim.port)].append(
                    Stranger(by=claim.by, port=claim.port, name=far.name, macs=far.macs, key=claim.of)
                )
        for one in strangers:
            self._strangers[self.row(one.by, one.port)].append(one)
        spanning = list(self._by_spanning_tree({(one.by, one.port) for one in between}))
        self.announcements += spanning
        self._announcer_macs = frozenset(mac for there in self._strangers.values() for one in there for mac in one.macs)
        self.links = Links(self.bridges, between + spanning)
        self.gateways = self._routers()
        self._arp.clear()
        self._root()

    def in_one_spelling(self, claim: Announcement) -> Announcement:
        """Return an announcement with its ports in the one spelling they have here."""
        names = [name for name in claim.far if not normal.mac(name)]
        far = [self.row(claim.of, name) for name in names]
        for row, name in zip(far, names, strict=True):
            self._spell(row, name)
        return replace(claim, port=self.row(claim.by, claim.port).port, far=tuple(row.port for row in far if row.port))

    def _by_spanning_tree(self, announced: Container[tuple[str, str]]) -> Iterator[Announcement]:
        """Yield the designated bridges that were read; what was not read is a stranger.

        Where somebody announces itself already, a bridge that nobody knows by this MAC is the same device.
        """
        owners = {(one.site, mac): one for one in self.bridges.values() for mac in one.macs}
        ways: dict[Row, dict[str, Bridge | None]] = defaultdict(dict)
        for (by, text), mac in sorted(self._designated):
            ways[self.row(by, text)][mac] = owners.get((self.bridges[by].site, mac))
        for row, bridges in ways.items():
            read = {far.key: None for far in bridges.values() if far is not None and far.has_table}
            yield from (Announcement(by=row.by, port=row.port, of=key, over="stp") for key in read)
            if not read and row not in self._strangers and row not in announced:
                # Some have a MAC for each of their trees.
                mac, far = next(iter(bridges.items()))
                name = far.name if far is not None else normal.spelled(mac)
                macs = frozenset(bridges).union(*(far.macs for far in bridges.values() if far is not None))
                self._strangers[row].append(Stranger(by=row.by, port=row.port, name=name, macs=macs, carries=_SWITCH))

    def _note(self, by: str, fact: Fact) -> None:
        if fact.kind == "arp.mac":
            self._arp[by].append((fact.about.removeprefix("ip:"),))
        elif fact.kind in {"fdb.port", "if.name", *LINK_KINDS}:
            at = Row(by, self.spelling(fact.value))
            self._spell(at, fact.value, is_table=fact.kind == "fdb.port")
            if fact.kind != "fdb.port":
                self.bridges[by].ports.add(at.port)
        elif fact.kind == "lag.member":
            bundle = Row(by, self.spelling(fact.where))
            self._spell(bundle, fact.where)
            self._bundles[bundle].append(normal.one_line(fact.value))
            self._aggregate[Row(by, self.spelling(fact.value))] = bundle.port
        elif fact.kind == "stp.bridge":
            self._designated.add((Row(by, self.spelling(fact.where)), normal.mac(fact.value)))
        elif fact.kind == "poe.port":
            self.power_ports.add(Row(by, self.spelling(fact.value)))

    def _spell(self, row: Row, text: str, *, is_table: bool = False) -> None:
        """Keep one of the spellings of a port to print, in whatever order: that of the table first."""
        name = normal.one_line(text)
        rank = (not is_table, len(name), name)
        self._names.pop(row, None)
        self._spellings[row] = min(rank, self._spellings.get(row, rank))

    def row(self, by: str, text: str) -> Row:
        """Return a port in its one spelling; a member of an aggregate is that aggregate."""
        port = Row(by, self.spelling(text))
        return Row(by, self._aggregate.get(port, port.port))

    def name(self, key: str) -> str:
        """Return what people call a reporter."""
        return self.bridges[key].name if key in self.bridges else key

    def names(self, row: Row) -> tuple[str, str]:
        """Return a port as people say it: the switch's name, and the port as the switch spells it."""
        names = self._names.get(row)
        if names is None:
            names = self._names[row] = self.name(row.by), self._spellings.get(row, (True, 0, row.port))[-1]
        return names

    def at(self, key: str) -> datetime:
        """Return when the tables of a reporter were taken."""
        return self.bridges[key].at

    def age(self, row: Row, macs: Collection[str]) -> timedelta | None:
        """Return how long ago a switch last heard one of these, if it says so."""
        site = self.bridges[row.by].site
        entries = (self.register.entry(number) for mac in macs for number in self.register.rows_of(site, mac, row.by))
        texts = (table.cell("age", at) or "" for _, table, at in entries)
        ages = [int(text) for text in texts if text.isdecimal() and len(text) <= AGE_DIGITS]
        return timedelta(seconds=min(ages)) if ages else None

    def is_cut(self, key: str) -> bool:
        """Tell whether a reporter's tables were not read to their end."""
        return self.bridges[key].cut

    def crowd(self, row: Row) -> int:
        """Return how many MACs were learned on a port."""
        return self._crowd[row]

    def others(self, row: Row, macs: Collection[str]) -> int:
        """Return how many MACs beside some were learned on a port."""
        site = self.bridges[row.by].site
        return self._crowd[row] - sum(self._is_on(row, site, mac) for mac in set(macs))

    def _is_on(self, row: Row, site: str, mac: str) -> bool:
        """Tell whether a MAC was learned on a port."""
        own = self.register.rows_of(site, mac, row.by)
        return row in self._odd.get((site, mac), ()) or row in self.ports(own)

    def tells_apart(self, rows: Collection[Row]) -> bool:
        """Tell whether a device's place on these ports may depend on its MAC or its rows' age."""
        has_recorder = bool(self._recorder_on) and any(row in self._recorder_on for row in rows)
        return has_recorder or (len(rows) > 1 and self.register.has_ages)

    def is_singular(self, site: str, mac: str) -> bool:
        """Tell whether more is known of a MAC than rows of tables say."""
        return mac in self._announcer_macs or (site, mac) in self._odd

    def deciding(self, numbers: Sequence[int], place: Place | None) -> Iterable[int]:
        """Return which rows about an asset decide what it is and where it hangs, each once."""
        if len(numbers) <= 1:
            return numbers
        on_port = self.rows_on(numbers, (place.switch, place.port)) if place is not None else []
        return dict.fromkeys((*self.register.leading(numbers), *self.register.leading(on_port)))

    def learned(self, site: str, macs: Iterable[str]) -> set[Row]:
        """Return the ports on which MACs were learned."""
        odd = {row for mac in macs for row in self._odd.get((site, mac), ())}
        return odd | self.ports(self.register.rows(site, macs))

    def ports(self, numbers: Iterable[int]) -> set[Row]:
        """Return the ports that rows of tables name."""
        ports = self.port_columns
        rows = {ports[number >> ROW_BITS][number & ROW_MASK] for number in numbers}
        return {row for row in rows if row is not None}

    def rows_on(self, numbers: Iterable[int], place: tuple[str, str]) -> list[int]:
        """Return those rows of tables that name a port, spelled as people say it."""
        ports, here = self.port_columns, []
        for number in numbers:
            row = ports[number >> ROW_BITS][number & ROW_MASK]
            if row is not None and self.names(row) == place:
                here.append(number)
        return here

    def lists(self, key: str, cameras: frozenset[str]) -> None:
        """Take in the MACs of the cameras that a recorder lists behind itself."""
        self.recorders[key] = cameras
        for row in self.learned(self.bridges[key].site, self.bridges[key].macs):
            self._recorder_on[row] = min(key, self._recorder_on.get(row, key))

    def recorder(self, row: Row) -> str:
        """Return the key of the recorder that was learned on a port, or nothing."""
        return self._recorder_on.get(row, "")

    def strangers(self, row: Row, macs: Collection[str]) -> list[str]:
        """Return who announces itself on a port without a table of its own or one of these MACs."""
        return list(dict.fromkeys(one.name or NAMELESS for one in self.announcers(row, macs)))

    def announcers(self, row: Row, macs: Collection[str] = ()) -> list[Stranger]:
        """Return them whole, with the keys of their assets."""
        return [one for one in self._carriers(row) if one.macs.isdisjoint(macs)]

    def between(self) -> Iterator[tuple[Row, str]]:
        """Yield each port with the key of the one unread switch that announces itself there."""
        for row in self._strangers:
            keys = {one.key for one in self._carriers(row) if one.carries is not Carries.DEVICES}
            if len(keys) == 1 and "" not in keys:
                yield row, keys.pop()

    def _carriers(self, row: Row) -> list[Stranger]:
        """Return who announces itself on a port and may have others behind it."""
        return [one for one in self._strangers.get(row, ()) if one.carries is not Carries.NOTHING]

    def is_edge(self, row: Row) -> bool:
        """Tell whether a phone or an access point announces itself on a port, and no switch."""
        sorts = {one.carries for one in self._carriers(row)}
        return sorts == {Carries.DEVICES}

    def is_aggregate(self, row: Row) -> bool:
        """Tell whether a port bundles others."""
        return row in self._bundles or row.port.startswith(AGGREGATE)

    def members(self, row: Row) -> str:
        """Return the sentence on what a port bundles, if it does."""
        members = sorted(self._bundles.get(row, ()))[:MANY_MEMBERS]
        return f" The port bundles {' and '.join(members)}." if members else ""

    def is_uplink(self, row: Row) -> bool:
        """Tell whether several MACs are behind an aggregate or a port on which a switch may be."""
        switches = [one for one in self._carriers(row) if one.carries is not Carries.DEVICES]
        return self.crowd(row) > 1 and (self.is_aggregate(row) or bool(switches))

    def is_access(self, row: Row) -> bool:
        """Tell whether one device alone is behind a port, as far as is known."""
        return self.crowd(row) == 1 and not self._strangers.get(row) and not self.beyond(row)

    def beyond(self, row: Row) -> Sequence[str]:
        """Return the switches a port is known to lead to."""
        return self.links.behind.get((row.by, row.port), ())

    def perhaps(self, row: Row) -> Sequence[str]:
        """Return the switches a port may lead to, as none of its switch is known to."""
        return self.links.perhaps.get((row.by, row.port), ())

    def edges(self, rows: Sequence[Row]) -> list[Row]:
        """Return the ports behind which no switch has the device on a port that leads elsewhere."""
        # Where few devices are, the device is most likely: there the question is soon answered.
        likely = sorted(rows, key=self._crowd.__getitem__)
        ahead = [row for row in rows if self.beyond(row)]
        further = {row for row in ahead if any(self._is_nearer(other, row) for other in likely)}
        return [row for row in rows if row not in further]

    def _is_nearer(self, row: Row, to: Row) -> bool:
        """Tell whether of two ports of a device the second leads on to the first, and not back."""
        return self.links.leads(to.by, to.port, row.by) and not self.links.leads(row.by, row.port, to.by)

    def bears_out(self, row: Row, rows: Sequence[Row]) -> bool:
        """Tell whether newer rows leave a device nowhere but where an older one has it."""
        ahead = [one for one in rows if self.links.leads(one.by, one.port, row.by)]
        nearest = min(ahead, key=lambda one: (self._crowd[one], one), default=None)
        if nearest is None or self.is_cut(nearest.by) or self._strangers.get(nearest):
            return False
        if not set(self.beyond(nearest)) <= {row.by, *(one.by for one in rows)}:
            return False
        return self.links.covers(row.by, nearest.by, nearest.port) and not self._may_hide(row.by)

    def _may_hide(self, key: str) -> bool:
        """Tell whether a switch that was not read may be on a port of one that was."""
        rows = [Row(key, port) for port in self.bridges[key].ports]
        return any(
            not self.beyond(row) and not self.is_edge(row) and (self._crowd[row] > FEW or self._carriers(row))
            for row in rows
        )

    def face_each_other(self, rows: Sequence[Row]) -> bool:
        """Tell whether each of these ports leads to the switches of all others."""
        return len({row.by for row in rows}) == len(rows) and all(
            self.links.leads(one.by, one.port, other.by) for one in rows for other in rows if one.by != other.by
        )

    def amid(self, rows: Sequence[Row]) -> list[str]:
        """Return the switches behind every one of these ports; the device may hang on one of them."""
        common = set.intersection(*(set(self.beyond(row)) for row in rows))
        return sorted(common - {row.by for row in rows})

    def unsure(self, row: Row, key: str) -> list[str]:
        """Return the other switches behind a port of which no port is known to lead to a switch."""
        return [other for other in self.beyond(row) if other != key and not self.links.toward.get((other, key))]

    def above(self, key: str) -> list[Row]:
        """Return the ports of the nearest switches towards the gateway that lead to a switch."""
        return self._above.get(key, [])

    def _routers(self) -> dict[str, str]:
        """Return what answers ARP for most of a site, or half of that, and why."""
        sites: dict[str, list[str]] = defaultdict(list)
        counts = {key: _distinct(chain.from_iterable(tables)) for key, tables in sorted(self._arp.items())}
        for key, count in counts.items():
            if count >= MIN_ADDRESSES:
                sites[self.bridges[key].site].append(key)
        gateways: dict[str, str] = {}
        for keys in sites.values():
            most = max(counts[key] for key in keys)
            able = [key for key in keys if counts[key] >= most / 2]
            for key in [key for key in able if self._has_ports(key)] or able:
                gateways[key] = f"its ARP table has {counts[key]} addresses, at least half of the largest of its site"
        return gateways

    def _has_ports(self, key: str) -> bool:
        """Tell whether a device is more than a host of one MAC, such as a manager of others."""
        return self.bridges[key].has_table or len(self.bridges[key].macs) > 1

    def _root(self) -> None:
        """Find for each switch the port of the switch above it, on the way to the root of its site."""
        sites: dict[str, list[str]] = defaultdict(list)
        for bridge in self.bridges.values():
            if bridge.has_table:
                sites[bridge.site].append(bridge.key)
        uplinks: dict[str, set[str]] = defaultdict(set)
        for (one, _), ports in self.links.toward.items():
            uplinks[one] |= ports
        routed = {self.bridges[key].site for key in self.gateways}
        for site, keys in sites.items():
            # The gateway most likely: a router, then the switch with the most uplinks.
            root = min(keys, key=lambda key: (key not in self.gateways, -len(uplinks[key]), key))
            if site not in routed and len(keys) > 1:
                self.gateways[root] = "no ARP table was read at its site, and most of its ports lead to other switches"
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


def _distinct(texts: Iterable[str]) -> int:
    """Return how many texts differ: sorted they take a fifth of the memory of a set."""
    return sum(1 for _ in groupby(sorted(texts)))
