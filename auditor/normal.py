"""Pure normalisers: MAC, OID, serial, printable text. No I/O, nothing about makers."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address

from auditor.oids import ENTERPRISES


def _hex(pattern: str) -> "re.Pattern[str]":
    """Return a pattern: X is a hexadecimal digit, blanks are none; repetitions are bounded."""
    return re.compile(pattern.replace("X", "[0-9A-Fa-f]"), re.ASCII | re.VERBOSE)


_MAC_SEPARATORS = re.compile(r"[:.\- ]")
# Twelve digits as octets, words, halves or one run. 01 before them is Ethernet's number in a DHCP client id (RFC 2132,
# 9.14).
_MAC = _hex(
    r"(?: 01[:.\-\ ]? )?? (?: XX(?:[:.\-\ ]XX){5} | X{4}[:.\-\ ]X{4}[:.\-\ ]X{4} | X{6}[:.\-\ ]?X{6} ) \Z"
    r"| 01XX\.X{4}\.X{4}\.XX \Z"
)
_SPLIT_OCTETS = _hex(r"(?: 01[:\-] )?? X{1,2}([:\-])X{1,2}(?:\1X{1,2}){4} \Z")
# How nearly every table spells it; told before anything slower is tried.
_THREE_WORDS = re.compile(r"[0-9A-Fa-f]{4}([.:\-])[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\Z", re.ASCII)
_SIX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}\Z", re.ASCII)
_MAC_PREFIX = re.compile(r"(?:0x|h(?=[0-9a-f]{12}\Z))", re.ASCII | re.IGNORECASE)
_MAC_AROUND = " \t\"'`()[]{}<>"
# In running text a MAC stands alone: it is no part of an IPv6 address, a UUID, an OID or a longer dump of octets.
_MAC_STARTS = r"""(?= [0-9A-Fa-fHh][0-9A-Fa-fx\x58:\-] ) (?: (?<![0-9A-Za-z:]) (?<![0-9A-Za-z][.\-])
      | (?<=[g-zG-Z]:) | (?<=[Mm][Aa][Cc]:) | (?<=[Ii][Dd]:) )"""
_MAC_ENDS = r"(?! [0-9A-Za-z] | [:.\-][0-9A-Za-z:] )"
_MAC_SHAPES = r"""
      (?: 01(?P<id>[:\-]) (?=X{1,2}(?:(?P=id)X{1,2}){5}) )? X{1,2}(?P<octet>[:\-])X{1,2}(?:(?P=octet)X{1,2}){4}
    | X{4}(?P<word>[:.\-])X{4}(?P=word)X{4}
    | X{6}[:\-]X{6}
    | 01XX\.X{4}\.X{4}\.XX
    | (?: 01\. )? (?= 00\. | [0-9.]{0,15}[A-Fa-f] ) XX(?:\.XX){5}
    | (?<! ^XX\ ) (?<! [^0-9A-Za-z]XX\ ) (?: 01\  )? (?= 00\  | [0-9\ ]{0,15}[A-Fa-f] )
      XX(?:\ XX){5} (?! \ XX(?![0-9A-Za-z:.\-]) )
    | 0x X{12} | 0\x58 X{12} | [hH]X{12}
"""
MAC_IN_TEXT = _hex(f"{_MAC_STARTS} (?: {_MAC_SHAPES} ) {_MAC_ENDS}")
# Twelve digits without a mark may be any number; they are a MAC only where MACs stand.
MAC_IN_TABLE = _hex(f"{_MAC_STARTS} (?: {_MAC_SHAPES} | (?: 01 )?X{{12}} ) {_MAC_ENDS}")
# What word processors, web pages and Chinese keyboards write for the blanks, dashes and colons of ASCII.
_MARKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200C), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF], " ")
_MARKS |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D], "-") | {0xFF1A: ":", 0x2236: ":", 0xFF0E: "."}
# An arc is a number of 32 bits (RFC 2578, 3.5); no reader of OIDs need fear one of thousands of digits.
_OID = re.compile(r"\.?[0-9]{1,10}(\.[0-9]{1,10})*\Z", re.ASCII)
_PON = re.compile(r"(?:([A-Z]{4})[-: ]?|([0-9A-F]{8}))([0-9A-F]{8})\Z", re.ASCII)
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
# C0 but tab and newline, DEL, C1; marks and overrides of direction; line separators; halves of pairs, private use,
# tags.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ue000-\uf8ff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_NO_LETTERS = re.compile(r"[\W_]+")
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")

MAC_DIGITS = 12
_SHORTEST_MAC, _SPELLED = 11, 17  # characters, `0:0:0:0:0:0`, `00:00:5e:00:53:01`
# The second digits of a first octet with the bit 0x01, and of one with the bit 0x02.
_GROUPS, _LOCALS = frozenset("13579bdfBDF"), frozenset("2367abefABEF")
TEXT_CAP = 1024
NAME_CAP = 80
HEX_MARK = "hex:"


def mac(text: str) -> str:
    """Return twelve lower-case hexadecimal digits, or an empty string where `text` is no EUI-48.

    Takes every notation of docs/imports.md: `bc:ad:28:00:00:01`, `bcad.2800.0001`, `bcad28-000001`, `0:e0:fc:0:0:1`,
    `0xBCAD28000001` …
    """
    text = text.strip()
    if len(text) < _SHORTEST_MAC:
        return ""
    return (_spelling_of_mac(text) if len(text) <= _SPELLED else _mac_digits(text)) or (
        _mac_digits(_unwrap(text)) if len(text) > MAC_DIGITS else ""
    )


@lru_cache(maxsize=1 << 15)
def _spelling_of_mac(text: str) -> str:
    """Return the digits of a MAC, which stands in several cells and is asked for in each."""
    return _mac_digits(text)


def _mac_digits(text: str) -> str:
    if _SIX_PAIRS.match(text):
        return text.replace(text[2], "").lower()
    if _THREE_WORDS.match(text):
        return text.replace(text[4], "").lower()
    if _SPLIT_OCTETS.match(text):
        return "".join(octet.zfill(2) for octet in re.split("[:-]", text))[-MAC_DIGITS:].lower()
    return _MAC_SEPARATORS.sub("", text)[-MAC_DIGITS:].lower() if _MAC.match(text) else ""


def _unwrap(text: str) -> str:
    """Return what stands in brackets or quotes, without marks before a MAC."""
    return _MAC_PREFIX.sub("", plain_marks(text[:TEXT_CAP]).strip(_MAC_AROUND), count=1)


def letters(text: str) -> str:
    """Return a text as letters and digits alone, in lower case and one width (Unicode NFKC)."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def plain_marks(text: str) -> str:
    """Return text with blanks, dashes and colons as ASCII has them, place for place."""
    return text if text.isascii() else text.translate(_MARKS)


def is_group(digits: str) -> bool:
    """Tell whether a MAC is a group address (IEEE 802: bit 0x01 of the first octet)."""
    return digits[1:2] in _GROUPS


def is_local(digits: str) -> bool:
    """Tell whether a MAC is locally administered: of no registry (IEEE 802: bit 0x02)."""
    return digits[1:2] in _LOCALS


def spelled(digits: str) -> str:
    """Return a MAC the way people read it, `bc:ad:28:00:00:01`."""
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address of either version."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def oid(text: str) -> str:
    """Return dotted decimal without a leading dot, or empty where `text` is no OID."""
    text = text.strip()
    if _OID.match(text):
        return text.lstrip(".")
    for prefix, number in (("iso.", "1."), ("SNMPv2-SMI::enterprises.", ENTERPRISES)):
        if text.lstrip(".").startswith(prefix):
            text = number + text.lstrip(".")[len(prefix) :]
    return text.lstrip(".") if _OID.match(text) else ""


def under(child: str, parent: str) -> bool:
    """Tell whether one dotted OID is another or lies below it."""
    return child == parent or child.startswith(parent + ".")


def device_text(raw: bytes) -> str:
    """Return a device's octets as text; no UTF-8 becomes `hex:…`, trailing NULs go."""
    octets = raw.rstrip(b"\0")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return HEX_MARK + raw.hex()


def printable(text: str, cap: int = TEXT_CAP) -> str:
    """Return text safe to show: no control or bidirectional marks, at most `cap` long."""
    # str.isprintable is false for every character that has to go, and a hundred times as fast as asking each of them.
    if len(text) <= cap and text.isprintable():
        return text
    passed_text = "".join(char for char in text[: cap * 4] if _shows(char))
    return passed_text if len(passed_text) <= cap else passed_text[: cap - 1] + "…"


def harmless(text: str, passed_text: Iterable[str] = ()) -> str:
    """Return text of any length that steers no terminal: no control or bidi marks.

    Sequences in `kept` stay as they are.
    """
    if not passed_text:
        return _HARMFUL.sub("", text)
    apart = re.compile(f"({'|'.join(map(re.escape, passed_text))})")
    return "".join(part if number % 2 else _HARMFUL.sub("", part) for number, part in enumerate(apart.split(text)))


def one_line(text: str, cap: int = TEXT_CAP) -> str:
    """Return printable text folded into one line."""
    return " ".join(printable(text, cap).split())


def file_name(text: str) -> str:
    """Return a safe part of a file name: `[A-Za-z0-9._-]`, at most 80, never `.` or `..`."""
    name = _UNSAFE_NAME.sub("-", text)[:NAME_CAP].strip(".-")
    return name or "unnamed"


def serial(text: str) -> str:
    """Return a serial number without the padding devices add, or empty where it says nothing."""
    value = text.strip().strip("\0").strip()
    return "" if value.casefold() in {"", "n/a", "na", "none", "null", "unknown", "-", "--", "0"} else value


def first_label(name: str) -> str:
    """Return a host name without its domain (RFC 1034), folded to lower case."""
    return name.partition(".")[0].casefold()


def pon_serial(text: str) -> str:
    """Return a GPON serial as `HWTC0A0B0C17` (ITU-T G.984.3), or empty where it is none."""
    match = _PON.match(text.strip().upper())
    if match is None:
        return ""
    vendor = match[1] or bytes.fromhex(match[2]).decode("latin-1")
    return vendor + match[3] if vendor.isascii() and vendor.isalpha() and vendor.isupper() else ""


def _shows(char: str) -> bool:
    if char in "\n\t":
        return True
    if char in _BIDI:
        return False
    return unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
