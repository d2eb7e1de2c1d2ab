"""What a store promises, in SQLite and in PostgreSQL: the same tests on both, real ones."""

import json
import multiprocessing
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from auditor.errors import InputError, LockedError, UsageError
from auditor.formats.document import DutyList
from auditor.formats.fields import dump
from auditor.store import documents, ledger, schema
from auditor.store.check import damage
from auditor.store.home import hold, home_of
from auditor.store.prune import prune_device
from auditor.store.rows import Step
from auditor.store.runs import Store
from tests.tools.stores import box, hold_site, keep, keep_many, row

SPAWN = multiprocessing.get_context("spawn")
HOSTILE = {"schema": 1, "assets": [box("A", name="nul \0 half \ud800 tab \t back \\. \\N")], "notes": ["\\."]}


def numbers(store):
    with store.keeping() as keeper:
        return {mark.value: number for mark, number in keeper.known().marks.items() if mark.kind == "serial"}


def fail_after(_done):
    raise ZeroDivisionError


def breaks(store):
    with store.database.reading() as base:
        return list(ledger.breaks(base))


def test_a_document_is_given_back_to_the_octet(store):
    keep(store, row("a"), HOSTILE)

    assert store.document(store.find("a")) == dump(HOSTILE)
    assert numbers(store) == {"A": 1}


def test_runs_are_listed_oldest_first_and_found(store):
    keep(store, row("run-ab2"))
    keep(store, row("run-ab1", "2026-11-20T05:00:00Z"))

    assert [run.id for run in store.runs()] == ["run-ab1", "run-ab2"]
    assert [store.find(name).id for name in ("run-ab1", "1", "", "previous")] == [
        "run-ab1", "run-ab2", "run-ab2", "run-ab1",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="fits 2 runs"):
        store.find("run-a")


def test_an_empty_store_says_how_to_begin(store):
    with pytest.raises(UsageError, match="start with 'auditor scan'"):
        store.find()


def test_a_run_kept_again_takes_its_own_place_and_no_device_of_it_is_lost(store):
    keep(store, row("old", "2026-11-20T05:00:00Z"), {"assets": [box("A")]})
    keep(store, row("new"), {"assets": [box("A", macs=["02005e000001"]), box("B")]})
    keep(store, row("new"), {"assets": [box("A")], "notes": ["again"]})

    assert [run.id for run in store.runs()] == ["old", "new"]
    assert json.loads(store.document(store.find("new")))["notes"] == ["again"]
    assert numbers(store) == {"A": 1, "B": 2}
    with store.database.reading() as base:
        rows = base.exec_driver_sql("SELECT number, first, last, runs FROM device ORDER BY number").all()
        levels = base.exec_driver_sql("SELECT device, level FROM finding ORDER BY device").all()
    assert [tuple(one) for one in rows] == [
        (1, "2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z", 2),
        (2, "2026-11-21T05:00:00Z", "2026-11-21T05:00:00Z", 0),
    ]
    assert [tuple(one) for one in levels] == [(1, 2), (2, 2)]
    assert breaks(store) == []


def test_a_number_is_given_once_and_a_quiet_night_stores_no_document(store):
    keep(store, row("a", "2026-11-20T05:00:00Z"), {"assets": [box("B"), box("A")]})
    with store.database.reading() as base:
        before = base.exec_driver_sql("SELECT count(*) FROM document").scalar()
    keep(store, row("b"), {"assets": [box("B"), box("A")]})
    with store.database.reading() as base:
        after = base.exec_driver_sql("SELECT count(*) FROM document").scalar()

    assert (numbers(store), after) == ({"A": 1, "B": 2}, before)


def test_steps_are_kept_once_and_in_their_order(store):
    steps = [
        Step(asset="hq/serial:A", at="2026-11-21T05:00:00Z", state=state, who="A", note="")
        for state in ("found", "confirmed", "planned", "removed")
    ]
    keep(store, row("a"), {"assets": [box("A")]})
    for step in (*steps, steps[0]):
        store.step(replace(step, device=1))

    assert store.steps() == tuple(replace(step, device=1) for step in steps)
    assert {mark.value for mark in store.removals().marks[1]} == {"A"}


def test_nothing_of_a_run_stays_that_failed_half_way_and_no_link_is_missing_after_it(store):
    keep(store, row("a"))
    with pytest.raises(ZeroDivisionError), store.keeping() as keeper:
        fail_after(ledger.append(keeper.base, "run", "2026-11-21T06:00:00Z", {}))
    keep(store, row("b"))

    assert [run.id for run in store.runs()] == ["a", "b"]
    assert breaks(store) == []


def test_a_reader_sees_one_state_while_another_writes(store):
    keep(store, row("a"))
    count = "SELECT count(*) FROM run"
    with store.database.reading() as base:
        before = base.exec_driver_sql(count).scalar()
        writer = threading.Thread(target=keep, args=(Store(store.name), row("b")))
        writer.start()
        writer.join(30)
        assert base.exec_driver_sql(count).scalar() == before == 1
    assert len(store.runs()) == 2


def test_two_processes_never_hold_one_site_and_a_killed_one_leaves_no_lock(store, url, tmp_path):
    ready, done = SPAWN.Event(), SPAWN.Event()
    first = SPAWN.Process(target=hold_site, args=(url, tmp_path, ready, done))
    first.start()
    home = home_of(store, tmp_path)
    try:
        assert ready.wait(30)
        with pytest.raises(LockedError, match="another run holds the lock"), hold(store, home, ["hq"]):
            pytest.fail("two runs at once")
        with hold(store, home, ["branch"]):
            pass
    finally:
        first.kill()
        first.join()
    for _ in range(100):
        try:
            with hold(store, home, ["hq"]):
                return
        except LockedError:  # the server takes a moment to notice
            threading.Event().wait(0.05)
    pytest.fail("the lock of a dead process stays")


def test_two_writers_at_once_lose_nothing_and_give_no_number_twice(store, url):
    start = SPAWN.Event()
    writers = [SPAWN.Process(target=keep_many, args=(url, name, start)) for name in "ab"]
    for writer in writers:
        writer.start()
    start.set()
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(store.runs()) == 10
    assert sorted(numbers(store).values()) == list(range(1, 12))
    assert breaks(store) == []


def test_a_database_of_another_program_is_refused_and_left_alone(store):
    with store.database.writing() as base:
        for word in ("run", "alembic_version"):
            base.exec_driver_sql(f"DROP TABLE {word}" + (" CASCADE" if base.dialect.name == "postgresql" else ""))
        base.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        base.exec_driver_sql("INSERT INTO alembic_version VALUES ('ae1027a6acf')")

    with pytest.raises(InputError, match="is a database of another program"):
        Store(store.name).runs()


def test_a_newer_schema_is_refused(store):
    with store.database.writing() as base:
        base.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")

    with pytest.raises(UsageError, match="newer auditor"):
        store.runs()


def with_duties(serial, duties, **cells):
    """Return a device with a finding of which laws ask what they ask of others too."""
    (finding,) = box(serial)["findings"]
    return box(serial, findings=[finding | {"obligations": duties}], **cells)


def test_duties_that_devices_share_are_kept_once_and_given_back_in_each(store):
    """A device that calls itself like what stands for them gets nothing put in its place."""
    duties = DutyList([{"policy": "law", "duty": "out", "applies": "yes"}])
    forger = f'x","obligations":{{"sha256":"{duties.sha256}"}},"y'
    document = {"schema": 1, "assets": [with_duties("A", duties, name=forger), with_duties("B", duties)]}
    keep(store, row("a"), document)

    assert store.document(store.find("a")) == dump(json.loads(json.dumps(document)))
    with store.database.reading() as base:
        ids = sorted(base.execute(select(schema.sighting.c.document)).scalars())
        kept, told = documents.kept(base, ids), dict(documents.assets(base, ids))
        texts = documents.kept(base, base.execute(select(schema.document.c.id)).scalars())
    assert sum(f'"{duties.sha256}"' in text for text in kept.values()) == 2
    assert [text for text in texts.values() if '"policy"' in text] == [duties.text]
    one, other = (asset["findings"][0]["obligations"] for asset in told.values())
    assert one == list(duties)
    assert one is other


def test_duties_that_nobody_shares_any_more_go_with_the_last_device(store):
    duties = DutyList([{"policy": "law", "duty": "out", "applies": "yes"}])
    keep(store, row("a"), {"assets": [with_duties("A", duties), with_duties("B", duties), box("C")]})
    left = []
    for number in (1, 2):
        with store.database.writing() as base:
            prune_device(base, number, "2026-11-30T05:00:00Z", "A")
            ids = base.execute(select(schema.document.c.id)).scalars()
            left.append(duties.text in documents.kept(base, ids).values())

    assert left == [True, False]
    with store.database.reading() as base:
        assert base.execute(select(schema.document_part)).all() == []


def test_missing_duties_are_told_in_a_line(store):
    duties = DutyList([{"policy": "law", "duty": "out", "applies": "yes"}])
    keep(store, row("a"), {"assets": [with_duties("A", duties)]})
    with store.database.writing() as base:
        base.execute(schema.document.delete().where(schema.document.c.sha256 == bytes.fromhex(duties.sha256)))

    with pytest.raises(InputError, match="a document that others have in common is missing"):
        store.document(store.find("a"))
    assert any("which the table document_part names" in line for line in damage(store.database))
