"""The order in which devices go: replacements from the gateways outwards, removals inwards.

What carries others is replaced before anything behind it is touched, and goes when everything behind it is gone. Work
is grouped into visits: at a site everything is done that can be, and a site that can be finished comes first.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from auditor.report.topology.graph import Topology

REPLACE, REMOVE = "replace", "remove"

SiteRank: TypeAlias = Callable[[str, str], tuple[object, ...]]


class Task(NamedTuple):
    """What is done to a device, by its key."""

    what: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step of a plan; steps and visits are counted from 1, over all sites."""

    number: int
    visit: int
    site: str
    what: str
    key: str


def removal_order(
    topology: Topology, ranks: Mapping[str, tuple[object, ...]], site_rank: SiteRank
) -> tuple[PlanStep, ...]:
    """Return the steps to remove some devices: `ranks` has their keys, and orders equals.

    `site_rank` orders sites where nothing else does: by the site, and the one visited before (empty: none yet).
    """
    going = [key for key in topology.tree.order if key in ranks]
    above = _above(topology, ranks)
    levels = _levels(going, above)
    order: dict[Task, tuple[object, ...]] = {}
    for key in going:
        order[Task(REMOVE, key)] = (1, levels[key], *ranks[key], key)
        if topology.carries(key):
            order[Task(REPLACE, key)] = (0, topology.tree.depth[key], *ranks[key], key)
    waits = {task: set(_before(task, order, above)) for task in order}
    for key in going:
        if above[key]:
            waits[Task(REMOVE, above[key])].add(Task(REMOVE, key))
    return tuple(_Visits(topology, order, waits, site_rank).steps())


def _above(topology: Topology, going: Collection[str]) -> dict[str, str]:
    """Return for each device the nearest one on its way to a gateway that goes, or nothing."""
    above = {"": ""}
    for key in topology.tree.order:
        carrier = topology.tree.parent[key]
        above[key] = carrier if carrier in going else above[carrier]
    return above


def _levels(going: list[str], above: Mapping[str, str]) -> dict[str, int]:
    """Return how many layers of what goes hang on each device; `going` has carriers first."""
    levels = dict.fromkeys(going, 0)
    for key in reversed(going):
        if above[key]:
            levels[above[key]] = max(levels[above[key]], levels[key] + 1)
    return levels


def _before(task: Task, tasks: Collection[Task], above: Mapping[str, str]) -> Iterator[Task]:
    """Yield the replacements before a device is touched: of its carrier, and its own."""
    needs = [Task(REPLACE, above[task.key])]
    if task.what == REMOVE:
        needs.append(Task(REPLACE, task.key))
    yield from (need for need in needs if need in tasks)


class _Visits:
    """Goes from site to site until every task is done."""

    def __init__(
        self,
        topology: Topology,
        order: Mapping[Task, tuple[object, ...]],
        waits: Mapping[Task, set[Task]],
        site_rank: SiteRank,
    ) -> None:
        self.order, self.waits, self.site_rank = order, waits, site_rank
        self.site = {task: topology.asset(task.key).site for task in order}
        self.next: dict[Task, list[Task]] = defaultdict(list)
        self.strange: dict[str, int] = defaultdict(int)
        self.ready: dict[str, list[tuple[tuple[object, ...], Task]]] = defaultdict(list)
        for task, needs in waits.items():
            for need in needs:
                self.next[need].append(task)
                self.strange[self.site[task]] += self.site[need] != self.site[task]
            if not needs:
                heappush(self.ready[self.site[task]], (order[task], task))

    def steps(self) -> Iterator[PlanStep]:
        number = visit = 0
        before = ""
        while any(self.ready.values()):
            site, visit = min(filter(self.ready.get, self.ready), key=lambda one: self._rank(one, before)), visit + 1
            before = site
            while self.ready[site]:
                _, task = heappop(self.ready[site])
                number += 1
                yield PlanStep(number=number, visit=visit, site=site, what=task.what, key=task.key)
                self._finish(task)

    def _rank(self, site: str, before: str) -> tuple[object, ...]:
        """Order sites: first what can be finished, then as asked for, then the nearest."""
        return (self.strange[site] > 0, *self.site_rank(site, before), self.ready[site][0][0][:2], site)

    def _finish(self, task: Task) -> None:
        for other in self.next[task]:
            self.waits[other].discard(task)
            self.strange[self.site[other]] -= self.site[task] != self.site[other]
            if not self.waits[other]:
                heappush(self.ready[self.site[other]], (self.order[other], other))
