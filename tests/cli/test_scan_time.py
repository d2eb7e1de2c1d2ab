"""When a scan may run and how long: the window of auditor.toml, `--now`, `--max-length`."""

import json
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.collect.base import Setup
from auditor.collect.sweep.collector import Ways
from auditor.lab.agent import PlayedAgent
from auditor.model import Credential, Limits, Observation, Reason, Span, Target, Unread, VarBind
from auditor.report.coverage import scope_line
from auditor.run import stages
from tests.tools import snmp_lab
from tests.tools.audits import audit
from tests.tools.loopback import SCOPE, free_port

NET = int(IPv4Address("127.39.0.0"))
NOON, NIGHT = "1795255200", "1795305600"  # 2026-11-21 at 10:00 and 2026-11-22 at 00:00, UTC
WHY = "not asked: the run's 1 s were over"
QUICK = Limits(timeout=1.0, retries=0, deadline=3.0, packets_per_second=0.0)


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """Return a function that scans a closed port under some lines of auditor.toml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C", "public")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    def call(lines, *words, at=NOON):
        (tmp_path / "auditor.toml").write_text(f'{lines}\n[credential.c]\nkind = "snmp-v2c"\nsecret = "env:C"\n')
        monkeypatch.setenv("SOURCE_DATE_EPOCH", at)
        usual = ("--collector", "snmp", "--port", "snmp=1", "--store", "s.db", "-f", "json", "--no-progress")
        return CliRunner().invoke(main, ["scan", "127.39.1.1", *usual, *words])

    yield call
    monkeypatch.undo()
    time.tzset()


WINDOW = '[schedule]\nwindow = "22:00-05:00"'


@pytest.mark.parametrize(
    ("lines", "words", "at", "code"),
    [(WINDOW, (), NIGHT, 3), (WINDOW, ("--now",), NOON, 3), ("", (), NOON, 3), (WINDOW, ("--dry-run",), NOON, 0)],
)
def test_a_scan_runs_within_its_window_or_where_told_to_run_now(scan, lines, words, at, code):
    assert scan(lines, *words, at=at).exit_code == code


def test_outside_its_window_a_scan_refuses_in_one_line(scan, tmp_path):
    result = scan(WINDOW)

    assert result.exit_code == 2
    assert result.stderr == "auditor: schedule.window: it is outside the window 22:00-05:00; --now runs all the same\n"
    assert not (tmp_path / "journals").exists()


def test_a_length_that_is_none_is_refused_before_anybody_is_contacted(scan):
    result = scan("", "--max-length", "soon")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "--max-length: 'soon' is no length of time" in result.stderr


def test_a_run_with_time_enough_asks_everybody(scan):
    result = scan("", "--max-length", "1h")

    assert [row["reason"] for row in json.loads(result.stdout)["unread"]] == ["closed"]
    assert "time was up" not in result.stderr


# ── what happens when time is up ─────────────────────────────────────────────────────────────


class Secrets:
    def fetch(self, _name, _part):
        return "public"


@pytest.fixture(scope="module")
def port():
    """Play three devices, of which each answers."""
    port = free_port()
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"S5720"), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"\x64")]
    with snmp_lab.played(*(PlayedAgent(address=address(n), port=port, varbinds=rows) for n in (5, 9, 250))):
        yield port


def address(number):
    return str(IPv4Address(NET + number))


def span(first, last, port, *collectors):
    ports = (("http", 1), ("snmp", port), ("ssh", 1))
    like = Target(address="", site="hq", credentials=("public", "cli"), ports=ports, collectors=collectors)
    return Span(first=NET + first, last=NET + last, like=like)


def collected(spans, ending, *, notify=lambda _notice: None, limits=QUICK, **given):
    known = (
        Credential(name="public", kind="snmp-v2c"),
        Credential(name="old", kind="snmp-v1"),
        Credential(name="cli", kind="ssh", user="audit"),
    )
    how = Setup(
        scope=SCOPE, credentials={one.name: one for one in known}, secrets=Secrets(), limits=limits, ending=ending,
        notify=notify, now=lambda: datetime(2026, 11, 21, 5, 0, tzinfo=UTC),
    )  # fmt: skip
    order = stages.Order(**({"stages": ("snmp",), "ways": Ways(icmp=False, ports=())} | given))
    return list(stages.collect(spans, how, order))


def after(calls):
    """Return an ending that comes once it has been asked so often."""
    left = iter([""] * calls)
    return lambda: next(left, WHY)


def told(records):
    return [(one.collector, one.target.address, getattr(one, "reason", "read")) for one in records]


@pytest.mark.parametrize("stage", ["snmp", "probe", "ssh"])
def test_who_was_not_asked_in_time_is_unread_in_every_way_of_reading(port, stage):
    records = collected([span(5, 6, port, stage)], lambda: WHY, stages=(stage,))

    assert sorted(told(records)) == [(stage, address(number), Reason.INTERRUPTED) for number in (5, 6)]
    assert {record.detail for record in records} == {WHY}


def test_no_other_credential_is_tried_once_time_is_up(port):
    one = span(5, 5, port, "snmp")
    one = replace(one, like=replace(one.like, credentials=("public", "old")))

    assert [record.detail for record in collected([one], lambda: WHY)] == [WHY]


def test_who_was_asked_in_time_is_read_to_the_end(port):
    # Asked for once by the round of logins, once for the first device.
    records = collected([span(5, 5, port, "snmp"), span(9, 9, port, "snmp")], after(2))

    assert told(records) == [("snmp", address(9), Reason.INTERRUPTED), ("snmp", address(5), "read")]


class Heard:
    """A run whose time is up once an address has been heard of."""

    def __init__(self, number):
        self.address, self.is_over = address(number), False

    def note(self, notice):
        self.is_over = self.is_over or notice.target.address == self.address

    def __call__(self):
        return WHY if self.is_over else ""


def two_sites(port):
    first, second = span(0, 127, port, "snmp"), span(128, 255, port, "snmp")
    return [first, replace(second, like=replace(second.like, site="depot"))]


def test_a_sweep_cut_short_tells_the_ranges_and_the_devices_nobody_asked(port):
    ending = Heard(9)
    records = collected([*two_sites(port), span(300, 300, port, "snmp")], ending, notify=ending.note)

    assert [row for row in told(records) if row[2] == "read"] == [("sweep", address(n), "read") for n in (5, 9)]
    unread = [(row[0], row[1]) for row in told(records) if row[2] is Reason.INTERRUPTED]
    assert unread == [
        ("sweep", f"{address(128)}-{address(255)}"),
        ("sweep", address(300)),
        ("sweep", address(5)),
        ("sweep", address(9)),
    ]


def test_a_sweep_is_cut_in_the_middle_of_its_packets(port):
    records = collected([span(0, 127, port, "snmp")], after(3), limits=replace(QUICK, packets_per_second=500.0))

    assert ("sweep", f"{address(0)}-{address(127)}", Reason.INTERRUPTED) in told(records)
    assert not any(row[0] == "snmp" for row in told(records))


def test_a_sweep_cut_short_is_gone_on_with(port):
    ending = Heard(9)
    cut = collected(two_sites(port), ending, notify=ending.note)
    before = tuple(record for record in cut if isinstance(record, Observation))

    again = collected(two_sites(port), lambda: "", before=before)

    assert sorted(told(again)) == [
        ("snmp", address(250), "read"), ("snmp", address(5), "read"), ("snmp", address(9), "read"),
        ("sweep", address(250), "read"),
    ]  # fmt: skip


def test_a_run_out_of_time_says_so_and_is_kept(tmp_path, monkeypatch):
    """Three devices that never answer, asked one after the other, a second and more each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C", "public")
    (tmp_path / "auditor.toml").write_text(
        '[credential.c]\nkind = "snmp-v2c"\nsecret = "env:C"\n[limits]\ntimeout = 0.7\nretries = 1\nin_flight = 1\n'
    )
    with ExitStack() as open_sockets:
        silent = [open_sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)]
        silent[0].bind(("127.39.6.1", 0))
        port = silent[0].getsockname()[1]
        for number, one in enumerate(silent[1:], 2):
            one.bind((f"127.39.6.{number}", port))
        words = ["scan", "127.39.6.1-3", "--collector", "snmp", "--port", f"snmp={port}", "--store", "s.db"]
        words += ["--max-length", "1s", "-f", "json", "--no-progress"]
        result = CliRunner().invoke(main, words)

    assert result.exit_code == 3, result.stderr
    reasons = [(row["address"], row["reason"]) for row in json.loads(result.stdout)["unread"]]
    assert reasons == [("127.39.6.1", "timeout"), ("127.39.6.2", "interrupted"), ("127.39.6.3", "interrupted")]
    assert "the run's time was up before everything was asked; 2 entries under unread" in result.stderr
    assert len(json.loads(CliRunner().invoke(main, ["runs", "--store", "s.db", "-f", "json"]).stdout)) == 1


def test_a_report_says_how_many_addresses_were_not_asked():
    left = Unread(
        target=Target(address="192.0.2.128-192.0.2.255", site="hq"), collector="sweep", at=audit().finished,
        reason=Reason.INTERRUPTED, detail=WHY,
    )  # fmt: skip
    run = replace(audit().run, scope=("hq: 192.0.2.0 to 192.0.2.255, 256 addresses",))

    line = scope_line(replace(audit(), run=run, unread=(left,)))
    assert line.startswith("128 addresses contacted at hq; ")
    assert line.endswith("; 128 addresses were not asked to the end, as the run ended before.")
    run = replace(run, scope=("hq: 192.0.2.128 to 192.0.2.255, 128 addresses",))
    assert scope_line(replace(audit(), run=run, unread=(left,))) == (
        "128 addresses were not asked to the end, as the run ended before, and nothing is known of what may be there."
    )
