"""What a monitor asks every minute: counts of the store, in Prometheus' text format 0.0.4."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from auditor.formats.journal import instant
from auditor.report.prometheus import gauge
from auditor.run.browse import ask
from auditor.store import browse
from auditor.store.browse import OUTCOMES, SiteScope
from auditor.store.schema import claim, step
from auditor.store.sightings import LEVELS


def metrics(url: str) -> str:
    """Return gauges: devices, findings, failures and last runs by site, steps noted."""
    return "\n".join((*ask(url, lambda base: list(_lines(base))), ""))


def _lines(base: Connection) -> Iterator[str]:
    sites = browse.sites(base, SiteScope())
    outcomes = [({"site": one.site, "outcome": word}, getattr(one, word)) for one in sites for word in OUTCOMES]
    yield from gauge("store_devices", "Devices as last seen, by site and outcome.", outcomes)
    failures = [({"site": one.site}, one.failures) for one in sites]
    yield from gauge("store_unread", "What the last run of a site could not read.", failures)
    moments = [({"site": one.site}, instant(one.last).timestamp()) for one in sites if one.last]
    yield from gauge("store_last_run_timestamp_seconds", "When the last run of a site began.", moments)
    query = select(claim.c.site, claim.c.maker, claim.c.level, func.count())
    rows = base.execute(query.group_by(*query.selected_columns[:3]).order_by(*query.selected_columns[:3]))
    yield from gauge(
        "store_findings",
        "Findings as last seen, by site, maker and verdict.",
        [({"site": site, "maker": maker, "verdict": LEVELS[level]}, number) for site, maker, level, number in rows],
    )
    steps = base.execute(select(step.c.state, func.count()).group_by(step.c.state).order_by(step.c.state))
    yield from gauge("store_steps", "Steps of removals that were noted.", [({"state": s}, n) for s, n in steps])
