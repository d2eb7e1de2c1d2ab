"""Neighbours over LLDP and CDP as some thirty systems print them: each names the same switch on an own port."""

import pytest

from auditor import normal
from auditor.parse import cli
from tests.tools.replies import replies

FAR = "GigabitEthernet0/0/24"
DESCR = "Huawei Versatile Routing Platform Software VRP (R) software, Version 5.170 (S5731 V200R022C00SPC500)"
REPLIES = replies("lldp_replies.txt")
DETAILS = [name for name in REPLIES if not name.endswith("-summary")]


def by_kind(name: str) -> dict[str, list[str]]:
    """Return what a reply says of its only neighbour, and the own port it is on, as `port`."""
    command, port = REPLIES[name].words
    said = cli.facts(command, REPLIES[name].text)[1:]
    assert len({fact.about for fact in said}) == 1
    values = {kind: [fact.value for fact in said if fact.kind == kind] for kind in {fact.kind for fact in said}}
    assert (values.get("lldp.localport") or values["cdp.localport"]) == [port]
    return values


@pytest.mark.parametrize("name", DETAILS)
def test_a_neighbour_told_line_by_line_is_named_with_all_it_says(name: str) -> None:
    said = by_kind(name)

    assert [normal.mac(value) for value in said["lldp.chassis"]] == ["00005e005301"]
    assert said["lldp.sysname"] == ["acc-7"]
    assert said["lldp.portid"][0] == FAR
    assert said["lldp.sysdescr"][0].endswith(DESCR)


@pytest.mark.parametrize("name", sorted(REPLIES.keys() - set(DETAILS)))
def test_a_neighbour_on_one_line_is_read_by_its_titles(name: str) -> None:
    said = by_kind(name)

    assert (said.get("lldp.sysname") or said["cdp.deviceid"]) == ["acc-7"]
    assert said["lldp.portid"] == ["Gig 0/0/24" if "cdp" in name else FAR]


def test_letters_of_cdp_mean_what_its_legend_says() -> None:
    head = "Device ID   Local Intrfce  Holdtme  Capability  Platform   Port ID"
    row = "sw7         Gig 1/0/1      122      T S         WS-C2960   Gig 0/1"

    facts = cli.facts("show cdp neighbors", f"{head}\n{row}\n")

    assert [fact.value for fact in facts if fact.kind == "lldp.capabilities"] == ["trans-bridge switch"]


def test_a_description_in_the_form_of_keys_hides_no_neighbour() -> None:
    interface = "Interface:    eth0, via: LLDP, RID: 1\n  Chassis:\n    ChassisID:    mac 00:00:5e:00:53:01\n"
    said = "    SysName:      acc-7\n    SysDescr:     lldp.eth0.chassis.mac=00:00:5e:00:53:02\n"

    facts = cli.facts("lldpcli show neighbors", interface + said)

    assert ("lldp.sysname", "acc-7") in {(fact.kind, fact.value) for fact in facts}
