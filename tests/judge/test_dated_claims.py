"""Claims that hold for units made in some years alone: dates of manufacture and purchase."""

from datetime import date

import pytest

from auditor.model import Evidence, Fact
from tests.tools.verdict_cases import HINT, STRONG, TODAY, asset, judged, said, verdict

MADE = {"since": date(2020, 1, 1), "until": date(2021, 12, 31)}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("20210615", "probable"),
        ("2021-06", "probable"),
        ("20220615", ""),
        ("2019-01-01", ""),
        ("99999999", "probable"),
        ("20200101", "probable"),
        ("2020-01", "probable"),
        ("20211231", "probable"),
        ("20219931", "probable"),
        ("before 2019", "probable"),
    ],
)
def test_a_date_of_manufacture_in_evidence_decides_a_dated_claim(made: str, expected: str) -> None:
    dated = said(STRONG, **MADE)  # type: ignore[arg-type]
    plate = said(HINT, "ssh", "bolt", date=made)

    assert verdict(dated, plate) == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (said(STRONG, since=date(2021, 1, 1)), ""),
        (said(STRONG, until=date(2019, 6, 1)), "probable"),
        (said(STRONG, until=date(2019, 4, 1)), "possible"),
        (said(STRONG), "probable"),
    ],
    ids=["bought before", "bought within a year of the last one made", "bought long after it", "undated"],
)
@pytest.mark.parametrize("noise", ["some day", "2099-01-01", str(TODAY)])
def test_what_was_bought_before_cannot_have_been_made_since(evidence: Evidence, expected: str, noise: str) -> None:
    bought = (Fact(kind="inventory.acquired", value=value) for value in ("2020-05-01", noise))
    one = asset(
        Fact(kind="snmp.sysdescr", value="1999-01-01"),
        Fact(kind="inventory.acquired", value="1999-01-01", about="part:1"),
        *bought,
    )

    assert [finding.verdict.word for finding in judged(evidence, one=one).findings] == [expected] * bool(expected)


def test_a_date_counts_from_the_day_it_is_known() -> None:
    one = asset(Fact(kind="inventory.acquired", value=str(TODAY)))

    assert judged(said(STRONG, since=date(2026, 11, 22)), one=one).findings == ()
    assert verdict(said(STRONG, until=date(2026, 11, 20)), said(HINT, "ssh", "bolt", date=str(TODAY))) == ""
    assert verdict(said(STRONG, until=date(2021, 6, 1)), said(HINT, "ssh", "bolt", date="2021-06")) == "probable"


def test_of_several_dates_of_manufacture_the_first_counts() -> None:
    plates = [said(HINT, "ssh", "bolt", date="2020-06-01"), said(HINT, "telnet", "bolt", date="2023-06-01")]

    assert verdict(said(STRONG, until=date(2021, 1, 1)), *plates) == "probable"
    assert verdict(said(STRONG, since=date(2021, 1, 1)), *plates) == ""


def test_a_date_to_come_is_not_believed() -> None:
    assert verdict(said(STRONG, until=TODAY), said(HINT, "ssh", "bolt", date="20990101")) == "probable"


def test_an_unknown_date_of_manufacture_is_told_as_a_condition() -> None:
    assert judged(said(STRONG, **MADE)).why == (  # type: ignore[arg-type]
        "Acme: probable by snmp-system. Holds for units made from 2020-01-01 until 2021-12-31."
    )
    assert judged(said(STRONG, until=TODAY)).why.endswith("Holds for units made until 2026-11-21.")
    assert judged(said(STRONG, since=TODAY)).why.endswith("Holds for units made from 2026-11-21.")
