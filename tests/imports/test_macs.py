"""Tables of MACs in every notation: nothing lost, no other number taken for one."""

import json

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, recognise
from auditor.model import Reason, Unread
from tests.imports.test_leases import said

CAMERA = {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64")}
NOTATIONS = {
    "blanks": "bc ad 28 00 00 01",
    "narrow blanks": "bc\u202fad\u202f28\u202f00\u202f00\u202f01",
    "halves": "bcad28:000001",
    "words with colons": "bcad:2800:0001",
    "words with dashes": "bcad-2800-0001",
    "dotted octets": "bc.ad.28.00.00.01",
    "0x": "0xbcad28000001",
    "h": "hbcad28000001",
    "client id": "01:bc:ad:28:00:00:01",
    "client id with dashes": "01-BC-AD-28-00-00-01",
    "client id of Cisco": "01bc.ad28.0000.01",
    "brackets": "[bc:ad:28:00:00:01]",
    "one digit": "bc:ad:28:0:0:1",
    "key and value": "mac:bc:ad:28:00:00:01",
}


def lists(file, text):
    return said(read(file("t.txt", text)))


@pytest.mark.parametrize("spelling", NOTATIONS.values(), ids=NOTATIONS.keys())
def test_a_row_is_read_in_every_notation_and_its_mac_is_no_vlan(file, spelling):
    assert lists(file, f"192.0.2.64  {spelling}  vlan10\n") == CAMERA
    assert ("fdb.vlan", "20", "mac:bcad28000001") in lists(file, f"20  {spelling}  GE0/0/5\n")


@pytest.mark.parametrize(
    "text",
    [
        "Order 2026-11-29\n1 x patch panel  UPC 001882123456  price 12.00\n",
        "202611291000 link up Gi1/0/3\n202611291001 link down Gi1/0/3\n",
        "001882123456\n002568123457\n",
        "call 0018-8212-3456 for help\n",
        "CONTAINER ID   IMAGE\n4c01edd4fc7b   nginx\n5b1f00c0ffee   redis\n2bd01c0ffee1   web\n",
        "10 20 30 40 50 60 are the steps\n",
    ],
    ids=["article numbers", "times", "telephone numbers", "one number", "containers", "steps"],
)
def test_numbers_of_twelve_digits_are_no_macs(file, text):
    assert recognise(file("t.txt", text)) == ""


def test_a_number_beside_a_mac_is_none(file):
    text = "192.0.2.64 bc:ad:28:00:00:01 ticket 001882123456\n192.0.2.65 001882123456 closed\n"

    records = list(read(file("t.txt", text)))

    assert said(records) == CAMERA
    assert any(
        "in no column of MACs: 1, the first is line 2" in one.detail for one in records if isinstance(one, Unread)
    )


def test_in_a_column_of_macs_without_marks_one_of_digits_alone_is_one_too(file):
    text = "IP          MAC\n192.0.2.64  bcad28000001\n192.0.2.65  001882123456\n"

    assert lists(file, text) == CAMERA | {("arp.mac", "00:18:82:12:34:56", "ip:192.0.2.65")}


def test_a_mac_between_numbers_that_may_be_part_of_it_is_told(file):
    _, unread = read(file("t.txt", "192.0.2.64 bc:ad:28:00:00:01\n192.0.2.65 10 bc ad 28 00 00 02\n"))

    assert unread.reason is Reason.PARTIAL
    assert "what may be a MAC" in unread.detail


@pytest.mark.parametrize(
    "document",
    [
        [{"IPAddress": "192.0.2.64", "LinkLayerAddress": "BC-AD-28-00-00-01", "State": 4}],
        [{"mac": "bc:ad:28:00:00:01", "ip": "192.0.2.64", "sw_mac": "00:e0:fc:00:00:01"}],
        {"code": 200, "data": [{"ip_address": "192.0.2.64", "mac_address": "bc:ad:28:00:00:01"}]},
        [{"arguments": {"leases": [{"hw-address": "bc:ad:28:00:00:01", "ip-address": "192.0.2.64"}]}}],
    ],
    ids=["PowerShell", "a list", "under a key", "Kea's API"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_gives_each_objects_address(file, document, indent):
    assert lists(file, json.dumps(document, indent=indent)) == CAMERA


def test_json_one_object_a_line_is_read(file):
    lines = [{"ip": "192.0.2.64", "mac": "bc:ad:28:00:00:01", "hostname": "cam-1"}, {"ip": "192.0.2.65", "mac": ""}]

    assert lists(file, "\n".join(map(json.dumps, lines))) == CAMERA | {("dhcp.hostname", "cam-1", "mac:bcad28000001")}


def test_xml_gives_the_address_of_each_entry(file):
    text = "<response><entry>\n<ip>192.0.2.64</ip>\n<mac>bc:ad:28:00:00:01</mac>\n</entry></response>"

    assert lists(file, text) == CAMERA


@pytest.mark.parametrize("prompt", ["[root@nms ~]# arp -an", "<core>display arp", "{master:0}"])
def test_a_prompt_is_neither_json_nor_xml(file, prompt):
    text = f"{prompt}\n? (192.0.2.64) at bc:ad:28:00:00:01 [ether] on eth0\n"

    assert said(read(file("t.txt", text), "macs")) == CAMERA


@pytest.mark.parametrize(
    "text",
    ['[{"ip": "192.0.2.64", "mac": "bc:ad:28:00:00:01"}, {"ip', "<?xml version='1.0'?><r><mac>bc:ad:28:00:00:01</mac>"],
)
def test_json_and_xml_cut_short_end_in_one_line(file, text):
    with pytest.raises(InputError, match=r"is no (JSON|well-formed XML)"):
        lists(file, text)


def test_hosts_whose_mac_software_made_up_are_counted(file):
    text = "192.0.2.64 bc:ad:28:00:00:01\n192.0.2.65 02:00:5e:00:00:01\n192.0.2.66 da:a1:19:00:00:01\n"

    list(read(file("t.txt", text)))

    assert "locally administered MAC, which tells no maker: 2, the first is 02:00:5e:00:00:01" in file.warnings[-1]


def test_a_table_of_nothing_but_such_hosts_has_shown_no_device(file):
    *_, unread = read(file("t.txt", "192.0.2.65 02:00:5e:00:00:01\n"))

    assert isinstance(unread, Unread)
    assert "it shows no other" in unread.detail


def test_a_row_stands_whole_in_one_batch_of_a_long_table(file):
    lines = (f"20  bcad.28{at >> 16:02x}.{at & 0xFFFF:04x}  DYNAMIC  Gi1/0/1\n" for at in range(20_000))

    tables = [table for one in read(file("t.txt", "".join(lines))) for table in one.tables]

    assert len(tables) == 2
    assert sum(map(len, tables)) == 20_000
    assert all(set(table.cells("vlan")) == {"20"} for table in tables)


def test_what_is_said_of_a_mac_a_second_time_adds_no_row_unless_it_is_new(file):
    text = "20  bcad.2800.0001  Gi1/0/1\n20  bcad.2800.0001  Gi1/0/1\n30  bcad.2800.0001  Gi1/0/1\n"

    (record,) = read(file("t.txt", text))

    assert [(fact.kind, fact.value) for fact in record.facts] == [
        ("fdb.mac", "bc:ad:28:00:00:01"),
        ("fdb.port", "Gi1/0/1"),
        ("fdb.vlan", "20"),
        ("fdb.vlan", "30"),
    ]
