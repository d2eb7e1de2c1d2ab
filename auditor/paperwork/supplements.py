"""Tables beside a filing's own: calendar, claims and payments, what changed, what is open."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from auditor.model import Audit
from auditor.normal import one_line
from auditor.paperwork.case import FilingCase, FilingInputs, devices
from auditor.paperwork.define import Filing
from auditor.paperwork.facts import Values
from auditor.paperwork.filled import Gap, Table
from auditor.paperwork.periods import DueDate, calendar, days_of, questions_of
from auditor.paperwork.prices import number
from auditor.report.views import CELL, DeviceFinding, join, name_of, serial

CALENDAR = ("day", "what", "number", "days_from_today", "filing", "because", "cite", "evidence")
MONEY = ("claim", "currency", "claimed", "invoiced", "paid", "open", "units_without_amount")
CHANGES = ("change", "site", "device", "maker", "model", "serial_number", "before", "now", "asset")
OPEN = ("site", "device", "model", "serial_number", "open_items", "last_seen", "in_the_last_run", "asset")
WITHOUT, ALL = "invoices without a claim", "all"
NOTHING_BEFORE = "no run kept so early"

Supplement = Callable[[FilingCase, Audit | None], Table | None]


def supplements(case: FilingCase, before: Audit | None = None) -> tuple[Table, ...]:
    """Return the tables a filing asks for beside its own; `before` is the audit of a year ago."""
    return tuple(filter(None, (TABLES[name](case, before) for name in case.filing.more)))


def missing(case: FilingCase, before: Audit | None = None) -> Iterator[Gap]:
    """Yield what those tables lack: days nobody gave, a year before that nobody kept."""
    today = case.inputs.today.date()
    for filing in family(case) if "calendar" in case.filing.more else ():
        for due in filing.dues:
            if not due.optional and not days_of(due, case.inputs.facts, today):
                keys = ", ".join(questions_of(due))
                how = " ".join(case.inputs.filings.questions[key].says for key in questions_of(due))
                yield Gap(what=f"day: {due.what}", number=1, which=f"{keys} under [filer]", how=how)
    if "changes" in case.filing.more and before is None:
        yield Gap(what="last year's report", number=1, which=NOTHING_BEFORE, how=_PREVIOUS)


def family(case: FilingCase) -> list[Filing]:
    """Return the filings due under the same policies, and the one itself."""
    own = set(case.filing.policies)
    return [one for one in case.inputs.filings.by_id.values() if one.dues and own.intersection(one.policies)]


def dates(inputs: FilingInputs, filings: Sequence[Filing]) -> list[DueDate]:
    """Return the days some filings are due, by the filer's facts."""
    return calendar(filings, inputs.facts, inputs.today.date())


def calendar_table(case: FilingCase, _before: Audit | None) -> Table:
    """Return the days of the filings under the same policies, in the order of time."""
    today = case.inputs.today.date()
    rows = (
        (str(one.day), one.what, str(one.number or ""), str((one.day - today).days), one.filing, one.because, one.cite,
         one.evidence_class)
        for one in dates(case.inputs, family(case))
    )  # fmt: skip
    return Table(name="calendar", head=CALENDAR, rows=tuple(rows))


def money_table(case: FilingCase, _before: Audit | None) -> Table:
    """Return what was claimed, invoiced and paid, claim by claim, with a sum by currency."""
    facts = case.inputs.facts
    groups: dict[tuple[str, str], list[Values]] = defaultdict(list)
    for entry in (*facts.claim, *facts.invoice):
        groups[entry.get("currency", ""), entry.get("claim_ref") or WITHOUT].append(entry)
    silent = sum("amount" not in facts.of_asset(pair.item.asset, pair.finding) for pair in case.pairs)
    rows: list[tuple[str, ...]] = []
    for currency in sorted({currency for currency, _ in groups}):
        own = {claim: entries for (one, claim), entries in sorted(groups.items()) if one == currency}
        rows += [(claim, currency, *_sums(entries), "") for claim, entries in own.items()]
        rows.append((ALL, currency, *_sums([one for entries in own.values() for one in entries]), str(silent)))
    return Table(name="money", head=MONEY, rows=tuple(rows), is_summary=True)


def _sums(entries: Sequence[Values]) -> tuple[str, str, str, str]:
    claim_sum, invoice_sum, payments = (
        sum((number(entry.get(key, "")) or Decimal(0) for entry in entries), Decimal(0))
        for key in ("amount_claimed", "amount", "amount_paid")
    )
    return (f"{claim_sum:.2f}", f"{invoice_sum:.2f}", f"{payments:.2f}", f"{claim_sum - payments:.2f}")


def open_table(case: FilingCase, _before: Audit | None) -> Table:
    """Return the devices that keep the filing from being signed, and what each still needs."""
    rows = tuple(
        (
            one_line(pair.item.asset.site, CELL), name_of(pair), one_line(pair.finding.model, CELL), serial(pair),
            "; ".join(key.replace("_", " ") for key in case.open_items(pair)), *_standing(case, pair),
            one_line(pair.item.asset.key, CELL),
        )
        for pair in case.unfinished
    )  # fmt: skip
    return Table(name="open", head=OPEN, rows=rows, is_summary=True)


def _standing(case: FilingCase, pair: DeviceFinding) -> tuple[str, str]:
    span = case.inputs.spans.get(pair.item.asset.key)
    if span is None:
        return (str(case.inputs.audit.run.started.date()), "")
    return (str(span.last), "not in it" if span.is_absent else span.otherwise)


def changes_table(case: FilingCase, before: Audit | None) -> Table | None:
    """Return what a filing has that the one before had not, what is gone, what reads otherwise."""
    return None if before is None else Table(name="changes", head=CHANGES, rows=tuple(_changes(case, before)))


def _changes(case: FilingCase, before: Audit) -> Iterator[tuple[str, ...]]:
    now = _by_device((*case.pairs, *case.to_decide))
    old = _by_device([one for one in devices(before, case.inputs.at_least) if case.is_covered(one.finding)])
    for key in sorted(now.keys() | old.keys()):
        pair, words = (
            now.get(key) or old[key],
            [_words(case, one) if one else "" for one in (old.get(key), now.get(key))],
        )
        if words[0] != words[1] or _left(case, pair):
            change = "new" if key not in old else "no longer listed" if key not in now else "changed"
            yield (
                _left(case, pair) or change, one_line(pair.item.asset.site, CELL), name_of(pair),
                case.inputs.options.name(pair.finding.maker), one_line(pair.finding.model, CELL), serial(pair), *words,
                one_line(pair.item.asset.key, CELL),
            )  # fmt: skip


def _left(case: FilingCase, pair: DeviceFinding) -> str:
    """Return that a device was removed within the year of the filing, or nothing."""
    day = case.day_of("removed", pair)
    return f"removed {day}" if day and day.year == case.inputs.audit.as_of.year else ""


def _by_device(pairs: Sequence[DeviceFinding]) -> Mapping[tuple[str, str], DeviceFinding]:
    """Return devices by number and part, else by key: a number outlives the name of a device."""
    return {(pair.item.device or pair.item.asset.key, pair.finding.part): pair for pair in pairs}


def _words(case: FilingCase, pair: DeviceFinding) -> str:
    applies = join(duty.applies.value for duty in case.asking(pair.finding))
    words = (one_line(pair.item.asset.site, CELL), one_line(pair.finding.model, CELL), pair.finding.verdict.word)
    return ", ".join(filter(None, (*words, applies)))


TABLES: Mapping[str, Supplement] = {
    "calendar": calendar_table,
    "money": money_table,
    "changes": changes_table,
    "open": open_table,
}
_PREVIOUS = "Name the run or the audit document that last year's report was made of with --previous."
