"""Evidence to findings: the only place where strength becomes a verdict."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from auditor.judge.weigh import Terms, Trial, Weighing, made_between, reaches, weigh
from auditor.model import (
    Asset,
    AuditedAsset,
    Evidence,
    Fact,
    Finding,
    Outcome,
    Part,
    Tier,
    Verdict,
    is_channel,
    part_of,
)
from auditor.normal import one_line

__all__ = ["Terms", "finding_id", "judge", "reaches"]

_UNNAMED = "unnamed"  # a part without a name is still not the device
_NAME, _MODEL = 40, 120
_LABEL = (
    "{label} is a label of gear that {makers} built, among others, and no list known here holds this number: its web "
    "or ONVIF page, its own MAC or its serial number would settle it."
)
CHANNEL = "channel:"


def judge(asset: Asset, evidence: Sequence[Evidence], terms: Terms, as_of: date) -> AuditedAsset:
    """Return the asset with a finding per maker that can be named, and why the outcome.

    `as_of` bounds which dates of manufacture are believed.
    """
    own = [item for item in evidence if part_of(item.fact.about) is None]
    days, has_answered = made_between(asset, own, as_of), terms.has_answered(asset)
    trial = Trial(evidence=tuple(own), build_days=days, has_answered=has_answered, terms=terms)
    makers = sorted({item.says.maker for item in own})
    cases = [weigh(maker, trial) for maker in makers]
    finding_makers = ((case, case.verdict) for case in cases if _is_listed(case.maker, terms))
    findings = tuple(_finding(asset, case, verdict, terms) for case, verdict in finding_makers if verdict)
    # Boards of a box that is named already add nothing to it; another member of its stack is a unit of its own.
    case_by_maker = {finding.maker for finding in findings if finding.verdict >= Verdict.PROBABLE}
    units, rows = _units(asset), {part.part: part for part in asset.parts}
    parts = tuple(
        replace(part, unit=units[part.part], category=_category_of(part, findings)) if part.part in units else part
        for part in (_stated(part, rows.get(part.part)) for part in _parts(asset, evidence, trial))
        if part.maker not in case_by_maker or part.part in units
    )
    outcome, why = _outcome(asset, own, cases, terms)
    vendor = "" if findings else _builder(cases, terms)
    return AuditedAsset(asset=asset.to_keep(), outcome=outcome, findings=findings, parts=parts, why=why, vendor=vendor)


def finding_id(box: str, maker: str, part: str = "") -> str:
    """Return the id of a finding on a box, named by its device number or else its key."""
    return hashlib.sha256(f"{box}\0{maker}\0{part}".encode("utf-8", "replace")).hexdigest()[:12]


def _finding(asset: Asset, case: Weighing, verdict: Verdict, terms: Terms, part: str = "") -> Finding:
    brand = _first(case.speaks, "brand") or ("" if part else _stated_label(asset, case.maker, terms))
    return Finding(
        id=finding_id(asset.key, case.maker, part),
        maker=case.maker,
        tier=terms.tiers[case.maker],
        brand=brand,
        model=_model(case.speaks, brand) or ("" if part else _stated_model(asset, case, terms)),
        category=_category(case.speaks, terms.broad),
        firmware=_first(case.speaks, "firmware") or _firmware(case.speaks),
        serial=_first(case.speaks, "serial") or ("" if part else asset.serial),
        verdict=verdict,
        evidence=case.speaks,
        against=case.counters,
        part=part,
    )


def _first(evidence: Iterable[Evidence], name: str) -> str:
    """Return the first capture of a name, strongest first; else what a rule says of it."""
    items = tuple(evidence)
    values = (dict(item.captures).get(name, "") for item in items)
    return next(filter(None, values), "") or next(filter(None, (getattr(item.says, name, "") for item in items)), "")


def _model(evidence: Sequence[Evidence], brand: str) -> str:
    """Return the strongest evidence's model, spelled out as far as others spell the same.

    What bears a label goes by the label's number, not by the one its maker gives the board inside.
    """
    items = sorted(evidence, key=lambda item: not (brand and item.says.brand == brand))
    models = [dict(item.captures).get("model", "") or item.says.model for item in items]
    first = next(filter(None, models), "")
    longer = [model for model in models if first and model.casefold().startswith(first.casefold())]
    return max(longer, key=len, default="")


def _stated_label(asset: Asset, maker: str, terms: Terms) -> str:
    """Return the label of this maker that an inventory or a reply of the device gives it."""
    own = (fact for fact in asset.facts if not fact.about and not fact.is_conclusion and fact.kind in terms.decides)
    labels = {one_line(label, _NAME) for label, makers in map(terms.label, own) if maker in makers}
    return labels.pop() if len(labels) == 1 else ""


def _stated_model(asset: Asset, case: Weighing, terms: Terms) -> str:
    """Return the one model an inventory states beside the vendor that names this maker."""
    rows = {item.fact.where for item in case.speaks if item.fact.kind == "inventory.vendor" and not item.by}
    facts = (fact for fact in asset.facts if fact.kind == "inventory.model" and not fact.about) if rows else ()
    models = {one_line(fact.value, _MODEL) for fact in facts if not fact.is_conclusion and not terms.plain(fact)}
    return models.pop() if len(models) == 1 else ""


def _firmware(evidence: Sequence[Evidence]) -> str:
    return " ".join(filter(None, (_first(evidence, "os"), _first(evidence, "release"))))


def _category(evidence: Iterable[Evidence], broad: frozenset[str]) -> str:
    categories = [item.says.category for item in evidence if item.says.category]
    return next((category for category in categories if category not in broad), next(iter(categories), ""))


def _parts(asset: Asset, evidence: Iterable[Evidence], trial: Trial) -> Iterable[Finding]:
    terms = trial.terms
    rows: dict[str, list[Evidence]] = {}
    for item in evidence:
        if (part := part_of(item.fact.about)) is not None:
            rows.setdefault(part or _UNNAMED, []).append(item)
    for part, items in sorted(rows.items()):
        for maker in sorted({item.says.maker for item in items if _is_listed(item.says.maker, terms)}):
            case = weigh(maker, _trial_of(part, tuple(items), trial))
            if case.verdict:
                yield _finding(asset, case, case.verdict, terms, part)


def _trial_of(part: str, evidence: tuple[Evidence, ...], trial: Trial) -> Trial:
    """Return the trial of a part; a camera behind a recorder did not answer for itself."""
    if not is_channel(part):
        return replace(trial, evidence=evidence)
    return replace(trial, evidence=evidence, has_answered=False, build_days=(None, None))


def _units(asset: Asset) -> dict[str, str]:
    """Return names of units: members of a stack (RFC 6933), cameras behind a recorder."""
    rows: dict[str, dict[str, str]] = {}
    for fact in asset.part_facts:
        rows.setdefault(part_of(fact.about) or "", {}).setdefault(fact.kind, fact.value)
    return {
        part: one_line(values.get("entity.name", ""), _NAME) or part.removeprefix(CHANNEL)
        for part, values in rows.items()
        if values.get("entity.class") == "chassis" or is_channel(part)
    }


def _stated(finding: Finding, part: Part | None) -> Finding:
    """Return a finding on a part with the serial number and the model the part itself says."""
    if part is None:
        return finding
    return replace(finding, serial=finding.serial or part.serial, model=finding.model or part.model)


def _category_of(part: Finding, findings: Iterable[Finding]) -> str:
    """Return the category of a unit: that of its stack; a camera is none of its recorder's."""
    categories = (one.category for one in findings if one.maker == part.maker and not is_channel(part.part))
    return next(filter(None, categories), part.category)


def _is_listed(maker: str, terms: Terms) -> bool:
    return terms.tiers.get(maker, Tier.OTHER) is not Tier.OTHER


def _outcome(asset: Asset, own: Sequence[Evidence], cases: Sequence[Weighing], terms: Terms) -> tuple[Outcome, str]:
    makers = [case for case in cases if terms.tiers.get(case.maker) is Tier.COVERED]
    reasons = [_on_a_match(case, case.verdict, terms) for case in makers if case.verdict]
    if reasons:
        return Outcome.MATCH, " ".join(reasons)
    facts = [fact for fact in asset.facts if not fact.about and not fact.is_conclusion]
    facts += [hearsay.fact for hearsay in asset.hearsay]
    if not facts and not own and asset.parts:
        return Outcome.UNDETERMINED, "It only said what stands in it or behind it, which does not settle who made it."
    if not facts and not own:
        return Outcome.UNREAD, "Nothing was read from it and nobody spoke of it."
    other = _other(cases, terms)
    if other:
        makers_here = f"It was recognised as {terms.name(other.maker)}: " if other.maker else ""
        return Outcome.NO_MATCH, makers_here + other.speaks[0].because
    against = next((terms.name(case.maker) for case in cases if case.opponents), None)
    if against:
        return Outcome.UNDETERMINED, f"What speaks for {against} is outweighed by what speaks against it."
    return _unsaid(makers, terms) or _silent(facts, terms)


def _unsaid(makers: Iterable[Weighing], terms: Terms) -> tuple[Outcome, str] | None:
    """Return that the only sign fits a covered maker as it fits others: nobody knows yet."""
    case = next((case for case in makers if case.speaks), None)
    if case is None:
        return None
    return Outcome.UNDETERMINED, f"It could be {terms.name(case.maker)}, or another maker: {case.speaks[0].because}"


def _other(cases: Iterable[Weighing], terms: Terms) -> Weighing | None:
    """Return an uncovered maker named at least as probable; of several none is surer."""
    sure = (case for case in cases if case.verdict and case.verdict >= Verdict.PROBABLE)
    foreign = (case for case in sure if terms.tiers.get(case.maker) is not Tier.COVERED)
    return max(foreign, key=lambda case: case.maker, default=None)


def _builder(cases: Iterable[Weighing], terms: Terms) -> str:
    """Return who else built it, by name; nothing for `another maker`, whoever that is."""
    other = _other(cases, terms)
    name = terms.name(other.maker) if other else ""
    return "" if name.casefold().startswith("another ") else name


def _silent(facts: Sequence[Fact], terms: Terms) -> tuple[Outcome, str]:
    """Return what silence of all rules means: nothing, unless a kind that decides was read."""
    decisive = [fact for fact in facts if fact.kind in terms.decides]
    if not decisive:
        kinds = ", ".join(sorted({fact.kind for fact in facts}))
        return Outcome.UNDETERMINED, f"Only {kinds} was read, which does not settle who made it."
    for label, makers in map(terms.label, decisive):
        if label:
            return Outcome.UNDETERMINED, _LABEL.format(
                label=one_line(label, _NAME), makers=" and ".join(map(terms.name, sorted(makers)))
            )
    reasons = [terms.plain(fact) for fact in decisive]
    if all(reasons):
        return Outcome.UNDETERMINED, f"What was read fits too many makers: {reasons[0]}"
    kinds = ", ".join(sorted({fact.kind for fact, why in zip(decisive, reasons, strict=True) if not why}))
    return Outcome.NO_MATCH, f"No rule fits what it said ({kinds})."


def _on_a_match(case: Weighing, verdict: Verdict, terms: Terms) -> str:
    witnesses = ", ".join(sorted({item.witness for item in case.speaks}))
    days = next((item for item in case.speaks if item.since or item.until), None)
    period = f" {_period(days)}" if days else ""
    against = f" Against it: {case.counters[0].because}" if case.counters else ""
    return f"{terms.name(case.maker)}: {verdict.word} by {witnesses}.{period}{against}"


def _period(item: Evidence) -> str:
    since = f" from {item.since}" if item.since else ""
    until = f" until {item.until}" if item.until else ""
    return f"Holds for units made{since}{until}."
