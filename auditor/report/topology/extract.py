"""What is shown of a topology: all of it, or what is within some cables of one device."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from auditor.report.topology.graph import Connection, Topology, covered
from auditor.report.topology.removal import PlanStep


@dataclass(frozen=True, kw_only=True)
class Extract:
    """Some devices of a topology and the steps to remove those of covered makers.

    Without a `start` all devices are shown, else those within `hops` cables of it.
    """

    topology: Topology
    start: str = ""
    hops: int = 0
    steps: tuple[PlanStep, ...] = field(default=())

    @cached_property
    def keys(self) -> Collection[str]:
        """Return the keys of the devices, carriers before what they carry."""
        if not self.start:
            return self.topology.tree.order
        near = set(self.topology.around(self.start, self.hops))
        return [key for key in self.topology.tree.order if key in near]

    def cables(self) -> Iterator[Connection]:
        """Yield each cable between two devices that are shown, from the end nearer to a gateway."""
        ranks = {key: rank for rank, key in enumerate(self.keys)}
        for key, rank in ranks.items():
            for other, cable in self.topology.cables[key].items():
                if ranks.get(other, -1) > rank:
                    yield cable

    def sites(self) -> dict[str, list[str]]:
        """Return the keys of the devices by site."""
        sites: dict[str, list[str]] = {}
        for key in self.keys:
            sites.setdefault(self.topology.asset(key).site, []).append(key)
        return sites

    def outline(self) -> "Iterator[Branch]":
        """Yield the tree line by line; what carries nothing has a line where it is covered.

        Around a start every device has one.
        """
        children = self._children()
        shown = set(self.keys)
        tops = [key for key in self.keys if self.topology.tree.parent[key] not in shown]
        stack = [Branch(key=key, depth=0) for key in reversed(tops) if self.start or self.topology.cables[key]]
        while stack:
            line = stack.pop()
            lines = [key for key in children[line.key] if self._has_line(key)]
            yield Branch(key=line.key, depth=line.depth, folded=len(children[line.key]) - len(lines))
            stack.extend(Branch(key=key, depth=line.depth + 1) for key in reversed(lines))

    def _children(self) -> dict[str, list[str]]:
        shown = set(self.keys)
        return {key: [one for one in self.topology.tree.children[key] if one in shown] for key in self.keys}

    def _has_line(self, key: str) -> bool:
        return bool(self.start) or self.topology.carries(key) or bool(covered(self.topology.items[key]))

    def alone(self) -> int:
        """Return how many devices are connected to nothing that was seen."""
        return sum(not self.topology.cables[key] for key in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A device in an outline: how deep it stands, how many on it have no line of their own."""

    key: str
    depth: int
    folded: int = 0
