"""CLI replies become facts; what cannot be read stays whole."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.parse.cli import clean, facts, forbidden, hostname, is_refusal, read, split_transcript
from tests.tools.facts import told

VRP_VERSION = """Huawei Versatile Routing Platform Software
VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)
Copyright (C) 2000-2020 HUAWEI TECH Co., Ltd.
HUAWEI S5720-28X-SI-AC Routing Switch uptime is 12 weeks, 3 days, 4 hours, 5 minutes
"""


VRP_ARP = """IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE
                                          VLAN/CEVLAN
------------------------------------------------------------------------------
192.0.2.1       00e0-fc12-3401            I -         Vlanif10
192.0.2.20      bcad-2812-3402  18        D-0         GE0/0/7
                                          10/-
------------------------------------------------------------------------------
Total:2         Dynamic:1       Static:0     Interface:1
"""


VRP_MAC = """-------------------------------------------------------------------------------
MAC Address    VLAN/VSI/BD                       Learned-From        Type
-------------------------------------------------------------------------------
bcad-2812-3402 10/-/-                            GE0/0/7             dynamic
4c11-ae12-3403 20/-/-                            Eth-Trunk1          dynamic
-------------------------------------------------------------------------------
Total items displayed = 2
"""


VRP_LLDP = """GigabitEthernet0/0/24  has 1 neighbor(s):

Neighbor index :1
Chassis type   :MAC Address
Chassis ID     :00e0-fc12-3455
Port ID subtype :Interface Name
Port ID        :GigabitEthernet0/0/1
Port description    :uplink
System name         :core-1
System description  :S12700 Huawei
Huawei Versatile Routing Platform Software
VRP (R) software, Version 5.170 (S12700 V200R019C10SPC500)
System capabilities supported   :Bridge Router
"""


IOS_LLDP = """------------------------------------------------
Local Intf: Gi1/0/1
Chassis id: 00e0.fc12.3455
Port id: GE0/0/1
System Name: branch-7

System Description:
Huawei Versatile Routing Platform Software
S5720

Time remaining: 100 seconds
------------------------------------------------
Local Intf: Gi1/0/2
Chassis id: 0011.2233.4455
Port id: Gi0/1
System Name - not advertised
"""


IOS_CDP = """-------------------------
Device ID: phone-1
Entry address(es):
  IP address: 192.0.2.9
Platform: Cisco IP Phone 8841,  Capabilities: Host Phone
Interface: GigabitEthernet1/0/5,  Port ID (outgoing port): Port 1
-------------------------
Device ID: sw-2.example.net
Platform: cisco WS-C2960X-24TS-L,  Capabilities: Switch IGMP
Interface: GigabitEthernet1/0/24,  Port ID (outgoing port): GigabitEthernet1/0/1
"""


def test_the_whole_reply_is_always_a_fact_of_its_own() -> None:
    first = facts("display version", VRP_VERSION)[0]

    assert (first.kind, first.where, first.about) == ("cli.output", "display version", "")
    assert "VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)" in first.value


def test_a_vrp_version_names_its_model() -> None:
    assert told("display version", VRP_VERSION) == [("entity.model", "S5720-28X-SI-AC", "")]


@pytest.mark.parametrize("platform", ["", "huawei_vrp"])
def test_an_own_arp_row_is_the_devices_own_mac_and_no_neighbour(platform: str) -> None:
    assert told("display arp all", VRP_ARP, platform) == [
        ("if.mac", "00e0-fc12-3401", ""),
        ("arp.mac", "bcad-2812-3402", "ip:192.0.2.20"),
    ]


@pytest.mark.parametrize("platform", ["", "huawei_vrp"])
def test_a_mac_table_says_port_and_vlan_of_each_mac(platform: str) -> None:
    got = told("display mac-address", VRP_MAC, platform)

    assert ("fdb.mac", "bcad-2812-3402", "mac:bcad28123402") in got
    assert ("fdb.port", "GE0/0/7", "mac:bcad28123402") in got
    assert ("fdb.vlan", "10", "mac:bcad28123402") in got
    assert ("fdb.port", "Eth-Trunk1", "mac:4c11ae123403") in got


@pytest.mark.parametrize(
    ("row", "port", "vlan"),
    [
        ("  10    bcad.2812.3402    DYNAMIC     Gi1/0/7", "Gi1/0/7", "10"),
        ("*   10     bcad.2812.3402   dynamic  0         F      F    Eth1/7", "Eth1/7", "10"),
        ("bcad-2812-3402   10         Learned          GE1/0/7                  Y", "GE1/0/7", "10"),
        ("bcad.2812.3402  10    gei_1/7    dynamic", "gei_1/7", "10"),
        ("  10    bcad.2812.3402    DYNAMIC     Et7        1       0:00:12 ago", "Et7", "10"),
        ("    vlan10   bc:ad:28:12:34:02   D        -   ge-0/0/7.0             0        0", "ge-0/0/7.0", "10"),
        ("   VLAN    10           bc:ad:28:12:34:02     learned    ---   bridging   1/7", "1/7", "10"),
    ],
    ids=["ios", "nxos", "comware", "zxr10", "eos", "junos", "aos"],
)
def test_mac_rows_of_many_makers_are_read_alike(row: str, port: str, vlan: str) -> None:
    assert [value for _kind, value, _about in told("show mac address-table", row)][1:] == [port, vlan]


def test_the_switchs_own_and_group_addresses_are_no_neighbours() -> None:
    table = " All    0100.0ccc.cccc    STATIC      CPU\n  10    0011.2233.4455    STATIC      Router\n"

    assert told("show mac address-table", table) == []


def test_an_lldp_neighbour_is_told_of_the_neighbour_only() -> None:
    got = told("display lldp neighbor", VRP_LLDP)

    assert {about for _kind, _value, about in got} == {"lldp:00e0fc123455"}
    assert ("lldp.localport", "GigabitEthernet0/0/24", "lldp:00e0fc123455") in got
    assert ("lldp.portid", "GigabitEthernet0/0/1", "lldp:00e0fc123455") in got
    assert ("lldp.sysname", "core-1", "lldp:00e0fc123455") in got
    assert any(kind == "lldp.sysdescr" and "(S12700 V200R019C10SPC500)" in value for kind, value, _about in got)


@pytest.mark.parametrize("value", ["bcad.2800.0001", "bcad-2800-0001/MAC address"])
def test_a_chassis_is_read_with_or_without_its_subtype(value: str) -> None:
    said = facts(
        "show lldp neighbors detail", f"Local Interface: Gi1/0/7\nChassis ID/subtype: {value}\nPort ID/subtype: 7\n"
    )

    assert {fact.kind: fact.about for fact in said}["lldp.chassis"] == "lldp:bcad28000001"
    assert {fact.kind: fact.value for fact in said}["lldp.portid"] == "7"


def test_two_neighbours_on_two_ports_stay_two() -> None:
    got = told("show lldp neighbors detail", IOS_LLDP)

    assert ("lldp.localport", "Gi1/0/1", "lldp:00e0fc123455") in got
    assert ("lldp.localport", "Gi1/0/2", "lldp:001122334455") in got
    assert ("lldp.sysname", "branch-7", "lldp:00e0fc123455") in got
    assert not [value for kind, value, _about in got if "not advertised" in value]


def test_a_table_of_neighbours_gives_chassis_and_ports() -> None:
    got = told(
        "show lldp neighbors",
        "Port   Device ID          Port ID  System Name\ngi27   bc:ad:28:12:34:02  gi2      cam-7   B  99\n",
    )

    assert got == [
        ("lldp.chassis", "bc:ad:28:12:34:02", "lldp:bcad28123402"),
        ("lldp.sysname", "cam-7", "lldp:bcad28123402"),
        ("lldp.portid", "gi2", "lldp:bcad28123402"),
        ("lldp.localport", "gi27", "lldp:bcad28123402"),
    ]


def test_cdp_names_platform_and_own_port() -> None:
    got = told("show cdp neighbors detail", IOS_CDP)

    assert ("cdp.platform", "Cisco IP Phone 8841", "lldp:phone-1") in got
    assert ("cdp.localport", "GigabitEthernet1/0/24", "lldp:sw-2.example.net") in got


@pytest.mark.parametrize(
    "pager",
    [
        "  ---- More ----\x1b[16D                \x1b[16D",
        " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08",
        "--More--\r        \r",
        "---- More ( Press 'Q' to break ) ----\x1b[37D                                     \x1b[37D",
        "---(more 50%)---\r                \r",
    ],
    ids=["vrp", "zxr10", "ios", "smartax", "junos"],
)
def test_what_a_pager_leaves_behind_is_taken_out(pager: str) -> None:
    assert clean(f"one\r\n{pager}two\r\n") == "one\ntwo\n"


def test_escape_sequences_and_nuls_never_reach_a_fact() -> None:
    text = facts("show version", "\x1b]0;title\x07\x1b[2J\x1b[HZTE\x00 ZXR10\x9b31m M6000\x1b(B")[0].value

    assert text == "ZTE ZXR10 M6000"


def test_a_reply_beyond_the_cap_is_cut() -> None:
    assert len(facts("show version", "x" * 1_000_000)[0].value) == 262_144


@pytest.mark.parametrize(
    "output",
    [
        "              ^\n% Invalid input detected at '^' marker.",
        "Error: Unrecognized command found at '^' position.",
        "  % Unknown command, the error locates at '^'",
        "bad command name foo (line 1 column 1)",
    ],
)
def test_a_command_the_device_does_not_know_says_nothing(output: str) -> None:
    assert is_refusal(output)
    assert not read("show inventory", output).problem


def test_a_long_answer_is_an_answer_whatever_phrases_it_holds() -> None:
    assert not is_refusal("syntax error counters\n" * 100)
    assert forbidden("% Authorization failed.")


COMMANDS = [
    "display version", "display arp", "display mac-address",
    "display lldp neighbor", "display elabel", "show inventory",
    "show card", "show chassis hardware", "display device manufacture-info", "show cdp neighbors detail",
]  # fmt: skip


WORDS = ["NAME:", '"', "DESCR:", "PID:", "SN:", ":", "=", "[", "]", "Slot 1", "Chassis ID",
    "System description", "has 1 neighbor(s):",
         "bcad-2812-3402", "192.0.2.1", "I -", "10/-", "GE0/0/7", "BarCode=", "\n", "\r", "\t", " ", "\x1b[", "\x08",
         "---- More ----",
         "<HUAWEI>", "ZXR10#", "1 1 3 GTGO", "ESN of slot 0:", "\x00", "\ud800", "\u202e"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=60),
    st.sampled_from(COMMANDS),
    st.sampled_from(["", "huawei_vrp", "cisco_ios"]),
)
def test_no_text_raises_and_no_fact_carries_control_characters(words: list[str], command: str, driver: str) -> None:
    text = "".join(words)
    said = facts(command, text, driver)
    split_transcript(text)

    assert said[0].kind == "cli.output"
    assert not [fact for fact in said for char in fact.value if ord(char) < 32 and char not in "\n\t"]


TRANSCRIPTS = {
    "vrp": ("<HUAWEI>screen-length 0 temporary\nInfo: ok\n<HUAWEI>display version\nVRP text\n<HUAWEI>", "HUAWEI"),
    "vrp-config": ("[~HUAWEI]display version\nVRP text\n[~HUAWEI-vlan10]quit\n", "HUAWEI"),
    "zxr10": ("ZXR10#terminal length 0\nZXR10#show version\nVRP text\nZXR10#", "ZXR10"),
    "ios": ("sw1>enable\nPassword:\nsw1#show version\nVRP text\nsw1#exit", "sw1"),
    "junos": ("admin@r1> show version | no-more\nVRP text\n\nadmin@r1> ", "r1"),
    "routeros": ("[admin@gw] > /system resource print\nVRP text\n[admin@gw] > quit", "gw"),
    "named": ("command: show version\nVRP text\ncommand: show arp\n", ""),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_falls_into_commands_and_replies(name: str) -> None:
    text, host = TRANSCRIPTS[name]
    pairs = split_transcript(text)

    assert [reply for _command, reply in pairs if "VRP" in reply] == ["VRP text"]
    assert next(command for command, reply in pairs if "VRP" in reply).split()[0] in {"display", "show", "/system"}
    assert hostname(text) == host


def test_what_stood_before_the_first_prompt_is_kept() -> None:
    pairs = split_transcript("Welcome to ZXAN product C320 of ZTE Corporation\nOLT>enable\nOLT#show card\nrows\n")

    assert pairs[0] == ("", "Welcome to ZXAN product C320 of ZTE Corporation")
    assert pairs[-1] == ("show card", "rows")


def test_markup_in_a_reply_is_no_prompt() -> None:
    pairs = split_transcript("<SW1>display current-configuration\n<tag>value\n#\n[section]\nsysname SW1\n<SW1>")

    assert [command for command, _reply in pairs] == ["display current-configuration"]
    assert "<tag>value" in pairs[0][1]


@pytest.mark.parametrize(
    "bait",
    [
        "\x1b[" * 40_000,
        "\x1b]" + "a" * 200_000,
        "- " * 100_000,
        "--" * 100_000 + "more",
        "NAME: " + '"' * 100_000,
        "a:" * 100_000,
        "Slot 1" + " A 1" * 50_000,
        "1 " * 100_000,
        " " * 200_000 + "x",
        "00:" * 70_000,
        "x\n" * 100_000,
        "\r" * 200_000,
        "[" * 100_000 + "]",
        "mac" + "\t" * 100_000 + ":",
    ],
    ids=lambda bait: repr(bait[:6]),
)
def test_hostile_text_is_read_in_bounded_time(bait: str) -> None:
    began = time.process_time()
    for command in (
        "show version",
        "show arp",
        "show mac address-table",
        "show lldp neighbors",
        "display elabel",
        "show inventory",
        "show card",
        "show chassis hardware",
        "display transceiver verbose",
        "display device manufacture-info",
    ):
        facts(command, bait, "cisco_ios")
    split_transcript(bait)

    assert time.process_time() - began < 10
