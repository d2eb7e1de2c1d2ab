"""SNMP recordings as net-snmp prints them: read, or told; two devices are two."""

import pytest

from auditor.imports.registry import read, sniff
from auditor.model import Reason, Unread
from auditor.parse import snmp, snmprec
from auditor.parse.recording import RecordingNotes

NUMBERS = """.1.3.6.1.2.1.1.1.0 = STRING: "Example switch"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.99999.1
.1.3.6.1.2.1.1.5.0 = STRING: "sw1"
.1.3.6.1.2.1.2.2.1.2.3 = STRING: "port 3"
.1.3.6.1.2.1.4.22.1.2.3.192.0.2.64 = Hex-STRING: BC AD 28 00 00 01
.1.3.6.1.2.1.17.1.4.1.2.3 = INTEGER: 3
.1.3.6.1.2.1.17.7.1.2.2.1.2.10.188.173.40.0.0.1 = INTEGER: 3
"""
NAMES = """SNMPv2-MIB::sysDescr.0 = STRING: Example switch
SNMPv2-MIB::sysObjectID.0 = OID: SNMPv2-SMI::enterprises.99999.1
SNMPv2-MIB::sysName.0 = STRING: sw1
IF-MIB::ifDescr.3 = STRING: port 3
IP-MIB::ipNetToMediaPhysAddress.3.192.0.2.64 = STRING: bc:ad:28:0:0:1
BRIDGE-MIB::dot1dBasePortIfIndex.3 = INTEGER: 3
Q-BRIDGE-MIB::dot1qTpFdbPort.10.bc:ad:28:0:0:1 = INTEGER: 3
"""
OTHER = NUMBERS.replace('"sw1"', '"sw2"').replace("28 00 00 01", "28 00 00 02")
WANT = {
    ("snmp.sysname", "sw1", ""),
    ("snmp.sysobjectid", "1.3.6.1.4.1.99999.1", ""),
    ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
    ("fdb.port", "port 3", "mac:bcad28000001"),
}


def said(records):
    facts = [fact for record in records if not isinstance(record, Unread) for fact in record.facts]
    return {(fact.kind, fact.value, fact.about) for fact in facts}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NUMBERS, ""),
        (NUMBERS.replace(".1.3.", ".iso.3."), ""),
        (NAMES, "record with -On"),
        (NUMBERS.replace("STRING: ", "").replace("Hex-", "").replace("OID: ", "").replace("INTEGER: ", ""), "-On"),
        (
            NUMBERS.replace("STRING: ", "")
            .replace("Hex-", "")
            .replace("OID: ", "")
            .replace("INTEGER: ", "")
            .replace(" = ", " "),
            "leaves out the types of its variables",
        ),
    ],
    ids=["-On", ".iso", "names of MIBs", "-OQ", "-Oq"],
)
def test_a_walk_says_the_same_however_net_snmp_printed_it(file, text, told):
    source = file("sw1.txt", text)

    assert sniff(source) == "snmpwalk"
    records = list(read(source))
    assert said(records) >= WANT
    assert not any(isinstance(record, Unread) for record in records)
    assert told in " ".join(file.warnings)


def test_a_name_of_a_mib_nobody_knows_here_is_told(file):
    observation, unread = read(file("sw1.txt", NAMES + "EXAMPLE-MIB::exampleThing.1 = STRING: x\n"))

    assert said([observation]) >= WANT
    assert unread.reason is Reason.PARTIAL
    assert "EXAMPLE-MIB::exampleThing.1" in unread.detail
    assert "record with -On" in unread.detail


def test_an_address_in_a_name_is_an_index(file):
    text = NAMES + 'IP-MIB::ipNetToPhysicalPhysAddress.3.ipv4."192.0.2.65" = STRING: bc:ad:28:0:0:2\n'

    assert ("arp.mac", "bc:ad:28:00:00:02", "ip:192.0.2.65") in said(read(file("sw1.txt", text)))


def test_two_walks_in_one_file_are_two_devices(file):
    first, second = read(file("both.txt", NUMBERS + OTHER))

    assert {("snmp.sysname", "sw1", ""), ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64")} <= said([first])
    assert {("snmp.sysname", "sw2", ""), ("arp.mac", "bc:ad:28:00:00:02", "ip:192.0.2.64")} <= said([second])
    assert first.target != second.target
    assert "more than one device: 2" in file.warnings[0]


def test_one_device_walked_twice_is_one(file):
    (record,) = read(file("sw1.txt", NUMBERS + NUMBERS))

    assert said([record]) >= WANT


def test_two_walks_nothing_tells_apart_are_not_wholly_read(file):
    _, unread = read(file("both.txt", NUMBERS + OTHER.replace("sw2", "sw1")))

    assert unread.reason is Reason.PARTIAL
    assert "again with another value" in unread.detail


def test_variables_nobody_reads_are_counted_only_where_they_change(file):
    text = NUMBERS + '.1.3.6.1.2.1.31.1.1.1.18.3 = STRING: "{}"\n'
    again = text.format("uplink") + text.format("downlink")

    assert said(read(file("sw1.txt", text.format("uplink")))) == said(read(file("sw2.txt", NUMBERS)))
    assert "1 variables stand in it again with another value" in list(read(file("sw1.txt", again)))[1].detail


def test_of_a_long_walk_only_what_is_read_is_held():
    text = NUMBERS + "".join(
        f'.1.3.6.1.2.1.2.2.1.10.{port} = Counter32: {port}\n.1.3.6.1.2.1.31.1.1.1.18.{port} = STRING: "{port}"\n'
        f".1.3.6.1.4.1.99999.2.{port} = INTEGER: {port}\n"
        for port in range(100)
    )

    tables = snmp.tables(snmprec.variables(text.splitlines, RecordingNotes()))

    assert sum(len(rows) for columns in tables.columns.values() for rows in columns.values()) == 4
    assert (len(tables.rest), tables.enterprises) == (3, {"99999"})


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_end_as_the_file_ends_them(file, newline):
    text = NUMBERS.replace('"sw1"', '"sw1\n\n1"').replace("\n", newline)

    assert {fact[1] for fact in said(read(file("sw1.txt", text))) if fact[0] == "snmp.sysname"} == {"sw1\n\n1"}


def test_a_line_longer_than_a_block_is_one_line(file):
    long = f"1.3.6.1.2.1.1.4.0|4|{'x' * 3_000_000}\n1.3.6.1.2.1.1.5.0|4|sw1\n"

    (record,) = read(file("sw1.snmprec", long))

    assert ("snmp.sysname", "sw1", "") in said([record])


def test_what_net_snmp_said_when_it_gave_up_ends_no_variable_before_it(file):
    text = NUMBERS + "Timeout: No Response from 192.0.2.1\n" + '.1.3.6.1.2.1.2.2.1.2.4 = STRING: "port 4"\n'

    observation, unread = read(file("sw1.txt", text))

    assert said([observation]) >= {*WANT, ("if.descr", "port 4", "")}
    assert unread.detail == "the walk was not finished: Timeout: No Response from 192.0.2.1"
