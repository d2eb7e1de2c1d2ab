"""In a drawn campus and a rural carrier each device is one asset, on its port, never wrong and sure."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import pytest

from auditor.assets.merge import merge
from auditor.assets.ports import load_ports
from auditor.assets.serials import load_fillers
from auditor.model import Confidence, Seen
from auditor.normal import is_local
from auditor.rules.load import builtin
from auditor.rules.oui import Kind, Registry
from tests.tools.drawn_networks import FILES, FOLDER, as_toml, campus, rural
from tests.tools.network_readings import Readings, Reduced, Records, around

PORTS, FILLERS = load_ports([builtin()]), load_fillers([builtin()])
VARIANTS = {
    "LLDP everywhere": Reduced(),
    "switches do not hear each other": Reduced(lldp="endpoints"),
    "no LLDP": Reduced(lldp="none"),
    "no LLDP, no spanning tree": Reduced(lldp="none", stp=False),
    "no LLDP, switches silent": Reduced(lldp="none", own=False),
    "nothing but tables": Reduced(lldp="none", stp=False, own=False),
    "a switch unread": Reduced(unread=1),
    "a switch unread, no LLDP": Reduced(lldp="none", unread=1),
    "a table cut short": Reduced(cut=1),
    "a table cut short, no LLDP": Reduced(lldp="none", stp=False, cut=1),
    "a table cut short, untold": Reduced(lldp="none", cut=1, noted=False),
    "a stale table and moved devices": Reduced(stale=1, moved=4),
    "cloned MACs": Reduced(lldp="endpoints", cloned=2),
}
DRAW = {"campus": campus, "rural": rural}


@cache
def registry() -> Registry:
    return Registry.load()


def identifies(digits: str) -> bool:
    return registry().kind(digits) is Kind.UNIVERSAL


@cache
def readings(name: str, seed: int) -> Readings:
    return Readings(DRAW[name](seed))


@dataclass
class Score:
    """What came of one variant: counts, and what is wrong in words."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def score(read: Readings, variant: Reduced, seed: int = 0) -> Score:
    """Compare the assets of a variant with the truth."""
    records = read.records(variant, seed)
    cut = {(one.target.site, one.target.address) for one in records.unread if one.may_lack_rows}
    assets = merge(records.observations, identifies, FILLERS, PORTS, cut)
    result = Score()
    _count(read, records, assets, result)
    _places(read, records, assets, result)
    return result


def _count(read, records, assets, result):
    """Compare how many assets there are with how many there should be, and look for two in one."""
    owners = {box.mac: box.name for box in read.boxes} | {one.mac: one.mac for one in read.network.bystanders}
    known = {mac for fact in _facts(records) for mac in [fact.about.removeprefix("mac:")]} | {
        box.mac for box in read.boxes if box.name not in records.dark
    }
    of_lldp = {
        fact.value.replace(":", "").replace("-", "").replace(".", "").lower()
        for fact in _facts(records)
        if fact.kind == "lldp.chassis"
    }
    wanted = {owner for mac, owner in owners.items() if mac in known | of_lldp and identifies(mac)}
    result.counts.update(wanted=len(wanted), assets=sum(1 for one in assets if not _is_terminal(one)))
    for one in assets:
        names = {owners[mac] for mac in one.macs if mac in owners}
        if len(names) > 1:
            result.faults.append(f"over-merged: {names}")


def _facts(records: Records):
    return (fact for one in records.observations for fact in one.facts)


def _is_terminal(asset) -> bool:
    """Tell whether it is an optical terminal that the recording of a line terminal lists."""
    return asset.seen is Seen.HEARD and "/gpon:" in asset.key


def _places(read, records, assets, result):
    by_mac = {(one.site, mac): one for one in assets for mac in one.macs}
    alone = read.alone()
    switches = {one.name: one for one in read.switches}
    twins = {mac: other for other, mac in records.clones.items()}
    truth = {one.mac: one for one in read.network.plugged}
    for one in read.network.plugged:
        if one.switch == "" or one.mac in records.clones or one.mac in read.macs or is_local(one.mac):
            continue
        asset = by_mac.get((one.site, one.mac))
        place = asset.place if asset else None
        homes = [one, *([truth[twins[one.mac]]] if one.mac in twins else [])]
        right = place is not None and (place.switch, PORTS(place.port)) in _wanted(read, homes, records, place)
        sure = place is not None and place.confidence is not Confidence.LOW
        if sure and not right:
            result.faults.append(f"wrong and sure: {one} -> {place}")
        if place is not None and place.confidence is not Confidence.HIGH and not place.behind:
            result.faults.append(f"flat and in doubt: {place}")
        if getattr(one, "maker", "") and place is None:
            result.faults.append(f"hidden and not placed: {one}")
        result.counts.update(all=1, right=right, sure=sure)
        if not right:
            result.faults.append(f"info: {one} -> {place}")
        on = switches[one.switch]
        fair = one.switch not in records.dark | records.spoilt and one.mac not in {*records.moved, *twins}
        if one.mac in alone and fair and on.tables:
            result.counts.update(alone=1, alone_high=place is not None and place.confidence is Confidence.HIGH)


def _wanted(read, homes, records, place):
    """Return where something may be told to be: on its port, or behind what was not read or is cut."""
    wanted = set()
    for one in homes:
        ports = (
            {(one.switch, one.port)} if one.switch not in records.dark else set(around(read, one.switch, records.dark))
        )
        if one.switch in records.spoilt and place.behind.removeprefix("on or ") == f"behind {one.switch}":
            ports |= set(around(read, one.switch, records.dark | {one.switch}))
        wanted |= {(switch, PORTS(port)) for switch, port in ports}
    return wanted


def check(result: Score) -> None:
    counts = result.counts
    assert [one for one in result.faults if not one.startswith("info")] == []
    assert counts["assets"] == counts["wanted"]
    assert counts["right"] >= 0.99 * counts["all"]
    assert counts["alone_high"] >= 0.9 * counts["alone"]
    assert counts["sure"] >= 0.85 * counts["all"]
    assert counts["all"] > 100


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("name", DRAW)
def test_each_device_is_one_asset_on_its_port_and_nothing_is_wrong_and_sure(name, variant):
    check(score(readings(name, 0), variant))


@pytest.mark.parametrize("name", FILES)
def test_the_networks_to_play_are_those_that_are_drawn(name):
    draw, head = FILES[name]

    assert (FOLDER / f"{name}.toml").read_text(encoding="utf-8") == as_toml(draw(0), head)
