"""Walks as net-snmp, SnmpSoft and iReasoning print them: all say what the agent said."""

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from auditor.imports.registry import read, sniff
from auditor.lab.agent import PlayedAgent, Responder
from auditor.model import Reason, Unread
from auditor.parse import snmp, snmprec
from tests.tools.loopback import free_port

MIBS = Path(__file__).parent / "mibs"
AGENT = Path(__file__).parent / "hall.snmprec"
NAMED = ["-M", str(MIBS), "-m", "ALL"]
NUMBERS = ["-M", "/nonexistent", "-m", ""]
NO_MIB = ["", "n", "f", "s", "u", "q", "qn", "Q", "nt", "nx", "nT", "Qn", "bentU"]
WHOLE = ["n", "b", "bQ", "bq", "bqs", "beQ", "bentU", "QUsb", "qn", "Qn", "enq", "fn"]
PARTLY = ["", "e", "f", "u", "s", "t", "T", "U", "E", "S", "q", "Q", "qs", "Qs", "Qu", "ufq", "eQ", "x"]
BRACKETS = ["X", "fX", "XE", "XQ", "XQs", "Xsq", "Xe"]
needs_snmpwalk = pytest.mark.skipif(shutil.which("snmpwalk") is None, reason="snmpwalk is not installed")


def said(varbinds):
    return {(fact.kind, fact.value, fact.where, fact.about) for fact in snmp.facts(varbinds)}


@pytest.fixture(scope="module")
def recording():
    return snmprec.read(AGENT.read_text(encoding="utf-8")).varbinds


@pytest.fixture(scope="module")
def walked(recording):
    """Return what net-snmp prints of a played agent with some options."""
    port = free_port("127.0.0.1")
    with Responder([PlayedAgent(address="127.0.0.1", port=port, varbinds=recording)]) as agent:
        threading.Thread(target=agent.serve, kwargs={"poll": 0.05}, daemon=True).start()
        command = ["snmpwalk", "-v2c", "-c", "public", "-t", "5"]

        def run(mibs, options):
            form = [f"-O{options}"] if options else []
            walk = subprocess.run(
                [*command, *mibs, *form, f"127.0.0.1:{port}", ".1"], capture_output=True, check=True, timeout=20
            )
            return walk.stdout.decode("utf-8", "surrogateescape")

        yield run
        agent.stop()


@needs_snmpwalk
@pytest.mark.parametrize(
    ("mibs", "options"), [*((NUMBERS, options) for options in NO_MIB), *((NAMED, options) for options in WHOLE)]
)
def test_a_walk_says_what_the_agent_said(walked, recording, mibs, options):
    walk = snmprec.read(walked(mibs, options))

    assert walk.problems == ()
    assert said(walk.varbinds) == said(recording)


@needs_snmpwalk
@pytest.mark.parametrize("options", [*PARTLY, *BRACKETS])
def test_what_net_snmp_does_not_print_is_told_and_all_else_is_read(walked, recording, options):
    walk = snmprec.read(walked(NAMED, options))
    kinds = {"fdb.mac", "fdb.port", "fdb.vlan", "lldp.address"} if options in PARTLY else {"lldp.address"}

    assert {fact for fact in said(walk.varbinds) if fact[0] not in kinds} == {
        fact for fact in said(recording) if fact[0] not in kinds
    }
    assert all("shows an index in part only; record with -On" in problem for problem in walk.problems)
    assert len(walk.problems) == (3 if options in PARTLY else 1)


@needs_snmpwalk
def test_octets_shown_as_characters_are_no_mac(walked):
    walk = snmprec.read(walked(NUMBERS, "na"))

    assert not any(fact[0] in {"if.mac", "arp.mac", "lldp.chassis", "stp.bridge"} for fact in said(walk.varbinds))
    assert {problem.partition("shows ")[2] for problem in walk.problems} == {
        "octets as characters (-Oa); record with -On"
    }


@needs_snmpwalk
def test_a_walk_of_values_alone_says_how_to_record_another(walked):
    assert snmprec.read(walked(NAMED, "v")).problems == (
        "leaves out which variable each value is of (-Ov); record with -On",
    )


SNMPSOFT = """OID=.1.3.6.1.2.1.1.1.0, Type=OctetString, Value=Example OS 6.1
Copyright
OID=.1.3.6.1.2.1.1.2.0, Type=OID, Value=1.3.6.1.4.1.99999.1.4
OID=.1.3.6.1.2.1.1.3.0, Type=TimeTicks, Value=2:44:36.54
OID=.1.3.6.1.2.1.1.4.0, Type=OctetString, Value=
OID=.1.3.6.1.2.1.1.5.0, Type=OctetString, Value=hall-1
OID=.1.3.6.1.2.1.2.2.1.6.11, Type=OctetString, Value=  00 00 5E 00 53 0B
OID=.1.3.6.1.2.1.4.20.1.1.192.0.2.34, Type=IpAddress, Value=192.0.2.34
OID=.1.3.6.1.2.1.1.7.0, Type=Integer, Value=78
Total: 8
""".replace("53 0B\n", "53 0B \n")
IREASONING = """***** SNMP QUERY STARTED *****
Name/OID: sysDescr.0; Value (OctetString): Example OS 6.1
Copyright
Name/OID: sysObjectID.0; Value (OID): .1.3.6.1.4.1.99999.1.4
Name/OID: sysUpTime.0; Value (TimeTicks): 2 hours 44 minutes 36 seconds (987654)
Name/OID: sysContact.0; Value (OctetString):\x20
Name/OID: .1.3.6.1.2.1.1.5.0; Value (OctetString): hall-1
Name/OID: ifPhysAddress.11; Value (OctetString): 00-00-5E-00-53-0B
Name/OID: ifOperStatus.11; Value (Integer): up (1)
Name/OID: ipAdEntAddr.192.0.2.34; Value (IpAddress): 192.0.2.34
Name/OID: sysServices.0; Value (Integer): 78
***** SNMP QUERY FINISHED *****
"""


@pytest.mark.parametrize(
    "text", [SNMPSOFT, IREASONING, SNMPSOFT.replace("\n", "\r\n")], ids=["SnmpSoft", "iReasoning", "Windows"]
)
def test_programs_for_windows_are_read_too(file, text):
    source = file("sw1.txt", text)

    assert sniff(source) == "snmpwalk"
    (record,) = read(source)
    assert {(fact.kind, fact.value) for fact in record.facts} == {
        ("snmp.sysdescr", "Example OS 6.1\nCopyright"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.99999.1.4"),
        ("snmp.sysname", "hall-1"),
        ("snmp.value", "78"),
        ("if.mac", "00:00:5e:00:53:0b"),
    }


def test_octets_of_one_digit_and_none_at_all_are_octets():
    walk = snmprec.read(
        ".1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 0 0 5E 0 53 B\n"
        ".1.3.6.1.2.1.2.2.1.6.2 = Hex-STRING: \n"
        ".1.3.6.1.2.1.2.2.1.6.3 = Hex-STRING:\n"
    )

    assert [varbind.raw for varbind in walk.varbinds] == [bytes.fromhex("00005e00530b"), b"", b""]


@pytest.mark.parametrize(
    "text", ["OID: ccitt.0", "OID: .ccitt.zeroDotZero", "OID: SNMPv2-SMI::zeroDotZero", "OID: .0.0", "OID: "]
)
def test_no_object_is_zero_dot_zero(text):
    walk = snmprec.read(f".1.3.6.1.2.1.1.2.0 = {text}\n")

    assert walk.problems == ()
    assert [varbind.raw for varbind in walk.varbinds] == [b"\0"]


def test_an_object_identifier_by_an_unknown_name_is_told():
    walk = snmprec.read("SNMPv2-MIB::sysObjectID.0 = OID: EXAMPLE-PRODUCTS-MIB::es1000\n")

    assert [
        "EXAMPLE-PRODUCTS-MIB::es1000" in problem and "record with -On" in problem for problem in walk.problems
    ] == [True]


def test_objects_of_standard_mibs_that_nothing_is_made_of_are_no_problem():
    walk = snmprec.read(
        "SNMPv2-MIB::sysName.0 = STRING: hall-1\nIF-MIB::ifInOctets.3 = Counter32: 7\n"
        "HOST-RESOURCES-MIB::hrSystemUptime.0 = Timeticks: (5) 0:00:00.05\n"
    )

    assert walk.problems == ()
    assert len(walk.varbinds) == 1


def test_rows_that_two_macs_share_in_part_keep_their_macs_alone(file):
    """Octets that are no characters show as dots."""
    text = "".join(
        f"BRIDGE-MIB::dot1dTpFdbAddress.'..^.S.' = STRING: 0:0:5e:0:53:{last}\n" for last in ("1", "2")
    ) + "".join(f"BRIDGE-MIB::dot1dTpFdbPort.'..^.S.' = INTEGER: {port}\n" for port in (1, 2))
    observation, unread = read(file("sw1.txt", "SNMPv2-MIB::sysName.0 = STRING: hall-1\n" + text))

    assert {fact.value for fact in observation.facts if fact.kind == "fdb.mac"} == {
        "00:00:5e:00:53:01", "00:00:5e:00:53:02",
    }  # fmt: skip
    assert not any(fact.kind == "fdb.port" for fact in observation.facts)
    assert isinstance(unread, Unread)
    assert unread.reason is Reason.PARTIAL
    assert "record with -On" in unread.detail


def test_a_sentence_that_looks_like_a_name_ends_no_text():
    walk = snmprec.read("sysDescr.0 Example OS\nwww.example.com v2.1 of 2026\nsysName.0 hall-1\n")

    assert [varbind.raw for varbind in walk.varbinds] == [b"Example OS\nwww.example.com v2.1 of 2026", b"hall-1"]
