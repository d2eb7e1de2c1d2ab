"""What each policy asks about a finding on a date. Pure; never says `illegal`, never says `compliant`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from auditor.model import Applies, Finding, Obligation
from auditor.policy.load import Policy, Row

ANYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the user knows and a network cannot tell: what the site serves, when the unit was obtained.

    `purposes` is None where nobody said; an empty tuple says that none of the listed purposes applies.
    """

    purposes: tuple[str, ...] | None = None
    acquired: date | None = None


def oblige(finding: Finding, around: Circumstances, policies: Iterable[Policy], as_of: date) -> tuple[Obligation, ...]:
    """Return what every policy says of a finding, sorted by policy and date; rows about other equipment are left out."""
    told = [
        _obligation(policy, row, decide(row, finding.category, around, as_of))
        for policy in policies
        for row in policy.rows
        if names(row, finding)
    ]
    return tuple(sorted(told, key=lambda duty: (duty.policy, str(duty.since), duty.duty, duty.cite)))


def names(row: Row, finding: Finding) -> bool:
    """Tell whether a row is about such equipment at all, whatever the day."""
    about_maker = finding.maker in row.makers or ANYBODY in row.makers
    return about_maker and not (finding.category and row.categories and finding.category not in row.categories)


def decide(row: Row, category: str, around: Circumstances, as_of: date) -> Applies:
    """Return whether a row binds on a date, as far as can be told; what cannot be told stays open."""
    if _outside(row, category, around, as_of):
        return Applies.NO
    dated = row.acquired_until is not None or row.acquired_from is not None
    if (row.categories and not category) or (dated and around.acquired is None):
        return Applies.UNDECIDABLE
    if row.applies is Applies.IF_PURPOSE and around.purposes is not None:
        return Applies.YES if set(around.purposes) & set(row.purposes) else Applies.NO
    return row.applies


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


def _obligation(policy: Policy, row: Row, applies: Applies) -> Obligation:
    return Obligation(
        policy=policy.id,
        title=policy.title,
        duty=row.duty,
        applies=applies,
        since=row.since,
        until=row.until,
        cite=row.cite,
        url=row.url,
        condition=_condition(row, applies),
        bound=policy.bound,
        needs=row.needs if applies is Applies.UNDECIDABLE else (),
        evidence_class=row.evidence_class,
        context=policy.context_only,
    )


def _condition(row: Row, applies: Applies) -> str:
    told = [f"By {row.due.isoformat()}."] if row.due else []
    told += [row.condition] if row.condition else []
    if applies is Applies.UNDECIDABLE and row.acquired_until is not None:
        told.append(f"The day the unit was obtained decides: on or before {row.acquired_until.isoformat()}.")
    if applies is Applies.UNDECIDABLE and row.acquired_from is not None:
        told.append(f"The day the unit was obtained decides: on or after {row.acquired_from.isoformat()}.")
    told.extend(row.exceptions)
    return " ".join(told)
