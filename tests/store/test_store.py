"""Runs are kept whole, one process at a time; a damaged store is no empty one."""

import json
import multiprocessing
import os
import sqlite3
from datetime import date

import pytest

from auditor.errors import AuditorError, InputError, LockedError, RuleError, UsageError
from auditor.model import Waiver
from auditor.store.lock import hold_lock
from auditor.store.rows import Step
from auditor.store.runs import Store, open_store
from auditor.store.waivers import add, expired, read_waivers
from tests.tools.stores import keep, row


def test_a_run_is_kept_whole(tmp_path):
    store = Store(tmp_path / "auditor.db")
    keep(store, row("night"), {"notes": ["a"]})

    assert store.document(store.find("last")) == '{"assets":[],"notes":["a"],"schema":1}'
    assert oct((tmp_path / "auditor.db").stat().st_mode & 0o777) == "0o600"


def test_saving_a_run_again_replaces_it(tmp_path):
    store = Store(tmp_path / "auditor.db")
    keep(store, row("night"), {"notes": ["old"]})
    keep(store, row("night"), {"notes": ["new"]})

    assert [json.loads(store.document(run))["notes"] for run in store.runs()] == [["new"]]


def test_runs_are_found_by_id_number_and_start_of_id(tmp_path):
    store = Store(tmp_path / "auditor.db")
    keep(store, row("run-ab1", "2026-11-20T05:00:00Z"))
    keep(store, row("run-ab2"))

    assert [store.find(name).id for name in ("run-ab1", "2", "", "last", "previous")] == [
        "run-ab1",
        "run-ab2",
        "run-ab2",
        "run-ab2",
        "run-ab1",
    ]
    with pytest.raises(UsageError, match="fits 2 runs"):
        store.find("run-a")
    with pytest.raises(UsageError, match="is not a stored run"):
        store.find("nothing")


def test_an_empty_store_says_how_to_begin(tmp_path):
    with pytest.raises(UsageError, match="start with 'auditor scan'"):
        Store(tmp_path / "auditor.db").find()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "auditor.db"
    path.write_text("this is not a database at all, but long enough to look like one " * 20)
    before = path.read_bytes()

    with pytest.raises(InputError, match="is no database of auditor"):
        Store(path).runs()
    assert path.read_bytes() == before


def test_a_store_from_the_future_is_refused(tmp_path):
    path = tmp_path / "auditor.db"
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()

    with pytest.raises(UsageError, match="newer auditor"):
        Store(path).runs()


def test_a_store_url_is_a_path_sqlite_or_none(tmp_path):
    assert open_store("none") is None
    assert open_store(f"sqlite:///{tmp_path}/a.db").database.path == tmp_path / "a.db"
    assert open_store(str(tmp_path / "a.db")).database.path == tmp_path / "a.db"
    with pytest.raises(UsageError, match="not mysql://"):
        open_store("mysql://x")


def test_removal_steps_are_kept_once(tmp_path):
    store = Store(tmp_path / "auditor.db")
    step = Step(asset="hq/mac:1", at="2026-11-21T05:00:00Z", state="removed", who="A", note="")
    store.step(step)
    store.step(step)

    assert store.steps() == (step,)


def test_steps_noted_in_one_second_stay_in_their_order(tmp_path):
    store = Store(tmp_path / "auditor.db")
    states = ["found", "confirmed", "planned", "removed"]
    for state in states:
        store.step(Step(asset="hq/mac:1", at="2026-11-21T05:00:00Z", state=state, who="A", note=""))

    assert [step.state for step in store.steps()] == states


def hold(path, ready, done):
    with hold_lock(path):
        ready.set()
        done.wait(30)


def test_a_second_run_is_refused_while_the_first_holds_the_lock(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    first = context.Process(target=hold, args=(tmp_path / "lock", ready, done))
    first.start()
    try:
        assert ready.wait(30)
        with pytest.raises(LockedError, match=f"process {first.pid}"), hold_lock(tmp_path / "lock"):
            pytest.fail("two runs at once")
    finally:
        done.set()
        first.join()


def test_a_killed_run_leaves_no_lock_behind(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    first = context.Process(target=hold, args=(tmp_path / "lock", ready, done))
    first.start()
    assert ready.wait(30)
    os.kill(first.pid, 9)
    first.join()

    with hold_lock(tmp_path / "lock"):
        pass


WAIVER = Waiver(finding="f1", who='A "B"', why="Back\\slash", authority="Contract 7", until=date(2026, 12, 31))


def test_a_waiver_is_written_and_read_back(tmp_path):
    path = add(WAIVER, str(tmp_path / "waivers.toml"))

    assert read_waivers(str(path)) == (WAIVER,)
    assert expired(read_waivers(str(path)), date(2026, 12, 31)) == ()
    assert expired(read_waivers(str(path)), date(2027, 1, 1)) == (WAIVER,)


@pytest.mark.parametrize("missing", ["who", "why", "authority", "until"])
def test_a_waiver_without_its_reasons_is_refused(tmp_path, missing):
    path = add(WAIVER, str(tmp_path / "waivers.toml"))
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith(missing)))

    with pytest.raises(RuleError, match=missing):
        read_waivers(str(path))


def test_a_waiver_is_never_added_to_a_broken_file(tmp_path):
    path = tmp_path / "waivers.toml"
    path.write_text("[[waiver]]\n")

    with pytest.raises(AuditorError):
        add(WAIVER, str(path))
    assert path.read_text() == "[[waiver]]\n"
