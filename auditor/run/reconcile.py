"""What the books hold and no scan saw, what was seen and is on no books, and both."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple

from auditor import pipeline
from auditor.formats.document import ASSET
from auditor.normal import one_line
from auditor.report import ooxml
from auditor.report.columns import aligned
from auditor.report.ooxml import Sheet
from auditor.report.sheets import table
from auditor.run.devices import ADVICE
from auditor.run.files import AUTO, read
from auditor.run.happenings import BOOK_COLUMNS as COLUMNS
from auditor.run.home import now
from auditor.run.knowledge import knowledge
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.recorded import kept_runs
from auditor.store.books import BOTH, UNLISTED, UNSEEN, BookLine, book_lines

TITLES = {UNSEEN: "On the books, not seen", UNLISTED: "Seen, on no books", BOTH: "Both"}
# What a terminal has room for.
SHORT = ("state", "device", "site", "address", "name", "serial", "makers", "last_seen", "matched_by", "remark")


def reconcile(paths: Sequence[str], url: str, person: Person, *, site: str = "") -> tuple[list[BookLine], bool]:
    """Return how books compare with a store's devices, and whether all on them was seen.

    Books are whatever `auditor import` reads; `site` is that of rows that name none. A file that cannot be read whole
    is a warning, and nothing of it counts as seen.
    """
    from auditor.store import directory

    basis, store = knowledge(), kept_runs(url, ADVICE)
    recording = read(paths, AUTO, Judging(store="none", site=site), person)
    case = pipeline.AuditCase(run=recording.run, finished=now(), as_of=now().date())
    audit = pipeline.audit(recording.records, basis, case)
    for one in audit.unread:
        person.warn(f"{one.target.address}: could not be read: {one.detail or one.reason.value}")
    with store.database.reading() as base:
        days = {entry.number: entry.last for entry in directory.devices(base) if not entry.gone}
        assets = directory.scanned(base)
    devices = {number: asset for number, asset in assets.items() if number in days}
    lines = book_lines([ASSET.write(item) for item in audit.assets], devices, days)
    return lines, not audit.unread and all(line.state != UNSEEN for line in lines)


def _text(lines: Sequence[BookLine]) -> bytes:
    counts = ", ".join(f"{sum(line.state == state for line in lines):,} {state}" for state in TITLES)
    head = [name.replace("_", " ").upper() for name in SHORT]
    rows = aligned([head, *([getattr(line, name) for name in SHORT] for line in lines)]) if lines else []
    return "\n".join([f"{len(lines):,} devices: {counts}", *rows, ""]).encode("utf-8", "replace")


def _json(lines: Sequence[BookLine]) -> bytes:
    return (json.dumps([asdict(line) for line in lines], indent=1) + "\n").encode()


def _csv(lines: Sequence[BookLine]) -> bytes:
    return table(COLUMNS, ([one_line(cell) for cell in astuple(line)] for line in lines))


def _xlsx(lines: Sequence[BookLine]) -> bytes:
    sheets = (
        Sheet(
            name=title,
            head=[name.replace("_", " ").capitalize() for name in COLUMNS[1:]],
            rows=[[one_line(cell) for cell in astuple(line)[1:]] for line in lines if line.state == state],
            widths=dict.fromkeys(range(len(COLUMNS) - 1), 18.0),
        )
        for state, title in TITLES.items()
    )
    return ooxml.book(sheets, title="Books and scans", created=now())


FORMATS: dict[str, Callable[[Sequence[BookLine]], bytes]] = {"text": _text, "json": _json, "csv": _csv, "xlsx": _xlsx}
