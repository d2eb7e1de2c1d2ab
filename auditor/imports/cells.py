"""Cells of tables → what they hold: blanks, addresses, MACs, days, spoilt numbers."""

import re
import unicodedata
from datetime import date
from ipaddress import ip_address

from auditor import normal
from auditor.imports.columns import is_blank

VALUE_CAP = 16_384
MAC_CAP = 1024
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_MONTHS = 12
_NOTHING = dict.fromkeys(map(ord, "\0\xad\u200b\u200c\u200d\u2060\ufeff"))
_BLANKS = dict.fromkeys(
    map(ord, "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
_ODD = {**_NOTHING, **_BLANKS}
_SPLIT = re.compile(r"[,;\s]+")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\Z", re.ASCII)
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}://(?:[^/@\s]{0,200}@)?", re.IGNORECASE)
_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]+):[0-9]{1,5}\Z", re.ASCII)
_PADDED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z", re.ASCII)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:[0-9A-Fa-f]{1,2}([:\-])(?:[0-9A-Fa-f]{1,2}\1){4,6}[0-9A-Fa-f]{1,2}"
    r"|[0-9A-Fa-f]{4}([.\-:])[0-9A-Fa-f]{4}\2[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}[-:][0-9A-Fa-f]{6}"
    r"|[0-9A-Fa-f]{12})(?![0-9A-Za-z])"
)
_CLIENT = 7  # octets of a client identifier of DHCP: the type of hardware, 1 for Ethernet, and a MAC (RFC 2132, 9.14)
_SPOILT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{2}\Z", re.IGNORECASE | re.ASCII)
_YEAR_FIRST = re.compile(
    r"((?:19|20)\d\d)(?:[-/.年 ]{1,2}(\d{1,2})(?:[-/.月 ]{1,2}(\d{1,2})日?)?月?|(\d\d)(\d\d))(?:[T ]\d.*)?\Z", re.ASCII
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ]{1,2})(\d{1,2})[-/. ]{1,2}((?:19|20)\d\d)(?: \d.*)?\Z", re.ASCII)
_NAMED = re.compile(
    r"(?:(\d{1,2})[-/. ]*)?([A-Za-z]{3})[a-z]*[-/., ]*(?:(\d{1,2})(?:st|nd|rd|th)?,? +)?((?:19|20)\d\d)\Z", re.ASCII
)


def collapse(text: str) -> str:
    """Return a cell with each blank as a space, without padding or zero-width marks."""
    if not text.isascii() or "\0" in text:
        text = text[: VALUE_CAP * 2].translate(_ODD)
    return text.strip()[:VALUE_CAP]


def clean(value: str) -> str:
    """Return a cell without padding, or empty where it only says that nothing is known."""
    text = collapse(value)
    return "" if not text or is_blank(text) else text


def address_of(text: str) -> str:
    """Return a cell's first address or host name; 0.0.0.0 and prose are none."""
    text = text.strip() if text.isascii() else unicodedata.normalize("NFKC", text.strip())
    word = _SPLIT.split(_URL.sub("", text, count=1), maxsplit=1)[0].partition("/")[0] if text else ""
    # The only colon of a word, or one behind brackets, has a port after it; an address of IPv6 has more.
    if (word.startswith("[") or word.count(":") == 1) and (match := _PORT.match(word)):
        word = match[1]
    bare = word.strip("()[]").partition("%")[0]
    if _PADDED.match(bare):
        bare = ".".join(str(int(part)) for part in bare.split("."))
    try:
        address = ip_address(bare)
    except ValueError:
        return word if _HOST.match(word) and not word.isdecimal() and len(_SPLIT.split(text)) == 1 else ""
    return "" if address.is_unspecified else str(address)


def macs_of(text: str) -> list[str]:
    """Return the MACs of a cell of MACs as written; one that is whole a MAC is one."""
    if normal.mac(text):
        return [text]
    macs = {normal.mac(one): one for one in map(_mac, _MAC.finditer(text[:MAC_CAP])) if normal.mac(one)}
    return list(macs.values())


def may_be_mac(text: str) -> bool:
    """Tell whether a cell is written like one MAC; twelve digits may be a bar code."""
    return _MAC.fullmatch(text.strip()) is not None and bool(normal.mac(text))


def is_mac(text: str) -> bool:
    """Tell whether a cell of an unnamed column is surely a MAC, no bar code or time."""
    return may_be_mac(text) and not text.strip().isdecimal()


def day_of(text: str) -> str:
    """Return a day as ISO 8601, a month without a day, empty where ambiguous or none."""
    if match := _YEAR_FIRST.match(text):
        return _iso(match[1], match[2] or match[4] or "", match[3] or match[5] or "")
    if match := _YEAR_LAST.match(text):
        first, second = match[1], match[3]
        if "." in match[2] or int(first) > _MOST_MONTHS or first == second:
            return _iso(match[4], second, first)
        return _iso(match[4], first, second) if int(second) > _MOST_MONTHS else ""
    if (match := _NAMED.match(text)) and match[2].casefold() in MONTHS:
        return _iso(match[4], str(MONTHS.index(match[2].casefold()) + 1), match[1] or match[3] or "")
    return ""


def is_spoilt(text: str) -> bool:
    """Tell whether a spreadsheet lost a long number's last digits, `2.10235E+19`."""
    return _SPOILT.match(text) is not None


def _mac(match: re.Match[str]) -> str:
    """Return the MAC of a match, without a client identifier's type of hardware."""
    parts = re.split("[:-]", match.group())
    return match.group()[len(parts[0]) + 1 :] if len(parts) == _CLIENT and int(parts[0], 16) == 1 else match.group()


def _iso(year: str, month: str, day: str) -> str:
    try:
        match = date(int(year), int(month), int(day or 1)).isoformat()
    except ValueError:
        return ""
    return match if day else match[:7]
