"""CycloneDX 1.6 (ECMA-424): every device a component, what we know of it as properties."""

import uuid
from collections.abc import Iterator

from auditor.formats.fields import dump, stamp
from auditor.model import Audit, AuditedAsset, Finding, Part, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.parts import mac_of, title
from auditor.report.views import binding, component, device, member, place, removal, spelled_macs, why
from auditor.report.words import DISCLAIMER, OUTCOMES, SILENCE

# A name space of our own, so that the same run always has the same serial number (RFC 9562, version 5).
_SPACE = uuid.UUID("6d6f1a6e-0c0f-5a7e-9b1d-2f5a7e3c9d10")


def as_cyclonedx(audit: Audit, options: Options) -> bytes:
    """Return the bill of devices, a line per device; findings are properties."""
    bill: dict[str, object] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, audit.run.id.encode('utf-8', 'replace').decode())}",
        "version": 1,
        "metadata": _metadata(audit),
    }
    # The head without its closing brace, then the devices one by one: as one dict they would take a gigabyte.
    pieces = [dump(bill, indent=1).removesuffix("\n}").encode(), b',\n "components": [']
    comma = b"\n"
    for line in _components(audit, options):
        pieces.append(comma + dump(line).encode())
        comma = b",\n"
    return b"".join([*pieces, b"]\n}\n"])


def _metadata(audit: Audit) -> dict[str, object]:
    return {
        "timestamp": stamp(audit.finished),
        "tools": {"components": [{"type": "application", "name": "auditor", "version": one_line(audit.tool)}]},
        "properties": [
            _property("as-of", audit.as_of.isoformat()),
            _property("notice", f"{SILENCE} {DISCLAIMER}"),
            *(_property("unread", f"{item.target.site} {item.target.address} {item.reason}") for item in audit.unread),
        ],
    }


def _components(audit: Audit, options: Options) -> Iterator[dict[str, object]]:
    references: set[str] = set()
    for item in audit.assets:
        reference = _unique(one_line(f"{item.asset.site}/{item.asset.key}"), references)
        references.add(reference)
        yield _component(item, reference, options)


def _unique(reference: str, references: set[str]) -> str:
    # Keys of two devices can differ in nothing but characters that may not be shown.
    number, candidate = 1, reference
    while candidate in references:
        number += 1
        candidate = f"{reference}#{number}"
    return candidate


def _component(item: AuditedAsset, reference: str, options: Options) -> dict[str, object]:
    main = min(item.findings, key=lambda finding: finding.tier is not Tier.COVERED, default=None)
    component: dict[str, object] = {
        "type": "device",
        "bom-ref": reference,
        "name": one_line(item.model or (main.model if main else "")) or device(item.asset) or reference,
        "properties": [_property(name, value) for name, value in _facts(item, options) if value],
    }
    if main is not None or item.vendor:
        component["manufacturer"] = {"name": options.name(main.maker) if main else one_line(item.vendor)}
    if version := item.firmware or (main.firmware if main else ""):
        component["version"] = one_line(version)
    if item.asset.parts:
        component["components"] = [_part(part) for part in item.asset.parts]
    return component


def _part(part: Part) -> dict[str, object]:
    texts = (
        ("class", part.sort), ("part", part.part), ("name", part.name), ("serial", part.serial),
        ("address", part.address), ("mac", mac_of(part)), ("asset", part.asset),
    )  # fmt: skip
    values: dict[str, object] = {
        "type": "device",
        "name": one_line(part.model) or title(part),
        "description": one_line(part.description),
        "version": one_line(part.firmware),
        "properties": [_property(name, text) for name, text in texts if text],
    }
    if part.vendor:
        values["manufacturer"] = {"name": one_line(part.vendor)}
    return {key: value for key, value in values.items() if value}


def _facts(item: AuditedAsset, options: Options) -> Iterator[tuple[str, str]]:
    asset = item.asset
    yield "site", asset.site
    yield "device", device(asset)
    yield "address", asset.address
    yield "mac", spelled_macs(asset)
    yield "serial", asset.serial
    yield "place", place(asset)
    for conflict in asset.conflicts:
        yield "conflict", conflict
    yield "seen", asset.seen.value
    yield "outcome", OUTCOMES[item.outcome]
    yield "why", item.why
    yield "removal", removal(item.removal) if item.removal else ""
    for finding in item.findings + item.parts:
        yield "finding", _summary(finding, options)
        for duty in binding(finding):
            yield "policy", f"{duty.policy}: {duty.applies.value}: {options.asks(duty.duty)} ({duty.cite})"


def _summary(finding: Finding, options: Options) -> str:
    what = member(finding) or component(finding)
    part = f", {what}" if what else ""
    waiver = f", waived until {finding.waiver.until}" if finding.waiver else ""
    label = options.label(finding.maker, finding.brand)
    brand = f", sold as {label}" if label else ""
    return f"{finding.maker}: {finding.verdict.word}{brand}{part}{waiver}: {why(finding)}"


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"auditor:{name}", "value": one_line(value)}
