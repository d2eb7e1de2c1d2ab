"""How the program ends: no bug, full disk or damaged file ends with the code of findings."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from auditor.cli import LazyGroup, main
from auditor.cli.exits import BUG

FACT = {"kind": "snmp.sysname", "value": "sw1", "where": "", "about": ""}
AT = "2026-11-21T05:00:00Z"


def line(at=AT, **more):
    target = {"address": "192.0.2.1", "site": "hq"}
    return json.dumps({"type": "observation", "target": target, "collector": "snmp", "at": at, "facts": [FACT]} | more)


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def program(*words, **how):
    """Run the installed program itself: buffers and the interpreter's own end count."""
    command = [sys.executable, "-m", "auditor", *map(str, words)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120, check=False, **how)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "j.jsonl").write_text(line() + "\n")
    return tmp_path


class Broken(LazyGroup):
    def list_commands(self, _ctx):
        return ["boom", "prompt"]

    def get_command(self, _ctx, name):
        def boom():
            raise (click.Abort if name == "prompt" else KeyError)("unforeseen\x1b[31m")

        return click.Command(name, callback=boom)


def test_a_bug_is_a_traceback_under_a_code_of_its_own():
    shown = CliRunner().invoke(Broken(), ["boom"])

    assert (shown.exit_code, BUG) == (70, 70)
    assert "Traceback" in shown.stderr
    assert "KeyError" in shown.stderr
    assert "\x1b" not in shown.stderr


def test_whoever_leaves_at_a_prompt_has_no_findings():
    assert CliRunner().invoke(Broken(), ["prompt"]).exit_code == 130


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z", "20261332"]
)
def test_a_time_out_of_range_ends_in_one_line(folder, at):
    (folder / "j.jsonl").write_text(f"{line()}\n{line(at)}\n{line()}\n")
    run_line = json.dumps({"type": "run", "journal": 1, "id": "r", "started": at})
    (folder / "k.jsonl").write_text(f"{run_line}\n{line()}\n")

    for name in ("j.jsonl", "k.jsonl"):
        for command in ("judge", "import"):
            shown = run(command, name, "--store", "none")
            assert (shown.exit_code, "Traceback" in shown.stderr) == (2, False), shown.stderr
            assert name in shown.stderr


@pytest.mark.parametrize(
    "row",
    [
        line(deep=eval("[" * 90 + "]" * 90)),  # noqa: S307 - a literal of this file
        '{"type":"observation","deep":' + "[" * 5000 + "]" * 5000 + "}",
        '{"type":"x","deep":' + '{"a":' * 900 + "1" + "}" * 900 + "}",
        '{"type":"run","journal":1,"id":"r","started":"2026-11-21T05:00:00Z","addresses":'
        + "9" * 4200
        + ',"scope":["x"]}',
        '{"type":"run","journal":1,"id":"r","started":"2026-11-21T05:00:00Z","addresses":1e999}',
        '{"type":"run","journal":' + "9" * 5000 + "}",
    ],
    ids=["deep", "very deep", "deep objects", "a long number", "infinity", "too long a number"],
)
def test_deep_and_large_values_end_in_no_traceback(folder, row):
    (folder / "j.jsonl").write_text(f"{row}\n{line()}\n")
    for words in (
        ("judge", "j.jsonl", "--store", "none"),
        ("import", "j.jsonl", "--store", "s.db", "--journal", "k.jsonl"),
    ):
        shown = run(*words)
        assert shown.exit_code in {0, 2, 3}, shown.stderr
        assert "Traceback" not in shown.stderr


FORMATS = ("text", "json", "csv", "xlsx")


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "words", [*(("judge", "j.jsonl", "--store", "none", "-f", name) for name in FORMATS), ("--help",)]
)
def test_an_output_that_is_full_is_a_line_and_no_finding(words):
    with Path("/dev/full").open("w") as full:
        shown = program(*words, stdout=full)

    assert shown.returncode == 2, shown.stderr
    assert "Traceback" not in shown.stderr
    assert "Exception ignored" not in shown.stderr
    assert "No space left on device" in shown.stderr


@pytest.mark.usefixtures("folder")
def test_a_closed_output_is_a_line_and_no_finding():
    for words in ("judge j.jsonl --store none", "judge j.jsonl --store none -f json", "runs --store s.db -f json"):
        shown = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m auditor {words} >&-"], capture_output=True, text=True, check=False
        )
        assert (shown.returncode, "Traceback" in shown.stderr) == (2, False), shown.stderr
        assert "stdout: is closed" in shown.stderr


@pytest.mark.usefixtures("folder")
def test_errors_nobody_can_read_change_no_verdict():
    for end in ("2>&-", "2>/dev/full"):
        words = f"{sys.executable} -m auditor judge j.jsonl --store none -v {end}"
        shown = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
        assert (shown.returncode, "1 device" in shown.stdout) == (0, True), shown


def damaged(path, sql, *values):
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(sql, values)
        base.commit()


GOOD = json.dumps({"schema": 1, "assets": [], "run": {}})
BLOBS = {
    "no zlib": b"not packed",
    "cut short": zlib.compress(GOOD.encode())[:-8],
    "no text": zlib.compress(b"\xff\xfe\xff"),
    "no JSON": zlib.compress(b'{"assets": ['),
    "no object": zlib.compress(b"[]"),
    "another object": zlib.compress(b"{}"),
    "wrong within": zlib.compress(b'{"schema":1,"assets":{"a":1},"run":[]}'),
    "deep": zlib.compress(b"[" * 100_000),
    "empty": b"",
}
READERS = (
    ("report",), ("report", "-f", "json"), ("explain",
    "192.0.2.1"), ("assets",), ("assets", "--all"), ("diff",), ("verify", "last"),
    ("removal", "list"), ("import", "j.jsonl"), ("judge", "last"),
)  # fmt: skip


@pytest.fixture
def store(folder):
    for _ in range(2):
        assert run("import", "j.jsonl", "--store", "s.db", "--journal", "k.jsonl").exit_code == 0
    return folder / "s.db"


@pytest.mark.parametrize("blob", BLOBS)
def test_a_damaged_document_in_the_store_is_a_line(store, blob):
    damaged(store, "UPDATE document SET body = ?", BLOBS[blob])
    for words in READERS if blob in {"cut short", "wrong within"} else READERS[:1]:
        shown = run(*words, "--store", store)
        assert "Traceback" not in shown.stderr, (words, shown.stderr)
        assert shown.exit_code in {0, 2}, (words, shown.stderr)
    assert "restore the store from a backup" in run("assets", "--store", store).stderr


@pytest.mark.parametrize("column", ["started", "finished", "as_of", "summary", "journal", "sha256", "sites", "id"])
@pytest.mark.parametrize("value", ["{}", "9999-12-31T23:59:59-14:00"])
def test_a_damaged_row_in_the_store_is_a_line(store, column, value):
    damaged(store, f"UPDATE run SET {column} = ? WHERE number = 1", value)  # noqa: S608 - a constant of this file
    for words in (("runs",), ("report", "1"), ("assets", "--all")):
        shown = run(*words, "--store", store)
        assert "Traceback" not in shown.stderr, (words, shown.stderr)
        assert shown.exit_code in {0, 1 if words[0] in {"diff", "verify"} else 0, 2}, (words, shown.stderr)


def test_a_store_of_another_shape_cut_short_locked_or_a_folder_is_a_line(store, folder):
    whole = store.read_bytes()
    (folder / "cut.db").write_bytes(whole[: len(whole) // 2 + 100])
    (folder / "noise.db").write_bytes(whole[:100] + os.urandom(len(whole) - 100))
    (folder / "dir.db").mkdir()
    with contextlib.closing(sqlite3.connect(folder / "shape.db")) as base:
        base.execute("CREATE TABLE run (number, id, started, finished, as_of, sites, summary, journal, sha256, audit)")
        base.execute("INSERT INTO run VALUES (1, NULL, 2, x'ff', NULL, 3.5, '{}', NULL, NULL, 'text')")
        base.execute("PRAGMA user_version = 1")
        base.commit()
    for name in ("cut.db", "noise.db", "dir.db", "shape.db"):
        for words in (("runs",), ("report",), ("assets", "--all"), ("removal", "list"), ("import", "j.jsonl")):
            shown = run(*words, "--store", name)
            assert "Traceback" not in shown.stderr, (name, words, shown.stderr)
            assert shown.exit_code in {0, 2}, (name, words, shown.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ("judge", "d"), ("import", "j.jsonl", "--store", "d"), ("judge", "j.jsonl", "--store", "none",
            "--waivers", "d"),
        ("judge", "j.jsonl", "--store", "none", "--rules", "j.jsonl"), ("import", "j.jsonl", "--store", "none",
            "--journal", "d"),
        ("--config", "d", "judge", "j.jsonl", "--store", "none"), ("scan", "-i", "d"), ("scan", "127.0.0.1",
            "--allow-file", "d"),
        ("scan", "127.0.0.1",
            "--ssh-config", "d"), ("scan", "127.0.0.1", "--ssh-config", "gone"), ("verify", "d"), ("import", "d"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_folder_where_a_file_belongs_is_a_line(folder, words):
    (folder / "d").mkdir()
    shown = run(*words)

    assert "Traceback" not in shown.stderr, shown.stderr
    assert shown.exit_code == 2, shown.stderr
