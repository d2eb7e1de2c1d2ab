"""From records to a judged audit that is stored; the same for every use case."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from auditor import pipeline
from auditor.errors import UsageError
from auditor.formats.document import ASSET
from auditor.model import Audit, Waiver
from auditor.report.base import Options
from auditor.run.context import RunContext, context_in_force
from auditor.run.happenings import kept_books
from auditor.run.home import now, store_of
from auditor.run.knowledge import knowledge, look
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.recorded import Recording, journal_of, read_journal, recorded
from auditor.run.reminders import with_reminders
from auditor.run.waivers import set_aside
from auditor.store.alarms import ALARM, QUIET, UNEXAMINED, SiteNews
from auditor.store.events import CompareTerms, Judge
from auditor.store.runs import Store
from auditor.store.sightings import LEVELS
from auditor.store.waivers import read_waivers
from auditor.targets.schedule import seconds

if TYPE_CHECKING:
    from auditor.run.keep import Keeping

DAY_S = 86_400
MILLION = 1_000_000

# A waiver that has ended, yet is still relied on.
EXPIRED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """A judged run: its audit, how reports look, ended waivers, exit code, what is new by site."""

    audit: Audit
    look: Options
    late: tuple[Waiver, ...]
    exit_code: int
    news: Mapping[str, SiteNews] = field(default_factory=dict)


def conclude(recording: Recording, judging: Judging, *, stored: bool = True) -> Conclusion:
    """Judge the records of a run and, where it is to be kept, store it."""
    basis = knowledge(judging.rules, judging.policy, judging.country)
    context = replace(context_in_force(judging.config), origin=recording.origin)
    waivers = read_waivers(judging.waivers)
    finished = now()
    case = pipeline.AuditCase(
        run=recording.run,
        finished=finished,
        as_of=(judging.as_of or finished).date(),
        circumstances=context.circumstances,
        waivers=waivers,
    )
    with no_cycle_search():
        audit = pipeline.audit(recording.records, basis, case)
    store = store_of(judging.store)
    news: Mapping[str, SiteNews] = {}
    is_alarm, link = False, ""
    if store and stored:
        from auditor.run.keep import keep

        keeping = _keeping(store, judging, basis, case, context)
        with no_cycle_search():
            stay = keep(keeping, audit, recording)
        audit, news, late, link = stay.audit, stay.news, stay.late, stay.link
        is_alarm = stay.alarm and judging.fail_on != "never"
    else:
        audit, late = _judged_alone(audit, recording.devices, waivers, store)
    code = EXPIRED if late else ALARM if is_alarm else _exit_code(audit, judging.fail_on, news, store)
    looks = replace(look(basis, context.organisation), ledger=link, origin=recording.origin)
    looks = replace(looks, books=partial(kept_books, store, audit)) if store and link else looks
    return Conclusion(audit=audit, look=looks, late=late, exit_code=code, news=news)


def _keeping(
    store: Store, judging: Judging, basis: pipeline.Knowledge, case: pipeline.AuditCase, context: RunContext
) -> "Keeping":
    """Return how a run is kept, and compared with those before it."""
    from auditor.run.keep import Keeping

    terms = CompareTerms(
        gone_after=judging.gone_after,
        remind_days=_days(judging.remind_unread),
        spelling=basis.ports,
        judged_today=_judged_today(store, basis, case),
    )
    return Keeping(store=store, url=judging.store, waivers=case.waivers, terms=terms, context=context)


def demand_store(judging: Judging) -> None:
    """Refuse to ask for what is new where no store can tell, before anybody is contacted."""
    if judging.fail_on == "new" and store_of(judging.store) is None:
        raise UsageError("needs a store to tell what is new; name one with --store", where="--fail-on new")


def _days(text: str) -> int:
    """Return a length of time in days, at least one where it is none."""
    try:
        return max(1, int(seconds(text) // DAY_S)) if text else 0
    except ValueError as exc:
        raise UsageError(str(exc), where="--remind-unread") from None


def _judged_today(store: Store, basis: pipeline.Knowledge, case: pipeline.AuditCase) -> Judge:
    """Return a function that judges the journal of a stored run by today's rules; each run once."""

    @cache
    def judged(run: str) -> Mapping[str, Mapping[str, Any]]:
        path = journal_of(store.find(run))
        if path is None:
            return {}
        recording = read_journal(path)
        again = pipeline.audit(recording.records, basis, replace(case, run=recording.run))
        return {item.asset.key: ASSET.write(item) for item in again.assets}

    return judged


def _judged_alone(
    audit: Audit, devices: Mapping[str, str], waivers: tuple[Waiver, ...], store: Store | None
) -> tuple[Audit, tuple[Waiver, ...]]:
    """Return an audit that is not to be kept, with what a store says of its devices."""
    if store and store.exists() and devices:
        with store.database.reading() as base:
            audit, late = set_aside(audit, devices, waivers, base)
    else:
        audit, late = set_aside(audit, devices, waivers)
    return with_reminders(audit, late), late


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Spare Python's search for cycles (`gc`) meanwhile: frozen things by the million hold none.

    Later searches are spared them as well, where there are that many.
    """
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MILLION:
            gc.freeze()
        if is_on:
            gc.enable()


def judge(name: str, judging: Judging, person: Person) -> Conclusion:
    """Judge a stored run or a journal again by other rules, laws or dates; nothing is stored."""
    return conclude(recorded(name, judging.store, site=judging.site, warn=person.warn), judging, stored=False)


def _exit_code(audit: Audit, fail_on: str, news: Mapping[str, SiteNews], store: Store | None) -> int:
    if fail_on != "new":
        return pipeline.exit_code(audit, fail_on)
    codes = {one.alarm.code for one in news.values()}
    if news:
        return next((code for code in (ALARM, UNEXAMINED) if code in codes), QUIET)
    held = store.levels() if store and store.exists() else {}
    return pipeline.exit_code(
        audit, fail_on, lambda finding: held.get(finding.id, -1) < LEVELS.index(finding.verdict.word)
    )
