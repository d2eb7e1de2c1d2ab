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


SEVERAL = """
[credential.core]
kind = "snmp-v3"
user = "audit"
auth = "SHA256"
auth_secret = "env:HERE"
[credential.old]
kind = "snmp-v2c"
secret = "env:HERE"
[credential.far]
kind = "ssh"
user = "audit"
secret = "env:HERE"
sites = ["lab"]
[credential.east]
kind = "ssh"
user = "audit"
secret = "env:HERE"
subnets = ["10.9.0.0/24"]
[credential.web]
kind = "http"
user = "audit"
secret = "env:HERE"
[credential.chat]
kind = "notify"
secret = "env:HERE"
[site.hq]
subnets = ["10.1.0.0/30"]
credentials = ["core", "old", "far", "east"]
[site.lab]
subnets = ["10.2.0.0/30"]
"""


@pytest.mark.parametrize(
    ("words", "reasons"),
    [
        (
            ["--site", "hq"],
            {
                "old left out: SNMPv3 is tried, and only downgrade = true lets a community follow",
                "far left out: bound to site lab",
                "east left out: bound to 10.9.0.0/24",
                "web left out: site hq names others",
            },
        ),
        (
            ["--site", "hq", "--credential", "old"],
            {
                "core left out: the command line names others",
                "far left out: bound to site lab",
                "east left out: bound to 10.9.0.0/24",
                "web left out: the command line names others",
            },
        ),
        (
            ["--site", "lab", "-i", "targets.txt"],
            {
                "core left out: the list of targets names others",
                "old left out: SNMPv3 is tried, and only downgrade = true lets a community follow",
                "east left out: bound to 10.9.0.0/24",
                "web left out: the list of targets names others",
            },
        ),
    ],
    ids=["the site names them", "the command line does", "a list of targets does"],
)
def test_a_dry_run_tells_which_credential_is_left_out_and_why(tmp_path, monkeypatch, words, reasons):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text(SEVERAL)
    (tmp_path / "targets.txt").write_text("10.2.0.1 credential=far\n")

    planned = CliRunner().invoke(main, ["scan", "--dry-run", "--store", "none", *words])

    (row,) = planned.stdout.splitlines()
    assert {cell for cell in row.split("\t") if "left out" in cell} == reasons
    assert planned.exit_code == 0
