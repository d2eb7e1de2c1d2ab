"""What a store tells of two runs: events as they were kept, or any two side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from auditor.store.events import CompareTerms, Event, Happening, compare
from auditor.store.past import DevicePast, Past
from auditor.store.recall import SiteRecall
from auditor.store.schema import event, run, run_site
from auditor.store.sightings import sightings


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEvents:
    """What happened at a site between two runs, by id; `standing` is that of the newer."""

    site: str
    old: str
    new: str
    standing: str
    events: tuple[Event, ...]


def kept_events(base: Connection, name: str) -> Iterator[SiteEvents]:
    """Yield the events of a run by site, each device against the run that examined it last."""
    columns = (run_site.c.id, run_site.c.site, run_site.c.against, run_site.c.standing)
    query = select(*columns).join(run, run.c.number == run_site.c.run).where(run.c.id == name)
    for place in base.execute(query.order_by(run_site.c.site)).all():
        rows = base.execute(select(event).where(event.c.run_site == place.id)).all()
        events = (
            Event(
                sort=Happening(row.sort), device=row.device, site=place.site, key=row.key, address=row.address,
                before=row.before, after=row.after, because=row.because,
            )
            for row in rows
        )  # fmt: skip
        ordered = tuple(sorted(events, key=lambda one: one.order))
        yield SiteEvents(site=place.site, old=place.against, new=name, standing=place.standing, events=ordered)


def between(base: Connection, old: str, new: str, spelling: Callable[[str], str]) -> Iterator[SiteEvents]:
    """Yield what happened at each site of both runs; who is silent in the newer is gone."""
    for site in sorted(_sites(base, old) & _sites(base, new)):
        recall = SiteRecall(base, site, spelling)
        (before,), (place,) = recall.places(old), recall.places(new)
        last = sightings(recall.night(before, {}), spelling)
        night = recall.night(place, {})
        night = replace(night, new=frozenset(night.of.values()) - last.keys())
        past = Past(
            devices={
                number: DevicePast(here=one, read=one if one.is_read else None, plug=one.plug)
                for number, one in last.items()
            },
            is_first=False,
        )
        comparison = compare(night, past, CompareTerms(gone_after=0, spelling=spelling))
        yield SiteEvents(site=site, old=old, new=new, standing=place.standing, events=comparison.events)


def _sites(base: Connection, name: str) -> set[str]:
    query = select(run_site.c.site).join(run, run.c.number == run_site.c.run).where(run.c.id == name)
    return set(base.execute(query).scalars())
