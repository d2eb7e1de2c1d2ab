"""What each law comes to, and what is due when.

Counted per device, sorted by day, nothing that has passed left out.
"""

from dataclasses import replace
from datetime import date

from auditor.model import Applies, Audit
from auditor.report.base import Options
from auditor.report.dates import LAW_HEAD, days, deadlines, laws_told, when
from auditor.report.explain import explain
from auditor.report.registry import render
from auditor.report.rows import finding_row, finding_rows
from auditor.report.views import device_findings
from tests.tools.audits import FCC, NDAA, audit, switch

DAY = date(2026, 11, 21)


def asked(*obligations) -> Audit:
    """Return the fixed audit with one switch, of which exactly these duties are asked."""
    item = switch()
    (finding,) = item.findings
    return replace(audit(), assets=(replace(item, findings=(replace(finding, obligations=obligations),)),))


def test_a_device_is_counted_once_a_law_by_its_strongest_answer():
    open_clause = replace(FCC, applies=Applies.UNDECIDABLE, cite="another clause")
    (law,) = laws_told(asked(FCC, open_clause))

    assert dict(law.devices) == {Applies.YES: 1, Applies.IF_PURPOSE: 0, Applies.UNDECIDABLE: 0, Applies.NO: 0}


def test_the_answers_of_a_law_sum_up_to_the_devices_with_a_finding():
    whole = audit()
    total = sum(bool(item.findings) for item in whole.assets)

    told = laws_told(whole)
    assert [law.title for law in told] == ["FCC Covered List", "NDAA section 889"]
    assert {sum(number for _answer, number in law.devices) for law in told} == {total}
    assert dict(zip(LAW_HEAD, told[1].cells(), strict=True)) == {
        "Law":
        "NDAA section 889", "Place": "United States", "Who is bound": "", "Applies": "0", "Depends on use": "2",
        "Undecided": "0", "No": "2",
        "Next date": "", "In force since": "2019-08-13", "Citation": "Pub. L. 115-232 s. 889(a)(1)(A)",
    }  # fmt: skip


def test_what_asks_nothing_makes_no_line_of_its_own():
    assert laws_told(asked(replace(FCC, applies=Applies.NO), replace(NDAA, context=True))) == []
    assert deadlines(asked(replace(FCC, applies=Applies.NO), replace(NDAA, context=True))) == []


def test_days_stand_in_order_and_one_that_has_passed_stays():
    later = replace(FCC, due=date(2029, 12, 31), cite="later")

    told = deadlines(asked(later, FCC, NDAA, replace(FCC, due=None, cite="no day")))

    assert [one.due.isoformat() for one in told] == ["2020-08-13", "2027-03-31", "2029-12-31"]
    assert [when(one.due, DAY) for one in told] == ["passed 2,291 days ago", "in 130 days", "in 1,136 days"]
    assert when(DAY, DAY) == "on the day judged for"


def test_a_finding_shows_the_next_day_and_under_what_and_the_last_that_passed():
    tied = replace(NDAA, due=FCC.due, cite="tied")
    (row,) = finding_rows(asked(FCC, NDAA, tied))

    assert (row.due, row.due_passed) == ("2027-03-31", "2020-08-13")
    assert row.due_under == "us-fcc-covered-list: yes; us-ndaa-889: if-purpose"


def test_the_day_itself_has_not_passed():
    (pair,) = device_findings(asked(replace(FCC, due=DAY)))

    assert (finding_row(pair, DAY).due, finding_row(pair, DAY).due_passed) == (DAY.isoformat(), "")


def test_what_was_not_read_is_told_as_unconfirmed_wherever_it_stands():
    doubted = asked(replace(FCC, evidence_class="unconfirmed"))

    assert [law.title for law in laws_told(doubted)] == ["FCC Covered List (unconfirmed)"]
    for name in ("html", "md"):
        told = render(doubted, name, Options()).decode()
        assert "FCC Covered List \\(unconfirmed" in told or "FCC Covered List (unconfirmed)" in told
        assert "unconfirmed: its text was not read" in told
        assert "it binds those named under who is bound" in told
    assert "unconfirmed: its text was not read" in explain(doubted.assets[0], doubted)


def test_clauses_of_one_law_that_ask_alike_are_one_line_and_a_finding_counts_once_in_it():
    other = replace(FCC, cite="another row", condition="another condition")

    assert days(asked(FCC, other, replace(FCC, applies=Applies.UNDECIDABLE))) == [
        (FCC.due, Applies.YES, "FCC Covered List", FCC.duty, 1),
        (FCC.due, Applies.UNDECIDABLE, "FCC Covered List", FCC.duty, 1),
    ]
    text = render(asked(FCC, other), "text", Options()).decode()
    assert text.partition("Dates that laws set")[2].count("2027-03-31") == 1


def test_what_a_law_asks_to_know_is_asked_once_with_all_its_answers():
    needs = (
        "purposes of the site, any of: network:5g",
        "purposes of the site, any of: network:4g, network:5g",
        "a paper",
    )
    (row,) = finding_rows(asked(*(replace(NDAA, needs=(need,), cite=need) for need in needs)))

    assert row.missing.endswith("a paper; purposes of the site, any of: network:4g, network:5g")
