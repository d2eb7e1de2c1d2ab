"""Targets become boxes: those that share a mark nothing contradicts are one."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from auditor.assets.identity import Identity, Usable, marks
from auditor.assets.serials import IsFiller
from auditor.model import Fact, Hearsay, Observation

# Each sort of mark, strongest first, and the stronger ones that two targets may not differ in where it joins them.
SORTS: dict[str, tuple[str, ...]] = {
    "serial": (),
    "gpon": ("serial",),
    "mac": ("serial", "gpon"),
    "engine": ("serial", "gpon"),
}
# A box may show many MACs, so that two boxes with one in common are one; of the others it has one each.
SINGLE = tuple(sort for sort in SORTS if sort != "mac")


@dataclass(slots=True)
class Box:
    """One device being put together from the targets that turned out to be it."""

    site: str
    addresses: dict[str, None]
    identity: Identity
    facts: dict[Fact, None]
    collectors: set[str]
    statements: list[Hearsay] = field(default_factory=list)
    key: str = ""

    @property
    def address(self) -> str:
        """Return the first of its addresses."""
        return min(self.addresses)

    def values(self, sort: str) -> list[tuple[str, str]]:
        """Return its marks of one sort, each with the site it holds at."""
        return [(self.site, value) for value in self.identity.values(sort)]

    def absorb(self, other: "Box") -> None:
        """Take in another target that is the same box."""
        self.addresses |= other.addresses
        self.facts |= other.facts
        self.collectors |= other.collectors
        self.identity = self.identity.with_marks(other.identity)


def targets(observations: Iterable[Observation], usable: Usable, filler: IsFiller) -> list[Box]:
    """Return one box per target; site and address together name a target within a run."""
    by_target: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for seen in observations:
        by_target[seen.target.site, seen.target.address].append(seen)
    boxes = []
    for (site, address), group in sorted(by_target.items()):
        facts: dict[Fact, None] = {}
        for seen in _in_order(group):
            facts |= dict.fromkeys(seen.facts)
        identity = marks((fact for fact in facts if not fact.about), usable, filler)
        boxes.append(Box(site, {address: None}, identity, facts, {seen.collector for seen in group}))
    return boxes


def unite(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes, those that share a mark made one; a mark of several joins none."""
    _drop_shared(boxes)
    for sort, stronger in SORTS.items():
        boxes = [box for group in _groups(boxes, sort) for box in _one(group, sort, stronger)]
    return list(boxes)


def _in_order(group: list[Observation]) -> list[Observation]:
    """Return the observations of a target in an order independent of arrival."""
    brief = [(ready.at.timestamp(), ready.collector) for ready in group]
    if len(set(brief)) == len(group):
        return [group[index] for index in sorted(range(len(group)), key=brief.__getitem__)]
    return sorted(group, key=lambda ready: (ready.at.timestamp(), ready.collector, *map(_words, ready.facts)))


def _words(fact: Fact) -> tuple[str, ...]:
    return fact.kind, fact.where, fact.value, fact.about, fact.extra


def _drop_shared(boxes: Sequence[Box]) -> None:
    """Drop a serial or engine ID as a mark where boxes with other MACs show it too."""
    bare = [box for box in boxes if not (box.identity.serial or box.identity.pon)]
    # A target that shows nothing but MACs may be what links two of one box.
    links = {
        mac: number for number, group in enumerate(_groups(bare, "mac")) for box in group for mac in box.values("mac")
    }
    doubtful: dict[int, set[str]] = defaultdict(set)
    for sort in SINGLE:
        holders: dict[tuple[str, str], list[Box]] = defaultdict(list)
        for box in boxes:
            for value in box.values(sort):
                holders[value].append(box)
        for group in holders.values():
            owners = [[links.get(mac, mac) for mac in box.values("mac")] for box in group if box.identity.macs]
            if len(owners) > 1 and len(components(owners)) > 1:
                for box in group:
                    doubtful[id(box)].add(sort)
    for box in boxes:
        if id(box) in doubtful:
            box.identity = box.identity.without(doubtful[id(box)])


def _groups(boxes: Sequence[Box], sort: str) -> list[list[Box]]:
    return [[boxes[index] for index in group] for group in components([box.values(sort) for box in boxes])]


def _one(group: list[Box], sort: str, stronger: tuple[str, ...]) -> list[Box]:
    """Return a group that shares marks as one box, or several if stronger marks say so."""
    if len(group) == 1 or all(len({value for box in group for value in box.values(name)}) <= 1 for name in stronger):
        return [_absorb(group)]
    label = [box for box in group if any(box.values(name) for name in stronger)]
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for index, box in enumerate(label):
        for value in box.values(sort):
            owners[value].add(index)
    families = [[box] for box in label]
    for rest in _groups([box for box in group if not any(box.values(name) for name in stronger)], sort):
        able = {index for box in rest for value in box.values(sort) for index in owners[value]}
        if len(able) == 1:
            families[able.pop()].extend(rest)
        else:
            families.append(rest)
    return [_absorb(family) for family in families]


def _absorb(family: list[Box]) -> Box:
    first, *rest = family
    for box in rest:
        first.absorb(box)
    return first


def components(marks_of: Sequence[Iterable[Hashable]]) -> list[list[int]]:
    """Return the positions of items linked by common marks, in ascending order."""
    parents = list(range(len(marks_of)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first: dict[Hashable, int] = {}
    for index, component_of in enumerate(marks_of):
        for mark in component_of:
            low, high = sorted((root(first.setdefault(mark, index)), root(index)))
            parents[high] = low
    groups: dict[int, list[int]] = {}
    for index in range(len(marks_of)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())
