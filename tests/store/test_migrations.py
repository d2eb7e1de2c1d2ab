"""A store of an older version is brought up to date whole or not at all, with a way back."""

import json
import multiprocessing
import shutil
import sqlite3
import time
import zlib
from contextlib import closing

import pytest

from auditor.errors import InputError
from auditor.formats.document import DutyList, to_document
from auditor.formats.fields import dump
from auditor.store import ledger
from auditor.store.compare import kept_events
from auditor.store.database import database, upgrade
from auditor.store.runs import Store
from auditor.store.schema import tables
from tests.tools.audits import audit
from tests.tools.stores import box, keep, list_runs, row

# The tables of 0.1.0, word for word.
TABLES = """
CREATE TABLE IF NOT EXISTS run (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    started  TEXT NOT NULL,
    finished TEXT NOT NULL,
    as_of    TEXT NOT NULL,
    sites    TEXT NOT NULL,
    summary  TEXT NOT NULL,
    journal  TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    audit    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS removal (
    asset    TEXT NOT NULL,
    at       TEXT NOT NULL,
    state    TEXT NOT NULL,
    who      TEXT NOT NULL,
    note     TEXT NOT NULL,
    PRIMARY KEY (asset, at, state)
) STRICT;
PRAGMA user_version = 1;
"""
# What an asset says since, and did not say then.
NEWER = ("conflicts", "item", "kind", "remarks", "sightings", "device", "vendor", "model", "firmware", "role")
HEARD, READ = "hq/mac:00005e005307", "hq/serial:S7"


def asset(key, **cells):
    """Return a device as a document of 0.1.0 told of it."""
    site, _, own = key.partition("/")
    return {
        "address": "192.0.2.7", "addresses": ["192.0.2.7"], "collectors": ["snmp"], "findings": [], "key": key,
        "macs": ["00005e005307"], "name": "", "outcome": "no_match", "parts": [], "place": None, "said": [],
        "seen": "read", "serial": own.removeprefix("serial:") if "serial:" in own else "", "site": site, "why": "",
    } | cells  # fmt: skip


def old_document(*assets, name="a"):
    document = to_document(audit())
    document["run"] |= {"id": name}
    own = [{key: value for key, value in one.items() if key not in NEWER} for one in document["assets"]]
    return dump(document | {"assets": [*own, *assets], "notes": ["Zürich \u2028 東京"]})


def old_store(path, texts, steps=()):
    with closing(sqlite3.connect(path)) as base:
        base.executescript(TABLES)
        for at, text in enumerate(texts, 1):
            day = f"2026-11-{at:02}T05:00:00Z"
            cells = (at, f"run{at}", day, day, day[:10], "hq", "{}", f"/gone/{at}.jsonl", "ab" * 32)
            words = "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            base.execute(words, (*cells, zlib.compress(text.encode())))
        base.executemany("INSERT INTO removal VALUES (?, ?, ?, ?, ?)", steps)
        base.commit()
    path.chmod(0o600)
    return path


@pytest.fixture
def old(tmp_path):
    texts = [old_document(asset(HEARD, seen="heard"), name="run1"), old_document(asset(READ), name="run2")]
    return texts, old_store(
        tmp_path / "auditor.db",
        texts,
        [
            (READ, "2026-11-20T05:00:00Z", "planned", "B", ""),
            (READ, "2026-11-20T05:00:00Z", "found", "A", "of ¼"),
            (HEARD, "2026-11-19T05:00:00Z", "found", "A", ""),
        ],
    )


def test_every_run_of_an_old_store_is_there_to_the_octet_and_its_devices_are_numbered(old):
    texts, path = old
    store = Store(path)

    assert [(run.id, run.tool, run.sha256) for run in store.runs()] == [
        ("run1", json.loads(texts[0])["tool"]["version"], "ab" * 32),
        ("run2", json.loads(texts[1])["tool"]["version"], "ab" * 32),
    ]
    assert [store.document(run) for run in store.runs()] == texts
    with store.keeping() as keeper:
        marks = {mark.value: number for mark, number in keeper.known().marks.items()}
    assert marks[HEARD] == marks[READ] == marks["S7"], "a device that was heard and then read is one"
    assert [(step.state, step.who, step.device) for step in store.steps()] == [
        ("found", "A", marks["S7"]),
        ("planned", "B", marks["S7"]),
        ("found", "A", marks["S7"]),
    ]
    with store.database.reading() as base:
        assert list(ledger.breaks(base)) == []


def test_the_backup_beside_it_is_the_old_store_and_a_way_back(old):
    texts, path = old
    before = list_runs(path)
    Store(path).runs()
    copy = path.with_name("auditor.db.0001")

    assert list_runs(copy) == before
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    shutil.copy(copy, path)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    assert [Store(path).document(run) for run in Store(path).runs()] == texts


def test_a_store_is_migrated_once_and_goes_on(old):
    _, path = old
    Store(path).runs()
    keep(Store(path), row("new", "2026-11-30T05:00:00Z"))

    assert [run.id for run in Store(path).runs()] == ["run1", "run2", "new"]


@pytest.mark.parametrize("body", [b"no zlib", zlib.compress(b"no JSON"), zlib.compress(b'{"schema":1}')])
def test_a_damaged_old_store_stays_as_it_is(old, body):
    _, path = old
    with closing(sqlite3.connect(path)) as base:
        base.execute("UPDATE run SET audit = ? WHERE number = 2", (body,))
        base.commit()
    before = list_runs(path)

    with pytest.raises(InputError, match="run run2 is damaged"):
        Store(path).runs()
    assert list_runs(path) == before


def open_store(path):
    Store(path).runs()


def test_a_process_killed_in_the_middle_of_a_migration_leaves_the_old_store(tmp_path):
    path = old_store(tmp_path / "auditor.db", [old_document(asset(READ), name=f"run{at}") for at in range(1, 29)])
    before = list_runs(path)
    process = multiprocessing.get_context("spawn").Process(target=open_store, args=(path,))
    process.start()
    copy, end = path.with_name("auditor.db.0001"), time.monotonic() + 30
    while not (copy.is_file() and copy.stat().st_size) and time.monotonic() < end:
        time.sleep(0.001)
    process.kill()
    process.join()

    assert list_runs(path) == before
    assert len(Store(path).runs()) == 28


def test_the_migrations_from_nothing_give_the_tables_of_the_schema(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    place = database(url)
    with place.writing() as base:
        for table in reversed(tables.sorted_tables):
            table.drop(base)
        base.exec_driver_sql("DROP TABLE alembic_version")
        upgrade(base, "")
        # Alembic takes each default of SQLite for another one, spelled as it is.
        opts = {"compare_type": True, "compare_server_default": base.dialect.name != "sqlite"}
        context = MigrationContext.configure(base, opts=opts)
        assert compare_metadata(context, tables) == []
    assert Store(url).runs() == ()


def test_a_store_that_kept_duties_in_each_document_goes_on_and_stays_what_it_was(tmp_path):
    duties = [{"policy": "law", "duty": "out", "applies": "yes"}]
    (finding,) = box("A")["findings"]
    documents = [
        {"schema": 1, "assets": [box("A", findings=[finding | {"obligations": own}])]}
        for own in (duties, DutyList(duties))
    ]
    store = Store(tmp_path / "auditor.db")
    keep(store, row("before"), documents[0])
    with store.database.writing() as base:
        for words in ("TABLE document_part", "TABLE claim", "TABLE duty", "TABLE unread", "TABLE token"):
            base.exec_driver_sql(f"DROP {words}")
        for words in ("device_site", "device_outcome", "device_merged"):
            base.exec_driver_sql(f"DROP INDEX {words}")
        base.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    store = Store(tmp_path / "auditor.db")
    keep(store, row("after", "2026-11-22T05:00:00Z"), documents[1])

    assert (tmp_path / "auditor.db.0002").is_file()
    assert [store.document(store.find(name)) for name in ("before", "after")] == [dump(one) for one in documents]
    with store.database.reading() as base:
        assert [one.events for one in kept_events(base, "after")] == [()]
        assert list(ledger.breaks(base)) == []
