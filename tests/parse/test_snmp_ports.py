"""Which of a switch's ports are bundled into an aggregate, and which feed power.

Nothing is said where that is uncertain.
"""

import pytest

from auditor.model import VarBind
from auditor.parse import snmp

INT, OCTETS = 0x02, 0x04
IF_TYPE = "1.3.6.1.2.1.2.2.1.3"
IF_MAC = "1.3.6.1.2.1.2.2.1.6"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
ATTACHED = "1.2.840.10006.300.43.1.2.1.1.13"
STACK = "1.3.6.1.2.1.31.1.2.1.3"
POWER = "1.3.6.1.2.1.105.1.1.1.6"
SEARCHING, DELIVERING = 2, 3


def number(oid, value):
    return VarBind(oid, INT, value.to_bytes(4, "big"))


def ports(names):
    """Return interfaces by ifIndex, each with a MAC of its own."""
    named = [VarBind(f"{IF_NAME}.{index}", OCTETS, name.encode()) for index, name in names.items()]
    return named + [
        VarBind(f"{IF_MAC}.{index}", OCTETS, bytes.fromhex("00005e0053") + bytes([index % 250])) for index in names
    ]


def members(*varbinds):
    return [(fact.where, fact.value) for fact in snmp.facts(varbinds) if fact.kind == "lag.member"]


def powered(*varbinds):
    return [fact.value for fact in snmp.facts(varbinds) if fact.kind == "poe.port"]


def test_the_members_of_an_aggregate_are_told_with_its_name():
    rows = [
        number(f"{ATTACHED}.1", 9),
        number(f"{ATTACHED}.2", 9),
        number(f"{ATTACHED}.3", 0),
        number(f"{ATTACHED}.9", 9),
    ]

    found = members(*rows, *ports({1: "GE0/0/1", 2: "GE0/0/2", 3: "GE0/0/3", 9: "Eth-Trunk1"}))

    assert found == [("Eth-Trunk1", "GE0/0/1"), ("Eth-Trunk1", "GE0/0/2")]


def test_an_aggregate_nobody_names_bundles_nothing():
    assert members(number(f"{ATTACHED}.1", 9), *ports({1: "GE0/0/1"})) == []


def test_the_stack_table_tells_an_aggregate_from_a_vlan_by_its_type():
    stacked = [number(f"{STACK}.9.1", 1), number(f"{STACK}.8.1", 1), number(f"{STACK}.9.2", 2)]
    types = [number(f"{IF_TYPE}.9", 161), number(f"{IF_TYPE}.8", 53)]
    rows = [*stacked, *types, *ports({1: "ge1", 2: "ge2", 8: "Vlan8", 9: "lag1"})]
    learned = number("1.3.6.1.2.1.17.4.3.1.2.188.173.40.0.0.1", 9)

    assert members(*rows, learned) == [("lag1", "ge1")]
    assert members(*rows) == []
    assert members(*rows, learned, number(f"{ATTACHED}.2", 9)) == [("lag1", "ge2")]


@pytest.mark.parametrize(
    ("index", "names", "fed"),
    [
        ("1.7", {10107: "Gi1/0/7", 10207: "Gi2/0/7"}, "Gi1/0/7"),
        ("2.7", {10107: "Gi1/0/7", 10207: "Gi2/0/7"}, "Gi2/0/7"),
        ("3.7", {10107: "Gi1/0/7", 10207: "Gi2/0/7"}, ""),
        ("1.7", {10107: "Gi1/0/7", 10157: "Gi1/1/7"}, "Gi1/0/7"),
        ("1.7", {107: "Vlan7", 10007: "Gi0/7"}, "Gi0/7"),
        ("1.7", {6: "Gi0/7", 16: "Fa0/7"}, ""),
        ("1.7", {507: "ge-0/0/7"}, "ge-0/0/7"),
        ("1.7", {7: "swp7"}, "swp7"),
        ("1.7", {7: "swp9"}, "swp9"),
        ("1.7", {7: "GE0/0/3", 11: "GE0/0/7"}, ""),
        ("1.7", {11: "GE0/0/8"}, ""),
    ],
)
def test_a_port_that_feeds_power_is_named_only_where_it_is_certain_which_it_is(index, names, fed):
    assert powered(number(f"{POWER}.{index}", DELIVERING), *ports(names)) == ([fed] if fed else [])


def test_each_member_of_a_stack_has_its_own_ports():
    rows = [number(f"{POWER}.1.7", SEARCHING), number(f"{POWER}.2.7", DELIVERING)]

    assert powered(*rows, *ports({10107: "Gi1/0/7", 10207: "Gi2/0/7"})) == ["Gi2/0/7"]


def test_a_port_that_only_looks_for_a_device_feeds_none():
    assert powered(number(f"{POWER}.1.7", SEARCHING), *ports({7: "swp7"})) == []


def test_of_two_readings_the_one_whose_names_are_of_a_kind_counts():
    fed = [number(f"{POWER}.1.{n}", DELIVERING) for n in (1, 2)]
    front = ports({1: "Gi0/0", 2: "Vlan1", 9: "Gi1/0/1", 10: "Gi1/0/2"})
    index = [number(f"{POWER}.1.{n}", DELIVERING) for n in (5, 6)]

    assert powered(*fed, *front) == ["Gi1/0/1", "Gi1/0/2"]
    assert powered(*index, *ports({5: "GE0/0/1", 6: "GE0/0/2", 9: "GE0/0/5", 10: "XGE0/0/6"})) == ["GE0/0/1", "GE0/0/2"]


def test_a_reading_that_names_every_port_goes_before_one_that_does_not():
    fed = [number(f"{POWER}.1.{n}", DELIVERING) for n in (5, 6)]

    assert powered(*fed, *ports({5: "GE0/0/1", 6: "GE0/0/2", 9: "GE0/0/5"})) == ["GE0/0/1", "GE0/0/2"]


def test_an_interface_without_a_mac_is_no_port_that_feeds_power():
    null = VarBind(f"{IF_NAME}.1", OCTETS, b"Gi9/0/8")

    assert powered(number(f"{POWER}.1.1", DELIVERING), null, *ports({11: "Gi1/0/1"})) == ["Gi1/0/1"]


@pytest.mark.parametrize(
    ("names", "fed"), [({9: "GE0/0/5"}, ["GE0/0/5"]), ({5: "GE0/0/1"}, []), ({5: "GE0/0/1", 9: "GE0/0/5"}, [])]
)
def test_where_no_reading_names_every_port_only_an_undisputed_number_counts(names, fed):
    rows = [number(f"{POWER}.1.{n}", DELIVERING) for n in (5, 6)]

    assert powered(*rows, *ports(names)) == fed


def test_a_device_that_claims_ports_without_end_is_believed_some():
    many = range(1, 5001)
    names = [VarBind(f"{IF_NAME}.{9000 + n}", OCTETS, f"Gi1/0/{n}".encode()) for n in many]

    assert len(powered(*(number(f"{POWER}.1.{n}", DELIVERING) for n in many), *names)) == 4096
