"""What the runs of a term say of devices of covered makers: their sightings, newest first."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from auditor.store import acts, documents
from auditor.store.directory import BOOKS
from auditor.store.schema import device, finding, run, run_site, sighting


class TermSighting(NamedTuple):
    """A device as some runs saw it alike: when the first and the last began, its document.

    `run` is the id of the last; times are RFC 3339 in UTC.
    """

    first: str
    last: str
    run: str
    document: int


class TermRun(NamedTuple):
    """One run of a term, by its id, and when it began (RFC 3339, UTC)."""

    run: str
    started: str


def runs_between(base: Connection, first: str, last: str) -> tuple[TermRun, ...]:
    """Return the runs that began in a period, oldest first; an empty `first` is no limit."""
    query = select(run.c.id, run.c.started).where(run.c.started >= first, run.c.started <= last)
    return tuple(TermRun(*row) for row in base.execute(query.order_by(run.c.started, run.c.number)))


def covered_sightings(base: Connection, first: str, last: str) -> Mapping[int, Sequence[TermSighting]]:
    """Return how runs of a period saw the devices that ever had a finding, newest first."""
    older, names = acts.merges(base), {row.number: row.id for row in base.execute(select(run.c.number, run.c.id))}
    times = (func.min(run.c.started), func.max(run.c.started), func.max(run.c.number))
    query = _of_devices(select(sighting.c.device, *times, sighting.c.document))
    query = query.where(run.c.started >= first, run.c.started <= last)
    devices: dict[int, list[TermSighting]] = defaultdict(list)
    for number, begin, end, newest, document in base.execute(query.group_by(sighting.c.device, sighting.c.document)):
        devices[older.get(number, number)].append(TermSighting(begin, end, names[newest], document))
    return {number: sorted(ones, key=lambda one: one.last, reverse=True) for number, ones in devices.items()}


def latest(base: Connection) -> Mapping[int, str]:
    """Return when any run saw each of those devices last, by number of today."""
    older, days = acts.merges(base), dict[int, str]()
    query = _of_devices(select(sighting.c.device, func.max(run.c.started))).group_by(sighting.c.device)
    for number, day in base.execute(query):
        days[older.get(number, number)] = max(day, days.get(older.get(number, number), ""))
    return days


def _of_devices(query: Select[Any]) -> Select[Any]:
    """Return a query of sightings, of devices with a finding and of those merged into others."""
    with_findings = select(finding.c.device).distinct()
    younger = select(device.c.number).where(device.c.merged_into.is_not(None))
    return (
        query.join(run_site, run_site.c.id == sighting.c.run_site)
        .join(run, run.c.number == run_site.c.run)
        .where(sighting.c.device.in_(with_findings.union(younger)))
    )


def assets(base: Connection, sightings: Sequence[TermSighting]) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a device, newest first."""
    for one in sightings:
        yield json.loads(documents.fetch(base, [one.document])[one.document])


def runs_with_books(base: Connection, devices: Mapping[int, Sequence[TermSighting]]) -> Collection[str]:
    """Return the last runs in which an inventory spoke of one of these devices."""
    runs: dict[int, set[str]] = defaultdict(set)
    for sightings in devices.values():
        for one in sightings:
            runs[one.document].add(one.run)
    names: set[str] = set()
    for number, text in documents.each(base, runs):
        names |= runs[number] if BOOKS.intersection(json.loads(text)["collectors"]) else set()
    return names
