"""From evidence to a verdict: what confirms, hints, speaks against, what silence means."""

import itertools
from dataclasses import replace

import pytest

from auditor.judge import finding_id, judge
from auditor.model import AuditedAsset, CollectedAsset, Evidence, Fact, Hearsay, Outcome, Part, Strength, Tier, Verdict
from tests.tools.verdict_cases import HINT, PROOF, SPOKE, STRONG, TERMS, TODAY, asset, judged, said, verdict


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([said(PROOF)], "confirmed"),
        ([said(STRONG)], "probable"),
        ([said(STRONG), said(STRONG, "ssh")], "confirmed"),
        ([said(STRONG), said(STRONG)], "probable"),
        ([said(HINT)], "possible"),
        ([said(HINT), said(HINT)], "possible"),
        ([said(HINT), said(HINT, "ssh")], "probable"),
        ([said(STRONG), said(HINT, "ssh")], "probable"),
        ([said(STRONG, "mac")], "probable"),
        ([said(PROOF, "mac")], "probable"),
        ([said(STRONG, "mac"), said(STRONG)], "confirmed"),
        ([said(HINT, "mac"), said(HINT)], "probable"),
        ([], ""),
    ],
    ids=[
        "a proof",
        "one strong word",
        "two witnesses",
        "one witness twice",
        "a hint",
        "one hint twice",
        "two hints meet",
        "a hint adds nothing to a strong word",
        "a prefix",
        "a prefix is never proof",
        "a prefix and a strong word",
        "a prefix and a hint",
        "nothing",
    ],
)
def test_strength_and_witnesses_make_the_verdict(evidence: list[Evidence], expected: str) -> None:
    assert verdict(*evidence) == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([said(PROOF, cap=Verdict.POSSIBLE)], "possible"),
        ([said(STRONG, cap=Verdict.PROBABLE), said(STRONG, "ssh", cap=Verdict.PROBABLE)], "probable"),
        ([said(STRONG, cap=Verdict.POSSIBLE), said(STRONG, "ssh")], "probable"),
        ([said(HINT, cap=Verdict.POSSIBLE), said(HINT, "ssh")], "possible"),
        ([said(PROOF, cap=Verdict.POSSIBLE), said(PROOF, "ssh")], "confirmed"),
    ],
    ids=["capped proof", "both capped", "one capped", "a capped hint does not add up", "capped beside a free proof"],
)
def test_a_cap_holds_whatever_company_it_keeps(evidence: list[Evidence], expected: str) -> None:
    assert verdict(*evidence) == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([said(STRONG), said(PROOF, "ssh", "other", against=("acme",))], ""),
        ([said(PROOF), said(PROOF, "ssh", "other", against=("acme",))], "probable"),
        ([said(PROOF), said(STRONG, "ssh", "other", against=("acme",))], "probable"),
        ([said(STRONG), said(STRONG, "ssh", "other")], "possible"),
        ([said(HINT), said(STRONG, "ssh", "other")], ""),
        ([said(STRONG), said(HINT, "ssh", "other", against=("acme",))], "probable"),
        ([said(PROOF), said(STRONG, "mac", "other")], "confirmed"),
        ([said(STRONG, "mac"), said(STRONG, "mac", "other")], "possible"),
        ([said(STRONG, "mac"), said(PROOF, "mac", "other")], "possible"),
        ([said(STRONG, "mac"), said(HINT, "mac", "other", against=("acme",))], "probable"),
        ([said(STRONG, "mac"), said(PROOF, "snmp-system", "other")], ""),
        ([said(PROOF), said(PROOF, "ssh", "bolt")], "probable"),
        ([said(STRONG), said(STRONG, "ssh", "", against=("acme",))], "possible"),
        ([said(STRONG), said(STRONG, "ssh", "", against=("bolt",))], "probable"),
    ],
    ids=[
        "a proof beats strong words",
        "two proofs stand against each other",
        "strong words take a step from a proof",
        "strong against strong",
        "strong against a hint",
        "a hint takes nothing",
        "a foreign prefix does not unsay what a device says",
        "prefix against prefix",
        "a prefix proves nothing, whatever its rule says",
        "a prefix that hints takes nothing",
        "a prefix against what the device says",
        "two covered makers",
        "words that point elsewhere",
        "words that point away from others only",
    ],
)
def test_what_speaks_against_is_weighed(evidence: list[Evidence], expected: str) -> None:
    assert verdict(*evidence) == expected


def test_what_speaks_against_is_kept_and_shown() -> None:
    counter = said(STRONG, "ssh", "other", against=("acme",))

    (finding,) = judged(said(PROOF), counter).findings

    assert finding.against == (counter,)


def test_a_lookalike_is_never_accused_and_is_named() -> None:
    found = judged(said(PROOF, maker="other", against=("acme",)), said(STRONG, "mac"))

    assert (found.outcome, found.findings) == (Outcome.NO_MATCH, ())
    assert found.why == "It was recognised as Other: It says so of itself."


def test_what_points_elsewhere_decides_without_naming_anybody() -> None:
    found = judged(said(STRONG, maker="", against=("acme",)))

    assert (found.outcome, found.findings, found.why) == (Outcome.NO_MATCH, (), "It says so of itself.")


def test_evidence_that_is_outweighed_leaves_it_undetermined() -> None:
    found = judged(
        said(HINT), said(STRONG, "ssh", "bolt", cap=Verdict.POSSIBLE), said(PROOF, "x", "other", cap=Verdict.POSSIBLE)
    )

    assert found.outcome is Outcome.UNDETERMINED
    assert found.why == "What speaks for Acme is outweighed by what speaks against it."


def test_a_watch_maker_is_found_but_is_no_match() -> None:
    found = judged(said(PROOF, maker="eyes"))

    assert [finding.tier for finding in found.findings] == [Tier.WATCH]
    assert found.outcome is Outcome.NO_MATCH


def test_a_component_names_a_part_and_never_the_host() -> None:
    found = judged(said(PROOF, "entity", about="part:7"))

    assert (found.outcome, found.findings) == (Outcome.NO_MATCH, ())
    assert [(part.maker, part.part, part.verdict.word) for part in found.parts] == [("acme", "7", "confirmed")]


def test_a_finding_on_a_part_has_the_serial_number_the_part_says() -> None:
    board = Part(part="7", sort="module", model="02310QDA", serial="BRD0000000042")
    evidence = said(PROOF, "entity", about="part:7")
    found = judge(replace(asset(), parts=(board,)), [evidence], TERMS, TODAY)

    assert [(part.serial, part.model) for part in found.parts] == [(board.serial, board.model)]


CHANNEL = Fact(kind="inventory.model", value="IPC-1", where="channels 3", about="channel:3")


def behind_recorder(*evidence: Evidence) -> AuditedAsset:
    recorder = replace(asset(Fact(kind="snmp.sysdescr", value="Acme recorder")), part_facts=(CHANNEL,))
    return judge(recorder, evidence, TERMS, TODAY)


def test_a_camera_behind_a_recorder_is_a_unit_and_probable_at_most() -> None:
    camera = said(PROOF, "inventory", about="channel:3", by="hq/1")
    found = behind_recorder(said(PROOF), camera)

    assert [(part.part, part.unit, part.verdict.word) for part in found.parts] == [("channel:3", "3", "probable")]
    assert found.findings[0].verdict is Verdict.CONFIRMED


def test_what_a_recorder_lists_says_nothing_of_the_recorder() -> None:
    found = behind_recorder(said(PROOF, "inventory", about="channel:3", by="hq/1"))

    assert (found.findings, found.outcome) == ((), Outcome.NO_MATCH)


def test_a_component_of_a_maker_no_list_has_is_no_part_worth_naming() -> None:
    assert judged(said(PROOF, "entity", maker="other", about="part:7")).parts == ()


def test_parts_of_a_box_that_is_named_already_add_nothing() -> None:
    found = judged(said(STRONG), said(STRONG, "entity", about="part:7"), said(STRONG, "entity", "bolt", about="part:8"))

    assert [(part.maker, part.part) for part in found.parts] == [("bolt", "8")]


def test_the_reason_says_who_spoke_and_what_speaks_against_it() -> None:
    found = judged(said(PROOF), said(STRONG, "ssh"), said(HINT, "x", "other", against=("acme",)))

    assert found.why == "Acme: confirmed by snmp-system, ssh. Against it: It says so of itself."


def test_a_hint_of_a_lookalike_decides_nothing() -> None:
    found = judged(said(HINT, maker="other"), one=asset(Fact(kind="snmp.sysdescr", value="Linux box")))

    assert (found.outcome, found.why) == (
        Outcome.UNDETERMINED,
        "What was read fits too many makers: Linux runs everywhere.",
    )


@pytest.mark.parametrize(
    ("evidence", "name"),
    [
        ([said(PROOF, maker="other", cap=Verdict.PROBABLE), said(PROOF, "ssh", "eyes")], "eyes"),
        ([said(PROOF, maker="other"), said(PROOF, "ssh", "eyes")], "Other"),
    ],
    ids=["one is probable, one is not", "both are"],
)
def test_one_of_several_others_that_are_probable_is_named(evidence: list[Evidence], name: str) -> None:
    assert judged(*evidence).why == f"It was recognised as {name}: It says so of itself."


def test_evidence_without_a_category_leaves_it_to_others() -> None:
    (found,) = judged(said(PROOF), said(STRONG, "ssh", category="camera")).findings

    assert found.category == "camera"


BY = "hq/sw"
QUIET = asset()


@pytest.mark.parametrize(
    ("one", "evidence", "expected"),
    [
        (QUIET, [said(PROOF, "lldp", by=BY)], "probable"),
        (QUIET, [said(PROOF, "lldp", by=BY), said(STRONG, "cdp", by=BY)], "probable"),
        (SPOKE, [said(PROOF, "lldp", by=BY)], "possible"),
        (SPOKE, [said(STRONG, "mac", by=BY)], "probable"),
        (SPOKE, [said(PROOF, "lldp", by=BY), said(HINT)], "probable"),
        (SPOKE, [said(PROOF, "lldp", by=BY), said(STRONG)], "confirmed"),
        (SPOKE, [said(PROOF, "lldp", by=BY), said(STRONG, maker="other")], "possible"),
        (SPOKE, [said(STRONG, "mac", by=BY), said(STRONG, maker="other")], "possible"),
        (SPOKE, [said(PROOF, "lldp", by=BY), said(STRONG, "mac"), said(STRONG, maker="other")], "possible"),
        (SPOKE, [said(PROOF, "lldp", by=BY), said(STRONG, "mac", maker="other")], "possible"),
    ],
    ids=[
        "only heard",
        "heard twice",
        "of one who answered and says nothing of it",
        "a prefix others saw of one who answered",
        "of one who hints at it himself",
        "of one who says so himself",
        "of one who names another maker",
        "a prefix others saw of one who names another maker",
        "a card in a box of another maker",
        "of one whose prefix is another maker's",
    ],
)
def test_what_others_say_leads_as_far_as_the_device_lets_it(
    one: CollectedAsset, evidence: list[Evidence], expected: str
) -> None:
    found = {finding.maker: finding.verdict.word for finding in judged(*evidence, one=one).findings}

    assert found.get("acme", "") == expected


@pytest.mark.parametrize("counter", [said(PROOF, "lldp", "other", by=BY), said(STRONG, "cdp", "other", by=BY)])
@pytest.mark.parametrize("own", [said(PROOF), said(STRONG)])
def test_what_others_say_takes_nothing_from_what_a_device_says(own: Evidence, counter: Evidence) -> None:
    (finding,) = judged(own, counter).findings

    assert (finding.verdict, finding.against) == (judged(own).findings[0].verdict, (counter,))


def test_what_bears_a_label_goes_by_the_labels_number() -> None:
    board = said(PROOF, model="BOARD-1")
    label = said(STRONG, "ssh", model="L-1")
    label = replace(label, says=replace(label.says, brand="Label"))

    assert judged(board, label).findings[0].model == "L-1"
    assert judged(board, said(STRONG, "ssh", model="L-1")).findings[0].model == "BOARD-1"


def stated(strength: Strength, maker: str = "acme", witness: str = "inventory") -> Evidence:
    """Return what a row of an inventory says."""
    return replace(said(strength, witness, maker), fact=Fact(kind="inventory.model", value="text"))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([stated(PROOF)], "confirmed"),
        ([stated(PROOF), said(STRONG, "ssh", "other")], "possible"),
        ([stated(PROOF), said(STRONG), said(STRONG, "ssh", "other")], "probable"),
        ([stated(PROOF), said(STRONG, "lldp", "other", by=BY)], "probable"),
        ([stated(PROOF), said(STRONG, "mac", "other", by=BY)], "confirmed"),
        ([said(PROOF, "lldp", by=BY), stated(STRONG, "other")], "probable"),
        ([said(STRONG, "lldp", by=BY), stated(PROOF, "other")], "probable"),
        ([stated(STRONG), stated(STRONG, "other")], "possible"),
        ([said(STRONG), stated(STRONG, "other")], "possible"),
    ],
    ids=[
        "the books alone",
        "against what a device says",
        "beside what a device says, which contradicts itself",
        "against what a neighbour says",
        "against a prefix a neighbour saw",
        "a neighbour against the books",
        "a neighbour against the surest of books",
        "two rows",
        "against what a device says is a step",
    ],
)
def test_books_and_hearsay_do_not_cap_each_other_and_a_device_caps_both(
    evidence: list[Evidence], expected: str
) -> None:
    one = SPOKE if any(item.witness in {"snmp-system", "ssh"} for item in evidence) else QUIET
    found = {finding.maker: finding.verdict.word for finding in judged(*evidence, one=one).findings}

    assert found.get("acme", "") == expected


def test_a_label_on_several_makers_boxes_is_no_word_for_another_maker() -> None:
    label = said(STRONG, "ssh", "bolt")
    shared = replace(label, says=replace(label.says, brand="Label"))

    assert verdict(said(STRONG), label) == "possible"
    assert verdict(said(STRONG), shared) == "probable"


def test_two_neighbours_that_contradict_each_other_are_weighed_as_two_words() -> None:
    found = judged(said(STRONG, "lldp", by=BY), said(PROOF, "cdp", "other", by="hq/sw2"), one=QUIET)

    assert found.outcome is Outcome.NO_MATCH


def test_what_a_device_says_comes_before_its_prefix_and_before_hearsay() -> None:
    by_prefix, heard, own = (
        said(STRONG, "mac", model="M"),
        said(STRONG, "lldp", model="H", by="hq/sw"),
        said(STRONG, "ssh", model="S"),
    )

    assert judged(by_prefix, heard, own).findings[0].model == "S"
    assert judged(by_prefix, heard).findings[0].model == "H"


def test_the_finding_takes_its_words_from_the_strongest_evidence() -> None:
    strong = said(STRONG, "ssh", model="A2", category="switch", firmware="2", serial="S2")
    proof = said(PROOF, model="A1", category="network", os="5.2", release="R1")

    (finding,) = judged(strong, proof, one=asset(Fact(kind="snmp.sysdescr", value="x"), serial="S1")).findings

    assert (finding.model, finding.category, finding.firmware, finding.serial) == ("A1", "switch", "2", "S2")


def test_a_model_is_spelled_out_as_far_as_any_evidence_spells_it() -> None:
    (finding,) = judged(
        said(PROOF, model="S5720"), said(STRONG, "ssh", model="S5720-28X"), said(HINT, "x", model="S9")
    ).findings

    assert finding.model == "S5720-28X"
    assert judged(said(PROOF), said(STRONG, "ssh", model="S5")).findings[0].model == "S5"


def test_firmware_and_serial_fall_back_on_what_else_is_known() -> None:
    one = asset(Fact(kind="snmp.sysdescr", value="x"), serial="S1")
    (finding,) = judged(said(PROOF, os="5.2", release="R1"), one=one).findings

    assert (finding.firmware, finding.serial) == ("5.2 R1", "S1")


HEARD = (Hearsay(by="hq/sw", fact=Fact(kind="lldp.sysdescr", value="Box", about="lldp:1")),)


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (asset(), Outcome.UNREAD),
        (asset(Fact(kind="snmp.sysdescr", value="Linux box")), Outcome.UNDETERMINED),
        (asset(Fact(kind="ssh.banner", value="SSH-2.0-x")), Outcome.UNDETERMINED),
        (asset(Fact(kind="snmp.sysdescr", value="Linux box"), Fact(kind="if.mac", value="00ff")), Outcome.NO_MATCH),
        (asset(Fact(kind="snmp.sysdescr", value="Box 1")), Outcome.NO_MATCH),
        (asset(heard=HEARD), Outcome.NO_MATCH),
        (asset(Fact(kind="fdb.mac", value="00ff", about="mac:00ff")), Outcome.UNREAD),
    ],
    ids=["nothing", "generic", "undecided kind", "generic and a MAC", "its own words", "heard", "only about others"],
)
def test_silence_is_not_a_clean_bill(one: CollectedAsset, outcome: Outcome) -> None:
    found = judged(one=one)

    assert found.outcome is outcome
    assert found.why.endswith(".")


def test_silence_says_what_was_read_and_why_that_settles_nothing() -> None:
    box, name, place = (Fact(kind=kind, value="Box 1") for kind in ("snmp.sysdescr", "snmp.sysname", "entity.name"))

    assert judged(one=asset()).why == "Nothing was read from it and nobody spoke of it."
    assert judged(one=asset(name, place)).why == (
        "Only entity.name, snmp.sysname was read, which does not settle who made it."
    )
    linux = Fact(kind="lldp.sysdescr", value="Linux 6")
    assert judged(one=asset(name, box, linux)).why == "No rule fits what it said (snmp.sysdescr)."


def test_a_heard_asset_is_judged_by_what_is_said_of_it() -> None:
    found = judged(said(STRONG, "mac", by="hq/sw"), one=asset(heard=HEARD))

    assert (found.outcome, found.findings[0].verdict) == (Outcome.MATCH, Verdict.PROBABLE)


def test_the_order_of_evidence_changes_nothing() -> None:
    pieces = (
        said(PROOF, model="A"),
        said(STRONG, "ssh", model="B"),
        said(STRONG, "mac", "bolt"),
        said(HINT, "x", "other"),
    )

    assert len({judged(*order) for order in itertools.permutations(pieces)}) == 1


def test_a_finding_keeps_its_id_between_runs() -> None:
    (finding,) = judged(said(PROOF)).findings

    assert finding.id == finding_id(SPOKE.key, "acme") == "82e72a8fb8bd"
    assert len({finding_id(SPOKE.key, "acme"), finding_id(SPOKE.key, "bolt"), finding_id(SPOKE.key, "acme", "7")}) == 3


def test_a_sign_that_others_share_accuses_nobody_by_itself() -> None:
    shared = replace(said(HINT, "inventory"), alone=False)

    one = judged(shared)

    assert (one.outcome, one.findings) == (Outcome.UNDETERMINED, ())
    assert one.why == "It could be Acme, or another maker: It says so of itself."
    assert verdict(shared, said(HINT, "http")) == "probable"
