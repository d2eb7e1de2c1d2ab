"""An audit as rows: one per finding, per device, per unread target; every text in them is clean and on one line."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

from auditor.model import Applies, Asset, Audit, AuditedAsset, Evidence, Finding, Obligation, Tier
from auditor.normal import one_line, spelled
from auditor.report.words import OUTCOMES, REASON_MEANS

CELL = 400
ANSWERS = {
    Applies.YES: "applies",
    Applies.IF_PURPOSE: "if used so",
    Applies.UNDECIDABLE: "undecided",
    Applies.NO: "no",
}
SHORTLY = {Applies.YES: "apply", Applies.IF_PURPOSE: "if used so", Applies.UNDECIDABLE: "undecided"}
SECTIONS = {
    "covered": "Findings on covered makers",
    "components": "Components of covered makers inside other devices",
    "watched": "Watched makers: on other lists or on none, not covered ones",
}
FEW_CITES = 4
_ANY_OF = ", any of: "
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding the way a table shows it; the field names are the CSV header."""

    verdict: str
    outcome: str
    site: str
    device: str
    address: str
    mac: str
    maker: str
    brand: str
    model: str
    category: str
    serial: str
    firmware: str
    seen: str
    switch: str
    port: str
    vlan: str
    part: str
    unit: str
    tier: str
    why: str
    rules: str
    against: str
    policies: str
    applies: str
    duty: str
    citation: str
    due: str
    due_under: str
    due_passed: str
    missing: str
    waived_by: str
    waived_until: str
    waived_why: str
    asset: str
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """One device with its outcome."""

    site: str
    device: str
    address: str
    addresses: str
    mac: str
    serial: str
    outcome: str
    makers: str
    seen: str
    switch: str
    port: str
    vlan: str
    why: str
    asset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRow:
    """One device, or a part of it, that could not be examined."""

    site: str
    address: str
    collector: str
    reason: str
    means: str
    detail: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding together with the device it is on."""

    item: AuditedAsset
    finding: Finding


def columns(row: type) -> list[str]:
    """Return the column names of a row type, in order."""
    return [field.name for field in fields(row)]


def cells(row: FindingRow | DeviceRow | UnreadRow) -> list[str]:
    """Return the texts of a row, in the order of `columns`."""
    return [getattr(row, name) for name in type(row).__slots__]


def found(audit: Audit, *, components: bool = True) -> list[Found]:
    """Return every finding, surest first, then by site and device; findings on components follow those on devices."""
    pairs = [
        Found(item=item, finding=finding)
        for item in audit.assets
        for finding in (*item.findings, *item.parts)
        if components or not finding.is_component
    ]
    return sorted(pairs, key=_surest_first)


def section(pair: Found) -> str:
    """Return the list a finding stands on: a key of `SECTIONS`."""
    if pair.finding.tier is not Tier.COVERED:
        return "watched"
    return "components" if pair.finding.is_component else "covered"


def finding_rows(audit: Audit) -> Iterator[FindingRow]:
    """Yield one row per finding in the order of `found`."""
    return (finding_row(pair, audit.as_of) for pair in found(audit))


def finding_row(pair: Found, as_of: date) -> FindingRow:
    """Return one finding as a table shows it; `due` is the next day from `as_of` on that a duty sets, `due_passed` the last before."""
    asset, finding = pair.item.asset, pair.finding
    place = asset.place
    return FindingRow(
        verdict=finding.verdict.word,
        outcome=OUTCOMES[pair.item.outcome],
        site=one_line(asset.site, CELL),
        device=device(asset),
        address=one_line(asset.address, CELL),
        mac=spelled_macs(asset),
        maker=finding.maker,
        brand="" if finding.brand.casefold() == finding.maker.casefold() else one_line(finding.brand, CELL),
        model=one_line(finding.model, CELL),
        category=finding.category,
        serial=serial(pair),
        firmware=one_line(finding.firmware, CELL),
        seen=asset.seen.value,
        switch="" if place is None else one_line(place.switch, CELL),
        port="" if place is None else one_line(place.port, CELL),
        vlan="" if place is None or place.vlan is None else str(place.vlan),
        part=one_line(finding.part, CELL),
        unit=member(finding),
        tier=finding.tier.value,
        why=why(finding),
        rules=joined(item.rule for item in finding.evidence),
        against=joined(item.because for item in finding.against),
        missing=joined([*missing(pair), *needed(finding)]),
        asset=one_line(asset.key, CELL),
        finding=one_line(finding.id, CELL),
        **_law(finding),
        **_due(finding, as_of),
        **_waiver(finding),
    )


def _law(finding: Finding) -> dict[str, str]:
    """Return the cells about laws; duties and citations are those that are settled, the policies name the open ones too."""
    duties = binding(finding)
    settled = [item for item in duties if item.applies is not Applies.UNDECIDABLE]
    return {
        "policies": joined(item.policy for item in duties),
        "applies": joined(f"{item.policy}: {item.applies.value}" for item in duties),
        "duty": joined(item.duty for item in settled),
        "citation": _few(list(dict.fromkeys(item.cite for item in settled if item.cite))),
    }


def _due(finding: Finding, as_of: date) -> dict[str, str]:
    """Return the next day by which something may be due of a finding, under what, and the last such day that has passed."""
    dated = [(duty.due, duty) for duty in binding(finding) if duty.due is not None]
    coming = min((day for day, _duty in dated if day >= as_of), default=None)
    passed = max((day for day, _duty in dated if day < as_of), default=None)
    return {
        "due": "" if coming is None else coming.isoformat(),
        "due_under": joined(f"{duty.policy}: {duty.applies.value}" for day, duty in dated if day == coming),
        "due_passed": "" if passed is None else passed.isoformat(),
    }


def _few(cites: list[str]) -> str:
    """Return the first citations; a cell with twenty of them is read by nobody, and the obligations list them all."""
    more = [f"and {len(cites) - FEW_CITES} more, listed under obligations"] if len(cites) > FEW_CITES else []
    return joined([*cites[:FEW_CITES], *more])


def _waiver(finding: Finding) -> dict[str, str]:
    waiver = finding.waiver
    return {
        "waived_by": "" if waiver is None else one_line(waiver.who, CELL),
        "waived_until": "" if waiver is None else waiver.until.isoformat(),
        "waived_why": "" if waiver is None else one_line(waiver.why, CELL),
    }


def due_in_words(row: FindingRow) -> str:
    """Return the next day with the answers of the laws that set it, `by 2026-12-31, if used so`, or an empty text."""
    answers = {one.rsplit(": ", 1)[-1] for one in row.due_under.split("; ")}
    words = [ANSWERS[applies] for applies in Applies if applies.value in answers]
    return f"by {row.due}, {' or '.join(words)}" if row.due else ""


def waived(row: FindingRow) -> str:
    """Return until when, by whom and why a finding was set aside, or an empty text."""
    return f"until {row.waived_until} by {row.waived_by}: {row.waived_why}" if row.waived_until else ""


def device_rows(audit: Audit, name: Callable[[str], str] = str) -> Iterator[DeviceRow]:
    """Yield one row per device, by site, then by address the way people count; `name` spells the makers."""
    return (device_row(item, name) for item in sorted(audit.assets, key=by_site))


def unread_rows(audit: Audit) -> list[UnreadRow]:
    """Return one row per failure to read, by site and address."""
    ordered = sorted(audit.unread, key=lambda item: (item.target.site, natural(item.target.address), item.collector))
    return [
        UnreadRow(
            site=one_line(item.target.site, CELL),
            address=one_line(item.target.address, CELL),
            collector=one_line(item.collector, CELL),
            reason=item.reason.value,
            means=REASON_MEANS[item.reason],
            detail=one_line(item.detail, CELL),
            at=item.at.isoformat().replace("+00:00", "Z"),
        )
        for item in ordered
    ]


def device(asset: Asset) -> str:
    """Return what people call a device: its name, else its address, else its first MAC, else its key."""
    mac = spelled(min(asset.macs)) if asset.macs else ""
    return one_line(asset.name or asset.address or mac or asset.key, CELL)


def called(pair: Found) -> str:
    """Return what people call the unit a finding is about: its device, or `sw-hq-1, stack member 2`."""
    return ", ".join(filter(None, (device(pair.item.asset), member(pair.finding))))


def member(finding: Finding) -> str:
    """Return which member of a stack a finding is about, `stack member 2`, or an empty text."""
    return f"stack member {one_line(finding.unit, CELL)}" if finding.unit else ""


def serial(pair: Found) -> str:
    """Return the serial number of what a finding is about; a part never takes that of its device."""
    finding, asset = pair.finding, pair.item.asset
    return one_line(finding.serial or ("" if finding.part else asset.serial), CELL)


def place(asset: Asset) -> str:
    """Return where a device is plugged in, `sw-hq-1 GE0/0/7 VLAN 20`, or an empty text."""
    where = asset.place
    if where is None:
        return ""
    vlan = "" if where.vlan is None else f" VLAN {where.vlan}"
    return one_line(f"{where.switch} {where.port}{vlan}", CELL)


def component(finding: Finding) -> str:
    """Return which component a finding is about, `component 68420352` (its entPhysical index), or an empty text."""
    if not finding.is_component:
        return ""
    part = finding.part.removeprefix("part:")
    return f"component {one_line(part, CELL)}" if any(map(str.isalnum, part)) else "a component"


def why(finding: Finding) -> str:
    """Return the reason given by the strongest piece of evidence."""
    return one_line(strongest(finding).because, CELL)


def strongest(finding: Finding) -> Evidence:
    """Return the piece of evidence that weighs most; of equals the first by rule."""
    return finding.evidence[0]


def binding(finding: Finding) -> list[Obligation]:
    """Return the obligations that may bind, those that surely do first; a plain `no` asks nothing, nor does a mere list."""
    return weighed(item for item in finding.obligations if item.applies is not Applies.NO and not item.context)


def weighed(obligations: Iterable[Obligation]) -> list[Obligation]:
    """Return obligations in the order a reader needs them: what surely applies first."""
    order = list(Applies)
    return sorted(obligations, key=lambda item: order.index(item.applies))


def asked(finding: Finding) -> str:
    """Return how many policies ask something of a finding, in one line: `2 apply, 1 if used so`."""
    counts = Counter(item.applies for item in binding(finding))
    return ", ".join(f"{counts[applies]} {says}" for applies, says in SHORTLY.items() if counts[applies])


def missing(pair: Found) -> list[str]:
    """Return what names the device on paper and nobody has said yet."""
    asset, finding = pair.item.asset, pair.finding
    known = {
        "model": finding.model,
        "serial number": serial(pair),
        "address": asset.address,
        "site": asset.site,
        "switch port": asset.place and asset.place.port,
    }
    return [name for name, value in known.items() if not value]


def needed(*findings: Finding) -> list[str]:
    """Return what the laws that may bind ask to know besides; what may be any of several is asked once, with all of them."""
    asked_for: dict[str, set[str]] = {}
    for need in (need for finding in findings for item in binding(finding) for need in item.needs):
        what, any_of, answers = need.partition(_ANY_OF)
        asked_for.setdefault(what + any_of, set()).update(answers.split(", ") if any_of else ())
    return [what + ", ".join(sorted(answers)) for what, answers in sorted(asked_for.items())]


def joined(texts: Iterable[str]) -> str:
    """Return distinct texts in their order, `; ` between them."""
    return one_line("; ".join(dict.fromkeys(text for text in texts if text)), CELL * 5)


def spelled_macs(asset: Asset) -> str:
    """Return the MACs of a device the way people read them."""
    return one_line(" ".join(spelled(mac) for mac in sorted(asset.macs)), CELL)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which 10.0.0.9 stands before 10.0.0.10, and both before names."""
    parts = (part for part in _DIGITS.split(text) if part)
    return tuple((0, int(part[:18]), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _surest_first(pair: Found) -> tuple[object, ...]:
    asset, finding = pair.item.asset, pair.finding
    return (
        finding.tier is not Tier.COVERED,
        finding.is_component,
        -finding.verdict,
        asset.site,
        natural(asset.address or asset.name or asset.key),
        asset.key,
        natural(finding.part),
        finding.maker,
        finding.id,
    )


def by_site(item: AuditedAsset) -> tuple[object, ...]:
    """Return a sort key: by site, then by address the way people count."""
    asset = item.asset
    return (asset.site, natural(asset.address or asset.name or asset.key), asset.key)


def device_row(item: AuditedAsset, name: Callable[[str], str] = str) -> DeviceRow:
    """Return one device with its outcome; `name` spells the makers."""
    asset = item.asset
    where = asset.place
    return DeviceRow(
        site=one_line(asset.site, CELL),
        device=device(asset),
        address=one_line(asset.address, CELL),
        addresses=one_line(" ".join(sorted(asset.addresses)), CELL),
        mac=spelled_macs(asset),
        serial=one_line(asset.serial, CELL),
        outcome=OUTCOMES[item.outcome],
        makers=joined(
            f"{name(finding.maker)} ({finding.verdict.word})"
            for finding in item.findings
            if finding.tier is Tier.COVERED
        ),
        seen=asset.seen.value,
        switch="" if where is None else one_line(where.switch, CELL),
        port="" if where is None else one_line(where.port, CELL),
        vlan="" if where is None or where.vlan is None else str(where.vlan),
        why=one_line(item.why, CELL),
        asset=one_line(asset.key, CELL),
    )
