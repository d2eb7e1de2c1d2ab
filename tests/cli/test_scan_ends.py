"""However a run ends, what was read is kept: Ctrl-C, a kill, a full disk, a second run."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from tests.tools.kills import content, cut, filled, journal_of, paired, rows, staged, told

pytestmark = pytest.mark.slow
# Read over SNMPv3, v2c and SSH, at two sites; one without any service, one that is not there at all.
NAMES = frozenset({"hq-core", "hq-acc1", "hq-acc2", "hq-dvr", "hq-gone", "dp-sw1", "dp-sw2"})


@pytest.fixture(scope="module")
def stage():
    with staged("--collector", "snmp", "--collector", "ssh", names=NAMES) as played:
        yield played


@pytest.fixture(scope="module")
def undisturbed(stage):
    """Return what the report of a whole run says, and its journal."""
    store = stage.store()
    code, out, _ = stage.run(store)
    assert code == 3
    return told(out), content(journal_of(store))


def done(journal):
    """Return where a journal is once its run is done."""
    return journal.with_name(f"{journal.name}.gz")


def begun(stage, store, lines, *more):
    """Start a run and wait until its journal has so many lines."""
    process = stage.begin(store, *more)
    deadline = time.monotonic() + 60
    while not ((journal := journal_of(store)) and journal.read_bytes().count(b"\n") >= lines):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process, journal


def test_an_interrupted_run_keeps_what_was_read_and_says_how_to_go_on(stage, undisturbed):
    store = stage.store()
    process, journal = begun(stage, store, 6)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)

    kept = journal.read_bytes()
    assert process.returncode == 130
    assert f"go on with --resume {journal.stem}" in error.decode()
    assert "Traceback" not in error.decode()
    assert kept.endswith(b"\n")
    assert json.loads(kept.splitlines()[0])["type"] == "run"

    code, out, _ = stage.run(store, "--resume", journal.stem)

    assert code == 3
    assert told(out) == undisturbed[0]
    assert set(rows(kept)) <= set(rows(content(done(journal))))
    again = CliRunner().invoke(main, ["verify", "last", "--store", str(store)])
    assert (again.exit_code, "differs" in again.stdout) == (0, False)


SLOW_TO_STOP = """
import time
from auditor.run.interrupt import stoppable
with stoppable():
    try:
        print("reading", flush=True)
        time.sleep(60)
    finally:
        print("winding down", flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_second_interrupt_ends_a_run_at_once(number):
    process = subprocess.Popen([sys.executable, "-c", SLOW_TO_STOP], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for said in (b"reading\n", b"winding down\n"):
        assert process.stdout.readline() == said
        process.send_signal(number)
    _, error = process.communicate(timeout=10)

    assert (process.returncode, b"once more to end at once" in error) == (130, True)


def test_a_killed_run_loses_and_doubles_nothing(stage, undisturbed):
    want, _ = undisturbed
    store = stage.store()
    process, journal = begun(stage, store, 4)
    process.kill()
    process.communicate()
    kept = journal.read_bytes()

    code, out, _ = stage.run(store, "--resume", journal.stem)

    assert (code, told(out)) == (3, want)
    after = [row for row, _ in rows(content(done(journal)))]
    assert len(after) == len(set(after))
    assert set(rows(kept)) <= set(rows(content(done(journal))))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 130)], ids=["kill", "SIGTERM"])
def test_a_run_of_several_processes_that_is_ended_goes_on_to_the_same_report(stage, undisturbed, number, code):
    want, _ = undisturbed
    store = stage.store()
    process, journal = begun(stage, store, 3, "--jobs", "2")
    readers = children(process.pid)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    kept = journal.read_bytes()

    assert process.returncode == code
    assert b"Traceback" not in error
    assert len(readers) == 2
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{reader}").exists() for reader in readers):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    again, out, _ = stage.run(store, "--jobs", "2", "--resume", journal.stem)

    assert (again, told(out)) == (3, want)
    after = [row for row, _ in rows(content(done(journal)))]
    assert len(after) == len(set(after))
    assert set(rows(kept)) <= set(rows(content(done(journal))))


def children(process):
    """Return the processes that one has started."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]


@pytest.mark.parametrize("share", [0.3, 0.97], ids=["while reading over SNMP", "while reading over SSH"])
def test_a_journal_cut_anywhere_is_gone_on_with(stage, undisturbed, share):
    want, journal = undisturbed

    assert cut(stage, want, journal, int(len(journal) * share)) == []


def test_of_two_runs_at_once_exactly_one_runs(stage):
    assert paired(stage) == []


@pytest.mark.parametrize("size", [300, 30_000, 120_000], ids=["first lines", "journal", "report"])
def test_a_full_disk_leaves_the_old_report_and_a_run_to_go_on_with(stage, size):
    assert filled(stage, size) == []


def test_a_terminal_sees_a_bar_for_each_site(stage):
    ours, theirs = pty.openpty()
    store = stage.store()
    words = [word for word in stage.words(store, "-o", "report.json") if word != "--no-progress"]
    process = stage.start(words, store, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # what Linux calls the end of a terminal
        pass
    os.close(ours)
    process.communicate(timeout=60)

    assert b"hq: reading over S" in seen
    assert b"depot: reading over S" in seen
