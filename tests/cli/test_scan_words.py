"""Words of `auditor scan` that mean nothing are told before anybody is contacted."""

import pytest
from click.testing import CliRunner

from auditor.cli import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--probe", "telent"), "'telent' is no probe; known are"),
        (("--probe", "-telent"), "'-telent' is no probe; known are"),
        (("--port", "htpt=80"), "'htpt' has no port to set; known are snmp, ssh, telnet"),
        (("--port", "http=80000"), "'http=80000' is no port"),
        (("--ports", "502"), "these ports belong to control systems"),
    ],
)
def test_a_word_that_means_nothing_contacts_nobody(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["scan", "127.0.0.9", "--store", "none", "--no-progress", *words])

    assert done.exit_code == 2
    assert told in done.stderr
    assert "contacting" not in done.stderr


def test_a_probe_left_out_by_name_is_no_option_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["scan", "127.0.0.9", "--store", "none", "--dry-run", "--probe", "-rtsp"])

    assert done.exit_code == 0
    assert "by probes without login" in done.stdout
