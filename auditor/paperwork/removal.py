"""What a removal plan rests on: the devices that go, the order of steps, what hangs on what."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from auditor.normal import one_line
from auditor.paperwork.case import FilingCase
from auditor.paperwork.prices import Entry, number
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import PlanStep, removal_order
from auditor.report.views import CELL, DeviceFinding, name_of, natural

EARTH = 6371.0  # kilometres, the mean radius of the sphere


def great_circle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the kilometres between two places in degrees, by the haversine formula."""
    (south, west), (north, east) = (map(math.radians, place) for place in (one, other))
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(chord)))


@dataclass(frozen=True)
class Plan:
    """One filing case with the user's prices and candidates."""

    case: FilingCase
    prices: tuple[Entry, ...] = ()
    candidates: tuple[Entry, ...] = ()

    @cached_property
    def going(self) -> tuple[DeviceFinding, ...]:
        """Return the devices that are to go: neither set aside nor already removed."""
        return tuple(pair for pair in self.case.pairs if not pair.finding.waiver and not self.is_removed(pair))

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Return the sites in the order in which something first goes there."""
        return tuple(dict.fromkeys(step.site for step in self.steps))

    @cached_property
    def topology(self) -> Topology:
        """Return who carries whom."""
        return Topology(self.case.inputs.audit)

    @cached_property
    def by_key(self) -> Mapping[str, tuple[DeviceFinding, ...]]:
        """Return the units that are to go by the key of their device, members of a stack in order."""
        units: dict[str, list[DeviceFinding]] = {}
        for pair in sorted(self.going, key=lambda pair: natural(pair.finding.part)):
            units.setdefault(pair.item.asset.key, []).append(pair)
        return {key: tuple(pairs) for key, pairs in units.items()}

    @cached_property
    def steps(self) -> tuple[PlanStep, ...]:
        """Return the steps: replacements from the gateways outwards, removals inwards."""
        categories = {category: index for index, category in enumerate(self.case.filing.order)}
        ranks = {
            key: (min(categories.get(pair.finding.category, len(categories)) for pair in pairs), name_of(pairs[0]))
            for key, pairs in self.by_key.items()
        }
        return removal_order(self.topology, ranks, self.site_rank)

    def site_rank(self, site: str, before: str = "") -> tuple[bool, Decimal, float]:
        """Return the place in the order the filer asked for; other sites follow, the nearest first.

        `before` is the site visited last; where the coordinates of either are not known, a site is far.
        """
        answer = number(self.case.inputs.facts.site.get(site, {}).get("visit_order", ""))
        distance = self.distance(before, site)
        return (answer is None, answer or Decimal(0), math.inf if distance is None else distance)

    def distance(self, one: str, other: str) -> float | None:
        """Return the kilometres between two sites in a straight line; None without coordinates."""
        places = [self.coordinates(site) for site in (one, other)]
        return None if None in places else great_circle(*filter(None, places))

    def coordinates(self, site: str) -> tuple[float, float] | None:
        """Return latitude and longitude of a site in degrees, as facts or configuration have them."""
        answers = self.case.inputs.facts.site.get(site, {})
        latitude, longitude = (number(answers.get(key, "")) for key in ("latitude", "longitude"))
        return None if latitude is None or longitude is None else (float(latitude), float(longitude))

    @cached_property
    def visits(self) -> tuple[tuple[PlanStep, ...], ...]:
        """Return the steps of each visit."""
        return tuple(tuple(steps) for _, steps in groupby(self.steps, key=lambda step: step.visit))

    def ports(self, key: str) -> set[str]:
        """Return the ports of a device on which others were seen."""
        return {port for cable in self.topology.cables[key].values() for port in cable.ports}

    def powered_ports(self, key: str) -> set[str]:
        """Return those among them that feed power (PoE), as far as the device told."""
        places = ((cable, self.topology.asset(other).place) for other, cable in self.topology.cables[key].items())
        return {place.port for cable, place in places if place and place.powered and place.port in cable.ports}

    def is_removed(self, pair: DeviceFinding) -> bool:
        """Tell whether the filer or the store says a device is gone."""
        return any(self.case.day_of(key, pair) for key in ("removed", "disposed"))

    def on(self, pair: DeviceFinding) -> list[str]:
        """Return the keys of the devices that hang on one."""
        return self.topology.tree.children[pair.item.asset.key]


def groups_of(plan: Plan, pairs: Iterable[DeviceFinding]) -> dict[tuple[str, ...], list[DeviceFinding]]:
    """Return units by site, maker, brand, model and category."""
    groups: dict[tuple[str, ...], list[DeviceFinding]] = {}
    for pair in pairs:
        key = (one_line(pair.item.asset.site, CELL), plan.case.inputs.options.name(pair.finding.maker),
            one_line(pair.finding.brand, CELL), *kind_of(plan, pair)[1:])  # fmt: skip
        groups.setdefault(key, []).append(pair)
    return dict(sorted(groups.items()))


def kind_of(plan: Plan, pair: DeviceFinding) -> tuple[str, str, str]:
    """Return maker, model and category of a unit in words."""
    options, finding = plan.case.inputs.options, pair.finding
    category = options.name(finding.category) if finding.category else ""
    return (options.name(finding.maker), one_line(finding.model, CELL), category)
