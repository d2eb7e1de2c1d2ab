"""A table about others: the switch that learned a MAC is not the device that has it."""

import pytest

from auditor.imports.registry import read
from auditor.model import Seen
from tests.tools.merging import merge

FDB = "Hostname,Port,VLAN,MAC Address\nsw-1,Gi1/0/3,10,bc:ad:28:00:00:03\nsw-1,Gi1/0/4,20,bc:ad:28:00:00:04\n"
ARP = "hostname,ipAddress,oif,macaddr\nr-1,192.0.2.3,Vlan10,bc:ad:28:00:00:03\nr-1,192.0.2.4,Vlan10,bc:ad:28:00:00:04\n"
NODES = (
    "Device,Port,VLAN,MAC,IP,Vendor,Last Seen\n"
    "sw-1,Gi1/0/3,10,bc:ad:28:00:00:03,192.0.2.3,Example Co.,2026-11-29 10:00\n"
    "sw-1,Gi1/0/4,10,bc:ad:28:00:00:04,192.0.2.4,,2026-11-29 10:00\n"
)
CLIENTS = "Host Name,IP Address,MAC Address,Switch,Port,VLAN\ncam-3,192.0.2.3,bc:ad:28:00:00:03,sw-1,Gi1/0/3,10\n"
BY_ADDRESS = "Switch IP;Interface;MAC\n192.0.2.250;GE0/0/3;bcad-2800-0003\n192.0.2.250;GE0/0/4;bcad-2800-0004\n"
CHINESE = "交换机,端口,VLAN ID,MAC地址\n接入一,GE0/0/3,10,bcad-2800-0003\n"
GERMAN = "Gerätename;Anschluss;VLAN;MAC-Adresse\nsw-1;Gi1/0/3;10;bc:ad:28:00:00:03\n"
BARE = "VLAN,MAC Address,Type,Interface\n10,bc:ad:28:00:00:03,DYNAMIC,Gi1/0/3\n"
CAMERAS = (
    "Name,IP,MAC,Switch,Port,Model\ncam-3,192.0.2.3,bc:ad:28:00:00:03,sw-1,Gi1/0/3,X1\ncam-4,"
    "192.0.2.4,bc:ad:28:00:00:04,sw-1,7,X1\n"
)
HOSTS = "Name,IP,MAC,VLAN\ncam-3,192.0.2.3,bc:ad:28:00:00:03,10\ncam-4,192.0.2.4,bc:ad:28:00:00:04,10\n"


def about(record):
    return {(fact.kind, fact.value, fact.about) for fact in record.facts}


@pytest.mark.parametrize(
    ("text", "reporter"),
    [
        (FDB, "sw-1"),
        (ARP, "r-1"),
        (NODES, "sw-1"),
        (CLIENTS, "sw-1"),
        (BY_ADDRESS, "192.0.2.250"),
        (CHINESE, "接入一"),
        (GERMAN, "sw-1"),
        (BARE, "t.csv"),
    ],
    ids=["forwarding", "arp", "nodes", "clients", "switch by address", "chinese", "german", "nobody named"],
)
def test_whoever_reports_is_the_target_and_no_device(file, text, reporter):
    (record,) = read(file("t.csv", text))

    assert (record.target.address, record.collector) == (reporter, "table")
    assert all(fact.about for fact in record.facts)
    assert {asset.seen for asset in merge([record])} == {Seen.HEARD}


def test_a_forwarding_table_keeps_port_and_vlan(file):
    assert about(*read(file("t.csv", FDB))) == {
        ("fdb.mac", "bc:ad:28:00:00:03", "mac:bcad28000003"),
        ("fdb.port", "Gi1/0/3", "mac:bcad28000003"),
        ("fdb.vlan", "10", "mac:bcad28000003"),
        ("fdb.mac", "bc:ad:28:00:00:04", "mac:bcad28000004"),
        ("fdb.port", "Gi1/0/4", "mac:bcad28000004"),
        ("fdb.vlan", "20", "mac:bcad28000004"),
    }


def test_a_device_is_placed_by_such_a_table(file):
    (asset,) = merge(read(file("t.csv", CLIENTS)))

    assert (asset.name, asset.address) == ("cam-3", "192.0.2.3")
    assert (asset.place.switch, asset.place.port, asset.place.vlan) == ("sw-1", "Gi1/0/3", 10)


def test_an_arp_table_keeps_addresses_and_takes_no_routed_interface_for_a_port(file):
    facts = about(*read(file("t.csv", ARP)))

    assert ("arp.mac", "bc:ad:28:00:00:03", "ip:192.0.2.3") in facts
    assert ("fdb.vlan", "10", "mac:bcad28000003") in facts
    assert "fdb.port" not in {kind for kind, _value, _about in facts}


def test_a_vendor_looked_up_stands_beside_its_mac(file):
    (record,) = read(file("t.csv", NODES))
    (vendor,) = [fact for fact in record.facts if fact.kind == "inventory.vendor"]

    assert vendor.about == "mac:bcad28000003"
    assert [fact.where for fact in record.facts if fact.kind == "inventory.mac"] == [vendor.where]


@pytest.mark.parametrize("text", [CAMERAS, HOSTS], ids=["with models", "one name a row"])
def test_a_list_of_devices_that_says_where_they_hang_stays_an_inventory(file, text):
    first, _second = read(file("t.csv", text))

    assert (first.target.address, first.collector) == ("192.0.2.3", "inventory")
    assert ("inventory.name", "cam-3", "") in about(first)
    assert any(kind == "inventory.place" for kind, _value, _about in about(first))


def test_a_row_without_a_mac_is_told(file):
    list(read(file("t.csv", FDB + "sw-1,Gi1/0/5,10,incomplete\n")))

    assert any("line 4 holds no MAC" in text for text in file.warnings)


def test_what_is_said_beside_a_made_up_mac_is_said_of_its_address(file):
    text = (
        CLIENTS.replace("\n", ",Vendor Class\n", 1)
        + "phone,192.0.2.9,06:ad:28:00:00:09,sw-1,Gi1/0/9,10,HUAWEI:android\n"
    )
    (record,) = read(file("t.csv", text))

    assert ("dhcp.vendorclass", "HUAWEI:android", "ip:192.0.2.9") in about(record)
    assert "192.0.2.9" in {asset.address for asset in merge([record])}
    assert any("locally administered" in warning for warning in file.warnings)
