"""A newer registry of MAC prefixes, and what it changes for the devices of the newest run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from auditor import pipeline
from auditor.formats.document import to_document
from auditor.formats.journal import instant
from auditor.model import Record, Run
from auditor.rules.oui_update import Change as Update
from auditor.rules.oui_update import folder_in, update
from auditor.run.assets import runs
from auditor.run.home import data_home
from auditor.run.knowledge import knowledge
from auditor.run.recorded import read_journal
from auditor.store.diff import Change, diff
from auditor.store.sqlite import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What an update changed in the registry, and what is judged with before it and after it."""

    update: Update
    before: pipeline.Knowledge
    after: pipeline.Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """Which devices of the newest run would be judged otherwise; unknown (None) where its journal is gone."""

    run: str
    changes: tuple[Change, ...] | None


def refresh(source: Path, taken: date | None) -> Refreshed:
    """Update the registry in the user's data folder from a file that is of a day, else of the day it was written."""
    before = pipeline.learn(oui=folder_in(data_home()))
    day = taken or datetime.fromtimestamp(source.stat().st_mtime, UTC).date()
    done = update(source, data_home(), day)
    return Refreshed(update=done, before=before, after=knowledge())


def consequences(refreshed: Refreshed, url: str, warn: Callable[[str], None]) -> Consequences | None:
    """Judge the newest run with both registries; where there is no run there is nothing to say."""
    rows = runs(url)
    if not rows:
        return None
    row, journal = rows[-1], Path(rows[-1].journal)
    if not row.journal or not journal.is_file():
        return Consequences(run=row.id, changes=None)
    records = read_journal(journal, warn=warn).records
    old, new = (_judged(records, basis, row) for basis in (refreshed.before, refreshed.after))
    return Consequences(run=row.id, changes=tuple(one for one in diff(old, new) if one.sort != "policy"))


def _judged(records: tuple[Record, ...], basis: pipeline.Knowledge, row: Stored) -> dict[str, object]:
    run = Run(id=row.id, started=instant(row.started))
    case = pipeline.Case(run=run, finished=run.started, as_of=run.started.date())
    return to_document(pipeline.audit(records, basis, case))
