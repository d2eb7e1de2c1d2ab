"""`scan --follow`: neighbours are asked hop by hop, and hearsay never gets a community."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab.agent import PlayedAgent
from tests.tools import snmp_lab
from tests.tools.loopback import free_port

V3 = """
[credential.core]
kind = "snmp-v3"
user = "audit"
auth = "SHA256"
auth_secret = "env:AUTH"
priv = "AES"
priv_secret = "env:PRIV"
"""
V2C = '[credential.public]\nkind = "snmp-v2c"\nsecret = "env:COMMUNITY"\n'
CHAIN = ("127.46.1.1", "127.46.1.2", "127.46.1.3", "127.46.1.4")
# lldpRemTable and lldpRemManAddrTable (IEEE 802.1AB-2005).
REMOTE, MANAGEMENT = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.4.2.1"


def neighbour(at, address):
    """Return what a switch says of a neighbour with a management address at its n-th port."""
    row = f"0.{at}.1"
    return [
        snmp_lab.number(f"{REMOTE}.4.{row}", 4),
        snmp_lab.text(f"{REMOTE}.5.{row}", bytes.fromhex("00e0fc0001") + bytes([at])),
        snmp_lab.number(f"{REMOTE}.6.{row}", 5),
        snmp_lab.text(f"{REMOTE}.7.{row}", f"GE0/0/{at}"),
        snmp_lab.text(f"{REMOTE}.9.{row}", f"next-{at}"),
        snmp_lab.number(f"{MANAGEMENT}.3.{row}.1.4.{address}", 2),
    ]


def agents(port, *more):
    """Return switches in a row, each of which announces the next; the first knows `more` besides."""
    for at, address in enumerate(CHAIN):
        rows = [*snmp_lab.system(), snmp_lab.text("1.3.6.1.2.1.1.5.0", f"sw{at}")]
        onward = [*CHAIN[at + 1 : at + 2], *(more if at == 0 else ())]
        for number, other in enumerate(onward, 1):
            rows += neighbour(number, other)
        rows.sort(key=lambda one: tuple(map(int, one.oid.split("."))))
        yield PlayedAgent(address=address, port=port, varbinds=rows, users=(snmp_lab.USER,))


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """Return a function that scans the first switch and returns whom it read, and what it said."""
    monkeypatch.chdir(tmp_path)
    for name, secret in (("AUTH", "auth-secret"), ("PRIV", "priv-secret"), ("COMMUNITY", "public")):
        monkeypatch.setenv(name, secret)

    def call(*words, config=V3, more=()):
        Path("auditor.toml").write_text(config)
        port = free_port()
        with snmp_lab.played(*agents(port, *more)):
            fixed = ("--port", f"snmp={port}", "--store", "none", "--no-progress", "--fail-on", "never", "-f", "json")
            done = CliRunner().invoke(main, ["scan", CHAIN[0], *fixed, "--collector", "snmp", *words])
        assert done.exit_code in {0, 3}, done.output
        document = json.loads(done.stdout)
        return {one["address"] for one in document["assets"] if one["seen"] == "read"}, done.stderr, document

    return call


@pytest.mark.parametrize(
    ("words", "count"), [((), 1), (("--follow", "lldp", "--hops", "1"), 2), (("--follow", "lldp"), 4)]
)
def test_neighbours_are_read_hop_by_hop(scan, words, count):
    read, said, document = scan(*words)

    assert read == set(CHAIN[:count])
    assert ("hop 1: 1 neighbour" in said) == bool(words)
    assert any("neighbours announced" in line for line in document["run"]["scope"]) == bool(words)


def test_no_community_goes_to_an_address_known_by_hearsay_unless_that_is_said(scan):
    read, said, _ = scan("--follow", "lldp", config=V2C)

    assert read == {CHAIN[0]}
    assert "1 neighbour not asked: no SNMPv3 and no SSH credential fits" in said
    assert scan("--follow", "lldp", "--follow-v2c", config=V2C)[0] == set(CHAIN)


def test_what_is_excluded_or_public_is_never_asked_whoever_announces_it(scan):
    read, said, _ = scan("--follow", "lldp", "--exclude", CHAIN[1], more=("192.0.2.9", "8.8.8.8", "127.46.1.3"))

    assert read == {CHAIN[0], CHAIN[2], CHAIN[3]}
    assert f"1 neighbour not asked: is excluded (exclude {CHAIN[1]})" in said
    assert "2 neighbours not asked: is outside the private address ranges" in said


def test_a_dry_run_says_what_would_be_followed_and_with_what(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text(V3 + V2C)

    done = CliRunner().invoke(
        main, ["scan", CHAIN[0], "--store", "none", "--dry-run", "--follow", "lldp", "--hops", "2"]
    )

    assert done.exit_code == 0
    assert "then neighbours announced over LLDP, at most 2 hops away, within the scope" in done.stderr
    assert "communities are kept back" in done.stderr
    assert "nothing was contacted" in done.stderr


def test_a_run_over_sites_refuses_to_follow(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text('[site.hq]\nsubnets = ["127.46.2.0/30"]\n')

    done = CliRunner().invoke(main, ["hub", "run", "--follow", "lldp", "--store", "s.db"])

    assert done.exit_code == 2
    assert "a run over sites follows nobody" in done.stderr
