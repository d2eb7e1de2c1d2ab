"""Keeping a store: content goes, links stay; copies, damage, files for other programs."""

import csv
import json
import sqlite3

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from auditor.cli import main
from auditor.errors import InputError
from auditor.store import documents, ledger, schema
from auditor.store.prune import plan, prune, prune_device
from auditor.store.rows import Step
from auditor.store.runs import Store
from tests.tools.stores import box, keep, row

LIMIT = "2026-11-20T00:00:00Z"


def auditor(*words):
    return CliRunner().invoke(main, [*map(str, words)])


def breaks(store):
    with store.database.reading() as base:
        return list(ledger.breaks(base))


@pytest.fixture
def local(tmp_path):
    return Store(tmp_path / "auditor.db")


def nights(store, days, **more):
    """Keep a run a night, in which device A is always there."""
    for day in days:
        assets = [box("A", name=f"called {day}"), *more.get(f"n{day}", ())]
        keep(store, row(f"n{day}", f"2026-11-{day:02}T05:00:00Z", f"/gone/n{day}.jsonl"), {"assets": assets})


def planned(store, keep_last=1, findings=()):
    with store.database.reading() as base:
        return plan(base, LIMIT, keep_last, findings)


def test_old_content_goes_and_who_was_there_when_stays(store):
    nights(store, range(1, 6))
    before = store.runs()
    what = planned(store)
    with store.database.writing() as base:
        prune(base, what, "2026-11-30T05:00:00Z", "A")

    assert what.runs == ("n1", "n2", "n3", "n4")
    assert what.journals == tuple(f"/gone/n{day}.jsonl" for day in range(1, 5))
    assert [(run.id, run.started, run.sha256) for run in store.runs()] == [
        (run.id, run.started, run.sha256) for run in before
    ]
    assert json.loads(store.document(store.find("n5")))["assets"][0]["name"] == "called 5"
    with pytest.raises(InputError, match="content of run n1 was pruned on 2026-11-30"):
        store.document(store.find("n1"))
    with store.database.reading() as base:
        tables = (schema.sighting, schema.link, schema.device)
        counts = [base.execute(select(func.count()).select_from(table)).scalar() for table in tables]
    assert counts == [1, 6, 1]
    assert (breaks(store), list(store.damage(whole=True))) == ([], [])
    assert planned(store).runs == (), "what is pruned is not pruned again"


def test_the_run_that_read_a_device_last_stays(local):
    """What it says of itself is compared with the last time that it did."""
    heard = box("B", key="hq/serial:B", seen="heard", address="", collectors=[])
    nights(local, range(1, 6), n1=[box("B")], **{f"n{day}": [heard] for day in range(2, 6)})

    assert planned(local).runs == ("n2", "n3", "n4")
    assert planned(local).stay == {"n1": "a device was last seen in it", "n5": "it is among the last of a site"}


def test_a_run_emptied_without_a_word_is_named(local):
    nights(local, [1, 2])
    with local.database.writing() as base:
        base.exec_driver_sql("UPDATE run SET pruned = '2026-11-30', head = NULL WHERE id = 'n1'")

    assert "run n1 was emptied, and no link" in breaks(local)[0]


def test_what_something_rests_on_stays(store):
    nights(store, range(1, 8), n2=[box("LOST")], n3=[box("WAIVED")], n4=[box("WAIVED")])
    store.step(Step(asset="hq/serial:A", at="2026-11-05T06:00:00Z", state="planned", who="A", note="", device=1))
    with store.database.writing() as base:
        ledger.append(base, "filing", "2026-11-21T05:00:00Z", {"run": "n1"})
    what = planned(store, findings={"f-WAIVED"})

    assert what.runs == ("n3", "n6")
    assert "n4" in planned(store, findings={"f-WAIVED"}).stay
    assert what.stay["n2"] == what.stay["n4"] == "a device was last seen in it"
    assert what.stay["n1"] == "a filing or a seal rests on it"
    assert what.stay["n5"] == "a removal step or a waiver rests on it"
    assert planned(store, keep_last=3).runs == ("n3",)


def test_the_newest_of_each_site_stays(local):
    nights(local, [1, 2])
    for day in (3, 4):
        keep(local, row(f"b{day}", f"2026-11-{day:02}T05:00:00Z"), {"assets": [box("B", "branch")]})

    assert planned(local).runs == ("n1", "b3")


def test_what_a_store_knew_of_a_device_it_still_knows_after_pruning(local):
    nights(local, range(1, 4), n1=[box("LOST")])
    with local.database.writing() as base:
        prune(base, plan(base, LIMIT, 1), "2026-11-30T05:00:00Z", "A")
    keep(local, row("back"), {"assets": [box("A"), box("LOST"), box("NEW")]})

    with local.keeping() as keeper:
        marks = {mark.value: number for mark, number in keeper.known().marks.items() if mark.kind == "serial"}
    assert marks == {"A": 1, "LOST": 2, "NEW": 3}


def test_a_device_goes_on_request_and_its_number_is_given_to_nobody(store):
    said = [{"by": "hq/serial:B", "fact": {"kind": "cli.output", "value": "up 1 day", "where": "", "about": ""}}]
    nights(store, [1, 2], n1=[box("B", said=said)], n2=[box("B", said=[])])
    store.step(Step(asset="hq/serial:B", at="2026-11-05T06:00:00Z", state="planned", who="A", note="", device=2))
    with store.database.writing() as base:
        assert prune_device(base, 2, "2026-11-30T05:00:00Z", "A") == ("n1", "n2")
    keep(store, row("n3"), {"assets": [box("A"), box("C")]})

    with store.database.reading() as base:
        tables = (schema.mark, schema.finding, schema.sighting, schema.event, schema.silence)
        left = [base.execute(select(table.c.device).where(table.c.device == 2)).all() for table in tables]
        cells = base.exec_driver_sql("SELECT key, address, name, makers FROM device WHERE number = 2").one()
    assert (left, tuple(cells)) == ([[]] * 5, ("", "", "", ""))
    assert [asset["serial"] for asset in json.loads(store.document(store.find("n1")))["assets"]] == ["A"]
    with store.keeping() as keeper:
        assert {mark.value: one for mark, one in keeper.known().marks.items() if mark.kind == "serial"} == {
            "A": 1, "C": 3,
        }  # fmt: skip
    assert [step.state for step in store.steps()] == ["planned"]
    assert (breaks(store), list(store.damage(whole=True))) == ([], [])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "auditor.db"
    nights(Store(path), range(1, 4))
    return path


def test_pruning_says_first_what_it_would_do(file):
    journals = file.parent / "journals"
    journals.mkdir()
    elsewhere = file.parent / "own.jsonl"
    for path in (journals / "n1.jsonl.gz", elsewhere):
        path.write_text("{}\n")
    with sqlite3.connect(file) as base:
        base.execute("UPDATE run SET journal = ? WHERE id = 'n1'", (str(journals / "n1.jsonl.gz"),))
        base.execute("UPDATE run SET journal = ? WHERE id = 'n2'", (str(elsewhere),))
    base.close()
    dry = auditor("store", "prune", "--keep", "1d", "--store", file)
    assert (dry.exit_code, dry.stdout) == (0, "would go: run n1\nwould go: run n2\n")
    assert "--yes does it" in dry.stderr
    assert [run.pruned for run in Store(file).runs()] == [""] * 3

    done = auditor("store", "prune", "--keep", "1d", "--yes", "--store", file)
    assert (done.exit_code, done.stdout) == (0, "goes: run n1\ngoes: run n2\n")
    assert [bool(run.pruned) for run in Store(file).runs()] == [True, True, False]
    assert (list(journals.iterdir()), elsewhere.is_file()) == ([], True), "a journal a person named is not ours"
    assert auditor("report", "n1", "--store", file).exit_code == 2
    assert auditor("store", "prune", "--keep", "soon", "--store", file).exit_code == 2


def test_a_store_is_described_copied_checked_and_shrunk(file):
    shown = json.loads(auditor("store", "-f", "json", "--store", file).stdout)
    assert (shown["runs"], shown["devices"], shown["links"], shown["schema"]) == (3, 1, 3, "0003")
    assert (shown["oldest"], shown["newest"]) == ("2026-11-01T05:00:00Z", "2026-11-03T05:00:00Z")
    assert auditor("store", "--store", file).stdout.startswith("store ")
    copy = file.parent / "copy.db"
    assert auditor("store", "backup", copy, "--store", file).exit_code == 0
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    assert [run.id for run in Store(copy).runs()] == ["n1", "n2", "n3"]
    assert auditor("store", "backup", copy, "--store", file).exit_code == 2
    assert auditor("store", "check", "--store", copy).exit_code == 0
    assert auditor("store", "vacuum", "--store", copy).exit_code == 0
    number, digest, at = auditor("store", "head", "--store", copy).stdout.split()
    assert (number, len(digest), at) == ("3", 64, "2026-11-03T05:00:00Z")


def test_every_table_is_written_for_other_programs(file):
    folder = file.parent / "out"
    shown = auditor("store", "export", folder, "--store", file)

    assert shown.exit_code == 0
    if (folder / "run.csv").is_file():
        with (folder / "run.csv").open(encoding="utf-8", newline="") as stream:
            assert [cells["id"] for cells in csv.DictReader(stream)] == ["n1", "n2", "n3"]
        lines = (folder / "document.jsonl").read_text().splitlines()
        assert any("called 3" in json.loads(line)["body"] for line in lines)
    assert {path.stem for path in folder.iterdir()} >= {"run", "device", "mark", "sighting", "link", "step"}


@pytest.mark.parametrize(
    ("words", "want"),
    [
        ("UPDATE document SET body = x'00' WHERE id = 1", "document 1 cannot be unpacked"),
        ("UPDATE document SET sha256 = x'00' WHERE id = 1", "document 1 is not what its digest says"),
        ("UPDATE link SET at = '2026-11-09T05:00:00Z' WHERE seq = 2", "link 2 of the ledger"),
        ("DELETE FROM document WHERE id = 2", "document 2 is missing"),
        ("UPDATE device SET makers = 'zte (confirmed)'", "device 1 is not what its document says (makers)"),
    ],
)
def test_check_names_what_is_damaged(file, words, want):
    with sqlite3.connect(file) as base:
        base.execute(words)
    base.close()
    shown = auditor("store", "check", "--store", file)

    assert shown.exit_code == 1
    assert want in shown.stdout


def test_a_fault_that_damage_leads_to_is_a_line_and_a_fault_of_ours_stays_one(file):
    store = Store(file)
    with pytest.raises(ZeroDivisionError), store.database.reading():
        raise ZeroDivisionError
    with sqlite3.connect(file) as base:
        base.execute("UPDATE document SET body = x'00'")
    base.close()
    with pytest.raises(InputError, match="document 1 cannot be unpacked"), store.database.reading():
        raise KeyError


def test_where_a_device_hung_goes_with_it(local):
    nights(local, [1], n1=[box("B")])
    with local.database.writing() as base:
        prune_device(base, 2, "2026-11-30T05:00:00Z", "A")
        assert base.execute(select(schema.presence.c.device)).scalars().all() == [1]


def test_what_a_device_said_anew_each_night_goes_with_it(local):
    for day in (1, 2):
        fact = {"kind": "cli.output", "value": f"up {day} days", "where": "", "about": ""}
        evidence = [box(serial, said=[{"by": "hq/serial:X", "fact": fact}]) for serial in "AB"]
        keep(local, row(f"n{day}", f"2026-11-{day:02}T05:00:00Z"), {"assets": evidence})
    with local.database.reading() as base:
        before = base.execute(select(func.count(schema.run_site.c.patches))).scalar()
    with local.database.writing() as base:
        prune_device(base, 2, "2026-11-30T05:00:00Z", "A")

    assert before == 1, "the second night differs in nothing but an uptime"
    (left,) = json.loads(local.document(local.find("n2")))["assets"]
    assert left["said"][0]["fact"]["value"] == "up 2 days"
    with local.database.reading() as base:
        bodies = [documents.unpack(one.id, one.sha256, one.body) for one in base.execute(select(schema.document))]
    assert not any('"1"' in body for body in bodies), "nothing of the second asset is patched any more"
