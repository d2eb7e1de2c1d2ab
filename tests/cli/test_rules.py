"""`auditor rules`: what a MAC or a text gives away, and what a newer registry changes."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.rules.oui import Registry, built_in
from auditor.rules.oui_update import folder_in
from tests.rules.test_oui_update import a_file

HUAWEI = "00:e0:fc:00:00:01"
HIKROBOT = "b0-b3-53-60-00-01"
VLAN = "02:e0:fc:00:00:01"
CISCO = "0000.0c00.0001"


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def attempt(*words):
    return call("rules", "try", *words)


def rows(result):
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_a_mac_is_told_with_its_block_registrant_maker_and_the_day_of_the_registry():
    entry, rule = rows(attempt(HUAWEI))

    assert entry[:5] == [HUAWEI, "universal", "00E0FC/24 MA-L", "HUAWEI TECHNOLOGIES CO.,LTD", "huawei"]
    assert entry[5].startswith("registry of 20")
    assert rule[:3] == ["huawei/mac-registrant", "arp.mac", "huawei"]


def test_several_macs_are_told_each_before_the_rules_that_catch_it():
    result = attempt(CISCO, HIKROBOT, VLAN)

    assert [row[:3] for row in rows(result)] == [
        ["00:00:0c:00:00:01", "universal", "00000C/24 MA-L"],
        ["b0:b3:53:60:00:01", "universal", "B0B3536/28 MA-M"],
        ["hikvision/mac-registrant-group", "arp.mac", "hikvision"],
        [VLAN, "local", "-"],
    ]
    assert result.exit_code == 0


@pytest.mark.parametrize("mac", [CISCO, VLAN])
def test_a_mac_that_no_rule_catches_is_told_and_exits_1(mac):
    result = attempt(mac)

    assert (result.exit_code, len(rows(result)), rows(result)[0][4]) == (1, 1, "-")


def test_several_values_are_macs_or_it_is_not_clear_which_rule_caught_which():
    refusal = attempt(HUAWEI, "SSH-2.0-HUAWEI-1.5")

    assert refusal.exit_code == 2
    assert "'SSH-2.0-HUAWEI-1.5' is no MAC address; several values are MACs" in refusal.stderr


def test_an_updated_registry_answers_before_the_one_of_this_release(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = tmp_path / "auditor" / "oui"
    shutil.copytree(Path(str(built_in())), home)
    table = home / "registry.tsv"
    table.write_text(table.read_text().replace("HUAWEI TECHNOLOGIES CO.,LTD", "Nobody Ltd"))
    assert folder_in(tmp_path / "auditor")

    entry, *hits = rows(attempt(HUAWEI))

    assert entry[3:5] == ["Nobody Ltd", "-"]
    assert hits == []


@pytest.fixture
def update(tmp_path, monkeypatch):
    """Return a function that takes in a registry in which another holds Cisco's block."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "macs.csv").write_text("mac,site\n00:00:0c:00:00:01,hq\n")
    file = a_file(tmp_path, Registry.load(), rename="00000C", extra="MA-L,F0F0F0,New Maker Ltd,")
    file.write_text(file.read_text().replace("New Holder Ltd", "zte corporation"))
    return lambda: call("rules", "update", "--from", file, "--taken", "2027-01-15")


def test_an_update_says_what_it_changes_and_for_which_devices_of_the_newest_run(update, tmp_path):
    assert call("import", tmp_path / "macs.csv", "-q").exit_code == 0

    result = update()

    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert first.endswith(" -> 2027-01-15: 1 new prefixes, 1 with another holder")
    assert lines[0] == "~ 00000C: Cisco Systems, Inc -> zte corporation"
    assert lines[1].startswith("hq/mac:00000c000001: ")
    assert "1 devices of run" in result.stderr


def test_an_update_without_a_run_or_its_journal_judges_nothing_again(update, tmp_path):
    assert "judged" not in update().stderr
    call("import", tmp_path / "macs.csv", "-q")
    for journal in (tmp_path / "auditor" / "journals").iterdir():
        journal.unlink()

    result = update()

    assert result.exit_code == 0
    assert "has no journal any more, so nothing was judged again" in result.stderr
