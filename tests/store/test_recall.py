"""What a store remembers of a site, and which of its runs it takes for true."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from auditor.store import schema
from auditor.store.compare import kept_events
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


def presence(store):
    """Return of each device and site the runs that saw and read it there last."""
    names = {one.number: one.id for one in store.runs()}
    with store.database.reading() as base:
        runs = {one.id: names[one.run] for one in base.execute(select(run_site))}
        rows = base.execute(select(schema.presence)).all()
    return {(one.device, one.site): (runs[one.last], runs.get(one.read, "")) for one in rows}


def test_runs_of_which_nobody_says_what_they_examined_are_compared_all_the_same(tmp_path):
    store = Store(tmp_path / "a.db")
    for at in NIGHTS[:2]:
        keep(store, row(at, at), {"assets": [box("a", name=f"of {at[:10]}")]})
    with store.database.reading() as base:
        (site,) = kept_events(base, NIGHTS[1])
    assert [event.sort.value for event in site.events] == ["renamed"]
    assert presence(store) == {(1, "hq"): (NIGHTS[1], NIGHTS[1])}


def test_a_run_that_is_kept_again_leaves_what_is_known_of_other_sites(tmp_path):
    store = Store(tmp_path / "a.db")
    keep(store, row("a", NIGHTS[0]), {"assets": [box("a")]})
    keep(store, row("b", NIGHTS[1]), {"assets": [box("a", site="lab")]})
    keep(store, row("b", NIGHTS[1]), {"assets": []})
    assert presence(store) == {(1, "hq"): ("a", "a")}
