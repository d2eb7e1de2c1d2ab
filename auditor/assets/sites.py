"""One device read from several sites is one asset at its home site, with a sighting of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

from auditor import normal
from auditor.assets.boxes import components
from auditor.assets.claims import fold
from auditor.model import Asset, CollectedAsset, Fact, SiteSighting
from auditor.oids import ENTERPRISES

T = TypeVar("T")
MAKER_KINDS = frozenset({"entity.mfg", "inventory.vendor"})

Homes = Mapping[str, str]


def at_home(assets: Sequence[Asset]) -> tuple[list[Asset], Homes]:
    """Return the assets, one for a device at several sites, and whose key became which.

    A serial number joins across sites where a MAC or the maker agrees; one with other MACs joins nothing and is told.
    """
    by_serial: dict[str, list[CollectedAsset]] = defaultdict(list)
    for asset in assets:
        if isinstance(asset, CollectedAsset) and asset.key == normal.one_line(f"{asset.site}/serial:{asset.serial}"):
            by_serial[asset.serial].append(asset)
    settled: dict[str, Asset] = {}
    homes: dict[str, str] = {}
    for group in by_serial.values():
        if len(group) > 1 and (joined := _joined(group)) is not None:
            settled[joined.key] = joined
            homes |= {asset.key: joined.key for asset in group if asset.key != joined.key}
        elif len(group) > 1:
            settled |= {asset.key: _with_doubt(asset, group) for asset in group}
    left = [settled.get(asset.key, asset) for asset in assets if asset.key not in homes]
    return ([renamed(asset, homes) for asset in left] if homes else left), homes


def _joined(group: Sequence[CollectedAsset]) -> CollectedAsset | None:
    """Return several sightings as one asset; nothing where MACs differ or nothing else agrees."""
    if any(one.macs and other.macs and not {*one.macs} & {*other.macs} for one, other in combinations(group, 2)):
        return None
    if len(components([[*asset.macs, *_makers(asset.facts)] for asset in group])) > 1:
        return None
    home, *others = sorted(group, key=lambda asset: (asset.place is None, -len(asset.facts), asset.site))
    sightings = tuple(SiteSighting(site=one.site, address=at) for one in group for at in one.addresses)
    elsewhere = " and ".join(sorted(f"{one.site or 'no site'} ({one.address})" for one in others))
    return replace(
        home,
        name=home.name or min((one.name for one in others if one.name), default=""),
        macs=tuple(_union(one.macs for one in group)),
        facts=tuple(_union(one.facts for one in (home, *others))),
        part_facts=tuple(_union(one.part_facts for one in (home, *others))),
        parts=tuple({part.part: part for one in (*others, home) for part in one.parts}.values()),
        hearsay=tuple(_union(one.hearsay for one in (home, *others))),
        rows=sum(one.rows for one in group),
        collectors=tuple(_union(one.collectors for one in group)),
        conflicts=tuple(_union(one.conflicts for one in group)),
        remarks=(*home.remarks, f"Also read at {elsewhere}; it is counted here alone."),
        sightings=sightings,
    )


def _union(lists: Iterable[Iterable[T]]) -> Iterable[T]:
    return dict.fromkeys(one for own in lists for one in own)


def _makers(facts: Iterable[Fact]) -> Iterator[str]:
    """Yield by whose words a device tells its maker: its enterprise number, and texts."""
    for fact in facts:
        if fact.kind == "snmp.sysobjectid" and normal.oid(fact.value).startswith(ENTERPRISES):
            yield normal.oid(fact.value).removeprefix(ENTERPRISES).partition(".")[0]
        elif fact.kind in MAKER_KINDS and (text := fold(fact.value)):
            yield text


def _with_doubt(asset: CollectedAsset, group: Sequence[CollectedAsset]) -> CollectedAsset:
    others = (other for other in group if other is not asset)
    names = " and ".join(sorted(map(_witness, others)))
    words = f"{names} shows the serial number {asset.serial} as well; no MAC and no maker makes one device of them."
    return replace(asset, conflicts=(*asset.conflicts, words))


def _witness(asset: CollectedAsset) -> str:
    mac = f", MAC {normal.spelled(asset.macs[0])}" if asset.macs else ""
    return f"{asset.name or 'a device'} ({asset.site or 'no site'}, {asset.address}{mac})"


def renamed(asset: Asset, homes: Homes) -> Asset:
    """Return an asset whose reporters, carriers and parts have the keys of their homes."""
    hearsay = tuple(replace(one, by=homes.get(one.by, one.by)) for one in asset.hearsay)
    place = asset.place
    if place is not None and any(key in homes for key in place.carriers):
        carriers = tuple(
            dict.fromkeys(homes.get(key, key) for key in place.carriers if homes.get(key, key) != asset.key)
        )
        place = replace(place, carriers=carriers)
    parts = tuple(replace(part, asset=homes.get(part.asset, part.asset)) for part in asset.parts)
    return replace(asset, hearsay=hearsay, place=place, parts=parts)
