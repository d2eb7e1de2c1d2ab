"""Which runs of a site may be compared with: none that overlaps a newer one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# By how much the clock of whoever ran a scan may be ahead of the store's.
ALLOWANCE = timedelta(minutes=5)
# In so many runs of its site, and days, a device is silent before it is gone.
GONE_AFTER = 3


class Standing(StrEnum):
    """Whether a run is compared with; a late one and one ahead of the clock are kept and told."""

    BASELINE = "baseline"
    LATE = "late"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTimes:
    """When a run began and when its last record was made (UTC), and a digest of its records."""

    started: datetime
    ended: datetime
    digest: str = ""
    standing: Standing = Standing.BASELINE


def standing(run: RunTimes, before: Iterable[RunTimes], now: datetime) -> Standing:
    """Return what a run is beside those stored before it; `now` is the store's clock.

    Of two that begin at the same moment the second is late only if it holds the same records.
    """
    if run.started > now + ALLOWANCE:
        return Standing.AHEAD
    stored = [one for one in before if one.standing is Standing.BASELINE]
    newest = max(stored, key=lambda one: (one.started, one.ended), default=None)
    if newest is None or run.started >= newest.ended:
        return Standing.BASELINE
    twin = run.started == newest.started and run.digest != newest.digest
    return Standing.BASELINE if twin else Standing.LATE
