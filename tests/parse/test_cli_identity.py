"""What a device is, out of version, label, inventory and board replies and of templates."""

import re

import pytest

from auditor.errors import AuditorError
from auditor.parse import cli
from auditor.parse.cli import read, templates, words
from tests.tools.facts import told

ELABEL = """/$[System Integration Version]
/$SystemIntegrationVersion=3.0

[Slot_0]
/$[Board Integration Version]
/$BoardIntegrationVersion=3.0

[Main_Board]

[Board Properties]
BoardType=S5720-28X-SI-AC
BarCode=21980105812SHB000123
Item=98010581
Description=Assembling Components,S5720-28X-SI-AC
Manufactured=2018-08-12
VendorName=Huawei

[Port_GigabitEthernet0/0/25]
[Board Properties]
BoardType=SFP-GE-LX
BarCode=AA1234567
VendorName=OEM
"""


MANUINFO = """Slot 1 CPU 0:
DEVICE_NAME          : S5130S-28P-EI
DEVICE_SERIAL_NUMBER : 219801A1QLDOCSAMP001
MAC_ADDRESS          : 3C8C-4012-3401
MANUFACTURING_DATE   : 2019-02-11
VENDOR_NAME          : H3C
"""


MANUFACTURE = """Slot  Sub  Serial-number          Manu-date
- - - - - - - - - - - - - - - - - - - - - -
0     -    210235527210DOC00001   2012-08-04
      1    020MHFD0C5000002       2012-08-01
1     -    210235527210DOC00003   2012-08-05
"""


INVENTORY = """NAME: "1", DESCR: "WS-C3850-24T"
PID: WS-C3850-24T      , VID: V07  , SN: FOC0000DOC1

NAME: "Switch 1 - Power Supply A", DESCR: "Switch 1 - Power Supply A"
PID: PWR-C1-350WAC     , VID: V02  , SN: LIT0000DOC2
"""


SHOW_CARD = """Rack Shelf Slot CfgType RealType Port  HardVer SoftVer         Status
-------------------------------------------------------------------------------
1    1     1    PRWG    PRWGS    0     V1.0.0                  INSERVICE
1    1     3    GTGO    GTGOG    8     V1.0.0  V2.1.0          INSERVICE
1    1     4    SCXN    SCXN     0     V1.0.0  V2.1.0          INSERVICE
"""


def test_the_vendor_of_an_optic_is_never_the_vendor_of_the_box() -> None:
    got = told("display elabel", ELABEL)

    assert ("entity.mfg", "Huawei", "") in got
    assert ("entity.serial", "21980105812SHB000123", "") in got
    assert ("entity.mfg", "OEM", "part:Port_GigabitEthernet0/0/25") in got


def test_manuinfo_gives_serial_mac_and_vendor() -> None:
    assert told("display device manuinfo", MANUINFO) == [
        ("entity.model", "S5130S-28P-EI", ""),
        ("entity.serial", "219801A1QLDOCSAMP001", ""),
        ("if.mac", "3C8C-4012-3401", ""),
        ("entity.mfg", "H3C", ""),
    ]


def test_manufacture_info_gives_the_first_slots_serial_to_the_device() -> None:
    got = told("display device manufacture-info", MANUFACTURE)

    assert got[0] == ("entity.serial", "210235527210DOC00001", "")
    assert ("entity.serial", "210235527210DOC00003", "part:slot 1/-") in got


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("display esn", "ESN of device: 2102354DOC0000000001"),
        ("display esn", "ESN of slot 0: 2102354DOC0000000001"),
        ("display esn", "Equipment Serial Number:2102354DOC0000000001"),
        ("show version", "System serial number            : 2102354DOC0000000001"),
        ("show version", "Processor board ID 2102354DOC0000000001"),
        ("/system routerboard print", "     serial-number: 2102354DOC0000000001"),
    ],
)
def test_serial_numbers_are_found_where_each_cli_prints_them(command: str, output: str) -> None:
    assert ("entity.serial", "2102354DOC0000000001", "") in told(command, output)


def test_an_inventory_gives_the_chassis_to_the_device_and_the_rest_to_its_parts() -> None:
    got = told("show inventory", INVENTORY)

    assert ("entity.serial", "FOC0000DOC1", "") in got
    assert ("entity.model", "PWR-C1-350WAC", "part:Switch 1 - Power Supply A") in got


def test_an_inventory_without_quotes_is_read_too() -> None:
    got = told(
        "show inventory", " Name: Rack 0     Descr: Line Chassis\n PID: R-DOC-9000     VID: V01     SN: FOC0000DOC3\n"
    )

    assert ("entity.serial", "FOC0000DOC3", "") in got
    assert ("entity.descr", "Line Chassis", "") in got


def test_cards_of_a_zte_olt_are_parts() -> None:
    got = told("show card", SHOW_CARD)

    assert ("entity.model", "GTGOG", "part:1/1/3") in got
    assert len(got) == 3


ONTS = """  F/S/P   ONT         SN         Control     Run      Config   Match    Protect
  0/ 1/0    1  48575443A1B2C3D4  active      online   normal   match    no
  0/ 1/0    2  5A544547C0A1B2C3  active      offline  initial  initial  no
  0/ 1/0    3  48575443A1B2C3D4 (HWTC-A1B2C3D4) again
  0/ 1/0    4  0102030405060708  no letters
"""


def test_terminals_behind_an_olt_are_told_of_the_terminal() -> None:
    assert told("display ont info summary 0", ONTS) == [
        ("gpon.serial", "HWTCA1B2C3D4", "gpon:HWTCA1B2C3D4"),
        ("gpon.port", "0/1/0 ONT 1", "gpon:HWTCA1B2C3D4"),
        ("gpon.serial", "ZTEGC0A1B2C3", "gpon:ZTEGC0A1B2C3"),
        ("gpon.port", "0/1/0 ONT 2", "gpon:ZTEGC0A1B2C3"),
    ]


@pytest.mark.parametrize(
    ("command", "text", "port"),
    [
        (
            "display ont info summary 0",
            "  In port 0/ 2/7, the total of ONTs are: 1\n  4   48575443A1B2C3D4 HG8245H 1200",
            "0/2/7 ONT 4",
        ),
        (
            "display ont info 0 2 7 4",
            "F/S/P   : 0/2/7\nONT-ID  : 4\nSN      : 48575443A1B2C3D4 (HWTC-A1B2C3D4)",
            "0/2/7 ONT 4",
        ),
        ("show gpon onu uncfg", "gpon-onu_1/2/7:4  HWTCA1B2C3D4  unknown", "1/2/7 ONT 4"),
    ],
)
def test_an_olt_says_on_which_pon_port_a_terminal_is(command: str, text: str, port: str) -> None:
    assert ("gpon.port", port, "gpon:HWTCA1B2C3D4") in told(command, text)


def test_a_manufacturing_table_with_a_type_column_names_model_and_serial() -> None:
    table = (
        "Slot  Card   Type               Serial-number            Manu-date\n0     -      S5720-28X-LI-AC    "
        "2102350ABCDMK9000103     2019-09-12\n"
    )

    assert told("display device manufacture-info", table) == [
        ("entity.model", "S5720-28X-LI-AC", ""),
        ("entity.serial", "2102350ABCDMK9000103", ""),
    ]


def test_a_terminals_own_serial_is_its_own() -> None:
    assert told("display sn", "sn = 48575443A1B2C3D4") == [("gpon.serial", "HWTCA1B2C3D4", "")]


def test_boards_of_a_smartax_are_parts() -> None:
    table = (
        "  SlotID  BoardName  Status          SubType0\n  0       H901GPHF   Normal\n  8       H901MPLA   "
        "Active_normal   CPCF\n"
    )

    assert told("display board 0", table) == [
        ("entity.model", "H901GPHF", "part:slot 0"),
        ("entity.model", "H901MPLA", "part:slot 8"),
    ]


BOARD_SERIALS = """  ---------------------------------------------------------
  SlotID  BoardName  SerialNumber
  ---------------------------------------------------------
  1       H901GPHF   021ABCDOC0000001
  9       H901MPLA   021ABCDOC0000002
  ---------------------------------------------------------
"""


PRODUCT_MAC = "lan mac = 34:67:79:00:02:17\nwan mac = 34:67:79:00:02:18\nsuccess!\n"


DEVICE_INFO = """*************** device information ***************
Manufacturer     = Huawei Technologies Co., Ltd
ManufacturerOUI  = 00259E
ModelName        = HG8245H
Description      = EchoLife HG8245H GPON Terminal
ManufactureInfo  = 2102310ONT6RK2000217.C401
ProductClass     = HG8245H
SpecVersion      = 1.0
UpTime           = 12 day(s) 04:10:31
ReleaseTime      = 2020-01-01
UpPort mode      = 5
*************************************************
"""


def test_the_boards_of_an_olt_are_told_with_their_serial_numbers() -> None:
    assert told("display board serial-number 0", BOARD_SERIALS) == [
        ("entity.model", "H901GPHF", "part:slot 1"),
        ("entity.serial", "021ABCDOC0000001", "part:slot 1"),
        ("entity.model", "H901MPLA", "part:slot 9"),
        ("entity.serial", "021ABCDOC0000002", "part:slot 9"),
    ]


def test_a_home_terminal_gives_its_own_mac_and_model() -> None:
    assert ("if.mac", "34:67:79:00:02:17", "") in told("display productmac", PRODUCT_MAC)
    assert ("entity.model", "HG8245H", "") in told("display deviceInfo", DEVICE_INFO)


def test_where_we_have_no_parser_the_published_template_is_used() -> None:
    inventory = "Hardware inventory:\nnothing we read"
    rows = [{"SLOT": "1", "SERIAL_NUMBER": "DOC000001"}, {"SLOT": "2", "SERIAL_NUMBER": "DOC000002"}]
    alone = [{"SERIAL_NUMBER": "DOC000001", "MODEL": "X1", "MAC_ADDRESS": "no mac", "HOSTNAME": ["sw1"]}]

    assert [(fact.kind, fact.value, fact.about) for fact in templates.device_facts("c", rows)] == [
        ("entity.serial", "DOC000001", "part:1"),
        ("entity.serial", "DOC000002", "part:2"),
    ]
    assert {fact.kind for fact in templates.device_facts("c", alone)} == {
        "entity.model",
        "entity.serial",
        "inventory.name",
    }
    # Several rows without a name: nobody knows whose serial number is which.
    assert list(templates.device_facts("c", [alone[0], alone[0]])) == []
    assert [fact.kind for fact in cli.facts("show inventory", inventory, "cisco_ios")] == ["cli.output"]


def test_a_template_is_found_by_the_index_whatever_the_command_is_spelt_like() -> None:
    spelt = "  10    bcad.2812.3402    DYNAMIC     Gi1/0/7\n"
    head = (
        "          Mac Address Table\n-------------------------------------------\n\nVlan    Mac Address       "
        "Type        Ports\n"
    )

    assert templates.rows("cisco_ios", "show mac address-table", head + spelt)[0]["VLAN_ID"] == "10"
    assert templates.rows("cisco_ios", "show nothing of the kind", spelt) == []
    assert templates.rows("", "show version", spelt) == []


def test_every_saying_is_tried_on_its_own_example_and_its_near_miss() -> None:
    good = (
        '[[line]]\nfact = "entity.model"\nregex = "Model (?P<v>X\\\\d)"\nexample = "Model X1"\nsays = "X1"\nnever '
        '= "Model Y1"\n'
    )
    bad = {
        '"Model (?P<v>X\\\\d)"': ('"("', "no regular expression"),
        "(?P<v>X\\\\d)": ("X", "name the value by a group"),
        'says = "X1"': ('says = "X2"', "'X1' out of its example"),
        'never = "Model Y1"': ('never = "Model X3"', "is read too"),
    }

    assert [saying.read("a Model X7 b") for saying in words.load(good)] == ["X7"]
    assert len(words.table()) > 10
    for old, (new, complaint) in bad.items():
        with pytest.raises(AuditorError, match=re.escape(complaint)):
            words.load(good.replace(old, new))


def test_a_reply_that_cannot_be_read_is_marked() -> None:
    assert read("display elabel", "something quite different here").problem
    assert not read("display elabel", ELABEL).problem


def test_a_template_adds_the_version_and_the_model_our_own_reader_leaves_out():
    reply = (
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)\n"
        "Technical Support: http://www.cisco.com/techsupport\n"
        "ROM: Bootstrap program is C2960X boot loader\n"
        "sw-a1 uptime is 3 weeks, 2 days, 1 hour, 5 minutes\n"
        "System returned to ROM by power-on\n"
        'System image file is "flash:c2960x-universalk9-mz.152-7.E4.bin"\n'
        "cisco WS-C2960X-24PS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.\n"
        "Processor board ID FOC0000X0AB\n"
        "Configuration register is 0xF\n"
    )
    pairs = {(fact.kind, fact.value) for fact in read("show version", reply, "cisco_ios").facts}

    assert ("entity.firmware", "15.2(7)E4") in pairs
    assert ("entity.model", "WS-C2960X-24PS-L") in pairs
