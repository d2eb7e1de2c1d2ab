"""What SNMP variables become: facts, in the fact kinds of the journal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import AuditorError
from auditor.model import Fact, VarBind
from auditor.parse import snmp, snmp_probes
from auditor.parse.snmp_values import octets, oid_text

INT, OCTETS, OID = 0x02, 0x04, 0x06
HUAWEI = bytes.fromhex("2b060104018f5b0217")
IF = "1.3.6.1.2.1.2.2.1."
IFX = "1.3.6.1.2.1.31.1.1.1."
ENTITY = "1.3.6.1.2.1.47.1.1.1.1."
QFDB = "1.3.6.1.2.1.17.7.1.2.2.1."
LLDP = "1.0.8802.1.1.2.1.4.1.1."
CAMERA = bytes.fromhex("bcad28000001")


def text(oid, value):
    return VarBind(oid, OCTETS, value if isinstance(value, bytes) else value.encode())


def number(oid, value):
    return VarBind(oid, INT, value.to_bytes(4, "big", signed=True))


def said(varbinds, kind, **kwargs):
    return [(fact.value, fact.about) for fact in snmp.facts(varbinds, **kwargs) if fact.kind == kind]


def test_the_system_group_is_kept_word_for_word():
    facts = snmp.facts([text("1.3.6.1.2.1.1.1.0", "S5720\r\nVRP\0"), VarBind("1.3.6.1.2.1.1.2.0", OID, HUAWEI)])
    assert facts == (
        Fact(kind="snmp.sysdescr", value="S5720\r\nVRP", where="1.3.6.1.2.1.1.1.0"),
        Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.2011.2.23", where="1.3.6.1.2.1.1.2.0"),
    )


def test_a_variable_that_does_not_exist_is_no_fact():
    assert snmp.facts([VarBind("1.3.6.1.2.1.1.1.0", tag, b"") for tag in (0x05, 0x80, 0x81, 0x82)]) == ()
    assert snmp.facts([VarBind("1.3.6.1.4.1.2011.1.0", 0x81, b"")]) == ()


def test_each_enterprise_that_answered_is_named_once_and_in_order():
    oids = ["1.3.6.1.4.1.9.1.0", "1.3.6.1.4.1.2011.5.0", "1.3.6.1.4.1.2011.6.0", "1.3.6.1.4.1.9.2.0"]
    assert [value for value, _ in said([text(oid, "x") for oid in oids], "snmp.enterprise")] == ["9", "2011"]


def test_the_engine_id_is_hexadecimal():
    assert said([text("1.3.6.1.6.3.10.2.1.1.0", bytes.fromhex("800007db03bcad28000001"))], "snmp.engineid") == [
        ("800007db03bcad28000001", "")
    ]


def test_octets_that_are_no_text_are_kept_as_hexadecimal():
    assert said([text("1.3.6.1.2.1.1.5.0", b"\xff\xfe\xfd")], "snmp.sysname") == [("hex:fffefd", "")]


def test_two_octet_text_of_radios_becomes_readable():
    assert octets("RD982".encode("utf-16-le")) == "RD982"


def test_a_probed_scalar_is_a_fact_and_an_unasked_one_is_not():
    facts = snmp.facts(
        [text("1.3.6.1.4.1.39165.1.1.0", "DS-2CD2185FWD-I"), text("1.3.6.1.4.1.39165.1.7.0", "15 PERCENT")]
    )
    assert [fact.value for fact in facts if fact.kind == "snmp.value"] == ["DS-2CD2185FWD-I"]


def test_a_probed_mac_is_the_devices_own():
    assert said([text("1.3.6.1.4.1.39165.1.4.0", "bc-ad-28-00-00-01")], "if.mac") == [("bc:ad:28:00:00:01", "")]


def entity(index, *, kind=None, inside=None, **columns):
    cells = [text(f"{ENTITY}{column[1:]}.{index}", value) for column, value in columns.items()]
    cells += [number(f"{ENTITY}5.{index}", kind)] if kind is not None else []
    return cells + ([number(f"{ENTITY}4.{index}", inside)] if inside is not None else [])


def test_only_the_chassis_speaks_for_the_device():
    rows = [*entity(1, kind=3, _12="Eltex"), *entity(2, kind=10, _12="HuaWei"), *entity(3, kind=9, _12="OEM")]
    assert said(rows, "entity.mfg") == [("Eltex", ""), ("HuaWei", "part:2"), ("OEM", "part:3")]
    assert said(rows, "entity.class") == [("chassis", ""), ("port", "part:2"), ("module", "part:3")]


def test_a_chassis_speaks_wherever_it_stands():
    rows = [*entity(1, kind=9, inside=0, _12="Board"), *entity(5, kind=3, inside=1, _12="Box")]
    assert said(rows, "entity.mfg") == [("Board", "part:1"), ("Box", "")]


def test_of_the_members_of_a_stack_the_first_is_the_device_and_the_others_are_units_of_their_own():
    stack = entity(1, kind=11, inside=0, _7="Stack")
    rows = [*entity(1001, kind=3, inside=1, _11="S-ONE-1"), *entity(2001, kind=3, inside=1, _11="S-TWO-2")]
    assert said([*stack, *rows], "entity.serial") == [("S-ONE-1", ""), ("S-TWO-2", "part:2001")]
    assert ("chassis", "part:2001") in said([*stack, *rows], "entity.class")


def test_two_chassis_side_by_side_are_two_units_and_two_rows_of_one_serial_are_one():
    pair = [*entity(1, kind=3, inside=0, _11="S-ONE-1"), *entity(2, kind=3, inside=0, _11="S-TWO-2")]
    assert said(pair, "entity.serial") == [("S-ONE-1", ""), ("S-TWO-2", "part:2")]
    twice = [*entity(1, kind=3, inside=0, _11="S-ONE-1"), *entity(2, kind=3, inside=0, _11="S-ONE-1")]
    assert said(twice, "entity.serial") == [("S-ONE-1", ""), ("S-ONE-1", "")]


def test_a_card_an_agent_calls_a_chassis_is_no_unit():
    rows = [*entity(1, kind=9, inside=0, _7="Shelf"), *entity(2, kind=3, inside=1, _11="CARD-1")]
    rows += entity(3, kind=3, inside=1, _11="CARD-2")
    assert said(rows, "entity.serial") == [("CARD-1", ""), ("CARD-2", "")]


def test_without_a_chassis_the_row_inside_nothing_is_the_device():
    rows = [
        *entity(1, kind=7, inside=0, _12="Fan"),
        *entity(2, kind=2, inside=0, _12="Box"),
        *entity(3, inside=2, _12="Sfp"),
    ]
    assert said(rows, "entity.mfg") == [("Fan", "part:1"), ("Box", ""), ("Sfp", "part:3")]


def test_without_class_and_containment_the_lowest_row_is_the_device():
    rows = [*entity(10, _12="Sfp"), *entity(9, _12="Box")]
    assert said(rows, "entity.mfg") == [("Box", ""), ("Sfp", "part:10")]


def test_own_macs_are_said_once_and_void_ones_never():
    rows = [text(f"{IF}6.1", CAMERA), text(f"{IF}6.2", CAMERA), text(f"{IF}6.3", bytes(6)), text(f"{IF}6.4", b"")]
    rows.append(text("1.3.6.1.2.1.17.1.1.0", bytes.fromhex("bcad28000002")))
    assert said(rows, "if.mac") == [("bc:ad:28:00:00:02", ""), ("bc:ad:28:00:00:01", "")]


def test_a_base_mac_that_an_interface_has_as_well_is_said_as_the_base():
    rows = [text(f"{IF}6.1", CAMERA), text("1.3.6.1.2.1.17.1.1.0", CAMERA)]
    assert [fact.where for fact in snmp.facts(rows) if fact.kind == "if.mac"] == ["dot1dBaseBridgeAddress.0"]


def test_arp_rows_name_the_neighbour_by_address():
    rows = [text("1.3.6.1.2.1.4.22.1.2.7.192.0.2.9", CAMERA), number("1.3.6.1.2.1.4.22.1.4.7.192.0.2.9", 3)]
    assert said(rows, "arp.mac") == [("bc:ad:28:00:00:01", "ip:192.0.2.9")]


def test_invalid_arp_rows_are_left_out():
    rows = [text("1.3.6.1.2.1.4.22.1.2.7.192.0.2.9", CAMERA), number("1.3.6.1.2.1.4.22.1.4.7.192.0.2.9", 2)]
    assert said(rows, "arp.mac") == []


@pytest.mark.parametrize(
    ("index", "address"),
    [
        ("7.1.4.192.0.2.9", "192.0.2.9"),
        ("7.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9", "2001:db8::9"),
        ("7.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.9.0.0.0.1", "fe80::9"),
    ],
)
def test_neighbour_discovery_rows_carry_either_family(index, address):
    assert said([text(f"1.3.6.1.2.1.4.35.1.4.{index}", CAMERA)], "arp.mac") == [("bc:ad:28:00:00:01", f"ip:{address}")]


@pytest.mark.parametrize(
    ("index", "address"), [("7.1.192.0.2.9", "192.0.2.9"), ("7.2.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9", "2001:db8::9")]
)
def test_an_arp_index_without_its_length_is_read_where_it_cannot_be_mistaken(index, address):
    assert said([text(f"1.3.6.1.2.1.4.35.1.4.{index}", CAMERA)], "arp.mac") == [("bc:ad:28:00:00:01", f"ip:{address}")]


@pytest.mark.parametrize("index", ["7.1.4.192.0.2", "7.1.4.192.0.2.900", "7.2.16.1", "7", "", "7.9.4.192.0.2.9"])
def test_an_arp_index_that_is_no_address_is_left_out(index):
    assert said([text(f"1.3.6.1.2.1.4.35.1.4.{index}", CAMERA)], "arp.mac") == []


def test_a_learned_mac_carries_its_port_by_name_and_its_vlan():
    rows = [
        number(f"{QFDB}2.20.188.173.40.0.0.1", 3),
        number("1.3.6.1.2.1.17.1.4.1.2.3", 11),
        text(f"{IFX}1.11", "GigabitEthernet0/0/3"),
    ]
    facts = [fact for fact in snmp.facts(rows) if fact.kind.startswith("fdb.")]
    assert [(fact.kind, fact.value, fact.about) for fact in facts] == [
        ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
        ("fdb.port", "GigabitEthernet0/0/3", "mac:bcad28000001"),
        ("fdb.vlan", "20", "mac:bcad28000001"),
    ]
    assert facts[0].where == "dot1qTpFdbPort.20.188.173.40.0.0.1"


def test_the_vlan_of_a_filtering_database_is_looked_up_where_the_device_says_it():
    rows = [number(f"{QFDB}2.5.188.173.40.0.0.1", 3), number("1.3.6.1.2.1.17.7.1.4.2.1.3.0.300", 5)]
    assert said(rows, "fdb.vlan") == [("300", "mac:bcad28000001")]


def test_port_nought_is_no_port():
    assert said([number(f"{QFDB}2.20.188.173.40.0.0.1", 0)], "fdb.port") == []


def test_a_port_whose_name_is_blank_is_told_by_its_number():
    assert said([number(f"{QFDB}2.20.188.173.40.0.0.1", 3), text(f"{IFX}1.3", " ")], "fdb.port") == [
        ("3", "mac:bcad28000001")
    ]


def test_the_devices_own_entry_in_its_table_is_no_neighbour():
    rows = [number(f"{QFDB}2.20.188.173.40.0.0.1", 3), number(f"{QFDB}3.20.188.173.40.0.0.1", 4)]
    assert said(rows, "fdb.mac") == []


def test_a_bridges_own_mac_is_no_neighbour_of_it():
    rows = [number(f"{QFDB}2.20.188.173.40.0.0.1", 3), number(f"{QFDB}2.20.188.173.40.0.0.2", 3)]
    own = [text(f"{IF}6.1", CAMERA), text("1.3.6.1.2.1.17.1.1.0", bytes.fromhex("bcad28000002"))]
    assert said([*rows, own[0]], "fdb.mac") == [("bc:ad:28:00:00:02", "mac:bcad28000002")]
    assert said([*rows, *own], "fdb.mac") == []


def test_the_table_without_vlans_counts_only_where_the_other_is_empty():
    plain = number("1.3.6.1.2.1.17.4.3.1.2.188.173.40.0.0.1", 3)
    assert said([plain], "fdb.mac") == [("bc:ad:28:00:00:01", "mac:bcad28000001")]
    assert said([plain, number(f"{QFDB}2.20.188.173.40.0.0.1", 3)], "fdb.mac") == [
        ("bc:ad:28:00:00:01", "mac:bcad28000001")
    ]


def test_what_two_arp_tables_say_alike_is_said_once():
    rows = [text("1.3.6.1.2.1.4.22.1.2.7.192.0.2.9", CAMERA), text("1.3.6.1.2.1.4.35.1.4.7.1.4.192.0.2.9", CAMERA)]
    rows.append(text("1.3.6.1.2.1.3.1.1.2.7.1.192.0.2.9", CAMERA))
    assert said(rows, "arp.mac") == [("bc:ad:28:00:00:01", "ip:192.0.2.9")]
    assert said(rows[2:], "arp.mac") == [("bc:ad:28:00:00:01", "ip:192.0.2.9")]


def test_a_recording_with_addresses_only_still_names_its_neighbours():
    assert said([text("1.3.6.1.2.1.17.4.3.1.1.188.173.40.0.0.1", CAMERA)], "fdb.mac") == [
        ("bc:ad:28:00:00:01", "mac:bcad28000001")
    ]


def test_rows_that_are_numbered_name_the_mac_beside_the_port():
    rows = [text("1.3.6.1.2.1.17.4.3.1.1.2", CAMERA), number("1.3.6.1.2.1.17.4.3.1.2.2", 7)]
    rows += [number("1.3.6.1.2.1.17.4.3.1.2.3", 7), text(f"{IFX}1.7", "port7")]
    assert said(rows, "fdb.mac") == [("bc:ad:28:00:00:01", "mac:bcad28000001")]
    assert said(rows, "fdb.port") == [("port7", "mac:bcad28000001")]


def test_a_length_before_a_mac_in_an_index_is_no_part_of_it():
    rows = [number(f"{QFDB}2.20.6.188.173.40.0.0.1", 3), number(f"{QFDB}2.20.7.188.173.40.0.0.2", 3)]
    assert said(rows, "fdb.mac") == [("bc:ad:28:00:00:01", "mac:bcad28000001")]


def test_tables_read_per_vlan_take_the_vlan_and_their_own_bridge_ports():
    main = [text(f"{IFX}1.10", "Gi0/1"), text(f"{IFX}1.11", "Gi0/2"), number("1.3.6.1.2.1.17.1.4.1.2.1", 10)]
    context = [number("1.3.6.1.2.1.17.4.3.1.2.188.173.40.0.0.1", 1), number("1.3.6.1.2.1.17.1.4.1.2.1", 11)]
    assert said(main, "fdb.vlan", vlans={20: context}) == [("20", "mac:bcad28000001")]
    assert said(main, "fdb.port", vlans={20: context}) == [("Gi0/2", "mac:bcad28000001")]


def test_an_lldp_neighbour_is_told_apart_by_port_and_index():
    rows = [
        number(f"{LLDP}4.0.3.1", 4),
        text(f"{LLDP}5.0.3.1", CAMERA),
        text(f"{LLDP}9.0.3.1", "cam-1"),
        number(f"{LLDP}6.0.3.1", 3),
        text(f"{LLDP}7.0.3.1", CAMERA),
        number("1.0.8802.1.1.2.1.4.2.1.3.0.3.1.1.4.192.0.2.9", 2),
        number("1.0.8802.1.1.2.1.3.7.1.2.3", 5),
        text("1.0.8802.1.1.2.1.3.7.1.3.3", "GigabitEthernet0/0/3"),
    ]
    facts = [fact for fact in snmp.facts(rows) if fact.kind.startswith("lldp.")]
    assert {fact.about for fact in facts} == {"lldp:3.1"}
    assert {fact.kind: fact.value for fact in facts} == {
        "lldp.chassis": "bc:ad:28:00:00:01",
        "lldp.sysname": "cam-1",
        "lldp.portid": "bc:ad:28:00:00:01",
        "lldp.address": "192.0.2.9",
        "lldp.localport": "GigabitEthernet0/0/3",
    }


def test_the_inventory_a_neighbour_gives_of_itself_is_about_the_neighbour():
    med = "1.0.8802.1.1.2.1.5.4795.1.3.3.1."
    rows = [text(f"{LLDP}5.0.3.1", CAMERA), text(f"{med}5.0.3.1", "Hikvision"), text(f"{med}4.0.3.1", "AB123456")]
    assert said(rows, "inventory.vendor") == [("Hikvision", "lldp:3.1")]
    assert said(rows, "inventory.serial") == [("AB123456", "lldp:3.1")]
    assert said(rows[1:], "inventory.vendor") == []


def test_an_agent_with_only_the_lldp_of_2009_is_understood():
    second = "1.3.111.2.802.1.1.13.1."
    rows = [
        number(f"{second}4.1.1.5.0.18.1.4", 4),
        text(f"{second}4.1.1.6.0.18.1.4", CAMERA),
        number(f"{second}4.1.1.7.0.18.1.4", 5),
        text(f"{second}4.1.1.8.0.18.1.4", "eth0"),
        text(f"{second}4.1.1.10.0.18.1.4", "cam-1"),
        text(f"{second}4.1.1.11.0.18.1.4", "IPC"),
        number(f"{second}4.2.1.3.0.18.1.4.1.4.192.0.2.9", 2),
        number(f"{second}3.1.0", 4),
        text(f"{second}3.2.0", bytes.fromhex("00005e005301")),
        text(f"{IFX}1.18", "ethernet1/13"),
        # Ports of the older table are numbered otherwise.
        text("1.0.8802.1.1.2.1.3.7.1.3.18", "ethernet1/1"),
    ]
    facts = [fact for fact in snmp.facts(rows) if fact.kind.startswith("lldp.")]
    assert {fact.about for fact in facts} == {"lldp:18.4"}
    assert {fact.kind: fact.value for fact in facts} == {
        "lldp.chassis": "bc:ad:28:00:00:01",
        "lldp.sysname": "cam-1",
        "lldp.sysdescr": "IPC",
        "lldp.portid": "eth0",
        "lldp.address": "192.0.2.9",
        "lldp.localport": "ethernet1/13",
    }
    assert said(rows, "if.mac") == [("00:00:5e:00:53:01", "")]


def test_the_older_lldp_table_goes_before_the_newer():
    rows = [text(f"{LLDP}5.0.3.1", CAMERA), text("1.3.111.2.802.1.1.13.1.4.1.1.6.0.18.1.4", CAMERA)]
    assert said(rows, "lldp.chassis") == [("bc:ad:28:00:00:01", "lldp:3.1")]


def test_a_cdp_neighbour_never_shares_a_name_with_an_lldp_one():
    rows = [text("1.3.6.1.4.1.9.9.23.1.2.1.1.8.3.1", "cisco WS-C2960"), text(f"{IFX}1.3", "Gi0/3")]
    assert said(rows, "cdp.platform") == [("cisco WS-C2960", "lldp:cdp3.1")]
    assert said(rows, "cdp.localport") == [("Gi0/3", "lldp:cdp3.1")]


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\x2b\x81", b"\xff" * 1000])
def test_an_object_identifier_cut_short_says_nothing(raw):
    assert oid_text(raw) == ""


@given(
    st.lists(
        st.builds(
            VarBind,
            st.sampled_from(
                [
                    f"{IF}6",
                    QFDB + "2",
                    LLDP + "5",
                    "1.3.111.2.802.1.1.13.1.4.1.1",
                    "1.3.6.1.2.1.105.1.1.1.6",
                    "1.3.6.1.4.1.3902.1012.3.28.1.1.5",
                    ENTITY + "12",
                    "1.3.6.1.2.1.1",
                ]
            ).flatmap(
                lambda head: st.lists(st.integers(0, 2**33), max_size=24).map(
                    lambda arcs: ".".join([head, *map(str, arcs)])
                )
            ),
            st.integers(0, 255),
            st.binary(max_size=40),
        ),
        max_size=20,
    )
)
def test_nothing_a_device_says_breaks_the_parser(varbinds):
    for fact in snmp.facts(varbinds):
        assert fact.value


def test_the_shipped_probes_say_why_and_whence():
    probes = snmp_probes.probe_table()
    assert all(
        scalar.because.endswith(".") and scalar.source.startswith("https://") for scalar in probes.by_oid.values()
    )
    assert 502 in probes.forbidden
    assert not probes.forbidden & {22, 23, 80, 161, 443, 554, 8000, 37777}


def test_a_vague_agent_is_asked_everything_and_a_known_one_its_own():
    probes = snmp_probes.probe_table()
    assert set(probes.scalars_for("")) == set(probes.scalars_for("1.3.6.1.4.1.8072.3.2.10")) == set(probes.by_oid)
    assert not any(oid.startswith("1.3.6.1.4.1.") for oid in probes.scalars_for("1.3.6.1.4.1.9.1.516"))
    assert all(
        oid.startswith(("1.3.6.1.4.1.2011.", "1.3.6.1.2.1.")) for oid in probes.scalars_for("1.3.6.1.4.1.2011.2.23.291")
    )
    assert "1.3.6.1.4.1.39165.1.1.0" in probes.scalars_for("1.3.6.1.4.1.9.1.516", ["9", "39165"])


def test_a_mistake_in_the_probes_names_its_place():
    with pytest.raises(AuditorError, match=r"probes.toml: scalar\[1\].oid: 'sysDescr' is no dotted OID"):
        snmp_probes.load('[[scalar]]\noid = "sysDescr"\nbecause = "x"\nsource = "y"\n')
