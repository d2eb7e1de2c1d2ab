"""The removal plan: what goes from where, in which order, for what, at which cost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from auditor.model import Applies, Tier
from auditor.normal import one_line
from auditor.paperwork.case import FilingCase
from auditor.paperwork.filled import NAMED_IN_A_GAP, Gap, Table
from auditor.paperwork.prices import NOTHING, Amounts, Entry, amounts, closest, fits, number
from auditor.paperwork.values import first_ones
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import REMOVE, REPLACE, PlanStep, removal_order
from auditor.report.views import CELL, DeviceFinding, join, name_of, natural, place

KINDS = ("remove", "replace", "dispose")
VISIT = "visit"
REIMBURSED = "may-be-reimbursed"
STATES = {Applies.YES: "yes", Applies.NO: "no"}
OPTICS = "optics"

QUANTITIES = ("site", "maker", "brand", "model", "category", "to_remove", "set_aside", "already_removed", "total",
    "reimbursable_yes", "reimbursable_unknown", "reimbursable_no")  # fmt: skip
ORDER = ("step", "visit", "site", "device", "address", "place", "maker", "model", "category", "seen",
    "hangs_on_it_in_the_plan", "hangs_on_it_besides", "asset", "cuts_off", "replaced_in_step",
    "redundancy")  # fmt: skip
REPLACEMENT = ("step", "visit", "site", "device", "address", "place", "maker", "model", "category", "carries",
    "cuts_off", "redundancy", "asset")  # fmt: skip
COST = ("site", "maker", "model", "category", "kind", "quantity", "currency", "unit_low", "unit_likely", "unit_high",
    "low", "likely", "high", "price", "fits_by", "source", "date", "how")  # fmt: skip
TOTALS = ("currency", "kind", "units_priced", "units_unpriced", "low", "likely", "high")
NEEDS = ("site", "device", "model", "replacement", "ports_in_use_seen", "fed_over_ethernet", "replacement_ports",
    "replacement_poe_watts", "replacement_optics", "optics_named", "source", "date")  # fmt: skip
VISITS = ("visit", "site", "location", "access", "devices", "categories", "other_devices_there", "replacements")


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

    def site_rank(self, site: str) -> tuple[bool, Decimal]:
        """Return the place in the order of visits the filer asked for; sites without one come last."""
        answer = number(self.case.inputs.facts.site.get(site, {}).get("visit_order", ""))
        return (answer is None, answer or Decimal(0))

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
        answer = self.case.inputs.facts.of_asset(pair.item.asset, pair.finding)
        return "removed" in answer or "disposed" in answer

    def on(self, pair: DeviceFinding) -> list[str]:
        """Return the keys of the devices that hang on one."""
        return self.topology.tree.children[pair.item.asset.key]


def tables(plan: Plan) -> tuple[Table, ...]:
    """Return the plan as tables: quantities, replacements, order, cost, totals, needs, visits."""
    cost = list(cost_lines(plan))
    return (
        Table(name="quantities", head=QUANTITIES, rows=tuple(quantities(plan))),
        Table(name="replacements", head=REPLACEMENT, rows=tuple(replacements(plan))),
        Table(name="order", head=ORDER, rows=tuple(order(plan))),
        Table(name="cost", head=COST, rows=tuple(line.cells() for line in cost), merge_on="kind"),
        Table(name="totals", head=TOTALS, rows=tuple(totals(cost)), is_summary=True),
        Table(name="needs", head=NEEDS, rows=tuple(needs(plan))),
        Table(name="visits", head=VISITS, rows=tuple(visits(plan)), is_summary=True),
    )


def quantities(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield the units of each model at each site; those set aside or gone counted apart."""
    for key, pairs in _groups_of(plan, plan.case.pairs).items():
        removals = sum(plan.is_removed(pair) for pair in pairs)
        aside = sum(bool(pair.finding.waiver) and not plan.is_removed(pair) for pair in pairs)
        states = Counter(reimbursable(pair) for pair in pairs)
        counts = (len(pairs) - removals - aside, aside, removals, len(pairs))
        yield (*key, *map(str, counts), *(str(states[state]) for state in ("yes", "unknown", "no")))


def reimbursable(pair: DeviceFinding) -> str:
    """Return what the policy on reimbursement says of a device: yes, no or unknown."""
    states = {duty.applies for duty in pair.finding.obligations if duty.duty == REIMBURSED}
    if not states:
        return "no"
    return next((word for state, word in STATES.items() if state in states), "unknown")


def order(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield one removal a step: what hangs on a device goes before it does."""
    before = {step.key: str(step.number) for step in plan.steps if step.what == REPLACE}
    for step in plan.steps:
        for pair in plan.by_key[step.key] if step.what == REMOVE else ():
            asset, keys = pair.item.asset, plan.on(pair)
            within = sum(key in plan.by_key for key in keys)
            yield (
                *_step(step, pair), *_kind_of(plan, pair), asset.seen.value, str(within), str(len(keys) - within),
                one_line(asset.key, CELL), str(plan.topology.cuts.number(asset.key)), before.get(asset.key, ""),
                one_line(plan.topology.redundancy(asset.key), CELL),
            )  # fmt: skip


def replacements(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield one device a step that others hang on; it is replaced before they are touched."""
    for step in plan.steps:
        for pair in plan.by_key[step.key] if step.what == REPLACE else ():
            key, topology = pair.item.asset.key, plan.topology
            numbers = (topology.tree.sizes[key], topology.cuts.number(key))
            yield (
                *_step(step, pair), *_kind_of(plan, pair), *map(str, numbers),
                one_line(topology.redundancy(key), CELL), one_line(key, CELL),
            )  # fmt: skip


def _step(step: PlanStep, pair: DeviceFinding) -> tuple[str, ...]:
    asset = pair.item.asset
    return (str(step.number), str(step.visit), one_line(step.site, CELL), name_of(pair), one_line(asset.address, CELL),
        place(asset))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one kind of work on some equal devices costs, or that nobody brought a price for it."""

    head: tuple[str, ...]
    kind: str
    quantity: int
    price: Entry | None = None
    by: str = ""

    @property
    def unit(self) -> Amounts | None:
        """Return the cost of one."""
        return amounts(self.price) if self.price else None

    def cells(self) -> tuple[str, ...]:
        """Return the line in the order of `COST`."""
        entry, unit = self.price or {}, self.unit
        each = ("", "", "") if unit is None else _amount_cells(unit)
        whole = ("", "", "") if unit is None else _amount_cells(unit.times(self.quantity))
        words = tuple(entry.get(key, "") for key in ("id", "source", "date"))
        how = unit.how if unit else "no price"
        return (*self.head, self.kind, str(self.quantity), entry.get("currency", ""), *each, *whole, words[0],
            self.by, *words[1:], how)  # fmt: skip


def cost_lines(plan: Plan) -> Iterator[CostLine]:
    """Yield what removing, replacing and disposing cost at each site, and visiting it."""
    for (site, maker, _brand, model, category), pairs in _groups_of(plan, plan.going).items():
        for kind in KINDS:
            price = closest(_of(plan.prices, kind), pairs[0].finding)
            yield _line((site, maker, model, category), kind, len(pairs), price)
    numbers = Counter(steps[0].site for steps in plan.visits)
    for site in plan.sites:
        newest = max(_of(plan.prices, VISIT), key=lambda entry: (entry["date"], sorted(entry.items())), default=None)
        yield _line(
            (one_line(site, CELL), "", "", ""), VISIT, numbers[site], None if newest is None else (newest, "any")
        )


def _line(head: tuple[str, ...], kind: str, quantity: int, closest_entry: tuple[Entry, str] | None) -> CostLine:
    price, by = closest_entry or (None, "")
    return CostLine(head=head, kind=kind, quantity=quantity, price=price, by=by)


def _of(prices: Iterable[Entry], kind: str) -> list[Entry]:
    return [entry for entry in prices if entry["kind"] == kind]


def totals(lines: Sequence[CostLine]) -> Iterator[tuple[str, ...]]:
    """Yield the sums by currency and kind; what has no price has a line of its own."""
    currencies = sorted({line.price["currency"] for line in lines if line.price})
    missing = _number([line for line in lines if line.price is None])
    for currency in currencies:
        own = [line for line in lines if line.price and line.price["currency"] == currency]
        for kind in (*KINDS, VISIT, "all"):
            of_kind = [line for line in own if kind in {line.kind, "all"}]
            if of_kind:
                unpriced = str(missing) if kind == "all" else "0"
                yield (currency, kind, str(_number(of_kind)), unpriced, *_amount_cells(_sum(of_kind)))
    for kind in (*KINDS, VISIT):
        bare = [line for line in lines if line.price is None and line.kind == kind]
        if bare:
            yield ("", kind, "0", str(_number(bare)), "", "", "")


def _sum(lines: Iterable[CostLine]) -> Amounts:
    total = NOTHING
    for line in lines:
        if line.unit is not None:
            total = total.plus(line.unit.times(line.quantity))
    return total


def _number(lines: Iterable[CostLine]) -> int:
    return sum(line.quantity for line in lines)


def _amount_cells(values: Amounts) -> tuple[str, str, str]:
    return (f"{values.low:.2f}", f"{values.likely:.2f}", f"{values.high:.2f}")


def needs(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield what must stand in place of each device, and the candidate brought for it."""
    categories = {
        item.asset.key: finding.category for item in plan.case.inputs.audit.assets for finding in item.findings
    }
    for step in plan.steps:
        for pair in plan.by_key[step.key] if step.what == REMOVE else ():
            candidate = closest(plan.candidates, pair.finding)
            entry: Entry = candidate[0] if candidate else {}
            yield (
                one_line(step.site, CELL), name_of(pair), one_line(pair.finding.model, CELL),
                entry.get("replacement", ""),
                *_used(plan, pair, categories), *(entry.get(key, "") for key in ("ports", "poe_watts", "optics")),
                str(_optics(pair)),
                entry.get("source", ""), entry.get("date", ""),
            )  # fmt: skip


def _used(plan: Plan, pair: DeviceFinding, categories: Mapping[str, str]) -> tuple[str, str]:
    """Return how many ports are in use and how many feed power, as told or as is usual.

    Which ports of a stack are whose is not known, so they are counted once, with the member that speaks for the stack.
    """
    if pair.finding.unit:
        return (_WITH_THE_STACK, _WITH_THE_STACK)
    key = pair.item.asset.key
    usual = sum(categories.get(key, "") in plan.case.filing.fed for key in plan.on(pair))
    return (str(len(plan.ports(key))), str(len(plan.powered_ports(key)) or usual))


def _optics(pair: DeviceFinding) -> int:
    return sum(part.category == OPTICS and part.tier is Tier.COVERED for part in pair.item.parts)


def visits(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield the visits to sites: what goes there and then, and what else stands there."""
    for steps in plan.visits:
        visit, site = steps[0].visit, steps[0].site
        pairs = [pair for step in steps if step.what == REMOVE for pair in plan.by_key[step.key]]
        counts = Counter(pair.finding.category or "unknown" for pair in pairs)
        answer, here = plan.case.inputs.facts.site.get(site, {}), plan.case.by_site.get(site, ())
        kinds = "; ".join(f"{plan.case.inputs.options.name(name)} {count}" for name, count in sorted(counts.items()))
        yield (
            str(visit), one_line(site, CELL), answer.get("location", ""), answer.get("access", ""), str(len(pairs)),
            kinds, str(sum(item.asset.key not in plan.by_key for item in here)),
            str(sum(step.what == REPLACE for step in steps)),
        )  # fmt: skip


def gaps(plan: Plan) -> Iterator[Gap]:
    """Yield what the plan lacks: prices, candidates, models, addresses of sites."""
    yield from _no_price(plan)
    yield from _idle(plan)
    asked_for = sorted((site for site in plan.sites if not plan.site_rank(site)[0]), key=plan.site_rank)
    if asked_for != [site for site in plan.sites if site in asked_for]:
        yield Gap(what="visits in the order asked for", number=len(asked_for), which=join(plan.sites), how=_VISITS)
    no_candidate = [name_of(one) for one in plan.going if closest(plan.candidates, one.finding) is None]
    yield from _gap("a candidate to replace it", no_candidate, _CANDIDATE)
    yield from _gap("model", [name_of(one) for one in plan.going if not one.finding.model], _MODEL)
    no_day = [name_of(one) for one in plan.going if reimbursable(one) == "unknown"]
    yield from _gap("the day it was obtained", no_day, _DAY)
    far = [site for site in plan.sites if not plan.case.inputs.facts.site.get(site, {}).get("location")]
    if far:
        yield Gap(what="location of the site", number=len(far), which=join(far), how=_LOCATION)


def _no_price(plan: Plan) -> Iterator[Gap]:
    """Yield what has no price; kinds of work that lack it for the same lines share a gap."""
    bare: dict[str, list[CostLine]] = {}
    for line in cost_lines(plan):
        if line.price is None:
            bare.setdefault(line.kind, []).append(line)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, lines in bare.items():
        kinds.setdefault(tuple(" ".join(filter(None, line.head)) for line in lines), []).append(kind)
    for names, same in kinds.items():
        which = first_ones(names, NAMED_IN_A_GAP)
        yield Gap(what=f"a price to {', '.join(same)}", number=_number(bare[same[0]]), which=which, how=_PRICE)


def _gap(what: str, names: Sequence[str], how: str) -> Iterator[Gap]:
    if names:
        yield Gap(what=what, number=len(names), which=first_ones(names, NAMED_IN_A_GAP), how=how)


def _idle(plan: Plan) -> Iterator[Gap]:
    """Yield the lines of the user's lists that fit no device and so would count nowhere."""
    prices = [entry for entry in plan.prices if entry["kind"] != VISIT]
    for what, lines, name in (("price", prices, "id"), ("candidate", plan.candidates, "replacement")):
        idle = [one for one in lines if not any(fits(one, pair.finding) for pair in plan.case.pairs)]
        yield from _gap(f"a device this {what} fits", [entry.get(name, "") for entry in idle], _IDLE)


def _groups_of(plan: Plan, pairs: Iterable[DeviceFinding]) -> dict[tuple[str, ...], list[DeviceFinding]]:
    groups: dict[tuple[str, ...], list[DeviceFinding]] = {}
    for pair in pairs:
        key = (one_line(pair.item.asset.site, CELL), plan.case.inputs.options.name(pair.finding.maker),
            one_line(pair.finding.brand, CELL), *_kind_of(plan, pair)[1:])  # fmt: skip
        groups.setdefault(key, []).append(pair)
    return dict(sorted(groups.items()))


def _kind_of(plan: Plan, pair: DeviceFinding) -> tuple[str, str, str]:
    options, finding = plan.case.inputs.options, pair.finding
    category = options.name(finding.category) if finding.category else ""
    return (options.name(finding.maker), one_line(finding.model, CELL), category)


_WITH_THE_STACK = "counted with the stack"
_PRICE = (
    "Bring a price list with --prices: one line a price, with its source and its day; "
    "oui_rules/costs/prices.toml names the columns."
)
_CANDIDATE = "Bring a catalogue with --replacements; oui_rules/costs/replacements.toml names its columns."
_MODEL = "Read the type label; without a model only a price by maker or category fits."
_IDLE = (
    "Compare maker, model and category of the line with the list of what goes; a line that fits nothing counts nowhere."
)
_DAY = "Invoice or asset register: without it nobody can say whether the unit may be reimbursed."
_VISITS = "What carries other sites is replaced before they are touched, so that the sites are visited in this order."
_LOCATION = 'Write location = "…" under [site.NAME] of the facts file.'
