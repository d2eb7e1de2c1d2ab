"""When a filing is due: weekends never count, a holiday only where it was named."""

from datetime import date, datetime

import pytest

from auditor.paperwork.clock import business_day, due


@pytest.mark.parametrize(
    ("day", "number", "wanted"),
    [
        ("2026-11-16", 1, "2026-11-17"),  # Monday to Tuesday
        ("2026-11-20", 1, "2026-11-23"),  # Friday to Monday
        ("2026-11-21", 1, "2026-11-23"),  # Saturday to Monday
        ("2026-11-22", 1, "2026-11-23"),  # Sunday to Monday
        ("2026-11-16", 10, "2026-11-30"),
        ("2026-11-20", 10, "2026-12-04"),
        ("2026-12-24", 1, "2026-12-25"),  # nobody named Christmas
    ],
)
def test_business_days_skip_weekends_only(day, number, wanted):
    assert business_day(date.fromisoformat(day), number).isoformat() == wanted


def test_a_named_holiday_is_no_business_day():
    assert business_day(date(2026, 11, 25), 1, {date(2026, 11, 26)}) == date(2026, 11, 27)
    assert business_day(date(2026, 11, 25), 2, {date(2026, 11, 26), date(2026, 11, 27)}) == date(2026, 12, 1)


def test_the_day_is_that_of_the_place_where_it_was_found():
    late = datetime.fromisoformat("2026-11-19T23:30:00-08:00")  # already Friday in UTC

    assert due(late, business_days=1) == "2026-11-20 (end of the day)"


def test_hours_run_through_the_weekend():
    found = datetime.fromisoformat("2026-11-20T15:30:00-05:00")

    assert due(found, hours=72) == "2026-11-23 15:30-05:00"
