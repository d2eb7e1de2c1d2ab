"""A rural carrier of known wiring: a ring of aggregation, line terminals, microwave, towers.

The truth is the graph it was drawn as. What its devices say follows from that: announcements along the cables, tables
of MACs along a spanning tree of it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx as nx

from auditor.model import Fact, Observation, Target
from tests.tools.wired_networks import NOW

# What is read, and of what only others speak.
READ = frozenset({"router", "switch", "terminal", "radio"})
HEARD = frozenset({"dark", "heard radio", "station", "subscriber"})
TALKS = READ | {"dark", "heard radio"}


@dataclass
class Rural:
    """The drawn network: its graph by names, what each is, its site, the ports of each cable."""

    wiring: "nx.Graph[str]" = field(default_factory=nx.Graph)
    kinds: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    ports: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, kind: str, number: int, *others: str, site: str = "valley") -> str:
        """Add a device with a cable to each of some others; return its name."""
        name = f"{kind.replace(' ', '-')}-{number}"
        self.kinds[name], self.sites[name] = kind, site
        self.wiring.add_node(name)
        for other in others:
            self.join(name, other)
        return name

    def join(self, one: str, other: str) -> None:
        """Connect two devices, each on its next free port."""
        for mine, far in ((one, other), (other, one)):
            self.ports[mine, far] = f"GE0/0/{self.wiring.degree[mine] + 1}"
        self.wiring.add_edge(one, other)

    def mac(self, name: str) -> str:
        """Return the MAC of a device."""
        return f"001b54{list(self.kinds).index(name):06x}"

    def serial(self, name: str) -> str:
        """Return the serial number of a device: of a subscriber's terminal as PON has it."""
        number = list(self.kinds).index(name)
        return f"GPON{number:08X}" if self.kinds[name] == "subscriber" else f"SN{number:09}"


def draw(seed: int, *, is_split: bool = False) -> Rural:
    """Return a network drawn by a seed; split, its towers are sites of their own."""
    chance, net = random.Random(seed), Rural()
    router = net.add("router", 0)
    core = net.add("switch", 0, router)
    ring = [net.add("switch", number, core if number == 1 else f"switch-{number - 1}") for number in range(1, 6)]
    net.join(ring[-1], core)
    for number, above in enumerate(chance.sample(ring, 3)):
        terminal = net.add("terminal", number, above)
        for subscriber in range(chance.randint(2, 6)):
            net.add("subscriber", 10 * number + subscriber, terminal)
    for number in range(4):
        kind = chance.choice(["radio", "heard radio"])
        # Switches behind radios that only others hear keep no spanning tree of their own: they hang off the core.
        near = net.add(kind, 2 * number, chance.choice(ring))
        site = f"tower-{number}" if is_split else "valley"
        far = net.add("radio" if is_split else kind, 2 * number + 1, near, site=site)
        tower = net.add("switch", 20 + number, far, site=site)
        if chance.random() < 0.5 and not is_split:
            tower = net.add("dark", number, tower)
        for station in range(chance.randint(1, 4)):
            net.add("station", 10 * number + station, tower, site=site)
    for number, above in enumerate(ring):
        net.add("station", 100 + number, above)
    return net


def observations(net: Rural) -> list[Observation]:
    """Return what is read of a network: words, announcements, tables."""
    tree = nx.bfs_tree(net.wiring, "router-0").to_undirected()
    return [
        Observation(
            target=Target(address=f"192.0.2.{number}", site=net.sites[name]),
            collector="snmp",
            at=NOW,
            facts=tuple(_facts(net, name, tree)),
        )
        for number, (name, kind) in enumerate(net.kinds.items(), 1)
        if kind in READ
    ]


def _facts(net: Rural, name: str, tree: "nx.Graph[str]") -> Iterator[Fact]:
    yield Fact(kind="snmp.sysname", value=name)
    yield Fact(kind="entity.serial", value=net.serial(name), where="1")
    yield Fact(kind="if.mac", value=net.mac(name), where="1")
    for other in net.wiring[name]:
        yield Fact(kind="if.name", value=net.ports[name, other], where=other)
        if net.kinds[other] in TALKS:
            yield from _hears(net, name, other)
        if net.kinds[name] == "terminal" and net.kinds[other] == "subscriber":
            about = f"gpon:{net.serial(other)}"
            yield Fact(kind="gpon.serial", value=net.serial(other), about=about)
            yield Fact(kind="gpon.port", value=net.ports[name, other], about=about)
    if net.kinds[name] == "router":
        yield from (Fact(kind="arp.mac", value=net.mac(one), about=f"ip:198.51.100.{number}")
                    for number, one in enumerate(net.kinds) if net.kinds[one] != "subscriber")  # fmt: skip
    elif net.kinds[name] != "terminal":
        yield from _learns(net, name, tree)


def _hears(net: Rural, name: str, other: str) -> Iterator[Fact]:
    words = {
        "lldp.chassis": net.mac(other),
        "lldp.sysname": other,
        "lldp.localport": net.ports[name, other],
        "lldp.portid": net.ports[other, name],
    }
    yield from (Fact(kind=kind, value=value, about=f"lldp:{other}") for kind, value in words.items())


def _learns(net: Rural, name: str, tree: "nx.Graph[str]") -> Iterator[Fact]:
    rest = tree.copy()
    rest.remove_node(name)
    for other in tree[name]:
        for one in nx.node_connected_component(rest, other):
            if net.kinds[one] != "subscriber" and net.sites[one] == net.sites[name]:
                about = f"mac:{net.mac(one)}"
                yield Fact(kind="fdb.mac", value=net.mac(one), where=one, about=about)
                yield Fact(kind="fdb.port", value=net.ports[name, other], where=one, about=about)
