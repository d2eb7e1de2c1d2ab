"""Observations of one box become one asset; neighbours nobody read become assets that were only heard of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor import normal
from auditor.assets.identity import Identity, Usable, any_global, marks
from auditor.assets.neighbours import Neighbour, named, neighbours
from auditor.assets.place import Switchboard
from auditor.model import Asset, Fact, Observation, Said, Seen

LIST = "table"


@dataclass(slots=True)
class Box:
    """One device being put together from the targets that turned out to be it."""

    site: str
    addresses: dict[str, None]
    identity: Identity
    facts: dict[Fact, None]
    collectors: set[str]
    said: list[Said] = field(default_factory=list)
    key: str = ""

    def absorb(self, other: "Box") -> None:
        """Take in another target that is the same box."""
        self.addresses |= other.addresses
        self.facts |= other.facts
        self.collectors |= other.collectors
        mine, theirs = self.identity, other.identity
        self.identity = Identity(
            serial=mine.serial or theirs.serial,
            engine=mine.engine or theirs.engine,
            macs=tuple(sorted({*mine.macs, *theirs.macs})),
            name=mine.name or theirs.name,
            pon=mine.pon or theirs.pon,
        )


def merge(observations: Iterable[Observation], usable: Usable = any_global) -> tuple[Asset, ...]:
    """Return one asset per device, sorted by key.

    `usable` tells whether a MAC (twelve hexadecimal digits) may identify a box at all: not a group, local or virtual address.
    """
    boxes = _join(_targets(observations, usable))
    for box in boxes:
        box.key = _key(box)
    heard = _hear(boxes, usable)
    board = Switchboard.of(_tables(boxes))
    assets = [_read(box, board) for box in boxes if not _is_table(box)] + [
        _heard(neighbour, board) for neighbour in heard
    ]
    return tuple(sorted(assets, key=lambda asset: asset.key))


def _targets(observations: Iterable[Observation], usable: Usable) -> list[Box]:
    """Return one box per target; site and address together name a target within a run."""
    told: dict[tuple[str, str], Box] = {}
    for seen in observations:
        place = (seen.target.site, seen.target.address)
        box = told.setdefault(place, Box(seen.target.site, {seen.target.address: None}, Identity(), {}, set()))
        box.collectors.add(seen.collector)
        box.facts |= dict.fromkeys(seen.facts)
    for box in told.values():
        box.identity = marks((fact for fact in box.facts if not fact.about), usable)
    return [told[place] for place in sorted(told)]


def _join(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes with those that share a mark made one; a target may turn out to link two that stood apart."""
    kept: dict[int, Box] = {}
    by_mark: dict[tuple[str, str], Box] = {}
    for box in boxes:
        homes = {id(by_mark[mark]): by_mark[mark] for mark in _marks_of(box) if mark in by_mark}
        same = [home for home in homes.values() if home.identity.joins(box.identity)]
        first = same[0] if same else box
        for other in [*same[1:], *([box] if same else [])]:
            first.absorb(other)
            kept.pop(id(other), None)
        kept[id(first)] = first
        by_mark |= dict.fromkeys(_marks_of(first), first)
    return list(kept.values())


def _marks_of(box: Box) -> list[tuple[str, str]]:
    found = [
        ("serial", box.identity.serial),
        ("engine", box.identity.engine),
        ("gpon", box.identity.pon),
        *(("mac", mac) for mac in box.identity.macs),
    ]
    return [(f"{box.site}/{sort}", value) for sort, value in found if value]


def _key(box: Box) -> str:
    """Name an asset by what stays with the box: serial, else base MAC, else engine ID, else the address it was read at.

    People are shown keys and pass them on, so that no key holds what would steer a terminal or break a line.
    """
    identity = box.identity
    base = identity.macs[0] if identity.macs else ""
    told = (("serial", identity.serial), ("mac", base), ("gpon", identity.pon), ("engine", identity.engine))
    mark = next((f"{sort}:{value}" for sort, value in told if value), next(iter(box.addresses)))
    return normal.one_line(f"{box.site}/{mark}")


def _hear(boxes: Sequence[Box], usable: Usable) -> list[Neighbour]:
    """Give each neighbour's facts to the box it is, and return the neighbours that no target was."""
    told = [(box, neighbour) for box in boxes for neighbour in neighbours(box.site, box.key, box.facts, usable)]
    owners = _Owners(boxes, [neighbour for _, neighbour in told])
    strangers: dict[tuple[str, str], Neighbour] = {}
    for box, neighbour in told:
        owner = owners.find(neighbour)
        if owner is box:
            continue
        if owner is not None:
            owner.said.extend(neighbour.said)
            continue
        known = strangers.setdefault((box.site, _stranger(neighbour, box)), neighbour)
        if known is not neighbour:
            known.addresses |= neighbour.addresses
            known.said.extend(neighbour.said)
            known.name = known.name or neighbour.name
    return list(strangers.values())


def _stranger(neighbour: Neighbour, reporter: Box) -> str:
    """Name a neighbour by its MAC or GPON serial number; without either, only by who spoke of it and how."""
    if neighbour.pon:
        return f"gpon:{neighbour.pon}"
    return f"mac:{neighbour.mac}" if neighbour.mac else f"{reporter.key}#{neighbour.label}"


class _Owners:
    """Finds the box a neighbour is: by its own MAC, by a name only one box has, or by address.

    The address alone speaks only where the box showed no MAC of its own and every ARP table agrees on one.
    """

    def __init__(self, boxes: Sequence[Box], told: Sequence[Neighbour]) -> None:
        claims: dict[tuple[str, str], set[str]] = {}
        for neighbour in told:
            for address in neighbour.addresses:
                claims.setdefault((neighbour.site, address), set()).add(neighbour.mac)
        silent = ((box.site, address, box) for box in boxes if not box.identity.macs for address in box.addresses)
        names: dict[tuple[str, str], list[Box]] = {}
        for box in boxes:
            names.setdefault((box.site, box.identity.name), []).append(box)
        self.by_mac = {(box.site, mac): box for box in boxes for mac in box.identity.macs}
        self.by_address = {(site, at): box for site, at, box in silent if len(claims.get((site, at), ())) == 1}
        # What one ARP table says of a silent address, every other table says of the same box.
        for (site, at), box in self.by_address.items():
            self.by_mac.setdefault((site, next(iter(claims[site, at]))), box)
        self.by_pon = {(box.site, box.identity.pon): box for box in boxes if box.identity.pon}
        self.by_name = {name: named[0] for name, named in names.items() if name[1] and len(named) == 1}

    def find(self, neighbour: Neighbour) -> Box | None:
        """Return the box that was read, or nothing where the neighbour is only heard of."""
        owner = self.by_mac.get((neighbour.site, neighbour.mac)) if neighbour.mac else None
        if neighbour.pon:
            return self.by_pon.get((neighbour.site, neighbour.pon))
        if owner is not None:
            return owner
        if not neighbour.mac and neighbour.name:
            return self.by_name.get((neighbour.site, neighbour.name))
        return next(
            (
                self.by_address[neighbour.site, at]
                for at in neighbour.addresses
                if (neighbour.site, at) in self.by_address
            ),
            None,
        )


def _tables(boxes: Iterable[Box]) -> Iterable[tuple[str, str, Iterable[Fact]]]:
    """Yield key, name and facts of every box, for the switchboard."""
    for box in boxes:
        yield box.key, box.identity.name or next(iter(box.addresses)), box.facts


def _read(box: Box, board: Switchboard) -> Asset:
    own = tuple(fact for fact in box.facts if not fact.about)
    parts = tuple(fact for fact in box.facts if fact.about.startswith("part:"))
    addresses = tuple(sorted(box.addresses))
    return Asset(
        key=box.key,
        site=box.site,
        address=addresses[0],
        addresses=addresses,
        name=box.identity.name or named(box.said),
        macs=box.identity.macs or _said_macs(box.said),
        serial=box.identity.serial,
        seen=Seen.READ,
        place=board.place(box.key, box.said),
        facts=own,
        parts=parts,
        said=tuple(dict.fromkeys(box.said)),
        collectors=tuple(sorted(box.collectors)),
    )


def _is_table(box: Box) -> bool:
    """Tell whether a target is an imported list of others, such as an ARP table in a file, and no device itself."""
    return box.collectors == {LIST}


def _said_macs(said: Iterable[Said]) -> tuple[str, ...]:
    return tuple(sorted({normal.mac(item.fact.value) for item in said if item.fact.kind == "arp.mac"} - {""}))


def _said_serial(said: Iterable[Said]) -> str:
    """Return the serial number a device announced to its neighbours, or a list holds of it (LLDP-MED, an inventory)."""
    return next((normal.serial(item.fact.value) for item in said if item.fact.kind == "inventory.serial"), "")


def _heard(neighbour: Neighbour, board: Switchboard) -> Asset:
    key = normal.one_line(f"{neighbour.said[0].by}#{neighbour.label}")
    if neighbour.pon or neighbour.mac:
        key = f"{neighbour.site}/gpon:{neighbour.pon}" if neighbour.pon else f"{neighbour.site}/mac:{neighbour.mac}"
    addresses = tuple(sorted(neighbour.addresses))
    return Asset(
        key=key,
        site=neighbour.site,
        address=addresses[0] if addresses else "",
        addresses=addresses,
        name=named(neighbour.said) or neighbour.pon,
        macs=(neighbour.mac,) if neighbour.mac else (),
        serial=neighbour.pon or _said_serial(neighbour.said),
        seen=Seen.HEARD,
        place=board.place(key, neighbour.said),
        said=tuple(dict.fromkeys(neighbour.said)),
    )
