"""Observations of one box become one asset; unread neighbours become assets heard of."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, starmap

from auditor import normal
from auditor.assets.board import Reporter, Switchboard
from auditor.assets.boxes import Box, targets, unite
from auditor.assets.cables import Cables
from auditor.assets.claims import LINK_KINDS, NOBODY, Carries, Own, Stance
from auditor.assets.identity import NO_FILLERS, Usable, any_global
from auditor.assets.links import Announcement, Stranger
from auditor.assets.neighbours import Neighbour, name_of, neighbours
from auditor.assets.owners import Owners
from auditor.assets.place import Placer
from auditor.assets.ports import PortNames
from auditor.assets.recorders import Inside
from auditor.assets.returned import evidence
from auditor.assets.serials import IsFiller
from auditor.assets.sites import Homes, at_home
from auditor.assets.strangers import join_alike, join_managed
from auditor.model import (
    CollectedAsset,
    Confidence,
    Fact,
    FactList,
    Gateway,
    Hearsay,
    Link,
    Observation,
    Place,
    Seen,
    part_of,
)

LIST = "table"
BY_ADDRESS = "Known by its address only: it showed no serial number, no MAC and no engine ID of its own."
NO_NAMES = PortNames()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The devices of a run, the cables between those that carry others, and the gateways."""

    assets: tuple[CollectedAsset, ...]
    links: tuple[Link, ...]
    gateways: tuple[Gateway, ...]


def survey(
    observations: Iterable[Observation],
    usable: Usable = any_global,
    filler: IsFiller = NO_FILLERS,
    spelling: Callable[[str], str] = NO_NAMES,
    cut: Container[tuple[str, str]] = (),
) -> Survey:
    """Return one asset per device, sorted by key, and how they are connected.

    `usable` tells whether a MAC (twelve hexadecimal digits) may identify a box at all: not a group, local or virtual
    address; `filler` whether a text only stands where a serial number should; `spelling` gives a port the one spelling
    it is compared by; `cut` holds site and address of targets whose tables were not read to their end.
    """
    boxes = unite(targets(evidence(observations), usable, filler))
    _set_keys(boxes)
    board = _board(boxes, spelling, cut)
    traces = _hear(boxes, usable, board)
    for box in boxes:
        if not box.identity.macs:
            board.lend(box.key, (*box.mentions, *_arp_macs(box.statements)))
    devices = [box for box in boxes if not _is_table(box)]
    inside = Inside(devices, traces.owners, traces.strangers, filler)
    for key, cameras in inside.cameras():
        board.lists(key, cameras)
    board.connect(traces.announcements, sorted(traces.strange, key=_by_port))
    cables = Cables(board, [*traces.abroad, *_at_two_sites(traces.strange)])
    placer = Placer(board, cables.carriers)
    assets = [_read(box, placer, traces.owners, inside) for box in devices]
    assets += [_from_hearsay(neighbour, placer, filler) for neighbour in traces.strangers.values()]
    keys = {asset.key for asset in assets}
    assets, homes = at_home(sorted(assets, key=lambda asset: asset.key))
    reasons = {homes.get(key, key): why for key, why in sorted(board.gateways.items()) if key in keys}
    gateways = tuple(Gateway(asset=key, because=why) for key, why in reasons.items())
    return Survey(assets=tuple(assets), links=tuple(_homeward(cables.links(keys), homes)), gateways=gateways)


def _board(boxes: Sequence[Box], spelling: Callable[[str], str], cut: Container[tuple[str, str]]) -> Switchboard:
    """Return the ports of all boxes, nobody connected yet."""
    board = Switchboard(spelling, _shared(boxes))
    for box in boxes:
        board.add(_reporter(box, cut))
    return board


def _homeward(cables: Iterable[Link], homes: Homes) -> Iterator[Link]:
    """Yield cables between the keys devices have at their home sites; none leads to itself."""
    for cable in cables:
        one, other = (homes.get(key, key) for key in (cable.one, cable.other))
        if one != other:
            yield replace(cable, one=one, other=other)


def _set_keys(boxes: Sequence[Box]) -> None:
    """Name each asset by its strongest mark that names no other, else by its address."""
    names = {id(box): _names(box) for box in boxes}
    open_boxes = list(boxes)
    while open_boxes:
        used = Counter(names[id(box)][0] for box in boxes)
        open_boxes = [box for box in open_boxes if used[names[id(box)][0]] > 1 and len(names[id(box)]) > 1]
        for box in open_boxes:
            names[id(box)].pop(0)
    alike: dict[str, list[Box]] = {}
    for box in boxes:
        box.key = names[id(box)][0]
        alike.setdefault(box.key, []).append(box)
    for group in alike.values():
        # Of several boxes that had one address and show no mark the last one is called by it alone.
        for number, box in enumerate(sorted(group, key=_latest_first)[1:] if len(group) > 1 else (), 1):
            box.key += f"#{box.at:%Y-%m-%dT%H:%M:%SZ}" + (f".{number}" if number > 1 else "")


def _latest_first(box: Box) -> tuple[object, ...]:
    return (-box.at.timestamp(), sorted(fact.order for fact in box.facts))


def _names(box: Box) -> list[str]:
    """Return what an asset may be named by, what stays with the box first.

    People are shown keys and pass them on, so that no key holds what would steer a terminal or break a line.
    """
    sorts = {"serial": "serial", "base": "mac", "mac": "mac", "engine": "engine", "gpon": "gpon"}
    words = [f"{word}:{value}" for sort, word in sorts.items() for value in box.identity.values(sort)[:1]]
    return [normal.one_line(f"{box.site}/{word}") for word in (*words, box.address)]


@dataclass(slots=True)
class Traces:
    """What reporters say of others: its owners, strangers, announcements of switches."""

    owners: Owners
    strangers: dict[tuple[str, str], Neighbour] = field(default_factory=dict)
    announcements: list[Announcement] = field(default_factory=list)
    strange: list[Stranger] = field(default_factory=list)
    abroad: list[Announcement] = field(default_factory=list)

    def trace(self, neighbour: Neighbour, reporter: Box, owner: Box | None) -> None:
        """Note who announces itself on which port, unless that contradicts its owner's words."""
        facts = [item.fact for item in neighbour.statements]
        far = tuple(sorted(fact.value for fact in facts if fact.kind == "lldp.portid"))
        for kind, port in sorted((fact.kind, fact.value) for fact in facts if fact.kind in LINK_KINDS):
            over = kind.partition(".")[0]
            if owner is None:
                self.strange.append(_announced(reporter.key, port, neighbour))
                if (there := self.owners.elsewhere(neighbour)) is not None:
                    self.abroad.append(Announcement(by=reporter.key, port=port, of=there.key, far=far, over=over))
            elif self.owners.own_words(owner).stance(facts) is not Stance.CONTRADICTS:
                self.announcements.append(Announcement(by=reporter.key, port=port, of=owner.key, far=far, over=over))


def _announced(by: str, port: str, neighbour: Neighbour) -> Stranger:
    return Stranger(
        by=by,
        port=port,
        name=neighbour.name or normal.spelled(neighbour.mac),
        macs=frozenset(filter(None, (neighbour.mac, *neighbour.port_macs))),
        carries=Carries.of(item.fact for item in neighbour.statements),
        key=_stranger_key(neighbour),
    )


def _by_port(stranger: Stranger) -> tuple[str, ...]:
    return (stranger.by, stranger.port, stranger.name, *sorted(stranger.macs))


def _at_two_sites(strangers: Iterable[Stranger]) -> Iterator[Announcement]:
    """Yield a link between what two sites hear of one switch or radio that nobody read."""
    keys: dict[str, dict[str, None]] = {}
    for one in strangers:
        if one.carries not in {Carries.NOTHING, Carries.DEVICES}:
            for mac in one.macs:
                keys.setdefault(mac, {})[one.key] = None
    for same in keys.values():
        for one_key, other in pairwise(sorted(same)):
            yield Announcement(by=one_key, port="", of=other)


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
        if (box.site, neighbour.mac) in board.shared and not neighbour.name:
            continue
        owner = traces.owners.find(neighbour)
        if owner is box:
            continue
        traces.trace(neighbour, box, owner)
        if owner is not None:
            owner.statements.extend(neighbour.statements)
            continue
        # A telephone announces its address, and its MAC as that of its port.
        ports = (port for port in neighbour.port_macs if (box.site, port) not in traces.owners.by_mac)
        neighbour.mac = neighbour.mac or next(ports, "")
        stranger = traces.strangers.setdefault((box.site, _stranger(neighbour, box)), neighbour)
        if stranger is not neighbour:
            stranger.absorb(neighbour)
    _look_up(traces, board, usable)
    join_managed(traces.strangers, traces.owners.macs_at, board)
    read = {(box.site, address) for box in boxes for address in box.addresses}
    homes = join_alike(traces.strangers, read, board.spelling)
    by_key = {normal.one_line(name): home for (_, name), home in homes.items()}
    traces.strange = [_homed(one, by_key.get(one.key)) for one in traces.strange]
    for stranger in traces.strangers.values():
        _leave_out(stranger, read)
        stranger.addresses |= {at: None for at in stranger.management if (stranger.site, at) not in read}
    return traces


def _homed(one: Stranger, home: Neighbour | None) -> Stranger:
    """Return an announcement as one of the neighbour it turned out to be."""
    if home is None:
        return one
    return replace(one, key=_stranger_key(home), macs=one.macs | frozenset(filter(None, (home.mac,))))


def _look_up(traces: Traces, board: Switchboard, usable: Usable) -> None:
    """Give each MAC of a table to the box it is, or keep it as a neighbour that no target was."""
    for site, mac in board.register.macs():
        if (site, mac) in board.shared or not usable(mac):
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


def _shared(boxes: Iterable[Box]) -> frozenset[tuple[str, str]]:
    return frozenset((box.site, mac) for box in boxes for mac in box.shared)


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


def _reporter(box: Box, cut: Container[tuple[str, str]]) -> Reporter:
    return Reporter(
        key=box.key,
        name=box.identity.name or box.address,
        site=box.site,
        macs=box.identity.macs,
        at=box.at,
        facts=FactList(tuple(box.facts), tuple(box.tables)),
        is_list=_is_table(box),
        cut=any((box.site, address) in cut for address in box.addresses),
    )


def _read(box: Box, placer: Placer, owners: Owners, inside: Inside) -> CollectedAsset:
    own = tuple(sorted((fact for fact in box.facts if not fact.about), key=_by_row))
    absent = inside.absent(box)
    of_parts = (fact for fact in box.facts if part_of(fact.about) is not None and fact.about not in absent)
    part_facts = tuple(sorted(of_parts, key=_by_row))
    addresses = tuple(sorted(box.addresses))
    register = placer.board.register
    rows = register.rows(box.site, box.mentions, box.key)
    macs = box.identity.macs or tuple(sorted({*_arp_macs(box.statements), *register.arp_macs(rows)}))
    place = placer.place(box.key, box.identity.macs, box.statements, _own_words(box, owners), rows)
    return CollectedAsset(
        key=box.key,
        site=box.site,
        address=addresses[0],
        addresses=addresses,
        name=box.identity.name or name_of(box.statements),
        macs=macs,
        serial=box.identity.serial_text,
        seen=Seen.READ,
        place=place,
        facts=own,
        part_facts=part_facts,
        parts=inside.of(box),
        hearsay=tuple(dict.fromkeys((*box.statements, *_deciding(rows, place, placer.board)))),
        rows=len(rows),
        collectors=tuple(sorted(box.collectors)),
        remarks=(
            *(() if box.identity.has_marks or macs or box.identity.serial_text else (BY_ADDRESS,)),
            *inside.remarks(box),
        ),
        conflicts=tuple(sorted({*box.conflicts, *_uses(box.key, place, box.statements, placer, rows)})),
    )


def _by_row(fact: Fact) -> tuple[object, ...]:
    """Return the order of a device's words: rows as they are counted, 9 before 10."""
    return (fact.kind, len(fact.where), fact.where, fact.value, fact.about, fact.extra)


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
    return min((serial for serial in serials if serial and not filler(serial)), default="")


def _stranger_key(neighbour: Neighbour) -> str:
    """Return the key of the asset a neighbour becomes that no target was."""
    if neighbour.pon or neighbour.mac:
        return f"{neighbour.site}/gpon:{neighbour.pon}" if neighbour.pon else f"{neighbour.site}/mac:{neighbour.mac}"
    return normal.one_line(f"{neighbour.statements[0].by}#{neighbour.label}")


def _from_hearsay(neighbour: Neighbour, placer: Placer, filler: IsFiller) -> CollectedAsset:
    key = _stranger_key(neighbour)
    addresses = tuple(sorted(neighbour.addresses))
    macs = neighbour.macs
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
        remarks=tuple(starmap(_of_interface, neighbour.interfaces.items())),
        conflicts=_uses(key, place, neighbour.statements, placer, rows),
    )


def _of_interface(mac: str, at: str) -> str:
    return f"ARP tables have {at}, its management address, at {normal.spelled(mac)}: a MAC of its own, then."


def _deciding(numbers: Sequence[int], place: Place | None, board: Switchboard) -> Iterator[Hearsay]:
    """Yield the rows that decide what an asset is and where it hangs; others are counted."""
    if numbers:
        on_port = board.rows_on(numbers, (place.switch, place.port)) if place is not None else []
        for number in dict.fromkeys((*board.register.leading(numbers), *board.register.leading(on_port))):
            yield from board.register.entry(number).statements()


def _uses(
    key: str, place: Place | None, reports: Iterable[Hearsay], placer: Placer, numbers: Sequence[int]
) -> tuple[str, ...]:
    """Return the sentence on a MAC of several devices, where its place is open."""
    return placer.uses(key, reports, numbers) if place is not None and place.confidence is Confidence.LOW else ()
