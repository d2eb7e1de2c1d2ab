"""What people say of devices, kept alike in SQLite and PostgreSQL, each a link of the ledger."""

import pytest

from auditor.store import acts, directory, ledger
from auditor.store.marks import Mark
from auditor.store.numbers import Decision
from auditor.store.rows import DecisionRow, Step, WaiverRow
from auditor.store.runs import Store
from tests.tools.postgres import programs, server
from tests.tools.sightings import BRIDGE, CAMERA, sighting
from tests.tools.stores import keep, row

AT = "2026-11-21T12:00:00Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def store(request, tmp_path):
    """Return a store that saw a camera and a bridge on one day."""
    if request.param == "sqlite":
        yield _with_a_night(Store(tmp_path / "s.db"))
        return
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with server(programs()) as postgres:
        yield _with_a_night(Store(postgres.new()))


def _with_a_night(store):
    camera = sighting(at="192.0.2.1", macs=[CAMERA], name="Cam", maker="huawei")
    keep(store, row("night"), {"assets": [camera, sighting(at="192.0.2.2", macs=[BRIDGE])]})
    return store


def test_what_people_say_is_kept_resolved_and_linked(store):
    with store.database.writing() as base:
        assert directory.look_up(base, "cam") == directory.look_up(base, "d-01") == {1}
        acts.add_step(base, Step(asset="x", state="removed", at=AT, who="A", note="half \ud800", device=2))
        acts.add_waiver(base, WaiverRow(device=2, who="A", why="B", authority="C", at=AT, until="2027-01-01"))
        acts.add_waiver(base, WaiverRow(site="hq", silence="2026-11-21", who="A", why="B", at=AT, until="2026-11-22"))
        merge = acts.decide(base, DecisionRow(sort=acts.MERGE, devices="1 2", who="A", at=AT))
        split = acts.decide(base, DecisionRow(sort=acts.SPLIT, devices="1", mark='["mac", "x", "hq"]', who="A", at=AT))

    with store.database.reading() as base:
        assert acts.decisions(base) == (Decision(devices=(1, 2)), Decision(devices=(1,), mark=Mark("mac", "x", "hq")))
        assert acts.merges(base) == {2: 1}
        assert [one.device for one in acts.removals(base).steps] == [1]
        assert {mark.value for mark in acts.removals(base).marks[1]} == {CAMERA, BRIDGE}
        assert [one.device for one in acts.waivers(base)] == [1, None]
        assert [one.until for one in acts.silences(base)] == ["2026-11-22"]
        assert [one.number for one in directory.devices(base)] == [1]
        assert directory.history(base, 1)["numbers"] == ["D-000001", "D-000002"]
        assert acts.last_seen(base, [1])[1].startswith("2026-11-21")

    with store.database.writing() as base:
        acts.decide(base, DecisionRow(sort=acts.UNDO, devices=str(merge), who="B", at=AT))
        acts.decide(base, DecisionRow(sort=acts.UNDO, devices=str(split), who="B", at=AT))
        acts.decide(base, DecisionRow(sort=acts.END, devices="2", who="B", at=AT))
        assert (acts.decisions(base), acts.merges(base), acts.silences(base)) == ((), {}, ())
        assert [one.undone for one in acts.decision_rows(base)][:2] == ["B, 2026-11-21"] * 2
        assert [one.device for one in acts.removals(base).steps] == [2]
        assert (ledger.head(base).links, list(ledger.breaks(base))) == (9, [])
