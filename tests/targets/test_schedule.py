"""When a scan may run and how long: windows of a day, lengths of time."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from auditor.targets.schedule import seconds, window

NIGHT, DAY = window("22:00-05:00"), window("9:30 - 17:00")


@pytest.fixture
def zone(monkeypatch):
    """Return a function that moves the machine to a time zone."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("hours", "at", "left"),
    [
        (NIGHT, "21:59:59", 0),
        (NIGHT, "22:00:00", 7 * 3600),
        (NIGHT, "00:00:00", 5 * 3600),
        (NIGHT, "04:59:59", 1),
        (NIGHT, "05:00:00", 0),
        (DAY, "09:29:59", 0),
        (DAY, "16:59:00", 60),
        (DAY, "17:00:00", 0),
        (window("06:00-06:00"), "05:00:00", 3600),
    ],
)
def test_a_window_says_how_long_it_stays_open(zone, hours, at, left):
    zone("UTC")
    moment = datetime.fromisoformat(f"2026-11-21T{at}+00:00")

    assert hours.left(moment) == timedelta(seconds=left)


def test_a_window_is_by_the_clock_of_the_machine(zone):
    moment = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    zone("America/New_York")

    assert NIGHT.left(moment) == timedelta(hours=5)


def test_the_night_the_clock_is_put_forward_is_an_hour_shorter(zone):
    zone("Europe/Berlin")

    assert NIGHT.left(datetime(2026, 3, 28, 21, 0, tzinfo=UTC)) == timedelta(hours=6)


@pytest.mark.parametrize("text", ["22-5", "25:00-05:00", "22:00-05:60", "always", "22:00", "22:00-05:00-07:00"])
def test_what_is_no_window_is_refused_by_its_words(text):
    with pytest.raises(ValueError, match=text):
        window(text)


def test_lengths_are_taken_as_people_write_them():
    assert [seconds(text) for text in ("90s", "30m", " 4 h", "1d")] == [90, 1800, 14_400, 86_400]


@pytest.mark.parametrize("text", ["", "4", "0h", "-1h", "4 hours", "1h30m"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ValueError, match="no length of time"):
        seconds(text)
