"""Which port leads to which switch: by own addresses, announcements and common table rows.

A network without loops is a tree: of two switches each has one port towards the other. Where neither was heard by the
other, the addresses both learned tell which ports these are (Lowekamp, O'Hallaron, Gross 2001; Breitbart et al. 2000).
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from operator import attrgetter, itemgetter

from auditor.assets.claims import Carries
from auditor.assets.common import common_tables, domains

# Tables age within minutes (IEEE 802.1D: 300 s): one that is this much older than another says where a device was.
AGEING = timedelta(minutes=30)
# This share of the addresses two switches have in common may contradict the ports facing each other: tables age, and
# between tables of two days devices have moved.
TOLERANCE, TOLERANCE_OF_AGE = 0.02, 0.1
# So many times the contradictions of the best port any other has to have, where there are some.
CLEAR = 3
NOWHERE: frozenset[str] = frozenset()
_count = itemgetter(1)
# A broadcast domain has fewer switches; where addresses join more of them, comparing all with all tells nothing.
MANY = 1000
# So many more contradictions every other port must have, so that a single stray address decides nothing.
MARGIN = 2


@dataclass(slots=True, kw_only=True)
class Bridge:
    """One switch that was read, with its own addresses and the ports of those it learned.

    `tables` are the addresses of each of its tables and, one for one, the ports; None where a row names none. On
    `busy` ones it learned any.
    """

    key: str
    name: str
    site: str
    macs: frozenset[str]
    at: datetime
    cut: bool = False
    tables: list[tuple[Sequence[str], Sequence[str | None]]] = field(default_factory=list)
    ports: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    @property
    def has_table(self) -> bool:
        """Tell whether it learned anything on any port."""
        return bool(self.tables)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each address it learned with the port."""
        for macs, ports in self.tables:
            yield from ((mac, port) for mac, port in zip(macs, ports, strict=True) if port is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An announcement of a switch that was read: `by` hears `of` on `port`, sent from `far`.

    `far` are the names its sender may have for the port, `over` is the protocol: LLDP, CDP, or spanning tree.
    """

    by: str
    port: str
    of: str
    far: tuple[str, ...] = ()
    over: str = "lldp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An announcement of what was not read: who hears it where, its name, MACs, what it carries.

    `key` is that of its asset, where it becomes one.
    """

    by: str
    port: str
    name: str
    macs: frozenset[str] = frozenset()
    carries: Carries = Carries.UNKNOWN
    key: str = ""


class Links:
    """The ports of each switch that lead to each other one, and what lies behind each port."""

    def __init__(self, bridges: Mapping[str, Bridge], claims: Iterable[Announcement]) -> None:
        self.bridges = bridges
        self.toward: dict[tuple[str, str], frozenset[str]] = {}
        self._covers: dict[tuple[str, str, str], bool] = {}
        self._perhaps: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._announce(claims)
        sites: dict[str, list[Bridge]] = defaultdict(list)
        for bridge in bridges.values():
            if bridge.has_table:
                sites[bridge.site].append(bridge)
        for site in sites.values():
            self._hear(site)
            self._compare(site)
        self._extend()
        self.perhaps = {
            (one, port): [other for other in others if (one, other) not in self.toward]
            for (one, port), others in sorted(self._perhaps.items())
        }
        self.behind: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (one, other), ports in sorted(self.toward.items()):
            for port in ports:
                self.behind[one, port].append(other)

    def leads(self, one: str, port: str, other: str) -> bool:
        """Tell whether a port of one switch is known to lead to another."""
        return port in self.toward.get((one, other), NOWHERE)

    def covers(self, one: str, other: str, port: str) -> bool:
        """Tell whether a switch has all on its other ports that another's port towards it has."""
        if (one, other, port) not in self._covers:
            back, bridge = self.toward.get((one, other), NOWHERE), self.bridges[one]
            beyond = {mac for mac, there in bridge.rows() if there not in back} | bridge.macs
            ahead = (mac for mac, there in self.bridges[other].rows() if there == port)
            self._covers[one, other, port] = bool(back) and all(mac in beyond for mac in ahead)
        return self._covers[one, other, port]

    def _tell(self, one: str, other: str, ports: Iterable[str]) -> None:
        """Note ports that lead from one switch to another; equal sets of ports are one object."""
        both = self.toward.get((one, other), NOWHERE).union(filter(None, ports))
        if both:
            self.toward[one, other] = self._sets.setdefault(both, both)

    def _announce(self, claims: Iterable[Announcement]) -> None:
        for claim in claims:
            if self._carries(claim.by, claim.port):
                self._tell(claim.by, claim.of, (claim.port,))
            far = self.bridges.get(claim.of)
            ports = [port for port in claim.far if far is not None and port in far.ports]
            if ports and claim.by in self.bridges and self._carries(claim.of, ports[0]):
                self._tell(claim.of, claim.by, ports[:1])

    def _carries(self, key: str, port: str) -> bool:
        """Tell whether frames come in on a port: none do where the spanning tree blocks a cable."""
        bridge = self.bridges.get(key)
        return bridge is None or not bridge.has_table or port in bridge.busy

    def _hear(self, site: Sequence[Bridge]) -> None:
        """A switch whose own address was learned on a port lies behind that port."""
        owners = {mac: bridge.key for bridge in site for mac in bridge.macs}
        for bridge in site:
            for mac, port in bridge.rows():
                if mac in owners and owners[mac] != bridge.key:
                    self._tell(bridge.key, owners[mac], (port,))

    def _compare(self, site: Sequence[Bridge]) -> None:
        """Find the ports with which two switches face each other by the addresses both learned."""
        for domain in domains(site) if len(site) > 1 else ():
            if len(domain) <= MANY:
                self._face(domain)

    def _face(self, domain: Sequence[Bridge]) -> None:
        pairs = [
            (one, other)
            for one, other in combinations(sorted(domain, key=attrgetter("key")), 2)
            if (one.key, other.key) not in self.toward or (other.key, one.key) not in self.toward
        ]
        tables = common_tables(domain) if pairs else {}
        for one, other in pairs:
            common = PortPairs(tables[one.key].pairs(tables[other.key]))
            share = TOLERANCE_OF_AGE if abs(one.at - other.at) > AGEING else TOLERANCE
            ahead, back = self.toward.get((one.key, other.key)), self.toward.get((other.key, one.key))
            if ahead:
                self._tell(other.key, one.key, (common.opposite(ahead, share),))
            elif back:
                self._tell(one.key, other.key, (common.reverse().opposite(back, share),))
            elif common.total:
                mine, theirs = common.facing(share)
                self._tell(one.key, other.key, (mine,))
                self._tell(other.key, one.key, (theirs,))
            if common.total:
                self._suppose(one.key, other.key, common.mine)
                self._suppose(other.key, one.key, common.theirs)

    def _suppose(self, one: str, other: str, side: "Side") -> None:
        """Note on which ports another switch may lie where no one is known."""
        if (one, other) not in self.toward:
            for port in side.able():
                self._perhaps[one, port].append(other)

    def _extend(self) -> None:
        """A port that leads to a switch leads to everything behind the other ports of that switch."""
        ahead: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for (one, other), ports in self.toward.items():
            ahead[one][other] = ports
        everybody: dict[str, set[str]] = defaultdict(set)
        for bridge in self.bridges.values():
            everybody[bridge.site].add(bridge.key)
        more = True
        while more:
            steps = [self._reach_further(near, ahead, everybody[one.site]) for near, one in self.bridges.items()]
            more = any(steps)

    def _reach_further(self, near: str, ahead: dict[str, dict[str, frozenset[str]]], everybody: set[str]) -> bool:
        """Take over what lies behind each switch whose way is known; tell if there was any."""
        mine, before = ahead[near], len(ahead[near])
        strangers = everybody - mine.keys() - {near}
        for middle in list(mine) if strangers else ():
            back = ahead[middle].get(near)
            for far in strangers & ahead[middle].keys() if back else ():
                if ahead[middle][far].isdisjoint(back or NOWHERE):
                    strangers.discard(far)
                    mine[far] = mine[middle]
                    self._tell(near, far, mine[middle])
        return len(mine) > before


class PortPairs:
    """The addresses two switches both learned, counted by the ports of both.

    They tell which ports face each other: an address that both learned lies behind the facing port of at least one of
    them, and all other ports break that rule.
    """

    __slots__ = ("_pairs", "mine", "theirs", "total")

    def __init__(self, pairs: Mapping[tuple[str, str], int]) -> None:
        by_mine: dict[str, int] = {}
        by_theirs: dict[str, int] = {}
        for (mine, theirs), count in pairs.items():
            by_mine[mine] = by_mine.get(mine, 0) + count
            by_theirs[theirs] = by_theirs.get(theirs, 0) + count
        self._pairs, self.total = pairs, sum(by_mine.values())
        reverse = {(theirs, mine): count for (mine, theirs), count in pairs.items()}
        self.mine = Side(self.total, by_mine, by_theirs, pairs)
        self.theirs = Side(self.total, by_theirs, by_mine, reverse)

    def reverse(self) -> "PortPairs":
        """Return the same, the second switch first."""
        return PortPairs({(theirs, mine): count for (mine, theirs), count in self._pairs.items()})

    def facing(self, share: float = TOLERANCE) -> tuple[str, str]:
        """Return the ports with which both face each other, empty where that is unclear."""
        return self.mine.certain(share), self.theirs.certain(share)

    def opposite(self, ports: Container[str], share: float = TOLERANCE) -> str:
        """Return the second switch's port that faces these: it has what the first learned elsewhere."""
        counts: dict[str, int] = {}
        for (mine, theirs), count in self._pairs.items():
            if mine not in ports:
                counts[theirs] = counts.get(theirs, 0) + count
        total = sum(counts.values())
        best = max(counts, key=counts.__getitem__, default="")
        most = counts.get(best, 0)
        return best if most >= MARGIN and total - most <= int(total * share) else ""


class Side:
    """How many common addresses speak against each port of one of two switches, the least first."""

    __slots__ = ("_breaches", "_total")

    def __init__(
        self, total: int, own: Mapping[str, int], far: Mapping[str, int], pairs: Mapping[tuple[str, str], int]
    ) -> None:
        largest = sorted(far.items(), key=_count, reverse=True)
        breaches = {port: total - count - _elsewhere(port, largest, pairs) for port, count in own.items()}
        # A port on which nothing in common was learned may be the one as well.
        breaches[""] = total - (largest[0][1] if largest else 0)
        self._total = total
        self._breaches = sorted([(count, port) for port, count in breaches.items()])

    def able(self) -> list[str]:
        """Return the ports that may face the other switch: little speaks against them."""
        most = max(int(self._total * TOLERANCE) + MARGIN, self._breaches[0][0] * CLEAR)
        return [port for count, port in self._breaches if port and count < most]

    def certain(self, share: float) -> str:
        """Return the one port that can face any port of the other."""
        (least, best), *rest = self._breaches[:2]
        needed = max(int(self._total * TOLERANCE) + MARGIN, least * CLEAR)
        if not best or least > int(self._total * share) or not rest or rest[0][0] < needed:
            return ""
        return best


def _elsewhere(mine: str, largest: Iterable[tuple[str, int]], pairs: Mapping[tuple[str, str], int]) -> int:
    """Return the most one port of the second switch has of what the first has elsewhere."""
    most = 0
    for theirs, count in largest:
        if count <= most:
            break
        most = max(most, count - pairs.get((mine, theirs), 0))
    return most
