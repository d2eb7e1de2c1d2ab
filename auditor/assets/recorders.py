"""Cameras a recorder lists behind itself: one read or heard of as a device is that asset."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from auditor import normal
from auditor.assets.boxes import Box
from auditor.assets.claims import fold
from auditor.assets.identity import any_global
from auditor.assets.parts import CHANNEL, TERMINAL, parts
from auditor.assets.serials import IsFiller, tells
from auditor.assets.traces import Traces
from auditor.model import Hearsay, Part, is_channel


class Inside:
    """The parts of each box; what the box says of a channel goes to the device that it is.

    `homes` has the recorder at which a camera counts, for each other recorder and channel that lists it.
    """

    def __init__(self, boxes: Sequence[Box], traces: Traces, filler: IsFiller) -> None:
        self.owners, self.traces = traces.owners, traces
        self.parts = {box.key: parts(box.facts, box.identity.serial_text, filler) for box in boxes}
        for box in boxes:
            self.parts[box.key] = tuple(self._settled(box, self.parts[box.key]))
        self.homes = _homes((box, part) for box in boxes for part in self.parts[box.key] if part.sort == CHANNEL)
        for box in boxes:
            self.parts[box.key] = tuple(self._once(box, self.parts[box.key]))

    def of(self, box: Box) -> tuple[Part, ...]:
        """Return what stands in a box or behind it."""
        return self.parts[box.key]

    def cameras(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the key of each recorder with the MACs of the cameras it lists."""
        for key, items in self.parts.items():
            channels = [part for part in items if part.sort == CHANNEL]
            owners = (self.owners.by_key.get(part.asset) for part in channels if (key, part.part) not in self.homes)
            macs = {mac for owner in owners if owner is not None for mac in owner.identity.macs}
            if channels:
                yield key, frozenset({*macs, *(part.mac for part in channels)} - {""})

    def absent(self, box: Box) -> frozenset[str]:
        """Return the channels whose facts are a device's, or those of another channel."""
        if not any(part.sort == CHANNEL for part in self.of(box)):
            return frozenset()
        own = {part.part for part in self.of(box) if not part.asset}
        return frozenset(fact.about for fact in box.facts if is_channel(fact.about) and fact.about not in own)

    def remarks(self, box: Box) -> Iterator[str]:
        """Yield a sentence for each camera that counts at another recorder."""
        for part in self.of(box):
            home, twin = self.homes.get((box.key, part.part), (box, part))
            if home is not box and not twin.asset:
                who = home.identity.name or home.address
                number = part.part.partition(":")[2]
                yield f"The camera on channel {number} is on the list of {who} too and counts there."

    def _once(self, box: Box, items: Iterable[Part]) -> Iterator[Part]:
        for part in items:
            home, twin = self.homes.get((box.key, part.part), (box, part))
            yield part if home is box else replace(part, asset=twin.asset or home.key)

    def _settled(self, box: Box, items: Iterable[Part]) -> Iterator[Part]:
        for part in items:
            if part.sort == TERMINAL:
                yield replace(part, asset=self._terminal(box, part))
            elif part.sort == CHANNEL:
                yield replace(part, asset=self._camera(box, part))
            else:
                yield part

    def _terminal(self, box: Box, part: Part) -> str:
        pon = normal.pon_serial(part.serial)
        owner = self.owners.by_pon.get((box.site, pon))
        if owner is not None:
            return owner.key
        return normal.one_line(f"{box.site}/gpon:{pon}") if (box.site, f"gpon:{pon}") in self.traces.strangers else ""

    def _camera(self, box: Box, part: Part) -> str:
        """Return the key of the device a channel is, which then has what the recorder says of it."""
        said = [Hearsay(by=box.key, fact=fact) for fact in box.facts if fact.about == part.part]
        owner = self._box(box, part)
        if owner is not None:
            owner.statements.extend(said)
            return owner.key
        stranger = self.traces.stranger(box.site, part.mac) if part.mac else None
        if stranger is None:
            return ""
        stranger.statements.extend(said)
        return f"{box.site}/mac:{part.mac}"

    def _box(self, recorder: Box, part: Part) -> Box | None:
        """Return the box a channel is: by serial, MAC, or at its address with nothing against it."""
        site, owners = recorder.site, self.owners
        marked = (owners.by_serial.get((site, part.serial)), owners.by_mac.get((site, part.mac)))
        there = (box for box in owners.at_address.get((site, part.address), ()) if self._may_be(box, part))
        return next((box for box in (*marked, *there) if box is not None and box is not recorder), None)

    def _may_be(self, box: Box, part: Part) -> bool:
        """Tell whether a box at a channel's address says no other serial, MAC or model."""
        identity = box.identity
        if part.serial and identity.serial and part.serial not in identity.values("serial"):
            return False
        if part.mac and identity.macs and part.mac not in identity.macs:
            return False
        models = self.owners.own_words(box).words.get("entity.model", ())
        model = fold(part.model)
        return not (model and models) or any(model in one or one in model for one in models)


def _homes(channels: Iterable[tuple[Box, Part]]) -> dict[tuple[str, str], tuple[Box, Part]]:
    """Return where each camera counts that others of its site list too: at who says most of it.

    A camera is told by its serial number and MAC; two that differ in either are two.
    """
    homes: dict[tuple[str, str], tuple[Box, Part]] = {}
    firsts: dict[tuple[str, str], tuple[Box, Part]] = {}
    for box, part in sorted(channels, key=_fullest_first):
        marks = [(box.site, mark) for mark in _marks(part) if mark]
        home = next((firsts[mark] for mark in marks if mark in firsts), (box, part))
        apart = any(mine and other and mine != other for mine, other in zip(_marks(part), _marks(home[1]), strict=True))
        if not (apart or part.asset or home[0] is box):
            homes[box.key, part.part] = home
        for mark in marks:
            firsts.setdefault(mark, (box, part) if apart else home)
    return homes


def _fullest_first(channel: tuple[Box, Part]) -> tuple[object, ...]:
    box, part = channel
    return (not part.asset, -sum(1 for name in Part.__slots__ if getattr(part, name)), box.key, part.order)


def _marks(part: Part) -> tuple[str, str]:
    return part.serial if tells(part.serial) else "", part.mac if part.mac and any_global(part.mac) else ""
