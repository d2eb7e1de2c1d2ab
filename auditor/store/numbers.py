"""Which device of the store each asset of a run is: a number for a box, given once. Pure.

A device is found again by its strongest mark; without marks by its address while nothing contradicts. Of two assets
that show marks of one device the one with the stronger marks is it. Nothing depends on the order of assets.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from auditor.normal import first_label
from auditor.store.marks import BOX, WEAK, AssetMarks, Document, Mark, by_device, makers, marks

SERIALS = ("serial", "member")
# Two boxes differ in all that both show of one of these.
CONTRADICTING = (SERIALS, ("gpon",))
# Under which kinds a mark of a kind is looked up, and how strong that makes it; between them stand serials abroad.
RANKS = {
    "serial": (("serial", 0), ("member", 1)),
    "member": (("serial", 2), ("member", 2)),
    "mac": (("mac", 4),),
    "engine": (("engine", 5),),
    "gpon": (("gpon", 6),),
}
ABROAD = 3
_SPELLED = re.compile(r"D-0*(\d{1,18})", re.IGNORECASE)


class HeldMark(NamedTuple):
    """A mark and the number of the device that showed it last; it holds it from then on."""

    kind: str
    value: str
    site: str
    device: int


class Candidate(NamedTuple):
    """A device whose marks an asset shows: how strong, less how many, of how many.

    `at` is the place of the asset in its list; the least is the best.
    """

    rank: int
    shows: int
    size: int
    device: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided: `devices` are one, or the first of them is not the box of a mark."""

    devices: tuple[int, ...]
    mark: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a store knows before a run: who holds each mark, and the first number nobody has.

    `makers` and `names` are those of each device's last sighting that had any; `resolves` leads from a number to the
    older one it turned out to be.
    """

    marks: Mapping[Mark, int] = field(default_factory=dict)
    next: int = 1
    makers: Mapping[int, frozenset[str]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    resolves: Mapping[int, int] = field(default_factory=dict)

    def holder(self, mark: Mark) -> int | None:
        """Return the device that holds a mark, by the number it goes by now."""
        number = self.marks.get(mark)
        return number if number is None else self.resolve(number)

    def resolve(self, number: int) -> int:
        """Return the number that a number leads to."""
        while number in self.resolves:
            number = self.resolves[number]
        return number

    @cached_property
    def by_device(self) -> Mapping[int, set[Mark]]:
        """Return the marks of each device."""
        return by_device({mark: self.resolve(number) for mark, number in self.marks.items()})

    @cached_property
    def by_serial(self) -> Mapping[str, set[int]]:
        """Return the devices of each serial number, whatever the site."""
        devices: dict[str, set[int]] = defaultdict(set)
        for (kind, value, _), number in self.marks.items():
            if kind in SERIALS:
                devices[value].add(self.resolve(number))
        return devices

    def values(self, number: int, kinds: Iterable[str]) -> set[str]:
        """Return the values of a device's marks of some kinds."""
        return {value for kind, value, _ in self.by_device.get(number, ()) if kind in kinds}

    def size(self, number: int) -> int:
        """Return how many marks a device has."""
        return len(self.by_device.get(number, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """The number of each asset's device, and what is to be kept of it.

    `merges` are (older, younger) numbers that turned out to be one, `splits` (kept, new) ones that turned out to be
    two, `because` the reason of each; `by_address` are keys that only an address or a name continues; `marks` are those
    the store does not hold yet, or holds for another device.
    """

    of: Mapping[str, int]
    new: tuple[int, ...]
    merges: tuple[tuple[int, int], ...]
    splits: tuple[tuple[int, int], ...]
    because: Mapping[tuple[int, int], str]
    by_address: frozenset[str]
    marks: tuple[HeldMark, ...]


def number(assets: Sequence[Document], known: Known, decisions: Sequence[Decision] = ()) -> Numbering:
    """Return the numbering of a run's assets (as the audit document has them).

    The same assets, marks and decisions give the same numbers. What people merged is counted as one from then on, and
    keeps its own marks, so that it can be undone.
    """
    numbers = _Numbers([one for one in marks(assets) if one.counts], known, decisions)
    numbers.find()
    new = numbers.give()
    merges = numbers.merge()
    union = _Union(known, [*merges, *pairs(decisions)])
    return Numbering(
        of={key: union.oldest(given) for key, given in sorted(numbers.of.items())},
        new=tuple(new),
        merges=tuple(sorted(merges)),
        splits=tuple(sorted(numbers.splits)),
        because=numbers.splits | merges,
        by_address=frozenset(numbers.by_address),
        marks=tuple(sorted(numbers.held(_Union(known, merges)))),
    )


def spelled(number: int) -> str:
    """Return a number as people read it: `D-000042`."""
    return f"D-{number:06d}"


def number_of(text: str) -> int | None:
    """Return the number a person wrote (`D-000042`, `d-42`), or nothing where it is none."""
    match = _SPELLED.fullmatch(text.strip())
    return int(match[1]) if match else None


def older_numbers(pairs: Collection[tuple[int, int]]) -> dict[int, int]:
    """Return the older number that each number leads to, where pairs of numbers are one device."""
    union = _Union(Known(), pairs)
    numbers = {number: union.oldest(number) for pair in pairs for number in pair}
    return {number: older for number, older in numbers.items() if number != older}


def pairs(decisions: Iterable[Decision]) -> Iterator[tuple[int, int]]:
    """Yield the numbers that people say are one."""
    for decision in decisions:
        if decision.mark is None:
            first, *rest = decision.devices
            yield from ((first, other) for other in rest)


class _Union:
    """Numbers that are one: the oldest stands for all."""

    def __init__(self, known: Known, pairs: Iterable[tuple[int, int]]) -> None:
        self._known = known
        self._older: dict[int, int] = {}
        for pair in pairs:
            low, high = sorted(map(self.oldest, pair))
            if low != high:
                self._older[high] = low

    def oldest(self, number: int) -> int:
        number = self._known.resolve(number)
        while number in self._older:
            number = self._older[number]
        return number


class _Numbers:
    """Finds the device of each asset, the strongest marks first."""

    def __init__(self, assets: Sequence[AssetMarks], known: Known, decisions: Iterable[Decision]) -> None:
        self.assets, self.known = assets, known
        self.of: dict[str, int] = {}
        self.by_address: set[str] = set()
        self.splits: dict[tuple[int, int], str] = {}
        self._taken: dict[int, AssetMarks] = {}
        self._single: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._parted: dict[Mark, set[int]] = defaultdict(set)
        for decision in decisions:
            if decision.mark is not None:
                self._parted[Mark(*decision.mark)].update(map(known.resolve, decision.devices[:1]))

    def find(self) -> None:
        """Give each asset the device that its marks lead to."""
        claims = [claim for at, one in enumerate(self.assets) for claim in self._claims(at, one)]
        self._settle((claim for claim in claims if claim.rank < ABROAD), self._is_unparted)
        self._settle(self._claims_abroad(), self._is_same_abroad)
        self._settle(claim for claim in claims if claim.rank > ABROAD)
        strong = self.of.keys() | set()
        self._settle(self._weak_claims(), self._continues)
        self.by_address = self.of.keys() - strong

    def give(self) -> range:
        """Give what was not found the next numbers, in the order of marks."""
        fresh = sorted((one for one in self.assets if one.key not in self.of), key=lambda one: one.order)
        for number, one in enumerate(fresh, self.known.next):
            self.of[one.key] = number
            if one.key in self._lost:
                self.splits[self._lost[one.key], number] = "Its marks are shown by two devices at one time."
        return range(self.known.next, self.known.next + len(fresh))

    def merge(self) -> dict[tuple[int, int], str]:
        """Return which devices turned out to be one, the older first, and why."""
        merges: dict[tuple[int, int], str] = {}
        for one in self.assets:
            number = self.of[one.key]
            for other, mark in self._others(one, number).items():
                if other not in self._taken and self._are_one(one, number, other):
                    self._taken[other] = one
                    older, younger = sorted((number, other))
                    merges[older, younger] = f"One device shows the {words(mark)} now."
                    number = older
        return merges

    def held(self, union: _Union) -> Iterator[HeldMark]:
        """Yield the marks to be kept; what is held already is not kept again."""
        taken: set[Mark] = set()
        # Of two that answer at one address the one that nothing else tells apart continues it.
        for one in sorted(self.assets, key=lambda one: bool(one.box)):
            device = union.oldest(self.of[one.key])
            addresses = [mark for mark in one.weak if mark not in taken]
            taken.update(addresses)
            for mark in (*one.box, *addresses):
                before = self.known.marks.get(mark)
                if before != device and (before is None or union.oldest(before) != device):
                    yield HeldMark(*mark, device)

    def _claims(self, at: int, one: AssetMarks) -> Iterable[Candidate]:
        """Return for each device that holds marks of an asset the strongest, and how many of it."""
        claims: dict[int, list[int]] = {}
        for mark in one.box:
            for kind, rank in RANKS[mark.kind]:
                holder = self.known.holder(mark if kind == mark.kind else Mark(kind, mark.value, mark.site))
                if holder is not None:
                    claim = claims.setdefault(holder, [rank, 0])
                    claim[1] += claim[0] == rank
        if len(claims) == 1:
            self._single[one.key] = next(iter(claims))
            return [Candidate(rank, -count, 0, device, at) for device, (rank, count) in claims.items()]
        return [
            Candidate(rank, -count, self.known.size(device), device, at) for device, (rank, count) in claims.items()
        ]

    def _claims_abroad(self) -> Iterator[Candidate]:
        """Yield claims of devices by their serial numbers at other sites."""
        for at, one in enumerate(self.assets):
            if one.key not in self.of and one.box and one.box[0].kind == "serial":
                for device in self.known.by_serial.get(one.box[0].value, ()):
                    yield Candidate(ABROAD, 0, self.known.size(device), device, at)

    def _weak_claims(self) -> Iterator[Candidate]:
        """Yield claims by asset tag, address, or name on a port."""
        for at, one in enumerate(self.assets):
            if one.key not in self.of:
                for mark in one.weak[:-1]:
                    if (holder := self.known.holder(mark)) is not None:
                        yield Candidate(WEAK.index(mark.kind), bool(one.box), 0, holder, at)

    def _settle(self, claims: Iterable[Candidate], fits: Callable[[AssetMarks, int], bool] | None = None) -> None:
        """Give each device to the asset with the strongest and most of its marks."""
        for claim in sorted(claims):
            one, device = self.assets[claim.at], claim.device
            if one.key in self.of or not (fits or self._fits)(one, device):
                continue
            if fits == self._continues or device not in self._taken:
                self.of[one.key] = device
                self._taken.setdefault(device, one)
            else:
                self._lost.setdefault(one.key, device)

    def _is_same_abroad(self, one: AssetMarks, device: int) -> bool:
        mine, theirs = one.values(("mac",)), self.known.values(device, ("mac",))
        agree = mine & theirs if mine and theirs else makers(one.asset) & self.known.makers.get(device, frozenset())
        return bool(agree) and self._fits(one, device)

    def _is_unparted(self, one: AssetMarks, device: int) -> bool:
        """Tell whether no person said that an asset is not that box."""
        return not self._parted or not any(device in self._parted.get(mark, ()) for mark in one.box)

    def _fits(self, one: AssetMarks, device: int) -> bool:
        """Tell whether no stronger mark and no person says that an asset is another box."""
        if not self._is_unparted(one, device):
            return False
        if one.box and one.box[0].kind not in SERIALS and one.box[-1].kind != "gpon":
            return True
        for kinds in CONTRADICTING:
            mine = one.values(kinds)
            theirs = self.known.values(device, kinds) if mine else set()
            if mine and theirs and mine.isdisjoint(theirs):
                return False
        return True

    def _continues(self, one: AssetMarks, device: int) -> bool:
        """Tell whether an asset found by its address alone may be the device that was there."""
        if device in self._taken and not self._is_half(one, self._taken[device]):
            return False
        if not self._fits(one, device):
            return False
        own, theirs = makers(one.asset), self.known.makers.get(device, frozenset())
        names = {first_label(one.asset["name"]), first_label(self.known.names.get(device, ""))} - {""}
        if (own and theirs and not own & theirs) or (len(names) > 1 and not own & theirs):
            return False
        held = {mark[0] for mark in self.known.by_device.get(device, ())}.intersection(BOX)
        kinds = {mark.kind for mark in one.box}
        return not (held and kinds) or (held.isdisjoint(kinds) and bool(own & theirs))

    @staticmethod
    def _is_half(one: AssetMarks, other: AssetMarks) -> bool:
        """Tell whether two assets are what answers at an address and what others hear without one."""
        return not one.box and other.asset["seen"] == "heard" and not any(other.asset["addresses"])

    def _others(self, one: AssetMarks, number: int) -> dict[int, Mark]:
        """Return the other devices that hold marks of an asset, each with the first of these."""
        others: dict[int, Mark] = {}
        box = () if self._single.get(one.key) == number else one.box
        for mark in (*box, *one.weak[:-1]) if one.box else ():
            holder = self.known.holder(mark)
            if holder is not None and holder != number:
                others.setdefault(holder, mark)
        return others

    def _are_one(self, one: AssetMarks, number: int, other: int) -> bool:
        """Tell whether another device is this one too: all that it ever showed, this one shows."""
        if not self._fits(one, other) or self._is_parted(number, other):
            return False
        theirs = self.known.by_device.get(other, set())
        boxes = {value for kind, value, _ in theirs if kind in BOX and kind != "engine"}
        if boxes:
            return boxes <= one.values(BOX)
        # It was only ever an address; this device was at no other before, or is there still.
        mine = {mark for mark in self.known.by_device.get(number, ()) if mark[0] == "address"}
        return self._continues(one, other) and (not mine or bool(mine.intersection(one.weak)))

    def _is_parted(self, number: int, other: int) -> bool:
        """Tell whether a person said that two devices are two."""
        return any(
            {number, other} == {device, self.known.holder(mark)}
            for mark, devices in self._parted.items()
            for device in devices
        )


def words(mark: Mark) -> str:
    """Return a mark in words: `serial number X`."""
    kind = {"serial": "serial number", "member": "serial number", "mac": "MAC", "engine": "engine ID"}
    return f"{kind.get(mark.kind, mark.kind)} {mark.value}"
