"""Whatever is written is read back as it was, for every type of journal and audit document."""

import json
from dataclasses import replace
from datetime import UTC
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.formats import document, fields, journal
from auditor.formats.fields import Shape, maybe, text, texts
from auditor.model import (
    Applies,
    Asset,
    AssetKind,
    Audit,
    AuditedAsset,
    Claim,
    Confidence,
    EmptySweep,
    Evidence,
    Fact,
    Finding,
    Gateway,
    Hearsay,
    Link,
    LinkSource,
    Obligation,
    Observation,
    Organisation,
    Outcome,
    Part,
    Place,
    Reason,
    Run,
    Seat,
    Seen,
    SiteSighting,
    Strength,
    Tables,
    Target,
    Tier,
    Unread,
    Verdict,
    Waiver,
)

T = TypeVar("T")
QUICKLY = settings(max_examples=40, deadline=None)
TEXT = st.sampled_from(["", "a", "b", "\u00e9", "\u2028", "\x00", "\x1b[2J", "\U0001f600", '"']) | st.text(max_size=3)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
DAYS, MOMENTS = st.dates(), st.datetimes(timezones=st.just(UTC))
PAIRS = st.dictionaries(TEXT, TEXT, max_size=2).map(lambda values: tuple(values.items()))


def extra(*own: str) -> st.SearchStrategy[str]:
    """Return what another program may have added to an object, as it is kept."""
    keys = TEXT.filter(lambda key: key not in own)
    added = st.dictionaries(keys, TEXT | st.integers() | st.none(), max_size=2)
    return added.map(lambda one: json.dumps(one, sort_keys=True, separators=(",", ":")) if one else "")


def some(things: st.SearchStrategy[T], least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(things, min_size=least, max_size=2).map(tuple)


RUNS = st.builds(
    Run, id=TEXT, started=MOMENTS, tool=TEXT, sites=TEXTS, addresses=st.integers(min_value=1, max_value=2**128),
    scope=TEXTS,
)  # fmt: skip
TARGETS = st.builds(Target, address=TEXT, site=TEXT)
FACTS = st.builds(
    Fact, kind=TEXT, value=TEXT, where=TEXT, about=TEXT, extra=extra("kind", "value", "where", "about")
)  # fmt: skip
OBSERVATIONS = st.builds(
    Observation, target=TARGETS, collector=TEXT, at=MOMENTS, facts=some(FACTS),
    extra=extra("type", "target", "collector", "at", "facts"),
)  # fmt: skip
FAILURES = st.builds(
    Unread, target=TARGETS, collector=TEXT, at=MOMENTS, reason=st.sampled_from(Reason), detail=TEXT,
    extra=extra("type", "target", "collector", "at", "reason", "detail"),
)  # fmt: skip
UNREAD = FAILURES.map(Unread.to_keep)
EMPTY_SWEEPS = st.builds(
    EmptySweep, target=TARGETS, collector=TEXT, at=MOMENTS, ranges=TEXTS,
    extra=extra("type", "target", "collector", "at", "swept"),
)  # fmt: skip
CLAIMS = st.builds(Claim, maker=TEXT, brand=TEXT, model=TEXT, category=TEXT)
EVIDENCE = st.builds(
    Evidence, rule=TEXT, says=CLAIMS, strength=st.sampled_from(Strength), because=TEXT, source=TEXT, fact=FACTS,
    witness=TEXT, captures=PAIRS, against=TEXTS, cap=st.sampled_from(Verdict), alone=st.booleans(), by=TEXT,
    number=st.booleans(), since=DAYS | st.none(), until=DAYS | st.none(),
)  # fmt: skip
OBLIGATIONS = st.builds(
    Obligation, policy=TEXT, title=TEXT, duty=TEXT, applies=st.sampled_from(Applies), since=DAYS | st.none(),
    until=DAYS | st.none(), due=DAYS | st.none(), jurisdiction=TEXT, cite=TEXT, url=TEXT, condition=TEXT, bound=TEXT,
    needs=TEXTS, evidence_class=TEXT, context=st.booleans(),
)  # fmt: skip
WAIVERS = st.builds(Waiver, finding=TEXT, who=TEXT, why=TEXT, authority=TEXT, until=DAYS)


def findings(*tiers: Tier) -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding, id=TEXT, maker=TEXT, tier=st.sampled_from(tiers), brand=TEXT, model=TEXT, category=TEXT, firmware=TEXT,
        serial=TEXT, verdict=st.sampled_from(Verdict), evidence=some(EVIDENCE, 1), against=some(EVIDENCE),
        part=TEXT.map(lambda part:
        f"part:{part}"), unit=TEXT, obligations=some(OBLIGATIONS), waiver=WAIVERS | st.none(),
    )  # fmt: skip


HEARSAY = st.builds(Hearsay, by=TEXT, fact=FACTS)
PLACES = st.builds(
    Place, switch=TEXT, port=TEXT, vlan=st.integers() | st.none(), because=TEXT, powered=st.booleans(),
    confidence=st.sampled_from(Confidence), behind=TEXT, carriers=TEXTS,
)  # fmt: skip
PARTS = st.builds(
    Part, part=TEXT.map(lambda part: f"part:{part}"), sort=TEXT, name=TEXT, description=TEXT, vendor=TEXT, model=TEXT,
    serial=TEXT, firmware=TEXT, address=TEXT, mac=TEXT, asset=TEXT,
)  # fmt: skip
SIGHTINGS = st.builds(SiteSighting, site=TEXT, address=TEXT)
DEVICES = st.builds(
    Asset, key=TEXT, site=TEXT, address=TEXT, addresses=TEXTS, name=TEXT, macs=TEXTS, serial=TEXT,
    seen=st.sampled_from(Seen), place=PLACES | st.none(), hearsay=some(HEARSAY), rows=st.integers(0), collectors=TEXTS,
    conflicts=TEXTS, kind=st.sampled_from(AssetKind), remarks=TEXTS, local_macs=st.integers(min_value=0),
    sightings=some(SIGHTINGS),
    parts=st.lists(PARTS, max_size=2, unique_by=lambda part: part.part).map(tuple),
)  # fmt: skip
OTHER_OUTCOMES = st.sampled_from([one for one in Outcome if one is not Outcome.MATCH])
MATCHES = st.builds(
    AuditedAsset, asset=DEVICES, outcome=st.just(Outcome.MATCH), findings=some(findings(Tier.COVERED), 1),
    parts=some(findings(*Tier)), why=TEXT,
)  # fmt: skip
OTHERS = st.builds(
    AuditedAsset, asset=DEVICES, outcome=OTHER_OUTCOMES, findings=some(findings(Tier.WATCH, Tier.OTHER)),
    parts=some(findings(*Tier)), why=TEXT,
)  # fmt: skip
TABLES = st.builds(
    Tables, rules=TEXT, oui=DAYS | st.none(),
    policies=st.dictionaries(TEXT, DAYS, max_size=2).map(lambda days: tuple(days.items())),
)  # fmt: skip
LINKS = st.builds(
    Link, one=TEXT, port=TEXT, other=TEXT, far_port=TEXT, source=st.sampled_from(LinkSource),
    confidence=st.sampled_from(Confidence),
)  # fmt: skip
GATEWAYS = st.builds(Gateway, asset=TEXT, because=TEXT)
AUDITS = st.builds(
    Audit, tool=TEXT, tables=TABLES, run=RUNS, finished=MOMENTS, as_of=DAYS, assets=some(MATCHES | OTHERS),
    unread=some(UNREAD), notes=TEXTS, links=some(LINKS), gateways=some(GATEWAYS),
)  # fmt: skip

SEATS = st.builds(Seat, site=TEXT, country=TEXT, state=TEXT)
ORGANISATIONS = st.builds(Organisation, name=TEXT, person=TEXT, roles=TEXTS | st.none(), seats=some(SEATS))

SHAPES = {
    "run": (journal.RUN, RUNS),
    "target": (journal.TARGET, TARGETS),
    "fact": (journal.FACT, FACTS),
    "observation": (journal.OBSERVATION, OBSERVATIONS),
    "failure": (journal.UNREAD, FAILURES),
    "empty sweep": (journal.EMPTY_SWEEP, EMPTY_SWEEPS),
    "claim": (document.CLAIM, CLAIMS),
    "evidence": (document.EVIDENCE, EVIDENCE),
    "obligation": (document.OBLIGATION, OBLIGATIONS),
    "waiver": (document.WAIVER, WAIVERS),
    "seat": (document.SEAT, SEATS),
    "organisation": (document.ORGANISATION, ORGANISATIONS),
    "finding": (document.FINDING, findings(*Tier)),
    "hearsay": (document.HEARSAY, HEARSAY),
    "part": (document.PART, PARTS),
    "place": (document.PLACE, PLACES),
    "sighting": (document.SIGHTING, SIGHTINGS),
    "device": (document.DEVICE, DEVICES),
    "asset": (document.ASSET, MATCHES | OTHERS),
    "unread": (document.UNREAD, UNREAD),
    "link": (document.LINK, LINKS),
    "gateway": (document.GATEWAY, GATEWAYS),
    "tables": (document.TABLES, TABLES),
    "audit": (document.AUDIT, AUDITS),
}


def test_every_shape_of_both_formats_is_tried() -> None:
    shapes = {id(one) for module in (journal, document) for one in vars(module).values() if isinstance(one, Shape)}

    assert shapes == {id(shape) for shape, _ in SHAPES.values()}


@pytest.mark.parametrize("name", SHAPES)
@QUICKLY
@given(data=st.data())
def test_whatever_is_written_is_read_back_as_it_was(name: str, data: st.DataObject) -> None:
    shape, strategy = SHAPES[name]
    thing = data.draw(strategy)

    assert shape.read(json.loads(fields.dump(shape.write(thing)))) == thing  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SHAPES)
@QUICKLY
@given(data=st.data())
def test_the_text_that_is_had_quicker_is_that_of_what_is_written(name: str, data: st.DataObject) -> None:
    shape, strategy = SHAPES[name]
    thing = data.draw(strategy)

    assert shape.text(thing) == fields.dump(shape.write(thing))  # type: ignore[arg-type]


@QUICKLY
@given(OBSERVATIONS | FAILURES)
def test_a_line_of_a_journal_is_read_back_as_it_was(record: Observation | Unread) -> None:
    assert journal.decode(journal.encode(record)) == record


@QUICKLY
@given(RUNS)
def test_the_head_of_a_journal_is_too(run: Run) -> None:
    assert journal.decode(journal.encode_run(run)) == run


@QUICKLY
@given(AUDITS)
def test_a_whole_document_is_too(audit: Audit) -> None:
    assert document.load(document.to_json(audit)) == audit


def test_duties_remembered_no_longer_still_stand_in_what_is_being_written() -> None:
    from tests.tools.audits import audit

    item = next(one for one in audit().assets if one.findings and one.findings[0].obligations)
    finding = item.findings[0]
    duties = [finding.obligations[:1] * number for number in range(1, 200)]
    own = tuple(replace(finding, maker=f"m{number:03}", obligations=one) for number, one in enumerate(duties))
    crowded = replace(audit(), assets=(replace(item, findings=own, parts=own),))

    assert document.load(document.to_json(crowded)) == document.load(json.dumps(document.to_document(crowded)))


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("assets", 0, "findings", 0, "verdict"), "sure", "assets[1].findings[1].verdict: 'sure' is not understood"),
        (("assets", 0, "findings", 0, "for", 0, "fact", "kind"), 1, "assets[1].findings[1].for[1].fact.kind: must be"),
        (("assets", 0, "findings", 0, "for", 0, "captures"), {"model": 1}, ".captures.model: must be text, not 1"),
        (("assets", 0, "findings", 0, "waived"), {"who": "A"}, "findings[1].waived.finding: is missing"),
        (("run", "finished"), None, "run.finished: is missing"),
        (("tables", "policies"), {"us": "soon"}, "tables.policies.us: 'soon' is not understood"),
        (("unread", 0), [], "unread[1]: must be an object"),
    ],
)
def test_a_complaint_leads_to_the_bad_key(path: tuple[str | int, ...], value: object, complaint: str) -> None:
    from tests.tools.audits import audit, switch, unread

    *parents, key = path
    top = json.loads(
        document.to_json(
            Audit(**{name: getattr(audit(), name) for name in ("tool", "tables", "run", "finished", "as_of")},
                  assets=(switch(),), unread=(unread("a", "hq", Reason.TIMEOUT, ""),))
        )
    )  # fmt: skip
    place = top
    for parent in parents:
        place = place[parent]
    place[key] = value

    with pytest.raises(InputError) as caught:
        document.from_document(top)

    assert complaint in str(caught.value)


def test_a_field_that_may_be_null_reads_what_is_there() -> None:
    shape: Shape[dict[str, object]] = Shape(dict, maybe(texts("a")), text("b", "none"))

    assert shape.read({}) == {"a": None, "b": "none"}
    assert shape.read({"a": ["x"], "b": "y", "c": 1}) == {"a": ("x",), "b": "y"}
