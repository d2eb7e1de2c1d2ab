"""An exclusion takes out what it names and changes nobody else.

Who is told as silent depends on what was named, not on what is left.
"""

import json

import pytest
from click.testing import CliRunner

from auditor.cli import main
from tests.tools.loopback import free_port


def scanned(tmp_path, monkeypatch, *words):
    """Return who a scan tells as unread; nobody answers on these ports."""
    monkeypatch.chdir(tmp_path)
    # One stage that hears nobody: a credential is needed for SNMP to ask singly named addresses at all.
    (tmp_path / "auditor.toml").write_text('[credential.public]\nkind = "snmp-v2c"\nsecret = "env:COMMUNITY"\n')
    fixed = ("--collector", "snmp", "--port", f"snmp={free_port()}", "--no-tcp", "--rate", "20000", "--store", "none")
    shown = CliRunner().invoke(
        main, ["scan", *words, *fixed, "-f", "json", "--no-progress", "-q"], env={"COMMUNITY": "public"}
    )
    assert shown.exit_code == 3, shown.output
    return sorted(entry["address"] for entry in json.loads(shown.stdout)["unread"])


@pytest.mark.parametrize("exclusion", ["127.77.1.16", "127.77.1.8-250", "127.77.1.0/25", "127.77.1.100-254"])
def test_an_exclusion_from_a_subnet_makes_no_absent_address_unread(tmp_path, monkeypatch, exclusion):
    assert scanned(tmp_path, monkeypatch, "127.77.1.0/24") == []
    assert scanned(tmp_path, monkeypatch, "127.77.1.0/24", "--exclude", exclusion) == []


def test_whoever_is_named_singly_is_told_as_unread_however_many_stand_side_by_side(tmp_path, monkeypatch):
    hosts = [f"127.77.2.{number}" for number in range(1, 41)]

    assert scanned(tmp_path, monkeypatch, *hosts) == sorted(hosts)
    assert scanned(tmp_path, monkeypatch, *hosts, "--exclude", "127.77.2.7") == sorted({*hosts} - {"127.77.2.7"})


def test_a_host_stays_a_host_beside_its_subnet(tmp_path, monkeypatch):
    assert scanned(tmp_path, monkeypatch, "127.77.3.0/24", "127.77.3.9") == ["127.77.3.9"]
    assert scanned(tmp_path, monkeypatch, "127.77.3.0/24", "127.77.3.9", "--exclude", "127.77.3.16") == ["127.77.3.9"]


def test_a_short_range_is_told_address_by_address_with_and_without_an_exclusion(tmp_path, monkeypatch):
    assert len(scanned(tmp_path, monkeypatch, "127.77.4.1-20")) == 20
    assert len(scanned(tmp_path, monkeypatch, "127.77.4.1-20", "--exclude", "127.77.4.16")) == 19


@pytest.mark.parametrize("spelling", ["--exclude-file", "--excludefile"])
def test_what_a_file_of_exclusions_names_is_left_out_as_nmap_leaves_it_out(tmp_path, monkeypatch, spelling):
    (tmp_path / "never.txt").write_text(
        "\ufeff127.77.5.1 127.77.5.3-4\n# the lift\n127.77.5.8/29   # and its neighbours\n"
    )

    left = scanned(tmp_path, monkeypatch, "127.77.5.1-16", spelling, "never.txt", "--exclude", "127.77.5.16")

    assert left == ["127.77.5.2", "127.77.5.5", "127.77.5.6", "127.77.5.7"]


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file"), ("127.77.6.0-9-8\n", "exclude 127.77.6.0-9-8")]
)
def test_a_file_of_exclusions_that_cannot_be_understood_contacts_nobody(tmp_path, monkeypatch, content, problem):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "never.txt").write_text(content)

    done = CliRunner().invoke(main, ["scan", "127.77.6.1", "--store", "none", "--exclude-file", "never.txt"])

    assert done.exit_code == 2
    assert problem in done.stderr
    assert "contacting" not in done.stderr


@pytest.mark.parametrize("words", [("-iL", "hosts.txt"), ("-i", "hosts.txt"), ("-iL", "-")])
def test_targets_come_from_a_file_under_the_letters_of_nmap_too(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    hosts = "127.77.7.1\n127.77.7.2\n"
    (tmp_path / "hosts.txt").write_text(hosts)

    done = CliRunner().invoke(main, ["scan", *words, "--store", "none", "--dry-run"], input=hosts)

    assert done.exit_code == 0, done.stderr
    assert "2 addresses" in done.stderr
