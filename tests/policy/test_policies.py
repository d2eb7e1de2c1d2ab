"""The laws as data: regimes and makers cell by cell, dates, what a list is not."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from types import SimpleNamespace

import pytest

from auditor.policy.load import load
from auditor.policy.oblige import Circumstances, decide, oblige
from auditor.rules.load import vocabulary

POLICIES = {policy.id: policy for policy in load([files("oui_rules") / "policies"])}
ROWS = [(policy, row) for policy in POLICIES.values() for row in policy.rows]
TODAY = date(2026, 11, 21)
OBTAINED = date(2020, 1, 1)
YES, PURPOSE, OPEN, NO = "yes", "if-purpose", "undecidable", "no"

# Regime → (Huawei, ZTE, Hytera, Hikvision, Dahua) today, for a unit obtained in January 2020, nothing known of its use.
MATRIX = {
    "us-ndaa-889-a": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-ndaa-889-b": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-2cfr-200-216": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-fcc-covered-list": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-fcc-54-9": (YES, YES, NO, NO, NO),
    "us-fcc-54-10": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-fcc-54-11": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-fcc-1-50004-reimbursement": (YES, YES, NO, NO, NO),
    "us-fcc-equipment-authorization": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-bis-entity-list": (YES, NO, OPEN, YES, YES),
    "us-dod-1260h": (YES, NO, NO, YES, YES),
    "us-ns-cmic": (YES, NO, NO, YES, NO),
    "uk-designated-vendor-direction": (PURPOSE, NO, NO, NO, NO),
    "uk-camera-instruction": (NO, NO, NO, PURPOSE, PURPOSE),
    "ca-telecom-2022": (OPEN, OPEN, NO, NO, NO),
    "ca-hikvision-2025": (NO, NO, NO, PURPOSE, NO),
    "eu-5g-toolbox": (YES, YES, NO, NO, NO),
    "de-5g-contracts": (PURPOSE, PURPOSE, NO, NO, NO),
    "au-5g-and-cameras": (PURPOSE, PURPOSE, NO, OPEN, OPEN),
}
# What the same regimes say of Huawei's equipment once the user has said which network it serves: decided, or ruled out.
SERVES = {
    "uk-designated-vendor-direction": ("network:5g", YES),
    "de-5g-contracts": ("network:5g-core", YES),
    "au-5g-and-cameras": ("network:5g", YES),
    # A statement is no order: it can be ruled out, and nothing a user says of the network makes it bind.
    "ca-telecom-2022": ("network:5g", OPEN),
}
MAKERS = ("huawei", "zte", "hytera", "hikvision", "dahua")
HUAWEI = SimpleNamespace(maker="huawei", category="router")
STRONGEST = (YES, PURPOSE, OPEN, NO)


def answer(policy, maker, day=TODAY, purposes=None):
    """Return the strongest thing a policy says of a maker's equipment of its category."""
    around = Circumstances(acquired=OBTAINED, purposes=purposes)
    told = {
        decide(row, row.categories[0] if row.categories else "network", around, day).value
        for row in policy.rows
        if maker in row.makers
    }
    return next((word for word in STRONGEST if word in told), NO)


@pytest.mark.parametrize("regime", MATRIX)
@pytest.mark.parametrize("maker", MAKERS)
def test_the_matrix_of_regimes_and_makers_holds_cell_by_cell(regime, maker):
    assert answer(POLICIES[regime], maker) == MATRIX[regime][MAKERS.index(maker)]


@pytest.mark.parametrize("regime", SERVES)
def test_what_the_network_serves_decides_where_the_law_speaks_of_networks(regime):
    serves, told = SERVES[regime]

    assert answer(POLICIES[regime], "huawei", purposes=(serves,)) == told
    assert answer(POLICIES[regime], "huawei", purposes=("network:none", "site:none")) == NO
    assert answer(POLICIES[regime], "huawei", purposes=("public-safety",)) == MATRIX[regime][0]


@pytest.mark.parametrize(("policy", "row"), ROWS, ids=lambda value: value.id)
def test_an_open_question_says_what_would_answer_it(policy, row):
    about = SimpleNamespace(maker=(row.makers or ["nobody"])[0], category="")
    told = [duty for duty in oblige(about, Circumstances(), [replace(policy, rows=(row,))], TODAY) if row.makers]

    assert all(duty.needs for duty in told if duty.applies.value in {PURPOSE, OPEN})


def test_lists_that_bar_nobody_from_owning_a_unit_say_so():
    for name in ("us-bis-entity-list", "us-dod-1260h", "us-ns-cmic", "us-dhs-advisory-2020"):
        assert POLICIES[name].context_only


def test_companies_on_other_lists_are_named_by_neither_889_nor_the_covered_list():
    others = {"uniview", "tiandy", "tp-link", "quectel", "inspur", "sugon", "baicells", "fiberhome", "lenovo"}

    for name, policy in POLICIES.items():
        if name.startswith(("us-ndaa-889", "us-fcc-54", "us-far", "us-2cfr")) or name == "us-fcc-covered-list":
            assert not others & {maker for row in policy.rows for maker in row.makers}, name


def test_the_covered_list_has_all_its_rows():
    assert len(POLICIES["us-fcc-covered-list"].rows) == 16
    assert POLICIES["us-fcc-covered-list"].read_on == date(2026, 8, 20)


def test_reimbursement_is_only_for_what_was_obtained_in_time():
    (row,) = POLICIES["us-fcc-1-50004-reimbursement"].rows

    assert decide(row, "router", Circumstances(acquired=date(2020, 6, 30)), TODAY).value == YES
    assert decide(row, "router", Circumstances(acquired=date(2020, 7, 1)), TODAY).value == NO
    assert decide(row, "router", Circumstances(), TODAY).value == OPEN


def test_the_annual_report_looks_back_to_august_2018():
    row = next(row for row in POLICIES["us-fcc-1-50007-annual-report"].rows if row.id == "huawei-zte")

    assert decide(row, "router", Circumstances(acquired=date(2018, 8, 14)), TODAY).value == YES
    assert decide(row, "router", Circumstances(acquired=date(2018, 8, 13)), TODAY).value == NO


def test_a_duty_says_by_when_it_must_be_met():
    rows = {row.id: row for row in POLICIES["uk-designated-vendor-direction"].rows}

    assert (rows["all-5g"].since, rows["all-5g"].due) == (date(2022, 10, 13), date(2027, 12, 31))
    for row in (*POLICIES["ca-telecom-2022"].rows, *POLICIES["de-5g-contracts"].rows):
        assert row.due > row.since


def test_a_day_that_returns_every_year_is_the_next_one():
    policy = POLICIES["us-fcc-1-50007-annual-report"]

    for asked, due in (("2026-11-21", "2027-03-31"), ("2027-03-31", "2027-03-31"), ("2021-01-01", "2023-03-31")):
        told = oblige(HUAWEI, Circumstances(acquired=OBTAINED), [policy], date.fromisoformat(asked))
        assert {duty.due.isoformat() for duty in told} == {due}, asked


def test_every_obligation_says_of_which_place_it_is():
    places = {policy.jurisdiction for policy in POLICIES.values()}

    assert places <= set(vocabulary().laws["place"])
    assert {duty.jurisdiction for duty in oblige(HUAWEI, Circumstances(), POLICIES.values(), TODAY)} <= places
