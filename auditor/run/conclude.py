"""From records to a judged audit that is stored; the same for every use case."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from auditor import pipeline
from auditor.formats.document import to_document
from auditor.model import Audit, Waiver
from auditor.run.configuration import circumstances
from auditor.run.home import now, store_of
from auditor.run.knowledge import knowledge
from auditor.run.options import Option
from auditor.run.person import Person
from auditor.run.recorded import Recording, recorded
from auditor.run.reminders import with_reminders
from auditor.store.diff import new_findings
from auditor.store.rows import Removals
from auditor.store.runs import Store
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


def conclude(recording: Recording, judging: Judging, *, stored: bool = True) -> Conclusion:
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
    late = expired(waivers, case.as_of)
    with no_cycle_search():
        audit = pipeline.audit(recording.records, basis, case)
    store = store_of(judging.store) if stored else None
    before = _before(store, audit)
    if store:
        from auditor.run.keep import Keeping, keep

        audit = keep(Keeping(store=store, url=judging.store, waivers=_in_force(case), late=late), audit, recording)
    else:
        audit = pipeline.numbered(audit, recording.devices) if recording.devices else audit
        audit = with_reminders(audit, late, Removals())
    ids = {finding.id for item in audit.assets for finding in item.findings}
    late = tuple(waiver for waiver in late if waiver.finding in ids)
    code = EXPIRED if late else _exit_code(audit, judging.fail_on, before)
    return Conclusion(audit=audit, knowledge=basis, late=late, exit_code=code)


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Spare Python's search for cycles (`gc`) meanwhile: frozen things by the million hold none."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def _in_force(case: pipeline.AuditCase) -> list[Waiver]:
    return [waiver for waiver in case.waivers if waiver.until >= case.as_of]


def judge(name: str, judging: Judging, person: Person) -> Conclusion:
    """Judge a stored run or a journal again by other rules, laws or dates; nothing is stored."""
    return conclude(recorded(name, judging.store, site=judging.site, warn=person.warn), judging, stored=False)


def _exit_code(audit: Audit, fail_on: str, before: Mapping[str, Any] | None) -> int:
    if fail_on != "new":
        return pipeline.exit_code(audit, fail_on)
    fresh = new_findings(before, to_document(audit))
    return pipeline.exit_code(audit, fail_on, lambda finding: finding.id in fresh)


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
