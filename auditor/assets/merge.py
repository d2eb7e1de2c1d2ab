"""Observations of one box become one asset; unread neighbours become assets heard of."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from auditor import normal
from auditor.assets.board import Reporter, Switchboard
from auditor.assets.boxes import Box, targets, unite
from auditor.assets.claims import LINK_KINDS, NOBODY, Own, Stance
from auditor.assets.identity import NO_FILLERS, Usable, any_global
from auditor.assets.links import Announcement
from auditor.assets.neighbours import Neighbour, name_of, neighbours
from auditor.assets.owners import Owners
from auditor.assets.place import Placer
from auditor.assets.ports import PortNames
from auditor.assets.returned import evidence
from auditor.assets.serials import IsFiller
from auditor.model import CollectedAsset, Confidence, FactList, Hearsay, Observation, Place, Seen, part_of

LIST = "table"
NO_NAMES = PortNames()


def merge(
    observations: Iterable[Observation],
    usable: Usable = any_global,
    filler: IsFiller = NO_FILLERS,
    spelling: Callable[[str], str] = NO_NAMES,
) -> tuple[CollectedAsset, ...]:
    """Return one asset per device, sorted by key.

    `usable` tells whether a MAC (twelve hexadecimal digits) may identify a box at all: not a group, local or virtual
    address; `filler` whether a text only stands where a serial number should; `spelling` gives a port the one spelling
    it is compared by.
    """
    boxes = unite(targets(evidence(observations), usable, filler))
    _set_keys(boxes)
    board = Switchboard(spelling)
    for box in boxes:
        board.add(_reporter(box))
    traces = _hear(boxes, usable, board)
    board.connect(traces.announcements, traces.strange)
    placer = Placer(board)
    assets = [_read(box, placer, traces.owners) for box in boxes if not _is_table(box)] + [
        _from_hearsay(neighbour, placer, filler) for neighbour in traces.strangers.values()
    ]
    return tuple(sorted(assets, key=lambda asset: asset.key))


def _set_keys(boxes: Sequence[Box]) -> None:
    """Name each asset by its strongest mark that names no other, else by its address."""
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
    """Return what an asset may be named by, what stays with the box first.

    People are shown keys and pass them on, so that no key holds what would steer a terminal or break a line.
    """
    sorts = ("serial", "mac", "gpon", "engine")
    words = [f"{sort}:{value}" for sort in sorts for value in box.identity.values(sort)[:1]]
    return [normal.one_line(f"{box.site}/{word}") for word in (*words, box.address)]


@dataclass(slots=True)
class Traces:
    """What reporters say of others: its owners, strangers, announcements of switches."""

    owners: Owners
    strangers: dict[tuple[str, str], Neighbour] = field(default_factory=dict)
    announcements: list[Announcement] = field(default_factory=list)
    strange: list[tuple[str, str, str, str]] = field(default_factory=list)

    def trace(self, neighbour: Neighbour, reporter: Box, owner: Box | None) -> None:
        """Note who announces itself on which port, unless that contradicts its owner's words."""
        facts = [item.fact for item in neighbour.statements]
        far = next((fact.value for fact in facts if fact.kind == "lldp.portid"), "")
        for port in (fact.value for fact in facts if fact.kind in LINK_KINDS):
            if owner is None:
                self.strange.append((reporter.key, port, neighbour.name, neighbour.mac))
            elif self.owners.own_words(owner).stance(facts) is not Stance.CONTRADICTS:
                self.announcements.append(Announcement(by=reporter.key, port=port, of=owner.key, far=far))


def _hear(boxes: Sequence[Box], usable: Usable, board: Switchboard) -> Traces:
    """Give each neighbour's facts to the box it is, and keep the neighbours that no target was."""
    reports = [
        (box, neighbour)
        for box in boxes
        for macs in ({mac for table in box.tables for mac in table.macs},)
        for neighbour in neighbours(box.site, box.key, box.facts, usable, macs)
    ]
    resolved = [row for row in board.register.resolved() if usable(row[2])]
    traces = Traces(Owners(boxes, [neighbour for _, neighbour in reports], board.spelling, resolved))
    for box, neighbour in reports:
        owner = traces.owners.find(neighbour)
        if owner is box:
            continue
        traces.trace(neighbour, box, owner)
        if owner is not None:
            owner.statements.extend(neighbour.statements)
            continue
        stranger = traces.strangers.setdefault((box.site, _stranger(neighbour, box)), neighbour)
        if stranger is not neighbour:
            stranger.absorb(neighbour)
    _look_up(traces, board, usable)
    read = {(box.site, address) for box in boxes for address in box.addresses}
    for stranger in traces.strangers.values():
        _leave_out(stranger, read)
        stranger.addresses |= {at: None for at in stranger.management if (stranger.site, at) not in read}
    return traces


def _look_up(traces: Traces, board: Switchboard, usable: Usable) -> None:
    """Give each MAC of a table to the box it is, or keep it as a neighbour that no target was."""
    for site, mac in board.register.macs():
        if not usable(mac):
            continue
        owner = traces.owners.by_mac.get((site, mac))
        if owner is not None:
            owner.mentions.append(mac)
            continue
        key = (site, f"mac:{mac}")
        if key not in traces.strangers:
            traces.strangers[key] = Neighbour(site=site, mac=mac, label=key[1])
        addresses = board.register.addresses(site, mac)
        if addresses:
            traces.strangers[key].addresses |= dict.fromkeys(addresses)


def _leave_out(neighbour: Neighbour, read: Container[tuple[str, str]]) -> None:
    """Leave out addresses of other devices that a neighbour answers ARP for (proxy ARP)."""
    if len(neighbour.addresses) > 1:
        own = [address for address in neighbour.addresses if (neighbour.site, address) not in read]
        neighbour.addresses = dict.fromkeys(own)


def _stranger(neighbour: Neighbour, reporter: Box) -> str:
    """Name a neighbour by MAC or GPON serial number, else by who spoke of it and how."""
    if neighbour.pon:
        return f"gpon:{neighbour.pon}"
    return f"mac:{neighbour.mac}" if neighbour.mac else f"{reporter.key}#{neighbour.label}"


def _reporter(box: Box) -> Reporter:
    return Reporter(
        key=box.key,
        name=box.identity.name or box.address,
        site=box.site,
        macs=box.identity.macs,
        at=box.at,
        facts=FactList(tuple(box.facts), tuple(box.tables)),
    )


def _read(box: Box, placer: Placer, owners: Owners) -> CollectedAsset:
    own = tuple(fact for fact in box.facts if not fact.about)
    parts = tuple(fact for fact in box.facts if part_of(fact.about) is not None)
    addresses = tuple(sorted(box.addresses))
    register = placer.board.register
    rows = register.rows(box.site, box.mentions, box.key)
    place = placer.place(box.key, box.identity.macs, box.statements, _own_words(box, owners), rows)
    return CollectedAsset(
        key=box.key,
        site=box.site,
        address=addresses[0],
        addresses=addresses,
        name=box.identity.name or name_of(box.statements),
        macs=box.identity.macs or tuple(sorted({*_arp_macs(box.statements), *register.arp_macs(rows)})),
        serial=box.identity.serial_text,
        seen=Seen.READ,
        place=place,
        facts=own,
        parts=parts,
        hearsay=tuple(dict.fromkeys((*box.statements, *_deciding(rows, place, placer.board)))),
        rows=len(rows),
        collectors=tuple(sorted(box.collectors)),
        conflicts=tuple(sorted({*box.conflicts, *_uses(box.key, place, box.statements, placer, rows)})),
    )


def _own_words(box: Box, owners: Owners) -> Own:
    """Return a box's own words where others announce it, for comparison."""
    return owners.own_words(box) if any(item.fact.kind in LINK_KINDS for item in box.statements) else NOBODY


def _is_table(box: Box) -> bool:
    """Tell whether a target is an imported list, such as an ARP table, and no device."""
    return box.collectors == {LIST}


def _arp_macs(reports: Iterable[Hearsay]) -> tuple[str, ...]:
    return tuple(sorted({normal.mac(item.fact.value) for item in reports if item.fact.kind == "arp.mac"} - {""}))


def _inventory_serial(reports: Iterable[Hearsay], filler: IsFiller) -> str:
    """Return the serial number a neighbour or an inventory gives a device (LLDP-MED, a list)."""
    serials = (normal.serial(item.fact.value) for item in reports if item.fact.kind == "inventory.serial")
    return next((serial for serial in serials if serial and not filler(serial)), "")


def _from_hearsay(neighbour: Neighbour, placer: Placer, filler: IsFiller) -> CollectedAsset:
    if neighbour.pon or neighbour.mac:
        key = f"{neighbour.site}/gpon:{neighbour.pon}" if neighbour.pon else f"{neighbour.site}/mac:{neighbour.mac}"
    else:
        key = normal.one_line(f"{neighbour.statements[0].by}#{neighbour.label}")
    addresses = tuple(sorted(neighbour.addresses))
    macs = (neighbour.mac,) if neighbour.mac else ()
    rows = [] if neighbour.pon else placer.board.register.rows(neighbour.site, macs)
    place = placer.place(key, macs, neighbour.statements, numbers=rows)
    return CollectedAsset(
        key=key,
        site=neighbour.site,
        address=addresses[0] if addresses else "",
        addresses=addresses,
        name=name_of(neighbour.statements) or neighbour.pon,
        macs=macs,
        serial=neighbour.pon or _inventory_serial(neighbour.statements, filler),
        seen=Seen.HEARD,
        place=place,
        hearsay=tuple(dict.fromkeys((*neighbour.statements, *_deciding(rows, place, placer.board)))),
        rows=len(rows),
        conflicts=_uses(key, place, neighbour.statements, placer, rows),
    )


def _deciding(numbers: Sequence[int], place: Place | None, board: Switchboard) -> Iterator[Hearsay]:
    """Yield the rows that decide what an asset is and where it hangs; a table may repeat them by the thousand."""
    if numbers:
        on_port = board.rows_on(numbers, (place.switch, place.port)) if place is not None else []
        for number in (*board.register.leading(numbers), *on_port[:1]):
            yield from board.register.entry(number).statements()


def _uses(
    key: str, place: Place | None, reports: Iterable[Hearsay], placer: Placer, numbers: Sequence[int]
) -> tuple[str, ...]:
    """Return the sentence on a MAC of several devices, where its place is open."""
    return placer.uses(key, reports, numbers) if place is not None and place.confidence is Confidence.LOW else ()
