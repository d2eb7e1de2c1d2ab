"""What a store remembers of a site, and which of its runs it takes for true."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from auditor.store.recall import SiteRecall
from auditor.store.runs import Store
from auditor.store.schema import run_site
from tests.tools.stores import box, keep, row

NIGHTS = [f"2026-11-{day:02}T05:00:00Z" for day in (1, 2, 3)]
AHEAD = "2027-11-03T05:00:00Z"


@pytest.mark.parametrize(
    ("now", "aside"),
    [
        (datetime(2026, 11, 4, 5, tzinfo=UTC), [AHEAD]),
        (datetime(2026, 11, 1, 6, tzinfo=UTC), []),
        (datetime(1970, 1, 1, tzinfo=UTC), []),
        (datetime(2027, 11, 4, tzinfo=UTC), []),
    ],
    ids=["one clock was ahead", "today's clock is behind", "a clock that was reset", "time went by"],
)
def test_one_run_of_the_future_is_put_aside_and_a_history_of_it_is_not(tmp_path, now, aside):
    store = Store(tmp_path / "a.db")
    for at in (*NIGHTS, AHEAD):
        keep(store, row(at, at), {"assets": [box("a")]})
    with store.database.writing() as base:
        SiteRecall(base, "hq").put_aside(now)
        found = base.execute(select(run_site.c.started).where(run_site.c.standing == "ahead")).scalars().all()
    assert found == aside
