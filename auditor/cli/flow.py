"""From records to an exit code: journal, judgement, store, reports, in that order and the same for every command."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from auditor import journal, pipeline
from auditor.cli.common import Shared, now, store_url
from auditor.cli.knowledge import knowledge
from auditor.cli.logs import note
from auditor.cli.settings import circumstances, places
from auditor.document import dump, to_document
from auditor.errors import OutputError
from auditor.journal import stamp
from auditor.model import Audit, Finding, Record, Run
from auditor.store.diff import new_findings
from auditor.store.sqlite import Store, Stored, open_store
from auditor.store.waivers import expired, read_waivers


@dataclass(slots=True)
class Ledger:
    """The journal of a running collection: every record is on disk before anything is judged."""

    path: Path | None
    file: IO[str] | None

    def keep(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield records as they come, each written first."""
        for record in records:
            self._write(journal.encode(record))
            note(record)
            yield record

    def open_with(self, run: Run) -> None:
        """Write the line that opens a run."""
        self._write(journal.encode_run(run))

    def _write(self, line: str) -> None:
        if self.file is None:
            return
        try:
            self.file.write(line + "\n")
            self.file.flush()
        except OSError as exc:
            raise OutputError(
                f"cannot write the journal: {exc.strerror}; what it holds is kept", where=str(self.path)
            ) from None


@contextmanager
def ledger(shared: Shared, run: Run) -> Iterator[Ledger]:
    """Open the journal of a run for appending: `--journal`, else one beside the store, else none."""
    path = journal_path(shared, run)
    if path is None:
        yield Ledger(None, None)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = _mended(path, run)
        file = path.open("a", encoding="utf-8", newline="\n")
    except OSError as exc:
        raise OutputError(f"cannot open the journal: {exc.strerror}", where=str(path)) from None
    with file:
        path.chmod(0o600)
        book = Ledger(path, file)
        if fresh:
            book.open_with(run)
        yield book


def _mended(path: Path, run: Run) -> bool:
    """Cut off a torn last line, so that nothing is appended to it; tell whether the journal does not know the run yet."""
    if not path.is_file() or not path.stat().st_size:
        return True
    with path.open("r+b") as file:
        data = file.read()
        file.truncate(data.rfind(b"\n") + 1)
    return json.dumps(run.id).encode() not in data


def journal_path(shared: Shared, run: Run) -> Path | None:
    """Return where a run's journal goes."""
    if shared.journal:
        return Path(shared.journal)
    store = open_store(store_url(shared.store))
    return store.path.parent / "journals" / f"{run.id}.jsonl" if store else None


def conclude(
    records: Iterable[Record], shared: Shared, run: Run, journal_file: Path | None, *, keep: bool = True
) -> int:
    """Judge records, keep the run, write the reports asked for, and return the exit code."""
    known = knowledge(shared.rule_folders, shared.policy)
    waivers = read_waivers(shared.waivers)
    finished = now()
    case = pipeline.Case(
        run=run,
        finished=finished,
        as_of=shared.day(finished),
        circumstances=circumstances(shared.config),
        waivers=waivers,
    )
    audit = pipeline.audit(records, known, case)
    store = open_store(store_url(shared.store)) if keep else None
    before = _before(store, run)
    if store:
        store.save(stored(audit, journal_file), dump(to_document(audit)))
    deliver(audit, shared, known)
    late = [
        waiver for waiver in expired(waivers, case.as_of) if any(waiver.finding == one.id for one in _findings(audit))
    ]
    for waiver in late:
        click.echo(f"auditor: the waiver of {waiver.finding} ended on {waiver.until}; it counts again", err=True)
    fresh = new_findings(before, to_document(audit)) if shared.fail_on == "new" else frozenset()
    return 4 if late else pipeline.exit_code(audit, shared.fail_on, lambda finding: finding.id in fresh)


def deliver(audit: Audit, shared: Shared, known: pipeline.Knowledge) -> None:
    """Write the reports asked for: to a file, a folder or stdout."""
    from auditor.cli.deliver import Delivery, write_reports

    delivery = Delivery(
        formats=shared.format or ("text",),
        output=shared.output,
        redact=shared.redact,
        places=places(shared.config),
        say=shared.say,
    )
    write_reports(audit, known.names(), delivery)


def stored(audit: Audit, journal_file: Path | None) -> Stored:
    """Return the row that lists a run."""
    from auditor.document import summary

    digest = hashlib.sha256(journal_file.read_bytes()).hexdigest() if journal_file and journal_file.is_file() else ""
    return Stored(
        number=0,
        id=audit.run.id,
        started=stamp(audit.run.started),
        finished=stamp(audit.finished),
        as_of=audit.as_of.isoformat(),
        sites=",".join(sorted({item.asset.site for item in audit.assets})),
        summary=dump(summary(audit)),
        journal=str(journal_file.resolve()) if journal_file else "",
        sha256=digest,
    )


def _before(store: Store | None, run: Run) -> dict[str, Any] | None:
    """Return the newest audit document that is not this run's own."""
    older = [row for row in store.runs() if row.id != run.id] if store else []
    return dict(json.loads(store.document(older[-1]))) if store and older else None


def _findings(audit: Audit) -> Iterator[Finding]:
    for item in audit.assets:
        yield from item.findings
