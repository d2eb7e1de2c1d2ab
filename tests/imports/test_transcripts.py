"""Sessions as logged: the banner is the device's; nothing unread stays untold."""

import pytest

from auditor.imports.registry import read
from auditor.model import Reason, Unread

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
