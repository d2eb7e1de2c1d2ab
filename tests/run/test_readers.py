"""Several processes read for one run: the same records, an account locked once, nothing left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.collect import collector
from auditor.collect.breaker import LoginCount
from auditor.collect.events import CollectEvent
from auditor.errors import InterruptedRunError
from auditor.formats import journal
from auditor.lab.agent import PlayedAgent
from auditor.model import Limits, Reason, Target
from auditor.run.readers import processes, readers
from auditor.run.shared_logins import SharedCounts
from auditor.snmp.pace import Gate, StoppedError
from tests.tools import snmp_lab
from tests.tools.loopback import free_port

LIMITS = replace(snmp_lab.QUICK, timeout=0.5, max_failed_logins=3)


@pytest.fixture(scope="module")
def port():
    """Play twelve devices; the last six speak SNMPv3 alone, and know another password than ours."""
    number = free_port()
    rows = [snmp_lab.text("1.3.6.1.2.1.1.1.0", "S5720")]
    common = {"port": number, "varbinds": rows}
    plain = [PlayedAgent(address=address(at), **common) for at in range(1, 7)]
    deaf = [
        PlayedAgent(address=address(at), **common, communities=(), users=(snmp_lab.USER,), versions=("3",))
        for at in range(7, 13)
    ]
    with snmp_lab.played(*plain, *deaf):
        yield number


def address(number):
    return f"127.34.0.{number}"


def targets(port, numbers, *credentials):
    return [
        Target(address=address(number), site="hq", credentials=credentials, ports=(("snmp", port),))
        for number in numbers
    ]


@contextmanager
def reading(many=2, **given):
    setup = replace(snmp_lab.setup(LIMITS), **given)
    with readers(many, setup, snmp_lab.SECRETS) as (pool, shared):
        yield pool, shared


def bare(records):
    """Return what records say, without when."""
    return sorted(journal.encode(replace(record, at=snmp_lab.NOW)) for record in records)


def test_two_processes_read_what_one_reads(port):
    asked = targets(port, range(1, 7), "wrong", "public")
    notices = []
    with reading(notify=notices.append) as (pool, setup):
        records = list(pool.read("snmp", asked, setup))

    assert bare(records) == bare(collector("snmp").collect(asked, snmp_lab.setup(LIMITS)))
    counts = Counter(notice.event for notice in notices)
    assert counts[CollectEvent.READ] == 6
    assert setup.history.last_credentials == {("snmp", "hq", address(number)): "public" for number in range(1, 7)}


def test_an_account_is_locked_once_and_not_once_a_process(port):
    with reading(3) as (pool, setup):
        records = list(pool.read("snmp", targets(port, range(7, 13), "stale"), setup))

    reasons = Counter(record.reason for record in records if hasattr(record, "reason"))
    assert reasons == {Reason.AUTHENTICATION: 3, Reason.BREAKER: 3}


def test_a_run_whose_time_is_up_says_of_the_rest_that_nobody_asked_it(port):
    with reading(ending=lambda: "the window was over") as (pool, setup):
        # The word reaches a process before a slow sender has come to the second device.
        slow = replace(setup, limits=replace(setup.limits, packets_per_second=2.0, in_flight=2))
        records = list(pool.read("snmp", targets(port, range(1, 7), "public"), slow))

    late = [record for record in records if getattr(record, "reason", None) is Reason.INTERRUPTED]
    assert late
    assert {record.detail for record in late} == {"the window was over"}


def test_a_process_that_is_killed_ends_the_run_in_one_line_and_keeps_what_was_read(port):
    with reading() as (pool, setup):
        slow = replace(setup, limits=replace(setup.limits, packets_per_second=20.0, in_flight=2))
        coming = pool.read("snmp", targets(port, range(1, 7), "public"), slow)
        records = [next(coming)]
        for child in _children():
            os.kill(child, signal.SIGKILL)
        with pytest.raises(InterruptedRunError, match="ended with -9"):
            records.extend(coming)

    assert records


def test_another_part_that_failed_stops_the_processes(port):
    gate = Gate(0.0)
    with reading(gate=gate) as (pool, setup):
        coming = pool.read("snmp", targets(port, range(1, 7), "public"), setup)
        next(coming)
        gate.close()
        start = time.monotonic()
        with pytest.raises(StoppedError):
            list(coming)

    assert time.monotonic() - start < 5


def test_no_process_and_no_secret_outlives_the_run(port):
    with reading() as (pool, setup):
        list(pool.read("snmp", targets(port, [1, 2], "public"), setup))
        assert len(_children()) == 2
        environment = b"".join(_file(child, "environ") + _file(child, "cmdline") for child in _children())

    assert _children() == []
    assert b"auth-secret" not in environment
    assert not [one for one in threading.enumerate() if one.name == "reader" and not one.join(5) and one.is_alive()]


def _children():
    """Return the reading processes that this one has."""
    mine = [child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]
    return [int(child) for child in mine if b"reader_process" in _file(int(child), "cmdline")]


def _file(process, name):
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:
        return b""


COUNTING = """
import sys
from pathlib import Path
from auditor.run.shared_logins import SharedCounts
counts = SharedCounts(Path(sys.argv[1]))
for _ in range(100):
    turn = counts.enter("core", 10_000)
    counts.leave("core", turn=bool(turn), success=True)
"""


def test_logins_are_counted_over_processes(tmp_path):
    words = [sys.executable, "-c", COUNTING, str(tmp_path / "snmp")]
    running = [subprocess.Popen(words) for _ in range(2)]
    assert [one.wait(30) for one in running] == [0, 0]

    assert SharedCounts(tmp_path / "snmp").of("core") == LoginCount(refusals=0, proven=200, under_way=0)


@pytest.mark.parametrize(
    ("jobs", "addresses", "limits", "want"),
    [
        (0, 63, Limits(packets_per_second=5000.0), 1),
        (0, 64, Limits(), 1),
        (0, 64, Limits(packets_per_second=500.0), 1),
        (3, 10, Limits(), 3),
        (3, 2, Limits(), 2),
        (3, 10, Limits().gentle(), 1),
    ],
    ids=["few addresses", "usual rate", "what one reads", "asked for", "no more than addresses", "careful"],
)
def test_processes_are_started_where_they_pay(jobs, addresses, limits, want):
    assert processes(jobs, addresses, limits) == want


def test_a_fast_run_uses_the_cores_it_may():
    assert processes(0, 64, Limits(packets_per_second=0.0)) == min(len(os.sched_getaffinity(0)), 16)
