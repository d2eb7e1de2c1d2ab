"""An audit as a graph: its devices, the cables between them, the gateways it is rooted at."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from auditor.model import Asset, Audit, AuditedAsset, Confidence, Finding, Place, Tier
from auditor.normal import one_line
from auditor.report.topology.search import Cuts, Tree, components
from auditor.report.views import CELL, by_site, device

PLACE = "place"
MOST_LINKS = "no gateway was seen among what it is connected to; of that it is the nearest to the middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What connects two devices, by their keys; cables of one pair are one, with all ports."""

    one: str
    ports: tuple[str, ...] = ()
    other: str
    far_ports: tuple[str, ...] = ()
    source: str
    confidence: Confidence

    @property
    def port(self) -> str:
        """Return the ports of the first device, for people."""
        return one_line(", ".join(self.ports), CELL)

    @property
    def far_port(self) -> str:
        """Return the ports of the other device, for people."""
        return one_line(", ".join(self.far_ports), CELL)

    def turned(self) -> "Connection":
        """Return the same cable from its other end."""
        return replace(self, one=self.other, ports=self.far_ports, other=self.one, far_ports=self.ports)

    def beside(self, other: "Connection") -> "Connection":
        """Return one cable in place of two of the same pair."""
        ports, far_ports = dict.fromkeys(self.ports + other.ports), dict.fromkeys(self.far_ports + other.far_ports)
        return replace(self, ports=tuple(ports), far_ports=tuple(far_ports))


class Topology:
    """The graph of one audit.

    `cables` maps each device to its neighbours, each cable as seen from the device. `roots` are the gateways with the
    reason; what no gateway is connected to has a root of its own.
    """

    def __init__(self, audit: Audit, gateways: Iterable[str] = ()) -> None:
        self.audit = audit
        self.items = {item.asset.key: item for item in sorted(audit.assets, key=by_site)}
        self.cables: dict[str, dict[str, Connection]] = {key: {} for key in self.items}
        for cable in _cables(audit, self.items):
            self._connect(cable)
        self.roots = self._root(dict.fromkeys(gateways, "named as the gateway"))

    def _connect(self, cable: Connection) -> None:
        if cable.one == cable.other or not {cable.one, cable.other} <= self.items.keys():
            return
        before = self.cables[cable.one].get(cable.other)
        if before is not None and cable.source == PLACE:
            return
        cable = cable if before is None else before.beside(cable)
        self.cables[cable.one][cable.other] = cable
        self.cables[cable.other][cable.one] = cable.turned()

    def _root(self, gateways: Mapping[str, str]) -> dict[str, str]:
        """Return the roots of all parts that are connected, in the order of devices."""
        reasons = gateways or {one.asset: one.because for one in self.audit.gateways}
        roots: dict[str, str] = {}
        for part in components(self.cables):
            able = [key for key in part if key in reasons]
            if not gateways:
                able = self._of_largest_site(part, able)
            central = max(part, key=lambda key: (self.items[key].asset.place is None, len(self.cables[key])))
            roots |= {key: reasons[key] for key in able} or {central: MOST_LINKS if len(part) > 1 else ""}
        return roots

    def _of_largest_site(self, part: Iterable[str], gateways: list[str]) -> list[str]:
        """Return the gateways of the largest site: of connected ones it carries the others."""
        numbers = Counter(self.items[key].asset.site for key in part)
        home = max((self.items[key].asset.site for key in gateways), key=lambda site: (numbers[site], site), default="")
        return [key for key in gateways if self.items[key].asset.site == home]

    @cached_property
    def tree(self) -> Tree:
        """Return the shortest way from each device to a gateway."""
        return Tree.of(self.cables, self.roots)

    @cached_property
    def cuts(self) -> Cuts:
        """Return what each device cuts off when it goes."""
        return Cuts.of(self.cables, self.roots)

    def name(self, key: str) -> str:
        """Return what people call a device."""
        return device(self.items[key].asset)

    def asset(self, key: str) -> Asset:
        """Return a device by its key."""
        return self.items[key].asset

    def way(self, key: str) -> Connection | None:
        """Return the cable on which a device hangs, as seen from what carries it."""
        parent = self.tree.parent[key]
        return self.cables[parent][key] if parent else None

    def findings(self, key: str) -> list[Finding]:
        """Return what was found on a device of covered makers, components apart."""
        return covered(self.items[key])

    def carries(self, key: str) -> bool:
        """Tell whether anything hangs on a device."""
        return bool(self.tree.children[key])

    def around(self, key: str, hops: int) -> list[str]:
        """Return the devices within so many cables of one, the nearest first."""
        distance = {key: 0}
        for near in (queue := [key]):
            for other in self.cables[near] if distance[near] < hops else ():
                if other not in distance:
                    distance[other] = distance[near] + 1
                    queue.append(other)
        return queue

    def redundancy(self, key: str) -> str:
        """Return by what else those behind a device are reached while it is gone, or an empty text."""
        others = list(dict.fromkeys(self.tree.bypasses.get(key, {}).values()))
        if not others:
            return ""
        names = [self.name(one) for one in others[:3]]
        less = "no more" if self.cuts.number(key) else "nothing"
        return f"on a ring: {less} is cut while {' and '.join(names)} stand{'' if len(names) > 1 else 's'}"


def covered(item: AuditedAsset) -> list[Finding]:
    """Return the findings on covered makers that nobody set aside."""
    return [one for one in item.findings if one.tier is Tier.COVERED and one.waiver is None]


def _cables(audit: Audit, items: Mapping[str, AuditedAsset]) -> Iterator[Connection]:
    for link in audit.links:
        yield Connection(
            one=link.one,
            ports=_some(link.port),
            other=link.other,
            far_ports=_some(link.far_port),
            source=link.source.value,
            confidence=link.confidence,
        )
    names = _names(items.values())
    for key, item in items.items():
        place = item.asset.place
        if place is None:
            continue
        for carrier in _carriers(item.asset, place, names):
            is_switch = carrier in items and _is_called(items[carrier].asset, place.switch)
            ports = _some(place.port) if is_switch else ()
            yield Connection(one=carrier, ports=ports, other=key, source=PLACE, confidence=place.confidence)


def _carriers(asset: Asset, place: Place, names: Mapping[tuple[str, str], list[str]]) -> Iterable[str]:
    """Return the keys of what a device is plugged into; older audits have names alone."""
    if place.carriers:
        return place.carriers
    keys = names.get((asset.site, place.switch), [])
    return keys if len(keys) == 1 else ()


def _names(items: Iterable[AuditedAsset]) -> dict[tuple[str, str], list[str]]:
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        for name in dict.fromkeys(filter(None, (item.asset.name, item.asset.address))):
            names[item.asset.site, name].append(item.asset.key)
    return names


def _is_called(asset: Asset, name: str) -> bool:
    return name in {asset.name, asset.key, *asset.addresses}


def _some(port: str) -> tuple[str, ...]:
    return (port,) if port else ()
