"""Matching: every rule on every fact, and only on facts that concern the asset."""

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model import CollectedAsset, Evidence, Fact, Hearsay, Seen
from auditor.rules.book import RuleBook
from auditor.rules.engine import Sieve, compiled, encoded
from auditor.rules.match import match, plainness
from tests.tools.rule_folders import GENERIC, Registered, acme, book_of, rule

OS = Fact(kind="snmp.sysdescr", value="AcmeOS 5.2 on A100", where="1.3.6.1.2.1.1.1.0")
OWN_OID = rule(
    id='"oid"', fact='["snmp.sysobjectid", "snmp.enterprise", "snmp.engineid"]', regex=None, oid='"1.3.6.1.4.1.99"'
)
REGISTRANT = rule(id='"mac"', fact='["if.mac", "fdb.mac"]', regex=None, registry="true")


def asset(*facts: Fact, parts: tuple[Fact, ...] = (), hearsay: tuple[Hearsay, ...] = ()) -> CollectedAsset:
    return CollectedAsset(key="site/a", site="site", seen=Seen.READ, facts=facts, part_facts=parts, hearsay=hearsay)


def fired(book: RuleBook, one: CollectedAsset) -> list[str]:
    return [evidence.rule for evidence in match(book, one, Registered()) if evidence.says.maker]


def only(found: tuple[Evidence, ...]) -> Evidence:
    (evidence,) = found
    return evidence


def test_evidence_carries_what_the_rule_says_and_what_it_captured(tmp_path: Path) -> None:
    evidence = only(match(book_of(tmp_path, acme(rule())), asset(OS), Registered()))

    assert evidence.captures == (("model", "A100"), ("os", "5.2"))
    assert (evidence.rule, evidence.witness, evidence.fact, evidence.by) == ("acme/os", "snmp-system", OS, "")
    assert evidence.because == "AcmeOS is the system that Acme writes for its own switches."


def test_what_is_said_about_a_neighbour_is_no_word_about_the_reporter(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(fact='["snmp.sysdescr", "lldp.sysdescr"]'), REGISTRANT))
    about = Fact(kind="lldp.sysdescr", value=OS.value, about="lldp:000e00000001")
    mac = Fact(kind="fdb.mac", value="00:0e:00:00:00:01", about="mac:000e00000001")

    assert fired(book, asset(about, mac)) == []


def test_what_others_said_of_an_asset_speaks_for_it_and_names_them(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(REGISTRANT))
    mac = Fact(kind="fdb.mac", value="000e.0000.0001", about="mac:000e00000001")

    evidence = only(match(book, asset(hearsay=(Hearsay(by="site/sw1", fact=mac),)), Registered()))

    assert (evidence.by, evidence.witness, evidence.fact.value) == ("site/sw1", "mac", "000e.0000.0001")


@pytest.mark.parametrize("mac", ["020e00000001", "00ff00000001", "not a mac", ""])
def test_a_mac_nobody_of_ours_holds_says_nothing(mac: str, tmp_path: Path) -> None:
    assert fired(book_of(tmp_path, acme(REGISTRANT)), asset(Fact(kind="if.mac", value=mac))) == []


def test_what_an_operator_writes_is_never_read(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(fact='["snmp.sysdescr", "snmp.sysname"]')))

    assert fired(book, asset(Fact(kind="snmp.sysname", value=OS.value))) == []


@pytest.mark.parametrize(
    ("kind", "value", "fires"),
    [
        ("snmp.sysobjectid", "1.3.6.1.4.1.99", True),
        ("snmp.sysobjectid", ".1.3.6.1.4.1.99.1.2", True),
        ("snmp.sysobjectid", "1.3.6.1.4.1.991", False),
        ("snmp.sysobjectid", "1.3.6.1.4.1.9", False),
        ("snmp.sysobjectid", "", False),
        ("snmp.enterprise", "99", True),
        ("snmp.enterprise", "999", False),
        ("snmp.engineid", "800000630300e0fc000001", True),
        ("snmp.engineid", "80:00:00:09:03:00", False),
        ("snmp.engineid", "zz", False),
    ],
)
def test_an_oid_matches_itself_and_what_lies_below(kind: str, value: str, fires: object, tmp_path: Path) -> None:
    assert bool(fired(book_of(tmp_path, acme(OWN_OID)), asset(Fact(kind=kind, value=value)))) is fires


def test_a_narrower_subtree_of_another_maker_knows_better(tmp_path: Path) -> None:
    files = acme(OWN_OID, OWN_OID.replace('"oid"', '"switches"').replace("4.1.99", "4.1.99.1.5"))
    files["makers/bolt.toml"] = 'name = "Bolt"\n' + OWN_OID.replace("4.1.99", "4.1.99.1")
    book = book_of(tmp_path, files)

    assert fired(book, asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.99.2"))) == ["acme/oid"]
    assert fired(book, asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.99.1.4"))) == ["bolt/oid"]
    assert fired(book, asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.99.1.5"))) == [
        "acme/oid",
        "acme/switches",
    ]


def test_a_table_names_the_product_behind_an_exact_value(tmp_path: Path) -> None:
    table = rule(fact='"snmp.sysobjectid"', regex=None, table='"rows.tsv"')
    files = {**acme(table), "makers/rows.tsv": "value\tmodel\tcategory\n1.3.6.1.4.1.99.7\tA700\tswitch\n"}
    book = book_of(tmp_path, files)

    evidence = only(match(book, asset(Fact(kind="snmp.sysobjectid", value=".1.3.6.1.4.1.99.7")), Registered()))

    assert (evidence.says.model, evidence.says.category, dict(evidence.captures)) == (
        "A700",
        "switch",
        {"model": "A700"},
    )
    assert fired(book, asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.99.70"))) == []


def test_a_place_narrows_a_rule(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(fact='"snmp.value"', where="'^1\\.3\\.6\\.1\\.4\\.1\\.99\\.'")))

    here = Fact(kind="snmp.value", value=OS.value, where="1.3.6.1.4.1.99.1.0")
    there = Fact(kind="snmp.value", value=OS.value, where="1.3.6.1.4.1.9.1.0")

    assert fired(book, asset(here)) == ["acme/os"]
    assert fired(book, asset(there)) == []


def test_a_component_is_marked_as_a_part_however_it_was_told(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(fact='["entity.mfg", "ssh.banner"]'), rule(id='"stick"', part="true")))
    row = Fact(kind="entity.mfg", value=OS.value, where="7")

    told = match(book, asset(parts=(row,)), Registered())
    worded = match(book, asset(row, Fact(kind="entity.descr", value="SFP, 10 km", where="7")), Registered())
    ruled = match(book, asset(OS), Registered())

    assert [only(found).fact.about for found in (told, worded, ruled)] == ["part:7", "part:7", f"part:{OS.where}"]


def test_what_is_said_at_the_same_place_in_another_table_makes_no_component(tmp_path: Path) -> None:
    generic = GENERIC.replace('fact = "entity.descr"', 'fact = ["entity.descr", "ssh.banner"]')
    book = book_of(tmp_path, {**acme(rule(fact='"entity.mfg"')), "generic.toml": generic})
    row, banner = (
        Fact(kind=kind, value=value, where="7") for kind, value in (("entity.mfg", OS.value), ("ssh.banner", "SFP"))
    )

    assert only(match(book, asset(row, banner), Registered())).fact.about == ""


def test_a_chassis_is_no_component_whatever_words_it_uses(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(fact='"entity.mfg"')))
    facts = [("entity.mfg", OS.value), ("entity.descr", "24 SFP ports"), ("entity.class", "chassis")]

    found = match(book, asset(*(Fact(kind=kind, value=value, where="1") for kind, value in facts)), Registered())

    assert only(found).fact.about == ""


def test_one_thing_said_a_thousand_times_is_said_once(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(REGISTRANT))
    macs = [Fact(kind="if.mac", value=f"000e0000{n:04x}", where=f"{n}") for n in range(1, 2000)]

    assert only(match(book, asset(*macs), Registered())).fact.where == "1"


def test_one_adapter_among_ones_own_is_a_part(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(REGISTRANT))
    macs = [
        Fact(kind="if.mac", value=value, where=str(n))
        for n, value in enumerate(("00b0", "00ff00000001", "00ff00000002"))
    ]
    stick = Fact(kind="if.mac", value="000e00000001", where="7")
    others = [Fact(kind="if.mac", value="00ff00000001"), Fact(kind="if.mac", value="020000000001")]

    seen = tuple(Hearsay(by="site/sw", fact=Fact(kind="fdb.mac", value=f"000e0000000{n}")) for n in range(2, 9))
    assert only(match(book, asset(*macs, stick), Registered())).fact.about == "part:7"
    told = match(book, asset(*macs, stick, hearsay=seen), Registered())
    assert {(evidence.by, evidence.fact.about) for evidence in told} == {("", "part:7"), ("site/sw", "")}
    assert only(match(book, asset(*others, stick), Registered())).fact.about == ""


def test_only_a_devices_own_words_point_elsewhere(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(REGISTRANT))
    number = Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.7")

    assert [evidence.by for evidence in match(book, asset(number), Registered())] == [""]
    assert match(book, asset(hearsay=(Hearsay(by="site/sw", fact=number),)), Registered()) == ()


def test_the_order_of_facts_changes_nothing(tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule(), OWN_OID, REGISTRANT))
    facts = (OS, Fact(kind="snmp.enterprise", value="99"), Fact(kind="if.mac", value="000e00000001"))

    seen = {match(book, asset(*order), Registered()) for order in itertools.permutations(facts)}

    assert len(seen) == 1
    assert [evidence.rule for evidence in seen.pop()] == ["acme/mac", "acme/oid", "acme/os"]


@pytest.mark.parametrize("text", ["\ud800 AcmeOS 1 on A1", "AcmeOS 1 on A1\0\0", "\x1b]AcmeOS 1 on A1"])
def test_hostile_octets_do_not_stop_it(text: str, tmp_path: Path) -> None:
    book = book_of(tmp_path, acme(rule()))

    assert fired(book, asset(Fact(kind="snmp.sysdescr", value=text))) == ["acme/os"]


def test_a_capture_is_never_longer_than_a_model_can_be(tmp_path: Path) -> None:
    fact = Fact(kind="snmp.sysdescr", value=f"AcmeOS 1 on A{'9' * 60_000}")

    captured = dict(only(match(book_of(tmp_path, acme(rule())), asset(fact), Registered())).captures)

    assert (len(captured["model"]), captured["os"]) == (256, "1")


def test_sixty_four_kilobytes_of_malice_cost_milliseconds(tmp_path: Path) -> None:
    book = book_of(
        tmp_path,
        acme(*(rule(id=f'"r{n}"', regex=f"'(a|a?)+(b|b*)*(\\w+\\s?)*{n}$'", os=None, model=None) for n in range(50))),
    )
    one = asset(Fact(kind="snmp.sysdescr", value="ab " * 21_845))
    fired(book, asset(OS))

    began = time.process_time()
    found = fired(book, one)

    assert found == []
    assert time.process_time() - began < 2


def test_what_proves_nothing_says_why(tmp_path: Path) -> None:
    why = plainness(book_of(tmp_path, acme(rule())), Registered())

    assert why(Fact(kind="snmp.sysdescr", value="Linux box 6.1")) == "The name of a general system fits many makers."
    assert why(Fact(kind="snmp.sysobjectid", value=" ")) == "it is empty"
    assert why(Fact(kind="if.mac", value="02:00:00:00:00:01")) == "no registry entry speaks for this MAC (local)"
    assert [
        why(Fact(kind=kind, value=value)) for kind, value in (("snmp.sysdescr", "Box 1"), ("if.mac", "00ff00000001"))
    ] == ["", ""]


def test_a_foreign_enterprise_number_speaks_against_makers_who_have_one(tmp_path: Path) -> None:
    files = {**acme(rule(), OWN_OID), "watch/eyes.toml": 'name = "Eyes"\n' + rule(fact='"ssh.banner"')}
    found = match(
        book_of(tmp_path, files), asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.7.1"), OS), Registered()
    )

    assert [(evidence.rule, evidence.says.maker, evidence.against) for evidence in found] == [
        ("acme/os", "acme", ()),
        ("generic/another", "", ("acme",)),
    ]


@pytest.mark.parametrize(
    "value", ["1.3.6.1.4.1.99.1", "1.3.6.1.4.1.8072.3.2.10", "0.0", ""], ids=["own", "generic", "none", "empty"]
)
def test_an_enterprise_number_of_ones_own_or_of_everybody_speaks_against_nobody(value: str, tmp_path: Path) -> None:
    found = match(book_of(tmp_path, acme(OWN_OID)), asset(Fact(kind="snmp.sysobjectid", value=value)), Registered())

    assert [evidence.rule for evidence in found if evidence.against] == []


def test_a_label_answers_under_its_own_number(tmp_path: Path) -> None:
    files = {**acme(OWN_OID), "rebrands/sunny.toml": 'brand = "Sunny"\nmaker = "acme"\n' + rule()}
    found = match(
        book_of(tmp_path, files), asset(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.7.1"), OS), Registered()
    )

    assert [evidence.against for evidence in found] == [(), ()]


WORDS = ("", "A", "AcmeOS", "S5720-28X", "ab" * 40, "\n", "12.3", "é", "\0", "x" * 70_000, "DS-2CD " * 9_000)


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=20), max_size=6).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_the_sieve_finds_what_each_expression_finds_alone(text: str) -> None:
    expressions = [
        "^A",
        r"\d+$",
        "acme(?i:os)",
        r"[A-Z]\d{4}-\d+X",
        "",
        r"(?s)a.*b",
        r"\bé\b",
        "x{9}",
        "DS-2CD",
        r"^\s*$",
        "Z",
    ]
    raw = encoded(text)

    alone = [number for number, regex in enumerate(expressions) if compiled(regex).search(raw) is not None]

    assert Sieve(expressions).hits(raw) == alone
