"""Due dates as a calendar file other programs read: RFC 5545, whole days, no alarm."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from auditor.normal import one_line
from auditor.paperwork.periods import DueDate

FOLD = 75  # octets of a line at most, its end not counted (RFC 5545, 3.1)
SUFFIX = ".ics"


def calendar_file(dates: Iterable[DueDate], at: datetime) -> bytes:
    """Return due dates as events of a day each; the same dates and moment give the same bytes."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//auditor//filings//EN", "CALSCALE:GREGORIAN"]
    for one in dates:
        lines += _event(one, at)
    return b"".join(_fold(line) for line in (*lines, "END:VCALENDAR"))


def _event(one: DueDate, at: datetime) -> Iterator[str]:
    name = f"{one.what} {one.number}" if one.number else one.what
    # A moved day is the same event: its name and number tell it from others, not its day.
    uid = hashlib.sha256(f"{one.filing} {one.what} {one.number or one.day.year}".encode()).hexdigest()[:32]
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}@auditor"
    yield f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(name)}"
    yield f"DESCRIPTION:{_text(f'{one.because}. {one.cite} (evidence {one.evidence_class}). Filing {one.filing}.')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """Return a text escaped as RFC 5545, 3.3.11 asks."""
    words = one_line(text, 1000)
    for character in ("\\", ";", ","):
        words = words.replace(character, f"\\{character}")
    return words


def _fold(line: str) -> bytes:
    """Return a line with its end, cut where it is too long, never within a character."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > (FOLD if not pieces else FOLD - 1):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
