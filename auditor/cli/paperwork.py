"""What filings rest on: a run, the filer's facts with the inventory's dates and the noted removals beneath, the laws asked again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from auditor import ownership
from auditor.cli.common import store_url
from auditor.cli.report import stored_audit
from auditor.cli.settings import circumstances, places
from auditor.errors import AuditorError, InputError
from auditor.formats import document
from auditor.formats.journal import instant
from auditor.imports.registry import read as read_records
from auditor.imports.source import Source
from auditor.model import Asset, Audit, AuditedAsset, Finding, Observation
from auditor.paperwork import facts as told
from auditor.paperwork.define import Question
from auditor.paperwork.facts import Facts
from auditor.policy.load import Policy
from auditor.policy.oblige import Circumstances, oblige
from auditor.store.sqlite import Stored, open_store

ACQUIRED = "inventory.acquired"
STEPS = ("removed", "disposed")


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
        return told.read(ownership.read(Path(path)).decode("utf-8"), path, questions)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=path) from None


def configured(facts: Facts, named: str) -> Facts:
    """Return the facts with what the configuration says of sites beneath: purposes, latitude and longitude."""
    sites: dict[str, dict[str, str]] = {}
    for site, around in circumstances(named).items():
        if around.purposes is not None:
            sites.setdefault(site, {})["purposes"] = "; ".join(around.purposes) or told.NONE_APPLIES
    for site, (latitude, longitude) in places(named).items():
        sites.setdefault(site, {}).update(latitude=f"{latitude}", longitude=f"{longitude}")
    return facts.under(Facts(site=sites))


def noted(audit: Audit, store: str) -> Facts:
    """Return what the store and the journal of a run say of its devices: days of acquisition, removals noted so far."""
    base = open_store(store_url(store))
    if base is None or not base.path.is_file():
        return Facts()
    rows = [row for row in base.runs() if row.id == audit.run.id]
    said: dict[str, dict[str, str]] = {}
    for key, day in _acquired(rows[-1], audit) if rows else ():
        said.setdefault(key, {})["obtained"] = day
    for step in base.steps():
        if step.state in STEPS:
            said.setdefault(step.asset, {})[step.state] = instant(step.at).date().isoformat()
    return Facts(asset=said)


def _acquired(row: Stored, audit: Audit) -> Iterator[tuple[str, str]]:
    """Yield the key of each device whose inventory tells when it was obtained, and that day."""
    path = Path(row.journal)
    if not row.journal or not path.is_file():
        return
    keys = {(item.asset.site, name): item.asset.key for item in audit.assets for name in told.names(item.asset)}
    source = Source(path=path, site="", at=audit.finished, warn=lambda _text: None)
    for record in read_records(source, "journal"):
        key = keys.get((record.target.site, record.target.address), "")
        for fact in record.facts if isinstance(record, Observation) and key else ():
            if fact.kind == ACQUIRED and (day := _day(fact.value)):
                yield key, day


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        return ""


def asked_again(audit: Audit, policies: Iterable[Policy], facts: Facts, as_of: date) -> Audit:
    """Return an audit with every law asked anew on a day, now that the filer said when units were obtained and what they serve."""
    laws = tuple(policies)
    return replace(
        audit,
        as_of=as_of,
        tables=replace(audit.tables, policies=tuple((policy.id, policy.read_on) for policy in laws)),
        assets=tuple(_weighed(item, laws, facts, as_of) for item in audit.assets),
    )


def _weighed(item: AuditedAsset, laws: tuple[Policy, ...], facts: Facts, as_of: date) -> AuditedAsset:
    def again(finding: Finding) -> Finding:
        around = _around(item.asset, finding, facts)
        return replace(finding, obligations=oblige(finding, around, laws, as_of))

    return replace(item, findings=tuple(map(again, item.findings)), parts=tuple(map(again, item.parts)))


def _around(asset: Asset, finding: Finding, facts: Facts) -> Circumstances:
    return Circumstances(purposes=facts.purposes(asset), acquired=facts.obtained(asset, finding))
