"""The audit document, schema 1: an `Audit` as JSON that other programs rely on, and back.

What a device said stays word for word in it. An asset's own facts are left out but for those its evidence rests on:
the journal keeps them all, and every report can be made from the document alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from auditor import model
from auditor.errors import InputError
from auditor.formats.fields import (
    Field,
    Json,
    Shape,
    day,
    dump,
    flag,
    for_many,
    group,
    inline,
    level,
    literal,
    many,
    maybe,
    moment,
    one,
    pairs,
    text,
    texts,
    word,
)
from auditor.formats.journal import FACT, FAILURE, RUN, TARGET, unread
from auditor.model import Asset, Audit, AuditedAsset, Outcome, Seen, Strength, Tier, Verdict

SCHEMA = 1
# What laws ask of equipment of one maker and category, ports of a large site, what rules claim.
LAWS, PORTS, CLAIMS = 64, 1 << 14, 256


def to_json(audit: Audit) -> str:
    """Return the document, keys sorted, a line per asset; the same audit gives the same bytes."""
    return "".join(json_lines(audit))


def json_lines(audit: Audit) -> Iterator[str]:
    """Yield the text in pieces, so that assets are never held as dicts all at once."""
    head = to_document(replace(audit, assets=())) | {"summary": summary(audit)}
    del head["assets"]
    yield '{"assets":['
    comma = "\n"
    for item in audit.assets:
        yield comma
        yield from ASSET.pieces(item)
        comma = ",\n"
    yield "]"
    for key in sorted(head):
        yield f',\n"{key}":{dump(head[key])}'
    yield "}\n"


class DutyList(list[Json]):
    """Duties that stand alike in many documents: never changed, text and digest made once."""

    @cached_property
    def text(self) -> str:
        """Return them as `dump` does."""
        return dump(list(self))

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of their text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def without_duties(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[DutyList]]:
    """Return an asset `ASSET` wrote with digests in place of the duties it shares, and these."""
    duties: list[DutyList] = []
    lists = {key: [_brief_finding(one, duties) for one in entry[key]] for key in ("findings", "parts") if entry[key]}
    return ({**entry, **lists} if duties else entry), duties


def _brief_finding(finding: Json, duties: list[DutyList]) -> Json:
    """Return a finding with a digest in place of shared duties, which are added to the list."""
    own = finding.get("obligations")
    if not own or not isinstance(own, DutyList):
        return finding
    duties.append(own)
    return {**finding, "obligations": {"sha256": own.sha256}}


def load(text: str | bytes) -> Audit:
    """Return the audit a document holds; text that is no such document is an `InputError`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"not a JSON document: {exc}") from None
    return from_document(document)


def to_document(audit: Audit) -> Json:
    """Return schema 1 as plain dicts and lists."""
    return {"schema": SCHEMA, "summary": summary(audit)} | AUDIT.write(audit)


def summary(audit: Audit) -> dict[str, Any]:
    """Return the counts every report opens with.

    `unread` counts devices (site and address) of which something could not be read, `partly_read` those among them
    that were read all the same; `findings` counts verdicts on covered makers, `watch` findings on makers that other
    lists name; `virtual` counts virtual machines, which are no devices.
    """
    outcomes, seen, verdicts = Counter[Outcome](), Counter[Seen](), Counter[Verdict]()
    watch = waived = 0
    read: set[tuple[str, str]] = set()
    failures = _failures(audit)
    for item in audit.assets:
        asset = item.asset
        if counts_as_hardware(item):
            outcomes[item.outcome] += 1
            seen[asset.seen] += 1
        verdicts.update(finding.verdict for finding in item.findings if finding.tier is Tier.COVERED)
        watch += sum(finding.tier is Tier.WATCH for finding in item.findings)
        waived += sum(finding.waiver is not None for finding in item.findings)
        if item.outcome is Outcome.UNREAD:
            failures.add(_place(asset))
        elif asset.seen is Seen.READ:
            read |= {*asset.targets, (asset.site, asset.address)}
    return {
        "assets": outcomes.total(),
        "virtual": len(audit.assets) - outcomes.total(),
        **{one.value: outcomes[one] for one in (Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNDETERMINED)},
        "unread": len(failures),
        "partly_read": len(failures & read),
        "read": seen[Seen.READ],
        "heard": seen[Seen.HEARD],
        "findings": {verdict.word: verdicts[verdict] for verdict in Verdict},
        "watch": watch,
        "waived": waived,
    }


def counts_as_hardware(item: AuditedAsset) -> bool:
    """Tell whether an asset is counted as a device: a virtual machine only where it is a match."""
    return item.outcome is Outcome.MATCH or not item.asset.is_virtual


def unread_devices(audit: Audit) -> set[tuple[str, str]]:
    """Return site and address of every device of which something could not be read."""
    return _failures(audit) | {_place(item.asset) for item in audit.assets if item.outcome is Outcome.UNREAD}


def _failures(audit: Audit) -> set[tuple[str, str]]:
    return {(item.target.site, item.target.address) for item in audit.unread}


def _place(asset: Asset) -> tuple[str, str]:
    return asset.site, asset.address or asset.key


def from_document(document: object) -> Audit:
    """Return the audit of a document; a broken one is an `InputError` naming the bad key."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise InputError(f"is {schema!r:.40}, must be {SCHEMA}; judge the journal again", where="schema")
    return AUDIT.read(document)


def _vlan(value: object) -> object:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError("must be a number or null")
    return value


def _count(value: object) -> object:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("must be a count")
    return value


CLAIM = Shape(model.Claim, text("maker", ""), text("brand", ""), text("model", ""), text("category", ""))
EVIDENCE = Shape(
    model.Evidence, text("rule"), level("strength", Strength), text("because"), text("source"), one("fact", FACT),
    pairs("captures", text("")), for_many(one("says", CLAIM), CLAIMS), texts("speaks_against", name="against"),
    text("witness", ""), text("by", ""), level("cap", Verdict, "confirmed"),
    flag("alone", absent=True), flag("mac_only", name="number"),
    maybe(day("since")), maybe(day("until")),
)  # fmt: skip
OBLIGATION = Shape(
    model.Obligation, text("policy"), text("title", ""), text("duty"), word("applies", model.Applies),
    maybe(day("since")),
    maybe(day("until")), maybe(day("due")), text("jurisdiction", ""), text("cite"), text("url", ""),
    text("condition", ""), text("bound", ""), texts("needs"), text("evidence_class", ""), flag("context"),
)  # fmt: skip
SEAT = Shape(model.Seat, text("site", ""), text("country", ""), text("state", ""))
ORGANISATION = Shape(
    model.Organisation, text("name", ""), text("person", ""), maybe(texts("roles")), many("seats", SEAT)
)  # fmt: skip


_shared: dict[int, tuple[Sequence[model.Obligation], DutyList]] = {}


def _write_obligations(duties: Sequence[model.Obligation]) -> DutyList:
    """Return what stands for duties: for the same ones, which many have in common, the same."""
    memory = _shared.get(id(duties))
    if memory is None or memory[0] is not duties:
        memory = _shared[id(duties)] = duties, DutyList(map(OBLIGATION.write, duties))
        if len(_shared) > LAWS:
            _shared.pop(next(iter(_shared)))
    return memory[1]


WAIVER = Shape(model.Waiver, text("finding"), text("who"), text("why"), text("authority"), day("until"))
FINDING = Shape(
    model.Finding, text("id"), text("maker"), word("tier", Tier, "covered"), text("brand", ""), text("model", ""),
    text("category", ""), text("firmware", ""), text("serial", ""), text("part", ""), text("unit", ""),
    level("verdict", Verdict), many("for", EVIDENCE, name="evidence"), many("against", EVIDENCE),
    for_many(replace(many("obligations", OBLIGATION), write=_write_obligations), LAWS, is_long=True),
    maybe(one("waived", WAIVER, name="waiver")),
)  # fmt: skip
HEARSAY = Shape(model.Hearsay, text("by"), one("fact", FACT))


def _write_said(hearsay: Sequence[model.Hearsay]) -> list[Json]:
    if not isinstance(hearsay, model.HearsayList) or hearsay.plain:
        return list(map(HEARSAY.write, hearsay))
    if len(hearsay.rows) == 1:
        ((by, table, at),) = hearsay.rows
        about, where = table.about(at), table.where(at)
        return [
            {"by": by, "fact": {"kind": kind, "value": value, "where": where, "about": about}}
            for kind, value in table.values(at)
        ]
    said: set[tuple[str, str, str, str, str]] = set()
    for by, table, at in hearsay.rows:
        where, about = table.where(at), table.about(at)
        said.update((by, kind, where, table.value(kind, at), about) for kind in table.kinds(at))
    return [
        {"by": by, "fact": {"kind": kind, "value": value, "where": where, "about": about}}
        for by, kind, where, value, about in sorted(said)
    ]


def _said_text(hearsay: Sequence[model.Hearsay]) -> str:
    if not isinstance(hearsay, model.HearsayList) or hearsay.plain or len(hearsay.rows) > 1:
        return f"[{','.join(map(HEARSAY.brief, hearsay))}]" if hearsay else "[]"
    texts = []
    for by, table, at in hearsay.rows:
        head = f'{{"by":{literal(by)},"fact":{{"about":{literal(table.about(at))},"kind":'
        tail = f',"where":{literal(table.where(at))}}}}}'
        texts += [f'{head}"{kind}","value":{literal(value)}{tail}' for kind, value in table.values(at)]
    return f"[{','.join(texts)}]"


PLACE = Shape(
    model.Place, text("switch"), text("port"), maybe(Field(key="vlan", name="vlan", read=_vlan)), text("because", ""),
    flag("powered"), word("confidence", model.Confidence, "high"), text("behind", ""),
    texts("carriers"),
)  # fmt: skip
PART = Shape(
    model.Part, text("part"), text("class", name="sort"), text("name", ""), text("description", ""), text("vendor", ""),
    text("model", ""), text("serial", ""), text("firmware", ""), text("address", ""), text("mac", ""),
    text("asset", ""),
)  # fmt: skip
# Of an accused part a finding has keys of the same names; what the part itself says in these stands under `stated`.
STATED = ("model", "serial", "firmware")


class PartEntry(NamedTuple):
    """An entry of `parts`: what a part says of itself, a finding on it, or both."""

    part: model.Part | None
    finding: model.Finding | None


class PartEntries(Shape[PartEntry]):
    """Reads the entries of `parts`; older documents hold findings alone."""

    def part(self, values: object) -> PartEntry:
        """Return the part and the finding an entry holds."""
        entry = values if isinstance(values, dict) else {}
        if "class" not in entry:
            return PartEntry(None, FINDING.part(values))
        stated = entry.get("stated")
        part = PART.part(entry | stated if isinstance(stated, dict) else entry)
        return PartEntry(part, FINDING.part(entry) if "verdict" in entry else None)


_ENTRIES = many("parts", PartEntries(PartEntry))


def _read_parts(values: object) -> tuple[model.Part, ...]:
    parts = (entry.part for entry in _ENTRIES.read(values))
    return tuple({part.part: part for part in parts if part is not None}.values())


def _read_part_findings(values: object) -> Json:
    return {"parts": tuple(entry.finding for entry in _ENTRIES.read(values) if entry.finding is not None)}


def _write_parts(item: AuditedAsset) -> list[Json]:
    """Return each finding on a part with what the part says, then parts without one."""
    entries = {part.part: PART.write(part) for part in item.asset.parts}
    stated = {name: {"stated": {key: entry[key] for key in STATED}} for name, entry in entries.items()}
    names = {finding.part for finding in item.parts}
    accused = (
        entries.get(finding.part, {}) | FINDING.write(finding) | stated.get(finding.part, {}) for finding in item.parts
    )
    return [*accused, *(entry | {"maker": ""} for name, entry in entries.items() if name not in names)]


def _parts_text(item: AuditedAsset) -> str:
    return dump(_write_parts(item)) if item.parts or item.asset.parts else "[]"


def _from_store(name: str) -> Field:
    """Return a field that only a store fills: an audit without one has no such key."""
    return Field(
        key="",
        name=name,
        read=lambda entry: text(name, "").read(entry.get(name, "")),
        write=lambda value: {name: value} if value else {},
        text=lambda value: {name: literal(value)} if value else {},
    )


SIGHTING = Shape(model.SiteSighting, text("site"), text("address"))
DEVICE = Shape(
    model.Asset, text("key"), text("site"), text("address", ""), texts("addresses"), text("name", ""), texts("macs"),
    text("serial", ""), word("seen", Seen), for_many(maybe(one("place", PLACE)), PORTS),
    replace(many("said", HEARSAY, name="hearsay"), write=_write_said, text=_said_text),
    Field(key="rows", name="rows", read=_count, absent=0),
    texts("collectors"), texts("conflicts"), word("kind", model.AssetKind, "device"), texts("remarks"),
    Field(key="local_macs", name="local_macs", read=_count, absent=0), many("sightings", SIGHTING),
    Field(
        key="parts", name="parts", read=_read_parts, absent=[], write=lambda parts: list(map(PART.write, parts)),
        text=lambda parts: f"[{','.join(map(PART.brief, parts))}]" if parts else "[]",
    ),
)  # fmt: skip
ASSET = Shape(
    AuditedAsset, inline("asset", DEVICE), word("outcome", Outcome), many("findings", FINDING), text("why", ""),
    text("vendor", ""), text("model", ""), text("firmware", ""), text("role", ""),
    Field(key="parts", name="", read=_read_part_findings, write=_write_parts, absent=[], text=_parts_text),
    _from_store("device"), _from_store("removal"),
)  # fmt: skip
LINK = Shape(
    model.Link, text("one"), text("port", ""), text("other"), text("far_port", ""), word("source", model.LinkSource),
    word("confidence", model.Confidence, "high"),
)  # fmt: skip
GATEWAY = Shape(model.Gateway, text("asset"), text("because", ""))
UNREAD = Shape(unread, inline("target", TARGET), *FAILURE)
TABLES = Shape(model.Tables, text("rules"), maybe(day("oui")), pairs("policies", day("")))
AUDIT = Shape(
    Audit, group("tool", text("version", name="tool")), one("tables", TABLES),
    group("run", inline("run", RUN), moment("finished"), day("as_of")), many("assets", ASSET), many("unread", UNREAD),
    texts("notes"), many("links", LINK), many("gateways", GATEWAY),
)  # fmt: skip
