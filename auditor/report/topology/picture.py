"""The geometry of the topology in a page: a tree of boxes for each site, ports folded.

Words are never laid over each other, whatever a network looks like: each device has a row of its own, further to the
right the more cables lie between it and the gateway.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.model import Audit
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.topology.graph import Topology
from auditor.report.views import natural
from auditor.report.words import counted

# So many devices a person reads at most; of a larger network only what carries others is drawn.
MAX_BOXES = 600
MAX_CARRIERS = 400
# So many are seen at a glance and need no folding.
FEW = 60
ROW, STEP, HEIGHT, PAD, LETTER = 30, 26, 22, 8, 7.2
DEEPEST, NAME_CAP, NOTE_CAP = 16, 32, 110
WIDE = "WF"
CAPITAL = 1.25  # as wide as so many other letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One row of a picture: a box with a name, words beside it, the line that leads to it."""

    name: str
    note: str
    look: str
    x: float
    y: float
    width: float
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Rows of boxes under a title that says in one line what they show."""

    title: str
    boxes: tuple[Node, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePicture:
    """One site: its tree of what carries others, and the ports of each, to unfold."""

    tree: Picture
    ports: tuple[Picture, ...]
    is_open: bool


def site_pictures(audit: Audit, options: Options) -> list[SitePicture]:
    """Return a picture of each site where something is connected."""
    topology = Topology(audit)
    sites: dict[str, list[str]] = {}
    for key in topology.tree.order:
        if topology.cables[key]:
            sites.setdefault(topology.asset(key).site, []).append(key)
    number = sum(map(len, sites.values()))
    sketch = _Sketch(topology, options, max(10, MAX_CARRIERS // max(1, len(sites))))
    return [
        SitePicture(
            tree=sketch.tree(site, keys),
            ports=tuple(sketch.ports(keys)) if number <= MAX_BOXES else (),
            is_open=number <= FEW,
        )
        for site, keys in sorted(sites.items())
    ]


def cable_rows(audit: Audit) -> Iterator[tuple[int, int, str, str]]:
    """Yield each cable once: both devices by their number in the table, and both ports."""
    topology = Topology(audit)
    numbers = {key: number for number, key in enumerate(topology.items)}
    for key, number in numbers.items():
        for other, cable in topology.cables[key].items():
            if number < numbers[other]:
                yield number, numbers[other], cable.port, cable.far_port


class _Sketch:
    """Draws the sites of one topology, each with at most so many rows."""

    def __init__(self, topology: Topology, options: Options, most: int) -> None:
        self.topology, self.options, self.most = topology, options, most

    def tree(self, site: str, keys: Sequence[str]) -> Picture:
        """Return what carries others at a site; what is too much to read is counted where it hangs."""
        carriers = [key for key in keys if self.topology.carries(key) or self.topology.roots.get(key)]
        shown = set(carriers[: self.most])
        covered = sum(bool(self.topology.findings(key)) for key in keys)
        title = f"{one_line(site, NAME_CAP) or 'no site'}: {counted(len(keys), 'device')}, {len(carriers):,} of them "
        title += f"carry others, {covered:,} of covered makers"
        return self._rows(
            title, ((key, depth, self._note(key, shown)) for key, depth in self._preorder(carriers, shown))
        )

    def _rows(self, title: str, rows: Iterable[tuple[str, int, str]]) -> Picture:
        """Return a picture of devices with their depth and note, each below what carries it."""
        boxes: list[Node] = []
        # Where the line down from a device ends so far: that of the next below it begins there.
        ends: dict[str, tuple[float, float]] = {}
        for key, depth, note in rows:
            x, y = 1 + min(depth, DEEPEST) * STEP, 1 + len(boxes) * ROW
            parent = self.topology.tree.parent[key]
            path = ""
            if depth and parent in ends:
                left, top = ends[parent]
                path = f"M{left:g} {top:g}V{y + HEIGHT / 2:g}H{x:g}"
                ends[parent] = (left, y + HEIGHT / 2)
            boxes.append(self._box(key, (x, y), path, note))
            ends[key] = (x + 10, y + HEIGHT)
        width = max((box.x + box.width + PAD + text_width(box.note) for box in boxes), default=0)
        return Picture(title=title, boxes=tuple(boxes), width=round(width + PAD), height=len(boxes) * ROW)

    def _preorder(self, carriers: Iterable[str], shown: set[str]) -> Iterable[tuple[str, int]]:
        tree = self.topology.tree
        stack = [(key, 0) for key in carriers if key in shown and tree.parent[key] not in shown][::-1]
        while stack:
            key, depth = stack.pop()
            yield key, depth
            below = sorted((one for one in tree.children[key] if one in shown), key=self._by_port, reverse=True)
            stack.extend((one, depth + 1) for one in below)

    def _by_port(self, key: str) -> tuple[object, ...]:
        return (natural(self._where(key)), natural(self.topology.name(key)), key)

    def _box(self, key: str, at: tuple[float, float], path: str, note: str) -> Node:
        name = one_line(self.topology.name(key), NAME_CAP)
        width = round(text_width(name) + 2 * PAD, 1)
        note = one_line(note, NOTE_CAP)
        return Node(name=name, note=note, look=self._look(key), x=at[0], y=at[1], width=width, path=path)

    def _look(self, key: str) -> str:
        findings = self.topology.findings(key)
        return max(findings, key=lambda one: one.verdict).verdict.word if findings else "plain"

    def _note(self, key: str, shown: set[str]) -> str:
        """Return what stands beside a box: port, maker, what hangs on it, what it cuts off."""
        tree, topology = self.topology.tree, self.topology
        hidden = [one for one in tree.children[key] if one not in shown]
        ends = [one for one in hidden if not topology.carries(one)]
        covered = sum(bool(topology.findings(one)) for one in ends)
        cuts = topology.cuts.number(key)
        says = (
            self._where(key),
            self._also(key),
            self._makers(key),
            f"{counted(len(ends), 'device')} on it" + (f", {covered:,} covered" if covered else "") if ends else "",
            f"{counted(len(hidden) - len(ends), 'more that carries others', 'more that carry others')}"
            if len(hidden) > len(ends)
            else "",
            f"cuts off {cuts:,}" if cuts else "",
            topology.redundancy(key),
        )
        return " · ".join(filter(None, says))

    def _where(self, key: str) -> str:
        way = self.topology.way(key)
        if way is None:
            return "gateway" if self.topology.roots[key] else ""
        return f"on {way.port}" if way.port else f"on {self.topology.name(way.one)}"

    def _also(self, key: str) -> str:
        """Return the first of the cables that the tree leaves out."""
        tree = self.topology.tree
        others = [
            cable.turned()
            for other, cable in self.topology.cables[key].items()
            if key not in {other, tree.parent[other]} and tree.parent[key] != other
        ]
        names = [f"{self.topology.name(cable.one)} {cable.port}".strip() for cable in others[:2]]
        return f"also on {', '.join(names)}{' …' if len(others) > len(names) else ''}" if others else ""

    def _makers(self, key: str) -> str:
        findings = self.topology.findings(key)
        return ", ".join(f"{self.options.name(one.maker)} {one.verdict.word}" for one in findings)

    def ports(self, keys: Iterable[str]) -> Iterable[Picture]:
        """Yield for each device what hangs on its ports and carries nothing itself."""
        for key in keys:
            ends = [one for one in self.topology.tree.children[key] if not self.topology.carries(one)]
            ends.sort(key=self._by_port)
            if ends:
                yield self._on_ports(key, ends)

    def _on_ports(self, key: str, ends: Sequence[str]) -> Picture:
        covered = sum(bool(self.topology.findings(one)) for one in ends)
        numbers = Counter(self._where(one) for one in ends)
        title = f"{one_line(self.topology.name(key), NAME_CAP)}: {counted(len(ends), 'device')} on "
        title += counted(len(numbers), "port") + (f", {covered:,} of covered makers" if covered else "")
        return self._rows(title, [(key, 0, self._makers(key)), *((one, 1, self._beside(one)) for one in ends)])

    def _beside(self, key: str) -> str:
        place = self.topology.asset(key).place
        doubt = f"{place.confidence.value}: {place.behind}" if place and place.behind else ""
        return " · ".join(filter(None, (self._where(key), self._makers(key), doubt)))


def text_width(text: str) -> float:
    """Return about how wide a text is drawn, in pixels; capitals count for more."""
    return LETTER * sum(_letters(letter) for letter in text)


def _letters(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in WIDE:
        return 2
    return CAPITAL if letter.isupper() else 1
