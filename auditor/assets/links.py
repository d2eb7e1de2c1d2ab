"""Which port leads to which switch: by own addresses, announcements and common table rows.

A network without loops is a tree: of two switches each has one port towards the other. Where neither was heard by the
other, the addresses both learned tell which ports these are (Lowekamp, O'Hallaron, Gross 2001; Breitbart et al. 2000).
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from auditor.assets.claims import Carries

# Tables age within minutes (IEEE 802.1D: 300 s): one that is this much older than another says where a device was.
AGEING = timedelta(minutes=30)
# This share of the addresses two switches have in common may contradict the ports facing each other: tables age, and
# between tables of two days devices have moved.
TOLERANCE, TOLERANCE_OF_AGE = 0.02, 0.1
# So many times the contradictions of the best port any other has to have, where there are some.
CLEAR = 3
# So many more contradictions every other port must have, so that a single stray address decides nothing.
MARGIN = 2


@dataclass(slots=True, kw_only=True)
class Bridge:
    """One switch that was read, with its own addresses and the ports of those it learned."""

    key: str
    name: str
    site: str
    macs: frozenset[str]
    at: datetime
    cut: bool = False
    rows: dict[str, dict[str, None]] = field(default_factory=dict)
    ports: set[str] = field(default_factory=set)
    crowd: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, mac: str, port: str) -> None:
        """Note that an address was learned on a port."""
        self.rows.setdefault(mac, {})[port] = None
        self.crowd[port].add(mac)
        self.ports.add(port)


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
        self.toward: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._announce(claims)
        self._hear()
        self._compare()
        self._extend()
        self.behind: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (one, other), ports in sorted(self.toward.items()):
            for port in ports:
                self.behind[one, port].append(other)

    def leads(self, one: str, port: str, other: str) -> bool:
        """Tell whether a port of one switch is known to lead to another."""
        return port in self.toward.get((one, other), ())

    def _announce(self, claims: Iterable[Announcement]) -> None:
        for claim in claims:
            if self._carries(claim.by, claim.port):
                self.toward[claim.by, claim.of].add(claim.port)
            far = self.bridges.get(claim.of)
            ports = [port for port in claim.far if far is not None and port in far.ports]
            if ports and claim.by in self.bridges and self._carries(claim.of, ports[0]):
                self.toward[claim.of, claim.by].add(ports[0])

    def _carries(self, key: str, port: str) -> bool:
        """Tell whether frames come in on a port: none do where the spanning tree blocks a cable."""
        bridge = self.bridges.get(key)
        return bridge is None or not bridge.rows or port in bridge.crowd

    def _hear(self) -> None:
        """A switch whose own address was learned on a port lies behind that port."""
        owners: dict[str, dict[str, str]] = defaultdict(dict)
        for bridge in self.bridges.values():
            if bridge.rows:
                owners[bridge.site] |= dict.fromkeys(bridge.macs, bridge.key)
        for bridge in self.bridges.values():
            own = owners[bridge.site]
            for mac in own.keys() & bridge.rows.keys():
                if own[mac] != bridge.key:
                    self.toward[bridge.key, own[mac]] |= bridge.rows[mac].keys()

    def _compare(self) -> None:
        able = sorted(key for key, bridge in self.bridges.items() if bridge.rows)
        for one, other in combinations(able, 2):
            if self.bridges[one].site != self.bridges[other].site:
                continue
            ahead, back = self.toward.get((one, other)), self.toward.get((other, one))
            if ahead and back:
                continue
            pairs = self._pairs(one, other)
            is_stale = abs(self.bridges[one].at - self.bridges[other].at) > AGEING
            share = TOLERANCE_OF_AGE if is_stale else TOLERANCE
            if ahead:
                self._tell(other, one, opposite(pairs, ahead, share))
            elif back:
                self._tell(one, other, opposite(_reverse(pairs), back, share))
            else:
                mine, theirs = facing(pairs, share)
                self._tell(one, other, mine)
                self._tell(other, one, theirs)

    def _tell(self, one: str, other: str, port: str) -> None:
        if port:
            self.toward[one, other].add(port)

    def _pairs(self, one: str, other: str) -> Counter[tuple[str, str]]:
        """Count the addresses two switches have in common by the ports both learned them on."""
        mine, theirs = self.bridges[one].rows, self.bridges[other].rows
        return Counter((next(iter(mine[mac])), next(iter(theirs[mac]))) for mac in mine.keys() & theirs.keys())

    def _extend(self) -> None:
        """A port that leads to a switch leads to everything behind the other ports of that switch."""
        more = True
        while more:
            more = False
            for (middle, far), ports in list(self.toward.items()):
                for near in self.bridges:
                    back = self.toward.get((middle, near))
                    ahead = self.toward.get((near, middle))
                    if not back or not ahead or near == far or (near, far) in self.toward or ports & back:
                        continue
                    self.toward[near, far] |= ahead
                    more = True


def facing(pairs: Counter[tuple[str, str]], share: float = TOLERANCE) -> tuple[str, str]:
    """Return the ports with which two switches face each other, empty where that is unclear.

    An address that both learned lies behind the facing port of at least one of them: all other ports break that rule.
    """
    return _certain(pairs, share), _certain(_reverse(pairs), share)


def opposite(pairs: Counter[tuple[str, str]], ports: Container[str], share: float = TOLERANCE) -> str:
    """Return the second switch's port that faces these: it has what the first learned elsewhere."""
    counts: Counter[str] = Counter()
    for (mine, theirs), count in pairs.items():
        if mine not in ports:
            counts[theirs] += count
    (best, most), *_ = counts.most_common(1) or [("", 0)]
    others = counts.total() - most
    return best if most >= MARGIN and others <= int(counts.total() * share) else ""


def _reverse(pairs: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter({(theirs, mine): count for (mine, theirs), count in pairs.items()})


def _certain(pairs: Counter[tuple[str, str]], share: float) -> str:
    """Return the one port of the first switch that can face any port of the second."""
    total = pairs.total()
    by_mine: Counter[str] = Counter()
    by_theirs: Counter[str] = Counter()
    for (mine, theirs), count in pairs.items():
        by_mine[mine] += count
        by_theirs[theirs] += count
    breaches = {
        mine: total - count - max((by_theirs[theirs] - pairs[mine, theirs] for theirs in by_theirs), default=0)
        for mine, count in by_mine.items()
    }
    # A port on which nothing in common was learned may be the one as well.
    breaches[""] = total - max(by_theirs.values(), default=0)
    (best, least), *rest = sorted(breaches.items(), key=lambda item: (item[1], item[0])) or [("", 0)]
    needed = max(int(total * TOLERANCE) + MARGIN, least * CLEAR)
    if not best or least > int(total * share) or not rest or rest[0][1] < needed:
        return ""
    return best
