"""Findings as last seen and what was not read, by rows: what lists and counts look up."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from auditor.formats.fields import dump
from auditor.store import documents
from auditor.store.baseline import Standing
from auditor.store.bulk import clean, insert
from auditor.store.marks import Document
from auditor.store.schema import claim, device, duty, run, run_site, unread
from auditor.store.sightings import rated_findings

WORDS = ("id", "tier", "brand", "model", "category")
COLUMNS = ("device", "maker", "part", "site", *WORDS, "waived", "level", "duties")
DUTY = ("policy", "title", "duty", "applies", "due")
UNREAD = ("address", "collector", "reason", "detail", "at")


def put(base: Connection, devices: Iterable[tuple[int, Document]]) -> None:
    """Keep the findings of devices as they were last seen, in place of those before."""
    rows: list[tuple[Any, ...]] = []
    memory: dict[int, tuple[Any, int | None]] = {}
    for group in documents.groups(devices):
        numbers = [number for number, _ in group]
        base.execute(delete(claim).where(claim.c.device.in_(numbers)))
        for number, asset in group:
            own = {key: (level, finding) for key, level, finding in sorted(rated_findings(asset), key=_by_level)}
            rows += [
                (number, *map(clean, key), *_cells(asset, finding), level, _duties(base, finding, memory))
                for key, (level, finding) in own.items()
            ]
    insert(base, claim, COLUMNS, rows)


def put_unread(base: Connection, site: str, name: str, entries: Iterable[Document]) -> None:
    """Keep what a run could not read at a site, in place of what the one before could not."""
    base.execute(delete(unread).where(unread.c.site == site))
    rows = ((site, at, *(clean(str(one[word])) for word in UNREAD), name) for at, one in enumerate(entries))
    insert(base, unread, ("site", "position", *UNREAD, "run"), rows)


def fill(base: Connection) -> None:
    """Say anew of every device and site what a store that had no such rows holds of them."""
    query = select(device.c.number, device.c.document).where(device.c.document.is_not(None))
    for group in documents.groups(base.execute(query).all()):
        texts = documents.fetch(base, [row.document for row in group])
        put(base, [(row.number, json.loads(texts[row.document])) for row in group])
    baseline = run_site.c.standing == Standing.BASELINE.value
    places = select(run_site.c.site, run.c.id, run.c.head).join(run, run.c.number == run_site.c.run)
    heads = base.execute(places.where(baseline, run.c.head.is_not(None)).order_by(run_site.c.started)).all()
    for row in {row.site: row for row in heads}.values():
        head = json.loads(documents.fetch(base, [row.head])[row.head])
        put_unread(base, row.site, row.id, by_site(head).get(row.site, ()))


def by_site(document: Document) -> Mapping[str, Sequence[Document]]:
    """Return what a run could not read at each site, as its document has it."""
    sites: dict[str, list[Document]] = {}
    for one in document.get("unread", ()):
        sites.setdefault(one["site"], []).append(one)
    return sites


def _by_level(pair: tuple[tuple[str, str], int, Document]) -> int:
    return pair[1]


def _cells(asset: Document, finding: Document) -> tuple[str, ...]:
    waiver = finding.get("waived")
    words = (clean(str(finding.get(word, ""))) for word in WORDS)
    return (clean(asset["site"]), *words, str(waiver["until"]) if waiver else "")


def _duties(base: Connection, finding: Document, memory: dict[int, tuple[Any, int | None]]) -> int | None:
    """Return the document of what laws ask of a finding; many findings have one in common."""
    duties = finding.get("obligations")
    if not duties:
        return None
    if id(duties) not in memory:
        number = documents.keep(base, getattr(duties, "text", "") or dump(duties))
        if base.execute(select(duty.c.duties).where(duty.c.duties == number)).first() is None:
            words = ((*(clean(str(one.get(word) or "")) for word in DUTY), one.get("context", False)) for one in duties)
            insert(
                base,
                duty,
                ("duties", "position", *DUTY, "context"),
                ((number, at, *row) for at, row in enumerate(words)),
            )
        memory[id(duties)] = duties, number
    return memory[id(duties)][1]
