"""Observations of one box become one asset; unread neighbours become assets heard of."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import starmap
from operator import attrgetter

from auditor import normal
from auditor.assets.berths import Berths
from auditor.assets.board import Reporter, Switchboard
from auditor.assets.boxes import Box, targets, unite
from auditor.assets.cables import Cables
from auditor.assets.claims import LINK_KINDS, NOBODY, Own
from auditor.assets.identity import NO_FILLERS, Usable, any_global
from auditor.assets.neighbours import Neighbour, name_of
from auditor.assets.owners import Owners
from auditor.assets.place import Placer
from auditor.assets.ports import PortNames
from auditor.assets.recorders import Inside
from auditor.assets.returned import evidence
from auditor.assets.serials import IsFiller
from auditor.assets.sites import Homes
from auditor.assets.surveyed import SurveyedAssets
from auditor.assets.traces import Traces, at_two_sites, by_port, hear, stranger_key
from auditor.model import (
    Asset,
    CollectedAsset,
    Confidence,
    Fact,
    FactList,
    Gateway,
    Hearsay,
    HearsayList,
    Link,
    Observation,
    Place,
    Seen,
    like,
    part_of,
)

LIST = "table"
BY_ADDRESS = "Known by its address only: it showed no serial number, no MAC and no engine ID of its own."
NO_NAMES = PortNames()
_HEARD = Asset(key="", site="", seen=Seen.HEARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The devices of a run, the cables between those that carry others, and the gateways."""

    assets: SurveyedAssets
    links: tuple[Link, ...]
    gateways: tuple[Gateway, ...]


def survey(
    observations: Iterable[Observation],
    usable: Usable = any_global,
    filler: IsFiller = NO_FILLERS,
    spelling: Callable[[str], str] = NO_NAMES,
    cut: Container[tuple[str, str]] = (),
) -> Survey:
    """Return one asset per device, by site and key, and how they are connected.

    `usable` tells whether a MAC (twelve hexadecimal digits) may identify a box at all: not a group, local or virtual
    address; `filler` whether a text only stands where a serial number should; `spelling` gives a port the one spelling
    it is compared by; `cut` holds site and address of targets whose tables were not read to their end.
    """
    boxes = unite(targets(evidence(observations), usable, filler))
    _set_keys(boxes)
    board = _board(boxes, spelling, cut)
    traces = hear(boxes, usable, board)
    for box in boxes:
        if not box.identity.macs:
            board.lend(box.key, (*box.mentions, *_arp_macs(box.statements)))
    devices = [box for box in boxes if not _is_table(box)]
    inside = Inside(devices, traces, filler)
    for key, cameras in inside.cameras():
        board.lists(key, cameras)
    traces.settle_addresses()
    board.connect(traces.announcements, sorted(traces.strange, key=by_port))
    cables = Cables(board, [*traces.abroad, *at_two_sites(traces.strange)])
    placer = Placer(board, cables.carriers)
    berths = Berths(placer)
    read = [_read(box, placer, traces.owners, inside) for box in devices]
    others = [*read, *(_from_hearsay(neighbour, placer, filler) for neighbour in traces.strangers.values())]
    assets = SurveyedAssets(others, traces.in_tables, lambda site, mac: _from_tables(site, mac, traces, berths))
    homes = assets.homes
    reasons = {homes.get(key, key): why for key, why in sorted(board.gateways.items()) if key in assets.keys}
    gateways = tuple(Gateway(asset=key, because=why) for key, why in reasons.items())
    return Survey(assets=assets, links=tuple(_homeward(cables.links(assets.keys), homes)), gateways=gateways)


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


def _shared(boxes: Iterable[Box]) -> frozenset[tuple[str, str]]:
    return frozenset((box.site, mac) for box in boxes for mac in box.shared)


def _reporter(box: Box, cut: Container[tuple[str, str]]) -> Reporter:
    return Reporter(
        key=box.key,
        name=box.identity.name or box.address,
        site=box.site,
        macs=box.identity.macs,
        at=box.at,
        facts=FactList(box.facts, tuple(box.tables)),
        is_list=_is_table(box),
        cut=any((box.site, address) in cut for address in box.addresses),
    )


def _read(box: Box, placer: Placer, owners: Owners, inside: Inside) -> CollectedAsset:
    own = _by_row(fact for fact in box.facts if not fact.about)
    absent = inside.absent(box)
    part_facts = _by_row(fact for fact in box.facts if part_of(fact.about) is not None and fact.about not in absent)
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
        hearsay=_hearsay(box.statements, rows, place, placer.board),
        rows=len(rows),
        collectors=tuple(sorted(box.collectors)),
        remarks=(
            *(() if box.identity.has_marks or macs or box.identity.serial_text else (BY_ADDRESS,)),
            *inside.remarks(box),
        ),
        conflicts=tuple(sorted({*box.conflicts, *_uses(box.key, place, box.statements, placer, rows)})),
    )


def _by_row(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return a device's words in order: by kind, rows as they are counted, 9 before 10.

    Each key is sorted by on its own, the last first: of 200,000 words no list of keys is made.
    """
    words = list(facts)
    for key in ("extra", "about", "value", "where"):
        words.sort(key=attrgetter(key))
    words.sort(key=lambda fact: len(fact.where))
    words.sort(key=attrgetter("kind"))
    return tuple(words)


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


def _from_hearsay(neighbour: Neighbour, placer: Placer, filler: IsFiller) -> Asset:
    key = stranger_key(neighbour)
    addresses = tuple(sorted(neighbour.addresses))
    macs = neighbour.macs
    rows = [] if neighbour.pon else placer.board.register.rows(neighbour.site, macs)
    place = placer.place(key, macs, neighbour.statements, numbers=rows)
    return Asset(
        key=key,
        site=neighbour.site,
        address=addresses[0] if addresses else "",
        addresses=addresses,
        name=name_of(neighbour.statements) or neighbour.pon,
        macs=macs,
        serial=neighbour.pon or _inventory_serial(neighbour.statements, filler),
        seen=Seen.HEARD,
        place=place,
        hearsay=_hearsay(neighbour.statements, rows, place, placer.board),
        rows=len(rows),
        remarks=tuple(starmap(_of_interface, neighbour.interfaces.items())),
        conflicts=_uses(key, place, neighbour.statements, placer, rows),
    )


def _of_interface(mac: str, at: str) -> str:
    return f"ARP tables have {at}, its management address, at {normal.spelled(mac)}: a MAC of its own, then."


def _from_tables(site: str, mac: str, traces: Traces, berths: Berths) -> Asset:
    """Return the device of a MAC of which rows of tables alone speak."""
    rows = traces.register.rows(site, (mac,))
    addresses = tuple(sorted(traces.addresses(site, mac)))
    berth, deciding = berths.of(site, mac, rows)
    return like(
        _HEARD,
        Asset,
        key=f"{site}/mac:{mac}",
        site=site,
        address=addresses[0] if addresses else "",
        addresses=addresses,
        macs=(mac,),
        place=berth.place,
        hearsay=HearsayList((), deciding),
        rows=len(rows),
        conflicts=berth.uses,
    )


def _hearsay(
    statements: Iterable[Hearsay], numbers: Sequence[int], place: Place | None, board: Switchboard
) -> Sequence[Hearsay]:
    """Return what decides what an asset is and where it hangs; other rows are counted alone."""
    plain = tuple(dict.fromkeys(statements))
    if not numbers:
        return plain
    return HearsayList(plain, tuple(map(board.register.entry, board.deciding(numbers, place))))


def _uses(
    key: str, place: Place | None, reports: Iterable[Hearsay], placer: Placer, numbers: Sequence[int]
) -> tuple[str, ...]:
    """Return the sentence on a MAC of several devices, where its place is open."""
    return placer.uses(key, reports, numbers) if place is not None and place.confidence is Confidence.LOW else ()
