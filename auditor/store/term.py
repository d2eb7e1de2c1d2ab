"""What the runs of a term say of devices of covered makers: their sightings, newest first."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from auditor.store import acts, documents
from auditor.store.directory import BOOKS
from auditor.store.schema import device, finding, run, run_site, sighting


class TermSighting(NamedTuple):
    """One device in one run: the run and when it began (RFC 3339, UTC), the id of its document."""

    run: str
    started: str
    document: int


class TermRun(NamedTuple):
    """One run of a term, by its id, and when it began (RFC 3339, UTC)."""

    run: str
    started: str


def runs_between(base: Connection, first: str, last: str) -> tuple[TermRun, ...]:
    """Return the runs that began in a period, oldest first; an empty `first` is no limit."""
    query = select(run.c.id, run.c.started).where(run.c.started >= first, run.c.started <= last)
    return tuple(TermRun(*row) for row in base.execute(query.order_by(run.c.started, run.c.number)))


def covered_sightings(base: Connection, first: str) -> Mapping[int, Sequence[TermSighting]]:
    """Return all sightings from a day on of devices that ever had a finding, by number of today."""
    older = acts.merges(base)
    with_findings = select(finding.c.device).distinct()
    younger = select(device.c.number).where(device.c.merged_into.is_not(None))
    query = (
        select(sighting.c.device, run.c.id, run.c.started, sighting.c.document)
        .join(run_site, run_site.c.id == sighting.c.run_site)
        .join(run, run.c.number == run_site.c.run)
        .where(sighting.c.device.in_(with_findings.union(younger)), run.c.started >= first)
        .order_by(run.c.started.desc(), run.c.number.desc())
    )
    devices: dict[int, list[TermSighting]] = defaultdict(list)
    for number, *cells in base.execute(query):
        devices[older.get(number, number)].append(TermSighting(*cells))
    return devices


def assets(base: Connection, sightings: Sequence[TermSighting]) -> Iterator[tuple[TermSighting, Mapping[str, Any]]]:
    """Yield each document of a device once with the newest sighting of it, newest first."""
    newest: dict[int, TermSighting] = {}
    for one in sightings:
        newest.setdefault(one.document, one)
    for number, one in newest.items():
        yield one, json.loads(documents.fetch(base, [number])[number])


def runs_with_books(base: Connection, devices: Mapping[int, Sequence[TermSighting]]) -> Collection[str]:
    """Return the runs in which an inventory spoke of one of these devices."""
    runs: dict[int, set[str]] = defaultdict(set)
    for sightings in devices.values():
        for one in sightings:
            runs[one.document].add(one.run)
    names: set[str] = set()
    for number, text in documents.each(base, runs):
        names |= runs[number] if BOOKS.intersection(json.loads(text)["collectors"]) else set()
    return names
