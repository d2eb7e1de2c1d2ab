"""The audit document is what other programs rely on.

Its keys stay, its bytes are stable, and it can be read back whole.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.formats import document as document_module
from auditor.formats.document import ASSET, from_document, load, summary, to_document, to_json, without_duties
from auditor.formats.fields import dump
from auditor.model import (
    Asset,
    Audit,
    AuditedAsset,
    Claim,
    Evidence,
    Fact,
    Finding,
    HearsayList,
    NeighbourTable,
    Outcome,
    Part,
    Reason,
    ReportedRow,
    Run,
    Seen,
    Strength,
    Tables,
    Target,
    Tier,
    Unread,
    Verdict,
    like,
)
from tests.tools import audits

GOLDEN = Path(__file__).parents[1] / "golden" / "reports" / "report.json"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def finding(identifier: str, tier: Tier = Tier.COVERED, verdict: Verdict = Verdict.CONFIRMED) -> Finding:
    evidence = Evidence(
        rule="huawei/vrp",
        says=Claim(maker="huawei"),
        strength=Strength.PROOF,
        because="It says so.",
        source="samples/x",
        fact=Fact(kind="snmp.sysdescr", value="VRP"),
        witness="snmp-system",
    )
    return Finding(id=identifier, maker="huawei", tier=tier, verdict=verdict, evidence=(evidence,))


def asset(key: str, outcome: Outcome, *findings: Finding, seen: Seen = Seen.READ, address: str = "") -> AuditedAsset:
    return AuditedAsset(
        asset=Asset(key=key, site="hq", address=address, seen=seen), outcome=outcome, findings=tuple(findings)
    )


def unread(address: str) -> Unread:
    return Unread(target=Target(address=address, site="hq"), collector="snmp", at=NOON, reason=Reason.TIMEOUT)


def audit(*assets: AuditedAsset, unread: tuple[Unread, ...] = ()) -> Audit:
    return Audit(
        tool="0.1.0",
        tables=Tables(rules="1", oui=None),
        run=Run(id="r", started=NOON),
        finished=NOON,
        as_of=date(2026, 11, 21),
        assets=assets,
        unread=unread,
    )


def test_the_golden_document_survives_the_way_there_and_back() -> None:
    text = GOLDEN.read_text(encoding="utf-8")

    assert to_json(load(text)) == text


def test_the_keys_of_the_contract_are_there() -> None:
    document = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert {"schema", "tool", "tables", "run", "summary", "assets", "unread"} <= document.keys()
    assert {"assets", "match", "no_match", "undetermined", "unread", "waived"} <= document["summary"].keys()
    device = next(item for item in document["assets"] if item["findings"])
    assert {
        "key", "site", "address", "addresses", "name", "macs", "serial", "seen", "place", "outcome", "findings",
    } <= device.keys()  # fmt: skip
    accusation = device["findings"][0]
    assert {
        "id", "maker", "brand", "model", "category", "verdict", "for", "against", "obligations", "waived",
    } <= accusation.keys()  # fmt: skip
    assert {"rule", "strength", "because", "source", "fact", "captures"} <= accusation["for"][0].keys()
    assert {"policy", "duty", "applies", "since", "cite", "condition"} <= accusation["obligations"][0].keys()
    assert {"site", "address", "collector", "reason", "detail"} <= document["unread"][0].keys()


def test_the_order_things_were_found_in_changes_nothing() -> None:
    one, two = asset("a", Outcome.MATCH, finding("f-1"), finding("f-2")), asset("b", Outcome.NO_MATCH)
    turned = replace(one, findings=one.findings[::-1])

    assert to_json(audit(one, two, unread=(unread("1"), unread("2")))) == to_json(
        audit(two, turned, unread=(unread("2"), unread("1")))
    )


def test_a_device_that_failed_over_one_protocol_and_was_read_over_another_is_counted_as_partly_read() -> None:
    counts = summary(
        audit(
            asset("a", Outcome.NO_MATCH, address="192.0.2.1"),
            asset("b", Outcome.UNREAD, seen=Seen.HEARD, address="192.0.2.2"),
            unread=(unread("192.0.2.1"), unread("192.0.2.2"), unread("192.0.2.2"), unread("192.0.2.3")),
        )
    )

    assert (counts["unread"], counts["partly_read"]) == (3, 1)


def test_watch_makers_are_counted_apart() -> None:
    counts = summary(
        audit(asset("a", Outcome.NO_MATCH, finding("f-1", Tier.WATCH)), asset("b", Outcome.MATCH, finding("f-2")))
    )

    assert counts["watch"] == 1
    assert counts["findings"] == {"possible": 0, "probable": 0, "confirmed": 1}


def test_no_character_leaves_the_text_that_could_turn_a_terminal_or_break_utf_8() -> None:
    hostile = "a\x1b[2J\x9b\u202e\u2028\ud800é"

    text = dump({"value": hostile})

    assert json.loads(text) == {"value": hostile}
    assert text.encode("utf-8").isascii() is False
    assert all(char.isprintable() for char in text)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda doc: doc.update(schema=2), "schema: is 2, must be 1"),
        (lambda doc: doc["run"].pop("id"), "run.id: is missing"),
        (lambda doc: doc["run"].update(started="noon"), "run.started: 'noon' is not understood"),
        (lambda doc: doc["assets"][0].update(macs="x"), "assets[1].macs: must be a list"),
        (lambda doc: doc["assets"][0].update(macs=[1]), "assets[1].macs: must hold texts only"),
        (lambda doc: doc["assets"][0].update(outcome="clean"), "assets[1].outcome: 'clean' is not understood"),
        (
            lambda doc: doc["assets"][0]["findings"][0].update({"for": []}),
            "assets[1].findings[1]: finding f-1 has no evidence",
        ),
        (
            lambda doc: doc["assets"][0].update(place={"switch": "a", "port": "1", "vlan": "x"}),
            "vlan: must be a number",
        ),
    ],
    ids=["schema", "missing", "time", "list", "texts", "word", "no-evidence", "vlan"],
)
def test_a_broken_document_names_the_bad_key(change: object, complaint: str) -> None:
    document = json.loads(to_json(audit(asset("a", Outcome.MATCH, finding("f-1")))))
    change(document)  # type: ignore[operator]

    with pytest.raises(InputError) as caught:
        from_document(document)

    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"schema":1}', "[" * 100_000], ids=["empty", "list", "torn", "bare", "deep"]
)
def test_what_is_no_document_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        load(text)

    assert "\n" not in str(caught.value)


def test_a_document_without_the_extra_keys_still_reads() -> None:
    document = to_document(audit(asset("a", Outcome.MATCH, finding("f-1"))))
    del document["notes"]
    device = document["assets"][0]  # type: ignore[index]
    for key in ("why", "said", "parts", "collectors"):
        del device[key]
    for key in ("tier", "firmware", "serial", "part"):
        del device["findings"][0][key]

    assert from_document(document).assets[0].findings[0].tier is Tier.COVERED


BOARD = Part(part="7", sort="module", name="slot 1", vendor="Acme", model="02310QDA", serial="BRD0000000042")


def with_board(*findings: Finding) -> Audit:
    item = asset("a", Outcome.NO_MATCH)
    return audit(replace(item, asset=replace(item.asset, parts=(BOARD,)), parts=findings))


def test_a_part_without_a_finding_stands_in_the_document() -> None:
    (entry,) = to_document(with_board())["assets"][0]["parts"]  # type: ignore[index]

    assert (entry["part"], entry["class"], entry["serial"], entry["model"]) == (
        "7",
        "module",
        BOARD.serial,
        BOARD.model,
    )
    assert (entry["maker"], "verdict" in entry) == ("", False)


def test_an_accused_part_keeps_the_keys_of_its_finding_and_its_own_words() -> None:
    one = with_board(replace(finding("f-1"), part="7", model="SFP-10G"))
    (entry,) = to_document(one)["assets"][0]["parts"]  # type: ignore[index]

    assert (entry["id"], entry["maker"], entry["verdict"], entry["model"]) == ("f-1", "huawei", "confirmed", "SFP-10G")
    assert (entry["class"], entry["stated"]["model"], entry["stated"]["serial"]) == (
        "module",
        BOARD.model,
        BOARD.serial,
    )
    assert from_document(to_document(one)) == one


def test_parts_of_an_older_document_are_findings() -> None:
    one = with_board(replace(finding("f-1"), part="7"))
    document = to_document(one)
    document["assets"][0]["parts"] = [document_module.FINDING.write(one.assets[0].parts[0])]  # type: ignore[index]

    read = from_document(document).assets[0]

    assert (read.parts, read.asset.parts) == (one.assets[0].parts, ())


def test_duties_that_many_devices_share_stand_in_them_by_their_digest() -> None:
    """They are one list, whose text is made once; all else stays as it is."""
    duties = (audits.FCC, audits.NDAA)
    accused = replace(finding("f-1"), obligations=duties, part="1", unit="1")
    one = replace(asset("a", Outcome.MATCH, replace(finding("f-2"), obligations=duties)), parts=(accused,))
    entry = ASSET.write(one)

    brief, shared = without_duties(entry)

    digest = hashlib.sha256(dump(entry["parts"][0]["obligations"]).encode()).hexdigest()
    own = {"obligations": {"sha256": digest}}
    assert brief == entry | {"findings": [entry["findings"][0] | own], "parts": [entry["parts"][0] | own]}
    assert [each.text for each in shared] == [dump(entry["findings"][0]["obligations"])] * 2
    assert shared[0] is shared[1]
    assert without_duties(ASSET.write(asset("b", Outcome.NO_MATCH))) == (ASSET.write(asset("b", Outcome.NO_MATCH)), [])


def test_the_text_and_the_document_say_the_same() -> None:
    one = audit(asset("b", Outcome.MATCH, finding("f-1")), asset("a", Outcome.NO_MATCH), unread=(unread("1"),))

    assert json.loads(to_json(one)) == to_document(one)
    assert json.loads(to_json(audit())) == to_document(audit())


@pytest.mark.parametrize("address", ["", "10.0.0.7"])
def test_rows_of_tables_are_written_as_what_they_say(address: str) -> None:
    table = NeighbourTable(
        name="arp" if address else "fdb",
        macs=("001422000001", "001422000002"),
        wheres=("1.3.6.*", "table"),
        columns={"text": ("", "0014.2200.0002")}
        if address
        else {"text": ("", "0014.2200.0002"), "port": ("7\x9f", None), "age": (None, "4")},
        addresses=(address, address) if address else (),
    )
    rows = [ReportedRow("hq/serial:1", table, at) for at in (0, 1)]
    for said in (HearsayList((), (rows[0],)), HearsayList((), (rows[1],)), HearsayList((), tuple(rows))):
        heard = Asset(key="k", site="hq", seen=Seen.HEARD, hearsay=said)
        item = AuditedAsset(asset=heard, outcome=Outcome.NO_MATCH)

        assert ASSET.text(item) == dump(ASSET.write(item))
        assert ASSET.write(item)["said"] == list(map(document_module.HEARSAY.write, said))


def test_what_laws_ask_comes_as_one_text_of_all_findings_alike() -> None:
    one = audit(asset("b", Outcome.MATCH, finding("f-1")), asset("a", Outcome.MATCH, finding("f-2")))
    duties = (audits.FCC,)
    first, second = (
        replace(item, findings=tuple(like(own, Finding, obligations=duties) for own in item.findings))
        for item in one.assets
    )
    pieces = [list(ASSET.pieces(item)) for item in (first, second)]

    assert pieces[0][1] is pieces[1][1]
    assert ["".join(own) for own in pieces] == [dump(ASSET.write(item)) for item in (first, second)]
