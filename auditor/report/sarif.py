"""SARIF 2.1.0 (OASIS): findings where teams look for them; unread are notifications."""

from urllib.parse import quote

from auditor.formats.fields import dump, stamp
from auditor.model import Asset, Audit, Finding, Tier, Verdict
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.rows import unread_rows
from auditor.report.views import (
    DeviceFinding,
    binding,
    device_findings,
    name_of,
    place,
    removal,
    serial,
    strongest,
    why,
)
from auditor.report.words import DISCLAIMER, SILENCE, counts, headline

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Verdict.CONFIRMED: "error", Verdict.PROBABLE: "warning", Verdict.POSSIBLE: "note"}


def as_sarif(audit: Audit, options: Options) -> bytes:
    """Return one SARIF run: a rule per rule that decided, a result per finding."""
    pairs = device_findings(audit)
    rules = {strongest(pair.finding).rule: pair.finding for pair in pairs}
    numbers = {name: number for number, name in enumerate(sorted(rules))}
    run = {
        "tool": {
            "driver": {
                "name": "auditor",
                "version": one_line(audit.tool),
                "rules": [_rule(name, rules[name]) for name in sorted(rules)],
            }
        },
        "invocations": [_invocation(audit)],
        "results": [_result(pair, numbers, options) for pair in pairs],
        "properties": {
            "headline": headline(audit),
            "counts": {label: number for label, number, _means in counts(audit)},
            "asOf": audit.as_of.isoformat(),
            "notice": f"{SILENCE} {DISCLAIMER}",
        },
    }
    return (dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n").encode()


def _rule(name: str, finding: Finding) -> dict[str, object]:
    first = strongest(finding)
    because, source = one_line(first.because) or name, one_line(first.source)
    help_text = f"{because} Source: {source}. `auditor rules show {one_line(name)}` prints the rule with its examples."
    rule: dict[str, object] = {
        "id": one_line(name),
        "name": one_line(name),
        "shortDescription": {"text": because},
        "fullDescription": {"text": f"{because} {DISCLAIMER}"},
        "help": {"text": f"{help_text} {DISCLAIMER}"},
    }
    return rule | ({"helpUri": source} if source.startswith("https://") else {})


def _uri(asset: Asset) -> str:
    """Return a relative reference for a device (RFC 3986), which takes the place of a file."""
    # A device may call itself by half a surrogate pair.
    site, key = (quote(text, safe="", errors="replace") for text in (asset.site, asset.key))
    return f"{site or 'no-site'}/{key}"


def _invocation(audit: Audit) -> dict[str, object]:
    failures = [
        {
            "level": "warning",
            "message": {"text": f"{row.site} {row.address}: {row.collector}: {row.means}. {row.detail}".strip()},
        }
        for row in unread_rows(audit)
    ]
    return {
        "executionSuccessful": not failures,
        "startTimeUtc": stamp(audit.run.started),
        "endTimeUtc": stamp(audit.finished),
        "toolExecutionNotifications": failures,
    }


def _result(pair: DeviceFinding, numbers: dict[str, int], options: Options) -> dict[str, object]:
    asset, finding = pair.item.asset, pair.finding
    rule = strongest(finding).rule
    name = name_of(pair)
    what = " ".join(filter(None, (options.name(finding.maker), one_line(finding.model))))
    part = " in a component" if finding.is_component else ""
    says = f"{name}: {what}{part}, {finding.verdict.word}. {why(finding)}"
    result: dict[str, object] = {
        "ruleId": one_line(rule),
        "ruleIndex": numbers[rule],
        **_level(finding),
        "message": {"text": says},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(asset)}, "region": {"startLine": 1}},
                "logicalLocations": [
                    {"name": name, "fullyQualifiedName": one_line(f"{asset.site}/{asset.key}"), "kind": "resource"}
                ],
            }
        ],
        "partialFingerprints": {
            "finding/v1": one_line(finding.id),
            "primaryLocationLineHash": f"{one_line(finding.id)}:1",
        },
        "properties": _properties(pair),
    }
    if pair.item.removal:
        result["message"] = {"text": f"{says} {removal(pair.item.removal)}."}
    if finding.waiver is not None:
        reason = one_line(f"{finding.waiver.why} ({finding.waiver.who}, until {finding.waiver.until})")
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result


def _properties(pair: DeviceFinding) -> dict[str, object]:
    asset, finding = pair.item.asset, pair.finding
    return {
        "site": one_line(asset.site),
        "address": one_line(asset.address),
        "maker": finding.maker,
        "brand": one_line(finding.brand),
        "verdict": finding.verdict.word,
        "serial": serial(pair),
        "place": place(asset),
        "policies": [f"{item.policy}: {item.applies.value}" for item in binding(finding)],
        "due": sorted({item.due.isoformat() for item in binding(finding) if item.due is not None}),
    }


def _level(finding: Finding) -> dict[str, object]:
    if finding.tier is not Tier.COVERED:
        return {"kind": "informational", "level": "none"}
    # A component accuses nobody by itself; SARIF asks for level none wherever the kind is not fail (3.27.10).
    if finding.is_component:
        return {"kind": "review", "level": "none"}
    return {"kind": "fail", "level": LEVELS[finding.verdict]}
