"""What a law asks depends on maker, equipment, date and use; unknowns stay open."""

from datetime import date
from importlib.resources import files

import pytest

from auditor.errors import AuditorError
from auditor.model import Claim, Evidence, Fact, Finding, Strength, Tier, Verdict
from auditor.policy.load import load, read
from auditor.policy.oblige import Circumstances, decide, oblige

POLICIES = load([files("oui_rules") / "policies"])


def finding(category):
    evidence = Evidence(
        rule="r",
        says=Claim(maker="huawei"),
        strength=Strength.PROOF,
        because="B.",
        source="s",
        fact=Fact(kind="k", value="v"),
        witness="w",
    )
    return Finding(
        id="f", maker="huawei", tier=Tier.COVERED, category=category, verdict=Verdict.CONFIRMED, evidence=(evidence,)
    )


ROW = """
title = "T"
jurisdiction = "US"
bound = "B"
read_on = 2026-01-01
[[row]]
id = "r"
makers = ["huawei"]
applies = "{applies}"
duty = "know"
since = 2020-01-01
cite = "c"
url = "https://example.org/"
evidence_class = "P"
{more}
"""


def test_a_purpose_clause_names_its_purposes():
    with pytest.raises(AuditorError, match="say which purposes"):
        read(ROW.format(applies="if-purpose", more=""), "t.toml")


@pytest.mark.parametrize(
    ("purposes", "expected"),
    [(("network:5g",), "yes"), (("network:none",), "no"), (("site:military",), "if-purpose"), (None, "if-purpose")],
    ids=["it serves it", "it serves another network", "another question was answered", "nobody answered"],
)
def test_only_an_answer_to_its_own_question_decides_a_purpose(purposes, expected):
    (row,) = read(ROW.format(applies="if-purpose", more='purposes = ["network:5g"]'), "t.toml").rows

    assert decide(row, "router", Circumstances(purposes=purposes), date(2026, 11, 21)).value == expected


def test_an_undecidable_clause_names_the_documents_that_would_decide():
    with pytest.raises(AuditorError, match="say which documents"):
        read(ROW.format(applies="undecidable", more=""), "t.toml")


def test_a_date_of_acquisition_nobody_knows_leaves_the_question_open():
    (row,) = read(ROW.format(applies="yes", more="acquired_until = 2020-06-30"), "t.toml").rows
    on = date(2026, 11, 21)

    assert decide(row, "router", Circumstances(), on).value == "undecidable"
    assert decide(row, "router", Circumstances(acquired=date(2020, 6, 30)), on).value == "yes"
    assert decide(row, "router", Circumstances(acquired=date(2020, 7, 1)), on).value == "no"


@pytest.mark.parametrize(
    ("more", "needs"),
    [
        ("acquired_until = 2020-06-30", ("day it was obtained: on or before 2020-06-30",)),
        ("acquired_from = 2021-01-01", ("day it was obtained: on or after 2021-01-01",)),
        ('categories = ["router"]', ("sort of equipment, any of: router",)),
    ],
)
def test_an_open_question_asks_for_what_would_decide_it_and_nothing_else(more, needs):
    policy = read(ROW.format(applies="yes", more=more), "t.toml")
    open_finding = finding("")

    (duty,) = oblige(open_finding, Circumstances(), [policy], date(2026, 11, 21))

    assert (duty.applies.value, duty.needs) == ("undecidable", needs)


def test_a_duty_is_due_on_the_day_its_row_states():
    policy = read(ROW.format(applies="yes", more="due = 2027-03-31"), "t.toml")

    (duty,) = oblige(finding("router"), Circumstances(), [policy], date(2026, 11, 21))

    assert duty.due == date(2027, 3, 31)


def test_all_problems_of_a_policy_show_at_once():
    with pytest.raises(AuditorError) as caught:
        read(ROW.format(applies="perhaps", more='colour = "red"'), "t.toml")

    assert "row[1].applies" in str(caught.value)
    assert "row[1].colour: unknown key" in str(caught.value)


def test_a_clause_about_other_equipment_says_nothing_at_all():
    told = oblige(finding("router"), Circumstances(), POLICIES, date(2026, 11, 21))

    rows = {duty.cite for duty in told if duty.policy == "us-fcc-covered-list"}
    assert [cite for cite in rows if "row 1" in cite]
    assert not [cite for cite in rows if "row 12" in cite or "row 2" in cite]
