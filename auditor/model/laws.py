"""What a policy asks about a finding, and what a person set aside."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Applies(StrEnum):
    """Whether a policy binds, as far as a network can tell."""

    YES = "yes"
    IF_PURPOSE = "if-purpose"
    UNDECIDABLE = "undecidable"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What one policy asks about one finding on one date.

    `due` is the day by which it must be met, for what returns every year the next one; `context` marks lists and
    advice that ask nothing of who owns or uses the unit: good to know, no duty.
    """

    policy: str
    title: str
    duty: str
    applies: Applies
    since: date | None
    until: date | None = None
    due: date | None = None
    jurisdiction: str = ""
    cite: str
    url: str = ""
    condition: str = ""
    bound: str = ""
    needs: tuple[str, ...] = ()
    evidence_class: str = ""
    context: bool = False

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by policy, then by what it asks and where that is written."""
        return (self.policy, self.duty, self.cite, self.condition, self.bound, str(self.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding a person set aside: who, why, on whose authority, until when. Still reported."""

    finding: str
    who: str
    why: str
    authority: str
    until: date
