"""What filings rest on: a run, the filer's facts, days of devices, laws asked again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from auditor import ownership
from auditor.errors import AuditorError, InputError
from auditor.formats import document
from auditor.formats.journal import instant
from auditor.model import Audit, AuditedAsset, Finding, Observation
from auditor.normal import one_line
from auditor.paperwork import facts as answers
from auditor.paperwork.define import Question
from auditor.paperwork.facts import FILES, Facts
from auditor.pipeline import day_of
from auditor.policy.load import Policy
from auditor.policy.oblige import Circumstances, oblige
from auditor.run.configuration import circumstances, places
from auditor.run.evidence import evidence_of
from auditor.run.recorded import journal_of, read_journal, stored_audit
from auditor.store.numbers import number_of, spelled
from auditor.store.rows import OFF, Stored
from auditor.store.runs import Store

ACQUIRED = "inventory.acquired"
DISPOSED = "disposed"


def run_or_document(name: str, store: str) -> Audit:
    """Return a stored run, or the audit document in a JSON file of that name."""
    path = Path(name)
    if not path.is_file():
        return stored_audit(name, store)
    try:
        return document.load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError("is no text; name a run, or an audit document written with -f json", where=name) from None
    except AuditorError as exc:
        raise exc.under(f"{name}: ") from None


def facts_of(path: str, questions: Mapping[str, Question]) -> Facts:
    """Return the filer's facts, or none where no file was named."""
    if not path:
        return Facts()
    try:
        return answers.read(ownership.read(Path(path)).decode("utf-8"), path, questions)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=path) from None


def site_facts(config: str) -> Facts:
    """Return what the configuration says of sites: purposes, latitude and longitude."""
    sites: dict[str, dict[str, str]] = {}
    for site, around in circumstances(config).items():
        if around.purposes is not None:
            sites.setdefault(site, {})["purposes"] = "; ".join(around.purposes) or answers.NONE_APPLIES
    for site, (latitude, longitude) in places(config).items():
        sites.setdefault(site, {}).update(latitude=f"{latitude}", longitude=f"{longitude}")
    return Facts(site=sites)


def device_facts(audit: Audit, store: Store | None, books: Collection[str] = ()) -> Facts:
    """Return when devices were obtained, removed, disposed of, and files, by journals and steps.

    `books` are the runs in which an inventory spoke of devices; the run of the audit is always asked.
    """
    if store is None:
        return Facts()
    days: dict[str, dict[str, str]] = {}
    for row in store.runs():
        for key, day in _acquisitions(row, audit) if row.id in {audit.run.id, *books} else ():
            days.setdefault(key, {})["obtained"] = day
    keys = {number_of(item.device): item.asset.key for item in audit.assets if item.device}
    for step in store.steps():
        if step.state in OFF:
            answers = days.setdefault(keys.get(step.device, step.asset), {})
            answers[step.state] = instant(step.at).date().isoformat()
            answers |= {"certificate_ref": one_line(step.proof)} if step.proof and step.state == DISPOSED else {}
    for key, names in _files(store, audit).items():
        days.setdefault(key, {})[FILES] = "; ".join(names)
    return Facts(asset=days)


def _files(store: Store, audit: Audit) -> dict[str, list[str]]:
    """Return the files attached to devices of an audit in words, by the key of each."""
    keys = {item.device: item.asset.key for item in audit.assets if item.device}
    names: dict[str, list[str]] = {}
    for one in evidence_of(store):
        names.setdefault(keys.get(spelled(one.device), one.asset), []).append(one.words)
    return names


def _acquisitions(row: Stored, audit: Audit) -> Iterator[tuple[str, str]]:
    """Yield the key of each device whose inventory tells when it was obtained, and that day."""
    path = journal_of(row)
    if path is None:
        return
    keys = {(item.asset.site, name): item.asset.key for item in audit.assets for name in answers.names(item.asset)}
    for record in read_journal(path).records:
        key = keys.get((record.target.site, record.target.address), "")
        for fact in record.facts if isinstance(record, Observation) and key else ():
            if fact.kind == ACQUIRED and (day := day_of(fact.value)):
                yield key, day.isoformat()


def weighed_again(audit: Audit, policies: Iterable[Policy], facts: Facts, as_of: date) -> Audit:
    """Return an audit with every law asked anew on a day, by the filer's dates and purposes."""
    laws = tuple(policies)
    return replace(
        audit,
        as_of=as_of,
        tables=replace(audit.tables, policies=tuple((policy.id, policy.read_on) for policy in laws)),
        assets=tuple(_weigh(item, laws, facts, as_of) for item in audit.assets),
    )


def _weigh(item: AuditedAsset, laws: tuple[Policy, ...], facts: Facts, as_of: date) -> AuditedAsset:
    def again(finding: Finding) -> Finding:
        around = Circumstances(purposes=facts.purposes(item.asset), acquired=facts.obtained(item.asset, finding))
        return replace(finding, obligations=oblige(finding, around, laws, as_of))

    return replace(item, findings=tuple(map(again, item.findings)), parts=tuple(map(again, item.parts)))
