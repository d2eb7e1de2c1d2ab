"""Scans of the lab from the command line: the demo, killed runs that resume, secrets that never leave, nothing ever written."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.lab.samples import home

SCAN = ("scan", "-f", "json", "--no-progress", "--rate", "5000", "--deadline", "20", "--fail-on", "never")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    plan = networks.load(home() / "networks" / "demo.toml")
    with play(plan, home(), tmp_path_factory.mktemp("lab")) as playing:
        yield playing


def words(lab, store, *more):
    return ["--config", str(lab.config), *SCAN, "--store", str(store), *more, *lab.targets]


@pytest.fixture(scope="module")
def scanned(lab, tmp_path_factory):
    """Scan the lab once: (exit code, audit document, store)."""
    store = tmp_path_factory.mktemp("scan") / "s.db"
    store.with_name("known_hosts").write_bytes(lab.known_hosts.read_bytes())
    shown = CliRunner().invoke(main, words(lab, store))
    assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
    return shown.exit_code, json.loads(shown.stdout), store


def told(document):
    """Return what an audit says, without its id and times."""
    return [
        (asset["key"], asset["outcome"], sorted((one["maker"], one["verdict"]) for one in asset["findings"]))
        for asset in document["assets"]
    ]


def rows(journal):
    """Return which devices a journal says were read, by whom, in order."""
    lines = [json.loads(line) for line in journal.split(b"\n") if line]
    return [
        (line["collector"], line["target"]["address"], line["target"]["site"])
        for line in lines
        if line["type"] == "observation"
    ]


def unread(document):
    return sorted((one["address"], one["collector"], one["reason"]) for one in document["unread"])


def test_a_scan_of_the_lab_finds_every_maker_and_tells_what_it_could_not_read(scanned):
    code, document, _ = scanned

    assert code == 3
    makers = {one["maker"] for asset in document["assets"] for one in asset["findings"] if one["tier"] == "covered"}
    assert makers == {"huawei", "zte", "hikvision", "dahua", "hytera"}
    assert {"authentication", "closed", "refused", "timeout"} & {entry["reason"] for entry in document["unread"]}
    assert document["summary"]["heard"] > 0


def test_nothing_was_ever_written_to_a_device(lab, scanned):
    assert scanned
    assert lab.stats["set"] == 0
    assert [
        line
        for _, line in lab.commands
        if line.split()[:1] in (["configure"], ["conf"], ["system-view"], ["save"], ["write"])
    ] == []


def test_no_secret_of_the_lab_is_in_the_journal_the_store_or_the_report(lab, scanned):
    _, document, store = scanned
    kept = (
        b"".join(path.read_bytes() for path in store.parent.rglob("*") if path.is_file())
        + json.dumps(document).encode()
    )

    assert [name for name, secret in lab.secrets.items() if secret.encode() in kept] == []


def test_judging_the_journal_again_gives_the_same_audit(scanned):
    _, document, store = scanned

    shown = CliRunner().invoke(main, ["judge", "last", "--store", str(store), "-f", "json"])

    again = json.loads(shown.stdout)
    assert (again["assets"], again["unread"]) == (document["assets"], document["unread"])


def test_a_run_killed_outright_is_resumed_and_ends_the_same(lab, scanned, tmp_path):
    store = tmp_path / "s.db"
    store.with_name("known_hosts").write_bytes(lab.known_hosts.read_bytes())
    process = subprocess.Popen(
        [sys.executable, "-m", "auditor", *words(lab, store)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    journals, deadline = tmp_path / "journals", time.monotonic() + 30
    while not (journals.is_dir() and any(path.read_bytes().count(b"\n") > 8 for path in journals.iterdir())):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (journal,) = journals.iterdir()
    kept = rows(journal.read_bytes().rpartition(b"\n")[0])

    shown = CliRunner().invoke(main, words(lab, store, "--resume", journal.stem))

    after = rows(journal.read_bytes())
    assert after[: len(kept)] == kept
    assert len(after) == len(set(after))
    assert told(json.loads(shown.stdout)) == told(scanned[1])
    assert unread(json.loads(shown.stdout)) == unread(scanned[1])
