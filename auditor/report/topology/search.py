"""Searches in a graph: connected parts, shortest ways to roots, what each node cuts off.

Nothing here calls itself: a chain of any length costs no recursion.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Graph = Mapping[str, Collection[str]]
# Stands for what the roots lead to.
OUTSIDE = ""


def components(graph: Graph) -> Iterator[list[str]]:
    """Yield the connected parts of a graph, each in the order of its nodes."""
    ranks = {key: rank for rank, key in enumerate(graph)}
    done: set[str] = set()
    for start in graph:
        if start not in done:
            part = list(reached(graph, [start]))
            done.update(part)
            yield sorted(part, key=ranks.__getitem__)


def reached(graph: Graph, starts: Iterable[str], without: Collection[str] = ()) -> dict[str, None]:
    """Return what is connected to any of some nodes while others are gone, the nearest first."""
    seen = {key: None for key in starts if key not in without}
    queue = list(seen)
    for key in queue:
        for other in graph[key]:
            if other not in seen and other not in without:
                seen[other] = None
                queue.append(other)
    return seen


@dataclass(frozen=True, slots=True)
class Tree:
    """The shortest way from each node to a root: its parent, its distance, what hangs on it.

    `order` has every node after its parent. `bypasses` has for each node and each child by what else the child is
    reached.
    """

    parent: dict[str, str]
    depth: dict[str, int]
    children: dict[str, list[str]]
    order: list[str]
    sizes: dict[str, int] = field(default_factory=dict)
    bypasses: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, roots: Iterable[str]) -> "Tree":
        """Return the tree of a graph whose every node is connected to a root."""
        parent, order = dict.fromkeys(roots, OUTSIDE), list(roots)
        depth = dict.fromkeys(order, 0)
        for key in order:
            for other in graph[key]:
                if other not in parent:
                    parent[other], depth[other] = key, depth[key] + 1
                    order.append(other)
        tree = cls(parent, depth, {key: [] for key in order}, order)
        for key in order:
            if parent[key]:
                tree.children[parent[key]].append(key)
        tree._count()
        for key in order:
            for other in graph[key]:
                if key not in {parent[other], other} and other != parent[key]:
                    tree._pass_by(key, other)
        return tree

    def _count(self) -> None:
        """Count what hangs on each node, however far away."""
        self.sizes.update(dict.fromkeys(self.order, 0))
        for key in reversed(self.order):
            if self.parent[key]:
                self.sizes[self.parent[key]] += self.sizes[key] + 1

    def _pass_by(self, key: str, other: str) -> None:
        """Note above one end of a cable beside the tree that the other end is another way."""
        there = set(self.above(other))
        child = key
        for node in self.above(key):
            if node in there or node == other:
                return
            if node != key:
                self.bypasses.setdefault(node, {}).setdefault(child, other)
            child = node

    def above(self, key: str) -> Iterator[str]:
        """Yield a node and all that carry it, up to its root."""
        while key:
            yield key
            key = self.parent[key]

    def below(self, key: str) -> Iterator[str]:
        """Yield everything that hangs on a node, the nearest first."""
        queue = list(self.children[key])
        for one in queue:
            queue.extend(self.children[one])
        yield from queue


@dataclass(frozen=True, slots=True)
class Cuts:
    """What each node cuts off: the stretches of one depth-first order that lose every root.

    One search numbers the nodes and finds the lowest number each stretch reaches past its node (Hopcroft, Tarjan 1973).
    """

    order: list[str]
    stretches: dict[str, list[tuple[int, int]]]

    @classmethod
    def of(cls, graph: Graph, roots: Iterable[str]) -> "Cuts":
        """Search a graph once, as if all roots hung on one node outside."""
        search = _Search(graph, list(roots))
        search.run()
        return cls(search.order, search.stretches)

    def number(self, key: str) -> int:
        """Return how many nodes lose every root when this one goes, itself not counted."""
        return sum(end - start for start, end in self.stretches.get(key, ()))

    def off(self, key: str) -> list[str]:
        """Return the nodes that lose every root when this one goes."""
        return [one for start, end in self.stretches.get(key, ()) for one in self.order[start:end]]


class _Search:
    """One depth-first search; `low` is the least number reached from a node and all below it."""

    def __init__(self, graph: Graph, roots: list[str]) -> None:
        self.graph, self.roots = graph, roots
        self.order: list[str] = [OUTSIDE]
        self.number = {OUTSIDE: 0}
        self.low = [0]
        self.stretches: dict[str, list[tuple[int, int]]] = {}

    def run(self) -> None:
        roots = frozenset(self.roots)
        stack = [(OUTSIDE, iter(self.roots))]
        while stack:
            key, rest = stack[-1]
            other = next((one for one in rest if self._is_new(key, one)), None)
            if other is None:
                stack.pop()
                self._close(key, stack[-1][0] if stack else OUTSIDE)
                continue
            self.number[other] = len(self.order)
            self.low.append(0 if other in roots else len(self.order))
            self.order.append(other)
            stack.append((other, iter(self.graph[other])))

    def _is_new(self, key: str, other: str) -> bool:
        """Tell whether a node is met first; else the way back to it is noted."""
        number = self.number.get(other)
        if number is not None:
            self.low[self.number[key]] = min(self.low[self.number[key]], number)
        return number is None

    def _close(self, key: str, parent: str) -> None:
        """Hand what a node reaches to its parent, or note that the parent alone carries it."""
        if parent == OUTSIDE:
            return
        mine, above = self.number[key], self.number[parent]
        if self.low[mine] >= above:
            self.stretches.setdefault(parent, []).append((mine, len(self.order)))
        self.low[above] = min(self.low[above], self.low[mine])
