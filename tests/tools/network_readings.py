"""What is read of a drawn network, and what of it a variant leaves out or spoils; the truth stays.

The devices speak as the lab plays them, through the parsers a scan uses; variants work on the facts, so that one
reading serves all of them.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from auditor import normal
from auditor.lab import samples
from auditor.lab.cast import Played, cast
from auditor.lab.network import LabDevice, Network
from auditor.lab.wiring import wire_up
from auditor.model import Fact, Observation, Reason, Target, Unread
from auditor.parse import cli, snmp
from tests.tools.drawn_networks import SAMPLES, labels

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
STALE = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """What of a network is visible: announcements, spanning tree, switches read, whole tables."""

    lldp: str = "all"  # all, endpoints (switches do not hear each other), none
    stp: bool = True
    own: bool = True  # switches talk, so that others learn their MACs
    unread: int = 0
    cut: int = 0
    noted: bool = True  # whether the reader tells that a table was cut
    stale: int = 0
    moved: int = 0  # devices that a stale table still has
    cloned: int = 0
    quiet: float = 0.0  # how many devices have spoken to nobody but the gateway lately


@dataclass
class Records:
    """The records of one variant, and which switches are read, cut or stale in it."""

    observations: list[Observation] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    dark: set[str] = field(default_factory=set)
    spoilt: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    clones: dict[str, str] = field(default_factory=dict)


@cache
def _sample(name: str) -> samples.Sample:
    return samples.read(SAMPLES, name)


class Readings:
    """A drawn network, played and read once."""

    def __init__(self, network: Network) -> None:
        # Every site counts its addresses from the same one, as sites do.
        sites = tuple(replace(site, at="10.0.0.") for site in network.sites)
        self.network = network = replace(network, sites=sites)
        boxes = [cast(one, _sample(one.plays), labels()[one.plays], network) for one in network.devices]
        self.boxes = wire_up(network, boxes)
        self.facts = {box.name: _facts(box) for box in self.boxes}
        self.switches = [one for one in network.devices if one.tables]
        self.macs = {box.mac for box in self.boxes if box.device.tables}

    def records(self, variant: Reduced, seed: int = 0) -> Records:
        """Return what a variant leaves of the readings."""
        chance = random.Random(seed)
        records = Records()
        inner = chance.sample([one for one in self.switches if one.switch], len(self.switches) - self._tops())
        take = iter(inner)
        records.dark = {next(take).name for _ in range(variant.unread)}
        cut = {next(take).name for _ in range(variant.cut)}
        stale = [next(take) for _ in range(variant.stale)]
        records.spoilt = cut | {one.name for one in stale}
        facts = {name: self._left(rows, variant) for name, rows in self.facts.items() if name not in records.dark}
        self._hush(variant.quiet, facts, chance)
        self._clone(variant.cloned, facts, records, chance)
        for one in stale:
            self._move(variant.moved, one, facts, records, chance)
        for name in sorted(cut):
            facts[name] = _cut(facts[name], chance)
        for box in self.boxes:
            target = Target(address=box.address, site=box.device.site)
            if box.name in records.dark:
                records.unread.append(Unread(target=target, collector="snmp", at=NOW, reason=Reason.AUTHENTICATION))
                continue
            if box.name in cut and variant.noted:
                note = "forwarding table: limit, more than 200 rows"
                records.unread.append(
                    Unread(target=target, collector="snmp", at=NOW, reason=Reason.PARTIAL, detail=note)
                )
            # One switch after the other is read, within what a table keeps.
            age = STALE if box.name in {one.name for one in stale} else timedelta(seconds=chance.randint(0, 900))
            at = NOW - age
            way = "snmp" if "snmp" in box.device.logins else "ssh"
            records.observations.append(Observation(target=target, collector=way, at=at, facts=tuple(facts[box.name])))
        return records

    def _tops(self) -> int:
        return sum(1 for one in self.switches if not one.switch)

    def _left(self, rows: list[Fact], variant: Reduced) -> list[Fact]:
        """Return the facts of one device without what a variant does not show."""
        of_switches = {
            fact.about for fact in rows if fact.kind == "lldp.chassis" and normal.mac(fact.value) in self.macs
        }
        silent = {f"mac:{mac}" for mac in self.macs} if not variant.own else set()
        left = []
        for fact in rows:
            is_claim = fact.about.startswith("lldp:")
            if is_claim and (variant.lldp == "none" or (variant.lldp == "endpoints" and fact.about in of_switches)):
                continue
            if (fact.kind == "stp.bridge" and not variant.stp) or fact.about in silent:
                continue
            left.append(fact)
        return left

    def alone(self) -> dict[str, LabDevice]:
        """Return what hangs alone on a port of a switch that is in the network, by MAC."""
        ports = defaultdict(list)
        for one in self.network.plugged:
            ports[one.site, one.switch, one.port].append(one)
        by_name = {one.name: one for one in self.switches}
        return {group[0].mac: by_name[switch] for (_, switch, _), group in ports.items() if switch and len(group) == 1}

    def _clone(self, count: int, facts: dict[str, list[Fact]], records: Records, chance: random.Random) -> None:
        """Give a device the MAC of one on another switch; each switch has it where it is nearest."""
        heard = {one.mac: one for one in self.network.bystanders if not one.lldp}
        able = [(mac, heard[mac]) for mac, at in self.alone().items() if mac in heard and at.name in facts]
        for _ in range(count):
            (one, at), (other, there) = chance.sample(able, 2)
            if (
                at.site != there.site
                or at.switch == there.switch
                or {one, other} & {*records.clones, *records.clones.values()}
            ):
                continue
            records.clones[other] = one
            for name, rows in facts.items():
                if name == there.switch:
                    facts[name] = [_renamed(fact, other, one) for fact in rows if fact.about != f"mac:{one}"]
                elif self._site(name) == at.site:
                    facts[name] = [fact for fact in rows if fact.about != f"mac:{other}"]

    def _hush(self, share: float, facts: dict[str, list[Fact]], chance: random.Random) -> None:
        """Take devices out of tables that are not on their way to the gateway."""
        above = {one.name: one.switch for one in self.network.devices}
        for one in self.network.plugged:
            if chance.random() >= share or one.mac in self.macs:
                continue
            way, at = set(), one.switch
            while at:
                way.add(at)
                at = above.get(at, "")
            for name in facts.keys() - way:
                facts[name] = [fact for fact in facts[name] if fact.about != f"mac:{one.mac}"]

    def _site(self, name: str) -> str:
        return next(one.site for one in self.network.devices if one.name == name)

    def _move(
        self, count: int, stale: LabDevice, facts: dict[str, list[Fact]], records: Records, chance: random.Random
    ) -> None:
        """Let an old table have devices where they were once: alone on ports of its own."""
        macs = [mac for mac, at in self.alone().items() if at.site == stale.site and at.name != stale.name]
        able = [mac for mac in macs if any(one.mac == mac for one in self.network.bystanders)]
        for number, mac in enumerate(chance.sample(able, min(count, len(able)))):
            about = f"mac:{mac}"
            rows = [fact for fact in facts[stale.name] if fact.about != about]
            port = Fact(kind="fdb.port", value=f"Gi9/0/{number}", where="old", about=about)
            facts[stale.name] = [*rows, Fact(kind="fdb.mac", value=normal.spelled(mac), where="old", about=about), port]
            records.moved.add(mac)


def _facts(box: Played) -> list[Fact]:
    """Return all that is read of one device, over SNMP or on its command line."""
    if "snmp" in box.device.logins:
        return list(snmp.facts(box.sample.varbinds))
    pairs = cli.split_transcript(box.sample.transcript)
    name = cli.hostname(box.sample.transcript)
    own = [Fact(kind="inventory.name", value=name)] if name else []
    return own + [fact for command, reply in pairs for fact in cli.facts(command, reply)]


def _cut(rows: list[Fact], chance: random.Random) -> list[Fact]:
    """Return a reading whose table of MACs ended halfway, whatever stood in the first half."""
    abouts = list(dict.fromkeys(fact.about for fact in rows if fact.kind == "fdb.mac"))
    gone = set(chance.sample(abouts, len(abouts) // 2))
    return [fact for fact in rows if fact.about not in gone or not fact.kind.startswith("fdb.")]


def _renamed(fact: Fact, old: str, new: str) -> Fact:
    if fact.about != f"mac:{old}":
        return fact
    value = normal.spelled(new) if fact.kind == "fdb.mac" else fact.value
    return replace(fact, about=f"mac:{new}", value=value)


def around(readings: Readings, name: str, dark: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the ports of read switches that lead to an unread one and its unread neighbours."""
    by_name = {one.name: one for one in readings.switches}
    top = by_name[name]
    while top.switch in dark:
        top = by_name[top.switch]
    if top.switch:
        yield top.switch, top.port
    waiting = [top.name]
    while waiting:
        at = waiting.pop()
        for one in readings.switches:
            if one.switch == at and one.name in dark:
                waiting.append(one.name)
            elif one.switch == at:
                yield one.name, one.uplink
