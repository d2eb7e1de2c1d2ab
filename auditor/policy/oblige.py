"""What each policy asks about a finding on a date. Pure; never says `illegal`, never says `compliant`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from auditor.model import Applies, Finding, Obligation, order
from auditor.policy.load import Policy, Row

ANYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the user knows and a network cannot tell: what the site serves, when the unit was obtained.

    `purposes` is None where nobody said; an empty tuple says that none of the purposes without a colon applies. A word with a colon
    answers its own question alone: who says `network:5g` names every network that is served and says nothing of public safety.
    """

    purposes: tuple[str, ...] | None = None
    acquired: date | None = None


def oblige(finding: Finding, around: Circumstances, policies: Iterable[Policy], as_of: date) -> tuple[Obligation, ...]:
    """Return what every policy says of a finding, in their order; rows about other equipment are left out."""
    told = [
        _obligation(policy, row, finding.category, around, as_of)
        for policy in policies
        for row in policy.rows
        if names(row, finding)
    ]
    return tuple(sorted(told, key=order))


def names(row: Row, finding: Finding) -> bool:
    """Tell whether a row is about such equipment at all, whatever the day."""
    about_maker = finding.maker in row.makers or ANYBODY in row.makers
    return about_maker and not (finding.category and row.categories and finding.category not in row.categories)


def decide(row: Row, category: str, around: Circumstances, as_of: date) -> Applies:
    """Return whether a row binds on a date, as far as can be told; what cannot be told stays open."""
    served = serves(row, around)
    if served is False or _outside(row, category, around, as_of):
        return Applies.NO
    if (row.categories and not category) or (_dated(row) and around.acquired is None):
        return Applies.UNDECIDABLE
    return Applies.YES if row.applies is Applies.IF_PURPOSE and served else row.applies


def _dated(row: Row) -> bool:
    return row.acquired_until is not None or row.acquired_from is not None


def serves(row: Row, around: Circumstances) -> bool | None:
    """Tell whether the unit serves what a row speaks of; nothing where nobody said, or the row asks for no purpose."""
    said = around.purposes
    if said is None or not row.purposes:
        return None
    questions = {_question(word) for word in row.purposes}
    answered = {_question(word) for word in said} if said else {""}
    return bool(set(said) & set(row.purposes)) if questions & answered else None


def _question(purpose: str) -> str:
    """Return which question a purpose answers: `network` for `network:5g`, an empty text for `public-safety`."""
    return purpose.rpartition(":")[0]


def _outside(row: Row, category: str, around: Circumstances, as_of: date) -> bool:
    """Tell whether a row certainly does not reach this case: its dates, its equipment, when the unit was obtained."""
    early_or_late = as_of < row.since or (row.until is not None and as_of > row.until)
    other_sort = bool(row.categories and category) and category not in row.categories
    return early_or_late or other_sort or not _obtained_in_time(row, around.acquired)


def _obtained_in_time(row: Row, acquired: date | None) -> bool:
    """Tell whether a unit was obtained in the days a row speaks of; a day nobody knows rules nothing out."""
    if acquired is None:
        return True
    return (row.acquired_until is None or acquired <= row.acquired_until) and (
        row.acquired_from is None or acquired >= row.acquired_from
    )


def _obligation(policy: Policy, row: Row, category: str, around: Circumstances, as_of: date) -> Obligation:
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
        condition=" ".join(filter(None, (row.condition, *row.exceptions))),
        bound=policy.bound,
        needs=() if applies in {Applies.YES, Applies.NO} else tuple(_needs(row, category, around)),
        evidence_class=row.evidence_class,
        context=policy.context_only,
    )


def _due(row: Row, as_of: date) -> date | None:
    """Return the day a duty must be met by; of a day that returns every year, the next on or after `as_of` once the row is in force."""
    if row.due_each is None:
        return row.due
    month, day = row.due_each
    start = max(as_of, row.since)
    this_year = date(start.year, month, day)
    return this_year if this_year >= start else date(start.year + 1, month, day)


def _needs(row: Row, category: str, around: Circumstances) -> Iterator[str]:
    """Yield what would decide an open question: what to state of the site and the unit, then papers."""
    if row.purposes and serves(row, around) is None:
        yield f"purposes of the site, any of: {', '.join(row.purposes)}"
    if row.categories and not category:
        yield f"sort of equipment, any of: {', '.join(row.categories)}"
    if row.acquired_until is not None and around.acquired is None:
        yield f"day it was obtained: on or before {row.acquired_until}"
    if row.acquired_from is not None and around.acquired is None:
        yield f"day it was obtained: on or after {row.acquired_from}"
    yield from row.needs
