"""Who spoke is counted once: a reply and what was read of it, one MAC and its learners."""

import itertools
from pathlib import Path

from auditor.judge import reaches
from auditor.model import CollectedAsset, Evidence, Fact, Hearsay, Seen, Verdict
from auditor.rules.match import match
from tests.tools.rule_folders import Registered, acme, book_of, rule

MAC = "00:0e:00:00:00:01"
LABEL = "display elabel"
BOOK = acme(
    rule(id='"label"', fact='["cli.output", "entity.mfg"]', strength='"strong"'),
    rule(id='"mac"', fact='["if.mac", "arp.mac", "fdb.mac"]', regex=None, registry="true", strength='"strong"'),
)
WORDS = "AcmeOS 5.2 on A100"


def heard(tmp_path: Path, *facts: Fact, hearsay: tuple[Hearsay, ...] = ()) -> tuple[Evidence, ...]:
    asset = CollectedAsset(key="site/a", site="site", seen=Seen.READ, facts=facts, hearsay=hearsay)
    return match(book_of(tmp_path, BOOK), asset, Registered())


def reply(where: str = LABEL) -> Fact:
    return Fact(kind="cli.output", value=WORDS, where=where)


def learned(by: str, kind: str = "fdb.mac") -> Hearsay:
    return Hearsay(by=by, fact=Fact(kind=kind, value=MAC, where="table", about=f"mac:{MAC}"))


def test_a_label_read_out_of_a_reply_is_the_same_witness_as_the_reply(tmp_path: Path) -> None:
    evidence = heard(tmp_path, reply(), Fact(kind="entity.mfg", value=WORDS, where=LABEL))

    assert {item.witness for item in evidence} == {"cli"}
    assert not reaches(Verdict.CONFIRMED, evidence)


def test_the_same_label_out_of_the_entity_mib_is_a_second_witness(tmp_path: Path) -> None:
    evidence = heard(tmp_path, reply(), Fact(kind="entity.mfg", value=WORDS, where="1"))

    assert {item.witness for item in evidence} == {"cli", "entity"}
    assert reaches(Verdict.CONFIRMED, evidence)


def test_a_mac_a_reply_shows_is_no_second_witness_and_still_only_a_mac(tmp_path: Path) -> None:
    evidence = heard(tmp_path, reply(), Fact(kind="if.mac", value=MAC, where=LABEL))

    assert {(item.witness, item.number) for item in evidence} == {("cli", False), ("cli", True)}
    assert not reaches(Verdict.CONFIRMED, evidence)


def test_a_switch_that_learned_the_mac_is_a_second_witness_to_the_reply_that_shows_it(tmp_path: Path) -> None:
    evidence = heard(tmp_path, reply(), Fact(kind="if.mac", value=MAC, where=LABEL), hearsay=(learned("site/sw1"),))

    assert reaches(Verdict.CONFIRMED, evidence)


def test_seven_switches_that_learned_one_mac_say_it_once(tmp_path: Path) -> None:
    said = [learned(f"site/sw{number}") for number in range(7)]

    for order in (said, said[::-1], [learned("site/sw9", "arp.mac"), *said]):
        (evidence,) = heard(tmp_path, hearsay=tuple(order))
        assert evidence.by == "site/sw0"


def test_a_devices_own_word_for_its_mac_comes_before_hearsay(tmp_path: Path) -> None:
    own = Fact(kind="if.mac", value=MAC, where="1.3.6.1.2.1.2.2.1.6.1")

    (evidence,) = heard(tmp_path, own, hearsay=(learned("a/first"),))

    assert (evidence.by, evidence.fact) == ("", own)


def test_the_order_of_what_was_said_changes_nothing(tmp_path: Path) -> None:
    facts = (reply(), Fact(kind="entity.mfg", value=WORDS, where=LABEL), Fact(kind="if.mac", value=MAC, where=LABEL))

    assert len({heard(tmp_path, *order) for order in itertools.permutations(facts)}) == 1
