"""What speaks for one maker and against it, weighed by strength and by who spoke: the only place where that is a verdict."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from auditor.model import CollectedAsset, Evidence, Fact, Strength, Tier, Verdict

DEVICE, BOOKS, HEARD, NOTE = "device", "books", "heard", "note"
MAC = "mac"
_ENOUGH = 2  # independent witnesses that make one step more
ACQUIRED = "inventory.acquired"
STOCK = timedelta(days=365)  # a unit may lie in a shop for a year before it is bought
Made = tuple[date | None, date | None]
_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)[-/.]?(?P<month>\d\d)(?:[-/.]?(?P<day>\d\d))?(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What judging needs to know of the vocabulary.

    `tiers` and `names` are by maker id; `decides` the kinds of facts whose reading says something even when nothing matches;
    `broad` the categories that give way to a closer one; `plain` says why a fact proves nothing, empty where it could have.
    Of kinds that nobody else reported, `books` hold what an inventory states, `notes` anybody's free text, `wordless` nothing a device
    says of its maker (names, ports, places); all others are its own words. `shared` are the labels several makers' boxes bear.
    """

    tiers: Mapping[str, Tier]
    names: Mapping[str, str] = field(default_factory=dict)
    decides: frozenset[str] = frozenset()
    broad: frozenset[str] = frozenset()
    books: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    wordless: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    plain: Callable[[Fact], str] = lambda _fact: ""

    def name(self, maker: str) -> str:
        """Return a maker as people write it."""
        return self.names.get(maker, maker)

    def speaker(self, item: Evidence) -> str:
        """Return whose words evidence rests on: `device`, `books`, `heard` or `note`."""
        if item.fact.kind in self.notes:
            return NOTE
        if item.by:
            return HEARD
        return BOOKS if item.fact.kind in self.books else DEVICE

    def answered(self, asset: CollectedAsset) -> bool:
        """Tell whether a device said anything of itself that could name its maker."""
        silent = self.books | self.notes | self.wordless
        return any(not fact.about and fact.kind not in silent for fact in asset.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What every maker on one asset is weighed by: all evidence, when the device can have been made, whether it answered."""

    evidence: tuple[Evidence, ...]
    made: Made
    answered: bool
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One maker on one asset: what speaks for it, what against, what no longer counts, and the verdict if any is left."""

    maker: str
    speaks: tuple[Evidence, ...]
    counters: tuple[Evidence, ...]
    verdict: Verdict | None
    denied: bool


def reaches(level: Verdict, evidence: Iterable[Evidence]) -> bool:
    """Tell whether what speaks for a maker is enough for a verdict; each witness counts once, a MAC never confirms alone."""
    usable = [item for item in evidence if item.cap >= level]
    if not any(item.alone for item in usable):
        return False
    strong = {item.witness for item in usable if item.strength >= Strength.STRONG}
    if level is Verdict.CONFIRMED:
        proof = any(item.strength is Strength.PROOF and not _number(item) for item in usable)
        return proof or len(strong) >= _ENOUGH
    if level is Verdict.PROBABLE:
        return bool(strong) or len({item.witness for item in usable}) >= _ENOUGH
    return bool(usable)


def weigh(maker: str, trial: Trial) -> Case:
    """Return what one maker's case on an asset comes to."""
    claimed = [item for item in trial.evidence if item.says.maker == maker]
    speaks = tuple(sorted((item for item in claimed if _valid(item, trial.made)), key=_weight))
    outdated = tuple(item for item in claimed if not _valid(item, trial.made))
    counters = tuple(sorted((item for item in trial.evidence if _counts_against(item, maker, trial)), key=_weight))
    heeded = [item for item in counters if _heeded(item, speaks, trial.terms)]
    verdict = _reached(_ceilings(speaks, counters, trial), heeded)
    return Case(
        maker=maker,
        speaks=speaks,
        counters=(*counters, *outdated),
        verdict=verdict,
        denied=verdict is None and _highest(speaks) is not None,
    )


def _reached(ceilings: Sequence[tuple[Evidence, Verdict]], counters: Sequence[Evidence]) -> Verdict | None:
    """Return the highest verdict that those who may lead so far lead to together, after what speaks against it."""
    reached: list[Verdict] = []
    for level in {ceiling for _, ceiling in ceilings}:
        speaks = [item for item, ceiling in ceilings if ceiling >= level]
        if lowered := _lowered(_highest(speaks), speaks, counters):
            reached.append(min(lowered, level))
    return max(reached, default=None)


def _highest(speaks: Sequence[Evidence]) -> Verdict | None:
    return next((level for level in reversed(Verdict) if reaches(level, speaks)), None)


def _heeded(counter: Evidence, speaks: Iterable[Evidence], terms: Terms) -> bool:
    """Tell whether what speaks against a maker takes anything from it, rather than only being shown.

    Hearsay clears nobody who spoke for himself or stands on the books; the books say nothing against what is only heard.
    """
    voices = {terms.speaker(item) for item in speaks}
    match terms.speaker(counter):
        case "heard":
            return not voices & {DEVICE, BOOKS}
        case "books":
            return bool(voices & {DEVICE, BOOKS})
        case _:
            return True


def _ceilings(speaks: Sequence[Evidence], counters: Sequence[Evidence], trial: Trial) -> list[tuple[Evidence, Verdict]]:
    """Return each piece of evidence with the highest verdict that whoever spoke can lead to."""
    speaker = trial.terms.speaker
    own = [item for item in speaks if speaker(item) == DEVICE]
    backed = reaches(Verdict.PROBABLE, [item for item in own if not _number(item)])
    words = (item for item in counters if item.strength >= Strength.STRONG and not _number(item))
    against = frozenset(map(speaker, words))

    def ceiling(item: Evidence) -> Verdict:
        if _sold_since(item, trial.made):
            return Verdict.POSSIBLE
        match speaker(item):
            case "heard":
                return _ceiling_of_hearsay(item, own, against, trial, backed=backed)
            case "books":
                return _ceiling_of_books(against, backed=backed)
            case "note":
                return Verdict.POSSIBLE if trial.answered and not backed else Verdict.PROBABLE
            case _:
                return Verdict.CONFIRMED

    return [(item, ceiling(item)) for item in speaks]


def _ceiling_of_books(against: Container[str], *, backed: bool) -> Verdict:
    if backed:
        return Verdict.CONFIRMED
    if DEVICE in against:
        return Verdict.POSSIBLE
    return Verdict.PROBABLE if HEARD in against else Verdict.CONFIRMED


def _ceiling_of_hearsay(
    item: Evidence, own: Sequence[Evidence], against: Container[str], trial: Trial, *, backed: bool
) -> Verdict:
    """Return how far others' words lead: nowhere beyond `possible` on a device that answered and says nothing of the sort."""
    if backed:
        return Verdict.CONFIRMED
    if DEVICE in against or (trial.answered and not own and not _number(item)):
        return Verdict.POSSIBLE
    return Verdict.PROBABLE


def _sold_since(item: Evidence, made: Made) -> bool:
    """Tell whether a unit was bought so long after the last one a claim holds for that it can hardly be one of them."""
    first, last = made
    return item.until is not None and first is None and last is not None and last > item.until + STOCK


def _lowered(reached: Verdict | None, speaks: Sequence[Evidence], counters: Sequence[Evidence]) -> Verdict | None:
    """Return the verdict after counter-evidence: a proof beats anything weaker, strong words take one step."""
    if reached is None or not counters:
        return reached
    strongest, against = _strength(speaks), _strength(counters)
    if against is Strength.PROOF and strongest < Strength.PROOF:
        return None
    if against < Strength.STRONG or _only_macs(counters) > _only_macs(speaks):
        return reached
    return Verdict(reached - 1) if reached > Verdict.POSSIBLE else None


def _strength(evidence: Sequence[Evidence]) -> Strength:
    # A registry entry names who bought the number, not who built the box, so it is never a proof.
    return max(min(item.strength, Strength.STRONG) if _number(item) else item.strength for item in evidence)


def _number(item: Evidence) -> bool:
    """Tell whether evidence rests on a MAC alone, whichever reply the MAC stood in."""
    return item.number or item.witness == MAC


def _only_macs(evidence: Iterable[Evidence]) -> bool:
    return all(_number(item) for item in evidence if item.strength >= Strength.STRONG)


def _counts_against(item: Evidence, maker: str, trial: Trial) -> bool:
    if item.says.maker == maker or not _valid(item, trial.made) or trial.terms.speaker(item) == NOTE:
        return False
    # A device has one maker: strong words for another one are words against this one, said or not; a label that several makers'
    # boxes bear names none of them.
    names = bool(item.says.maker) and item.says.brand not in trial.terms.shared
    return maker in item.against or (names and item.strength >= Strength.STRONG)


def _valid(item: Evidence, made: Made) -> bool:
    first, last = made
    late = item.since is not None and last is not None and last < item.since
    early = item.until is not None and first is not None and first > item.until
    return not late and not early


def made_between(asset: CollectedAsset, evidence: Iterable[Evidence], as_of: date) -> Made:
    """Return the first and last day the device can have been made: a date on it says both, one of purchase only the last."""
    said = [value for item in evidence for key, value in item.captures if key == "date"]
    dates = [day for day in map(_day, said) if day is not None and day <= as_of]
    if dates:
        return min(dates), min(dates)
    bought = [_day(fact.value) for fact in asset.facts if fact.kind == ACQUIRED and not fact.about]
    return None, min((day for day in bought if day is not None and day <= as_of), default=None)


def _day(text: str) -> date | None:
    found = _DATE.match(text)
    if found is None:
        return None
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        return None


def _weight(item: Evidence) -> tuple[object, ...]:
    """Sort the strongest first, a device's own words before hearsay, then by what and where; never by arrival."""
    return (
        -item.strength,
        _number(item),
        bool(item.by),
        item.rule,
        item.fact.kind,
        item.fact.where,
        item.fact.value,
    )
