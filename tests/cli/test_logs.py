"""What a run logs: nothing unless asked, never a secret, never a line a device could forge."""

import json
import logging

import pytest

from auditor.cli.logs import StderrLog, hide, logging_to_stderr
from auditor.cli.terminal import shaped
from auditor.targets import config
from auditor.targets.secrets import Vault

SECRET = 'canary "7f\\3a'


def vault(environ):
    text = '[credential.c]\nkind = "snmp-v2c"\nsecret = "env:NAME"\n'
    return Vault(config.parse(text, "auditor.toml"), environ, None)


def test_without_v_nothing_is_logged(capsys):
    with shaped("text"), logging_to_stderr(0):
        logging.getLogger("auditor.read").info("10.0.0.1: read")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("verbose", "lines"), [(1, 1), (2, 2)])
def test_v_tells_each_device_and_vv_each_step(capsys, verbose, lines):
    with shaped("text"), logging_to_stderr(verbose):
        logging.getLogger("auditor.read").info("10.0.0.1: read")
        logging.getLogger("auditor.step").debug("10.0.0.1: asked")

    assert len(capsys.readouterr().err.splitlines()) == lines


def test_a_line_of_json_is_an_object_whatever_a_device_said(capsys):
    with shaped("json"), logging_to_stderr(1):
        logging.getLogger("auditor.read").info("said %s", 'a"\n{"level":"forged"}\x1b[2J')

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["level"] == "info"


def test_a_device_cannot_forge_a_line_of_text(capsys):
    with shaped("text"), logging_to_stderr(1):
        logging.getLogger("auditor.read").info("said %s", "a\n2026 info auditor: forged\r\x1b[2J")

    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "\x1b" not in told


@pytest.mark.parametrize("shape", ["text", "json"])
@pytest.mark.parametrize("spelled", [str, repr, json.dumps, lambda text: text.encode().hex(), str.encode])
def test_a_secret_that_was_fetched_is_taken_out_of_every_log_and_traceback(capsys, shape, spelled):
    box = vault({"NAME": SECRET})
    with shaped(shape), logging_to_stderr(2):
        hide(box.veil)
        box.fetch("c", "community")
        failure = ValueError(spelled(SECRET))
        logging.getLogger("some.library").error("sent %s", spelled(SECRET), exc_info=failure)

    told = capsys.readouterr().err
    assert told.count("(secret)") >= 2
    assert "canary" not in told
    assert "63616e617279" not in told


def test_a_broken_log_call_ends_nothing(capsys):
    StderrLog().emit(logging.LogRecord("some.library", logging.INFO, "", 1, "%d devices", ("many",), None))

    assert "cannot be shown" in capsys.readouterr().err


def test_logging_is_as_before_once_a_command_is_over():
    before = logging.getLogger().level, list(logging.getLogger().handlers)
    with shaped("text"), logging_to_stderr(2):
        pass

    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
