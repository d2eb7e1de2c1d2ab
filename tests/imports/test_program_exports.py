"""Lists that programs export as JSON or XML: what each row says, and of whom."""

import json

import pytest

from auditor.errors import InputError, RuleError
from auditor.imports import exports
from auditor.imports.registry import read, sniff
from auditor.model import Unread

CAMERA, SWITCH = "bc:ad:28:00:00:01", "00:e0:fc:00:00:02"
CLIENT = {("arp.mac", CAMERA, "ip:192.0.2.12"), ("dhcp.hostname", "gate", "mac:bcad28000001")}
PORT = {("fdb.port", "3", "mac:bcad28000001"), ("fdb.vlan", "10", "mac:bcad28000001")}
DEVICE = {
    ("inventory.vendor", "Huawei", ""), ("inventory.model", "S5735-L24T4X-A1", ""),
    ("inventory.serial", "2102353ABC0012345678", ""), ("inventory.mac", SWITCH, ""),
    ("inventory.firmware", "V200R021C00", ""),
}  # fmt: skip
HEARD = {
    "UniFi clients": (
        {"data": [{"mac": CAMERA, "ip": "192.0.2.12", "hostname": "gate", "is_wired": True, "sw_mac": SWITCH,
                   "sw_port": 3, "vlan": 10, "oui": "x"}]},
        SWITCH, CLIENT | PORT,
    ),
    "UniFi clients of the other API": (
        {"count": 1, "data": [{"type": "WIRED", "name": "gate", "connectedAt": "2026-08-14T03:01:20Z",
                               "ipAddress": "192.0.2.12", "macAddress": CAMERA}]},
        "list.json", {("arp.mac", CAMERA, "ip:192.0.2.12"), ("inventory.name", "gate", "mac:bcad28000001")},
    ),
    "Meraki clients": (
        [{"mac": CAMERA, "description": "gate", "ip": "192.0.2.12", "ip6": None, "recentDeviceName": "hall",
          "recentDeviceSerial": "Q2XX-AAAA-0001", "vlan": "10", "switchport": "3", "manufacturer": "x"}],
        "hall", PORT | {("arp.mac", CAMERA, "ip:192.0.2.12"), ("inventory.name", "gate", "mac:bcad28000001")},
    ),
    "FortiGate clients": (
        {"results": [{"ipv4_address": "192.0.2.12", "mac": CAMERA, "hostname": "gate", "hardware_vendor": "Hikvision",
                      "fortiswitch_id": "S124EP0001", "fortiswitch_port_name": "3", "fortiswitch_vlan_id": 10}]},
        "S124EP0001", CLIENT | PORT | {("inventory.vendor", "Hikvision", "mac:bcad28000001")},
    ),
    "FortiGate leases": (
        {"results": [{"ip": "192.0.2.12", "mac": CAMERA, "vci": "HIKVISION", "hostname": "gate", "expire_time": 1}]},
        "list.json", CLIENT | {("dhcp.vendorclass", "HIKVISION", "mac:bcad28000001")},
    ),
    "OPNsense leases": (
        {"rows": [{"address": "192.0.2.12", "mac": CAMERA, "hostname": "gate", "if_descr": "LAN", "state": "active"}]},
        "list.json", CLIENT,
    ),
    "pfSense ARP": (
        {"code": 200, "data": [{"ip_address": "192.0.2.12", "mac_address": CAMERA, "hostname": "gate",
                                "interface": "LAN"}]},
        "list.json", CLIENT,
    ),
    "LibreNMS forwarding table": (
        {"ports_fdb": [{"port_id": 10000, "mac_address": "bcad28000001", "vlan_id": 20, "device_id": 4}]},
        "LibreNMS device 4", {("fdb.mac", CAMERA, "mac:bcad28000001")},
    ),
    "LibreNMS forwarding table by names": (
        {"ports_fdb": [{"hostname": "hall", "ip": "192.0.2.2", "ifName": "3", "mac": CAMERA}]},
        "hall", {("fdb.mac", CAMERA, "mac:bcad28000001"), ("fdb.port", "3", "mac:bcad28000001")},
    ),
    "LibreNMS ARP": (
        {"arp": [{"port_id": "229", "mac_address": "bcad28000001", "ipv4_address": "192.0.2.12"}]},
        "list.json", {("arp.mac", CAMERA, "ip:192.0.2.12")},
    ),
    "LibreNMS ports": (
        {"ports": [{"device_id": 4, "port_id": 7, "ifName": "Gi1/0/3", "ifPhysAddress": "00e0fc000002"}]},
        "LibreNMS device 4", {("if.mac", SWITCH, ""), ("if.name", "Gi1/0/3", "")},
    ),
    "LibreNMS links": (
        {"links": [{"local_device_id": 4, "remote_hostname": "far", "remote_port": "GE0/0/1",
                    "remote_version": "Huawei Versatile Routing Platform", "remote_platform": None}]},
        "LibreNMS device 4",
        {("lldp.sysname", "far", "lldp:.far"), ("lldp.portid", "GE0/0/1", "lldp:.far"),
         ("lldp.sysdescr", "Huawei Versatile Routing Platform", "lldp:.far")},
    ),
    "Meraki LLDP": (
        {"ports": {"12": {"lldp": {"systemName": "far", "portId": "GE0/0/1", "sourcePort": "12"}}}},
        "list.json",
        {("lldp.sysname", "far", "lldp:12.far"), ("lldp.localport", "12", "lldp:12.far"),
         ("lldp.portid", "GE0/0/1", "lldp:12.far")},
    ),
    "Kea of IPv6": (
        [{"arguments": {"leases": [{"duid": "00:01:00:01:21:9a:33:44:bc:ad:28:00:00:01", "hostname": "gate",
                                    "ip-address": "2001:db8::12"}]}, "result": 0}],
        "list.json", {("arp.mac", CAMERA, "ip:2001:db8::12"), ("dhcp.hostname", "gate", "mac:bcad28000001")},
    ),
    "RouterOS leases": (
        [{".id": "*1", "address": "192.0.2.12", "mac-address": CAMERA.upper(), "host-name": "gate", "server": "dhcp1"}],
        "list.json", CLIENT,
    ),
    "Get-NetNeighbor": (
        {"IPAddress": "192.0.2.12", "LinkLayerAddress": "BC-AD-28-00-00-01", "InterfaceAlias": "Ethernet"},
        "list.json", {("arp.mac", CAMERA, "ip:192.0.2.12")},
    ),
}  # fmt: skip
DEVICES = {
    "Zabbix API": {"jsonrpc": "2.0", "result": [
        {"hostid": "1", "host": "hall", "interfaces": [{"ip": "192.0.2.2"}],
         "inventory": {"vendor": "Huawei", "model": "S5735-L24T4X-A1", "serialno_a": "2102353ABC0012345678",
                       "macaddress_a": SWITCH, "software": "V200R021C00"}}]},
    "Zabbix export": {"zabbix_export": {"hosts": [
        {"host": "hall", "interfaces": [{"ip": "192.0.2.2"}],
         "inventory": {"vendor": "Huawei", "model": "S5735-L24T4X-A1", "serialno_a": "2102353ABC0012345678",
                       "macaddress_a": SWITCH, "software": "V200R021C00"}}]}},
    "GenieACS": [
        {"_id": "x", "_deviceId": {"_Manufacturer": "Huawei", "_ProductClass": "S5735-L24T4X-A1",
                                   "_SerialNumber": "2102353ABC0012345678"},
         "InternetGatewayDevice": {
             "DeviceInfo": {"SoftwareVersion": {"_value": "V200R021C00"}},
             "WANDevice": {"1": {"WANConnectionDevice": {"2": {"WANIPConnection": {
                 "1": {"ExternalIPAddress": {"_value": "192.0.2.2"}, "MACAddress": {"_value": SWITCH}}}}}}}}}],
}  # fmt: skip


def said(records):
    return {(fact.kind, fact.value, fact.about) for record in records for fact in record.facts}


@pytest.mark.parametrize(("document", "reporter", "want"), HEARD.values(), ids=HEARD)
def test_a_list_says_what_its_program_heard(file, document, reporter, want):
    records = list(read(file("list.json", json.dumps(document))))

    assert [record.target.address for record in records] == [reporter]
    assert said(records) >= want


@pytest.mark.parametrize("document", DEVICES.values(), ids=DEVICES)
def test_a_row_of_an_inventory_is_a_device(file, document):
    (record,) = read(file("list.json", json.dumps(document)))

    assert record.target.address == "192.0.2.2"
    assert said([record]) >= DEVICE


def test_numbers_of_rows_in_a_database_are_neither_ports_nor_vlans(file):
    records = list(read(file("list.json", json.dumps(HEARD["LibreNMS forwarding table"][0]))))

    assert {kind for kind, _value, _about in said(records)} == {"fdb.mac"}
    assert "number of the program's own" in " ".join(file.warnings)


XML = {
    "PAN-OS": (
        "<r><entries><entry><hw>{mac}</hw><vlan>vlan10</vlan><interface>3</interface></entry></entries></r>",
        PORT,
    ),
    "Export-DhcpServer": (
        """<DHCPServer><Leases><Lease><IPAddress>192.0.2.12</IPAddress><ScopeId>192.0.2.0</ScopeId>
        <ClientId>{mac}</ClientId><HostName>gate</HostName></Lease></Leases></DHCPServer>""",
        CLIENT,
    ),
    "pfSense's configuration": (
        """<pfsense><dhcpd><lan><staticmap><mac>{mac}</mac><ipaddr>192.0.2.12</ipaddr><hostname>gate</hostname>
        </staticmap></lan></dhcpd></pfsense>""",
        CLIENT,
    ),
    "two of them": (
        """<e><entry><hw>{mac}</hw><vlan>vlan10</vlan><interface>3</interface></entry>
        <entry><hw>00:e0:fc:00:00:02</hw><vlan>vlan20</vlan><interface>4</interface></entry></e>""",
        PORT | {("fdb.port", "4", "mac:00e0fc000002")},
    ),
}


@pytest.mark.parametrize(("text", "want"), XML.values(), ids=XML)
def test_a_list_in_xml_says_the_same(file, text, want):
    assert said(read(file("list.xml", '<?xml version="1.0"?>\n' + text.format(mac=CAMERA)))) >= want


def test_zabbix_exports_hosts_as_xml_too(file):
    text = (
        "<zabbix_export><hosts><host><host>hall</host><interfaces><interface><ip>192.0.2.2</ip></interface></interfaces>"
        "<inventory><vendor>Huawei</vendor></inventory></host></hosts></zabbix_export>"
    )
    (record,) = read(file("hosts.xml", text))

    assert record.target.address == "192.0.2.2"
    assert ("inventory.vendor", "Huawei", "") in said([record])


def test_what_is_no_row_of_a_known_list_is_read_by_its_mac(file):
    document = [HEARD["UniFi clients"][0], {"macaddr": SWITCH, "ipaddr": "192.0.2.2"}]

    assert ("arp.mac", SWITCH, "ip:192.0.2.2") in said(read(file("both.json", json.dumps(document))))


def test_a_list_without_a_row_is_refused(file):
    source = file("empty.json", '[{"mac": "", "is_wired": 1}][')

    with pytest.raises(InputError, match="no JSON"):
        list(read(source, "export"))
    with pytest.raises(InputError, match="no row of a list"):
        list(read(file("other.json", '{"a": 1}'), "export"))


def test_a_row_without_a_mac_is_told(file):
    list(read(file("list.json", '[{"mac": "", "is_wired": true, "ip": "192.0.2.9"}]'), "export"))

    assert "holds no MAC" in " ".join(file.warnings)


def test_the_first_sign_of_a_list_is_its_keys(file):
    assert sniff(file("list.json", json.dumps(DEVICES["GenieACS"]))) == "export"
    assert sniff(file("list.json", '[{"mac": "bc:ad:28:00:00:01", "ip": "192.0.2.1"}]')) == "macs"


@pytest.mark.parametrize(
    ("change", "problem"),
    [(("inventory.mac", "inventory.mack"), "no kind of fact"), (('"heard"', '"herd"'), "is not one of")],
)
def test_a_table_of_lists_that_makes_no_sense_is_refused(change, problem):
    text = """[[export]]
name = "a"
from = "b"
keys = ["mac"]
about = "heard"
[export.columns]
"inventory.mac" = ["mac"]
"""

    assert len(exports.load(text)) == 1
    with pytest.raises(RuleError, match=problem):
        exports.load(text.replace(*change))


def test_depth_and_size_of_hostile_documents_cost_little(file):
    deep = '{"mac": "x", "is_wired": 1, "a": ' * 900 + "1" + "}" * 900
    wide = json.dumps(
        [{"_id": 1, "_deviceId": {"_Manufacturer": "x"}, "Device": {"a": {str(n): {} for n in range(900)}}}]
    )

    for text in (deep, wide):
        assert all(
            isinstance(record, Unread) or record.facts is not None for record in read(file("x.json", text), "export")
        )


def test_a_table_of_clients_stays_one_where_it_tells_their_systems(file):
    text = (
        "Description,OS,IPv4 address,Connected to,Port,VLAN,MAC address\n"
        "gate,,192.0.2.12,hall,3,10,bc:ad:28:00:00:01\nlaptop,Windows,192.0.2.13,hall,4,10,00:0c:29:00:00:05\n"
    )
    (record,) = read(file("clients.csv", text))

    assert record.target.address == "hall"
    assert said([record]) >= PORT | {("arp.mac", CAMERA, "ip:192.0.2.12")}


UNIFI_SWITCH = {
    "data": [
        {
            "mac": SWITCH, "model": "US24P250", "adopted": True, "name": "sw7", "ip": "192.0.2.7",
            "lldp_table": [{"local_port_idx": 3, "chassis_id": "00:00:5e:00:53:21", "port_id": "ge-0/0/1",
                            "system_name": "core7", "is_wired": True}],
            "port_table": [{"port_idx": 3, "name": "Port 3", "mac_table": [{"mac": CAMERA, "vlan": 10}]}],
        }
    ]
}  # fmt: skip
ZABBIX_YAML = """zabbix_export:
  version: '6.0'
  hosts:
    - host: sw7
      interfaces:
        - ip: 192.0.2.7
      inventory:
        vendor: Huawei
        serialno_a: '2102353ABC0012345678'
"""


def test_lists_inside_a_device_are_what_it_heard(file):
    records = list(read(file("device.json", json.dumps(UNIFI_SWITCH))))

    by_target = {}
    for record in records:
        said = {(fact.kind, fact.value) for fact in record.facts}
        by_target[record.target.address] = by_target.get(record.target.address, set()) | said
    assert ("inventory.model", "US24P250") in by_target["192.0.2.7"]
    assert by_target["sw7"] >= {
        ("fdb.mac", CAMERA), ("fdb.port", "3"), ("fdb.vlan", "10"), ("lldp.chassis", "00:00:5e:00:53:21"),
        ("lldp.sysname", "core7"), ("lldp.localport", "3"), ("lldp.portid", "ge-0/0/1"),
    }  # fmt: skip


def test_zabbix_exports_hosts_as_yaml_too(file):
    source = file("zbx_export_hosts.yaml", ZABBIX_YAML)

    (record,) = read(source)

    assert sniff(source) == "export"
    assert record.target.address == "192.0.2.7"
    assert {(fact.kind, fact.value) for fact in record.facts} == {
        ("inventory.name", "sw7"), ("inventory.vendor", "Huawei"), ("inventory.serial", "2102353ABC0012345678"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [(ZABBIX_YAML + "  a: &a [1]\n  b: *a\n", "aliases"), (ZABBIX_YAML + "\t]: [\n", "no YAML anybody can read")],
)
def test_yaml_that_swells_or_breaks_is_refused(file, text, problem):
    with pytest.raises(InputError, match=problem):
        list(read(file("zbx.yaml", text)))
