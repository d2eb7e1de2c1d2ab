"""What a network can say in a filing: values by name, each a function of a row."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from auditor.formats.document import summary
from auditor.model import Applies, AuditedAsset, Outcome, Seen
from auditor.normal import one_line
from auditor.paperwork import clock
from auditor.paperwork.case import FilingCase, Line, ages, devices
from auditor.paperwork.facts import FILES, Values
from auditor.paperwork.prices import number
from auditor.report.views import CELL, DeviceFinding, join, name_of, place, serial, spelled_macs, why

EVIDENCE = 4

Value: TypeAlias = Callable[[Line, FilingCase], str]
Own: TypeAlias = Callable[[DeviceFinding, FilingCase], str]


def each(own: Own) -> Value:
    """Return a value of a row from a value of a device: what its devices say, each text once."""
    return lambda line, case: join(own(pair, case) for pair in line.pairs)


def description(pair: DeviceFinding, case: FilingCase) -> str:
    """Return category, model and serial number of a device in one line."""
    finding, number = pair.finding, serial(pair)
    words = [case.inputs.options.name(finding.category) if finding.category else "Equipment"]
    words += [f"serial number {number}"] if number else []
    words += [f"firmware {finding.firmware}"] if finding.firmware else []
    return one_line(", ".join(words), CELL)


def brand(pair: DeviceFinding, case: FilingCase) -> str:
    """Return the label on the box, or the maker's own name."""
    options, finding = case.inputs.options, pair.finding
    return one_line(options.label(finding.maker, finding.brand) or options.name(finding.maker), CELL)


def statutory(pair: DeviceFinding, case: FilingCase) -> str:
    """Return a maker the way the statutes print it, else the name people use."""
    return case.inputs.filings.statutory_names.get(pair.finding.maker) or case.inputs.options.name(pair.finding.maker)


def first_ones(texts: Sequence[str], most: int) -> str:
    """Return the first of some texts, and how many more there are."""
    more = len(texts) - most
    return join(texts[:most]) + (f"; and {more} more" if more > 0 else "")


def evidence(pair: DeviceFinding, _case: FilingCase) -> str:
    """Return the strongest rules behind a finding, their facts, and how many more there are."""
    texts = [f"{item.rule} on {item.fact.kind} {item.fact.where}" for item in pair.finding.evidence]
    return first_ones(list(dict.fromkeys(texts)), EVIDENCE)


def purpose(pair: DeviceFinding, case: FilingCase) -> str:
    """Return what the filer said of the use of a device; else whether it decides."""
    answer = case.inputs.facts.purposes(pair.item.asset)
    states = {duty.applies for duty in case.asking(pair.finding)}
    if Applies.IF_PURPOSE in states:
        return "decides, not said"
    if answer is not None:
        return "; ".join(answer) or "none of the listed purposes"
    return "not said" if Applies.UNDECIDABLE in states else "does not decide"


def citations(pair: DeviceFinding, case: FilingCase) -> str:
    """Return the row that names the maker on one of the lists the filing rests on."""
    lists = case.filing.lists
    return join(
        duty.cite for duty in pair.finding.obligations if duty.policy in lists and duty.applies is not Applies.NO
    )


def in_time(pair: DeviceFinding, case: FilingCase) -> str:
    """Return yes or unknown: what the policy's days leave out is in no row."""
    states = {duty.applies for duty in case.asking(pair.finding)}
    return "yes" if Applies.YES in states else "unknown"


def in_use(pair: DeviceFinding, case: FilingCase) -> str:
    """Return whether a device answered or was heard, or is gone as the filer says."""
    if removal := case.day_of("removed", pair):
        return f"removed {removal}"
    span = case.inputs.spans.get(pair.item.asset.key)
    day = span.last if span else case.inputs.audit.run.started.date()
    how = "answered" if pair.item.asset.seen is Seen.READ else "heard of"
    return f"not known, last {how} on {day}" if span and span.is_absent else f"yes, {how} on {day}"


def day_seen(key: str) -> Own:
    """Return a value: the day the runs of the term saw a device `first` or `last`."""

    def day(pair: DeviceFinding, case: FilingCase) -> str:
        span = case.inputs.spans.get(pair.item.asset.key)
        return str(getattr(span, key) if span else case.inputs.audit.run.started.date())

    return day


def standing_in_the_last_run(pair: DeviceFinding, case: FilingCase) -> str:
    """Return what the last run of the term says of a device, where that is not what stands here."""
    span = case.inputs.spans.get(pair.item.asset.key)
    if span is None or not (span.is_absent or span.otherwise):
        return ""
    return f"not in the last run, seen last on {span.last}" if span.is_absent else f"{span.otherwise} in the last run"


def waiver_text(pair: DeviceFinding, _case: FilingCase) -> str:
    """Return who set a finding aside and until when; it stays in every sheet."""
    waiver = pair.finding.waiver
    return "" if waiver is None else one_line(f"by {waiver.who} until {waiver.until}: {waiver.why}", CELL)


def custody(pair: DeviceFinding, case: FilingCase) -> str:
    """Return what happened to a device, step by step, in the order of time."""
    events = [event for event in case.inputs.facts.custody if case.by_name.get(event.get("asset", "")) == pair]
    events.sort(key=lambda event: event.get("at", ""))
    return join(" ".join(event[key] for key in ("at", "step", "holder") if key in event) for event in events)


def evidence_files(pair: DeviceFinding, case: FilingCase) -> str:
    """Return the files attached to a device, each with its SHA-256."""
    return case.inputs.facts.of_asset(pair.item.asset, pair.finding).get(FILES, "")


def open_items(pair: DeviceFinding, case: FilingCase) -> str:
    """Return which steps of the removal nobody has told of."""
    return "; ".join(step.replace("_", " ") for step in case.open_items(pair))


def count_of(key: str, *, within: bool = False) -> Value:
    """Return a value that counts devices with a step done by the end of the period, or in it."""

    def is_done(pair: DeviceFinding, case: FilingCase) -> bool:
        day = case.day_of(key, pair)
        period = case.inputs.period
        return day is not None and (not within or (period is not None and period.holds(day)))

    def count(_line: Line, case: FilingCase) -> str:
        if within and case.inputs.period is None:
            return ""
        return str(sum(is_done(pair, case) for pair in case.pairs))

    return count


def replacements(_line: Line, case: FilingCase) -> str:
    """Return how many devices have a replacement in their place by the end of the period."""

    def is_replaced(pair: DeviceFinding) -> bool:
        answers = case.inputs.facts.of_asset(pair.item.asset, pair.finding)
        return bool(answers.get("replaced_by")) and ("replaced" not in answers or bool(case.day_of("replaced", pair)))

    return str(sum(map(is_replaced, case.pairs)))


def of_period(key: str) -> Value:
    """Return a value of the period the filing is for, or nothing where nobody gave its days."""

    def value(_line: Line, case: FilingCase) -> str:
        entry = getattr(case.inputs.period, key, None)
        return str(entry) if entry else ""

    return value


def runs_counted(_line: Line, case: FilingCase) -> str:
    """Return how many runs are counted, and of which days."""
    term = case.inputs.term
    if term is None or term.number == 1:
        return f"one run, {case.inputs.audit.run.started.date()}"
    return f"{term.number} runs, {term.first} to {term.last}"


def of_summary(name: str) -> Value:
    """Return a count of the summary every report opens with."""
    return lambda _line, case: str(summary(case.inputs.audit)[name])


def remaining(_line: Line, case: FilingCase) -> str:
    """Return how many devices of the filing nobody has told to be removed."""
    return str(len(case.pairs) - int(count_of("removed")(Line(), case)))


def at_site(count: Callable[[tuple[AuditedAsset, ...]], int]) -> Value:
    """Return a value that counts the assets of a row's site."""
    return lambda line, case: str(count(case.by_site.get(line.site, ())))


def outcome(word: Outcome) -> Value:
    """Return a value that counts the assets of a site with one outcome."""
    return at_site(lambda items: sum(item.outcome is word for item in items))


def seen_as(word: Seen) -> Value:
    """Return a value that counts the assets of a site that were read, or only heard of."""
    return at_site(lambda items: sum(item.asset.seen is word for item in items))


def collectors(line: Line, case: FilingCase) -> str:
    """Return each collector and how many devices of a site it read."""
    counts = Counter(name for item in case.by_site.get(line.site, ()) for name in item.asset.collectors)
    return "; ".join(f"{one_line(name, CELL)} {number}" for name, number in sorted(counts.items()))


def failures(line: Line, case: FilingCase) -> str:
    """Return each reason and how many devices of a site it stopped."""
    targets = {
        (item.reason.value, item.target.address) for item in case.inputs.audit.unread if item.target.site == line.site
    }
    counts = Counter(reason for reason, _ in targets)
    return "; ".join(f"{reason} {number}" for reason, number in sorted(counts.items()))


def never_read(line: Line, case: FilingCase) -> str:
    """Return how many addresses of a site gave no reading at all."""
    items = case.by_site.get(line.site, ())
    read = {at for item in items if item.asset.seen is Seen.READ for at in (item.asset.address, *item.asset.addresses)}
    return str(len({item.target.address for item in case.inputs.audit.unread if item.target.site == line.site} - read))


def coverage_of(key: str) -> Value:
    """Return a value that counts addresses of a site; nothing where no scope is recorded."""

    def count(line: Line, case: FilingCase) -> str:
        line_coverage = case.coverage.get(line.site)
        return "" if line_coverage is None or not case.inputs.audit.run.scope else str(getattr(line_coverage, key))

    return count


def lists(_line: Line, case: FilingCase) -> str:
    """Return the tables the filing rests on, their days and ages."""
    return "; ".join(f"{name} {day} ({age} days old)" for name, day, age in ages(case.inputs, case.filing))


def due(_line: Line, case: FilingCase) -> str:
    """Return when the filing is due, or nothing where the clock has not been started."""
    begin, runs = since(_line, case), case.filing.clock
    if runs is None or not begin:
        return ""
    holidays = case.inputs.facts.holidays()
    return clock.due(
        datetime.fromisoformat(begin), business_days=runs.business_days, hours=runs.hours, holidays=holidays
    )


def since(_line: Line, case: FilingCase) -> str:
    """Return the moment the clock runs from, as the filer wrote it."""
    return "" if case.filing.clock is None else case.inputs.facts.filer.get(case.filing.clock.since, "")


def amount(line: Line, case: FilingCase) -> str:
    """Return quantity times unit cost of a cost line, or nothing where either is missing."""
    pieces, each_one = number(case.fact("qty", line)), number(case.fact("unit_cost", line))
    return "" if pieces is None or each_one is None else f"{pieces * each_one:.2f}"


def invoices_of(line: Line, case: FilingCase) -> list[Values]:
    """Return the invoices that name the claim of a row."""
    claim = line.entry.get("claim_ref")
    return [entry for entry in case.inputs.facts.invoice if claim and entry.get("claim_ref") == claim]


def sum_of_invoices(line: Line, case: FilingCase) -> str:
    """Return the sum of a claim's invoices in its own currency."""
    own = [entry for entry in invoices_of(line, case) if entry.get("currency") == line.entry.get("currency")]
    return f"{sum((number(entry.get('amount', '')) or Decimal(0) for entry in own), Decimal(0)):.2f}" if own else ""


def invoice_numbers(line: Line, case: FilingCase) -> str:
    """Return the numbers of a claim's invoices."""
    return join(entry.get("invoice_ref", "") for entry in invoices_of(line, case))


def still_open(line: Line, _case: FilingCase) -> str:
    """Return what was claimed and not paid, or nothing where either amount is missing."""
    claim, payment = (number(line.entry.get(key, "")) for key in ("amount_claimed", "amount_paid"))
    return "" if claim is None or payment is None else f"{claim - payment:.2f}"


def exact_share(line: Line, case: FilingCase) -> Decimal | None:
    """Return the maker's share of a layer in percent by the filer's numbers, or nothing."""
    part, whole = number(case.fact("of_maker", line)), number(case.fact("total", line))
    if part is None or whole is None or whole <= 0 or not 0 <= part <= whole:
        return None
    return part * 100 / whole


def share(line: Line, case: FilingCase) -> str:
    """Return the share to four places."""
    exact = exact_share(line, case)
    return "" if exact is None else f"{exact:.4f}"


def standing(line: Line, case: FilingCase) -> str:
    """Return how the unrounded share stands to its cap; never that a duty is met."""
    layer, exact = line.layer, exact_share(line, case)
    if layer is None or exact is None:
        return "cannot be computed"
    is_over = case.inputs.audit.as_of > layer.deadline
    share = "above" if exact > layer.cap else "at or below"
    return f"{share} {layer.cap} %, deadline {'passed' if is_over else 'ahead'}"


def units(*, of_maker: bool) -> Value:
    """Return a value that counts devices in a layer's categories, all or the maker's."""

    def count(line: Line, case: FilingCase) -> str:
        if line.layer is None:
            return ""
        everyone = devices(case.inputs.audit, case.inputs.at_least)
        pairs = [pair for pair in everyone if pair.finding.category in line.layer.categories]
        return str(sum(pair.finding.maker == line.layer.maker or not of_maker for pair in pairs))

    return count


def of_layer(key: str) -> Value:
    """Return a value that is written in the layer itself."""
    return lambda line, _case: "" if line.layer is None else str(getattr(line.layer, key))


VALUES: dict[str, Value] = {
    "device.site": each(lambda pair, _: one_line(pair.item.asset.site, CELL)),
    "device.name": each(lambda pair, _: name_of(pair)),
    "device.key": each(lambda pair, _: one_line(pair.item.asset.key, CELL)),
    "device.address": each(lambda pair, _: one_line(pair.item.asset.address, CELL)),
    "device.mac": each(lambda pair, _: spelled_macs(pair.item.asset)),
    "device.serial": each(lambda pair, _: serial(pair)),
    "device.model": each(lambda pair, _: one_line(pair.finding.model, CELL)),
    "device.brand": each(brand),
    "device.maker": each(lambda pair, case: case.inputs.options.name(pair.finding.maker)),
    "device.statutory": each(statutory),
    "device.category": each(
        lambda pair, case: case.inputs.options.name(pair.finding.category) if pair.finding.category else ""
    ),
    "device.description": each(description),
    "device.verdict": each(lambda pair, _: pair.finding.verdict.word),
    "device.seen": each(lambda pair, _: pair.item.asset.seen.value),
    "device.place": each(lambda pair, _: place(pair.item.asset)),
    "device.why": each(lambda pair, _: why(pair.finding)),
    "device.evidence": each(evidence),
    "device.finding": each(lambda pair, _: one_line(pair.finding.id, CELL)),
    "device.applies": each(lambda pair, case: join(duty.applies.value for duty in case.asking(pair.finding))),
    "device.condition": each(lambda pair, case: join(duty.condition for duty in case.asking(pair.finding))),
    "device.purpose": each(purpose),
    "device.covered_list_row": each(citations),
    "device.in_time": each(in_time),
    "device.in_use": each(in_use),
    "device.waived": each(waiver_text),
    "device.custody": each(custody),
    "device.files": each(evidence_files),
    "device.open_items": each(open_items),
    **{f"device.{key}_seen": each(day_seen(key)) for key in ("first", "last")},
    "device.in_the_last_run": each(standing_in_the_last_run),
    "group.quantity": lambda line, _: str(len(line.pairs)),
    "group.sites": lambda line, _: str(len({pair.item.asset.site for pair in line.pairs})),
    "site.name": lambda line, _: one_line(line.site, CELL),
    "site.devices": at_site(len),
    **{f"site.{word}": seen_as(word) for word in Seen},
    **{f"site.{word}": outcome(word) for word in Outcome},
    "site.never_read": never_read,
    **{f"site.{key}": coverage_of(key) for key in ("contacted", "answered", "silent")},
    "site.collectors": collectors,
    "site.failures": failures,
    "site.listed": lambda line, case: str(sum(pair.item.asset.site == line.site for pair in case.pairs)),
    "count.listed": lambda _, case: str(len(case.pairs)),
    **{f"count.{key}": count_of(key) for key in ("removed", "disposed")},
    **{f"count.{key}_in_period": count_of(key, within=True) for key in ("removed", "disposed")},
    "count.replaced": replacements,
    "count.remaining": remaining,
    "count.unfinished": lambda _, case: str(len(case.unfinished)),
    **{f"period.{key}": of_period(key) for key in ("words", "due", "number")},
    **{f"count.{name}": of_summary(name) for name in ("undetermined", "unread", "partly_read")},
    "run.id": lambda _, case: one_line(case.inputs.audit.run.id, CELL),
    "run.day": lambda _, case: case.inputs.audit.run.started.date().isoformat(),
    "run.as_of": lambda _, case: case.inputs.audit.as_of.isoformat(),
    "run.sites": lambda _, case: "; ".join(one_line(site, CELL) for site in sorted(case.by_site)),
    "run.lists": lists,
    "run.count": runs_counted,
    "clock.since": since,
    "clock.due": due,
    "cost.amount": amount,
    "claim.invoiced": sum_of_invoices,
    "claim.invoices": invoice_numbers,
    "claim.open": still_open,
    **{
        f"layer.{key}": of_layer(key)
        for key in ("id", "name", "maker", "measure", "cap", "deadline", "cite", "evidence_class")
    },
    "layer.share": share,
    "layer.standing": standing,
    "layer.units_of_maker": units(of_maker=True),
    "layer.units": units(of_maker=False),
}
