"""What reports say of a finding, a device and a law, in one line of clean text each."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.model import (
    Applies,
    Asset,
    Audit,
    AuditedAsset,
    Confidence,
    Evidence,
    Finding,
    Obligation,
    Place,
    Seen,
    Tier,
    is_channel,
)
from auditor.normal import one_line, spelled

CELL = 400
MAX_CONFLICTS = 20
SHORTLY = {Applies.YES: "apply", Applies.IF_PURPOSE: "depend on use", Applies.UNDECIDABLE: "undecided"}
SECTIONS = {
    "covered": "Findings on covered makers",
    "components": "Components of covered makers inside other devices",
    "watched": "Watched makers: on other lists or on none, not covered ones",
}
ANY_OF = ", any of: "
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFinding:
    """A finding together with the device it is on."""

    item: AuditedAsset
    finding: Finding


def device_findings(audit: Audit, *, components: bool = True) -> list[DeviceFinding]:
    """Return every finding, surest first, then by site and device; components last."""
    pairs = [
        DeviceFinding(item=_unit(item, finding), finding=finding)
        for item in audit.assets
        for finding in (*item.findings, *item.parts)
        if components or not finding.is_component
    ]
    return sorted(pairs, key=_surest_first)


def notes(audit: Audit) -> list[str]:
    """Return what a report says of the run as a whole, and which marks contradict each other."""
    conflicts = [
        f"{device(item.asset)}{f' at {item.asset.site}' if item.asset.site else ''}: {conflict}"
        for item in audit.assets
        for conflict in item.asset.conflicts
    ]
    rest = len(conflicts) - MAX_CONFLICTS
    more = [f"{rest:,} more contradictions of marks stand beside their devices."] if rest > 0 else []
    return [one_line(note, CELL * 2) for note in (*audit.notes, *conflicts[:MAX_CONFLICTS], *more)]


def removal(step: str) -> str:
    """Return the sentence on a device that was there after it had gone: `removed on 2026-11-21`."""
    return f"Noted as {step}, yet read or heard again in this run"


def _unit(item: AuditedAsset, finding: Finding) -> AuditedAsset:
    """Return the device of a finding; a camera behind a recorder has a place of its own."""
    channels = (part for part in item.asset.parts if part.part == finding.part) if is_channel(finding.part) else ()
    if (part := next(iter(channels), None)) is None:
        return item
    asset, name = item.asset, device(item.asset)
    camera = replace(
        asset,
        name=name,
        seen=Seen.HEARD,
        address=part.address,
        addresses=(part.address,) if part.address else (),
        macs=(part.mac,) if part.mac else (),
        place=Place(
            switch=name,
            port=f"channel {finding.unit}",
            confidence=Confidence.MEDIUM,
            because=f"{name} lists it as its channel {finding.unit}.",
            behind=f"behind recorder {name}" + (f" on {place(asset)}" if asset.place else ""),
        ),
    )
    return replace(item, asset=camera)


def section(pair: DeviceFinding) -> str:
    """Return the list a finding stands on: a key of `SECTIONS`."""
    if pair.finding.tier is not Tier.COVERED:
        return "watched"
    return "components" if pair.finding.is_component else "covered"


def device(asset: Asset) -> str:
    """Return what people call a device: its name, address, first MAC or key."""
    mac = spelled(asset.macs[0]) if asset.macs else ""
    return one_line(asset.name or asset.address or mac or asset.key, CELL)


def name_of(pair: DeviceFinding) -> str:
    """Return what people call the unit of a finding: `sw-hq-1, stack member 2`."""
    return ", ".join(filter(None, (device(pair.item.asset), member(pair.finding))))


def member(finding: Finding) -> str:
    """Return which unit of a device a finding is about, `stack member 2`, or an empty text."""
    if not finding.unit:
        return ""
    sort = "camera on channel" if is_channel(finding.part) else "stack member"
    return f"{sort} {one_line(finding.unit, CELL)}"


def serial(pair: DeviceFinding) -> str:
    """Return the serial number of what a finding is about; a part has its own or none."""
    finding, asset = pair.finding, pair.item.asset
    return one_line(finding.serial or ("" if finding.part else asset.serial), CELL)


def place(asset: Asset) -> str:
    """Return where a device is plugged in, `sw1 Gi1/0/7 VLAN 20 (medium: behind SEP1)`."""
    where = asset.place
    if where is None:
        return ""
    vlan = "" if where.vlan is None else f" VLAN {where.vlan}"
    return one_line(f"{where.switch} {where.port}{vlan}{_doubt(where)}", CELL)


def port(asset: Asset) -> str:
    """Return the port alone, `GE0/0/7 (medium: behind SEP1)`, or an empty text."""
    return "" if asset.place is None else one_line(asset.place.port + _doubt(asset.place), CELL)


def _doubt(where: Place) -> str:
    """Return how sure a port is and why, or an empty text where it may be printed flatly."""
    if where.confidence is Confidence.HIGH:
        return ""
    reason = where.behind or where.because
    return f" ({where.confidence}: {reason})" if reason else f" ({where.confidence})"


def component(finding: Finding) -> str:
    """Return `component 68420352` (its entPhysical index), or an empty text."""
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
    """Return the obligations that may bind, the sure ones first; no `no`, no mere list."""
    return surest_first(item for item in finding.obligations if item.applies is not Applies.NO and not item.context)


def surest_first(obligations: Iterable[Obligation]) -> list[Obligation]:
    """Return obligations in the order a reader needs them: what surely applies first."""
    order = list(Applies)
    return sorted(obligations, key=lambda item: order.index(item.applies))


def answers_in_brief(finding: Finding) -> str:
    """Return how many policies ask something of a finding, `2 apply, 1 depend on use`."""
    counts = Counter(item.applies for item in binding(finding))
    return ", ".join(f"{counts[applies]} {says}" for applies, says in SHORTLY.items() if counts[applies])


def missing(pair: DeviceFinding) -> list[str]:
    """Return what names the device on paper and nobody has said yet."""
    asset, finding = pair.item.asset, pair.finding
    marks = {
        "model": finding.model,
        "serial number": serial(pair),
        "address": asset.address,
        "site": asset.site,
        "switch port": asset.place and asset.place.port,
    }
    return [name for name, value in marks.items() if not value]


def needs_of(*findings: Finding) -> list[str]:
    """Return what the laws that may bind ask to know besides, each question once."""
    asked_for: dict[str, set[str]] = {}
    for need in (need for finding in findings for item in binding(finding) for need in item.needs):
        what, any_of, answers = need.partition(ANY_OF)
        asked_for.setdefault(what + any_of, set()).update(answers.split(", ") if any_of else ())
    return [what + ", ".join(sorted(answers)) for what, answers in sorted(asked_for.items())]


def join(texts: Iterable[str]) -> str:
    """Return distinct texts in their order, `; ` between them."""
    return one_line("; ".join(dict.fromkeys(text for text in texts if text)), CELL * 5)


def spelled_macs(asset: Asset) -> str:
    """Return the MACs of a device the way people read them."""
    return one_line(" ".join(spelled(mac) for mac in asset.macs), CELL)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which 10.0.0.9 stands before 10.0.0.10, and both before names."""
    parts = (part for part in _DIGITS.split(text) if part)
    return tuple((0, int(part[:18]), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _surest_first(pair: DeviceFinding) -> tuple[object, ...]:
    finding = pair.finding
    surest = (finding.tier is not Tier.COVERED, finding.is_component, -finding.verdict)
    return (*surest, *by_site(pair.item), natural(finding.part), finding.maker, finding.id)


def by_site(item: AuditedAsset) -> tuple[object, ...]:
    """Return a sort key: by site, then by address the way people count."""
    asset = item.asset
    return (asset.site, natural(asset.address or asset.name or asset.key), asset.key)
