"""Networks of known wiring: the tables each switch would hold, and where devices hang.

A site is a tree of switches. Devices hang on a port alone, behind a phone, on an unmanaged switch or on a switch nobody
read. Forwarding tables follow from the tree; what a variant leaves out (LLDP, a switch, rows) is left out of the
observations and never of the truth.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from auditor.model import Fact, Observation, Target

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
HOSTS = ("001422", "bcad28", "3c970e", "001b21", "00408c")
SWITCHES = ("001b54", "00e0fc", "28c0da")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What of a network is visible: announcements, switches read, the part of tables kept."""

    lldp: str = "all"  # all, endpoints (switches do not hear each other), none
    own: bool = True  # switches talk (their own MACs are learned by others)
    unread: int = 0
    reach: float = 1.0  # to how many of the switches a device has spoken lately; every switch on the way has heard it
    cut: int = 0
    stale: bool = False


@dataclass(eq=False)
class Switch:
    """One switch of the tree: its number, its uplink, and what hangs on its ports."""

    number: int
    parent: "Switch | None"
    uplink: str
    serial: str
    mac: str
    down: dict[str, "Switch"] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    read: bool = True

    @property
    def name(self) -> str:
        return f"sw{self.number}"


@dataclass
class Site:
    """A drawn site: its switches, what is announced where, the truth by MAC."""

    name: str
    switches: list[Switch]
    announced: dict[str, str]
    alone: set[str]

    def truth(self) -> dict[str, tuple[str, str]]:
        """Return where each device hangs: the name of the switch, read or not, and its port."""
        return {mac: (one.name, port) for one in self.switches for port, macs in one.hosts.items() for mac in macs}


def draw(seed: int, *, switches: int = 12, hosts: int = 20, name: str = "s") -> Site:
    """Return a site drawn by a seed: a tree of switches, devices on their ports."""
    chance = random.Random(seed)
    made: list[Switch] = []
    announced: dict[str, str] = {}
    alone: set[str] = set()
    number = seed * 100_000
    for index in range(switches):
        parent = None if not made else made[0] if index <= switches // 4 else chance.choice(made[: max(1, index // 2)])
        mac = f"{chance.choice(SWITCHES)}{seed % 256:02x}{index:04x}"
        one = Switch(index, parent, "Gi1/0/48", f"SN{seed:03}{index:05}", mac)
        if parent is not None:
            parent.down[f"Gi1/0/{40 + len(parent.down)}" if len(parent.down) < 8 else f"Te1/1/{len(parent.down)}"] = one
        made.append(one)
    for one in made:
        for port in range(1, chance.randint(1, hosts) + 1):
            crowd = chance.choices((1, 2, 6), (80, 12, 8))[0]
            macs = []
            for _ in range(crowd):
                number += 1
                macs.append(f"{chance.choice(HOSTS)}{number:06x}")
            if crowd == 1:
                alone.update(macs)
            if crowd == 2:
                announced[macs[0]] = f"SEP{number}"
            one.hosts[f"Gi1/0/{port}"] = macs
    return Site(name, made, announced, alone)


def observations(site: Site, variant: Variant, seed: int = 0) -> list[Observation]:
    """Return what is read of a site in one variant."""
    chance = random.Random(seed)
    inner = [one for one in site.switches if one.parent is not None]
    for one in chance.sample(inner, min(variant.unread, len(inner))):
        one.read = False
    read = [one for one in site.switches if one.read]
    cut = set(chance.sample([one.number for one in read], min(variant.cut, len(read))))
    everywhere = {one.number for one in site.switches}
    spoken = _spoken(site, variant.reach, chance)
    found = []
    for one in read:
        rows = [
            row
            for row in _rows(site, one, variant)
            if row[1] in one.hosts or one.number in spoken.get(row[0], everywhere)
        ]
        if one.number in cut:
            rows = rows[: len(rows) // 2]
        facts = [*_facts(one, rows), *_claims(site, one, variant)]
        at = NOW - timedelta(days=2) if variant.stale and one.number == max(site.switches[-1].number, 1) else NOW
        found.append(
            Observation(
                target=Target(address=f"10.0.{one.number // 250}.{one.number % 250 + 1}", site=site.name),
                collector="snmp",
                at=at,
                facts=tuple(facts),
            )
        )
    return found


def _facts(one: Switch, rows: Sequence[tuple[str, str]]) -> list[Fact]:
    """Return what a switch says of itself, and its table."""
    facts = [
        Fact(kind="snmp.sysname", value=one.name, where="1.3.6.1.2.1.1.5.0"),
        Fact(kind="entity.serial", value=one.serial, where="1"),
        Fact(kind="if.mac", value=one.mac, where="1"),
    ]
    for mac, port in rows:
        about = f"mac:{mac}"
        facts += [
            Fact(kind="fdb.mac", value=mac, where=mac, about=about),
            Fact(kind="fdb.port", value=port, where=mac, about=about),
        ]
    return facts


def _spoken(site: Site, reach: float, chance: random.Random) -> dict[str, set[int]]:
    """Return for each device the switches its frames passed on the way to all it spoke to."""
    if reach >= 1:
        return {}
    passed: dict[str, set[int]] = {}
    for one in site.switches:
        for macs in one.hosts.values():
            for mac in macs:
                ends = [other for other in site.switches if chance.random() < reach]
                passed[mac] = {step.number for end in ends for step in _way(one, end)}
    return passed


def _way(one: Switch, other: Switch) -> list[Switch]:
    """Return the switches between two of a tree, both ends included."""
    mine, theirs = list(_upwards(one)), list(_upwards(other))
    top = next(step for step in mine if step in theirs)
    return mine[: mine.index(top) + 1] + theirs[: theirs.index(top)]


def _upwards(one: Switch) -> Iterator[Switch]:
    step: Switch | None = one
    while step is not None:
        yield step
        step = step.parent


def _rows(site: Site, one: Switch, variant: Variant) -> Iterator[tuple[str, str]]:
    """Yield every MAC a switch learned with the port towards it."""
    for port, macs in one.hosts.items():
        yield from ((mac, port) for mac in macs)
    for port, child in one.down.items():
        yield from ((mac, port) for mac in _below(child, variant))
    if one.parent is not None:
        below = set(_below(one, variant)) | {one.mac}
        yield from ((mac, one.uplink) for mac in _below(site.switches[0], variant) if mac not in below)


def _below(one: Switch, variant: Variant) -> Iterator[str]:
    if variant.own:
        yield one.mac
    for macs in one.hosts.values():
        yield from macs
    for child in one.down.values():
        yield from _below(child, variant)


def _claims(site: Site, one: Switch, variant: Variant) -> Iterator[Fact]:
    if variant.lldp == "none":
        return
    number = 0
    for port, macs in one.hosts.items():
        for mac in macs:
            if mac in site.announced:
                number += 1
                yield from _claim(number, mac, site.announced[mac], port, "eth0")
    if variant.lldp == "endpoints":
        return
    for port, child in one.down.items():
        number += 1
        yield from _claim(number, child.mac, child.name, port, child.uplink)
    if one.parent is not None:
        port = next(port for port, child in one.parent.down.items() if child is one)
        yield from _claim(number + 1, one.parent.mac, one.parent.name, one.uplink, port)


def _claim(number: int, mac: str, name: str, port: str, far: str) -> Iterator[Fact]:
    about = f"lldp:{number}.1"
    for kind, value in (("lldp.chassis", mac), ("lldp.sysname", name), ("lldp.localport", port), ("lldp.portid", far)):
        yield Fact(kind=kind, value=value, where=f"{number}", about=about)
