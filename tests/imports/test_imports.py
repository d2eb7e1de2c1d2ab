"""What others recorded, read as they wrote it."""

import json
import re
import shutil
import socket
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.imports.registry import FORMATS, read, sniff
from auditor.imports.source import SourceFile
from auditor.model import Observation, Unread
from tests.imports.test_captures import ALL, pcap
from tests.imports.test_exports import LIBRENMS, NETBOX, NETDISCO
from tests.imports.test_leases import ISC
from tests.imports.test_workbooks import workbook
from tests.parse.test_recorders import ISAPI

AT = datetime(2026, 11, 21, tzinfo=UTC)


def said(records):
    return {
        (fact.kind, fact.value, fact.about)
        for record in records
        if isinstance(record, Observation)
        for fact in record.facts
    }


SNMPREC = "1.3.6.1.2.1.1.1.0|4|SNMP Card for HUAWEI UPS2000\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2011.6.174\n"
SNMPWALK = ".1.3.6.1.2.1.1.1.0 = STRING: MA5800\n.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.2011.2.248\n"
CLI = (
    "<SW1>display version\nHuawei Versatile Routing Platform Software\nHUAWEI S5720 Routing Switch uptime "
    "is 1 day\n<SW1>quit\n"
)
CSV = (
    "Hostname;IP Address;MAC;Vendor;Model;S/N;Site;Colour\ncam1;192.0.2.9;BC-AD-28-00-00-01;ACME;X1;"
    "AB123456;depot;red\n"
)
ARP = "Internet  192.0.2.9   4   bcad.2800.0001  ARPA   Vlan20\n"
NMAP = """<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun><host endtime="1795237200"><status state="up"/>
<address addr="192.0.2.9" addrtype="ipv4"/><address addr="BC:AD:28:00:00:01" addrtype="mac"/>
<ports><port protocol="tcp" portid="80"><state state="open"/><service name="http" product="Example httpd"/>
<script id="http-server-header" output="Example-Webs"/></port>
<port protocol="tcp" portid="22"><state state="closed"/><service name="ssh"/></port></ports></host>
<host><status state="down"/><address addr="192.0.2.10" addrtype="ipv4"/></host></nmaprun>"""

SAMPLES = {
    "journal": (
        "j.jsonl",
        '{"type":"observation","target":{"address":"a"},"collector":"x","at":"2026-11-21","facts":[]}\n',
    ),
    "snmprec": ("a.txt", SNMPREC),
    "snmpwalk": ("b.txt", SNMPWALK),
    "cli": ("c.txt", CLI),
    "csv": ("d.txt", CSV),
    "macs": ("e.txt", ARP),
    "nmap": ("f.txt", NMAP),
    "netbox": ("g.txt", json.dumps(NETBOX)),
    "librenms": ("h.txt", json.dumps(LIBRENMS)),
    "netdisco": ("i.txt", json.dumps(NETDISCO)),
    "leases": ("k.txt", ISC),
    "pcap": ("l.txt", pcap(*ALL)),
    "xlsx": ("m.txt", workbook()),
    "recorder": ("n.txt", ISAPI),
    "reply": ("q.txt", "Manufacturer: ACME\nModel: M1\nRevision: 1.0\nIMEI: 350000000000006\n\nOK\n"),
    "masscan": ("p.txt", "#masscan\nopen tcp 80 192.0.2.9 1764000000\n"),
    "export": ("o.txt", '[{"mac": "BC:AD:28:00:00:01", "ip": "192.0.2.9", "is_wired": true, "sw_port": 3}]'),
}


@pytest.mark.parametrize(("sort", "sample"), SAMPLES.items(), ids=SAMPLES)
def test_a_file_shows_what_it_is(file, sort, sample):
    assert sniff(file(*sample)) == sort
    assert list(read(file(*sample)))


def test_every_format_has_a_sample_here():
    assert set(SAMPLES) == set(FORMATS)


@pytest.mark.parametrize("text", [SNMPREC, SNMPWALK], ids=["snmprec", "snmpwalk"])
def test_a_walk_is_one_device_named_after_its_file(file, text):
    (record,) = read(file("core-1.snmpwalk", text))

    assert (record.target.address, record.target.site, record.collector) == ("core-1", "hq", "snmp")
    assert {kind for kind, _, _ in said([record])} >= {"snmp.sysdescr", "snmp.sysobjectid"}


def test_an_empty_recording_is_a_device_that_was_not_read(file):
    (record,) = read(file("silent.snmprec", ""))

    assert isinstance(record, Unread)


def test_a_walk_that_net_snmp_gave_up_is_half_read(file):
    _, unread = read(file("core-1.txt", SNMPWALK + "Timeout: No Response from 192.0.2.1\n"))

    assert unread.detail == "the walk was not finished: Timeout: No Response from 192.0.2.1"


def test_a_walk_saved_by_powershell_is_read(file):
    (record,) = read(file("core-1.txt", SNMPWALK.encode("utf-16")))

    assert ("snmp.sysdescr", "MA5800", "") in said([record])


def test_a_transcript_keeps_every_reply_and_the_prompts_name(file):
    records = list(read(file("c.txt", CLI)))

    kinds = said(records)
    assert ("snmp.sysname", "SW1", "") in kinds
    assert any(kind == "cli.output" and "Versatile" in value for kind, value, _ in kinds)


def test_a_reply_saved_under_its_commands_name_belongs_to_that_device_and_command(file):
    (record,) = read(file("sw1_display_version.txt", "VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)\n"))

    assert record.target.address == "sw1"
    assert ("cli.output", "display version") in {(fact.kind, fact.where) for fact in record.facts}


def test_a_reply_named_after_its_command_alone_belongs_to_the_device_of_its_folder(file, tmp_path):
    (record,) = read(file("show_version.txt", "VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)\n"))

    assert record.target.address == tmp_path.name


def test_a_reply_to_nobody_knows_which_command_is_no_transcript(file):
    with pytest.raises(InputError, match="shows no command"):
        list(read(file("sw1.txt", "VRP (R) software, Version 5.170\n"), "cli"))


def test_a_spreadsheet_is_mapped_by_its_header_whatever_its_order(file):
    (record,) = read(file("inv.csv", CSV))

    assert (record.target.address, record.target.site) == ("192.0.2.9", "depot")
    assert said([record]) == {
        ("inventory.name", "cam1", ""),
        ("inventory.mac", "BC-AD-28-00-00-01", ""),
        ("inventory.vendor", "ACME", ""),
        ("inventory.model", "X1", ""),
        ("inventory.serial", "AB123456", ""),
    }
    assert "Colour" in file.warnings[0]


def test_a_spreadsheet_saved_as_utf16_is_read(file):
    (record,) = read(file("inv.csv", CSV.encode("utf-16")), "csv")

    assert record.target.address == "192.0.2.9"


def test_blank_rows_are_no_devices(file):
    assert len(list(read(file("inv.csv", "ip,model\n,\n192.0.2.1,X\n\n")))) == 1


def test_nmap_hosts_that_were_up_keep_their_mac_and_banners(file):
    (record,) = read(file("scan.xml", NMAP))

    assert record.at.isoformat() == "2026-11-21T05:00:00+00:00"
    assert ("inventory.mac", "BC:AD:28:00:00:01", "") in said([record])
    assert ("http.server", "Example-Webs", "") in said([record])


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (ARP, {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.9")}),
        ("192.0.2.9\tbc:ad:28:0:0:1\t(Unknown)", {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.9")}),
        (
            "1795237200 bc:ad:28:00:00:01 192.0.2.9 cam1 01:bc:ad:28:00:00:01",
            {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.9"), ("dhcp.hostname", "cam1", "mac:bcad28000001")},
        ),
        (
            "  20    bcad.2800.0001    DYNAMIC     Gi1/0/7",
            {
                ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
                ("fdb.port", "Gi1/0/7", "mac:bcad28000001"),
                ("fdb.vlan", "20", "mac:bcad28000001"),
            },
        ),
        (
            "bcad-2800-0001 20/-    GE0/0/5    dynamic",
            {
                ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
                ("fdb.port", "GE0/0/5", "mac:bcad28000001"),
                ("fdb.vlan", "20", "mac:bcad28000001"),
            },
        ),
        ("BCAD28000001", {("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001")}),
        ("? (192.0.2.9) at bc:ad:28:00:00:01 [ether] on eth0", {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.9")}),
    ],
    ids=["ios arp", "arp-scan", "dnsmasq lease", "ios mac table", "vrp mac table", "bare", "arp -a"],
)
def test_tables_of_macs_are_read_as_programs_print_them(file, line, want):
    assert said(read(file("t.txt", line), "macs")) == want


def test_a_hash_is_no_mac(file):
    with pytest.raises(InputError, match="no MAC"):
        list(read(file("t.txt", "d41d8cd98f00b204e9800998ecf8427e 1234567890abcdef"), "macs"))


@pytest.mark.real
def test_nmaps_own_xml_is_read(tmp_path):
    if shutil.which("nmap") is None:
        pytest.skip("nmap is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=(server,), daemon=True).start()
        port = str(server.getsockname()[1])
        out = tmp_path / "scan.xml"
        subprocess.run(
            ["nmap", "-n", "-Pn", "-p", port, "--script", "banner", "-oX", str(out), "127.0.0.1"],
            check=True,
            capture_output=True,
            timeout=120,
        )

    (record,) = read(SourceFile(path=out, site="hq", at=AT, warn=lambda _text: None))

    assert record.target.address == "127.0.0.1"
    assert any(re.search("HUAWEI", value) for _, value, _ in said([record]))


def _greet(server):
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        with link:
            link.sendall(b"SSH-2.0-HUAWEI-1.5\r\n")


@pytest.mark.parametrize("name", FORMATS)
def test_the_page_on_imports_tells_of_every_format(name):
    page = Path(__file__).parents[2] / "docs" / "imports.md"

    assert f"| `{name}` |" in page.read_text(encoding="utf-8")
