"""What is damaged in a store: the file, documents, links, rows that contradict each other."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, select

from auditor.errors import AuditorError
from auditor.store import documents, ledger
from auditor.store.database import Database
from auditor.store.keeper import last_words
from auditor.store.schema import device, document, run, sighting

SHOWN = 20
# What reading damaged rows may end in, beside errors of our own.
FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, LookupError)


def damage(store: Database, *, whole: bool = False) -> Iterator[str]:
    """Yield what is damaged; `whole` puts together the document of every run too.

    Each part is looked at whatever is found in the others.
    """
    parts = [_file] if store.path else []
    for part in (*parts, _documents, ledger.breaks, _references, _devices, *([_runs] if whole else ())):
        try:
            if part is _file:
                yield from _file(store)
                continue
            with store.reading() as base:
                yield from part(base)
        except AuditorError as exc:
            yield exc.problem
        except FAULTS as exc:
            yield f"rows cannot be read ({type(exc).__name__})"


def _file(store: Database) -> Iterator[str]:
    """Yield what SQLite finds of its own file."""
    with store.outside() as driver:
        for words in (f"PRAGMA integrity_check({SHOWN})", "PRAGMA foreign_key_check"):
            rows = [" ".join(map(str, row)) for row in driver.execute(words)]
            yield from (f"SQLite: {row}" for row in rows[:SHOWN] if row != "ok")


def _documents(base: Connection) -> Iterator[str]:
    for row in base.execute(select(document).execution_options(yield_per=500)):
        try:
            documents.unpack(row.id, row.sha256, row.body)
        except AuditorError as exc:
            yield exc.problem


def _references(base: Connection) -> Iterator[str]:
    """Yield documents that are used and missing."""
    for column in documents.REFERENCES:
        query = select(column).where(column.is_not(None), column.not_in(select(document.c.id))).limit(1)
        for number in base.execute(query).scalars():
            yield f"document {number} is missing, which the table {column.table.name} names"
    missing = select(sighting.c.device).where(
        sighting.c.device.is_not(None), sighting.c.device.not_in(select(device.c.number))
    )
    for number in base.execute(missing.limit(1)).scalars():
        yield f"device {number} is missing, which a sighting names"


def _devices(base: Connection) -> Iterator[str]:
    """Yield devices whose row is not what their last document says."""
    rows: Any = base.execute(select(device).where(device.c.document.is_not(None))).all()
    for group in documents.groups(rows):
        texts = {}
        with suppress(AuditorError):  # told with the documents
            texts = documents.fetch(base, {row.document for row in group})
        for row in group:
            if row.document in texts:
                asset = json.loads(texts[row.document])
                cells = last_words(asset)
                wrong = [word for word, cell in cells.items() if getattr(row, word) != cell]
                yield from [f"device {row.number} is not what its document says ({', '.join(wrong)})"] if wrong else ()


def _runs(base: Connection) -> Iterator[str]:
    for row in base.execute(select(run.c.number).where(run.c.pruned == "").order_by(run.c.number)).all():
        try:
            documents.whole(base, row.number)
        except AuditorError as exc:
            yield exc.problem
