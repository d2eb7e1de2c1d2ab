"""What each law comes to for the devices, a line a law; what is due when, a line a duty."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auditor.model import Applies, Audit, AuditedAsset, Obligation
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.laws import UNCONFIRMED, all_findings, answer_words, clauses, doubt, place_of, title
from auditor.report.views import binding
from auditor.report.words import counted

ORDER = tuple(Applies)
MOST_CITES = 2
COUNTED = (
    "A law that applies names such equipment; it binds those named under who is bound, and nobody else."
    " Counted are devices with a finding, each once a law by its strongest answer; waived ones too, components not."
)
LAW_HEAD = (
    "Law", "Place", "Who is bound", "Applies", "Depends on use", "Undecided", "No", "Next date", "In force since",
    "Citation",
)  # fmt: skip
DATE_HEAD = ("By", "When", "Law", "Duty", "Answer", "Decided by", "Findings", "Citation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One law over all devices with a finding: its answers, its next day, in force since when."""

    title: str
    place: str
    bound: str
    devices: tuple[tuple[Applies, int], ...]
    due: date | None
    since: date | None
    cites: str

    def cells(self) -> tuple[str, ...]:
        """Return the line in the order of `LAW_HEAD`."""
        return (
            self.title, self.place, self.bound, *(f"{number:,}" for _answer, number in self.devices), _cell(self.due),
            _cell(self.since), self.cites,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One duty with the day it is due by, and of how many findings it is asked."""

    due: date
    item: Obligation
    findings: int


def laws_told(audit: Audit) -> list[Law]:
    """Return a line per law that may ask something, what surely applies first."""
    devices = [item for item in audit.assets if item.findings]
    by_law: dict[str, list[Obligation]] = {}
    answers: dict[str, dict[Applies, int]] = {}
    for item in devices:
        for policy, duties in _by_policy(item).items():
            by_law.setdefault(policy, []).extend(duties)
            counts = answers.setdefault(policy, dict.fromkeys(ORDER, 0))
            counts[min((duty.applies for duty in duties), key=ORDER.index)] += 1
    by_rank = [
        (_rank(answers[policy]), _law(list(dict.fromkeys(duties)), answers[policy], len(devices), audit.as_of))
        for policy, duties in by_law.items()
    ]
    return [law for _rank_, law in sorted(by_rank, key=lambda pair: (pair[0], pair[1].place, pair[1].title))]


def _by_policy(item: AuditedAsset) -> dict[str, list[Obligation]]:
    duties: dict[str, list[Obligation]] = {}
    for finding in item.findings:
        for duty in binding(finding):
            duties.setdefault(duty.policy, []).append(duty)
    return duties


def _rank(answers: dict[Applies, int]) -> int:
    return next(index for index, answer in enumerate(ORDER) if answers[answer])


def _law(duties: list[Obligation], answers: dict[Applies, int], total: int, as_of: date) -> Law:
    days = sorted({duty.due for duty in duties if duty.due is not None})
    rest = total - sum(answers.values())
    cites = list(dict.fromkeys(one_line(duty.cite) for duty in duties if duty.cite))
    more = f"; and {len(cites) - MOST_CITES} more" if len(cites) > MOST_CITES else ""
    return Law(
        title=title(duties[0]) + (f" ({UNCONFIRMED})" if all(map(doubt, duties)) else ""),
        place=place_of(duties[0]),
        bound=one_line(duties[0].bound),
        devices=tuple((answer, answers[answer] + (rest if answer is Applies.NO else 0)) for answer in ORDER),
        due=next((day for day in days if day >= as_of), None),
        since=min((duty.since for duty in duties if duty.since is not None), default=None),
        cites="; ".join(cites[:MOST_CITES]) + more,
    )


def deadlines(audit: Audit) -> list[Deadline]:
    """Return what may be due, the earliest day first, days that have passed included."""
    dues = [
        Deadline(due=item.due, item=item, findings=number)
        for item, number in clauses(audit).items()
        if item.due is not None and item.applies is not Applies.NO and not item.context
    ]
    return sorted(dues, key=lambda one: (one.due, ORDER.index(one.item.applies), one.item.policy, one.item.cite))


def days(audit: Audit) -> list[tuple[date, Applies, str, str, int]]:
    """Return day, answer, law, duty and number of findings, the earliest day first."""
    counts: Counter[tuple[date, Applies, str, str]] = Counter()
    for finding in all_findings(audit):
        due_pairs = ((item.due, item) for item in binding(finding))
        counts.update({(due, item.applies, title(item), item.duty) for due, item in due_pairs if due is not None})
    return [(*line, number) for line, number in sorted(counts.items(), key=lambda pair: _by_day(pair[0]))]


def _by_day(line: tuple[date, Applies, str, str]) -> tuple[object, ...]:
    due, answer, law, duty = line
    return (due, ORDER.index(answer), law, duty)


def date_rows(audit: Audit, options: Options) -> Iterator[tuple[str, ...]]:
    """Yield each deadline in the order of `DATE_HEAD`."""
    for one in deadlines(audit):
        item = one.item
        yield (
            one.due.isoformat(), when(one.due, audit.as_of),
            title(item) + (f" ({UNCONFIRMED})" if doubt(item) else ""), one_line(options.asks(item.duty)),
            answer_words(item, options),
            one_line("; ".join(item.needs)), f"{one.findings:,}", one_line(item.cite),
        )  # fmt: skip


def when(day: date, as_of: date) -> str:
    """Return how far a day is from the day judged for: `in 40 days`, `passed 3 days ago`."""
    left = (day - as_of).days
    if left == 0:
        return "on the day judged for"
    return f"in {counted(left, 'day')}" if left > 0 else f"passed {counted(-left, 'day')} ago"


def _cell(day: date | None) -> str:
    return "" if day is None else day.isoformat()
