"""A stored run as it is reported: its audit, how it looks, for whom; never judged again."""

from dataclasses import dataclass

from auditor.formats import document
from auditor.model import Audit
from auditor.pipeline import asked_by
from auditor.report.base import Options
from auditor.run.context import context_of
from auditor.run.happenings import kept_look
from auditor.run.knowledge import knowledge, look
from auditor.run.options import Judging
from auditor.run.recorded import kept_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """An audit that was kept, and how its reports look."""

    audit: Audit
    look: Options


def kept_report(name: str, judging: Judging) -> KeptReport:
    """Return a stored run (id, number, `last`, `previous`) with what the policies chosen ask."""
    store = kept_runs(judging.store)
    row = store.find(name)
    audit = document.load(store.document(row))
    basis = knowledge(judging.rules, judging.policy, judging.country)
    if judging.policy or judging.country:
        audit = asked_by(audit, basis.policies)
    context = context_of(store, row, judging.config)
    return KeptReport(audit=audit, look=kept_look(store, audit, look(basis, context.organisation), context.origin))
