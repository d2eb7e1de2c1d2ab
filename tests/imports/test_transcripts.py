"""Sessions as logged: the banner is the device's; nothing unread stays untold."""

import pytest

from auditor.imports import registry, transcripts
from auditor.imports.registry import read
from auditor.model import Reason, Unread
from auditor.parse import cli

SESSION = "sw1#show clock\n10:00:00\nsw1#\n"


def banner(records):
    facts = [fact for record in records if not isinstance(record, Unread) for fact in record.facts]
    return [fact.value for fact in facts if fact.kind == "telnet.banner"]


def test_what_stands_before_the_first_prompt_is_the_devices_banner(file):
    text = "Example Access Software (X5800).\nCopyright Example Ltd\n\n" + SESSION

    assert banner(read(file("sw1.log", text))) == ["Example Access Software (X5800).\nCopyright Example Ltd"]


def test_the_client_the_user_and_the_host_before_are_no_part_of_it(file):
    text = (
        "Welcome to Jump Linux\nnoc@jump:~$ ssh noc@192.0.2.3\nUser Authentication\n(noc@192.0.2.3) Password: secret\n"
        "Trying 192.0.2.3...\nExample Access Software\n" + SESSION
    )

    assert banner(read(file("sw1.log", text))) == ["Example Access Software"]


@pytest.mark.parametrize(
    "rest",
    [
        "GE0/0/1   HW-ACC-1   GE0/0/24   120 neighbors\n",
        "System Description: Example Routing Platform\n",
        "192.0.2.64  bcad-2800-0001  20  D  GE0/0/5\n",
    ],
)
def test_the_rest_of_a_reply_is_no_banner_and_told(file, rest):
    observation, unread = read(file("sw1.log", rest + SESSION))

    assert banner([observation]) == []
    assert unread.reason is Reason.PARTIAL
    assert "before the first prompt" in unread.detail


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("show lldp neighbors", "Anschluss  Nachbar  Gegenstelle\nGi1/0/1     SW-ACC-1  GE0/24\n"),
        ("show lldp neighbors detail", "Peer port 1\nDevice-ID of the peer: SW-ACC-1\n"),
        ("display mac-address", "SRV  TYPE  CPE  PON\n-----\n1  gpon  bcad28000001  0/1/7\n"),
        ("show widgets", "Name     Slot   Count\nalpha    1      20\n"),
    ],
)
def test_a_reply_with_a_table_that_nothing_was_read_out_of_is_told_by_its_command(file, command, reply):
    _, *unread = read(file("sw1.log", f"sw1#{command}\n{reply}sw1#\n"))

    assert [(one.reason, one.detail.partition(":")[0]) for one in unread] == [(Reason.PARTIAL, command)]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("show lldp neighbors", "Device ID   Local Intf   Hold-time   Port ID\n\nTotal entries displayed: 0\n"),
        (
            "show mac address-table",
            "Vlan    Mac Address       Type        Ports\n----    -----------       ----        -----\n",
        ),
        (
            "display mac-address",
            "---\nMAC Address    VLAN    Port\n---\nTotal matching items on slot 0 displayed = 0\n",
        ),
        ("show interfaces status", "Port   Name   Status  Vlan\nGi1/0/1  up  connected  1\n"),
        ("show privilege", "Current privilege level is 15\n"),
    ],
)
def test_an_empty_table_and_one_that_speaks_of_no_device_are_nothing_unread(file, command, reply):
    assert len(list(read(file("sw1.log", f"sw1#{command}\n{reply}sw1#\n")))) == 1


def test_hosts_with_a_made_up_mac_in_a_reply_are_counted(file):
    list(read(file("sw1.log", "sw1#show arp\nInternet  192.0.2.64  5  0200.5e00.0001  ARPA  Vlan1\nsw1#\n")))

    assert "locally administered MAC, which tells no maker: 1" in file.warnings[-1]


def test_a_file_without_a_prompt_has_no_banner(file):
    (record,) = read(file("sw1_display_version.txt", "Example Platform, Version 5\n"))

    assert banner([record]) == []


@pytest.mark.parametrize(
    ("text", "command", "name"),
    [
        (
            "!Software Version V200R021C00SPC100\n#\nsysname acc-7\n#\nreturn\n",
            "display current-configuration",
            "acc-7",
        ),
        (
            "#\nsysname acc-7\n#\nvlan batch 10\n#\ninterface GE0/0/1\n port default vlan 10\n",
            "display current-configuration",
            "acc-7",
        ),
        (
            "Building configuration...\nCurrent configuration : 22 bytes\n!\nversion 15.2\n!\nhostname acc-7\n!\nend\n",
            "show running-config",
            "acc-7",
        ),
        ("!<mim>\nadd-rack rackno 1 racktype C320Rack\n!</mim>\nhostname OLT-7\n", "show running-config", "OLT-7"),
    ],
    ids=["VRP", "VRP without version", "IOS", "C320"],
)
def test_a_configuration_alone_is_its_devices_own_words(file, text, command, name):
    (observation,) = read(file("backup.txt", text))

    assert [(fact.kind, fact.where) for fact in observation.facts if not fact.about] == [
        ("snmp.sysname", "prompt"),
        ("cli.output", command),
    ]
    assert observation.facts[0].value == name


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\n#\n#\nhostname web-7\n#\necho interface\n",
        "# notes\n#\n#\n#\nHostname web-7\nUser noc\ninterface to be told\n",
        "!\n!\n!\nnothing of a name\n",
    ],
)
def test_a_script_and_notes_are_no_configuration(text):
    assert cli.configuration(text) == ("", "")


def test_a_neighbour_with_a_made_up_chassis_keeps_what_it_says(file):
    reply = "Local Intf: Gi1/0/2\nChassis id: 0200.5e00.5301\nSystem Name: acc-7\nSystem Description: \nExample\n\n"

    (observation, *_) = read(file("sw1.log", f"sw1#show lldp neighbors detail\n{reply}sw1#\n"))

    assert {fact.kind: fact.value for fact in observation.facts if fact.about} == {
        "lldp.chassis": "0200.5e00.5301",
        "lldp.localport": "Gi1/0/2",
        "lldp.sysname": "acc-7",
        "lldp.sysdescr": "Example",
    }


def test_a_session_whose_table_looks_like_a_spreadsheet_is_a_session(file):
    text = (
        "sw1#ip arp print\nColumns: ADDRESS, MAC-ADDRESS, INTERFACE\n0 D 192.0.2.7  00:00:5E:00:53:07  ether7\nsw1#\n"
    )

    observation, *_ = registry.read(file("r1.txt", text))

    assert (observation.collector, observation.target.address) == ("ssh", "r1")


@pytest.mark.parametrize(
    ("name", "device", "command"),
    [
        ("sw1_show_arp.txt", "sw1", "show arp"),
        ("sw1-display_lldp_neighbor.log", "sw1", "display lldp neighbor"),
        ("r1_ip_arp_print_terse.txt", "r1", "ip arp print terse"),
        ("fw1_get_system_arp.txt", "fw1", "get system arp"),
        ("sds1_lldp_show_neighbors.txt", "sds1", "lldp show neighbors"),
        ("sw1_sh_lldp_nei.txt", "sw1", "sh lldp nei"),
        ("widget_list.txt", "widget_list", ""),
        ("ip_plan.txt", "ip_plan", ""),
        ("target_budget.txt", "target_budget", ""),
    ],
)
def test_the_name_of_a_file_tells_device_and_command(name, device, command):
    assert transcripts.by_name(name) == (device, command)
