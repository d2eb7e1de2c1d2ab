"""Filings are data: each shipped one loads, a wrong one is told with its place."""

import re

import pytest

from auditor.errors import AuditorError, ProblemsError, RuleError
from auditor.paperwork import define
from auditor.paperwork.filled import WORDS
from auditor.paperwork.registry import all_filings
from auditor.paperwork.values import VALUES

SHELF = all_filings()
WANTED = {
    "far889_initial", "far889_followup", "far889_72h", "far889_disclosure", "far889_rep_support", "fcc_annual_1_50007",
    "fcc_54_11_support", "scrp_application", "scrp_inventory", "scrp_cost_lines", "scrp_status_90d", "scrp_spending",
    "scrp_disposal_log", "scrp_custody", "scrp_claims", "scrp_invoices", "custody_log",
    "scrp_final_cert_support", "grant_200_216", "uk_dvd_share", "inquiry_statement",
    "executive_summary", "removal_plan",
}  # fmt: skip
# The columns a text that was read names; everything else is ours.
OFFICIAL = {
    "far889_initial": "contract_number order_numbers supplier_name supplier_uei supplier_cage brand model_number "
    "item_description mitigation_actions",
    "far889_followup": "further_mitigation prevention_efforts additional_prevention",
    "far889_72h": "",
    "far889_disclosure": "producer_name producer_uei producer_cage oem_or_distributor brand model_number "
    "item_description proposed_use permissibility_factors product_service_code",
    "fcc_annual_1_50007": "type location date_obtained acquisition_mode removal_replacement_plan justification "
    "removed_and_replaced continuing_to_obtain_or_use reason_for_continuing",
    "scrp_application": "applicant_frn applicant_name applicant_street applicant_city applicant_state applicant_zip "
    "applicant_phone applicant_email cage_code contact_name contact_phone contact_email",
}


def test_every_filing_asked_for_is_there():
    assert set(SHELF.by_id) == WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_official_columns_are_those_of_a_text_that_was_read_and_stand_first(name):
    filing = SHELF.by_id[name]
    official = [column.name for column in filing.columns if column.official]

    assert official == OFFICIAL.get(name, "").split()
    assert [column.official for column in filing.columns] == sorted((c.official for c in filing.columns), reverse=True)


def test_what_was_not_read_is_shipped_as_unconfirmed():
    assert SHELF.by_id["far889_72h"].evidence_class == "unconfirmed"
    assert "UNCONFIRMED" in SHELF.by_id["far889_72h"].title


def test_the_names_are_those_the_statutes_print():
    assert SHELF.statutory_names["hikvision"] == "Hangzhou Hikvision Digital Technology Company"
    assert set(SHELF.statutory_names) == {"huawei", "zte", "hytera", "hikvision", "dahua"}


GOOD = """
title = "T"
filer = "F"
purpose = "P"
cite = "C"
evidence_class = "P"
read_on = 2026-11-21
rows = "devices"
[[column]]
name = "a"
status = "OFFICIAL"
value = "device.model"
[[column]]
name = "b"
status = "DERIVED"
fact = "frn"
"""
KNOWN = define._Known(questions=SHELF.questions, values=frozenset(VALUES), words=frozenset(WORDS))


def test_a_good_filing_is_read():
    filing = define.read(GOOD, "x.toml", KNOWN)

    assert [column.head for column in filing.columns] == ["a (OFFICIAL)", "b (DERIVED)"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('value = "device.model"', 'value = "device.modle"', "column[1].value: no value is called 'device.modle'"),
        ('fact = "frn"', 'fact = "fnr"', "column[2].fact: no question is called 'fnr'"),
        ('fact = "frn"', "", "column[2].value: say where it comes from"),
        ('name = "b"', 'name = "a"', "two columns share a name"),
        ('status = "DERIVED"', 'status = "MAYBE"', "'MAYBE' is not one of OFFICIAL, DERIVED"),
        ('status = "OFFICIAL"\nvalue', 'status = "DERIVED"\nvalue', None),
        ('rows = "devices"', 'rows = "devices"\ngroup = ["device.nothing"]', "no value is called 'device.nothing'"),
        ('rows = "devices"', 'rows = "devices"\nstatements = ["{rowz}"]', "a statement holds {rowz}"),
        ('rows = "devices"', 'rows = "devices"\nstatements = ["{row"]', "a statement holds"),
        ('rows = "devices"', 'rows = "devices"\ncolour = 1', "unknown key"),
        ('rows = "devices"', 'rows = "devices"\n[clock]\nsince = "discovered"', "say either business_days or hours"),
    ],
)
def test_a_wrong_filing_is_told_with_its_place(old, new, told):
    text = GOOD.replace(old, new, 1)
    if told is None:
        define.read(text, "x.toml", KNOWN)
        return
    with pytest.raises(AuditorError, match=re.escape(told)) as caught:
        define.read(text, "x.toml", KNOWN)
    assert "x.toml" in str(caught.value)


def test_official_columns_may_not_hide_behind_ours():
    text = GOOD.replace("OFFICIAL", "X").replace("DERIVED", "OFFICIAL").replace("X", "DERIVED")

    with pytest.raises(RuleError, match="official columns stand first"):
        define.read(text, "x.toml", KNOWN)


def test_a_user_may_bring_a_filing_of_their_own(tmp_path):
    (tmp_path / "filings").mkdir()
    (tmp_path / "filings" / "mine.toml").write_text(GOOD)

    assert set(all_filings([tmp_path]).by_id) == WANTED | {"mine"}


def test_problems_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "filings").mkdir()
    for name in ("one", "two"):
        (tmp_path / "filings" / f"{name}.toml").write_text(GOOD.replace("device.model", "device.nix"))

    with pytest.raises(ProblemsError) as caught:
        all_filings([tmp_path])
    assert "one.toml" in str(caught.value)
    assert "two.toml" in str(caught.value)
