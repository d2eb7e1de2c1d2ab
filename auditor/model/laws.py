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
class Reach:
    """Whom a policy can bind: countries (ISO 3166-1 codes), states of them, roles; empty: any.

    Who has one of the `abroad` roles is bound wherever it sits: such a role exists by the law of that place alone.
    """

    countries: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    abroad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a site of an organisation is, or with an empty `site` the organisation itself."""

    site: str = ""
    country: str = ""
    state: str = ""

    def is_within(self, reach: Reach) -> bool:
        """Tell whether a policy can bind somebody here; what nobody said rules nothing out."""
        if reach.countries and self.country not in reach.countries:
            return False
        return not (reach.states and self.state) or self.state in reach.states


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who asks: name, the person responsible, seats, roles (None where nobody said them)."""

    name: str = ""
    person: str = ""
    roles: tuple[str, ...] | None = None
    seats: tuple[Seat, ...] = ()

    def can_be_bound(self, reach: Reach, site: str) -> bool:
        """Tell whether a policy can bind this organisation for what stands at a site.

        The law of a state is asked where the site is, if that was said.
        """
        roles = set(self.roles or ())
        if self.roles is not None and reach.roles and not roles.intersection(reach.roles):
            return False
        seats = [seat for seat in self.seats if seat.site in {"", site} and seat.country]
        if reach.states:
            seats = [seat for seat in seats if seat.site and seat.state] or seats
        return not seats or bool(roles.intersection(reach.abroad)) or any(seat.is_within(reach) for seat in seats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding a person set aside: who, why, on whose authority, until when. Still reported."""

    finding: str
    who: str
    why: str
    authority: str
    until: date
