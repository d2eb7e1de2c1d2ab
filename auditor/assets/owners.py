"""Which read box a neighbour is: by MAC, PON serial, address, or name and another sign."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from auditor import normal
from auditor.assets.boxes import Box
from auditor.assets.claims import ADDRESS_KINDS, Own
from auditor.assets.neighbours import Neighbour

Key = tuple[str, str]


class Owners:
    """Finds the box a neighbour is.

    An address alone speaks only where the box showed no MAC of its own, every ARP table agrees on one, and that MAC
    answers for no other device. A name alone never speaks.
    """

    def __init__(self, boxes: Sequence[Box], reports: Sequence[Neighbour]) -> None:
        self.by_mac = {(box.site, mac): box for box in boxes for mac in box.identity.macs}
        self.by_address = dict(self._lent(boxes, reports))
        # What one ARP table says of a silent address, every other table says of the same box, unless the MAC is that of
        # a box read.
        for neighbour in reports:
            for at in neighbour.addresses:
                if (neighbour.site, at) in self.by_address:
                    self.by_mac.setdefault((neighbour.site, neighbour.mac), self.by_address[neighbour.site, at])
        self.by_pon = {(box.site, box.identity.pon): box for box in boxes if box.identity.pon}
        self.by_name: dict[Key, list[Box]] = defaultdict(list)
        for box in boxes:
            if box.identity.name:
                self.by_name[box.site, box.identity.name].append(box)
        self.own: dict[int, Own] = {}

    def find(self, neighbour: Neighbour) -> Box | None:
        """Return the box that was read, or nothing where the neighbour is only heard of."""
        if neighbour.pon:
            return self.by_pon.get((neighbour.site, neighbour.pon))
        if neighbour.mac:
            return self.by_mac.get((neighbour.site, neighbour.mac))
        if neighbour.name and (owner := self._names(neighbour)) is not None:
            return owner
        places = ((neighbour.site, at) for at in neighbour.addresses)
        return next((self.by_address[place] for place in places if place in self.by_address), None)

    def own_words(self, box: Box) -> Own:
        """Return what a box says of itself; its facts may be many, so they are looked through once."""
        if id(box) not in self.own:
            self.own[id(box)] = Own.of(box.facts)
        return self.own[id(box)]

    def _lent(self, boxes: Sequence[Box], reports: Iterable[Neighbour]) -> Iterator[tuple[Key, Box]]:
        """Yield each address whose box showed no MAC and may have ARP's."""
        macs: dict[Key, set[str]] = defaultdict(set)
        addresses: dict[Key, set[str]] = defaultdict(set)
        for neighbour in reports:
            for at in neighbour.addresses:
                macs[neighbour.site, at].add(neighbour.mac)
                addresses[neighbour.site, neighbour.mac].add(at)
        at_address = {(box.site, at): box for box in boxes for at in box.addresses}
        for place, box in at_address.items():
            if box.identity.macs or len(macs.get(place, ())) != 1:
                continue
            mac = next(iter(macs[place]))
            others = addresses[box.site, mac] - box.addresses.keys() if mac else set()
            if not any(_is_another(box.site, at, at_address) for at in others):
                yield place, box

    def _names(self, neighbour: Neighbour) -> Box | None:
        """Return the one box of that name that something else agrees with and nothing denies."""
        able = [box for box in self.by_name.get((neighbour.site, neighbour.name), ()) if self._agrees(neighbour, box)]
        return able[0] if len(able) == 1 else None

    def _agrees(self, neighbour: Neighbour, box: Box) -> bool:
        own, facts = self.own_words(box), [item.fact for item in neighbour.statements]
        descriptions = [own.compare(fact) for fact in facts if fact.kind == "lldp.sysdescr"]
        serials = {normal.serial(fact.value) for fact in facts if fact.kind == "inventory.serial"} - {""}
        if False in descriptions or (box.identity.serial and serials - {box.identity.serial}):
            return False
        ports = [fact.value for fact in facts if fact.kind == "lldp.portid"]
        return (
            True in descriptions
            or box.identity.serial in serials
            or any(fact.kind in ADDRESS_KINDS and fact.value.strip() in box.addresses for fact in facts)
            or any(normal.mac(port) in box.identity.macs for port in ports)
            or any(own.says(kind, port) for port in ports for kind in ("if.name", "if.descr"))
            or any(own.says("entity.model", _model(fact.value)) for fact in facts if fact.kind == "cdp.platform")
        )


def _is_another(site: str, address: str, at_address: dict[Key, Box]) -> bool:
    """Tell whether another address of a MAC is another device's: read as one, or IPv4."""
    return ":" not in address or (site, address) in at_address


def _model(platform: str) -> str:
    """Return the model in a CDP platform, without the maker before it."""
    return platform.strip().rpartition(" ")[2]
