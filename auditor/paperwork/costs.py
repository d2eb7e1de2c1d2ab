"""What a removal plan costs by the user's own price list, in bands; nothing is estimated."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from auditor.paperwork.filled import NAMED_IN_A_GAP, Gap
from auditor.paperwork.prices import NOTHING, Amounts, Entry, amounts, closest, fits, is_reached, number
from auditor.paperwork.removal import Plan, groups_of
from auditor.paperwork.values import first_ones

COST = ("site", "maker", "model", "category", "kind", "quantity", "currency", "unit_low", "unit_likely", "unit_high",
    "low", "likely", "high", "price", "fits_by", "source", "date", "how")  # fmt: skip
TOTALS = ("currency", "kind", "units_priced", "units_unpriced", "low", "likely", "high")
UNPRICED = ("kind", "units", "which")
# By the device, by the visit, by the day of a crew, once; then shares of what stands above them, in percent.
KINDS = ("remove", "replace", "dispose")
VISIT, LABOUR, SOFT, CONTINGENCY, TAX, ALL = "visit", "labour", "soft", "contingency", "tax", "all"
WORK = (*KINDS, VISIT, LABOUR, SOFT)
EVERY_KIND = (*WORK, CONTINGENCY, TAX)
PER_PLAN, PER_SITE, PER_DEVICE = "plan", "site", "device"
NAMED_ON_PAGE_ONE = 6
_HUNDRED = Decimal(100)

Head = tuple[str, str, str, str]
NOWHERE: Head = ("", "", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one kind of work on some equal devices costs, or that nobody brought a price for it.

    `share` is the amount of a line that is a percentage of others.
    """

    head: Head
    kind: str
    quantity: Decimal
    price: Entry | None = None
    by: str = ""
    share: Amounts | None = None

    @property
    def unit(self) -> Amounts | None:
        """Return the cost of one."""
        return self.share or (amounts(self.price) if self.price else None)

    @property
    def whole(self) -> Amounts | None:
        """Return the cost of all."""
        return self.share or (self.unit.times(self.quantity) if self.unit else None)

    @property
    def units(self) -> Decimal:
        """Return how many units it counts in a total: a share of others counts none."""
        return Decimal(0) if self.share else self.quantity

    def cells(self) -> tuple[str, ...]:
        """Return the line in the order of `COST`."""
        entry, unit, whole = self.price or {}, self.unit, self.whole
        words = tuple(entry.get(key, "") for key in ("id", "source", "date"))
        return (*self.head, self.kind, digits(self.quantity), entry.get("currency", ""), *_cells(unit), *_cells(whole),
            words[0], self.by, *words[1:], unit.how if unit else "no price")  # fmt: skip


def digits(quantity: Decimal) -> str:
    """Return a quantity without zeros nobody needs."""
    return f"{quantity.quantize(Decimal('0.01')).normalize():f}"


def cost_lines(plan: Plan) -> list[CostLine]:
    """Return what the plan costs: work, visits, crews, what comes once, shares of all that."""
    lines = [*_by_device(plan), *_by_visit(plan)]
    lines += _labour(plan, lines)
    lines += _soft(plan)
    lines += _shares(plan, lines, CONTINGENCY)
    return [*lines, *_shares(plan, lines, TAX)]


def _by_device(plan: Plan) -> Iterator[CostLine]:
    for (site, maker, _brand, model, category), pairs in groups_of(plan, plan.going).items():
        for kind in KINDS:
            entries = [one for one in _of(plan, kind) if is_reached(one, _pieces(plan, one))]
            price, by = closest(entries, pairs[0].finding) or (None, "")
            yield CostLine(
                head=(site, maker, model, category), kind=kind, quantity=Decimal(len(pairs)), price=price, by=by
            )


def _pieces(plan: Plan, entry: Entry) -> int:
    """Return how many devices of the whole plan a line of a price list fits."""
    return sum(fits(entry, pair.finding) for pair in plan.going)


def _by_visit(plan: Plan) -> Iterator[CostLine]:
    price = _newest(plan, VISIT)
    for site in plan.sites:
        count = sum(steps[0].site == site for steps in plan.visits)
        by = "" if price is None else "any"
        yield CostLine(head=(site, "", "", ""), kind=VISIT, quantity=Decimal(count), price=price, by=by)


def _labour(plan: Plan, lines: Iterable[CostLine]) -> Iterator[CostLine]:
    """Yield the days of crews at each site, by the days the price list says that work takes."""
    days: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        each = number((line.price or {}).get("crew_days", "")) or Decimal(0)
        days[line.head[0]] += each * line.quantity
    price = _newest(plan, LABOUR)
    for site, quantity in days.items():
        if quantity:
            by = "" if price is None else "any"
            yield CostLine(head=(site, "", "", ""), kind=LABOUR, quantity=quantity, price=price, by=by)


def _soft(plan: Plan) -> Iterator[CostLine]:
    """Yield what comes once a plan, a site or a device: permits, engineering, management."""
    for entry in _of(plan, SOFT) if plan.going else ():
        per = entry.get("per", PER_PLAN)
        if per == PER_SITE:
            heads: list[tuple[Head, int]] = [((site, "", "", ""), 1) for site in plan.sites]
        else:
            heads = [(NOWHERE, len(plan.going) if per == PER_DEVICE else 1)]
        for head, count in heads:
            yield CostLine(head=head, kind=SOFT, quantity=Decimal(count), price=entry, by=f"once a {per}")


def _shares(plan: Plan, lines: Sequence[CostLine], kind: str) -> Iterator[CostLine]:
    """Yield percentages of what is priced: of the kinds a line names, else of all work."""
    for entry in _of(plan, kind):
        kinds = {word.strip() for word in entry.get("on", "").split(";") if word.strip()} or set(WORK)
        base = total(line for line in lines if _currency(line) == entry["currency"] and line.kind in kinds)
        percent = amounts(entry)
        if percent is not None and base.high:
            share = Amounts(
                low=base.low * percent.low / _HUNDRED, likely=base.likely * percent.likely / _HUNDRED,
                high=base.high * percent.high / _HUNDRED, how=f"percent of {', '.join(sorted(kinds))}",
            )  # fmt: skip
            yield CostLine(head=NOWHERE, kind=kind, quantity=Decimal(1), price=entry, by="any", share=share)


def _of(plan: Plan, kind: str) -> list[Entry]:
    return [entry for entry in plan.prices if entry["kind"] == kind]


def _newest(plan: Plan, kind: str) -> Entry | None:
    return max(_of(plan, kind), key=lambda entry: (entry["date"], sorted(entry.items())), default=None)


def _currency(line: CostLine) -> str:
    return line.price["currency"] if line.price else ""


def totals(lines: Sequence[CostLine]) -> Iterator[tuple[str, ...]]:
    """Yield the sums by currency and kind; what has no price has a line of its own.

    Each total of all says how many units have no price, also where nothing at all is priced.
    """
    missing = _units(line for line in lines if line.price is None)
    for currency in sorted({_currency(line) for line in lines} - {""}):
        own = [line for line in lines if _currency(line) == currency]
        for kind in (*EVERY_KIND, ALL):
            of_kind = [line for line in own if kind in {line.kind, ALL}]
            if of_kind:
                unpriced = digits(missing) if kind == ALL else "0"
                yield (currency, kind, digits(_units(of_kind)), unpriced, *_cells(total(of_kind)))
    for kind in WORK:
        bare = [line for line in lines if line.price is None and line.kind == kind]
        if bare:
            yield ("", kind, "0", digits(_units(bare)), "", "", "")
    if lines and not any(map(_currency, lines)):
        yield ("", ALL, "0", digits(missing), "", "", "")


def total(lines: Iterable[CostLine]) -> Amounts:
    """Return the sum of what is priced."""
    amount = NOTHING
    for line in lines:
        amount = amount.plus(line.whole) if line.whole else amount
    return amount


def _units(lines: Iterable[CostLine]) -> Decimal:
    return sum((line.units for line in lines), Decimal(0))


def _cells(values: Amounts | None) -> tuple[str, str, str]:
    return ("", "", "") if values is None else (f"{values.low:.2f}", f"{values.likely:.2f}", f"{values.high:.2f}")


def lines_without_price(lines: Iterable[CostLine]) -> Iterator[tuple[str, ...]]:
    """Yield what has no price, kind by kind, with the first lines of each by name."""
    for kind, names, bare in _bare(lines):
        yield (kind, digits(_units(bare)), first_ones(names, NAMED_ON_PAGE_ONE))


def _bare(lines: Iterable[CostLine]) -> Iterator[tuple[str, tuple[str, ...], list[CostLine]]]:
    """Yield what has no price; kinds of work that lack it for the same lines stand together."""
    kinds: dict[str, list[CostLine]] = {}
    for line in lines:
        if line.price is None:
            kinds.setdefault(line.kind, []).append(line)
    same: dict[tuple[str, ...], list[str]] = {}
    for kind, bare in kinds.items():
        same.setdefault(tuple(" ".join(filter(None, line.head)) for line in bare), []).append(kind)
    yield from ((", ".join(words), names, kinds[words[0]]) for names, words in same.items())


def price_gaps(lines: Iterable[CostLine]) -> Iterator[Gap]:
    """Yield what has no price, and how to bring one."""
    for kind, names, bare in _bare(lines):
        count = int(_units(bare).to_integral_value())
        yield Gap(what=f"a price to {kind}", number=count, which=first_ones(names, NAMED_IN_A_GAP), how=_PRICE)


_PRICE = (
    "Bring a price list with --prices: one line a price, with its source and its day; "
    "oui_rules/costs/prices.toml names the columns."
)
