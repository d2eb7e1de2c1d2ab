"""What a dry run promises is what goes over the wire."""

import re
import socket

import pytest
from click.testing import CliRunner

from auditor.cli import main

CONFIG = """
[limits]
timeout = 0.05
retries = 1

[credential.core]
kind = "snmp-v3"
user = "audit"
auth = "SHA256"
auth_secret = "env:HERE"

[credential.old]
kind = "snmp-v2c"
secret = "env:HERE"

[site.hq]
subnets = ["127.0.0.1/32"]
downgrade = true
credentials = {names}
ports = {{ snmp = {port} }}
"""


@pytest.fixture
def silent():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.setblocking(False)
        yield opened


def heard(opened):
    """Return how many datagrams have come."""
    count = 0
    while True:
        try:
            opened.recv(2048)
        except BlockingIOError:
            return count
        count += 1


@pytest.mark.parametrize("names", [["old"], ["core"], ["core", "old"]], ids="+".join)
def test_a_dry_run_tells_how_many_requests_an_address_gets_that_stays_silent(tmp_path, monkeypatch, silent, names):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text(CONFIG.format(names=names, port=silent.getsockname()[1]))
    words = ["scan", "--collector", "snmp", "--store", "none", "--no-progress"]

    planned = CliRunner().invoke(main, [*words, "--dry-run"], env={"HERE": "a-secret-of-ours"})
    before = heard(silent)
    done = CliRunner().invoke(main, words, env={"HERE": "a-secret-of-ours"})

    assert (planned.exit_code, done.exit_code, before) == (0, 3, 0)
    (told,) = re.findall(r"at most (\d+) SNMP requests where it stays silent", planned.stdout)
    assert f"at most {told} SNMP requests to who stays silent" in planned.stderr
    assert heard(silent) == int(told)
