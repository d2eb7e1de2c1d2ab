"""What stands in a filing, what does not, and what it says is missing."""

import csv
import io
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from auditor.formats.document import summary
from auditor.model import Verdict
from auditor.paperwork.case import stale
from auditor.paperwork.paper import files
from tests.tools.audits import audit, switch
from tests.tools.filing_cases import SHELF, TODAY, case, filled, gap, rows

DEVICES = [name for name, filing in SHELF.by_id.items() if filing.rows == "devices" and filing.policies]


@pytest.mark.parametrize("name", [name for name, filing in SHELF.by_id.items() if filing.rows != "plan"])
def test_every_filing_is_written_and_nothing_in_it_accuses_or_acquits(name):
    made = files(filled(name), TODAY)
    text = b"".join(content for file, content in made.items() if not file.endswith("xlsx")).decode().lower()

    assert {f"{name}.csv", f"{name}.xlsx", f"{name}-gaps.csv"} <= set(made)
    assert (f"{name}.html" in made) == (SHELF.by_id[name].signed and not filled(name).refusal)
    assert not re.search(r"\b(illegal|unlawful|compliant)\b", text)
    assert f"{name}.csv" not in made or b"Not legal advice" in made[f"{name}.csv"] or not filled(name).tables[0].rows


@pytest.mark.parametrize("name", DEVICES)
def test_the_same_case_gives_the_same_bytes(name):
    assert files(filled(name), TODAY) == files(filled(name), TODAY)


def test_a_weak_verdict_stays_out_until_asked_for_and_is_counted_as_a_gap():
    strong, all_of_it = filled("fcc_54_11_support"), filled("fcc_54_11_support", at_least=Verdict.POSSIBLE)

    assert [row["device"] for row in rows(strong)] == ["sw-hq-1", "e0:50:8b:00:00:07"]
    assert gap(strong, "evidence").which == "gate (possible)"
    assert len(rows(all_of_it)) == 3
    assert gap(all_of_it, "evidence") is None


def test_a_waived_finding_stays_in_with_the_reason():
    set_aside = {
        row["device"]: row["set_aside"] for row in rows(filled("fcc_54_11_support", at_least=Verdict.POSSIBLE))
    }

    assert set_aside["gate"] == "by A. Auditor until 2027-01-31: removal is ordered"
    assert set_aside["sw-hq-1"] == ""


def test_a_component_accuses_no_host_and_stands_among_the_gaps():
    made = filled("far889_initial")

    assert "rt-1" not in [row["devices"] for row in rows(made)]
    assert gap(made, "a decision on components").which == "rt-1 part:1003"


def test_the_day_of_acquisition_decides_what_the_annual_report_lists():
    early = filled("fcc_annual_1_50007", '[asset."192.0.2.1"]\nobtained = 2018-08-13')
    late = filled("fcc_annual_1_50007", '[asset."192.0.2.1"]\nobtained = 2018-08-14')

    assert "sw-hq-1" not in [row["device"] for row in rows(early)]
    (row,) = [row for row in rows(late) if row["device"] == "sw-hq-1"]
    assert (row["date_obtained"], row["applies"]) == ("2018-08-14", "yes")
    assert gap(late, "date_obtained").which == "e0:50:8b:00:00:07"


@pytest.mark.parametrize(("day", "wanted"), [("2020-06-30", ["yes"]), ("2020-07-01", []), (None, ["unknown"])])
def test_reimbursement_takes_only_what_was_obtained_in_time(day, wanted):
    made = filled("scrp_inventory", f'[asset."192.0.2.1"]\nobtained = {day}' if day else "")

    assert [row["obtained_in_time"] for row in rows(made)] == wanted


def test_reimbursement_takes_huawei_and_zte_only():
    assert [row["manufacturer"] for row in rows(filled("scrp_inventory", at_least=Verdict.POSSIBLE))] == [
        "Huawei Technologies Company"
    ]


@pytest.mark.parametrize(
    ("purposes", "listed", "says"),
    [(None, True, "decides, not said"), ('["public-safety"]', True, "public-safety"), ("[]", False, None)],
)
def test_the_purpose_decides_for_cameras_and_is_asked_for(purposes, listed, says):
    made = filled("far889_initial", f"[site.hq]\npurposes = {purposes}" if purposes else "")
    found = [row for row in rows(made) if row["producer"] == "Dahua Technology Company"]

    assert bool(found) == listed
    assert [row["purpose"] for row in found] == [says] * listed
    assert (gap(made, "purpose of use") is not None) == (purposes is None)


def test_the_clock_starts_with_the_facts_and_not_before():
    still = filled("far889_initial")
    running = filled("far889_initial", "[filer]\ndiscovered = 2026-11-20T15:30:00-05:00")

    assert {row["due"] for row in rows(still)} == {""}
    assert gap(still, "clock_since") is not None
    assert {row["due"] for row in rows(running)} == {"2026-11-23 (end of the day)"}
    assert "due 2026-11-23" in " ".join(running.says)
    assert "nobody knows until the facts file starts the clock" in " ".join(still.says)


def test_ten_days_run_from_the_submission_and_know_named_holidays():
    made = filled("far889_followup", "[filer]\nsubmitted = 2026-11-23T09:00:00-05:00\nholidays = [2026-11-26]")

    assert {row["due"] for row in rows(made)} == {"2026-12-08 (end of the day)"}


def test_equal_products_at_a_site_share_a_row():
    second = replace(switch(), asset=replace(switch().asset, key="serial:2", serial="2", name="sw-hq-2"))
    second = replace(second, findings=(replace(second.findings[0], id="f-9", serial="2"),))
    made = filled("far889_initial", base=replace(audit(), assets=(*audit().assets, second)))
    (row,) = [row for row in rows(made) if row["model_number"]]

    assert row["quantity"] == "2"
    assert row["serial_numbers"] == "2; 2102350DLS10000001"


def test_a_missing_answer_is_a_gap_with_a_way_to_get_it_and_never_a_guess():
    made = filled("far889_initial")

    assert {row["supplier_uei"] for row in rows(made)} == {""}
    told = gap(made, "supplier_uei")
    assert (told.whose, told.number) == ("OFFICIAL", 2)
    assert "SAM.gov" in told.how
    assert gap(filled("far889_initial", '[filer]\nsupplier_uei = "ABCDEFGHJKL1"'), "supplier_uei") is None


def test_the_filers_word_goes_before_the_networks():
    facts = '[model."S5720-28X-SI-AC"]\nmodel_number = "02350DLS"'

    assert [row["model_number"] for row in rows(filled("far889_initial", facts)) if row["site"] == "hq"] == [
        "",
        "02350DLS",
    ]


def test_a_share_is_computed_from_the_operators_numbers_alone():
    facts = "[share.fibre-premises]\ntotal = 120000\nof_maker = 42001\n[share.5g-sites]\ntotal = 100\nof_maker = 35"
    found = {row["layer"]: (row["share_pct"], row["status"]) for row in rows(filled("uk_dvd_share", facts))}

    assert found == {
        "fibre-premises": ("35.0008", "above 35 %, deadline passed"),
        "5g-sites": ("35.0000", "at or below 35 %, deadline passed"),
        "5g-traffic": ("", "cannot be computed"),
    }


@pytest.mark.parametrize(("total", "part"), [(0, 0), (10, 11), (-1, -1), (10, -1)])
def test_numbers_that_make_no_share_make_none(total, part):
    made = filled("uk_dvd_share", f"[share.5g-sites]\ntotal = {total}\nof_maker = {part}")

    assert [row["share_pct"] for row in rows(made) if row["layer"] == "5g-sites"] == [""]
    assert gap(made, "share_pct").which == "every row"


def test_custody_is_told_in_the_order_of_time():
    facts = """
[[custody]]
asset = "192.0.2.1"
at = 2026-12-03
step = "destruction"
holder = "Smelter"
[[custody]]
asset = "sw-hq-1"
at = 2026-12-01
step = "removal"
holder = "Crew"
[[custody]]
asset = "nobody"
at = 2026-12-02
step = "transport"
"""
    (unit,) = rows(filled("scrp_disposal_log", facts))
    events = filled("scrp_custody", facts)

    assert unit["custody"] == "2026-12-01 removal Crew; 2026-12-03 destruction Smelter"
    assert [row["device"] for row in rows(events)] == ["sw-hq-1", "sw-hq-1", ""]
    assert gap(events, "device").which == "nobody"


def test_the_status_counts_what_the_filer_told():
    facts = '[asset."192.0.2.1"]\nremoved = 2026-12-01\nreplaced_by = "other"'
    (row,) = rows(filled("scrp_status_90d", facts))

    assert (row["in_inventory"], row["gear_removed"], row["replaced"], row["disposed"], row["remaining"]) == tuple(
        "11100"
    )


def test_the_inquiry_covers_every_site_and_every_outcome():
    found = {row["site"]: row for row in rows(filled("inquiry_statement"))}

    assert set(found) == {"depot", "hq"}
    # The router at the depot refused a login and was read all the same.
    assert (found["hq"]["targets_never_read"], found["depot"]["targets_never_read"]) == ("1", "0")
    assert found["hq"]["why_not"] == "timeout 1"
    outcomes = ("match", "no_match", "undetermined", "unread")
    for row in found.values():
        assert sum(int(row[name]) for name in outcomes) == int(row["devices_known"])


def test_the_age_of_every_list_stands_beside_it_and_an_old_one_is_named():
    made = filled("fcc_annual_1_50007")

    assert ("Policy us-fcc-covered-list", date(2026, 8, 20), 93) in made.ages
    assert "us-fcc-covered-list 2026-08-20 (93 days old)" in made.tables[0].rows[0][-1]
    assert made.stale == ("OUI registry of 2026-06-25, 149 days old",)
    assert stale(case(max_age=149), SHELF.by_id["fcc_annual_1_50007"]) == []
    assert len(stale(case(max_age=92), SHELF.by_id["fcc_annual_1_50007"])) == 2


def test_a_csv_says_whose_each_column_is():
    made = files(filled("far889_initial"), TODAY)
    head = next(csv.reader(io.StringIO(made["far889_initial.csv"].decode())))

    assert head[:2] == ["contract_number (OFFICIAL)", "order_numbers (OFFICIAL)"]
    assert all(re.search(r" \((OFFICIAL|DERIVED)\)$", label) for label in head)


def workbook(name, made=None):
    return openpyxl.load_workbook(io.BytesIO(files(made or filled(name), TODAY)[f"{name}.xlsx"]))


def test_a_workbook_keeps_official_columns_on_a_sheet_of_their_own():
    book = workbook("far889_initial")
    official = [column.name for column in SHELF.by_id["far889_initial"].columns if column.official]

    assert book.sheetnames[:4] == ["Instructions", "Named by the text", "Our columns", "Gaps"]
    assert [cell.value for cell in book["Named by the text"][1]] == [
        "Row", *(name.replace("_", " ").capitalize() for name in official), "Said by",
    ]  # fmt: skip
    assert [row[0].value for row in book["Named by the text"].iter_rows(min_row=2)] == [1, 2]
    assert "not legal advice" in " ".join(str(cell.value).lower() for row in book["Instructions"] for cell in row)


def test_no_heading_of_a_workbook_says_whose_it_is_and_every_row_says_who_concluded_it():
    book = workbook("fcc_annual_1_50007")

    for sheet in book.worksheets[1 : book.sheetnames.index("Gaps")]:
        head = [str(cell.value) for cell in sheet[1]]
        assert not [label for label in head if "(" in label or "_" in label]
        assert {row[-1].value for row in sheet.iter_rows(min_row=2)} == {"auditor"}


def test_a_workbook_wraps_keeps_the_device_in_sight_and_prints_at_eight_points():
    sheet = workbook("fcc_annual_1_50007")["Our columns"]
    width = sum(column.width for column in sheet.column_dimensions.values())

    assert [cell.value for cell in sheet[1]][:2] == ["Row", "Device"]
    assert (sheet.freeze_panes, sheet.print_title_cols, sheet.print_title_rows) == ("C2", "$A:$B", "$1:$1")
    assert {cell.alignment.wrap_text for cell in sheet[2] if isinstance(cell.value, str)} == {True}
    assert width / sheet.page_setup.fitToWidth <= 150
    assert (sheet.page_setup.fitToHeight, sheet.page_setup.orientation) == (0, "landscape")


def test_a_numeric_serial_number_keeps_its_zeros_and_a_count_is_a_number():
    item = switch()
    item = replace(item, findings=(replace(item.findings[0], serial="000219801"),))
    sheet = workbook("scrp_inventory", filled("scrp_inventory", base=replace(audit(), assets=(item,))))[
        "scrp_inventory"
    ]
    values = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))

    assert values["Serial number"] == "000219801"
    assert values["Quantity"] == 1


def test_the_row_of_the_covered_list_is_of_that_list_alone():
    cites = {row["covered_list_row"] for row in rows(filled("fcc_54_11_support"))}

    assert cites == {f"47 U.S.C. 1601; 47 CFR 1.50002; Covered List row {number}" for number in (1, 5)}


def test_a_purpose_is_asked_for_once():
    asked = [one.what for one in filled("far889_initial").gaps]

    assert asked.count("purpose of use") == 1
    assert not [what for what in asked if what.startswith("purposes of the site")]


def test_what_only_a_mac_speaks_for_stands_apart_from_columns_a_law_names():
    made = filled("far889_initial", base=audit())
    apart = rows(made, number=1)

    assert [row["devices"] for row in rows(made)] == ["sw-hq-1"]
    assert (made.tables[1].name, [row["device"] for row in apart]) == ("decide", ["e0:50:8b:00:00:07"])
    assert gap(made, "a decision whether it belongs here").which == "e0:50:8b:00:00:07"
    assert "far889_initial-decide.csv" in files(made, TODAY)
    assert "e0:50:8b:00:00:07" in [row["device"] for row in rows(filled("fcc_54_11_support", base=audit()))]


def test_a_telephone_is_left_to_a_person():
    item = switch()
    item = replace(item, findings=(replace(item.findings[0], category="handset"),))
    made = filled("fcc_annual_1_50007", base=replace(audit(), assets=(item,)))

    assert made.tables[0].rows == ()
    assert [row["device"] for row in rows(made, number=1)] == ["sw-hq-1"]


def test_two_serial_numbers_of_one_box_ask_for_the_label():
    item = switch()
    item = replace(item, findings=(replace(item.findings[0], serial="LABEL7"),))

    assert gap(filled("scrp_inventory", base=replace(audit(), assets=(item,))), "one serial number").which == "sw-hq-1"
    assert gap(filled("scrp_inventory"), "one serial number") is None


def test_the_representation_counts_what_the_summary_counts():
    counts = summary(audit())
    (row,) = rows(filled("far889_rep_support"))

    assert counts["unread"] > 0
    assert [int(row[name]) for name in ("undetermined", "targets_not_wholly_read", "of_these_read_in_part")] == [
        counts[name] for name in ("undetermined", "unread", "partly_read")
    ]  # fmt: skip


def test_an_annual_report_without_a_row_says_none_and_that_it_is_no_certificate():
    made = filled("fcc_annual_1_50007", base=replace(audit(), assets=()))

    assert made.says[0].startswith("NONE: as of 2026-11-21 no device")
    assert "no certificate" in made.says[1]
    assert not [text for text in filled("fcc_annual_1_50007").says if "NONE" in text]


@pytest.mark.parametrize(
    ("name", "day", "wanted"),
    [
        ("fcc_annual_1_50007", date(2026, 11, 21), date(2025, 12, 31)),
        ("fcc_annual_1_50007", date(2026, 12, 31), date(2026, 12, 31)),
        ("far889_initial", date(2026, 11, 21), date(2026, 11, 21)),
    ],
)
def test_a_yearly_report_is_for_the_last_day_of_the_year_it_names(name, day, wanted):
    assert SHELF.by_id[name].day(day) == wanted


def test_what_was_obtained_after_the_day_of_the_report_is_not_in_it():
    late = filled("fcc_annual_1_50007", '[asset."192.0.2.1"]\nobtained = 2026-11-22')

    assert "sw-hq-1" not in [row["device"] for row in rows(late)]
