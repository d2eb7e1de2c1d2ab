"""What speaks for and against one maker, weighed into a verdict by strength and speaker."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from auditor.model import Asset, Evidence, Fact, Strength, Tier, Verdict
from auditor.normal import letters

DEVICE, BOOKS, HEARD, NOTE = "device", "books", "heard", "note"
MAC = "mac"
_ENOUGH = 2  # independent witnesses that make one step more
ACQUIRED = "inventory.acquired"
STOCK = timedelta(days=365)  # a unit may lie in a shop for a year before it is bought
LABEL_KINDS = frozenset({"inventory.vendor", "inventory.item"})
_MANUFACTURER = re.compile(r"manufacturer>\s*([^<\n]{2,40})<", re.IGNORECASE)
_HEAD, _LABEL_WORDS = 4_000, 4
Made = tuple[date | None, date | None]
_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)[-/.]?(?P<month>\d\d)(?:[-/.]?(?P<day>\d\d))?(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What judging needs to know of the vocabulary.

    `tiers` and `names` are by maker id; `decides` the kinds of facts whose reading says something even when nothing
    matches; `broad` the categories that give way to a closer one; `plain` says why a fact proves nothing, empty where
    it could have. Of kinds that nobody else reported, `books` hold what an inventory states, `notes` anybody's free
    text, `wordless` nothing a device says of its maker (names, ports, places); all others are its own words. `shared`
    are the labels several makers' boxes bear; `label_makers` says of a label, as letters, who builds it.
    """

    tiers: Mapping[str, Tier]
    names: Mapping[str, str] = field(default_factory=dict)
    decides: frozenset[str] = frozenset()
    broad: frozenset[str] = frozenset()
    books: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    wordless: frozenset[str] = frozenset()
    shared_labels: frozenset[str] = frozenset()
    label_makers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    plain: Callable[[Fact], str] = lambda _fact: ""

    def name(self, maker: str) -> str:
        """Return a maker as people write it."""
        return self.names.get(maker, maker)

    def label(self, fact: Fact) -> tuple[str, frozenset[str]]:
        """Return a label a fact begins with, or gives as manufacturer, and who builds it."""
        tag = _MANUFACTURER.search(fact.value[:_HEAD])
        if fact.kind not in LABEL_KINDS and not tag:
            return "", frozenset()
        words = (tag[1] if tag else fact.value[:_HEAD]).split()[:_LABEL_WORDS]
        names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        for name in names:
            if makers := self.label_makers.get(letters(name)):
                return name, makers
        return "", frozenset()

    def speaker(self, item: Evidence) -> str:
        """Return whose words evidence rests on: `device`, `books`, `heard` or `note`."""
        if item.fact.kind in self.notes:
            return NOTE
        if item.by:
            return HEARD
        return BOOKS if item.fact.kind in self.books else DEVICE

    def has_answered(self, asset: Asset) -> bool:
        """Tell whether a device said anything of itself that could name its maker."""
        silent = self.books | self.notes | self.wordless
        return any(not fact.about and fact.kind not in silent for fact in asset.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What all makers on one asset are weighed by: evidence, days of build, an answer."""

    evidence: tuple[Evidence, ...]
    build_days: Made
    has_answered: bool
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One maker on one asset: what speaks for it, against, no longer, and the verdict."""

    maker: str
    speaks: tuple[Evidence, ...]
    counters: tuple[Evidence, ...]
    verdict: Verdict | None
    opponents: bool


def reaches(level: Verdict, evidence: Iterable[Evidence]) -> bool:
    """Tell whether evidence suffices for a verdict: a witness counts once, MACs never confirm."""
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


def weigh(maker: str, trial: Trial) -> Weighing:
    """Return what one maker's case on an asset comes to."""
    claims = [item for item in trial.evidence if item.says.maker == maker]
    speaks = tuple(sorted((item for item in claims if _valid(item, trial.build_days)), key=_weight))
    old = tuple(item for item in claims if not _valid(item, trial.build_days))
    counters = tuple(sorted((item for item in trial.evidence if _counts_against(item, maker, trial)), key=_weight))
    items = [item for item in counters if _admissible(item, speaks, trial.terms)]
    verdict = _verdict_of(_ceilings(speaks, counters, trial), items)
    return Weighing(
        maker=maker,
        speaks=speaks,
        counters=(*counters, *old),
        verdict=verdict,
        opponents=verdict is None and _highest(speaks) is not None,
    )


def _verdict_of(ceilings: Sequence[tuple[Evidence, Verdict]], counters: Sequence[Evidence]) -> Verdict | None:
    """Return the highest verdict the evidence leads to, after what speaks against it."""
    verdict: list[Verdict] = []
    for level in {ceiling for _, ceiling in ceilings}:
        speaks = [item for item, ceiling in ceilings if ceiling >= level]
        if result := _lower(_highest(speaks), speaks, counters):
            verdict.append(min(result, level))
    return max(verdict, default=None)


def _highest(speaks: Sequence[Evidence]) -> Verdict | None:
    return next((level for level in reversed(Verdict) if reaches(level, speaks)), None)


def _admissible(counter: Evidence, speaks: Iterable[Evidence], terms: Terms) -> bool:
    """Tell whether counter-evidence takes from a maker, rather than only being shown.

    Hearsay clears nobody who spoke for himself or stands on the books; the books say nothing against what is only
    heard.
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
    witnesses = reaches(Verdict.PROBABLE, [item for item in own if not _number(item)])
    words = (item for item in counters if item.strength >= Strength.STRONG and not _number(item))
    against = frozenset(map(speaker, words))

    def ceiling(item: Evidence) -> Verdict:
        if _sold_since(item, trial.build_days):
            return Verdict.POSSIBLE
        match speaker(item):
            case "heard":
                return _ceiling_of_hearsay(item, own, against, trial, witnesses=witnesses)
            case "books":
                return _ceiling_of_books(against, witnesses=witnesses)
            case "note":
                return Verdict.POSSIBLE if trial.has_answered and not witnesses else Verdict.PROBABLE
            case _:
                return Verdict.CONFIRMED

    return [(item, ceiling(item)) for item in speaks]


def _ceiling_of_books(against: Container[str], *, witnesses: bool) -> Verdict:
    if witnesses:
        return Verdict.CONFIRMED
    if DEVICE in against:
        return Verdict.POSSIBLE
    return Verdict.PROBABLE if HEARD in against else Verdict.CONFIRMED


def _ceiling_of_hearsay(
    item: Evidence, own: Sequence[Evidence], against: Container[str], trial: Trial, *, witnesses: bool
) -> Verdict:
    """Return how far hearsay leads: `possible` on a device that answered and is silent."""
    if witnesses:
        return Verdict.CONFIRMED
    if DEVICE in against or (trial.has_answered and not own and not _number(item)):
        return Verdict.POSSIBLE
    return Verdict.PROBABLE


def _sold_since(item: Evidence, days: Made) -> bool:
    """Tell whether a unit was bought too long after a claim's last day to be one of them."""
    first, last = days
    return item.until is not None and first is None and last is not None and last > item.until + STOCK


def _lower(verdict: Verdict | None, speaks: Sequence[Evidence], counters: Sequence[Evidence]) -> Verdict | None:
    """Return the verdict after counter-evidence: a proof beats weaker, strong takes a step."""
    if verdict is None or not counters:
        return verdict
    strongest, against = _strength(speaks), _strength(counters)
    if against is Strength.PROOF and strongest < Strength.PROOF:
        return None
    if against < Strength.STRONG or _only_macs(counters) > _only_macs(speaks):
        return verdict
    return Verdict(verdict - 1) if verdict > Verdict.POSSIBLE else None


def _strength(evidence: Sequence[Evidence]) -> Strength:
    # A registry entry names who bought the number, not who built the box, so it is never a proof.
    return max(min(item.strength, Strength.STRONG) if _number(item) else item.strength for item in evidence)


def _number(item: Evidence) -> bool:
    """Tell whether evidence rests on a MAC alone, whichever reply the MAC stood in."""
    return item.number or item.witness == MAC


def _only_macs(evidence: Iterable[Evidence]) -> bool:
    return all(_number(item) for item in evidence if item.strength >= Strength.STRONG)


def _counts_against(item: Evidence, maker: str, trial: Trial) -> bool:
    if item.says.maker == maker or not _valid(item, trial.build_days) or trial.terms.speaker(item) == NOTE:
        return False
    # A device has one maker: strong words for another one are words against this one, said or not; a label that several
    # makers' boxes bear names none of them.
    names = bool(item.says.maker) and item.says.brand not in trial.terms.shared_labels
    return maker in item.against or (names and item.strength >= Strength.STRONG)


def _valid(item: Evidence, days: Made) -> bool:
    first, last = days
    late = item.since is not None and last is not None and last < item.since
    early = item.until is not None and first is not None and first > item.until
    return not late and not early


def made_between(asset: Asset, evidence: Iterable[Evidence], as_of: date) -> Made:
    """Return the first and last day of build; a purchase gives only the last."""
    texts = [value for item in evidence for key, value in item.captures if key == "date"]
    dates = [day for day in map(_day, texts) if day is not None and day <= as_of]
    if dates:
        return min(dates), min(dates)
    days = [_day(fact.value) for fact in asset.facts if fact.kind == ACQUIRED and not fact.about]
    return None, min((day for day in days if day is not None and day <= as_of), default=None)


def _day(text: str) -> date | None:
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return None


def _weight(item: Evidence) -> tuple[object, ...]:
    """Sort the strongest first, own words before hearsay, then by what and where."""
    return (-item.strength, _number(item), bool(item.by), item.rule, item.fact.kind, item.fact.where, item.fact.value)
