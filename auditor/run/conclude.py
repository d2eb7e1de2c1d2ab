"""From records to a judged audit that is stored; the same for every use case."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from auditor import pipeline
from auditor.formats.document import dump, summary, to_document
from auditor.formats.journal import instant, stamp
from auditor.model import Audit, Waiver
from auditor.report.views import device
from auditor.run.configuration import circumstances
from auditor.run.home import now, store_of
from auditor.run.knowledge import knowledge
from auditor.run.options import Option
from auditor.run.person import Person
from auditor.run.recorded import Recording, recorded
from auditor.run.removal import GONE
from auditor.store.diff import identity, new_findings
from auditor.store.sqlite import Store, Stored
from auditor.store.waivers import expired, read_waivers

# A waiver that has ended, yet is still relied on.
EXPIRED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What records are judged by, and where the run is kept. Empty: the default of each."""

    policy: Annotated[tuple[str, ...], Option("Ask only this policy (repeatable; default: all).", metavar="ID")] = ()
    as_of: Annotated[datetime | None, Option("Ask the laws of that day (default: today).", metavar="DATE")] = None
    site: Annotated[str, Option("The site of devices that name none.", metavar="NAME")] = ""
    store: Annotated[str, Option("Where runs are kept: a path, sqlite:///path, or none.", metavar="URL|none")] = ""
    journal: Annotated[str, Option("Append every observation to this journal.", metavar="FILE")] = ""
    fail_on: Annotated[
        str, Option("Exit 1 from this verdict on.", choices=tuple(pipeline.FAIL_ON), shows_default=True)
    ] = "probable"
    rules: Annotated[tuple[str, ...], Option("Own rules over the built-in ones (repeatable).", metavar="FOLDER")] = ()
    waivers: Annotated[
        str, Option("Waivers to honour (default: waivers.toml here, where there is one).", metavar="FILE")
    ] = ""
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """A judged run: its audit, the knowledge below it, waivers that had ended, the exit code."""

    audit: Audit
    knowledge: pipeline.Knowledge
    late: tuple[Waiver, ...]
    exit_code: int


def conclude(recording: Recording, judging: Judging, *, keep: bool = True) -> Conclusion:
    """Judge the records of a run and, where it is to be kept, store it."""
    basis = knowledge(judging.rules, judging.policy)
    waivers = read_waivers(judging.waivers)
    finished = now()
    case = pipeline.AuditCase(
        run=recording.run,
        finished=finished,
        as_of=(judging.as_of or finished).date(),
        circumstances=circumstances(judging.config),
        waivers=waivers,
    )
    store = store_of(judging.store) if keep else None
    late = expired(waivers, case.as_of)
    audit = _with_reminders(pipeline.audit(recording.records, basis, case), late, store)
    before = _before(store, audit)
    if store:
        store.save(_row(audit, recording.path), dump(to_document(audit)))
    ids = {finding.id for item in audit.assets for finding in item.findings}
    late = tuple(waiver for waiver in late if waiver.finding in ids)
    code = EXPIRED if late else _exit_code(audit, judging.fail_on, before)
    return Conclusion(audit=audit, knowledge=basis, late=late, exit_code=code)


def judge(name: str, judging: Judging, person: Person) -> Conclusion:
    """Judge a stored run or a journal again by other rules, laws or dates; nothing is stored."""
    return conclude(recorded(name, judging.store, site=judging.site, warn=person.warn), judging, keep=False)


def _exit_code(audit: Audit, fail_on: str, before: Mapping[str, Any] | None) -> int:
    if fail_on != "new":
        return pipeline.exit_code(audit, fail_on)
    fresh = new_findings(before, to_document(audit))
    return pipeline.exit_code(audit, fail_on, lambda finding: finding.id in fresh)


def _with_reminders(audit: Audit, expired_waivers: Iterable[Waiver], store: Store | None) -> Audit:
    """Return the audit with notes on waivers that have ended and on removed devices seen again."""
    late = {waiver.finding: waiver.until for waiver in expired_waivers}
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


def _row(audit: Audit, journal_file: Path | None) -> Stored:
    """Return the row that lists a run."""
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


def _before(store: Store | None, audit: Audit) -> dict[str, Any] | None:
    """Return what the newest other run of each site had there; None where nothing is stored."""
    older = [row for row in store.runs() if row.id != audit.run.id] if store else []
    if store is None or not older:
        return None
    sites = {item.asset.site for item in audit.assets}
    assets: list[Any] = []
    for row in reversed(older):
        if own := sites.intersection(row.sites.split(",")):
            assets += [asset for asset in store.audit(row)["assets"] if asset["site"] in own]
            sites -= own
    return {"assets": assets}
