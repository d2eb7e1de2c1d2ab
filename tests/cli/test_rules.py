"""`auditor rules try`: what a MAC or a text says, which rule speaks, and whose registry answered."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.rules.oui import built_in
from auditor.rules.oui_update import folder_in

HUAWEI = "00:e0:fc:00:00:01"
HIKROBOT = "b0-b3-53-60-00-01"
VLAN = "02:e0:fc:00:00:01"
CISCO = "0000.0c00.0001"


def attempt(*words):
    return CliRunner().invoke(main, ["rules", "try", *words])


def rows(shown):
    return [line.split("\t") for line in shown.stdout.splitlines()]


def test_a_mac_is_told_with_its_block_registrant_maker_and_the_day_of_the_registry():
    entry, rule = rows(attempt(HUAWEI))

    assert entry[:5] == [HUAWEI, "universal", "00E0FC/24 MA-L", "HUAWEI TECHNOLOGIES CO.,LTD", "huawei"]
    assert entry[5].startswith("registry of 20")
    assert rule[:3] == ["huawei/mac-registrant", "arp.mac", "huawei"]


def test_several_macs_are_told_each_before_the_rules_that_catch_it():
    shown = attempt(CISCO, HIKROBOT, VLAN)

    assert [row[:3] for row in rows(shown)] == [
        ["00:00:0c:00:00:01", "universal", "00000C/24 MA-L"],
        ["b0:b3:53:60:00:01", "universal", "B0B3536/28 MA-M"],
        ["hikvision/mac-registrant-group", "arp.mac", "hikvision"],
        [VLAN, "local", "-"],
    ]
    assert shown.exit_code == 0


@pytest.mark.parametrize("mac", [CISCO, VLAN])
def test_a_mac_that_no_rule_catches_is_told_and_exits_1(mac):
    shown = attempt(mac)

    assert (shown.exit_code, len(rows(shown)), rows(shown)[0][4]) == (1, 1, "-")


def test_several_values_are_macs_or_it_is_not_clear_which_rule_caught_which():
    refused = attempt(HUAWEI, "SSH-2.0-HUAWEI-1.5")

    assert refused.exit_code == 2
    assert "'SSH-2.0-HUAWEI-1.5' is no MAC; several values at once are MACs" in refused.stderr


def test_an_updated_registry_answers_before_the_one_of_this_release(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = tmp_path / "auditor" / "oui"
    shutil.copytree(Path(str(built_in())), home)
    table = home / "registry.tsv"
    table.write_text(table.read_text().replace("HUAWEI TECHNOLOGIES CO.,LTD", "Nobody Ltd"))
    assert folder_in(tmp_path / "auditor")

    entry, *caught = rows(attempt(HUAWEI))

    assert entry[3:5] == ["Nobody Ltd", "-"]
    assert caught == []
