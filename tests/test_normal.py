"""Normalisers: every spelling devices use, nothing they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import normal


@pytest.mark.parametrize(
    "spelling",
    [
        "bc:ad:28:00:00:01",
        "BC-AD-28-00-00-01",
        "bcad-2800-0001",
        "bcad.2800.0001",
        "BCAD28000001",
        "bc ad 28 00 00 01",
        " bc:ad:28:0:0:1 ",
        "bc-ad-28-0-0-1",
        "bcad28:000001",
        "bcad28-000001",
        "bcad:2800:0001",
        "bc.ad.28.00.00.01",
        "0xBCAD28000001",
        "hbcad28000001",
        "01:bc:ad:28:00:00:01",
        "01-BC-AD-28-00-00-01",
        "01bcad28000001",
        "01bc.ad28.0000.01",
        "01:bc:ad:28:0:0:1",
        "(bc:ad:28:00:00:01)",
        "[bcad.2800.0001]",
        '"bc:ad:28:00:00:01"',
        "bc\u00a0ad\u00a028\u00a000\u00a000\u00a001",
        "\u2009bc:ad:28:00:00:01\u200b",
        "bc\u2011ad\u201128\u201100\u201100\u201101",
    ],
)
def test_a_mac_is_read_in_every_notation_devices_print(spelling):
    assert normal.mac(spelling) == "bcad28000001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bc:ad:28:00:00",
        "+cad28000001",
        "bc_ad_28_00_00_01",
        "bc:ad:28:00:00:0g",
        "١٢٣٤٥٦٧٨٩٠١٢",
        "bcad280000011",
        "n/a",
        "255.255.255.255",
        "2026-11-29 1000",
        "1.3.6.1.2.1",
        "02:bc:ad:28:00:00:01",
        "010203040506070809",
        "0x12345",
    ],
)
def test_what_is_no_mac_stays_none(text):
    assert normal.mac(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "vlan 10  bc ad 28 00 00 01 Gi1/0/2",
        "192.0.2.9  01:bc:ad:28:00:00:01  vlan10",
        "mac:bc:ad:28:00:00:01, up",
        "ID:bc-ad-28-00-00-01.",
        "at <bcad:2800:0001>: known",
        "to 01bc.ad28.0000.01 from",
        "key=hbcad28000001",
        "a 0xBCAD28000001 b",
        "10  bc.ad.28.00.00.01  x",
    ],
)
def test_a_mac_is_seen_in_running_text(text):
    match = normal.MAC_IN_TEXT.search(text)

    assert match is not None
    assert normal.mac(match[0]) == "bcad28000001"


@pytest.mark.parametrize(
    "text",
    [
        "2001:0db8:0000::1 and fe80::2a6e:d4ff:fe00:1",
        "1:2:3:4:5:6:7:8",
        "::1:2:3:4:5:6",
        "550e8400-e29b-41d4-a716-446655440000",
        "OID 1.3.6.1.2.1 and 10.20.30.40.50.60",
        "0000  28 6e d4 00 00 01 bc ad 28 00 00 01 08 00",
        "28 6e d4 00 00 01 10",
        "columns 10 20 30 40 50 60 of numbers",
        "UPC 001882123456 and bcad28000001",
        "h264 and 0x1234",
        "MACs of bc:ad:28:00:00:01:02",
    ],
)
def test_what_merely_holds_a_mac_s_digits_is_none_in_running_text(text):
    assert normal.MAC_IN_TEXT.search(text) is None


@given(st.text(alphabet="0aFx1h:-. \n\u00a0(", max_size=40))
def test_whatever_is_seen_in_text_is_read_as_a_mac(text):
    for match in normal.MAC_IN_TABLE.finditer(text):
        assert normal.mac(match[0])


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_survives_being_spelled(raw):
    assert normal.mac(normal.spelled(raw.hex())) == raw.hex()


def test_group_and_local_bits_are_told_apart():
    assert (normal.is_group("01005e000001"), normal.is_local("01005e000001")) == (True, False)
    assert (normal.is_group("024200000001"), normal.is_local("024200000001")) == (False, True)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (".1.3.6.1.4.1.2011", "1.3.6.1.4.1.2011"),
        ("iso.3.6.1", "1.3.6.1"),
        ("SNMPv2-SMI::enterprises.2011.2", "1.3.6.1.4.1.2011.2"),
        ("1..3", ""),
        ("1.3.6.1.", ""),
        ("hello", ""),
        ("1.3.6.1.4.1." + "9" * 5000, ""),
        ("", ""),
    ],
)
def test_an_oid_is_dotted_decimal_or_nothing(text, want):
    assert normal.oid(text) == want


def test_a_subtree_ends_at_a_dot():
    assert normal.under("1.3.6.1.4.1.2011.2", "1.3.6.1.4.1.2011")
    assert not normal.under("1.3.6.1.4.1.20112", "1.3.6.1.4.1.2011")


def test_octets_that_are_no_utf8_are_kept_as_hexadecimal():
    assert normal.device_text(b"\xff\xfe") == "hex:fffe"
    assert normal.device_text(b"MA5800\0\0") == "MA5800"


@given(st.text())
def test_printable_text_holds_nothing_that_steers_a_terminal(text):
    shown = normal.printable(text)

    assert not set(shown) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066)}
    assert len(shown) <= normal.TEXT_CAP


@given(st.text())
def test_a_file_name_never_leaves_its_folder(text):
    name = normal.file_name(text)

    assert name not in {"", ".", ".."}
    assert "/" not in name
    assert len(name) <= normal.NAME_CAP


@pytest.mark.parametrize("text", ["N/A", " none ", "0", "--", "\0\0", "Unknown"])
def test_a_serial_that_says_nothing_is_empty(text):
    assert normal.serial(text) == ""
