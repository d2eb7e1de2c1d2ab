"""`--log-format json`: whatever reaches stderr, each line is JSON with its time and level."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import datetime

import click
import pytest
from click.testing import CliRunner

from auditor.cli import LazyGroup, main

LEVELS = {"debug", "info", "warning", "error", "critical"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("ip,vendor,model\n192.0.2.7,Huawei,S5720\n")
    return tmp_path


def run(*words, **settings):
    return CliRunner().invoke(main, list(words), **settings)


def entries(text):
    """Return the lines of stderr; each must be an object with its time (RFC 3339), level and message."""
    read = [json.loads(line) for line in text.splitlines()]
    for entry in read:
        assert entry["time"].endswith("Z")
        assert datetime.fromisoformat(entry["time"])
        assert entry["level"] in LEVELS
        assert isinstance(entry["message"], str)
    return read


JSON = ("--log-format", "json")
WAYS = {
    "a message": (("import", "a.csv", "--store", "none", *JSON, "-o", "o/"), "info", "wrote o/"),
    "a logged device": (("import", "a.csv", "--store", "none", *JSON, "-v"), "info", ""),
    "a warning": (("import", "torn.jsonl", "--store", "none", *JSON), "warning", "torn"),
    "a wrong word": (("scan", "nowhere.invalid.", "--store", "none", *JSON), "error", "nowhere.invalid"),
    "a wrong option": (("scan", *JSON, "--colour"), "error", "No such option '--colour'"),
    "an option with =": (("scan", "--log-format=json", "--colour"), "error", "No such option '--colour'"),
    "a wrong choice": (("scan", *JSON, "--fail-on", "often"), "error", "Invalid value for '--fail-on'"),
    "another command": (("no-such-command", *JSON), "error", "No such command"),
}


@pytest.mark.parametrize(("words", "level", "message"), WAYS.values(), ids=WAYS)
def test_each_line_is_json_with_time_and_level(folder, words, level, message):
    (folder / "torn.jsonl").write_text('{"type":"run","journal":1,"id":"r","started":"2026-11-21T05:00:00Z"}\n{"ty')
    read = entries(run(*words).stderr)

    assert any(entry["level"] == level and message in entry["message"] for entry in read), read
    assert not any(entry["message"].startswith("auditor:") for entry in read)


@pytest.mark.parametrize("words", [("report",), ("report", "--colour"), ("doctor",), ("rules", "show", "no/such")])
@pytest.mark.usefixtures("folder")
def test_the_variable_holds_for_commands_without_the_option_too(words):
    shown = run(*words, env={"AUDITOR_LOG_FORMAT": "json"})

    assert entries(shown.stderr)


def test_the_key_of_the_configuration_holds_for_what_comes_after_it(folder):
    (folder / "auditor.toml").write_text('[options]\nlog-format = "json"\n')
    (problem,) = entries(run("import", "a.csv", "--store", "none", "--fail-on", "often").stderr)

    assert problem["level"] == "error"


def test_the_command_line_goes_before_variable_and_key(folder):
    (folder / "auditor.toml").write_text('[options]\nlog-format = "json"\n')
    shown = run(
        "import", "a.csv", "--store", "none", "--log-format", "text", "-o", "o/", env={"AUDITOR_LOG_FORMAT": "json"}
    )

    assert shown.stderr.startswith("wrote o/")


def test_several_problems_are_a_line_each(folder):
    (folder / "auditor.toml").write_text("[options]\ncolour = 1\nsize = 2\n")

    assert len(entries(run("runs", "--store", "none", env={"AUDITOR_LOG_FORMAT": "json"}).stderr)) == 2


class Broken(LazyGroup):
    def list_commands(self, _ctx):
        return ["boom"]

    def get_command(self, _ctx, _name):
        def boom():
            raise KeyError("unforeseen\n\x1b[31m")

        return click.Command("boom", callback=boom)


def test_a_traceback_is_one_line():
    (entry,) = entries(CliRunner().invoke(Broken(), ["boom"], env={"AUDITOR_LOG_FORMAT": "json"}).stderr)

    assert entry["level"] == "error"
    assert entry["message"].startswith("Traceback (most recent call last):\n")


NOISE = """
import logging, sys, threading, warnings, click
from auditor.cli import LazyGroup

class Throw:
    def __del__(self):
        raise ValueError("thrown away")

def fail():
    raise ValueError("in a thread")

class Noisy(LazyGroup):
    def list_commands(self, ctx):
        return ["noise"]
    def get_command(self, ctx, name):
        def noise():
            warnings.warn("of Python", UserWarning)
            logging.getLogger("some.library").warning("of a library\\nforged")
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
            Throw()
        return click.Command("noise", callback=noise)

Noisy()(["noise"])
"""


@pytest.mark.parametrize("shape", ["json", "text"])
def test_warnings_threads_and_libraries_write_like_everybody(shape):
    shown = subprocess.run(
        [sys.executable, "-c", NOISE],
        env=os.environ | {"AUDITOR_LOG_FORMAT": shape},
        capture_output=True,
        text=True,
        check=True,
    ).stderr

    if shape == "json":
        read = entries(shown)
        assert [entry["level"] for entry in read] == ["warning", "warning", "error", "error"]
        assert read[0]["message"] == "UserWarning: of Python"
        assert read[1]["logger"] == "some.library"
        assert "ValueError: in a thread" in read[2]["message"]
        assert "ValueError: thrown away" in read[3]["message"]
    else:
        assert "UserWarning: of Python\n" in shown
        assert "\nforged" not in shown


def test_progress_and_the_word_to_whoever_stops_a_run_are_json_too(folder):
    text = '[credential.c]\nkind = "snmp-v2c"\nsecret = "env:C"\n[limits]\ntimeout = 20\n'
    (folder / "auditor.toml").write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.39.3.1", 0))
        words = ["scan", "127.39.3.1", "--collector", "snmp", "--store", "none", *JSON]
        command = [sys.executable, "-m", "auditor", *words, "--port", f"snmp={silent.getsockname()[1]}"]
        environment = os.environ | {"C": "public"}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=folder, text=True, env=environment)
        lines = []
        while '"progress"' not in "".join(lines[-1:]):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)

    read = entries("".join(lines) + rest)
    assert process.returncode == 130
    assert read[0]["message"].startswith("contacting 1 address")
    assert (read[-3]["done"], read[-3]["total"]) == (0, 1)
    assert read[-2]["message"] == "stopping; once more to end at once"
    assert read[-1]["message"].startswith("interrupted after 0 records")
