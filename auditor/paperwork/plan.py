"""The removal plan: what goes from where, in which order, for what, at which cost."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from auditor.model import Applies, Tier
from auditor.normal import one_line
from auditor.paperwork.costs import COST, TOTALS, UNPRICED, cost_lines, lines_without_price, price_gaps, totals
from auditor.paperwork.costs import KINDS as BY_DEVICE
from auditor.paperwork.filled import NAMED_IN_A_GAP, Gap, Table
from auditor.paperwork.prices import Entry, closest, fits, number
from auditor.paperwork.removal import Plan, groups_of, kind_of
from auditor.paperwork.values import first_ones
from auditor.report.topology.removal import REMOVE, REPLACE, PlanStep
from auditor.report.views import CELL, DeviceFinding, join, name_of, place

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
NEEDS = ("site", "device", "model", "replacement", "ports_in_use_seen", "fed_over_ethernet", "replacement_ports",
    "replacement_poe_watts", "replacement_optics", "optics_named", "lacks", "source", "date")  # fmt: skip
VISITS = ("visit", "site", "km_from_the_last", "because", "location", "access", "devices", "categories",
    "other_devices_there", "replacements")  # fmt: skip


def tables(plan: Plan) -> tuple[Table, ...]:
    """Return the plan as tables: quantities, replacements, order, cost, totals, needs, visits."""
    cost = cost_lines(plan)
    return (
        Table(name="quantities", head=QUANTITIES, rows=tuple(quantities(plan))),
        Table(name="replacements", head=REPLACEMENT, rows=tuple(replacements(plan))),
        Table(name="order", head=ORDER, rows=tuple(order(plan))),
        Table(name="cost", head=COST, rows=tuple(line.cells() for line in cost), merge_on="kind"),
        Table(name="totals", head=TOTALS, rows=tuple(totals(cost)), is_summary=True),
        Table(name="unpriced", head=UNPRICED, rows=tuple(lines_without_price(cost)), is_summary=True),
        Table(name="needs", head=NEEDS, rows=tuple(needs(plan))),
        Table(name="visits", head=VISITS, rows=tuple(visits(plan)), is_summary=True),
    )


def quantities(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield the units of each model at each site; those set aside or gone counted apart."""
    for key, pairs in groups_of(plan, plan.case.pairs).items():
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
                *_step(step, pair), *kind_of(plan, pair), asset.seen.value, str(within), str(len(keys) - within),
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
                *_step(step, pair), *kind_of(plan, pair), *map(str, numbers),
                one_line(topology.redundancy(key), CELL), one_line(key, CELL),
            )  # fmt: skip


def _step(step: PlanStep, pair: DeviceFinding) -> tuple[str, ...]:
    asset = pair.item.asset
    return (str(step.number), str(step.visit), one_line(step.site, CELL), name_of(pair), one_line(asset.address, CELL),
        place(asset))  # fmt: skip


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
                str(_optics(pair)), lacks(entry, *_used(plan, pair, categories)), entry.get("source", ""),
                entry.get("date", ""),
            )  # fmt: skip


def lacks(candidate: Entry, ports: str, fed: str) -> str:
    """Return what a candidate has too little of for what was seen in use, or nothing."""
    if not candidate or not ports.isdecimal():
        return ""
    own, watts = number(candidate.get("ports", "")), number(candidate.get("poe_watts", ""))
    words = [f"ports: {own} of {ports} in use"] if own is not None and own < int(ports) else []
    words += [f"ports: not said, {ports} in use"] if own is None and int(ports) else []
    if int(fed) and not watts:
        words.append(f"power over Ethernet: {'not said' if watts is None else 'none'}, {fed} ports feed it")
    return "; ".join(words)


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
    before = ""
    for steps in plan.visits:
        visit, site = steps[0].visit, steps[0].site
        pairs = [pair for step in steps if step.what == REMOVE for pair in plan.by_key[step.key]]
        counts = Counter(pair.finding.category or "unknown" for pair in pairs)
        answer, here = plan.case.inputs.facts.site.get(site, {}), plan.case.by_site.get(site, ())
        kinds = "; ".join(f"{plan.case.inputs.options.name(name)} {count}" for name, count in sorted(counts.items()))
        yield (
            str(visit), one_line(site, CELL), *_way(plan, before, site), answer.get("location", ""),
            answer.get("access", ""), str(len(pairs)), kinds,
            str(sum(item.asset.key not in plan.by_key for item in here)),
            str(sum(step.what == REPLACE for step in steps)),
        )  # fmt: skip
        before = site


def _way(plan: Plan, before: str, site: str) -> tuple[str, str]:
    """Return the kilometres from the site visited before, and what put this one next."""
    distance = plan.distance(before, site)
    if not plan.site_rank(site)[0]:
        because = "as asked for"
    elif distance is None:
        because = "the first" if not before else "no coordinates"
    else:
        because = "the nearest that can be worked at"
    return ("" if distance is None else f"{distance:.0f}", because)


def gaps(plan: Plan) -> Iterator[Gap]:
    """Yield what the plan lacks: prices, candidates, models, addresses of sites."""
    yield from price_gaps(cost_lines(plan))
    yield from _idle(plan)
    asked_for = sorted((site for site in plan.sites if not plan.site_rank(site)[0]), key=plan.site_rank)
    if asked_for != [site for site in plan.sites if site in asked_for]:
        yield Gap(what="visits in the order asked for", number=len(asked_for), which=join(plan.sites), how=_VISITS)
    no_candidate = [name_of(one) for one in plan.going if closest(plan.candidates, one.finding) is None]
    yield from _gap("a candidate to replace it", no_candidate, _CANDIDATE)
    short = [f"{row[1]} ({row[NEEDS.index('lacks')]})" for row in needs(plan) if row[NEEDS.index("lacks")]]
    yield from _gap("a candidate with ports and power enough", short, _SHORT)
    yield from _gap("model", [name_of(one) for one in plan.going if not one.finding.model], _MODEL)
    no_day = [name_of(one) for one in plan.going if reimbursable(one) == "unknown"]
    yield from _gap("the day it was obtained", no_day, _DAY)
    far = [site for site in plan.sites if not plan.case.inputs.facts.site.get(site, {}).get("location")]
    if far:
        yield Gap(what="location of the site", number=len(far), which=join(far), how=_LOCATION)


def _gap(what: str, names: Sequence[str], how: str) -> Iterator[Gap]:
    if names:
        yield Gap(what=what, number=len(names), which=first_ones(names, NAMED_IN_A_GAP), how=how)


def _idle(plan: Plan) -> Iterator[Gap]:
    """Yield the lines of the user's lists that fit no device and so would count nowhere."""
    prices = [entry for entry in plan.prices if entry["kind"] in BY_DEVICE]
    for what, lines, name in (("price", prices, "id"), ("candidate", plan.candidates, "replacement")):
        idle = [one for one in lines if not any(fits(one, pair.finding) for pair in plan.case.pairs)]
        yield from _gap(f"a device this {what} fits", [entry.get(name, "") for entry in idle], _IDLE)


_WITH_THE_STACK = "counted with the stack"
_CANDIDATE = "Bring a catalogue with --replacements; oui_rules/costs/replacements.toml names its columns."
_SHORT = (
    "More ports, or more power, were seen in use than the candidate has or its line says; name another, or complete it."
)
_MODEL = "Read the type label; without a model only a price by maker or category fits."
_IDLE = (
    "Compare maker, model and category of the line with the list of what goes; a line that fits nothing counts nowhere."
)
_DAY = "Invoice or asset register: without it nobody can say whether the unit may be reimbursed."
_VISITS = "What carries other sites is replaced before they are touched, so that the sites are visited in this order."
_LOCATION = 'Write location = "…" under [site.NAME] of the facts file.'
