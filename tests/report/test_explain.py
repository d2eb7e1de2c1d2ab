"""The note on one device: what was seen, what it means, what would settle it."""

import json
from dataclasses import replace

import pytest

from auditor.errors import UsageError
from auditor.formats.document import load, to_json
from auditor.model import Audit, AuditedAsset, Place, Reason, Strength, Verdict
from auditor.report.explain import explain
from auditor.report.next_steps import REMEDIES
from tests.tools.audits import audit, camera, device_of, silent, switch, waived


def told(item: AuditedAsset, made: Audit | None = None) -> str:
    return " ".join(explain(item, made or audit()).split())


def test_the_note_says_who_said_what_and_what_it_means() -> None:
    note = told(switch())

    assert (
        "sw-hq-1 said (snmp.sysdescr at 1.3.6.1.2.1.1.1.0), witness snmp-system: “S5720-28X-SI-AC Huawei Versatile"
        in note
    )
    assert "VRP is the operating system Huawei writes" in note
    assert "Source: samples/huawei/s5720.snmprec." in note
    assert "1 witness spoke, the most that was said is a proof, which decides by itself." in note


def test_a_neighbour_is_named_as_the_one_who_reported() -> None:
    assert "sw-hq-1 reported of it (fdb.mac at" in told(camera())


def test_what_speaks_against_a_finding_is_told_and_its_absence_too() -> None:
    assert "Shanghai Dahua Scale Factory builds scales and is a stranger." in told(camera())
    assert "Nothing that was seen; no rule against this maker fired." in told(switch())


def test_a_level_that_was_capped_says_so() -> None:
    assert "Evidence of this kind never leads beyond probable" in told(camera())


def test_two_strong_witnesses_are_named() -> None:
    item = switch()
    one = replace(item.findings[0].evidence[0], strength=Strength.STRONG)
    two = replace(one, witness="entity", rule="huawei/entity")
    item = replace(item, findings=(replace(item.findings[0], evidence=(one, two)),))

    assert (
        "2 witnesses spoke, the most that was said is strong evidence; entity and snmp-system are independent"
        in told(item)
    )


def test_what_is_settled_asks_for_no_further_read() -> None:
    assert "Nothing more is needed to name the maker." in told(switch())
    assert "Nothing more is needed" not in told(camera())


def test_only_sources_not_yet_heard_are_asked_for() -> None:
    note = told(camera())

    assert "Read the system group over SNMP" in note
    assert "Ask its web, ONVIF or discovery service" in note
    assert "Read its MAC from" not in note


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_for_failure_has_a_remedy(reason: Reason) -> None:
    made = audit()
    made = replace(made, unread=(replace(made.unread[-1], reason=reason),))

    assert REMEDIES[reason] in told(silent(made), made)


def test_what_each_law_asks_comes_with_condition_and_citation() -> None:
    note = told(camera())

    assert "United States. Applies (1) - FCC Covered List: report this equipment" in note
    assert note.index("United States. Applies (1)") < note.index("Applies if the site is used for what")
    assert "NDAA section 889: do not use this equipment as a substantial component of a system. Video surv" in note
    assert "47 CFR 1.50007, since 2021-03-12, by 2027-03-31, list read on 2026-08-20, 93 days old. https" in note


def test_a_waiver_is_told_with_its_authority() -> None:
    assert "Set aside by A. Auditor until 2027-01-31, on the authority of CR-17." in told(waived())


def test_a_component_does_not_name_the_maker_of_its_host() -> None:
    assert "It does not name the maker of the device itself." in told(device_of(audit(), "f-0004"))


def test_no_match_is_not_told_as_good_news() -> None:
    note = told(device_of(audit(), "f-0004"))

    assert "That no rule fired does not show who made it." in note
    assert not [word for word in ("clean", "safe", "compliant", "good") if word in note.lower().split()]


def test_the_note_can_be_written_from_a_stored_document() -> None:
    stored = load(to_json(audit()))
    by_key = {item.asset.key: item for item in stored.assets}

    for item in audit().assets:
        assert explain(by_key[item.asset.key], stored) == explain(item, audit())


def test_json_holds_the_asset_and_the_note() -> None:
    made = json.loads(explain(camera(), audit(), "json"))

    assert made["asset"]["key"] == "mac:e0508b000007"
    assert [section["heading"] for section in made["note"]][:2] == ["e0:50:8b:00:00:07 at hq: match", "Dahua: probable"]


def test_an_unknown_style_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, markdown, json"):
        explain(switch(), audit(), "html")


def test_a_place_says_why_it_is_known() -> None:
    item = replace(
        switch(), asset=replace(switch().asset, place=Place(switch="core", port="1", because="LLDP says so"))
    )

    assert "Plugged in at core 1. Known because LLDP says so" in told(item)


def test_a_weighed_doubt_is_mentioned_where_no_cap_explains_the_level() -> None:
    item = camera()
    finding = replace(item.findings[0], verdict=Verdict.POSSIBLE)

    assert "What speaks against it was weighed as well." in told(replace(item, findings=(finding,)))


def test_a_text_two_witnesses_repeat_is_quoted_once() -> None:
    item = switch()
    own = item.findings[0].evidence[0]
    echo = replace(
        own, witness="lldp", by="core", fact=replace(own.fact, kind="lldp.sysdescr", where="lldpRemSysDesc.1")
    )
    note = told(replace(item, findings=(replace(item.findings[0], evidence=(own, echo)),)))

    assert note.count("S5720-28X-SI-AC Huawei Versatile") == 1
    assert "core reported the same (lldp.sysdescr at lldpRemSysDesc.1), witness lldp." in note
    assert note.count(own.because) == 1


def test_a_reason_given_once_is_only_named_the_second_time() -> None:
    item = switch()
    own = item.findings[0].evidence[0]
    other = replace(own, fact=replace(own.fact, value="another text"), captures=())
    note = told(replace(item, findings=(replace(item.findings[0], evidence=(own, other)),)))

    assert note.count(own.because) == 1
    assert "Means the same as above by huawei/vrp-sysdescr (proof)." in note


def test_a_long_reply_is_cut_to_the_lines_that_matter() -> None:
    item = switch()
    own = item.findings[0].evidence[0]
    reply = "\n".join([*(f"noise {n}" for n in range(40)), "BarCode=S5720", *(f"noise {n}" for n in range(40))])
    fact = replace(own.fact, kind="cli.output", where="display elabel", value=reply)
    note = explain(replace(item, findings=(replace(item.findings[0], evidence=(replace(own, fact=fact),)),)), audit())

    assert "(cli.output at display elabel), witness snmp-system, 3 of 81 lines:" in " ".join(note.split())
    assert "      | BarCode=S5720\n" in note
    assert "noise 20" not in note


def test_lists_that_ask_nothing_take_one_line() -> None:
    item = switch()
    law = item.findings[0].obligations[0]
    lists = tuple(replace(law, policy=f"us-list-{n}", title=f"List {n}", context=True) for n in (1, 2))
    note = told(replace(item, findings=(replace(item.findings[0], obligations=(law, *lists)),)))

    assert "United States. Named on lists that ask nothing of who owns or uses it: List 1; List 2." in note
