"""Recorded SNMP text becomes the variables the agent sent."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import VarBind
from auditor.parse import snmprec
from auditor.parse.recording import SnmpRecording

CORPUS = Path(os.environ.get("AUDITOR_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
SAMPLES = Path(__file__).parents[2] / "samples"
WALKS = sorted((CORPUS / "walks").glob("*.snmp*")) or sorted(SAMPLES.rglob("*.snmp*"))


PRINTED = b"2102000000AA0000\n34 32 00 00 "
WORDS = b"sixteen of words\nand more"


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("1.3.6.1.2.1.1.1.0|4|a|b", VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"a|b")),
        ("1.3.6.1.2.1.1.1.0|4x|410042", VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"A\0B")),
        (f"1.3.6.1.2.1.1.1.0|4x|{PRINTED.hex()}", VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"2102000000AA000042\0\0")),
        (f"1.3.6.1.2.1.1.1.0|4x|{WORDS.hex()}", VarBind("1.3.6.1.2.1.1.1.0", 0x04, WORDS)),
        ("1.3.6.1.2.1.1.1.0|4x|41004", VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"A\0")),
        (r"1.3.6.1.2.1.1.1.0|4e|\x00\"\\", VarBind("1.3.6.1.2.1.1.1.0", 0x04, b'\0"\\')),
        (
            "1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.2011.2.235",
            VarBind("1.3.6.1.2.1.1.2.0", 0x06, bytes.fromhex("2b060104018f5b02816b")),
        ),
        ("1.3.6.1.2.1.1.2.0|6|", VarBind("1.3.6.1.2.1.1.2.0", 0x06, b"\0")),
        ("1.3.6.1.2.1.1.3.0|67|4294967295", VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"\0\xff\xff\xff\xff")),
        ("1.3.6.1.2.1.1.7.0|2|-129", VarBind("1.3.6.1.2.1.1.7.0", 0x02, b"\xff\x7f")),
        ("1.3.6.1.2.1.1.7.0|2:numeric|min=7,function=sin", VarBind("1.3.6.1.2.1.1.7.0", 0x02, b"\x07")),
        ("1.3.6.1.2.1.4.20.1.1.1|64|192.0.2.1", VarBind("1.3.6.1.2.1.4.20.1.1.1", 0x40, b"\xc0\0\2\1")),
        ("1.3.6.1.2.1.4.20.1.1.1|64x|c0000201", VarBind("1.3.6.1.2.1.4.20.1.1.1", 0x40, b"\xc0\0\2\1")),
        ("1.3.6.1.2.1.1.4.0|4|caf\udce9", VarBind("1.3.6.1.2.1.1.4.0", 0x04, b"caf\xe9")),
        ("1.3.6.1.2.1.1.4.0|5|", VarBind("1.3.6.1.2.1.1.4.0", 0x05, b"")),
    ],
)
def test_an_snmprec_line_is_read_to_the_octet(line, want):
    assert snmprec.snmprec(line) == SnmpRecording(varbinds=(want,))


@pytest.mark.parametrize(
    ("rest", "tag", "raw"),
    [
        ('STRING: "a \\"b\\" c"', 0x04, b'a "b" c'),
        ("STRING: two\nlines", 0x04, b"two\nlines"),
        ('STRING: "two\r\nlines"', 0x04, b"two\r\nlines"),
        ('""', 0x04, b""),
        ("STRING: ", 0x04, b""),
        ("Hex-STRING: 00 E0 FC 00 \n01 02 ", 0x04, b"\0\xe0\xfc\0\1\2"),
        ("BITS: 28 00 bridge(2) router(4) ", 0x04, b"\x28\0"),
        ("INTEGER: up(1)", 0x02, b"\1"),
        ("INTEGER: -5", 0x02, b"\xfb"),
        ("Wrong Type (should be INTEGER): Gauge32: 128", 0x42, b"\0\x80"),
        ("Timeticks: (34) 0:00:00.34", 0x43, b"\x22"),
        ("Counter64: 18446744073709551615", 0x46, b"\0" + b"\xff" * 8),
        ("IpAddress: 192.0.2.1", 0x40, b"\xc0\0\2\1"),
        ("Network Address: C0:00:02:01", 0x40, b"\xc0\0\2\1"),
        ("OID: .1.3.6.1.4.1.50001", 0x06, bytes.fromhex("2b060104018386 51".replace(" ", ""))),
        ("NULL", 0x05, b""),
    ],
)
def test_a_printed_variable_is_read_to_the_octet(rest, tag, raw):
    walk = snmprec.printed(f".1.3.6.1.2.1.1.1.0 = {rest}\n.1.3.6.1.2.1.1.7.0 = INTEGER: 72\n")

    assert walk.problems == ()
    assert walk.varbinds == (VarBind("1.3.6.1.2.1.1.1.0", tag, raw), VarBind("1.3.6.1.2.1.1.7.0", 0x02, b"\x48"))


def test_a_mac_printed_through_its_display_hint_is_six_octets_again():
    walk = snmprec.printed(".1.3.6.1.2.1.2.2.1.6.1 = STRING: 0:e0:fc:0:0:1\n.1.3.6.1.2.1.1.5.0 = STRING: 0:e0:fc:0:0:1")

    assert [varbind.raw for varbind in walk.varbinds] == [b"\0\xe0\xfc\0\0\1", b"0:e0:fc:0:0:1"]


def test_what_the_agent_did_not_have_is_no_variable():
    walk = snmprec.printed(
        ".1.3.6.1.2.1.1.2.0 = No Such Instance currently exists at this OID\n"
        "No more variables left in this MIB View (It is past the end of the MIB tree)\n"
    )

    assert walk == SnmpRecording(varbinds=())


def test_a_bad_line_is_told_with_its_number_and_spoils_no_other():
    walk = snmprec.snmprec(
        "1.3.6.1.2.1.1.1.0|4|fine\n1.3.6.1.2.1.1.7.0|2|many\n# a remark\nnonsense\n1.3.6.1.2.1.1.5.0|4|too\n"
    )

    assert [varbind.raw for varbind in walk.varbinds] == [b"fine", b"too"]
    assert [problem.split(":")[0] for problem in walk.problems] == ["line 2", "line 4"]


def test_the_format_is_told_from_the_first_variable():
    assert len(snmprec.read("# recorded\n1.3.6.1.2.1.1.5.0|4|a\n").varbinds) == 1
    assert len(snmprec.read("Created directory: /var/lib/snmp\n.1.3.6.1.2.1.1.5.0 = STRING: a\n").varbinds) == 1
    assert snmprec.read("what is this").problems == ("nothing in it looks like an SNMP variable",)


@given(st.text(max_size=400))
def test_no_text_breaks_the_readers(text):
    snmprec.read(text)
    snmprec.printed(text)
    snmprec.snmprec(text)


def test_every_recorded_walk_is_read_without_loss():
    variables = 0
    for path in WALKS:
        walk = snmprec.read(path.read_text(encoding="utf-8", errors="surrogateescape"))
        variables += len(walk.varbinds)
        # The one value no reader can restore: addresses somebody replaced by a word before publishing.
        assert all("<private>" in problem for problem in walk.problems), (path.name, walk.problems[:3])

    assert variables > (400_000 if CORPUS.is_dir() else 5_000)
