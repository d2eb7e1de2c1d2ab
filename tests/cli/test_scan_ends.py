"""However a run ends, what was read is kept: Ctrl-C once and twice, a kill, a full disk, a second run at the same time."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.kills import filled, journal_of, killed, paired, rows, staged, told

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage():
    with staged("--collector", "snmp", "--collector", "ssh") as played:
        yield played


@pytest.fixture(scope="module")
def undisturbed(stage):
    """Return how long a whole run takes and what its report says."""
    began = time.monotonic()
    code, out, _ = stage.run(stage.store())
    assert code == 3
    return time.monotonic() - began, told(out)


def begun(stage, store, lines):
    """Start a run and wait until its journal has so many lines."""
    process = stage.begin(store)
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
    assert told(out) == undisturbed[1]
    assert set(rows(kept)) <= set(rows(journal.read_bytes()))


SLOW_TO_STOP = """
import time
from auditor.cli.interrupt import stoppable
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
    whole, want = undisturbed
    seed = random.Random(5)

    assert [wrong for _ in range(3) for wrong in killed(stage, want, seed.uniform(0.5, whole))] == []


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

    assert b"hq: reading over SNMP" in seen
    assert b"depot: reading over SNMP" in seen
