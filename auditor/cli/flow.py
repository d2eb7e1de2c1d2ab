"""From records to an exit code: judgement, store, reports, in that order and the same for every command."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from auditor import pipeline
from auditor.cli.common import Shared, now, store_url
from auditor.cli.knowledge import knowledge
from auditor.cli.removal import GONE
from auditor.cli.settings import circumstances, places
from auditor.cli.terminal import warn
from auditor.formats.document import dump, to_document
from auditor.formats.journal import instant, stamp
from auditor.model import Audit, Finding, Record, Run, Waiver
from auditor.report.rows import device
from auditor.store.diff import identity, new_findings
from auditor.store.sqlite import Store, Stored, open_store
from auditor.store.waivers import expired, read_waivers


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
    store = open_store(store_url(shared.store)) if keep else None
    audit = reminded(pipeline.audit(records, known, case), waivers, store)
    before = _before(store, run)
    if store:
        store.save(stored(audit, journal_file), dump(to_document(audit)))
    deliver(audit, shared, known)
    late = [
        waiver for waiver in expired(waivers, case.as_of) if any(waiver.finding == one.id for one in _findings(audit))
    ]
    for waiver in late:
        warn(f"auditor: the waiver of {waiver.finding} ended on {waiver.until}; it counts again")
    fresh = new_findings(before, to_document(audit)) if shared.fail_on == "new" else frozenset()
    return 4 if late else pipeline.exit_code(audit, shared.fail_on, lambda finding: finding.id in fresh)


def reminded(audit: Audit, waivers: Iterable[Waiver], store: Store | None) -> Audit:
    """Return the audit with a note on each waiver that has ended and each removed device that was there again."""
    late = {waiver.finding: waiver.until for waiver in expired(waivers, audit.as_of)}
    steps = {identity(step.asset): step for step in store.steps()} if store else {}
    notes = [
        f"The waiver of the finding on {device(item.asset)} ended on {late[finding.id]}; it counts again."
        for item in audit.assets
        for finding in (*item.findings, *item.parts)
        if finding.id in late and finding.waiver is None
    ]
    notes += [
        f"Noted as {step.state} on {step.at[:10]}, yet read or heard again in this run: {device(item.asset)}."
        for item in audit.assets
        if (step := steps.get(identity(item.asset.key))) is not None and step.state in GONE
        if instant(step.at) <= audit.run.started
    ]
    return replace(audit, notes=(*audit.notes, *notes))


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
    from auditor.formats.document import summary

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
    return store.audit(older[-1]) if store and older else None


def _findings(audit: Audit) -> Iterator[Finding]:
    for item in audit.assets:
        yield from item.findings
