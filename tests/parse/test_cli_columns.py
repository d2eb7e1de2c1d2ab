"""Columns that were taken for one another: each row comes out with its own port and VLAN."""

import pytest

from auditor.parse import cli
from tests.tools.replies import replies

ROWS = replies("mac_replies.txt")
HOSTS = replies("arp_replies.txt")


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_read_by_its_titles_and_not_taken_for(name: str) -> None:
    command, port, vlan = ROWS[name].words

    said = cli.read(command, ROWS[name].text)

    assert said.problem == ""
    assert [fact.value for fact in said.facts if fact.kind == "fdb.port"] == [port]
    assert [fact.value for fact in said.facts if fact.kind == "fdb.vlan"] == ([vlan] if vlan else [])


def test_numbers_without_titles_are_neither_port_nor_vlan() -> None:
    said = cli.facts("show mac-address", "  00005e-005307     7      30\n")

    assert [fact.kind for fact in said] == ["cli.output", "fdb.mac"]


def test_the_local_port_of_a_neighbour_is_no_number_of_an_interface() -> None:
    reply = (
        "Local Interface    : ge-0/0/7\nLocal Port ID      : 514\nChassis ID         : 00:00:5e:00:53:07\n"
        "Port ID            : ge-0/0/1\nSystem name        : acc-7\n"
    )

    said = cli.facts("show lldp neighbors interface ge-0/0/7", reply)

    assert [fact.value for fact in said if fact.kind == "lldp.localport"] == ["ge-0/0/7"]


@pytest.mark.parametrize("name", HOSTS)
def test_who_has_which_mac_is_read(name: str) -> None:
    said = [fact for fact in cli.facts(HOSTS[name].words[0], HOSTS[name].text) if fact.kind == "arp.mac"]

    assert [fact.about for fact in said] == ["ip:192.0.2.7"]


def test_one_mac_in_two_vlans_stays_in_both() -> None:
    said = cli.facts("show mac", "  10  0000.5e00.5307  dynamic  gei_1/7\n  20  0000.5e00.5307  dynamic  gei_1/7\n")

    assert [fact.value for fact in said if fact.kind == "fdb.vlan"] == ["10", "20"]


def test_leases_of_a_firewall_name_the_client_and_its_vendor_class() -> None:
    head = "  IP\t\t\tMAC-Address\t\tHostname\t\tVCI\t\t\tExpiry"
    rows = "  192.0.2.10\t\t00:00:5e:00:53:10\tcam-lobby\t\tFortiSwitch-548D\tTue Oct 22 13:14:33 2019"

    facts = cli.facts("execute dhcp lease-list", f"fortilink\n{head}\n{rows}\n")

    assert {(fact.kind, fact.value) for fact in facts if fact.kind != "cli.output"} == {
        ("arp.mac", "00:00:5e:00:53:10"), ("dhcp.hostname", "cam-lobby"), ("dhcp.vendorclass", "FortiSwitch-548D"),
    }  # fmt: skip


def test_an_address_of_the_device_itself_is_told_by_its_state_where_it_has_no_age() -> None:
    reply = (
        "Address         Age        Hardware Addr   State      Type  Interface\n"
        "192.0.2.1       02:55:43   0000.5e00.53a1  Dynamic    ARPA  GigabitEthernet0/0/0/0\n"
        "192.0.2.2       -          0000.5e00.53a2  Interface  ARPA  GigabitEthernet0/0/0/0\n"
    )

    said = cli.read("show arp", reply, platform="cisco_xr")

    assert {(fact.kind, fact.value) for fact in said.facts} >= {
        ("arp.mac", "0000.5e00.53a1"),
        ("if.mac", "0000.5e00.53a2"),
    }


def test_an_address_of_the_device_itself_is_told_by_internet_where_a_template_leaves_the_word_out() -> None:
    reply = (
        "Protocol    Address         Age(min)  Hardware Address    Interface      VLAN             CPU\n"
        "---------------------------------------------------------------------------------------------\n"
        "Internet    192.0.2.1             0   00:00:5e:00:53:01   Ma 0/0          -               CP\n"
        "Internet    192.0.2.6             -   00:00:5e:00:53:06   Ma 0/0          -               CP\n"
    )

    said = cli.read("show arp", reply, platform="dell_force10")

    assert {(fact.kind, fact.value) for fact in said.facts} >= {
        ("arp.mac", "00:00:5e:00:53:01"),
        ("if.mac", "00:00:5e:00:53:06"),
    }
