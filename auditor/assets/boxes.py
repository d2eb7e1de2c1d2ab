"""Targets that share a mark nothing contradicts become one box, in whatever order they came."""

from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, combinations, pairwise, starmap
from operator import ne

from auditor import normal
from auditor.assets.identity import Identity, Usable, marks
from auditor.assets.serials import IsFiller
from auditor.model import Fact, Hearsay, NeighbourTable, Observation
from auditor.normal import first_label

# Each sort of mark, strongest first, and the stronger ones that two targets may not differ in where it joins them.
SORTS: dict[str, tuple[str, ...]] = {
    "serial": (),
    "base": ("serial", "gpon"),
    "mac": ("serial", "base", "gpon"),
    "engine": ("serial", "base", "gpon"),
    "gpon": ("serial",),
}
WORDS = {"serial": "the serial number", "base": "the base MAC", "engine": "the engine ID", "gpon": "the GPON serial"}
NAMED = 3
# A box may show many MACs, so that two boxes with one in common are one; of these it has one each.
SINGLE = ("serial", "engine", "gpon")


@dataclass(slots=True)
class Box:
    """One device being put together from the targets that turned out to be it.

    `facts` stand in no table; `mentions` are the MACs under which the tables of others have it; `shared` are MACs it
    answers with in turn with another box: they name neither, and are no device of their own.
    """

    site: str
    addresses: dict[str, None]
    identity: Identity
    facts: tuple[Fact, ...]
    collectors: set[str]
    at: datetime
    tables: list[NeighbourTable] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    statements: list[Hearsay] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    key: str = ""
    shared: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Return the first of its addresses."""
        return min(self.addresses)

    def values(self, sort: str) -> list[tuple[str, str]]:
        """Return its marks of one sort, each with the site it holds at."""
        return [(self.site, value) for value in self.identity.values(sort)]

    def add_tables(self, tables: Iterable[NeighbourTable]) -> None:
        """Take in tables; one read twice says nothing more."""
        self.tables += [table for table in tables if table not in self.tables]

    def absorb(self, others: Sequence["Box"]) -> None:
        """Take in other targets that are the same box."""
        self.facts = _each_once(box.facts for box in (self, *others))
        for other in others:
            self.addresses |= other.addresses
            self.add_tables(other.tables)
            self.collectors |= other.collectors
            self.at = max(self.at, other.at)
            self.conflicts += other.conflicts
            self.shared |= other.shared
            self.identity = self.identity.with_marks(other.identity)


def targets(observations: Iterable[Observation], usable: Usable, filler: IsFiller) -> list[Box]:
    """Return one box per target; an address with contradicting marks is one target for each."""
    by_target: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for observation in observations:
        by_target[observation.target.site, observation.target.address].append(observation)
    return [
        _box(site, address, part, usable, filler)
        for (site, address), group in sorted(by_target.items())
        for part in _apart(_in_order(group), usable, filler)
    ]


def _box(site: str, address: str, group: Sequence[Observation], usable: Usable, filler: IsFiller) -> Box:
    facts = _each_once(observation.plain for observation in group)
    at = max(observation.at for observation in group)
    collectors = {observation.collector for observation in group}
    box = Box(site, {address: None}, marks(facts, usable, filler), facts, collectors, at)
    for observation in group:
        box.add_tables(observation.tables)
    return box


def _each_once(lists: Iterable[Iterable[Fact]]) -> tuple[Fact, ...]:
    """Return facts without those said again; 200,000 of which none is are put into no set."""
    facts = tuple(chain.from_iterable(lists))
    is_unique = all(starmap(ne, pairwise(sorted(map(hash, facts)))))
    return facts if is_unique else tuple(dict.fromkeys(facts))


def _apart(group: list[Observation], usable: Usable, filler: IsFiller) -> list[list[Observation]]:
    """Return the observations of one address by the box each is of: most addresses had one box.

    What one collector saw contradicts itself by its strongest mark, but for rows of one list that name one device and
    the serials of its boards; two collectors may read two serials of one box, so that serial, MACs and name must all
    differ.
    What shows no mark in common with any goes to the box that was there nearest in time.
    """
    if len(group) == 1:
        return [group]
    pairs = [(observation, marks(observation.plain, usable, filler)) for observation in group]
    pairs.sort(key=lambda pair: not pair[1].has_marks)
    boxes: list[list[tuple[Observation, Identity]]] = []
    for observation, identity in pairs:
        able = [box for box in boxes if not any(_contradict(observation, identity, *other) for other in box)]
        own = [box for box in able if any(identity.shares(other) for _, other in box)]
        if not able:
            boxes.append([(observation, identity)])
        else:
            min(own or able, key=lambda box: min(abs(observation.at - other.at) for other, _ in box)).append(
                (observation, identity)
            )
    return [[observation for observation, _ in box] for box in boxes]


def _contradict(observation: Observation, identity: Identity, other: Observation, theirs: Identity) -> bool:
    if observation.collector != other.collector:
        return identity.is_another(theirs)
    return identity.contradicts(theirs) and not (observation.at == other.at and identity.is_namesake(theirs))


def unite(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes, one for all that share a mark; an ambiguous mark joins none."""
    _drop_shared(boxes)
    for sort, stronger in SORTS.items():
        boxes = [box for group in _groups(boxes, sort) for box in _one(group, sort, stronger)]
    return list(boxes)


def _in_order(group: list[Observation]) -> list[Observation]:
    """Return the observations of one target in an order of their own."""
    brief = [(observation.at.timestamp(), observation.collector) for observation in group]
    if len(set(brief)) == len(group):
        return [group[index] for index in sorted(range(len(group)), key=brief.__getitem__)]
    return sorted(group, key=lambda one: (one.at.timestamp(), one.collector, _InOrder(one)))


class _InOrder:
    """The words of an observation in order, for comparison; mostly the first settles it."""

    __slots__ = ("first", "observation")

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        firsts = [*observation.plain, *(table.first_fact() for table in observation.tables)]
        self.first = min(map(_words, firsts), default=())

    def words(self) -> list[tuple[str, ...]]:
        """Return all of them."""
        return sorted(map(_words, self.observation.facts))

    def __lt__(self, other: "_InOrder") -> bool:
        return self.first < other.first if self.first != other.first else self.words() < other.words()


def _words(fact: Fact) -> tuple[str, ...]:
    return fact.kind, fact.where, fact.value, fact.about, fact.extra


def _drop_shared(boxes: Sequence[Box]) -> None:
    """Take away marks that name several boxes with other MACs or products."""
    bare = [box for box in boxes if not (box.identity.serial or box.identity.pon)]
    # A target that shows nothing but MACs may be what links two of one box.
    links = {
        mac: number for number, group in enumerate(_groups(bare, "mac")) for box in group for mac in box.values("mac")
    }
    ambiguous: dict[int, set[str]] = defaultdict(set)
    for sort in SINGLE:
        for (_, value), group in _holders(boxes, sort).items():
            if len(group) > 1 and (how := _difference(group, links)):
                _tell(group, f"{WORDS[sort]} {value}", how)
                for box in group:
                    ambiguous[id(box)].add(sort)
    for box in boxes:
        if id(box) in ambiguous:
            box.identity = box.identity.without(ambiguous[id(box)])
    _part_pairs(boxes)


def _difference(group: Sequence[Box], links: Mapping[tuple[str, str], int]) -> str:
    """Return in what boxes that show one mark differ so that they cannot be one."""
    macs = {id(box): [links.get(mac, mac) for mac in box.values("mac")] for box in group}
    if len(components([own for own in macs.values() if own])) > 1:
        return "with other MACs"
    products = [[*macs[id(box)], box.identity.product] for box in group if box.identity.product]
    return "with another sysObjectID" if len(components(products)) > 1 else ""


def _part_pairs(boxes: Sequence[Box]) -> None:
    """Take away MACs that the boxes of a high-availability pair answer with in turn."""
    common: dict[int, set[str]] = defaultdict(set)
    for group, macs in _in_common(boxes, "mac"):
        names = {first_label(box.identity.name) for box in group}
        if len(names) == len(group) and "" not in names and _own_macs(group):
            how = "with a name and MACs of its own, as the boxes of a high-availability pair do"
            _tell(group, _mark("mac", macs), how, macs)
            for box in group:
                common[id(box)].update(macs)
    for box in boxes:
        if id(box) in common:
            box.shared |= common[id(box)]
            box.identity = box.identity.without_macs(common[id(box)])


def _own_macs(group: Sequence[Box]) -> bool:
    """Tell whether each box has a MAC of its own and no serial number joins them."""
    counts = Counter(mac for box in group for mac in box.identity.macs)
    serials = [set(box.identity.values("serial")) for box in group]
    apart = all(one.isdisjoint(other) for one, other in combinations(serials, 2))
    return apart and all(any(counts[mac] == 1 for mac in box.identity.macs) for box in group)


def _holders(boxes: Iterable[Box], sort: str) -> dict[tuple[str, str], list[Box]]:
    holders: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for box in boxes:
        for value in box.values(sort):
            holders[value].append(box)
    return holders


def _tell(group: Sequence[Box], what: str, how: str, common: Container[str] = ()) -> None:
    """Note at each box which mark others show as well without being the same box."""
    # Many may show one mark; each names the first few others.
    first = [(box, _witness(box, common)) for box in group[: NAMED + 1]]
    for box in group:
        others = [text for other, text in first if other is not box][:NAMED]
        more = f" and {len(group) - 1 - NAMED} more" if len(group) - 1 > NAMED else ""
        box.conflicts.append(f"{', '.join(others)}{more} shows {what} as well, {how}; it makes no box of two.")


def _witness(box: Box, common: Container[str]) -> str:
    """Return who else shows a mark: its name, address and what tells it apart."""
    own = box.identity
    mac = next((mac for mac in own.macs if mac not in common), "")
    macs = f"MAC {normal.spelled(mac)}" if mac else ""
    sort = f"sysObjectID {own.product}" if own.product else ""
    serial = f"serial {own.serial}" if own.serial else ""
    marks_of = ", ".join(filter(None, (box.address, serial, macs or sort)))
    return f"{own.name or 'a device'} ({marks_of})"


def _tell_parted(boxes: Sequence[Box], sort: str, stronger: Iterable[str]) -> None:
    """Note which mark boxes have in common whose stronger marks say that they are several."""
    for group, values in _in_common(boxes, sort):
        names = [WORDS[name].removeprefix("the ") for name in stronger if not _agree(group, name)]
        _tell(group, _mark(sort, values), f"with another {names[0]}" if names else "and the others differ", values)


def _in_common(boxes: Iterable[Box], sort: str) -> list[tuple[list[Box], list[str]]]:
    """Return which boxes show marks of a sort in common, with all that the same boxes show."""
    groups: dict[tuple[int, ...], tuple[list[Box], list[str]]] = {}
    for (_, value), group in _holders(boxes, sort).items():
        if len(group) > 1:
            groups.setdefault(tuple(map(id, group)), (group, []))[1].append(value)
    return [(group, sorted(values)) for group, values in groups.values()]


def _mark(sort: str, values: Sequence[str]) -> str:
    """Return marks in words: the first, and how many more."""
    more = f" and {len(values) - 1} more" if len(values) > 1 else ""
    return (f"the MAC {normal.spelled(values[0])}" if sort == "mac" else f"{WORDS[sort]} {values[0]}") + more


def _groups(boxes: Sequence[Box], sort: str) -> list[list[Box]]:
    return [[boxes[index] for index in group] for group in components([box.values(sort) for box in boxes])]


def _one(group: list[Box], sort: str, stronger: tuple[str, ...]) -> list[Box]:
    """Return a group that shares marks as one box, or as several by stronger marks."""
    if len(group) == 1 or all(_agree(group, name) for name in stronger):
        return [_absorb(group)]
    anchors = [box for box in group if any(box.values(name) for name in stronger)]
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for index, box in enumerate(anchors):
        for value in box.values(sort):
            owners[value].add(index)
    families = [[box] for box in anchors]
    for rest in _groups([box for box in group if not any(box.values(name) for name in stronger)], sort):
        able = {index for box in rest for value in box.values(sort) for index in owners[value]}
        if len(able) == 1:
            families[able.pop()].extend(rest)
        else:
            families.append(rest)
    parted = [_absorb(family) for family in families]
    # A base MAC is one of the MACs, which are told next.
    if sort != "base":
        _tell_parted(parted, sort, stronger)
    return parted


def _agree(group: Iterable[Box], sort: str) -> bool:
    """Tell whether boxes that show marks of a sort can be one: a stack shows several."""
    return len(components([values for box in group if (values := box.values(sort))])) <= 1


def _absorb(family: list[Box]) -> Box:
    first, *rest = family
    if rest:
        first.absorb(rest)
    return first


def components(marks_of: Sequence[Iterable[Hashable]]) -> list[list[int]]:
    """Return the positions of items linked by common marks, groups in ascending order."""
    parents = list(range(len(marks_of)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first: dict[Hashable, int] = {}
    for index, own in enumerate(marks_of):
        for mark in own:
            low, high = sorted((root(first.setdefault(mark, index)), root(index)))
            parents[high] = low
    groups: dict[int, list[int]] = {}
    for index in range(len(marks_of)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())
