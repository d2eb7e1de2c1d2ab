"""The laws as data: regimes and makers cell by cell, dates, what a list is not."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from types import SimpleNamespace

import pytest

from auditor.policy.load import load
from auditor.policy.oblige import Circumstances, datable, decide, oblige
from auditor.rules.load import load as book
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
    "us-dod-1237": (YES, NO, NO, YES, NO),
    "us-far-overhaul-52-240-91": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "us-dfars-252-204-7018": (OPEN, OPEN, NO, NO, NO),
    "us-far-52-204-30-fascsa": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "us-fcc-form-473": (YES, YES, PURPOSE, PURPOSE, PURPOSE),
    "us-fcc-form-481": (OPEN, OPEN, NO, NO, NO),
    "us-fcc-2026-proposals": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "us-la-39-1753-1": (YES, YES, YES, YES, YES),
    "us-la-38-2237-1": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "us-tx-sb-2116": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "us-tx-prohibited-technologies": (NO, NO, NO, NO, NO),
    "ca-bill-c-8": (OPEN, OPEN, NO, NO, NO),
    "ca-qc-cameras-2023": (NO, NO, NO, OPEN, OPEN),
    "de-bsig-41": (OPEN, OPEN, NO, NO, NO),
    "lt-electronic-communications": (OPEN, OPEN, NO, NO, NO),
    "lt-public-procurement": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "pl-ksc-2026": (OPEN, OPEN, NO, NO, NO),
    "se-pts-2020": (PURPOSE, PURPOSE, NO, NO, NO),
    "in-nsdts-2021": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "in-cctv": (OPEN, OPEN, OPEN, OPEN, OPEN),
    "uk-huawei-2020": (NO, NO, NO, NO, NO),
    "cn-national-intelligence-law": (YES, YES, YES, YES, YES),
}
# Corrected rows: policy, maker, then what it answers on days before and after.
CORRECTED = (
    ("us-dod-1260h", "china-unicom", {"2021-06-02": NO, "2021-06-03": YES}),
    ("us-dod-1260h", "inspur", {"2021-06-02": NO, "2021-06-03": YES}),
    ("us-dod-1260h", "china-mobile", {"2021-06-02": NO, "2021-06-03": YES}),
    ("us-dod-1260h", "china-telecom", {"2021-06-02": NO, "2021-06-03": YES}),
    ("us-dod-1260h", "dji", {"2022-10-04": NO, "2022-10-05": YES}),
    ("us-dod-1260h", "sugon", {"2022-10-04": NO, "2022-10-05": YES}),
    ("us-dod-1260h", "autel", {"2025-01-06": NO, "2025-01-07": YES}),
    ("us-dod-1260h", "baicells", {"2025-01-06": NO, "2025-01-07": YES}),
    ("us-dod-1260h", "tp-link", {"2026-06-07": NO, "2026-06-08": YES}),
    ("us-dod-1260h", "quectel", {"2026-06-07": OPEN, "2026-06-08": YES}),
    ("us-dod-1260h", "meiya-pico", {"2026-06-07": OPEN, "2026-06-08": YES}),
    ("us-dod-1260h", "megvii", {"2024-01-30": NO, "2024-01-31": YES, "2025-01-07": YES, "2025-01-08": NO}),
    ("us-bis-entity-list", "tiandy", {"2022-12-15": NO, "2022-12-16": YES}),
    ("us-bis-entity-list", "uniview", {"2026-07-15": OPEN, "2026-07-16": YES}),
    ("us-bis-entity-list", "hytera", {"2026-07-15": OPEN, "2026-07-16": OPEN}),
    ("us-ns-cmic", "huawei", {"2021-06-01": OPEN, "2026-07-16": YES}),
    ("us-fcc-54-11", "huawei", {"2022-09-26": NO, "2022-09-27": YES}),
    ("us-fcc-54-11", "dahua", {"2022-09-26": NO, "2022-09-27": PURPOSE}),
    ("us-fcc-equipment-authorization", "huawei", {"2022-11-10": NO, "2022-11-11": OPEN, "2023-02-06": YES}),
    ("us-far-overhaul-52-240-91", "zte", {"2025-10-31": OPEN, "2026-02-01": OPEN}),
    ("uk-camera-instruction", "hikvision", {"2022-11-23": OPEN, "2024-04-30": PURPOSE}),
    ("uk-huawei-2020", "huawei", {"2021-06-01": PURPOSE, "2022-10-13": NO}),
    ("us-tx-prohibited-technologies", "xiaomi", {"2026-01-25": NO, "2026-01-26": YES}),
    ("us-la-39-1753-1", "hytera", {"2021-07-31": NO, "2021-08-01": YES}),
    ("ca-qc-cameras-2023", "dahua", {"2023-12-20": NO, "2023-12-21": OPEN}),
    ("us-fcc-form-473", "hytera", {"2021-04-01": NO, "2021-04-02": PURPOSE}),
    ("us-far-52-240-1-drones", "dji", {"2025-12-22": OPEN, "2028-12-22": OPEN, "2028-12-23": NO}),
    ("us-fcc-china-carriers", "china-mobile", {"2019-05-31": OPEN}),
    ("lt-public-procurement", "huawei", {"2022-03-16": NO, "2022-03-17": OPEN}),
)
ASKED = [(policy, maker, day, says) for policy, maker, days in CORRECTED for day, says in days.items()]
# What the same regimes say of Huawei's equipment once the user has said which network it serves: decided, or ruled out.
SERVES = {
    "uk-designated-vendor-direction": ("network:5g", YES),
    "de-5g-contracts": ("network:5g-core", YES),
    "au-5g-and-cameras": ("network:5g", YES),
    # A statement is no order: it can be ruled out, and nothing a user says of the network makes it bind.
    "ca-telecom-2022": ("network:5g", OPEN),
}
MAKERS = ("huawei", "zte", "hytera", "hikvision", "dahua")
# Laws that name no maker at all.
NEUTRAL = {"us-far-52-204-30-fascsa", "lt-public-procurement", "in-nsdts-2021", "in-cctv"}
HUAWEI = SimpleNamespace(maker="huawei", category="router")
STRONGEST = (YES, PURPOSE, OPEN, NO)


def answer(policy, maker, day=TODAY, purposes=None):
    """Return the strongest thing a policy says of a maker's equipment of its category."""
    around = Circumstances(acquired=OBTAINED, purposes=purposes)
    says = {
        decide(row, row.categories[0] if row.categories else "network", around, day).value
        for row in policy.rows
        if maker in row.makers or (policy.id in NEUTRAL and "*" in row.makers)
    }
    return next((word for word in STRONGEST if word in says), NO)


@pytest.mark.parametrize("regime", MATRIX)
@pytest.mark.parametrize("maker", MAKERS)
def test_the_matrix_of_regimes_and_makers_holds_cell_by_cell(regime, maker):
    assert answer(POLICIES[regime], maker) == MATRIX[regime][MAKERS.index(maker)]


@pytest.mark.parametrize(("regime", "maker", "day", "says"), ASKED)
def test_a_corrected_row_answers_as_its_source_says_on_each_day(regime, maker, day, says):
    assert answer(POLICIES[regime], maker, day=date.fromisoformat(day)) == says


@pytest.mark.parametrize(("policy", "row"), [one for one in ROWS if one[1].known_on], ids=lambda value: value.id)
def test_before_the_day_of_reading_nobody_can_say(policy, row):
    about = SimpleNamespace(maker=row.makers[0], category=row.categories[0] if row.categories else "network")
    (says,) = oblige(about, Circumstances(), [replace(policy, rows=(row,))], date(2000, 1, 1))

    assert says.applies.value == OPEN
    assert says.since is None
    assert f"on or before {row.known_on}" in says.needs[0]
    assert f"In force by {row.known_on}" in says.condition


def test_a_day_of_reading_is_no_change_of_law():
    policy = POLICIES["us-ns-cmic"]

    assert [len(one.rows) for one in datable([policy], date(2026, 7, 15))] == [0]
    assert datable([policy], date(2026, 7, 16)) == (policy,)


def test_what_the_articles_name_has_a_row_or_a_rule():
    makers = {maker for policy in POLICIES.values() for row in policy.rows for maker in row.makers}

    assert {"megvii", "meiya-pico", "iflytek", "xiaomi", "oneplus", "tiandy", "uniview", "china-unicom"} <= makers
    assert {"oppo", "vivo"} <= {rule.says.maker for rule in book().rules}


@pytest.mark.parametrize("regime", SERVES)
def test_what_the_network_serves_decides_where_the_law_speaks_of_networks(regime):
    serves, says = SERVES[regime]

    assert answer(POLICIES[regime], "huawei", purposes=(serves,)) == says
    assert answer(POLICIES[regime], "huawei", purposes=("network:none", "site:none")) == NO
    assert answer(POLICIES[regime], "huawei", purposes=("public-safety",)) == MATRIX[regime][0]


@pytest.mark.parametrize(("policy", "row"), ROWS, ids=lambda value: value.id)
def test_an_open_question_says_what_would_answer_it(policy, row):
    about = SimpleNamespace(maker=(row.makers or ["nobody"])[0], category="")
    says = [duty for duty in oblige(about, Circumstances(), [replace(policy, rows=(row,))], TODAY) if row.makers]

    assert all(duty.needs for duty in says if duty.applies.value in {PURPOSE, OPEN})


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
    row = POLICIES["us-fcc-1-50004-reimbursement"].rows[0]

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

    for day, due in (("2026-11-21", "2027-03-31"), ("2027-03-31", "2027-03-31"), ("2021-01-01", "2023-03-31")):
        says = oblige(HUAWEI, Circumstances(acquired=OBTAINED), [policy], date.fromisoformat(day))
        assert {duty.due.isoformat() for duty in says} == {due}, day


def test_every_obligation_says_of_which_place_it_is():
    places = {policy.jurisdiction for policy in POLICIES.values()}

    assert places <= set(vocabulary().laws["place"])
    assert {duty.jurisdiction for duty in oblige(HUAWEI, Circumstances(), POLICIES.values(), TODAY)} <= places
