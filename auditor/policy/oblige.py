"""What each policy asks about a finding on a date; never `illegal`, never `compliant`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from auditor.model import Applies, Finding, Obligation, order
from auditor.policy.load import Clause, Policy

ANYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What only the user knows: what the site serves, when the unit was obtained.

    `purposes` is None where nobody said; an empty tuple says that none of the purposes without a colon applies. A word
    with a colon answers its own question alone: who says `network:5g` names every network that is served and says
    nothing of public safety.
    """

    purposes: tuple[str, ...] | None = None
    acquired: date | None = None


def oblige(finding: Finding, around: Circumstances, policies: Iterable[Policy], as_of: date) -> tuple[Obligation, ...]:
    """Return what every policy says of a finding, in order; other equipment is left out."""
    obligations = [
        _obligation(policy, row, finding.category, around, as_of)
        for policy in policies
        for row in policy.rows
        if names(row, finding)
    ]
    return tuple(sorted(obligations, key=order))


def datable(policies: Iterable[Policy], day: date) -> tuple[Policy, ...]:
    """Return policies without the rows whose first day may lie before or after a day."""
    return tuple(
        replace(policy, rows=tuple(row for row in policy.rows if not _before_reading(row, day))) for policy in policies
    )


class Duties:
    """What policies ask on one day; equipment of one maker and category is asked alike."""

    def __init__(self, policies: Iterable[Policy], as_of: date) -> None:
        self._policies, self._as_of = tuple(policies), as_of
        self._known: dict[tuple[str, str, Circumstances], tuple[Obligation, ...]] = {}

    def of(self, finding: Finding, around: Circumstances) -> tuple[Obligation, ...]:
        """Return what every policy says of a finding, as `oblige` does."""
        key = (finding.maker, finding.category, around)
        if key not in self._known:
            self._known[key] = tuple(sorted(oblige(finding, around, self._policies, self._as_of), key=order))
        return self._known[key]


def names(row: Clause, finding: Finding) -> bool:
    """Tell whether a row is about such equipment at all, whatever the day."""
    about_maker = finding.maker in row.makers or ANYBODY in row.makers
    return about_maker and not (finding.category and row.categories and finding.category not in row.categories)


def decide(row: Clause, category: str, around: Circumstances, as_of: date) -> Applies:
    """Return whether a row binds on a date; what cannot be told stays open."""
    serving = serves(row, around)
    if serving is False or _outside(row, category, around, as_of):
        return Applies.NO
    if _before_reading(row, as_of):
        return Applies.UNDECIDABLE
    if (row.categories and not category) or ((row.acquired_from or row.acquired_until) and around.acquired is None):
        return Applies.UNDECIDABLE
    return Applies.YES if row.applies is Applies.IF_PURPOSE and serving else row.applies


def serves(row: Clause, around: Circumstances) -> bool | None:
    """Tell whether the unit serves what a row speaks of; None where nobody said."""
    purposes = around.purposes
    if purposes is None or not row.purposes:
        return None
    questions = {_question(word) for word in row.purposes}
    answers = {_question(word) for word in purposes} if purposes else {""}
    return bool(set(purposes) & set(row.purposes)) if questions & answers else None


def _question(purpose: str) -> str:
    """Return which question a purpose answers: `network` for `network:5g`, else empty."""
    return purpose.rpartition(":")[0]


def _outside(row: Clause, category: str, around: Circumstances, as_of: date) -> bool:
    """Tell whether a row cannot reach this case: by dates, equipment, acquisition."""
    early_or_late = not (row.since or date.min) <= as_of <= (row.until or date.max)
    other_sort = bool(row.categories and category) and category not in row.categories
    first, last, day = row.acquired_from or date.min, row.acquired_until or date.max, around.acquired
    # An unknown day rules nothing out.
    return early_or_late or other_sort or (day is not None and not first <= day <= last)


def _before_reading(row: Clause, as_of: date) -> bool:
    """Tell whether a day lies before the first on which a row is known to have been in force."""
    return row.known_on is not None and as_of < row.known_on


def _obligation(policy: Policy, row: Clause, category: str, around: Circumstances, as_of: date) -> Obligation:
    applies = decide(row, category, around, as_of)
    return Obligation(
        policy=policy.id,
        title=policy.title,
        jurisdiction=policy.jurisdiction,
        duty=row.duty,
        applies=applies,
        since=row.since,
        until=row.until,
        due=_due(row, as_of),
        cite=row.cite,
        url=row.url,
        condition=" ".join(filter(None, (row.condition, *row.exceptions, _reading(row)))),
        bound=policy.bound,
        needs=() if applies in {Applies.YES, Applies.NO} else tuple(_needs(row, category, around, as_of)),
        evidence_class=row.evidence_class,
        context=policy.context_only,
    )


def _due(row: Clause, as_of: date) -> date | None:
    """Return the day a duty is due; of a yearly one the next, once the row is in force."""
    if row.due_each is None:
        return row.due
    month, day = row.due_each
    start = max(as_of, row.begins)
    this_year = date(start.year, month, day)
    return this_year if this_year >= start else date(start.year + 1, month, day)


def _reading(row: Clause) -> str:
    """Return by when a row is known to have been in force, where no source names its first day."""
    return f"In force by {row.known_on}; its first day was not read." if row.known_on else ""


def _needs(row: Clause, category: str, around: Circumstances, as_of: date) -> Iterator[str]:
    """Yield what would decide an open question: facts of site and unit, then papers."""
    if _before_reading(row, as_of):
        yield f"the first day it was in force, which was not read: on or before {row.known_on}"
    if row.purposes and serves(row, around) is None:
        yield f"purposes of the site, any of: {', '.join(row.purposes)}"
    if row.categories and not category:
        yield f"sort of equipment, any of: {', '.join(row.categories)}"
    if row.acquired_until is not None and around.acquired is None:
        yield f"day it was obtained: on or before {row.acquired_until}"
    if row.acquired_from is not None and around.acquired is None:
        yield f"day it was obtained: on or after {row.acquired_from}"
    yield from row.needs
