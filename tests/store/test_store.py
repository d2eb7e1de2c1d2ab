"""Runs are kept whole, one process at a time; a damaged store is no empty one."""

import json
import multiprocessing
import os
import sqlite3
from datetime import date

import pytest

from auditor.errors import AuditorError, InputError, LockedError, RuleError, UsageError
from auditor.model import Waiver
from auditor.store.diff import diff, new_findings
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


def asset(key, verdict="probable", place=None, duties=(), site="hq", **marks):
    obligations = [{"policy": name, "applies": applies} for name, applies in duties]
    finding = {"id": f"f-{key}", "maker": "huawei", "model": "S5720", "verdict": verdict, "obligations": obligations}
    return {
        "key": key,
        "site": site,
        "address": "192.0.2.1",
        "outcome": "match",
        "findings": [finding],
        "place": place,
    } | marks


def on(switch, port):
    return {"switch": switch, "port": port, "confidence": "high"}


def document(*assets):
    return {"assets": list(assets)}


@pytest.mark.parametrize(
    ("old", "new", "want"),
    [
        (document(), document(asset("hq/mac:1")), [("new", "", "huawei S5720 probable")]),
        (document(asset("hq/mac:1")), document(), [("gone", "huawei S5720 probable", "")]),
        (
            document(asset("hq/mac:1")),
            document(asset("hq/mac:1", "confirmed")),
            [("changed", "huawei S5720 probable", "huawei S5720 confirmed")],
        ),
        (
            document(asset("hq/mac:1", place={"switch": "a", "port": "1"})),
            document(asset("hq/mac:1", place={"switch": "a", "port": "2"})),
            [("moved", "a 1", "a 2")],
        ),
        (
            document(asset("hq/mac:1", place={"switch": "a", "port": "1", "confidence": "low"})),
            document(asset("hq/mac:1", place={"switch": "a", "port": "2", "confidence": "medium"})),
            [],
        ),
        (
            document(asset("hq/mac:1", macs=["1"]), asset("hq/mac:2", macs=["2"])),
            document(asset("hq/serial:A", "confirmed", macs=["1", "2"])),
            [("changed", "huawei S5720 probable", "huawei S5720 confirmed")],
        ),
        (
            document(asset("hq/gpon:G", serial="A")),
            document(asset("hq/serial:A", "confirmed", serial="A"), asset("hq/mac:3", macs=["3"])),
            [("new", "", "huawei S5720 probable"), ("changed", "huawei S5720 probable", "huawei S5720 confirmed")],
        ),
        (
            document(asset("hq/mac:1", serial="A", conflicts=["A is on two boxes"])),
            document(asset("hq/mac:2", serial="A", conflicts=["A is on two boxes"])),
            [("new", "", "huawei S5720 probable"), ("gone", "huawei S5720 probable", "")],
        ),
        (
            document(asset("hq/serial:S", serial="S", macs=["1"]), asset("lab/192.0.2.9", site="lab")),
            document(
                asset("lab/serial:S", site="lab", serial="S", macs=["1", "2"]), asset("lab/192.0.2.9", site="lab")
            ),
            [("moved", "site hq", "site lab")],
        ),
        (
            document(asset("hq/serial:S", serial="S"), asset("lab/192.0.2.9", site="lab")),
            document(asset("lab/serial:S", site="lab", serial="S"), asset("lab/192.0.2.9", site="lab")),
            [("moved", "site hq", "site lab")],
        ),
        (
            document(asset("hq/mac:1", macs=["1"]), asset("lab/192.0.2.9", site="lab")),
            document(asset("lab/mac:1", site="lab", macs=["1"]), asset("lab/192.0.2.9", site="lab")),
            [("new", "", "huawei S5720 probable"), ("gone", "huawei S5720 probable", "")],
        ),
        (
            document(asset("hq/serial:S", serial="S", macs=["1"]), asset("lab/192.0.2.9", site="lab")),
            document(asset("lab/serial:S", site="lab", serial="S", macs=["2"]), asset("lab/192.0.2.9", site="lab")),
            [("new", "", "huawei S5720 probable"), ("gone", "huawei S5720 probable", "")],
        ),
        (document(asset("hq/192.0.2.1", "confirmed")), document(asset("hq/serial:S", "confirmed", serial="S")), []),
        (
            document(asset("hq/192.0.2.1", name="a")),
            document(asset("hq/serial:S", name="b.example.org", serial="S")),
            [("new", "", "huawei S5720 probable"), ("gone", "huawei S5720 probable", "")],
        ),
        (
            document(
                asset("hq/serial:S", serial="S", name="old"), asset("hq/mac:1", macs=["1"], place=on("old", "Gi1/0/7"))
            ),
            document(
                asset("hq/serial:S", serial="S", name="new", address="192.0.2.7"),
                asset("hq/mac:1", macs=["1"], place=on("new", "GI1/0/7")),
            ),
            [],
        ),
        (
            document(asset("hq/serial:S#lldp:5.1", name="dark", place=on("a", "1"), address="")),
            document(asset("hq/serial:S#lldp:9.1", name="dark", place=on("a", "1"), address="")),
            [],
        ),
        (
            document(asset("hq/mac:1")),
            document(asset("hq/mac:1", duties=[("889", "yes")])),
            [("policy", "", "889: yes")],
        ),
        (document(asset("hq/mac:1")), document(asset("hq/mac:1")), []),
    ],
    ids=[
        "new",
        "gone",
        "changed",
        "moved port",
        "guess",
        "heard, then read",
        "serial",
        "serial of two",
        "moved site",
        "moved site, serial and maker",
        "a MAC at another site",
        "a serial with other MACs at another site",
        "known by its address, then read",
        "another name at one address",
        "a switch renamed and renumbered",
        "a row of LLDP that has another number",
        "law",
        "nothing",
    ],
)
def test_what_changed_is_told_apart(old, new, want):
    assert [(change.sort, change.before, change.after) for change in diff(old, new, str.casefold)] == want


def test_runs_of_different_sites_are_not_compared():
    with pytest.raises(UsageError, match="share no site"):
        diff(document(asset("hq/mac:1")), document(asset("lab/mac:2", site="lab")))


def test_a_finding_is_new_when_it_was_not_there_or_got_surer():
    assert new_findings(None, document(asset("a"))) == {"f-a"}
    assert new_findings(document(asset("a")), document(asset("a"))) == frozenset()
    assert new_findings(document(asset("a")), document(asset("a", "confirmed"))) == {"f-a"}
    assert new_findings(document(asset("a", "confirmed")), document(asset("a"))) == frozenset()


def test_a_finding_is_its_devices_whatever_that_is_called_by():
    heard, read = asset("hq/mac:1", macs=["1"]), asset("hq/serial:S", serial="S", macs=["1"])
    member = {"id": "f-2", "maker": "huawei", "part": "part:2", "verdict": "confirmed"}

    assert new_findings(document(heard), document(read)) == frozenset()
    assert new_findings(document(heard), document(read | {"parts": [member, {"part": "3", "serial": "X"}]})) == {"f-2"}


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
