"""Observations of one box become one asset; unread neighbours become heard ones."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from auditor import normal
from auditor.assets.boxes import Box, targets, unite
from auditor.assets.claims import LINK_KINDS, NOBODY, Own
from auditor.assets.identity import NO_FILLERS, Usable, any_global
from auditor.assets.neighbours import Neighbour, name_of, neighbours
from auditor.assets.owners import Owners
from auditor.assets.place import Switchboard
from auditor.assets.returned import evidence
from auditor.assets.serials import IsFiller
from auditor.model import CollectedAsset, Fact, Hearsay, Observation, Seen, part_of

LIST = "table"


def merge(
    observations: Iterable[Observation], usable: Usable = any_global, filler: IsFiller = NO_FILLERS
) -> tuple[CollectedAsset, ...]:
    """Return one asset per device, sorted by key.

    `usable` tells whether a MAC (twelve hexadecimal digits) may identify a box at all: not a group, local or virtual
    address; `filler` whether a text only stands where a serial number should.
    """
    boxes = unite(targets(evidence(observations), usable, filler))
    _set_keys(boxes)
    others, owners = _hear(boxes, usable)
    board = Switchboard.of(_tables(boxes))
    assets = [_read(box, board, owners) for box in boxes if not _is_table(box)] + [
        _neighbour_asset(neighbour, board, filler) for neighbour in others
    ]
    return tuple(sorted(assets, key=lambda asset: asset.key))


def _set_keys(boxes: Sequence[Box]) -> None:
    """Name each asset by the strongest mark that no other asset has, at last by address."""
    names = {id(box): _names(box) for box in boxes}
    open_boxes = list(boxes)
    while open_boxes:
        used = Counter(names[id(box)][0] for box in boxes)
        open_boxes = [box for box in open_boxes if used[names[id(box)][0]] > 1 and len(names[id(box)]) > 1]
        for box in open_boxes:
            names[id(box)].pop(0)
    for box in boxes:
        box.key = names[id(box)][0]


def _names(box: Box) -> list[str]:
    """Return an asset's possible names: serial, base MAC, GPON serial, engine ID, address.

    People are shown keys and pass them on, so that no key holds what would steer a terminal or break a line.
    """
    sorts = ("serial", "mac", "gpon", "engine")
    words = [f"{sort}:{value}" for sort in sorts for value in box.identity.values(sort)[:1]]
    return [normal.one_line(f"{box.site}/{word}") for word in (*words, box.address)]


def _hear(boxes: Sequence[Box], usable: Usable) -> tuple[list[Neighbour], Owners]:
    """Give neighbours' facts to the box each is; return those that no target was."""
    neighbours_of = [
        (box, neighbour) for box in boxes for neighbour in neighbours(box.site, box.key, box.facts, usable)
    ]
    owners = Owners(boxes, [neighbour for _, neighbour in neighbours_of])
    strangers: dict[tuple[str, str], Neighbour] = {}
    for box, neighbour in neighbours_of:
        owner = owners.find(neighbour)
        if owner is box:
            continue
        if owner is not None:
            owner.statements.extend(neighbour.statements)
            continue
        known = strangers.setdefault((box.site, _stranger(neighbour, box)), neighbour)
        if known is not neighbour:
            known.addresses |= neighbour.addresses
            known.statements.extend(neighbour.statements)
            known.name = known.name or neighbour.name
    read = {(box.site, address) for box in boxes for address in box.addresses}
    for known in strangers.values():
        _leave_out(known, read)
    return list(strangers.values()), owners


def _leave_out(neighbour: Neighbour, read: Container[tuple[str, str]]) -> None:
    """Leave out addresses that others answer at, where a neighbour proxies ARP for several."""
    if len(neighbour.addresses) > 1:
        own = [address for address in neighbour.addresses if (neighbour.site, address) not in read]
        neighbour.addresses = dict.fromkeys(own)


def _stranger(neighbour: Neighbour, reporter: Box) -> str:
    """Name a neighbour by its MAC or GPON serial, else by who spoke of it and how."""
    if neighbour.pon:
        return f"gpon:{neighbour.pon}"
    return f"mac:{neighbour.mac}" if neighbour.mac else f"{reporter.key}#{neighbour.label}"


def _tables(boxes: Iterable[Box]) -> Iterable[tuple[str, str, Iterable[Fact]]]:
    """Yield key, name and facts of every box, for the switchboard."""
    for box in boxes:
        yield box.key, box.identity.name or box.address, box.facts


def _read(box: Box, board: Switchboard, owners: Owners) -> CollectedAsset:
    own = tuple(fact for fact in box.facts if not fact.about)
    parts = tuple(fact for fact in box.facts if part_of(fact.about) is not None)
    addresses = tuple(sorted(box.addresses))
    return CollectedAsset(
        key=box.key,
        site=box.site,
        address=addresses[0],
        addresses=addresses,
        name=box.identity.name or name_of(box.statements),
        macs=box.identity.macs or _said_macs(box.statements),
        serial=box.identity.serial_text,
        seen=Seen.READ,
        place=board.place(box.key, box.statements, _own_words(box, owners)),
        facts=own,
        parts=parts,
        hearsay=tuple(dict.fromkeys(box.statements)),
        collectors=tuple(sorted(box.collectors)),
    )


def _own_words(box: Box, owners: Owners) -> Own:
    """Return what a box says of itself where others announce it, for comparison."""
    return owners.own_words(box) if any(item.fact.kind in LINK_KINDS for item in box.statements) else NOBODY


def _is_table(box: Box) -> bool:
    """Tell whether a target is an imported list of others, such as an ARP table."""
    return box.collectors == {LIST}


def _said_macs(statements: Iterable[Hearsay]) -> tuple[str, ...]:
    return tuple(sorted({normal.mac(item.fact.value) for item in statements if item.fact.kind == "arp.mac"} - {""}))


def _said_serial(statements: Iterable[Hearsay], filler: IsFiller) -> str:
    """Return the serial a device announced, or a list holds of it (LLDP-MED, inventory)."""
    serials = (normal.serial(item.fact.value) for item in statements if item.fact.kind == "inventory.serial")
    return next((serial for serial in serials if serial and not filler(serial)), "")


def _neighbour_asset(neighbour: Neighbour, board: Switchboard, filler: IsFiller) -> CollectedAsset:
    key = normal.one_line(f"{neighbour.statements[0].by}#{neighbour.label}")
    if neighbour.pon or neighbour.mac:
        key = f"{neighbour.site}/gpon:{neighbour.pon}" if neighbour.pon else f"{neighbour.site}/mac:{neighbour.mac}"
    addresses = tuple(sorted(neighbour.addresses))
    return CollectedAsset(
        key=key,
        site=neighbour.site,
        address=addresses[0] if addresses else "",
        addresses=addresses,
        name=name_of(neighbour.statements) or neighbour.pon,
        macs=(neighbour.mac,) if neighbour.mac else (),
        serial=neighbour.pon or _said_serial(neighbour.statements, filler),
        seen=Seen.HEARD,
        place=board.place(key, neighbour.statements),
        hearsay=tuple(dict.fromkeys(neighbour.statements)),
    )
