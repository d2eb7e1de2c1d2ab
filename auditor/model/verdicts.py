"""What the rules say, how much it proves, and the verdict on one asset."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from auditor.model.assets import Asset
from auditor.model.fact import Fact
from auditor.model.laws import Obligation, Waiver
from auditor.model.order import order, put_in_order


class Level(IntEnum):
    """One of several in order, each with a word."""

    @property
    def word(self) -> str:
        """Return the word used in rule files, options and reports."""
        return self.name.lower()


class Strength(Level):
    """How much one rule proves when it fires."""

    HINT = 1
    STRONG = 2
    PROOF = 3


class Verdict(Level):
    """How sure the judgement on a maker is."""

    POSSIBLE = 1
    PROBABLE = 2
    CONFIRMED = 3


# From which verdict on a run ends with 1; `new` counts only what the store never held.
FAIL_ON: dict[str, Verdict | None] = {
    "possible": Verdict.POSSIBLE,
    "probable": Verdict.PROBABLE,
    "confirmed": Verdict.CONFIRMED,
    "new": Verdict.PROBABLE,
    "never": None,
}


class Outcome(StrEnum):
    """What an audit can say of one asset; only `match` accuses, none of them acquits."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNDETERMINED = "undetermined"
    UNREAD = "unread"


class Tier(StrEnum):
    """Why a maker is in the vocabulary at all."""

    COVERED = "covered"
    WATCH = "watch"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a rule claims when it fires. A maker built the device; a brand is the label on it."""

    maker: str
    brand: str = ""
    model: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A real value a rule must match, and the captures it must yield."""

    value: str
    captures: tuple[tuple[str, str], ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to look for, what it means, why it means that, and its own tests.

    Exactly one of `regex`, `oid` (a subtree of sysObjectID or an enterprise number), `table` (a TSV of exact values
    beside the rule file) or `registry` (the maker's registrants in the OUI table) says how a value matches. `where`
    narrows by place. A rule speaks for `says.maker` and, where `against` names makers, against those. `alone` is
    false for a sign that accuses nobody unless something else speaks for the maker too, such as a number that others
    use as well. `cap` is the highest verdict this rule may lead to by itself or with others of its kind.
    `since`/`until` bound the date of manufacture the claim holds for. `registrants` are the exact registry names a
    `registry` rule answers to.
    """

    id: str
    facts: tuple[str, ...]
    says: Claim
    strength: Strength
    because: str
    source: str
    regex: str = ""
    oid: str = ""
    table: str = ""
    registry: bool = False
    registrants: tuple[str, ...] = ()
    where: str = ""
    against: tuple[str, ...] = ()
    cap: Verdict = Verdict.CONFIRMED
    since: date | None = None
    until: date | None = None
    part: bool = False
    alone: bool = True
    examples: tuple[Example, ...] = ()
    nevers: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A rule that fired, on which fact, with what it captured.

    It speaks for `says.maker` and against every maker in `against`. `witness` is the source that spoke, heard once
    however often; `by` the asset that reported the fact, empty for the device's own words; `number` marks what rests
    on a MAC alone.
    """

    rule: str
    says: Claim
    strength: Strength
    because: str
    source: str
    fact: Fact
    witness: str
    captures: tuple[tuple[str, str], ...] = ()
    against: tuple[str, ...] = ()
    cap: Verdict = Verdict.CONFIRMED
    alone: bool = True
    by: str = ""
    number: bool = False
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        put_in_order(self, "captures", "against")

    @property
    def order(self) -> tuple[object, ...]:
        """Return the sort key: the strongest first, then by rule and by what was said."""
        return (-self.strength, self.rule, *self.fact.order, self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict on one asset and one maker. Never without evidence.

    `part` is what of the asset it is about, empty for the asset itself; `unit` names a part that is a unit of its
    own, another member of a stack.
    """

    id: str
    maker: str
    tier: Tier
    brand: str = ""
    model: str = ""
    category: str = ""
    firmware: str = ""
    serial: str = ""
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    against: tuple[Evidence, ...] = ()
    part: str = ""
    unit: str = ""
    obligations: tuple[Obligation, ...] = ()
    waiver: Waiver | None = None

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"finding {self.id} has no evidence")
        if self.unit and not self.part:
            raise ValueError(f"finding {self.id} is of a unit that is no part of its asset")
        put_in_order(self, "evidence", "against", "obligations", key=order)

    @property
    def order(self) -> tuple[object, ...]:
        """Return the sort key: the surest first, then by maker and part."""
        return (-self.verdict, self.maker, self.part, self.id)

    @property
    def is_component(self) -> bool:
        """Tell whether it is about something inside the device rather than about a unit of its own."""
        return bool(self.part) and not self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedAsset:
    """One asset with its outcome. `findings` accuse it; `parts` name components inside it.

    `device` is the number that a store knows the box by over all runs, such as `D-000042`; empty without a store.
    `removal` is the step after which it was not to be seen again, `removed on 2026-11-21`, yet was. `vendor`, `model`,
    `firmware` and `role` say what it is, covered or not; what nobody says is empty.
    """

    asset: Asset
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    parts: tuple[Finding, ...] = ()
    why: str = ""
    device: str = ""
    removal: str = ""
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    role: str = ""

    def __post_init__(self) -> None:
        has_covered = any(finding.tier is Tier.COVERED for finding in self.findings)
        if has_covered != (self.outcome is Outcome.MATCH):
            raise ValueError(f"asset {self.asset.key}: outcome {self.outcome} does not fit its findings")
        put_in_order(self, "findings", "parts", key=order)

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: that of its asset."""
        return self.asset.order
