"""Pure normalisers: MAC, OID, serial, printable text. Same in, same out; no I/O, no knowledge of makers."""

import re
import unicodedata
from collections.abc import Iterable

_MAC_SEPARATORS = re.compile(r"[:.\- ]")
_HEX12 = re.compile(r"[0-9A-Fa-f]{12}\Z", re.ASCII)
_SPLIT_OCTETS = re.compile(r"[0-9A-Fa-f]{1,2}(?:([:\-])[0-9A-Fa-f]{1,2})(?:\1[0-9A-Fa-f]{1,2}){4}\Z", re.ASCII)
# An arc is a number of 32 bits (RFC 2578, 3.5); no reader of OIDs need fear one of thousands of digits.
_OID = re.compile(r"\.?[0-9]{1,10}(\.[0-9]{1,10})*\Z", re.ASCII)
_PON = re.compile(r"(?:([A-Z]{4})[-: ]?|([0-9A-F]{8}))([0-9A-F]{8})\Z", re.ASCII)
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
# C0 but tab and newline, DEL, C1; marks and overrides of direction; line separators; halves of pairs, private use, tags.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ue000-\uf8ff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")

MAC_DIGITS = 12
TEXT_CAP = 1024
NAME_CAP = 80
HEX_MARK = "hex:"


def mac(text: str) -> str:
    """Return twelve lower-case hexadecimal digits, or an empty string where `text` is no EUI-48.

    Takes the notations devices print: `bc:ad:28:00:00:01`, `bcad-2800-0001`, `bcad.2800.0001`, `0:e0:fc:0:0:1`, `BCAD28000001`.
    """
    text = text.strip()
    if _SPLIT_OCTETS.match(text):
        return "".join(octet.zfill(2) for octet in re.split("[:-]", text)).lower()
    digits = _MAC_SEPARATORS.sub("", text)
    return digits.lower() if _HEX12.match(digits) else ""


def is_group(digits: str) -> bool:
    """Tell whether a MAC is a group address (IEEE 802: bit 0x01 of the first octet)."""
    return bool(int(digits[:2], 16) & 1)


def is_local(digits: str) -> bool:
    """Tell whether a MAC is locally administered, so that no registry speaks for it (IEEE 802: bit 0x02)."""
    return bool(int(digits[:2], 16) & 2)


def spelled(digits: str) -> str:
    """Return a MAC the way people read it, `bc:ad:28:00:00:01`."""
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def oid(text: str) -> str:
    """Return dotted decimal without a leading dot, or an empty string where `text` is no OBJECT IDENTIFIER."""
    text = text.strip()
    for prefix, number in (("iso.", "1."), ("SNMPv2-SMI::enterprises.", "1.3.6.1.4.1.")):
        if text.lstrip(".").startswith(prefix):
            text = number + text.lstrip(".")[len(prefix) :]
    return text.lstrip(".") if _OID.match(text) else ""


def under(child: str, parent: str) -> bool:
    """Tell whether one dotted OID is another or lies below it."""
    return child == parent or child.startswith(parent + ".")


def device_text(raw: bytes) -> str:
    """Return what a device sent as text; octets that are not UTF-8 become `hex:…`, trailing NULs go (SmartAX pads with them)."""
    trimmed = raw.rstrip(b"\0")
    try:
        return trimmed.decode("utf-8")
    except UnicodeDecodeError:
        return HEX_MARK + raw.hex()


def printable(text: str, cap: int = TEXT_CAP) -> str:
    """Return text that is safe to show: no control or bidirectional characters but newline and tab, at most `cap` long."""
    # str.isprintable is false for every character that has to go, and a hundred times as fast as asking each of them.
    if len(text) <= cap and text.isprintable():
        return text
    kept = "".join(char for char in text[: cap * 4] if _shows(char))
    return kept if len(kept) <= cap else kept[: cap - 1] + "…"


def harmless(text: str, kept: Iterable[str] = ()) -> str:
    """Return text of any length that steers no terminal: without control and bidirectional characters but newline and tab.

    Sequences in `kept` stay as they are.
    """
    if not kept:
        return _HARMFUL.sub("", text)
    apart = re.compile(f"({'|'.join(map(re.escape, kept))})")
    return "".join(part if number % 2 else _HARMFUL.sub("", part) for number, part in enumerate(apart.split(text)))


def one_line(text: str, cap: int = TEXT_CAP) -> str:
    """Return printable text folded into one line."""
    return " ".join(printable(text, cap).split())


def file_name(text: str) -> str:
    """Return a safe file name part: `[A-Za-z0-9._-]`, at most 80 characters, never `.` or `..` or empty."""
    name = _UNSAFE_NAME.sub("-", text)[:NAME_CAP].strip(".-")
    return name or "unnamed"


def serial(text: str) -> str:
    """Return a serial number without the padding devices add, or empty where it says nothing."""
    value = text.strip().strip("\0").strip()
    return "" if value.casefold() in {"", "n/a", "na", "none", "null", "unknown", "-", "--", "0"} else value


def pon_serial(text: str) -> str:
    """Return a terminal's GPON serial number as `HWTC0A0B0C17` (ITU-T G.984.3) from any spelling, or empty where it is none."""
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
