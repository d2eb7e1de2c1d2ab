"""A newer registry of MAC prefixes, and what it changes for the devices of the newest run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from auditor import pipeline
from auditor.formats.journal import instant
from auditor.model import Run
from auditor.rules import oui_update
from auditor.run.compare import changed_verdicts
from auditor.run.home import data_home, runs
from auditor.run.knowledge import knowledge
from auditor.run.recorded import journal_of, read_journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """What an update changed in the registry, and what is judged with before it and after it."""

    update: oui_update.TableChange
    before: pipeline.Knowledge
    after: pipeline.Knowledge


def refresh(source: Path, day: date | None) -> Refresh:
    """Update the registry in the user's data folder; the data is of a day, or of its file's."""
    before = knowledge()
    file_day = datetime.fromtimestamp(source.stat().st_mtime, UTC).date()
    update = oui_update.update(source, data_home(), day or file_day)
    return Refresh(update=update, before=before, after=knowledge())


def consequences(change: Refresh, url: str, warn: Callable[[str], None]) -> tuple[str, tuple[str, ...]] | None:
    """Return the newest run with a journal, and a line for each device judged otherwise now."""
    rows = runs(url)
    if not rows:
        return None
    run, journal = Run(id=rows[-1].id, started=instant(rows[-1].started)), journal_of(rows[-1])
    if journal is None:
        warn(f"run {run.id} has no journal any more, so nothing was judged again")
        return None
    records = read_journal(journal, warn=warn).records
    case = pipeline.AuditCase(run=run, finished=run.started, as_of=run.started.date())
    old, new = (pipeline.audit(records, basis, case) for basis in (change.before, change.after))
    lines = (
        f"{item.asset.key}: {before or 'not there'} -> {after}" for item, before, after in changed_verdicts(old, new)
    )
    return run.id, tuple(lines)
