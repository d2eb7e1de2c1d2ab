"""How well the devices of a drawn network are told apart and placed, compared with its truth.

python -m tests.tools.network_score 40      scores both networks in every variant over 40 seeds
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from auditor.assets.ports import load_ports
from auditor.assets.serials import load_fillers
from auditor.lab.network import Bystander, LabDevice
from auditor.model import CollectedAsset, Confidence, Fact, Place, Seen
from auditor.normal import is_local, mac, spelled
from auditor.rules.load import builtin
from auditor.rules.oui import Kind, Registry
from tests.tools.drawn_networks import campus, rural
from tests.tools.merging import merge
from tests.tools.network_readings import Readings, Records, Reduced, around

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
    "a stale table, moved devices, nothing but tables": Reduced(stale=1, moved=5, lldp="none", stp=False, own=False),
    "three switches unread, nothing but tables": Reduced(unread=3, lldp="none", stp=False, own=False),
    "two tables cut short": Reduced(cut=2, lldp="none"),
    "little traffic": Reduced(lldp="endpoints", quiet=0.7),
    "little traffic, nothing but tables": Reduced(lldp="none", stp=False, own=False, quiet=0.7),
    "cloned MACs": Reduced(lldp="endpoints", cloned=2),
}
BARE = {"lldp": "none", "stp": False, "own": False}
STALE = {"stale": 1, "moved": 4}
# Two or three faults at once, where no switch announces itself: nothing may be wrong and sure, much may be open.
COMBINED = {
    "unread and cut": Reduced(lldp="none", unread=1, cut=1),
    "unread and cut, untold": Reduced(lldp="none", unread=1, cut=1, noted=False),
    "unread and stale": Reduced(**BARE, **STALE, unread=1),
    "unread and cloned": Reduced(**BARE, unread=1, cloned=2),
    "cut and stale": Reduced(**BARE, **STALE, cut=1),
    "cut and cloned": Reduced(**BARE, cut=1, cloned=2),
    "cut, untold, and cloned": Reduced(**BARE, cut=1, noted=False, cloned=2),
    "stale and cloned": Reduced(**BARE, **STALE, cloned=2),
    "cloned, little traffic": Reduced(**BARE, cloned=2, quiet=0.5),
    "unread, cut and stale": Reduced(lldp="none", **STALE, unread=1, cut=1),
    "unread, cut and cloned": Reduced(**BARE, unread=1, cut=1, cloned=2),
    "unread, stale and cloned": Reduced(**BARE, **STALE, unread=1, cloned=2),
    "cut, cloned, little traffic": Reduced(**BARE, cut=1, cloned=2, quiet=0.5),
    "all of them": Reduced(**BARE, **STALE, unread=1, cut=1, cloned=2),
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


def _count(read: Readings, records: Records, assets: Sequence[CollectedAsset], result: Score) -> None:
    """Compare how many assets there are with how many there should be, and look for two in one."""
    owners = {box.mac: box.name for box in read.boxes} | {one.mac: one.mac for one in read.network.bystanders}
    known = {fact.about.removeprefix("mac:") for fact in _facts(records)}
    known |= {box.mac for box in read.boxes if box.name not in records.dark}
    known |= {mac(fact.value) for fact in _facts(records) if fact.kind in {"lldp.chassis", "arp.mac"}}
    wanted = {owner for digits, owner in owners.items() if digits in known and identifies(digits)}
    result.counts.update(wanted=len(wanted), assets=sum(1 for one in assets if not _is_terminal(one)))
    for one in assets:
        names = {owners[digits] for digits in one.macs if digits in owners}
        if len(names) > 1:
            result.faults.append(f"over-merged: {names}")


def _facts(records: Records) -> Iterator[Fact]:
    return (fact for one in records.observations for fact in one.facts)


def _is_terminal(asset: CollectedAsset) -> bool:
    """Tell whether it is an optical terminal that the recording of a line terminal lists."""
    return asset.seen is Seen.HEARD and "/gpon:" in asset.key


def _places(read: Readings, records: Records, assets: Iterable[CollectedAsset], result: Score) -> None:
    """Compare places and how sure they are with what hangs where."""
    by_mac = {(one.site, digits): one for one in assets for digits in one.macs}
    alone = read.alone()
    switches = {one.name: one for one in read.switches}
    twins = {digits: other for other, digits in records.clones.items()}
    truth = {one.mac: one for one in read.network.plugged}
    for one in read.network.plugged:
        is_dark = one.mac in read.macs and one.name in records.dark
        if one.switch == "" or one.mac in records.clones or is_local(one.mac) or is_dark:
            continue
        asset = by_mac.get((one.site, one.mac))
        place = asset.place if asset else None
        homes = [one, *([truth[twins[one.mac]]] if one.mac in twins else [])]
        right = place is not None and (place.switch, PORTS(place.port)) in _wanted(read, homes, records, place)
        if one.mac in read.macs and (place is None or place.confidence is Confidence.LOW):
            continue
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


def _wanted(
    read: Readings, homes: Iterable[LabDevice | Bystander], records: Records, place: Place
) -> set[tuple[str, str]]:
    """Return where something may be told to be: on its port, or behind what was not read or is cut."""
    # What a cut or stale table lacks may hang behind the switch it is of, if the place says so.
    # What was not read goes by its MAC where nothing but the spanning tree tells of it.
    names = [(box.name, word) for box in read.boxes for word in (box.name, spelled(box.mac))]
    named = {name for name, word in names if name in records.dark | records.spoilt and word in place.behind}
    wanted = set()
    for one in homes:
        is_dark, is_hazy = one.switch in records.dark, one.switch in records.spoilt and bool(named)
        ports = {(one.switch, one.port)} if not is_dark else set(around(read, one.switch, records.dark))
        if is_dark or is_hazy:
            ports |= set(around(read, one.switch, records.dark | named | {one.switch}))
        wanted |= {(switch, PORTS(port)) for switch, port in ports}
    return wanted


def faults(result: Score, *, single: bool = True) -> list[str]:
    """Return what of the promises a score does not keep; of several faults at once much may be low."""
    counts = result.counts
    promises = {
        f"{counts['assets']} assets of {counts['wanted']}": counts["assets"] == counts["wanted"],
        f"{counts['right']} of {counts['all']} right": counts["right"]
        >= (0.99 if single else 0.97) * counts["all"]
        > 0,
        f"{counts['alone_high']} of {counts['alone']} alone are high": counts["alone_high"] >= 0.9 * counts["alone"],
        f"{counts['sure']} of {counts['all']} not low": counts["sure"] >= 0.85 * counts["all"] or not single,
    }
    return [one for one in result.faults if not one.startswith("info")] + [
        one for one, kept in promises.items() if not kept
    ]


def main(seeds: int) -> int:
    """Print a line a network and variant over many seeds; return how many broke a promise."""
    broken = 0
    for name in DRAW:
        for title, variant in (VARIANTS | COMBINED).items():
            single = title in VARIANTS
            scores = [score(readings(name, seed), variant, seed) for seed in range(seeds)]
            counts = sum((one.counts for one in scores), Counter[str]())
            problems = [
                f"seed {seed}: {fault}" for seed, one in enumerate(scores) for fault in faults(one, single=single)
            ]
            broken += bool(problems)
            sys.stdout.write(
                f"{name:8}{title:52}{_line(counts)}\n" + "".join(f"    {one[:300]}\n" for one in problems[:5])
            )
    return broken


def _line(counts: Counter[str]) -> str:
    shares = (("right", "right", "all"), ("alone high", "alone_high", "alone"), ("not low", "sure", "all"))
    words = [f"{title} {counts[part] / max(1, counts[whole]):.2%}" for title, part, whole in shares]
    return f"assets {counts['assets']} of {counts['wanted']}, " + ", ".join(words)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
