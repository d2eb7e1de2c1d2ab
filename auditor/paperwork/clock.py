"""When something is due. Weekends are no business days, nor are the filer's holidays."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

SATURDAY = 5


def business_day(after: date, number: int, holidays: Collection[date] = ()) -> date:
    """Return the `number`-th business day after a day; the day itself never counts."""
    day = after
    while number:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in holidays:
            number -= 1
    return day


def due(since: datetime, *, business_days: int = 0, hours: int = 0, holidays: Collection[date] = ()) -> str:
    """Return when it is due: the end of a day, or a moment for hours, in the filer's offset."""
    if hours:
        return (since + timedelta(hours=hours)).isoformat(sep=" ", timespec="minutes")
    return f"{business_day(since.date(), business_days, holidays).isoformat()} (end of the day)"
