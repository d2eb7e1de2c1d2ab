"""Tables that makers define.

Terminals behind an OLT, forwarding tables BRIDGE-MIB does not show.
"""

import pytest

from auditor.errors import AuditorError
from auditor.model import VarBind
from auditor.parse import snmp, snmp_probes

INT, OCTETS = 0x02, 0x04
HUAWEI = "1.3.6.1.4.1.2011.6.128.1.1.2.43.1.3"
EPON = "1.3.6.1.4.1.2011.6.128.1.1.2.53.1.3"
ZTE = "1.3.6.1.4.1.3902.1012.3.28.1.1.5"
ZTE_NEW = "1.3.6.1.4.1.3902.1082.500.10.2.3.3.1.18"
OMNISWITCH = "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
ONT = bytes.fromhex("48575443a1b2c3d4")


def octets(oid, value):
    return VarBind(oid, OCTETS, value if isinstance(value, bytes) else value.encode())


def told(*varbinds):
    kinds = ("gpon.serial", "gpon.port", "fdb.mac", "fdb.port", "fdb.vlan")
    return [(fact.kind, fact.value, fact.about) for fact in snmp.facts(varbinds) if fact.kind in kinds]


def test_a_terminal_is_told_by_its_serial_number_at_its_port_and_never_of_the_olt():
    rows = [octets(f"{HUAWEI}.4194312192.3", ONT), octets(f"{IF_NAME}.4194312192", "GPON 0/1/0")]

    assert told(*rows) == [
        ("gpon.serial", "HWTCA1B2C3D4", "gpon:HWTCA1B2C3D4"),
        ("gpon.port", "GPON 0/1/0 ONT 3", "gpon:HWTCA1B2C3D4"),
    ]


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        (f"{ZTE}.268566784.7", bytes.fromhex("5a544547a1b2c3d4")),
        (f"{ZTE_NEW}.285278721.7", "1,ZTEGA1B2C3D4"),
        ("1.3.6.1.4.1.637.61.1.35.10.1.1.5.331481088", bytes.fromhex("5a544547a1b2c3d4")),
        ("1.3.6.1.4.1.5875.800.3.10.1.1.10.34078984", "ZTEGa1b2c3d4"),
        ("1.3.6.1.4.1.3320.10.3.3.1.2.122", "ZTEG:A1B2C3D4"),
        ("1.3.6.1.4.1.37950.1.1.6.1.1.2.1.5.2.7", "ZTEGA1B2C3D4"),
        ("1.3.6.1.4.1.17409.2.8.4.1.1.3.16779265", "5A544547A1B2C3D4"),
    ],
)
def test_every_spelling_of_a_serial_number_is_one_terminal(oid, value):
    assert told(octets(oid, value))[0] == ("gpon.serial", "ZTEGA1B2C3D4", "gpon:ZTEGA1B2C3D4")


@pytest.mark.parametrize(
    ("arc", "port"), [("268501248", "gpon_1/1/1 ONT 7"), ("268566784", "gpon_1/2/1 ONT 7"), ("17", "")]
)
def test_a_zte_port_is_read_out_of_its_number_unless_the_number_only_counts(arc, port):
    # IF-MIB numbers something else so on such an OLT.
    rows = [octets(f"{ZTE}.{arc}.7", ONT), octets(f"{IF_NAME}.{arc}", "gei_1/4/2")]

    assert [value for kind, value, _ in told(*rows) if kind == "gpon.port"] == ([port] if port else [])


@pytest.mark.parametrize("value", ["", "subscriber-7", b"\xff" * 8, "1,", b"\0" * 8])
def test_what_is_no_serial_number_is_no_terminal(value):
    assert told(octets(f"{HUAWEI}.4194312192.3", value)) == []


@pytest.mark.parametrize("index", ["4194312192", "4194312192.3.1", "4294967296.3", "x.3", "", "99999999999999999999.1"])
def test_a_row_that_does_not_fit_its_description_is_left_out(index):
    assert told(octets(f"{HUAWEI}.{index}", ONT)) == []


def test_an_epon_terminal_is_told_by_its_mac():
    rows = [
        octets(f"{EPON}.4194312192.3", bytes.fromhex("bcad28000001")),
        octets(f"{IF_NAME}.4194312192", "EPON 0/1/0"),
    ]

    assert told(*rows) == [
        ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
        ("fdb.port", "EPON 0/1/0 ONT 3", "mac:bcad28000001"),
    ]


def test_a_forwarding_table_of_the_makers_own_is_one_like_any_other():
    rows = [VarBind(f"{OMNISWITCH}.1007.20.188.173.40.0.0.1", INT, b"\1"), octets(f"{IF_NAME}.1007", "1/7")]

    assert told(*rows) == [
        ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
        ("fdb.port", "1/7", "mac:bcad28000001"),
        ("fdb.vlan", "20", "mac:bcad28000001"),
    ]


def test_an_arc_that_is_no_octet_makes_no_mac():
    assert told(VarBind(f"{OMNISWITCH}.1007.20.188.173.40.0.0.256", INT, b"\1")) == []


def test_the_enterprise_of_such_a_table_is_still_named():
    facts = snmp.facts([octets(f"{HUAWEI}.4194312192.3", ONT)])

    assert [fact.value for fact in facts if fact.kind == "snmp.enterprise"] == ["2011"]


def test_the_shipped_tables_say_why_and_whence():
    document = (snmp_probes.files("oui_rules") / "probes.toml").read_text(encoding="utf-8")
    sections = document.split("\n[[table]]\n")[1:]

    assert len(sections) == len(snmp_probes.probe_table().tables)
    assert all('source = "https://' in section and 'because = "' in section for section in sections)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('index = ["port", "slot"]', r"table\[1\].index: 'slot' names no part of a row index"),
        ('index = ["port"]\nports = "{9}"', r"table\[1\].ports: '\{9\}' is no port"),
        ('index = ["port"]\nkind = "arp.mac"', r"table\[1\].kind"),
    ],
)
def test_a_mistake_in_a_described_table_names_its_place(line, problem):
    with pytest.raises(AuditorError, match=problem):
        snmp_probes.load(f'[[table]]\noid = "1.3.6.1.4.1.9.1"\n{line}\nbecause = "x"\nsource = "y"\n')
