"""`auditor config show`: what is in force, where each value comes from, and no secret."""

import json

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.model import Limits

NEAR = """
[options]
fail-on = "new"
[options.scan]
rate = 40
ping = "https://hc-ping.com/canary-uuid"
[limits]
timeout = 9
[scope]
exclude = ["10.1.0.9"]
[credential.core]
kind = "ssh"
user = "audit"
secret = 'command:["pass", "canary"]'
"""
FAR = """
[options]
fail-on = "confirmed"
stable = true
trust = ["shared"]
[limits]
timeout = 1
retries = 7
[scope]
exclude = ["10.1.0.8"]
[schedule]
window = "22:00-05:00"
[credential.core]
kind = "ssh"
user = "far"
key_file = "id"
[credential.old]
kind = "snmp-v2c"
secret = "env:OLD"
"""


@pytest.fixture
def show(tmp_path, monkeypatch):
    """Return a function that shows what is in force, by key, with two files of configuration."""
    home = tmp_path / "config" / "auditor"
    home.mkdir(parents=True)
    (home / "auditor.toml").write_text(FAR)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "auditor.toml").write_text(NEAR)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OLD", "canary")

    def call(*words, **environment):
        result = CliRunner().invoke(main, ["config", "show", *words], env=environment)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return call


def rows(shown):
    return [(row["key"], row["value"], row["from"]) for row in json.loads(shown)]


def test_each_value_says_where_it_comes_from(show, tmp_path):
    near, far = str(tmp_path / "here" / "auditor.toml"), str(tmp_path / "config" / "auditor" / "auditor.toml")
    shown = rows(show("-f", "json", AUDITOR_SITE="hq", AUDITOR_DEADLINE="30", AUDITOR_POLICY="a b"))

    for row in (
        ("fail-on", "new", near),
        ("rate", 40, near),
        ("stable", True, far),
        ("site", "hq", "AUDITOR_SITE"),
        ("deadline", 30.0, "AUDITOR_DEADLINE"),
        ("policy", ["a", "b"], "AUDITOR_POLICY"),
        ("sweep", True, "default"),
        ("limits.timeout", 9, near),
        ("limits.retries", 7, far),
        ("limits.sessions", Limits().sessions, "default"),
        ("schedule.window", "22:00-05:00", far),
        ("scope.exclude", ["10.1.0.9"], near),
        ("scope.exclude", ["10.1.0.8"], far),
        ("options.trust", ["shared"], far),
        ("credential.core.user", "audit", near),
        ("credential.old.secret", "env:OLD", far),
    ):
        assert row in shown
    assert not [key for key, _, _ in shown if key == "credential.core.key_file"]


def test_origins_may_be_left_out(show):
    assert 'fail-on = "new"' in show("--no-origin").splitlines()
    assert 'fail-on = "new"' not in show("--origin").splitlines()
    assert show("--origin") == show()


def test_a_variable_goes_before_a_file(show):
    assert ("fail-on", "confirmed", "AUDITOR_FAIL_ON") in rows(show("-f", "json", AUDITOR_FAIL_ON="confirmed"))


def test_what_may_be_a_secret_is_not_shown(show):
    for style in ("text", "json"):
        shown = show("-f", style, AUDITOR_PING="")
        assert "canary" not in shown
        assert "https://hc-ping.com/…" in shown
    assert '"command:[\\"pass\\", …]"' in show()
    assert "canary" not in show(AUDITOR_PING="https://hc-ping.com/canary")


def test_another_command_has_options_of_its_own(show):
    assert [row[:2] for row in rows(show("runs", "-f", "json"))][:2] == [("format", "text"), ("store", "")]
    assert ("from", None, "default") in rows(show("rules", "update", "-f", "json"))


def test_every_option_of_a_scan_and_every_limit_is_shown_in_a_line(show):
    lines = show().splitlines()

    assert 'fail-on = "new"  # ' in "\n".join(lines)
    assert all("  # " in line for line in lines)


@pytest.mark.parametrize("words", [("nothing",), ("rules",)])
def test_what_is_no_command_is_refused(words):
    result = CliRunner().invoke(main, ["config", "show", *words])

    assert (result.exit_code, result.stderr) == (2, f"auditor: COMMAND: '{words[0]}' is no command with options\n")


def test_a_wrong_value_in_a_variable_is_told(show):
    assert show()
    result = CliRunner().invoke(main, ["config", "show"], env={"AUDITOR_RATE": "fast"})

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
