"""The audit document, schema 1: an `Audit` as JSON that other programs rely on, and back. Pure; files are others' business.

What a device said stays word for word in it. An asset's own facts are left out but for those its evidence rests on: the journal
keeps them all, and every report can be made from the document alone.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import TypeAlias, TypeVar

from auditor.errors import InputError
from auditor.formats.journal import instant, stamp
from auditor.model import (
    About,
    Applies,
    Asset,
    Audit,
    AuditedAsset,
    Claim,
    Evidence,
    Fact,
    Finding,
    Hearsay,
    Obligation,
    Outcome,
    Place,
    Reason,
    Run,
    Seen,
    Strength,
    Tables,
    Target,
    Tier,
    Unread,
    Verdict,
    Waiver,
    kind_of,
)
from auditor.tables import Entry

SCHEMA = 1

Json: TypeAlias = dict[str, object]
T = TypeVar("T")

# JSON escapes C0 itself; these would still reach a terminal, or could not be written as UTF-8 at all.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def to_json(audit: Audit) -> str:
    """Return the document as text, keys sorted, a line per asset, ending in a newline; the same audit gives the same bytes."""
    return "".join(json_lines(audit))


def json_lines(audit: Audit) -> Iterator[str]:
    """Yield the text of the document in pieces, so that a hundred thousand assets are never held as dicts all at once."""
    head = to_document(replace(audit, assets=())) | {"summary": summary(audit)}
    del head["assets"]
    yield '{"assets":['
    comma = "\n"
    for item in _ordered(audit):
        yield comma + dump(asset_document(item))
        comma = ",\n"
    yield "]"
    for key in sorted(head):
        yield f',\n"{key}":{dump(head[key])}'
    yield "}\n"


def dump(value: object, *, indent: int | None = None) -> str:
    """Return JSON with sorted keys that holds no control, bidirectional or lone surrogate character."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, separators=separators)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def load(text: str | bytes) -> Audit:
    """Return the audit a document holds; text that is no such document is an `InputError`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"not a JSON document: {exc}") from None
    return from_document(document)


def to_document(audit: Audit) -> Json:
    """Return schema 1 as plain dicts and lists, every list in a stable order."""
    return {
        "schema": SCHEMA,
        "tool": {"version": audit.tool},
        "tables": {
            "rules": audit.tables.rules,
            "oui": _day(audit.tables.oui),
            "policies": {name: day.isoformat() for name, day in sorted(audit.tables.policies)},
        },
        "run": {
            "id": audit.run.id,
            "started": stamp(audit.run.started),
            "finished": stamp(audit.finished),
            "as_of": audit.as_of.isoformat(),
            "sites": sorted(audit.run.sites),
            "tool": audit.run.tool,
            "addresses": audit.run.addresses,
            "scope": list(audit.run.scope),
        },
        "summary": summary(audit),
        "assets": [asset_document(item) for item in _ordered(audit)],
        "unread": [_unread(item) for item in sorted(audit.unread, key=_unread_order)],
        "notes": list(audit.notes),
    }


def _ordered(audit: Audit) -> list[AuditedAsset]:
    return sorted(audit.assets, key=lambda item: (item.asset.site, item.asset.key))


def summary(audit: Audit) -> Json:
    """Return the counts every report opens with.

    `unread` counts devices (site and address) of which something could not be read, `partly_read` those among them that were
    read all the same; `findings` counts verdicts on covered makers, `watch` findings on makers that other lists name.
    """
    outcomes = Counter(item.outcome for item in audit.assets)
    findings = [finding for item in audit.assets for finding in item.findings]
    verdicts = Counter(finding.verdict for finding in findings if finding.tier is Tier.COVERED)
    failed = {(item.target.site, item.target.address) for item in audit.unread}
    failed |= {_where(item) for item in audit.assets if item.outcome is Outcome.UNREAD}
    read = {
        (item.asset.site, address)
        for item in audit.assets
        if item.asset.seen is Seen.READ and item.outcome is not Outcome.UNREAD
        for address in (*item.asset.addresses, item.asset.address)
    }
    return {
        "assets": len(audit.assets),
        "match": outcomes[Outcome.MATCH],
        "no_match": outcomes[Outcome.NO_MATCH],
        "undetermined": outcomes[Outcome.UNDETERMINED],
        "unread": len(failed),
        "partly_read": len(failed & read),
        "read": sum(item.asset.seen is Seen.READ for item in audit.assets),
        "heard": sum(item.asset.seen is Seen.HEARD for item in audit.assets),
        "findings": {verdict.word: verdicts[verdict] for verdict in Verdict},
        "watch": sum(finding.tier is Tier.WATCH for finding in findings),
        "waived": sum(finding.waiver is not None for finding in findings),
    }


def _where(item: AuditedAsset) -> tuple[str, str]:
    return item.asset.site, item.asset.address or item.asset.key


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def asset_document(item: AuditedAsset) -> Json:
    """Return one asset of the document."""
    asset = item.asset
    return {
        "key": asset.key,
        "site": asset.site,
        "address": asset.address,
        "addresses": sorted(asset.addresses),
        "name": asset.name,
        "macs": sorted(asset.macs),
        "serial": asset.serial,
        "seen": asset.seen.value,
        "place": None if asset.place is None else asdict(asset.place),
        "outcome": item.outcome.value,
        "why": item.why,
        "collectors": sorted(asset.collectors),
        "said": [
            {"by": said.by, "fact": _fact(said.fact)}
            for said in sorted(asset.hearsay, key=lambda said: (said.by, *_fact_order(said.fact)))
        ],
        "findings": [_finding(finding) for finding in sorted(item.findings, key=_finding_order)],
        "parts": [_finding(finding) for finding in sorted(item.parts, key=_finding_order)],
    }


def _finding(finding: Finding) -> Json:
    waived = finding.waiver
    return {
        "id": finding.id,
        "maker": finding.maker,
        "tier": finding.tier.value,
        "brand": finding.brand,
        "model": finding.model,
        "category": finding.category,
        "firmware": finding.firmware,
        "serial": finding.serial,
        "part": finding.part,
        "unit": finding.unit,
        "verdict": finding.verdict.word,
        "for": [_evidence(item) for item in sorted(finding.evidence, key=_evidence_order)],
        "against": [_evidence(item) for item in sorted(finding.against, key=_evidence_order)],
        "obligations": [_obligation(item) for item in sorted(finding.obligations, key=_obligation_order)],
        "waived": None if waived is None else asdict(waived) | {"until": waived.until.isoformat()},
    }


def _finding_order(finding: Finding) -> tuple[object, ...]:
    return (-finding.verdict, finding.maker, finding.part, finding.id)


def _evidence(item: Evidence) -> Json:
    says = item.says
    return {
        "rule": item.rule,
        "strength": item.strength.word,
        "because": item.because,
        "source": item.source,
        "fact": _fact(item.fact),
        "captures": dict(item.captures),
        "says": {"maker": says.maker, "brand": says.brand, "model": says.model, "category": says.category},
        "speaks_against": sorted(item.against),
        "witness": item.witness,
        "by": item.by,
        "cap": item.cap.word,
        "since": _day(item.since),
        "until": _day(item.until),
    }


def _evidence_order(item: Evidence) -> tuple[object, ...]:
    return (-item.strength, item.rule, *_fact_order(item.fact), item.by)


def _fact(fact: Fact) -> Json:
    return {"kind": fact.kind, "where": fact.where, "value": fact.value, "about": fact.about}


def _fact_order(fact: Fact) -> tuple[str, ...]:
    return (fact.kind, fact.where, fact.value, fact.about)


def _obligation(item: Obligation) -> Json:
    return {
        "policy": item.policy,
        "title": item.title,
        "duty": item.duty,
        "applies": item.applies.value,
        "since": _day(item.since),
        "until": _day(item.until),
        "due": _day(item.due),
        "jurisdiction": item.jurisdiction,
        "cite": item.cite,
        "url": item.url,
        "condition": item.condition,
        "bound": item.bound,
        "needs": list(item.needs),
        "evidence_class": item.evidence_class,
        "context": item.context,
    }


def _obligation_order(item: Obligation) -> tuple[str, ...]:
    return (item.policy, item.duty, item.cite, item.condition, item.bound)


def _unread(item: Unread) -> Json:
    return {
        "site": item.target.site,
        "address": item.target.address,
        "collector": item.collector,
        "at": stamp(item.at),
        "reason": item.reason.value,
        "detail": item.detail,
    }


def _unread_order(item: Unread) -> tuple[object, ...]:
    return (item.target.site, item.target.address, item.collector, item.reason.value, item.at, item.detail)


def from_document(document: object) -> Audit:
    """Return the audit a document of schema 1 holds, unknown keys ignored; a broken one is an `InputError` naming the bad key."""
    top = Entry(document, "")
    schema = top.values.get("schema")
    if schema != SCHEMA:
        raise InputError(f"is {schema!r:.40}, must be {SCHEMA}; judge the journal again", where="schema")
    run, tables = top.entry("run"), top.entry("tables")
    policies = tables.entry("policies")
    return Audit(
        tool=top.entry("tool").text("version"),
        tables=Tables(
            rules=tables.text("rules"),
            oui=tables.optional("oui", date.fromisoformat),
            policies=tuple((name, policies.parsed(name, date.fromisoformat)) for name in sorted(policies.values)),
        ),
        run=Run(
            id=run.text("id"),
            started=run.parsed("started", instant),
            tool=run.text("tool", ""),
            sites=run.texts("sites"),
            addresses=run.number("addresses", 0),
            scope=run.texts("scope"),
        ),
        finished=run.parsed("finished", instant),
        as_of=run.parsed("as_of", date.fromisoformat),
        assets=tuple(_read_asset(entry) for entry in top.entries("assets")),
        unread=tuple(_read_unread(entry) for entry in top.entries("unread")),
        notes=top.texts("notes"),
    )


def _strength(word: str) -> Strength:
    return Strength[word.upper()]


def _verdict(word: str) -> Verdict:
    return Verdict[word.upper()]


def _read_asset(entry: Entry) -> AuditedAsset:
    place = entry.maybe("place")
    asset = Asset(
        key=entry.text("key"),
        site=entry.text("site"),
        address=entry.text("address", ""),
        addresses=entry.texts("addresses"),
        name=entry.text("name", ""),
        macs=entry.texts("macs"),
        serial=entry.text("serial", ""),
        seen=entry.parsed("seen", Seen),
        place=None if place is None else _read_place(place),
        hearsay=tuple(
            Hearsay(by=said.text("by"), fact=_read_fact(said.entry("fact"))) for said in entry.entries("said")
        ),
        collectors=entry.texts("collectors"),
    )
    try:
        return AuditedAsset(
            asset=asset,
            outcome=entry.parsed("outcome", Outcome),
            findings=tuple(_read_finding(item) for item in entry.entries("findings")),
            parts=tuple(_read_finding(item) for item in entry.entries("parts")),
            why=entry.text("why", ""),
        )
    except ValueError as exc:
        raise InputError(str(exc), where=entry.where.rstrip(".")) from None


def _read_place(entry: Entry) -> Place:
    vlan = entry.values.get("vlan")
    if vlan is not None and (not isinstance(vlan, int) or isinstance(vlan, bool)):
        raise InputError("must be a number or null", where=entry.where + "vlan")
    return Place(
        switch=entry.text("switch"),
        port=entry.text("port"),
        vlan=vlan,
        because=entry.text("because", ""),
        powered=entry.values.get("powered") is True,
    )


def _read_finding(entry: Entry) -> Finding:
    waived = entry.maybe("waived")
    return Finding(
        id=entry.text("id"),
        maker=entry.text("maker"),
        tier=entry.parsed("tier", Tier, Tier.COVERED.value),
        brand=entry.text("brand", ""),
        model=entry.text("model", ""),
        category=entry.text("category", ""),
        firmware=entry.text("firmware", ""),
        serial=entry.text("serial", ""),
        part=entry.text("part", ""),
        unit=entry.text("unit", ""),
        verdict=entry.parsed("verdict", _verdict),
        evidence=tuple(_read_evidence(item) for item in entry.entries("for")),
        against=tuple(_read_evidence(item) for item in entry.entries("against")),
        obligations=tuple(_read_obligation(item) for item in entry.entries("obligations")),
        waiver=None if waived is None else _read_waiver(waived),
    )


def _read_evidence(entry: Entry) -> Evidence:
    says, captures = entry.entry("says"), entry.entry("captures")
    return Evidence(
        rule=entry.text("rule"),
        says=Claim(
            maker=says.text("maker", ""),
            brand=says.text("brand", ""),
            model=says.text("model", ""),
            category=says.text("category", ""),
        ),
        strength=entry.parsed("strength", _strength),
        because=entry.text("because"),
        source=entry.text("source"),
        fact=_read_fact(entry.entry("fact")),
        witness=entry.text("witness", ""),
        captures=tuple((name, captures.text(name)) for name in sorted(captures.values)),
        against=entry.texts("speaks_against"),
        cap=entry.parsed("cap", _verdict, Verdict.CONFIRMED.word),
        by=entry.text("by", ""),
        since=entry.optional("since", date.fromisoformat),
        until=entry.optional("until", date.fromisoformat),
    )


def _read_fact(entry: Entry) -> Fact:
    return Fact(
        kind=kind_of(entry.text("kind")),
        value=entry.text("value"),
        where=entry.text("where", ""),
        about=About(entry.text("about", "")),
    )


def _read_obligation(entry: Entry) -> Obligation:
    return Obligation(
        policy=entry.text("policy"),
        title=entry.text("title", ""),
        duty=entry.text("duty"),
        applies=entry.parsed("applies", Applies),
        since=entry.optional("since", date.fromisoformat),
        until=entry.optional("until", date.fromisoformat),
        due=entry.optional("due", date.fromisoformat),
        jurisdiction=entry.text("jurisdiction", ""),
        cite=entry.text("cite"),
        url=entry.text("url", ""),
        condition=entry.text("condition", ""),
        bound=entry.text("bound", ""),
        needs=entry.texts("needs"),
        evidence_class=entry.text("evidence_class", ""),
        context=entry.values.get("context") is True,
    )


def _read_waiver(entry: Entry) -> Waiver:
    return Waiver(
        finding=entry.text("finding"),
        who=entry.text("who"),
        why=entry.text("why"),
        authority=entry.text("authority"),
        until=entry.parsed("until", date.fromisoformat),
    )


def _read_unread(entry: Entry) -> Unread:
    return Unread(
        target=Target(address=entry.text("address"), site=entry.text("site")),
        collector=entry.text("collector"),
        at=entry.parsed("at", instant),
        reason=entry.parsed("reason", Reason),
        detail=entry.text("detail", ""),
    )
