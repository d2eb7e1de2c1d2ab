"""Content that goes: runs by age, one device on request; links of the ledger stay."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, select, union

from auditor.formats.fields import canonical
from auditor.store import documents, ledger
from auditor.store.baseline import Standing
from auditor.store.schema import (
    claim,
    device,
    document,
    document_part,
    duty,
    event,
    finding,
    link,
    mark,
    presence,
    run,
    run_site,
    sighting,
    silence,
)
from auditor.store.schema import step as steps
from auditor.store.schema import waiver as waivers

# Links that say what a run is relied on for.
RELIANCE = ("filing", "seal")
# Later than any run.
ALWAYS = "9"
BARE = dict.fromkeys(("site", "last", "last_read", "gone", "key", "address", "name", "seen", "outcome", "makers"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What goes: runs by id, their journals by path; why others stay that are old enough."""

    runs: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()
    stay: dict[str, str] = field(default_factory=dict)


def plan(base: Connection, before: str, keep_last: int, findings: Collection[str] = ()) -> Pruning:
    """Return which runs go that began before a time (RFC 3339, UTC).

    The last `keep_last` runs of each site stay, and whatever a device, a filing, a removal step or a waiver (of the
    ids in `findings` or in the store) rests on.
    """
    reasons = dict(_newest(base, max(keep_last, 1)))
    for reason, numbers in (
        ("a device was last seen in it", _last_sightings(base)),
        ("a filing or a seal rests on it", _reliance(base)),
        ("a removal step or a waiver rests on it", set(_acts(base, findings))),
    ):
        reasons |= {number: reason for number in numbers if number not in reasons}
    old = base.execute(select(run).where(run.c.started < before, run.c.pruned == "").order_by(run.c.started)).all()
    rows = [row for row in old if row.number not in reasons]
    return Pruning(
        runs=tuple(row.id for row in rows),
        journals=tuple(row.journal for row in rows if row.journal),
        stay={row.id: reasons[row.number] for row in old if row.number in reasons},
    )


def prune(base: Connection, pruning: Pruning, at: str, who: str) -> None:
    """Let the content of runs go; `at` is the time (RFC 3339, UTC), `who` says so."""
    for group in documents.groups(pruning.runs):
        numbers = select(run.c.number).where(run.c.id.in_(group))
        places = select(run_site.c.id).where(run_site.c.run.in_(numbers))
        base.execute(delete(sighting).where(sighting.c.run_site.in_(places)))
        empty = {"patches": None, "coverage": None, "state": None}
        base.execute(run_site.update().where(run_site.c.run.in_(numbers)).values(**empty))
        base.execute(run.update().where(run.c.id.in_(group)).values(head=None, pruned=at))
    ledger.append(base, ledger.PRUNE, at, {"runs": list(pruning.runs), "who": who})
    _let_go(base)


def prune_device(base: Connection, number: int, at: str, who: str) -> tuple[str, ...]:
    """Let go what is stored of one device; return the runs it was in.

    Their journals still tell of it. Its number, its removal steps and waivers stay, and the links of them.
    """
    query = select(run.c.id).join(run_site, run_site.c.run == run.c.number)
    query = query.join(sighting, sighting.c.run_site == run_site.c.id).where(sighting.c.device == number).distinct()
    names = tuple(sorted(base.execute(query).scalars()))
    _unpatch(base, number)
    for table in (sighting, silence, event, presence, mark, finding, claim):
        base.execute(delete(table).where(table.c.device == number))
    base.execute(device.update().where(device.c.number == number).values(**BARE, document=None, last_site=None))
    ledger.append(base, ledger.PRUNE, at, {"device": number, "parts_of": list(names), "who": who})
    _let_go(base)
    return names


def _newest(base: Connection, keep_last: int) -> Iterator[tuple[int, str]]:
    """Yield the newest runs of each site, those that others are compared with and those not."""
    rank = func.row_number().over(
        partition_by=(run_site.c.site, run_site.c.standing == Standing.BASELINE.value),
        order_by=(run_site.c.started.desc(), run_site.c.id.desc()),
    )
    ranks = select(run_site.c.run, rank.label("rank")).join(run, run.c.number == run_site.c.run)
    places = ranks.where(run.c.pruned == "").subquery()
    for number in base.execute(select(places.c.run).where(places.c.rank <= keep_last)).scalars():
        yield number, "it is among the last of a site"
    bare = select(run.c.number).where(run.c.number.not_in(select(run_site.c.run)), run.c.pruned == "")
    for number in base.execute(bare.order_by(run.c.started.desc()).limit(keep_last)).scalars():
        yield number, "it is among the last of no site"


def _last_sightings(base: Connection) -> set[int]:
    """Return the runs that saw or read a device last at a site; who told of it is there too."""
    places = union(select(presence.c.last), select(presence.c.read), select(device.c.last_site)).subquery()
    return set(base.execute(select(run_site.c.run).where(run_site.c.id.in_(select(places.c[0])))).scalars())


def _reliance(base: Connection) -> set[int]:
    contents = base.execute(select(link.c.content).where(link.c.kind.in_(RELIANCE))).scalars()
    names = {json.loads(content).get("run", "") for content in contents}
    numbers: set[int] = set()
    for group in documents.groups(sorted(names)):
        numbers |= set(base.execute(select(run.c.number).where(run.c.id.in_(group))).scalars())
    return numbers


def _acts(base: Connection, findings: Collection[str]) -> Iterator[int]:
    """Yield the run of each removal step and waiver: the newest before it with the device."""
    acts = [(row.device, row.at) for table in (steps, waivers) for row in base.execute(select(table))]
    for group in documents.groups(sorted(findings)):
        acts += [
            (number, ALWAYS)
            for number in base.execute(select(finding.c.device).where(finding.c.id.in_(group))).scalars()
        ]
    for number, at in acts:
        query = (
            select(run.c.number)
            .join(run_site, run_site.c.run == run.c.number)
            .join(sighting, sighting.c.run_site == run_site.c.id)
            .where(sighting.c.device == number, run.c.started <= at)
            .order_by(run.c.started.desc())
            .limit(1)
        )
        yield from base.execute(query).scalars()


def _unpatch(base: Connection, number: int) -> None:
    """Take a device out of the patches of the runs that saw it."""
    own = select(sighting.c.position, run_site.c.id, run_site.c.patches)
    own = own.join(run_site, run_site.c.id == sighting.c.run_site).where(sighting.c.device == number)
    for row in base.execute(own.where(run_site.c.patches.is_not(None))).all():
        patches: dict[str, Any] = json.loads(documents.fetch(base, [row.patches])[row.patches])
        if patches.pop(str(row.position), None) is not None:
            left = documents.keep(base, canonical(patches)) if patches else None
            base.execute(run_site.update().where(run_site.c.id == row.id).values(patches=left))


def _let_go(base: Connection) -> None:
    """Delete the documents that nothing names any more, then what only these had in common."""
    base.execute(delete(duty).where(duty.c.duties.not_in(select(claim.c.duties).where(claim.c.duties.is_not(None)))))
    references = union(*(select(column).where(column.is_not(None)) for column in documents.REFERENCES))
    for _ in range(2):
        base.execute(delete(document).where(document.c.id.not_in(select(references.subquery().c[0]))))
        base.execute(delete(document_part).where(document_part.c.document.not_in(select(document.c.id))))
