"""Days a filing is due, and the periods between them: by the filer's own days, none guessed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from auditor.errors import UsageError
from auditor.paperwork.define import Due, Filing
from auditor.paperwork.facts import Facts

AHEAD = 4  # dates of a series whose end nobody named
MOST = 400  # dates of one series: a century of quarters
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\Z", re.ASCII)
WHERE = "--period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a report is about: its number and its days; no first day is from the beginning."""

    number: int = 0
    first: date | None = None
    last: date
    due: date | None = None

    @property
    def words(self) -> str:
        """Return the days of it."""
        return f"{self.first} to {self.last}" if self.first else f"until {self.last}"

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return (self.first is None or self.first <= day) and day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """One day something is due: what, for which filing, by which words of whom."""

    day: date
    what: str
    filing: str
    because: str
    cite: str
    evidence_class: str
    number: int = 0


def days_of(due: Due, facts: Facts, today: date) -> list[date]:
    """Return the days of one entry, oldest first, as far as the filer's facts give them."""
    if due.yearly:
        return [date.fromisoformat(f"{year}-{due.yearly}") for year in (today.year, today.year + 1)]
    if due.on:
        return sorted(_days(facts, due.on))
    return list(_series(due, facts, today))


def _series(due: Due, facts: Facts, today: date) -> Iterator[date]:
    """Yield every so many days after a first one, to the filer's last or a few ahead of today."""
    ends = [day for key in due.until for day in _days(facts, key)]
    for begin in _days(facts, due.since):
        ahead = 0
        for number in range(1, MOST):
            day = begin + timedelta(days=due.every_days * number)
            ahead += day > today
            if day > max(ends) if ends else ahead > AHEAD:
                return
            yield day


def _days(facts: Facts, key: str) -> list[date]:
    return [date.fromisoformat(day) for day in facts.filer.get(key, "").split("; ") if day]


def calendar(filings: Sequence[Filing], facts: Facts, today: date) -> list[DueDate]:
    """Return every day the filer's facts give for some filings, in the order of time."""
    days = [
        DueDate(
            day=day, what=due.what, filing=filing.id, because=_because(due, facts), cite=due.cite,
            evidence_class=due.evidence_class, number=number if due.is_series else 0,
        )
        for filing in filings
        for due in filing.dues
        for number, day in enumerate(days_of(due, facts, today), 1)
    ]  # fmt: skip
    return sorted(days, key=lambda one: (one.day, one.filing, one.what))


def _because(due: Due, facts: Facts) -> str:
    if due.yearly:
        return f"every year on {due.yearly}"
    if due.on:
        return f"{due.on} of the facts file"
    return f"every {due.every_days} days from {due.since} {facts.filer.get(due.since, '')}"


def questions_of(due: Due) -> tuple[str, ...]:
    """Return the questions whose answers an entry needs."""
    return tuple(key for key in (due.since, due.on) if key)


def period_of(filing: Filing, facts: Facts, name: str, today: date) -> Period | None:
    """Return the period a filing is for: by number, a day in it, `DAY..DAY`, else the next due.

    None where the facts give no days and none were named; what cannot be a period is a `UsageError`.
    """
    due = next((one for one in filing.dues if one.is_series), None)
    if span := _SPAN.match(name):
        first, last = map(_day, span.groups())
        if last < first:
            raise UsageError(f"{last} lies before {first}", where=WHERE)
        return Period(first=first, last=last)
    if due is None:
        return None
    periods = _periods(days_of(due, facts, today), facts)
    if not name:
        return next((one for one in periods if one.last >= today), None)
    if not periods:
        answers = ", ".join(questions_of(due))
        raise UsageError(f"the facts file gives no {answers}; write it there, or name DAY..DAY", where=WHERE)
    return _named(periods, name)


def _periods(days: Sequence[date], facts: Facts) -> list[Period]:
    """Return the periods that end on some days; the first begins with the approval."""
    begins = [*_days(facts, "approved")[:1], *(day + timedelta(days=1) for day in days)]
    firsts: list[date | None] = list(begins) if len(begins) > len(days) else [None, *begins]
    return [
        Period(number=number, first=first, last=day, due=day)
        for number, (first, day) in enumerate(zip(firsts, days, strict=False), 1)
    ]


def _named(periods: Sequence[Period], name: str) -> Period:
    if name.isascii() and name.isdecimal():
        if not 1 <= int(name) <= len(periods):
            raise UsageError(f"there is no period {name:.20}; the facts give 1 to {len(periods)}", where=WHERE)
        return periods[int(name) - 1]
    day = _day(name)
    match = next((one for one in periods if one.holds(day)), None)
    if match is None:
        raise UsageError(f"no period holds {day}; they run {periods[0].words} … {periods[-1].words}", where=WHERE)
    return match


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text:.40}' is no number, no day and no DAY..DAY such as 2026-01-01..2026-03-31",
            where=WHERE) from None  # fmt: skip
