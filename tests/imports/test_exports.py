"""Device exports: one observation a device, own words apart, secrets never read."""

import json
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.model import Reason

SECRET = "hunter2-canary"
SAMPLES = Path(__file__).parents[2] / "samples"

NETBOX = {
    "count": 2,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": 88,
            "url": "https://netbox.example/api/dcim/devices/88/",
            "display": "core-1",
            "name": "core-1",
            "device_type": {
                "id": 11,
                "display": "S5720-28X-LI-AC",
                "manufacturer": {"id": 13, "display": "Huawei", "name": "Huawei", "slug": "huawei"},
                "model": "S5720-28X-LI-AC",
                "slug": "s5720-28x-li-ac",
            },
            "role": {"id": 6, "display": "Core", "name": "Core", "slug": "core"},
            "tenant": None,
            "platform": {"id": 1, "display": "VRP 5.170", "name": "VRP 5.170", "slug": "vrp"},
            "serial": "21023597100EXAMPLE01",
            "asset_tag": None,
            "site": {"id": 21, "display": "Depot", "name": "Depot", "slug": "depot"},
            "location": {"id": 1, "display": "Cellar", "name": "Cellar", "slug": "cellar"},
            "rack": {"id": 41, "display": "R1", "name": "R1"},
            "position": 12.0,
            "status": {"value": "active", "label": "Active"},
            "primary_ip": {"id": 1, "display": "192.0.2.1/24", "family": 4, "address": "192.0.2.1/24"},
            "primary_ip4": {"id": 1, "display": "192.0.2.1/24", "family": 4, "address": "192.0.2.1/24"},
            "primary_ip6": None,
            "comments": "",
            "description": "",
            "custom_fields": {"enable_password": SECRET},
        },
        {
            "id": 89,
            "name": None,
            "device_type": {"manufacturer": {"name": "Generic"}, "model": "48-Pair Fiber Panel"},
            "serial": "",
            "site": {"name": "Depot"},
            "primary_ip": None,
        },
    ],
}
NETBOX_CSV = (
    "Name,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,IP Address,Serial number\n"
    "core-1,Active,,Depot,Cellar,R1,Core,Huawei,S5720-28X-LI-AC,192.0.2.1/24,21023597100EXAMPLE01\n"
)
LIBRENMS = {
    "status": "ok",
    "devices": [
        {
            "device_id": 354,
            "hostname": "olt-1.example",
            "sysName": "OLT-1",
            "ip": "192.0.2.7",
            "overwrite_ip": None,
            "community": SECRET,
            "authlevel": None,
            "authname": None,
            "authpass": SECRET,
            "cryptopass": SECRET,
            "snmpver": "v2c",
            "port": 161,
            "sysObjectID": ".1.3.6.1.4.1.2011.2.248",
            "sysDescr": "Huawei Integrated Access Software",
            "sysContact": "noc@example",
            "version": "V800R018C10",
            "hardware": "MA5800-X7",
            "features": None,
            "location": "Depot",
            "os": "smartax",
            "status": 1,
            "type": "network",
            "serial": "2102351234EXAMPLE001",
            "purpose": None,
        },
        {
            "device_id": 355,
            "hostname": "192.0.2.8",
            "ip": None,
            "sysObjectID": "enterprises.8072.3.2.10",
            "sysDescr": "Linux",
        },
    ],
    "count": 2,
}
NETDISCO = [
    {
        "ip": "192.0.2.9",
        "dns": "sw9.example",
        "description": "ZXR10 ROS Version V4.8.23",
        "name": "SW9",
        "location": "Depot",
        "layers": "00000110",
        "mac": "00:d0:d0:00:00:09",
        "serial": "702530EXAMPLE",
        "chassis_id": "702530EXAMPLE",
        "model": "zxr102952",
        "vendor": "zte",
        "os": "zxros",
        "os_ver": "4.8.23",
        "snmp_ver": 2,
        "snmp_comm": SECRET,
        "last_discover": "2026-11-20 03:00:00",
    }
]
# The nine columns of Netdisco's device search.
NETDISCO_CSV = (
    "Device,Location,System Name,Model,OS Version,Management IP,Serial,First Seen,Last Discovered\n"
    "\nsw9.example,Depot,SW9,zxr102952,4.8.23,192.0.2.9,702530EXAMPLE,2024-01-01 00:00,2026-11-20 03:00\n"
)
# The columns of the SADP tool's list, as it exports them.
SADP = (
    "ID,Device Type,Status,IPv4 Address,Port,Enhanced SDK Service Port,Software Version,IPv4 Gateway,HTTP Port,"
    "Device Serial No.,Subnet Mask,MAC Address,Encoding Channel(s),DSP Version,Start Time,IPv6 Address,"
    "Support Hik-Connect,Hik-Connect Status\n"
    "001,DS-2CD2143G0-I,Active,192.0.2.64,8000,8443,V5.5.82build 190909,192.0.2.1,80,"
    "DS-2CD2143G0-I20190909AAWRD00000001,"
    "255.255.255.0,bc-ad-28-00-00-01,1,V7.3 build 190909,2026-11-01 08:00:00,::,Yes,Offline\n"
    "002,X <1> & Co,Inactive,192.0.2.65,8000,N/A,V1.0,192.0.2.1,80,X1EXAMPLE000002,255.255.255.0,"
    "bc-ad-28-00-00-02,1,V1.0,,::,No,Offline\n"
)
CONFIGTOOL = (
    "No.,Status,Type,Model,IP,MAC,Version,SN,HTTP Port,TCP Port,Subnet\n"
    "1,Initialized,IPC,IPC-HDW2431T-AS-S2,192.0.2.108,3c:ef:8c:00:00:01,2.800.0000000.16.R,6J00EXAMPLE0001,"
    "80,37777,255.255.255.0\n"
)
U2000 = (
    "NE Report\r\nSave Time: 2026-11-20 10:00:00,User Name: admin\r\nTotal records: 3\r\n\r\n"
    "NE Name,NE Type,NE IP Address,NE MAC Address,NE ID,Software Version,Physical Location,Remarks,Subnet\r\n"
    "OLT-1,MA5800-X7,192.0.2.20,D4-6E-5C-00-00-20,9-20,MA5800V100R018C10,Cellar,--,ROOT/North\r\n"
    "RTN-1,OptiX RTN 950,192.0.2.21,--,9-21,V100R009C10,--,--,ROOT/North\r\n"
    "RTN-2,OptiX RTN 950,192.0.2.21,--,9-22,V100R009C10,--,--,ROOT/North\r\n"
    "Total,,,,,,,,\r\n"
)
NETNUMEN = (
    "NE Name\tNE Type\tNE ID\tIP Address\tHardware Version\tSoftware Version\tVendor\tLocation\tMaintenance Status\n"
    "OLT-Z1\tZXA10 C320\t16001\t192.0.2.30\tV1.0\tV2.1.0\tZTE\tCellar\tNormal\n"
)


def told(records):
    """Return what each device said of itself: target → kind → value."""
    return {
        (record.target.address, record.target.site): {fact.kind: fact.value for fact in record.facts}
        for record in records
    }


def test_netbox_devices_keep_site_maker_model_serial_and_address(file):
    source = file("devices.json", json.dumps(NETBOX))

    assert sniff(source) == "netbox"
    assert told(read(source)) == {
        ("192.0.2.1", "Depot"): {
            "inventory.name": "core-1",
            "inventory.vendor": "Huawei",
            "inventory.model": "S5720-28X-LI-AC",
            "inventory.serial": "21023597100EXAMPLE01",
            "inventory.role": "Core",
            "inventory.firmware": "VRP 5.170",
            "inventory.place": "Cellar R1 12.0",
        },
        ("devices.json device 89", "Depot"): {"inventory.vendor": "Generic", "inventory.model": "48-Pair Fiber Panel"},
    }


def test_a_page_of_a_longer_netbox_list_says_that_there_is_more(file):
    list(read(file("page.json", json.dumps(NETBOX | {"count": 120, "next": "https://netbox.example/?offset=2"}))))

    assert "2 of 120 devices" in file.warnings[0]


def test_one_page_of_a_longer_list_is_half_read(file):
    *_, unread = read(
        file("page.json", json.dumps(NETBOX | {"count": 120, "next": "https://netbox.example/?offset=2"}))
    )

    assert unread.reason is Reason.PARTIAL


@pytest.mark.parametrize(
    ("document", "key"), [(NETBOX, "results"), (LIBRENMS, "devices"), ({"devices": NETDISCO}, "devices")]
)
def test_entries_of_an_export_that_are_no_devices_are_told(file, document, key):
    more = document | {key: [*document[key], {"id": 9, "device_type": {}, "hostname": "", "ip": ""}, {"colour": "red"}]}
    list(
        read(
            file("a.json", json.dumps(more)),
            {"results": "netbox"}.get(key) or ("librenms" if "count" in document else "netdisco"),
        )
    )

    assert any("2 of " in text and "entries are no devices, passed over" in text for text in file.warnings)


@pytest.mark.parametrize("sort", ["auto", "csv", "netbox"])
def test_netboxs_csv_is_read_like_any_inventory(file, sort):
    ((target, facts),) = told(read(file("netbox_devices.csv", NETBOX_CSV), sort)).items()

    assert target == ("192.0.2.1", "Depot")
    assert (facts["inventory.vendor"], facts["inventory.model"]) == ("Huawei", "S5720-28X-LI-AC")


def test_librenms_devices_keep_the_devices_own_words_apart_from_what_was_made_of_them(file):
    source = file("librenms.json", json.dumps(LIBRENMS))
    devices = told(read(source))

    assert sniff(source) == "librenms"
    assert devices["192.0.2.7", "hq"] == {
        "snmp.sysdescr": "Huawei Integrated Access Software",
        "snmp.sysobjectid": "1.3.6.1.4.1.2011.2.248",
        "snmp.sysname": "OLT-1",
        "snmp.syslocation": "Depot",
        "inventory.model": "MA5800-X7",
        "inventory.serial": "2102351234EXAMPLE001",
        "inventory.firmware": "V800R018C10",
        "inventory.name": "olt-1.example",
    }
    assert devices["192.0.2.8", "hq"]["snmp.sysobjectid"] == "1.3.6.1.4.1.8072.3.2.10"


def test_netdisco_devices_are_read_from_json_and_from_its_csv(file):
    source = file("netdisco.json", json.dumps(NETDISCO))
    (device,) = told(read(source)).values()
    ((target, row),) = told(read(file("netdisco.csv", NETDISCO_CSV))).items()

    assert sniff(source) == "netdisco"
    assert (device["inventory.vendor"], device["snmp.sysdescr"]) == ("zte", "ZXR10 ROS Version V4.8.23")
    assert (device["inventory.serial"], device["inventory.firmware"]) == ("702530EXAMPLE", "zxros 4.8.23")
    assert target == ("192.0.2.9", "hq")
    assert (row["inventory.name"], row["inventory.model"], row["inventory.firmware"]) == ("SW9", "zxr102952", "4.8.23")


@pytest.mark.parametrize("document", [NETBOX, LIBRENMS, NETDISCO], ids=["netbox", "librenms", "netdisco"])
def test_no_secret_of_an_export_is_taken(file, document):
    text = json.dumps(document)
    assert SECRET in text

    assert SECRET not in repr(list(read(file("export.json", text))))


def test_the_search_tools_rows_are_replies_to_its_protocol(file):
    devices = told(read(file("SADP.csv", SADP)))

    camera = devices["192.0.2.64", "hq"]
    assert camera["inventory.model"] == "DS-2CD2143G0-I"
    assert camera["inventory.serial"] == "DS-2CD2143G0-I20190909AAWRD00000001"
    assert camera["inventory.firmware"] == "V5.5.82build 190909"
    assert camera["inventory.mac"] == "bc-ad-28-00-00-01"
    assert camera["sadp.reply"].startswith(
        "<ProbeMatch><DeviceDescription>DS-2CD2143G0-I</DeviceDescription><DeviceSN>"
    )
    assert "X &lt;1&gt; &amp; Co" in devices["192.0.2.65", "hq"]["sadp.reply"]


def test_another_camera_tools_rows_are_an_inventory_and_no_more(file):
    (camera,) = told(read(file("ConfigTool.csv", CONFIGTOOL))).values()

    assert camera == {
        "inventory.model": "IPC-HDW2431T-AS-S2",
        "inventory.mac": "3c:ef:8c:00:00:01",
        "inventory.firmware": "2.800.0000000.16.R",
        "inventory.serial": "6J00EXAMPLE0001",
    }


def test_titles_above_an_element_managers_table_are_skipped_and_its_total_is_no_device(file):
    source = file("NE_Report.csv", U2000)
    devices = told(read(source))

    assert sniff(source) == "csv"
    assert devices["192.0.2.20", "ROOT/North"] == {
        "inventory.name": "OLT-1",
        "inventory.model": "MA5800-X7",
        "inventory.mac": "D4-6E-5C-00-00-20",
        "inventory.firmware": "MA5800V100R018C10",
        "inventory.place": "Cellar",
    }
    assert any("line 9 sums up others and is no device" in text for text in file.warnings)


def test_two_elements_behind_one_gateways_address_stay_two(file):
    devices = told(read(file("NE_Report.csv", U2000)))

    assert set(devices) == {("192.0.2.20", "ROOT/North"), ("192.0.2.21", "ROOT/North"), ("RTN-2", "ROOT/North")}


def test_rows_of_one_device_stay_one(file):
    rows = "ip,name,serial\n192.0.2.1,sw1,AAA111\n192.0.2.1,sw1,BBB222\n"

    assert {record.target.address for record in read(file("boards.csv", rows))} == {"192.0.2.1"}


def test_netnumens_tabs_are_columns(file):
    ((target, facts),) = told(read(file("netnumen.csv", NETNUMEN))).items()

    assert target == ("192.0.2.30", "hq")
    assert (facts["inventory.vendor"], facts["inventory.model"]) == ("ZTE", "ZXA10 C320")


def test_the_sample_networks_export_gives_one_device_a_row(file):
    text = (SAMPLES / "networks" / "carrier-ems.csv").read_bytes()
    records = list(read(file("carrier-ems.csv", text)))

    assert len(records) == text.count(b"\n") - 1
    assert {"inventory.mac", "inventory.acquired", "inventory.serial"} <= {fact.kind for fact in records[0].facts}
    assert all(record.target.address.startswith("127.") for record in records)


def test_of_type_and_model_the_model_is_the_model(file):
    (row,) = told(read(file("a.csv", "Type,Model,IP\nswitch,S5720,192.0.2.1\n"))).values()

    assert row["inventory.model"] == "S5720"


def test_cells_that_say_nothing_is_known_are_no_facts(file):
    (row,) = told(read(file("a.csv", "ip,model,serial,mac,firmware\n192.0.2.1,X1,N/A,--,unknown\n"))).values()

    assert row == {"inventory.model": "X1"}


def test_an_export_with_a_key_called_type_is_no_journal(file):
    assert sniff(file("l.json", json.dumps(LIBRENMS))) == "librenms"
    assert sniff(file("l2.json", json.dumps(LIBRENMS, indent=1))) == "librenms"


@pytest.mark.parametrize("sort", ["netbox", "librenms", "netdisco"])
@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1',
        "[" * 100_000,
        '{"results": [1, "x", null]}',
        '{"devices": {"a": 1}}',
        "[]x",
        '{"a": ' + "9" * 5000 + "}",
    ],
    ids=["cut short", "deep", "no objects", "no list", "rest", "number"],
)
def test_json_that_is_no_export_ends_in_one_line_with_the_files_name(file, sort, text):
    with pytest.raises(InputError) as caught:
        list(read(file("bad.json", text), sort))

    assert "bad.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        ("netbox", '{"count": 0, "next": null, "previous": null, "results": []}'),
        ("librenms", '{"status": "ok", "devices": [], "count": 0}'),
    ],
)
def test_an_export_of_no_devices_is_no_error_and_not_clean_either(file, sort, text):
    (unread,) = read(file("none.json", text), sort)

    assert (unread.target.address, unread.detail) == ("none.json", "shows no device; nothing was read from it")
    assert "none.json" in file.warnings[0]


def test_values_of_unexpected_types_are_passed_over(file):
    odd = {"results": [{"device_type": ["x"], "site": 5, "name": {"a": 1}, "serial": True, "primary_ip": "192.0.2.1"}]}

    with pytest.raises(InputError, match=r"odd\.json: holds no device"):
        list(read(file("odd.json", json.dumps(odd)), "netbox"))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_sort_of_line_end_ends_a_line(file, newline):
    source = file("a.csv", newline.join(["Report", "ip,model", "192.0.2.1,X1", "192.0.2.2,X2", ""]))

    assert sniff(source) == "csv"
    assert {record.target.address for record in read(source)} == {"192.0.2.1", "192.0.2.2"}


def test_a_cell_with_line_breaks_is_one_cell(file):
    (row,) = told(read(file("a.csv", 'ip,model,notes\n192.0.2.1,X1,"one\ntwo"\n'))).values()

    assert row["inventory.description"] == "one\ntwo"


def test_who_a_registry_names_for_a_mac_is_no_maker_as_stated(file):
    table = "IP,Model,MAC,OUI,Role\n192.0.2.1,X9,00:00:5e:00:53:01,Acme Corp,Access switch\n"

    (device,) = told(read(file("list.csv", table))).values()

    assert "inventory.vendor" not in device
    assert device["inventory.role"] == "Access switch"
