"""Which box a neighbour is: by MAC, serial, address, or a name with a second agreement."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from auditor import normal
from auditor.assets.boxes import Box
from auditor.assets.claims import ADDRESS_KINDS, LINK_KINDS, Own, Stance
from auditor.assets.neighbours import Neighbour

Key = tuple[str, str]
# Site, address and MAC of each row of all ARP tables.
Rows = Callable[[], Iterable[tuple[str, str, str]]]


class Owners:
    """Finds the box a neighbour is.

    An address alone speaks only where the box showed no MAC of its own, every ARP table agrees on one, and that MAC
    answers for no other device: a host has one address of version 4, and none that was read as another. A name alone
    never speaks.
    """

    def __init__(
        self, boxes: Sequence[Box], reports: Sequence[Neighbour], spelling: Callable[[str], str], rows: Rows = tuple
    ) -> None:
        self.spelling = spelling
        # Where boxes that are not one show one mark, what is told of it goes to the first by key, in whatever order.
        boxes = sorted(boxes, key=_precedence, reverse=True) if len(boxes) > 1 else boxes
        self.by_mac = {(box.site, mac): box for box in boxes for mac in box.identity.macs}
        self.anywhere: dict[str, list[Box]] = defaultdict(list)
        for box in boxes:
            for mac in box.identity.macs:
                self.anywhere[mac].append(box)
        self.at_address: dict[Key, list[Box]] = defaultdict(list)
        for box in boxes:
            for at in box.addresses:
                self.at_address[box.site, at].append(box)
        self.macs_at = self._macs_at(reports, rows)
        addresses = _addresses_of(reports, rows, self.macs_at)
        self.by_address = dict(sorted(self._lent(self.macs_at, addresses), key=lambda item: item[1].key))
        # What one ARP table says of a silent address, all say of that box, unless the MAC is that of a box read.
        for place, macs in self.macs_at.items():
            for mac in macs if place in self.by_address else ():
                self.by_mac.setdefault((place[0], mac), self.by_address[place])
        self.by_serial = {(box.site, serial): box for box in boxes for serial in box.identity.values("serial")}
        self.by_key = {box.key: box for box in boxes}
        self.by_pon = {(box.site, box.identity.pon): box for box in boxes if box.identity.pon}
        self.by_name: dict[Key, list[Box]] = defaultdict(list)
        for box in boxes:
            if box.identity.name:
                self.by_name[box.site, box.identity.name].append(box)
        self.own: dict[int, Own] = {}

    def find(self, neighbour: Neighbour) -> Box | None:
        """Return the box that was read, or nothing where the neighbour is only heard of."""
        site = neighbour.site
        if neighbour.pon:
            return self.by_pon.get((site, neighbour.pon))
        if neighbour.mac and (owner := self.by_mac.get((site, neighbour.mac))) is not None:
            return owner
        if (owner := self._by_marks(neighbour)) is not None:
            return owner
        if neighbour.name and (owner := self._by_name(neighbour)) is not None:
            return owner
        lent = [self.by_address.get((site, at)) for at in neighbour.addresses if not neighbour.mac]
        return _only(lent) or self._at_management(neighbour)

    def _by_marks(self, neighbour: Neighbour) -> Box | None:
        """Return the box whose serial or port a neighbour announces, unless its words differ."""
        site = neighbour.site
        ports = () if neighbour.mac else neighbour.port_macs
        owner = _only(self.by_serial.get((site, one)) for one in neighbour.serials) or _only(
            self.by_mac.get((site, port)) for port in ports
        )
        return None if owner is None or self._contradicts(neighbour, owner) else owner

    def elsewhere(self, neighbour: Neighbour) -> Box | None:
        """Return the one box that was read at another site and has the neighbour's MAC as its own."""
        boxes = self.anywhere.get(neighbour.mac, [])
        return boxes[0] if len(boxes) == 1 and boxes[0].site != neighbour.site else None

    def _at_management(self, neighbour: Neighbour) -> Box | None:
        """Return the box read at a neighbour's management address, unless words or MACs differ."""
        facts = [item.fact for item in neighbour.statements]
        able = []
        for at in neighbour.management:
            for box in self.at_address.get((neighbour.site, at), ()):
                stance = self.own_words(box).stance(facts)
                strange = stance is not Stance.AGREES and neighbour.mac and box.identity.macs
                if not (strange or stance is Stance.CONTRADICTS or self._contradicts(neighbour, box)):
                    able.append(box)
        return _only(able)

    def own_words(self, box: Box) -> Own:
        """Return what a box says of itself; its facts may be many, so they are looked through once."""
        if id(box) not in self.own:
            self.own[id(box)] = Own.of(box.facts)
        return self.own[id(box)]

    def _macs_at(self, reports: Sequence[Neighbour], rows: Rows) -> dict[Key, set[str]]:
        """Return which MACs ARP tables have at each address that was read or is announced."""
        places = {*self.at_address, *((one.site, at) for one in reports for at in one.management)}
        macs: dict[Key, set[str]] = defaultdict(set)
        for neighbour in reports:
            for at in neighbour.addresses:
                if (neighbour.site, at) in places:
                    macs[neighbour.site, at].add(neighbour.mac)
        for site, at, mac in rows():
            if (site, at) in places:
                macs[site, at].add(mac)
        return macs

    def _lent(self, macs: Mapping[Key, set[str]], addresses: Mapping[Key, set[str]]) -> Iterator[tuple[Key, Box]]:
        """Yield each address whose box showed no MAC and may have the one in ARP tables."""
        for place, boxes in self.at_address.items():
            # An address that two boxes had in turn is neither's.
            if len(boxes) > 1 or boxes[0].identity.macs or len(macs.get(place, ())) != 1:
                continue
            box, mac = boxes[0], next(iter(macs[place]))
            others = addresses[box.site, mac] - box.addresses.keys() if mac else set()
            if not any(":" not in at or (box.site, at) in self.at_address for at in others):
                yield place, box

    def _by_name(self, neighbour: Neighbour) -> Box | None:
        """Return the one box of that name with a second agreement and no contradiction."""
        return _only(
            box for box in self.by_name.get((neighbour.site, neighbour.name), ()) if self._agrees(neighbour, box)
        )

    def _heard_alike(self, neighbour: Neighbour, box: Box) -> bool:
        """Tell whether a box's own table has all that was learned on the neighbour's port."""
        reporter = self.by_key.get(neighbour.statements[0].by)
        ports = {self.spelling(item.fact.value) for item in neighbour.statements if item.fact.kind in LINK_KINDS}
        if reporter is None or not ports:
            return False
        beyond = {mac for port, mac in _table(reporter) if self.spelling(port) in ports} - {neighbour.mac}
        return bool(beyond) and beyond <= {mac for _, mac in _table(box)}

    def _contradicts(self, neighbour: Neighbour, box: Box) -> bool:
        """Tell whether a neighbour announces another description or serial number."""
        serials = _serials(neighbour)
        return False in self._descriptions(neighbour, box) or bool(
            box.identity.serial and serials - {box.identity.serial}
        )

    def _descriptions(self, neighbour: Neighbour, box: Box) -> list[bool | None]:
        own = self.own_words(box)
        return [own.compare(item.fact) for item in neighbour.statements if item.fact.kind == "lldp.sysdescr"]

    def _agrees(self, neighbour: Neighbour, box: Box) -> bool:
        if (neighbour.mac and box.identity.macs) or self._contradicts(neighbour, box):
            return False
        own, facts = self.own_words(box), [item.fact for item in neighbour.statements]
        ports = [fact.value for fact in facts if fact.kind == "lldp.portid"]
        return (
            True in self._descriptions(neighbour, box)
            or box.identity.serial in _serials(neighbour)
            or any(fact.kind in ADDRESS_KINDS and fact.value.strip() in box.addresses for fact in facts)
            or any(normal.mac(port) in box.identity.macs for port in ports)
            or any(own.says(kind, port) for port in ports for kind in ("if.name", "if.descr"))
            or self._heard_alike(neighbour, box)
            or any(own.says("entity.model", _model(fact.value)) for fact in facts if fact.kind == "cdp.platform")
        )


def _precedence(box: Box) -> tuple[object, ...]:
    """Return the order of a box: by its key; by its words where that is an address."""
    by_address = box.key.partition("#")[0] == normal.one_line(f"{box.site}/{box.address}")
    return (True, sorted(fact.order for fact in box.facts), box.key) if by_address else (False, box.key)


def _serials(neighbour: Neighbour) -> set[str]:
    facts = (item.fact for item in neighbour.statements)
    return {normal.serial(fact.value) for fact in facts if fact.kind == "inventory.serial"} - {""}


def _table(box: Box) -> Iterator[tuple[str, str]]:
    """Yield port and MAC of every row of a box's forwarding table."""
    for table in box.tables:
        rows = zip(table.cells("port"), table.macs, strict=True)
        yield from ((port, mac) for port, mac in rows if port is not None)
    for fact in box.facts:
        if fact.kind == "fdb.port" and (digits := normal.mac(fact.about.removeprefix("mac:"))):
            yield fact.value, digits


def _only(boxes: Iterable[Box | None]) -> Box | None:
    """Return the one box among several answers; two that differ are none."""
    able = {id(box): box for box in boxes if box is not None}
    return next(iter(able.values())) if len(able) == 1 else None


def _model(platform: str) -> str:
    """Return the model in a CDP platform such as `cisco WS-C2960X-24TS-L`."""
    return platform.strip().rpartition(" ")[2]


def _addresses_of(reports: Iterable[Neighbour], rows: Rows, macs: Mapping[Key, set[str]]) -> Mapping[Key, set[str]]:
    """Return all addresses ARP tables have for MACs; whose MACs nobody asks for are left out."""
    places = {(site, mac) for (site, _), own in macs.items() for mac in own}
    addresses: dict[Key, set[str]] = {key: set() for key in places}
    for neighbour in reports if places else ():
        if (neighbour.site, neighbour.mac) in places:
            addresses[neighbour.site, neighbour.mac].update(neighbour.addresses)
    for site, at, mac in rows() if places else ():
        if (site, mac) in places:
            addresses[site, mac].add(at)
    return addresses
