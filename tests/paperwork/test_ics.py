"""The calendar file: every line and property as RFC 5545 has them."""

import re
from datetime import UTC, date, datetime, timedelta

from auditor.paperwork.ics import FOLD, calendar_file
from auditor.paperwork.periods import DueDate

AT = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
ESCAPE = re.compile(r"\\([\\;,nN])")


def due(day, what="Status update", number=0, because="every 90 days"):
    return DueDate(
        day=date.fromisoformat(day), what=what, filing="scrp_status_90d", because=because, cite="47 U.S.C. 1603",
        evidence_class="P", number=number,
    )  # fmt: skip


def events(content):
    """Return the events of an iCalendar stream as dicts; anything RFC 5545 forbids is an error."""
    assert content.endswith(b"\r\n")
    assert all(len(line) <= FOLD for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines = content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    found, event = [], None
    for line in lines[1:-1]:
        name, _, value = line.partition(":")
        assert re.fullmatch(r"[A-Z-]+(;[A-Z-]+=[A-Z-]+)?", name), line
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            found.append(event)
            event = None
        elif event is not None:
            assert name not in event
            assert not re.search(r"(?<!\\)(\\\\)*[;,]", value), value
            event[name] = ESCAPE.sub(r"\1", value)
    assert event is None
    return found


def test_every_day_is_an_event_of_that_day():
    first, second = events(calendar_file([due("2025-01-31", number=2), due("2025-04-01", "End of the term")], AT))

    assert (first["SUMMARY"], second["SUMMARY"]) == ("Status update 2", "End of the term")
    assert (first["DTSTART;VALUE=DATE"], first["DTEND;VALUE=DATE"]) == ("20250131", "20250201")
    assert first["DTSTAMP"] == "20261121T130000Z"
    assert {"UID", "DTSTAMP", "DTSTART;VALUE=DATE"} <= set(second)


def test_names_are_told_apart_and_a_day_that_moves_stays_the_same_event():
    days = [date(2025, 1, 1) + timedelta(days=90 * number) for number in range(9)]
    entries = events(calendar_file([due(str(day), number=number) for number, day in enumerate(days, 1)], AT))
    (again,) = events(calendar_file([due("2025-02-03", number=1)], AT))

    assert len({one["UID"] for one in entries}) == 9
    assert again["UID"] == entries[0]["UID"]


def test_texts_are_escaped_and_long_ones_folded_within_no_character():
    because = "a; b, c\\d " + "ü設" * 60
    (event,) = events(calendar_file([due("2025-01-31", because=because)], AT))

    assert event["DESCRIPTION"].startswith(because.strip())


def test_no_text_forges_a_line():
    (event,) = events(calendar_file([due("2025-01-31", because="x\r\nEND:VEVENT\r\nBEGIN:VEVENT")], AT))

    assert "END:VEVENT" in event["DESCRIPTION"]


def test_no_day_is_a_calendar_without_events():
    assert events(calendar_file([], AT)) == []
