"""A judged run on its way into the store: numbered, written, its journal ended."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from auditor.formats.document import TABLES, WAIVER, summary, to_document
from auditor.formats.fields import dump
from auditor.formats.journal import stamp
from auditor.model import Audit, Waiver
from auditor.run.context import RunContext
from auditor.run.home import account, home, now
from auditor.run.packed import content_digest, end_journal, packed_name
from auditor.run.recorded import Recording
from auditor.run.reminders import is_alarm, seen_again, with_reminders
from auditor.run.waivers import set_aside
from auditor.store import ledger
from auditor.store.alarms import SiteNews
from auditor.store.coverage import SiteCoverage, coverage
from auditor.store.events import CompareTerms
from auditor.store.numbers import number, spelled
from auditor.store.rows import RunEntry, SiteRun, Stored
from auditor.store.runs import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a run is kept: where, the waivers of a file, how it is compared, who asked."""

    store: Store
    url: str
    waivers: Sequence[Waiver]
    terms: CompareTerms
    context: RunContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepsake:
    """A run as it is stored: what is new by site, ended waivers, an alarm on a return, its link."""

    audit: Audit
    news: Mapping[str, SiteNews]
    late: tuple[Waiver, ...]
    alarm: bool
    link: str


def keep(keeping: Keeping, audit: Audit, recording: Recording) -> Keepsake:
    """Number the devices of a run, store it, end its journal; return it with what is new."""
    path = recording.path
    archive = packed_name(path, home(keeping.url)) if path else None
    # Gone through several times, and held with their numbers afterwards all the same.
    audit = replace(audit, assets=tuple(audit.assets))
    with keeping.store.keeping() as keeper:
        document: dict[str, Any] = to_document(audit)
        numbering = number(document["assets"], keeper.known(), keeper.decisions())
        names = {key: spelled(one) for key, one in numbering.of.items()}
        audit, late = set_aside(audit, names, keeping.waivers, keeper.base)
        again = tuple(seen_again(audit, keeper.removals()))
        audit = with_reminders(audit, late, again)
        _number(document, audit)
        row = _row(audit, dump(document["summary"]), path, archive)
        tables = dump(TABLES.write(audit.tables))
        entry = RunEntry(
            run=row,
            document=document,
            sites=_sites(audit, recording, row.sha256),
            rules=f"{audit.tables.rules} {audit.tables.oui}",
            laws=hashlib.sha256(tables.encode()).hexdigest(),
            context=keeping.context.to_json(),
            now=now(),
            who=account(),
        )
        news = keeper.keep(entry, numbering, keeping.terms)
        link = ledger.link_of(keeper.base, row.id)
    _log.info("run %s is %s", row.id, link)
    if path:
        end_journal(path, archive, names)
    return Keepsake(audit=audit, news=news, late=late, alarm=any(is_alarm(item) for item, _ in again), link=link)


def _sites(audit: Audit, recording: Recording, digest: str) -> list[SiteRun]:
    """Return what the run examined at each of its sites, and when it ended there."""
    ends: dict[str, datetime] = dict.fromkeys(recording.run.sites, audit.run.started)
    for record in recording.records:
        site = record.target.site
        # What others recorded may bear any time; a run has ended when it was judged.
        ends[site] = min(max(record.at, ends.get(site, audit.run.started)), max(audit.finished, audit.run.started))
    examined = coverage(recording.records)
    return [
        SiteRun(
            site=site, started=audit.run.started, ended=end, coverage=examined.get(site, SiteCoverage()), digest=digest
        )
        for site, end in sorted(ends.items())
    ]


def _number(document: dict[str, Any], audit: Audit) -> None:
    """Bring into a document what a store adds to an audit: numbers, removals, waivers, notes."""
    for entry, item in zip(document["assets"], audit.assets, strict=True):
        entry |= {name: value for name, value in (("device", item.device), ("removal", item.removal)) if value}
        for one, finding in zip(
            chain(entry["findings"], entry["parts"]), chain(item.findings, item.parts), strict=False
        ):
            one["id"] = finding.id
            one["waived"] = None if finding.waiver is None else WAIVER.write(finding.waiver)
    document |= {"notes": list(audit.notes), "summary": summary(audit)}


def _row(audit: Audit, counts: str, path: Path | None, archive: Path | None) -> Stored:
    """Return the row that lists a run."""
    place = archive or path
    return Stored(
        number=0,
        id=audit.run.id,
        started=stamp(audit.run.started),
        finished=stamp(audit.finished),
        as_of=audit.as_of.isoformat(),
        tool=audit.tool,
        sites=",".join(sorted({item.asset.site for item in audit.assets})),
        summary=counts,
        journal=str(place.resolve()) if place else "",
        sha256=content_digest(path) if path else "",
    )
