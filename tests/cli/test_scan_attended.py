"""A scan nobody watches: pings and news around it, which never change how it ends."""

import fcntl
import json
from datetime import UTC, datetime, time, timedelta

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab.agent import PlayedAgent
from auditor.model import VarBind
from auditor.run.knowledge import knowledge
from tests.tools import snmp_lab
from tests.tools.loopback import free_port
from tests.tools.web_inbox import inbox

# A day (2026-07-01) on which no table that comes with the program is old.
YOUNG = 1782864000
NEWS = """
[notify]
apprise = ["chat"]
[credential.c]
kind = "snmp-v2c"
secret = "env:C"
[credential.chat]
kind = "notify"
secret = "env:CHAT"
"""


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """Return a function that scans a closed port, told of by chat at a web server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C", "public")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(YOUNG))

    def call(box, *words, lines=""):
        monkeypatch.setenv("CHAT", box.url.replace("http", "json") + "/chat")
        (tmp_path / "auditor.toml").write_text(NEWS + lines)
        usual = ("--collector", "snmp", "--port", "snmp=1", "--store", "none", "--no-progress", "-o", "a.json")
        return CliRunner().invoke(
            main, ["scan", "127.39.2.1", *usual, "-f", "json", "--ping", f"{box.url}/job", *words]
        )

    return call


def told(box):
    return [json.loads(body)["message"] for _, path, body in box.requests if path == "/chat"]


def test_a_monitor_hears_of_start_and_end_and_people_of_what_was_not_examined(scan):
    with inbox() as box:
        result = scan(box)

    assert result.exit_code == 3, result.stderr
    assert box.paths == ["/job/start", "/job", "/chat"]
    assert told(box) == [("No device was examined.\n1 device could not be read, or only in part.")]


@pytest.mark.parametrize(("sleeps", "sent"), [(False, 0), (True, 1)])
def test_a_quiet_night_sends_nothing(scan, sleeps, sent):
    """A device that says who made it, and that is nobody's concern, is no news."""
    port = free_port()
    words = b"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11"
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, words), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"d")]
    with inbox() as box, snmp_lab.played(PlayedAgent(address="127.39.2.1", port=port, varbinds=rows)):
        result = scan(box, "--port", f"snmp={free_port() if sleeps else port}")

    assert result.exit_code == (3 if sent else 0), result.stderr
    assert len(told(box)) == sent
    assert box.paths[:2] == ["/job/start", "/job"]


def test_who_is_told_anyway_is_told_a_month_before_tables_grow_old(scan, monkeypatch):
    first = min(policy.read_on for policy in knowledge().policies)
    with inbox() as box:
        for days in (149, 152):
            day = datetime.combine(first + timedelta(days=days), time(), UTC)
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(day.timestamp())))
            scan(box)

    before, after = told(box)
    assert "Too old to rest on" not in before
    assert f"Too old to rest on after {first + timedelta(days=180)}: policy " in after


def test_a_dry_run_tells_nobody(scan):
    with inbox() as box:
        assert scan(box, "--dry-run").exit_code == 0

    assert box.requests == []


def test_a_scan_that_cannot_be_done_is_a_failure(scan):
    with inbox() as box:
        result = scan(box, lines='[credential.lost]\nkind = "snmp-v2c"\nsecret = "env:LOST"\n')

    assert result.exit_code == 2
    assert box.paths == ["/job/start", "/job/fail", "/chat"]
    assert told(box)[0].splitlines() == [
        "credential lost: the environment variable LOST is not set",
        "nothing was contacted; to read what the other credentials open: --credential c",
    ]


def test_another_run_that_holds_the_lock_is_a_failure_and_no_news(scan, tmp_path):
    with inbox() as box, (tmp_path / "s.lock").open("w") as lock:
        (tmp_path / "s.lock").chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = scan(box, "--store", "s.db")

    assert result.exit_code == 5
    assert box.paths == ["/job/start", "/job/fail"]


def test_a_report_that_cannot_be_written_is_a_failure(scan):
    with inbox() as box:
        result = scan(box, "-o", "/proc/audit.json")

    assert result.exit_code == 2
    assert box.paths == ["/job/start", "/job/fail", "/chat"]


@pytest.mark.parametrize("status", [404, 500])
def test_a_monitor_and_a_chat_that_refuse_change_nothing(scan, status):
    with inbox() as quiet:
        before = scan(quiet)
    with inbox(status) as box:
        result = scan(box)

    assert result.exit_code == before.exit_code == 3
    assert result.stderr.count("the ping to 127.0.0.1 failed") == 2
    assert result.stderr.count("could not be sent by apprise") == 1
    assert "/job" not in result.stderr


def test_nobody_listening_changes_nothing(scan):
    with inbox() as box:
        box.url = f"http://127.0.0.1:{free_port()}"
        result = scan(box)

    assert result.exit_code == 3
    assert result.stderr.count("the ping to 127.0.0.1 failed: Connection refused; the run goes on") == 2


def test_a_missing_secret_of_the_news_is_told_before_anybody_is_contacted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = '[credential.other]\nkind = "notify"\nsecret = "env:LOST"\n'
    (tmp_path / "o.toml").write_text(NEWS.replace('["chat"]', '["other"]') + lines)
    result = CliRunner().invoke(main, ["--config", "o.toml", "scan", "127.39.2.1", "--store", "none"])

    told = "auditor: credential other: the environment variable LOST is not set\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_credentials_of_news_are_never_tried_at_devices(scan):
    with inbox() as box:
        shown = scan(box, "--dry-run").stdout

    assert "credentials: c\n" in shown


@pytest.mark.parametrize("lines", ['[defaults]\ncredentials = ["chat"]\n', '[site.x]\ncredentials = ["chat"]\n'])
def test_credentials_of_news_cannot_be_bound_to_devices(scan, lines):
    with inbox() as box:
        result = scan(box, lines=lines)

    assert result.exit_code == 2
    assert "credential 'chat' is of another kind: 'notify' is for news alone" in result.stderr


def test_an_import_that_a_timer_runs_is_told_of_as_well(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text(NEWS)
    monkeypatch.setenv("C", "public")
    (tmp_path / "macs.txt").write_text("192.0.2.9 bc:ad:28:00:00:01\n")
    with inbox() as box:
        monkeypatch.setenv("CHAT", box.url.replace("http", "json") + "/chat")
        words = ("--store", "none", "--ping", f"{box.url}/job", "-f", "json", "-o", "a.json")
        result = CliRunner().invoke(main, ["import", "macs.txt", *words])
        broken = CliRunner().invoke(main, ["import", "gone.txt", *words])

    assert (result.exit_code, broken.exit_code) == (1, 2), result.stderr
    assert box.paths == ["/job/start", "/job", "/chat", "/job/start", "/job/fail", "/chat"]
    assert told(box)[0].startswith("1 of 1 device")
    assert "gone.txt: does not exist" in told(box)[1]
