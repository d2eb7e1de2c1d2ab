"""Boards, supplies and optics out of what a CLI lists: each with its own name, serial and model."""

import pytest

from auditor.parse.cli import read
from tests.tools.facts import told

MANUFACTURE = """Slot  Sub  Serial-number          Manu-date
- - - - - - - - - - - - - - - - - - - - - -
0     -    210235527210DOC00001   2012-08-04
      1    020MHFD0C5000002       2012-08-01
1     -    210235527210DOC00003   2012-08-05
      1    020MHFD0C5000004       2012-08-01
"""
ELABEL = """[BackPlane_0]
[Board Properties]
BoardType=LE02BAKK
BarCode=2102113089DOC000001

[Slot_3]
[Main_Board]
[Board Properties]
BoardType=LE1D2S04SEC0
BarCode=2102312BQYDOC000002

[Slot_4]
[Main_Board]
[Board Properties]
BoardType=LE1D2S04SEC0
BarCode=2102312BQYDOC000003
"""
VSS = """NAME: "Switch 1 Chassis", DESCR: "Cisco Systems 6500 chassis"
PID: WS-C6506-E, VID: V03, SN: DOC0000VSS1

NAME: "Switch 2 Chassis", DESCR: "Cisco Systems 6500 chassis"
PID: WS-C6506-E, VID: V03, SN: DOC0000VSS2
"""
HARDWARE = """Hardware inventory:
Item             Version  Part number  Serial number     Description
Chassis                                JN00DOC00AFB      MX240
Midplane         REV 07   760-021404   ABDOC001          MX240 Backplane
PEM 0            Rev 03   740-022697   QCDOC0002         PS 1.2-1.7kW; 100-240V AC in
Routing Engine 0 REV 07   740-013063   90DOC0003         RE-S-2000
FPC 1            REV 14   750-031087   YYDOC004          MPC Type 1 3D
  CPU            REV 06   711-030884   YYDOC005          MPC PMB 2G
  MIC 0          REV 24   750-028392   YYDOC006          3D 20x 1GE(LAN) SFP
    PIC 0                 BUILTIN      BUILTIN           10x 1GE(LAN) SFP
      Xcvr 0     REV 01   740-011613   PDDOC007          SFP-SX
FPC 2            REV 14   750-031087   YYDOC008          MPC Type 1 3D
  CPU            REV 06   711-030884   YYDOC009          MPC PMB 2G
"""
VRP_OPTICS = """GigabitEthernet0/0/25 transceiver information:
-------------------------------------------------------------
Common information:
  Transceiver Type               :1000_BASE_LX_SFP
  Vendor Name                    :ACME
  Vendor Part Number             :LX-SFP-10
-------------------------------------------------------------
Manufacture information:
  Manu. Serial Number            :PLDOC0001
  Manufacturing Date             :2016-06-02
  Vendor Name                    :ACME
-------------------------------------------------------------
GigabitEthernet0/0/26 transceiver information:
-------------------------------------------------------------
  Transceiver Type               :10GBASE_SR_SFP
  Manu. Serial Number            :PLDOC0002
"""
NXOS_OPTICS = """Ethernet1/1
    transceiver is present
    type is 10Gbase-SR
    name is ACME
    part number is SR-10G-85
    revision is A
    serial number is AGDOC0001
    nominal bitrate is 10300 MBit/sec

Ethernet1/2
    transceiver is not present
"""


def test_a_card_below_a_slot_is_none_of_the_next_slot() -> None:
    got = told("display device manufacture-info", MANUFACTURE)

    assert got[1:] == [
        ("entity.serial", "020MHFD0C5000002", "part:slot 0/1"),
        ("entity.serial", "210235527210DOC00003", "part:slot 1/-"),
        ("entity.serial", "020MHFD0C5000004", "part:slot 1/1"),
    ]


def test_main_boards_of_two_slots_are_two() -> None:
    got = told("display elabel", ELABEL)

    assert ("entity.serial", "2102113089DOC000001", "") in got
    assert ("entity.serial", "2102312BQYDOC000002", "part:Slot_3 Main_Board") in got
    assert ("entity.serial", "2102312BQYDOC000003", "part:Slot_4 Main_Board") in got


def test_of_two_chassis_the_second_is_a_part() -> None:
    got = told("show inventory", VSS)

    assert ("entity.serial", "DOC0000VSS1", "") in got
    assert ("entity.serial", "DOC0000VSS2", "part:Switch 2 Chassis") in got


def test_junos_hardware_gives_each_row_its_serial_and_its_place() -> None:
    got = told("show chassis hardware", HARDWARE)

    assert [one for one in got if one[2] == ""] == [
        ("entity.serial", "JN00DOC00AFB", ""), ("entity.model", "MX240", ""),
    ]  # fmt: skip
    serials = {about: value for kind, value, about in got if kind == "entity.serial"}
    assert serials["part:Routing Engine 0"] == "90DOC0003"
    assert (serials["part:FPC 1 CPU"], serials["part:FPC 2 CPU"]) == ("YYDOC005", "YYDOC009")
    assert serials["part:FPC 1 MIC 0 PIC 0 Xcvr 0"] == "PDDOC007"
    assert "part:FPC 1 MIC 0 PIC 0" not in serials
    assert ("entity.model", "740-022697", "part:PEM 0") in got
    assert ("entity.descr", "PS 1.2-1.7kW; 100-240V AC in", "part:PEM 0") in got


@pytest.mark.parametrize(
    ("command", "reply", "part", "serial", "model"),
    [
        ("display transceiver verbose", VRP_OPTICS, "GigabitEthernet0/0/25", "PLDOC0001", "LX-SFP-10"),
        ("show interface transceiver", NXOS_OPTICS, "Ethernet1/1", "AGDOC0001", "SR-10G-85"),
    ],
)
def test_an_optic_is_a_part_of_its_port(command: str, reply: str, part: str, serial: str, model: str) -> None:
    got = told(command, reply)

    assert ("entity.serial", serial, f"part:{part}") in got
    assert ("entity.model", model, f"part:{part}") in got
    assert ("entity.mfg", "ACME", f"part:{part}") in got
    assert {about for _, _, about in got} <= {f"part:{part}", "part:GigabitEthernet0/0/26"}
    assert not read(command, reply).problem


COMWARE_OPTICS = """Ten-GigabitEthernet1/0/25 transceiver manufacture information:
  Manu. Serial Number           : OPTDOC025
  Vendor Name                   : ACME
Ten-GigabitEthernet1/0/26 transceiver manufacture information:
The transceiver does not support this function.
"""


@pytest.mark.parametrize(
    ("command", "reply", "part"),
    [
        ("display transceiver manuinfo interface", COMWARE_OPTICS, "Ten-GigabitEthernet1/0/25"),
        ("display interface transceiver", "10GE1/0/1 transceiver information:\n  Manu. Serial Number   :OPTDOC025\n",
         "10GE1/0/1"),
    ],
)  # fmt: skip
def test_an_optic_of_comware_and_of_vrp_8_is_a_part_of_its_port(command: str, reply: str, part: str) -> None:
    got = told(command, reply)

    assert ("entity.serial", "OPTDOC025", f"part:{part}") in got
    assert {about for _, _, about in got} == {f"part:{part}"}


def test_the_type_of_an_optic_is_its_model_where_it_says_no_part_number() -> None:
    got = told("display transceiver", VRP_OPTICS)

    assert ("entity.model", "10GBASE_SR_SFP", "part:GigabitEthernet0/0/26") in got


def test_no_transceiver_is_no_lack() -> None:
    reply = "Ethernet1/2\n    transceiver is not present\n"

    assert not read("show interface transceiver", reply).problem
