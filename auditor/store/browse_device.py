"""Where one device and one site stand in a store, as pages need it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from auditor.store import acts
from auditor.store.baseline import Standing
from auditor.store.schema import device, run, run_site, sighting


class LastPlace(NamedTuple):
    """A device as it was last seen: its document, its site, the run and that run's document."""

    document: int
    site: str
    run: str
    head: int


class SiteRunPlace(NamedTuple):
    """What a run did at a site: its row, the run's id, the document of the run."""

    id: int
    run: str
    head: int


def site_of(base: Connection, number: int) -> str | None:
    """Return the site of a device, by any of its numbers; None where there is none such."""
    own = acts.merges(base).get(number, number)
    numbers = acts.with_younger(acts.merges(base), [own]) or ()
    query = select(device.c.site).where(device.c.number.in_(numbers)).order_by(device.c.last.desc())
    return base.execute(query.limit(1)).scalar()


def last_sighting(base: Connection, number: int) -> LastPlace | None:
    """Return where the documents of a device's last sighting are; None where they are gone."""
    numbers = acts.with_younger(acts.merges(base), [number]) or ()
    query = select(device.c.document, device.c.site, run.c.id.label("run"), run.c.head)
    query = query.join(run_site, run_site.c.id == device.c.last_site).join(run, run.c.number == run_site.c.run)
    query = query.where(device.c.number.in_(numbers), device.c.document.is_not(None), run.c.head.is_not(None))
    row = base.execute(query.order_by(device.c.last.desc()).limit(1)).first()
    return LastPlace(*row) if row else None


def newest_run(base: Connection, site: str) -> SiteRunPlace | None:
    """Return the newest baseline run of a site whose content is kept, or None."""
    query = select(run_site.c.id, run.c.id.label("run"), run.c.head).join(run, run.c.number == run_site.c.run)
    query = query.where(run_site.c.site == site, run_site.c.standing == Standing.BASELINE.value)
    query = query.where(run.c.head.is_not(None)).order_by(run_site.c.started.desc(), run_site.c.id.desc())
    row = base.execute(query.limit(1)).first()
    return SiteRunPlace(*row) if row else None


def documents_of(base: Connection, place: int, most: int) -> Sequence[int]:
    """Return the documents of what a run saw at a site; one more than `most` at most."""
    query = select(sighting.c.document).where(sighting.c.run_site == place).limit(most + 1)
    return base.execute(query).scalars().all()
