"""What tells how switches are wired: spanning tree, what neighbours carry, far ports, ages."""

import pytest

from auditor.assets.claims import Carries
from auditor.model import VarBind
from auditor.parse import cli, snmp
from tests.tools.records import fact

INT, OCTETS = 0x02, 0x04
BRIDGE = "1.3.6.1.2.1.17."
DESIGNATED = f"{BRIDGE}2.15.1.8"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
LLDP = "1.0.8802.1.1.2.1.4.1.1"
CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1"
OWN, OTHER = "00005e005301", "00005e005302"


def octets(oid, value):
    return VarBind(oid, OCTETS, value if isinstance(value, bytes) else value.encode())


def number(oid, value):
    return VarBind(oid, INT, bytes([value]))


def values(varbinds, kind):
    return [one.value for one in snmp.facts(varbinds) if one.kind == kind]


def spanning(*bridges):
    """Return a switch of two ports whose designated bridges are these."""
    ports = [octets(f"{IF_NAME}.{11 + at}", f"Gi1/0/{1 + at}") for at in range(2)]
    numbers = [number(f"{BRIDGE}1.4.1.2.{1 + at}", 11 + at) for at in range(2)]
    rows = [octets(f"{DESIGNATED}.{1 + at}", bytes.fromhex(one)) for at, one in enumerate(bridges)]
    return [octets(f"{BRIDGE}1.1.0", bytes.fromhex(OWN)), *ports, *numbers, *rows]


def test_a_port_names_the_bridge_that_leads_to_the_root():
    found = [one for one in snmp.facts(spanning(f"8000{OWN}", f"8000{OTHER}")) if one.kind == "stp.bridge"]

    assert [(one.where, one.value, one.about) for one in found] == [("Gi1/0/2", "00:00:5e:00:53:02", "")]


@pytest.mark.parametrize("bridge", ["8000000000000000", OTHER, "", f"8000{OTHER}00"])
def test_no_bridge_is_none(bridge):
    assert values(spanning(bridge, bridge), "stp.bridge") == []


def instance(number_of, port, bridge):
    """Return what the port of a bridge with several spanning trees (IEEE 802.1Q MSTP) says of one of them."""
    return octets(f"1.3.111.2.802.1.1.6.1.4.1.10.1.{number_of}.{port}", bytes.fromhex(bridge))


def test_each_instance_of_the_spanning_tree_names_its_own_bridges_once():
    trees = [instance(1, 1, f"8001{OTHER}"), instance(2, 1, f"8002{OTHER}"), instance(2, 2, f"8002{OWN}")]

    found = [
        one
        for one in snmp.facts([*spanning(f"8000{OWN}", f"8000{OTHER}"), *trees, instance(3, 9, f"8003{OTHER}")])
        if one.kind == "stp.bridge"
    ]

    assert [(one.where, one.value) for one in found] == [
        ("Gi1/0/2", "00:00:5e:00:53:02"),
        ("Gi1/0/1", "00:00:5e:00:53:02"),
    ]


def test_the_tree_of_a_vlan_that_is_read_in_its_own_context_counts_by_its_ports():
    context = [number(f"{BRIDGE}1.4.1.2.7", 11), octets(f"{DESIGNATED}.7", bytes.fromhex(f"8014{OTHER}"))]

    found = snmp.facts(spanning(f"8000{OWN}", f"8000{OTHER}"), vlans={20: context, 30: context})

    assert [(one.where, one.value) for one in found if one.kind == "stp.bridge"] == [
        ("Gi1/0/2", "00:00:5e:00:53:02"),
        ("Gi1/0/1", "00:00:5e:00:53:02"),
    ]


def neighbour(port_subtype=5, port="Gi1/0/48", **columns):
    at = "0.7.1"
    rows = [number(f"{LLDP}.4.{at}", 4), octets(f"{LLDP}.5.{at}", bytes.fromhex(OTHER))]
    rows += [number(f"{LLDP}.6.{at}", port_subtype), octets(f"{LLDP}.7.{at}", port)]
    return rows + [octets(f"{LLDP}.{column}.{at}", value) for column, value in columns.items()]


@pytest.mark.parametrize(
    ("bits", "words", "carries"),
    [
        (b"\x28\x00", "bridge router", Carries.NETWORK),
        (b"\x24", "bridge telephone", Carries.DEVICES),
        (b"\x30\x00", "bridge wlan-access-point", Carries.DEVICES),
        (b"\x01\x00", "station", Carries.NOTHING),
        (b"\x00\x00", "", Carries.UNKNOWN),
        (b"", "", Carries.UNKNOWN),
    ],
)
def test_what_a_neighbour_is_in_use_as_comes_as_words(bits, words, carries):
    found = values(neighbour(**{"12": bits}), "lldp.capabilities")

    assert found == ([words] if words else [])
    assert Carries.of([fact("lldp.capabilities", word) for word in found]) is carries


@pytest.mark.parametrize(
    ("text", "carries"),
    [
        ("B, R", Carries.NETWORK),
        ("Bridge, Telephone", Carries.DEVICES),
        ("Router Switch IGMP", Carries.NETWORK),
        ("Host Phone Two-port Mac Relay", Carries.DEVICES),
        ("Station Only", Carries.NOTHING),
        ("not advertised", Carries.UNKNOWN),
    ],
)
def test_capabilities_are_understood_as_command_lines_print_them(text, carries):
    assert Carries.of([fact("lldp.capabilities", text)]) is carries


def test_a_far_port_is_named_as_it_is_described_too_unless_it_has_a_name():
    assert values(neighbour(port_subtype=7, port="48", **{"8": "GigabitEthernet1/0/48"}), "lldp.portid") == [
        "48",
        "GigabitEthernet1/0/48",
    ]
    assert values(neighbour(**{"8": "to core"}), "lldp.portid") == ["Gi1/0/48"]


def test_a_cdp_neighbour_tells_its_port_and_what_it_is():
    rows = [octets(f"{CDP}.6.3.1", "sw2"), octets(f"{CDP}.7.3.1", "Gi0/1"), octets(f"{CDP}.9.3.1", b"\x00\x00\x00\x29")]

    assert values(rows, "lldp.portid") == ["Gi0/1"]
    assert values(rows, "lldp.capabilities") == ["router switch igmp"]


NXOS = """\
   VLAN     MAC Address      Type      age     Secure NTFY Ports
---------+-----------------+--------+---------+------+----+------------------
*   10     0000.5e00.5311   dynamic  120       F      F    Eth1/1
*   10     0000.5e00.5312   dynamic  ~~~       F      F    Eth1/2
"""
RIGHT_ALIGNED = """\
  vlan   mac address     type    learn     age              ports
------+----------------+--------+-----+----------+--------------------------
*   10  0000.5e00.5311   dynamic  Yes          5   Gi1/1
*   10  0000.5e00.5312   dynamic  Yes          0   Gi1/2
"""


@pytest.mark.parametrize(
    ("text", "ages"), [(NXOS, ["120"]), (RIGHT_ALIGNED, ["5", "0"]), (NXOS.replace(" age ", "     "), [])]
)
def test_the_age_of_a_row_is_read_under_its_title(text, ages):
    found = cli.facts("show mac address-table", text)

    assert [one.value for one in found if one.kind == "fdb.age"] == ages


def test_a_template_gives_the_age_of_a_row():
    found = cli.facts("show mac address-table", NXOS, "cisco_nxos")

    assert [one.value for one in found if one.kind == "fdb.age"] == ["120"]


VRP = """\
GigabitEthernet0/0/1 has 1 neighbor(s):

Neighbor index                     :1
Chassis type                       :MAC Address
Chassis ID                         :0000-5e00-5302
Port ID type                       :Interface Name
Port ID                            :GigabitEthernet0/0/24
System name                        :acc2
System capabilities supported      :bridge router
System capabilities enabled        :bridge router
"""
IOS = """\
Local Intf: Gi1/0/7
Chassis id: 0000.5e00.5302
Port id: 0000.5e00.5302
System Name: SEP00005E005302
System Capabilities: B,T
Enabled Capabilities: B,T
MED Information:
    Capabilities: NP, PD, IN
    Enabled Capabilities: NP
"""
CDP_TEXT = """\
Device ID: sw2
Entry address(es):
  IP address: 192.0.2.2
Platform: cisco WS-C3750G-12S,  Capabilities: Router Switch IGMP
Interface: GigabitEthernet1/0/1,  Port ID (outgoing port): GigabitEthernet1/0/24
"""


@pytest.mark.parametrize(
    ("command", "text", "wanted"),
    [
        ("display lldp neighbor", VRP, ["bridge router"]),
        ("show lldp neighbors detail", IOS, ["B,T"]),
        ("show cdp neighbors detail", CDP_TEXT, ["Router Switch IGMP"]),
    ],
)
def test_command_lines_tell_what_a_neighbour_is(command, text, wanted):
    found = cli.facts(command, text)

    assert [one.value for one in found if one.kind == "lldp.capabilities"] == wanted
    assert len({one.about for one in found if one.about}) == 1
