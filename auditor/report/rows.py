"""An audit as rows: findings, devices, unread targets; every text clean, on one line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date

from auditor.formats.fields import stamp
from auditor.model import Applies, Audit, AuditedAsset, Finding, Tier
from auditor.normal import one_line
from auditor.report import views
from auditor.report.words import OUTCOMES, REASON_MEANS

ANSWERS = {
    Applies.YES: "applies",
    Applies.IF_PURPOSE: "depends on the use of the site",
    Applies.UNDECIDABLE: "undecided",
    Applies.NO: "no",
}
FEW_CITES = 4


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
    place_confidence: str
    place_words: str
    conflicts: str
    kind: str
    remarks: str
    vendor: str
    role: str


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
    place_confidence: str
    place_words: str
    conflicts: str
    kind: str
    remarks: str
    vendor: str
    model: str
    firmware: str
    role: str


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


def columns(row: type) -> list[str]:
    """Return the column names of a row type, in order."""
    return [field.name for field in fields(row)]


def cells(row: FindingRow | DeviceRow | UnreadRow) -> list[str]:
    """Return the texts of a row, in the order of `columns`."""
    return [getattr(row, name) for name in type(row).__slots__]


def finding_rows(audit: Audit) -> Iterator[FindingRow]:
    """Yield one row per finding in the order of `found`."""
    return (finding_row(pair, audit.as_of) for pair in views.device_findings(audit))


def finding_row(pair: views.DeviceFinding, as_of: date) -> FindingRow:
    """Return a finding as a row; `due` is the next day as of then, `due_passed` the last."""
    finding = pair.finding
    return FindingRow(
        verdict=finding.verdict.word,
        maker=finding.maker,
        brand="" if finding.brand.casefold() == finding.maker.casefold() else one_line(finding.brand, views.CELL),
        model=one_line(finding.model, views.CELL),
        category=finding.category,
        serial=views.serial(pair),
        firmware=one_line(finding.firmware, views.CELL),
        part=one_line(finding.part, views.CELL),
        unit=views.member(finding),
        tier=finding.tier.value,
        why=views.why(finding),
        rules=views.join(item.rule for item in finding.evidence),
        against=views.join(item.because for item in finding.against),
        missing=views.join([*views.missing(pair), *views.needs_of(finding)]),
        finding=one_line(finding.id, views.CELL),
        **_device(pair.item),
        **_law(finding),
        **_due(finding, as_of),
        **_waiver(finding),
    )


def _law(finding: Finding) -> dict[str, str]:
    """Return the cells about laws; duties and citations are the settled ones alone."""
    duties = views.binding(finding)
    certain = [item for item in duties if item.applies is not Applies.UNDECIDABLE]
    return {
        "policies": views.join(item.policy for item in duties),
        "applies": views.join(f"{item.policy}: {item.applies.value}" for item in duties),
        "duty": views.join(item.duty for item in certain),
        "citation": _few(list(dict.fromkeys(item.cite for item in certain if item.cite))),
    }


def _due(finding: Finding, as_of: date) -> dict[str, str]:
    """Return the next day something may be due, under what, and the last that passed."""
    days_due = [(duty.due, duty) for duty in views.binding(finding) if duty.due is not None]
    coming = min((day for day, _duty in days_due if day >= as_of), default=None)
    last_passed = max((day for day, _duty in days_due if day < as_of), default=None)
    return {
        "due": str(coming or ""),
        "due_under": views.join(f"{duty.policy}: {duty.applies.value}" for day, duty in days_due if day == coming),
        "due_passed": str(last_passed or ""),
    }


def _few(cites: list[str]) -> str:
    """Return the first citations; the obligations list them all."""
    more = [f"and {len(cites) - FEW_CITES} more, listed under obligations"] if len(cites) > FEW_CITES else []
    return views.join([*cites[:FEW_CITES], *more])


def _waiver(finding: Finding) -> dict[str, str]:
    waiver = finding.waiver
    if waiver is None:
        return dict.fromkeys(("waived_by", "waived_until", "waived_why"), "")
    who, why = one_line(waiver.who, views.CELL), one_line(waiver.why, views.CELL)
    return {"waived_by": who, "waived_until": waiver.until.isoformat(), "waived_why": why}


def due_in_words(row: FindingRow) -> str:
    """Return the next day and its answers, `by 2026-12-31, applies`, or an empty text."""
    answers = {one.rsplit(": ", 1)[-1] for one in row.due_under.split("; ")}
    words = [ANSWERS[applies] for applies in Applies if applies.value in answers]
    return f"by {row.due}, {' or '.join(words)}" if row.due else ""


def waiver_in_words(row: FindingRow) -> str:
    """Return until when, by whom and why a finding was set aside, or an empty text."""
    return f"until {row.waived_until} by {row.waived_by}: {row.waived_why}" if row.waived_until else ""


def device_rows(audit: Audit, name: Callable[[str], str] = str) -> Iterator[DeviceRow]:
    """Yield one row per device, by site and address; `name` spells the makers."""
    return (device_row(item, name) for item in sorted(audit.assets, key=views.by_site))


def unread_rows(audit: Audit) -> list[UnreadRow]:
    """Return one row per failure to read, by site and address."""
    failures = sorted(
        audit.unread, key=lambda item: (item.target.site, views.natural(item.target.address), item.collector)
    )
    return [
        UnreadRow(
            site=one_line(item.target.site, views.CELL),
            address=one_line(item.target.address, views.CELL),
            collector=one_line(item.collector, views.CELL),
            reason=item.reason.value,
            means=REASON_MEANS[item.reason],
            detail=one_line(item.detail, views.CELL),
            at=stamp(item.at),
        )
        for item in failures
    ]


def device_row(item: AuditedAsset, name: Callable[[str], str] = str) -> DeviceRow:
    """Return one device with its outcome; `name` spells the makers."""
    findings = (finding for finding in item.findings if finding.tier is Tier.COVERED)
    return DeviceRow(
        addresses=one_line(" ".join(item.asset.addresses), views.CELL),
        serial=one_line(item.asset.serial, views.CELL),
        makers=views.join(f"{name(finding.maker)} ({finding.verdict.word})" for finding in findings),
        why=one_line(item.why, views.CELL),
        model=one_line(item.model, views.CELL),
        firmware=one_line(item.firmware, views.CELL),
        **_device(item),
    )


def _device(item: AuditedAsset) -> dict[str, str]:
    """Return the cells about a device that every table of devices and findings has."""
    asset, where = item.asset, item.asset.place
    return {
        "site": one_line(asset.site, views.CELL),
        "device": views.device(asset),
        "address": one_line(asset.address, views.CELL),
        "mac": views.spelled_macs(asset),
        "outcome": OUTCOMES[item.outcome],
        "seen": asset.seen.value,
        "switch": "" if where is None else one_line(where.switch, views.CELL),
        "port": views.port(asset),
        "vlan": "" if where is None or where.vlan is None else str(where.vlan),
        "asset": one_line(asset.key, views.CELL),
        "place_confidence": "" if where is None else where.confidence.value,
        "place_words": "" if where is None else one_line(where.because, views.CELL),
        "conflicts": views.join(asset.conflicts),
        "kind": asset.kind.value,
        "vendor": one_line(item.vendor, views.CELL),
        "role": one_line(item.role, views.CELL),
        "remarks": views.join([*asset.remarks, *([f"{views.removal(item.removal)}."] if item.removal else [])]),
    }
