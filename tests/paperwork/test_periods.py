"""Periods of reports: by the days the facts give, none guessed."""

from datetime import date

import pytest

from auditor.errors import UsageError
from auditor.paperwork.facts import read
from auditor.paperwork.periods import period_of
from tests.tools.filing_cases import SHELF

TODAY = date(2024, 11, 1)
FACTS = """
[filer]
approved = 2024-07-15
spending_days = [2025-08-10, 2025-02-10]
term_end = 2025-07-15
extension_end = 2026-01-15
"""


def period(name, filing="scrp_status_90d", facts=FACTS):
    return period_of(SHELF.by_id[filing], read(facts, "facts.toml", SHELF.questions), name, TODAY)


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("", 2, "2024-10-14 to 2025-01-11"),
        ("1", 1, "2024-07-15 to 2024-10-13"),
        ("2024-10-13", 1, "2024-07-15 to 2024-10-13"),
        ("2024-10-14", 2, "2024-10-14 to 2025-01-11"),
        ("6", 6, "2025-10-09 to 2026-01-06"),
        ("2024-01-01..2024-12-31", 0, "2024-01-01 to 2024-12-31"),
    ],
)
def test_a_period_is_named_by_number_day_or_span_else_it_is_the_next_one_due(name, number, words):
    assert (period(name).number, period(name).words) == (number, words)


def test_a_report_by_days_runs_from_one_to_the_next():
    assert period("1", "scrp_spending").words == "2024-07-15 to 2025-02-10"
    assert period("2", "scrp_spending").words == "2025-02-11 to 2025-08-10"
    assert period("", "scrp_spending", "[filer]\nspending_days = [2025-02-10]\n").words == "until 2025-02-10"


def test_without_the_days_no_period_is_made_up():
    assert period("", facts="") is None
    assert period("3", "fcc_annual_1_50007") is None


@pytest.mark.parametrize(
    ("name", "facts", "message"),
    [
        ("99", FACTS, "there is no period 99; the facts give 1 to 6"),
        ("0", FACTS, "there is no period 0"),
        ("soon", FACTS, "'soon' is no number, no day and no DAY..DAY"),
        ("2024-13-01..2024-05-01", FACTS, "'2024-13-01' is no number"),
        ("2024-05-01", FACTS, "no period holds 2024-05-01"),
        ("2024-05-02..2024-05-01", FACTS, "2024-05-01 lies before 2024-05-02"),
        ("1", "", "the facts file gives no approved"),
    ],
)
def test_a_period_that_is_none_is_told_in_one_line(name, facts, message):
    with pytest.raises(UsageError, match="--period") as refusal:
        period(name, facts=facts)

    assert message in str(refusal.value)
