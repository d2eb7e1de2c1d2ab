"""Octets → text: UTF-8, UTF-16 with its mark, GB 18030 (Chinese Windows), else Latin-1."""

import codecs
import re

UTF8, UTF16, CHINESE, WESTERN = "utf-8-sig", "utf-16", "gb18030", "latin-1"
MARKS = (b"\xff\xfe", b"\xfe\xff")
SAMPLE = 1 << 20
_HIGH = re.compile(rb"[\x80-\xff]+")
_PAIRS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+\Z")
_FEW = 10


def charset(data: bytes, *, whole: bool = True) -> str:
    """Return the encoding of a text; not `whole`, it may end amid a character."""
    if data[:2] in MARKS:
        return UTF16
    if _fits(data, UTF8, whole=whole):
        return UTF8
    runs = _HIGH.findall(data, 0, SAMPLE)
    if runs and (data[SAMPLE - 1 : SAMPLE] >= b"\x80" or (not whole and data[-1:] >= b"\x80")):
        runs.pop()  # it may have lost half a pair where the sample ends
    # Chinese comes in pairs of high octets; an accented letter of a western language mostly stands alone.
    odd = sum(_PAIRS.match(run) is None for run in runs)
    return CHINESE if odd * _FEW <= len(runs) and _fits(data, CHINESE, whole=whole) else WESTERN


def decode(data: bytes, *, whole: bool = True) -> str:
    """Return text in whatever encoding it is in; a byte-order mark goes."""
    return data.decode(charset(data, whole=whole), "replace")


def _fits(data: bytes, name: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(data, whole)
    except UnicodeDecodeError:
        return False
    return True
