"""A newer registry of MAC prefixes, and what it changes: prefix by prefix, and for the devices of the newest run."""

from datetime import UTC, date, datetime
from pathlib import Path

from auditor import pipeline
from auditor.cli.common import data_home, store_url
from auditor.cli.terminal import tell_line, warn
from auditor.formats.document import to_document
from auditor.formats.journal import instant
from auditor.imports.registry import read
from auditor.imports.source import Source
from auditor.model import Audit, Record, Run
from auditor.normal import one_line
from auditor.rules.oui_update import folder_in, update
from auditor.store.diff import diff
from auditor.store.sqlite import open_store

SHOWN = 20


def refresh(source: Path, taken: date | None, store: str) -> None:
    """Update the registry in the user's data folder and print what changed."""
    home = data_home()
    old = folder_in(home)
    before = pipeline.learn(oui=old)
    day = taken or datetime.fromtimestamp(source.stat().st_mtime, UTC).date()
    change = update(source, home, day)
    tell_line(
        f"registry of {change.before} -> {change.after}: {len(change.added)} new prefixes, {len(change.renamed) - len(change.added)} with another holder"
    )
    for one in [one for one in change.renamed if one.before][:SHOWN]:
        tell_line(f"~ {one.prefix}: {one_line(one.before)} -> {one_line(one.after)}")
    _stored(before, pipeline.learn(oui=folder_in(home)), store)


def _stored(before: pipeline.Knowledge, after: pipeline.Knowledge, store: str) -> None:
    """Judge the newest run with both registries and print each device whose verdict differs."""
    base = open_store(store_url(store))
    rows = base.runs() if base and base.path.is_file() else ()
    if not rows:
        return
    journal = Path(rows[-1].journal)
    if not rows[-1].journal or not journal.is_file():
        warn(f"run {rows[-1].id} has no journal any more, so nothing was judged again")
        return
    source = Source(path=journal, site="", at=datetime.now(UTC), warn=warn)
    records = list(read(source, "journal"))
    run = Run(id=rows[-1].id, started=instant(rows[-1].started))
    old, new = (to_document(_audit(records, known, run)) for known in (before, after))
    changes = [change for change in diff(old, new) if change.sort != "policy"]
    for change in changes:
        tell_line(f"{change.sort}: {change.key}: {change.before} -> {change.after}")
    warn(f"{len(changes)} devices of run {run.id} would be judged otherwise")


def _audit(records: list[Record], known: pipeline.Knowledge, run: Run) -> Audit:
    return pipeline.audit(records, known, pipeline.Case(run=run, finished=run.started, as_of=run.started.date()))
