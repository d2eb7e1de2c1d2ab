"""Optical line terminals: the boards in them and the terminals behind them, whose serial numbers name their maker."""

import re
from collections.abc import Iterator

from auditor.model import Fact
from auditor.parse.cli.text import lines

_VENDOR_DIGITS = 8
# ITU-T G.984.3: four letters of the vendor, then eight hexadecimal digits; many CLIs print the letters in hexadecimal too.
_SERIAL = re.compile(
    r"(?<![\w])(?:(?P<letters>[A-Z]{4})[- ]?(?P<digits>[0-9A-Fa-f]{8})|(?P<hex>[0-9A-Fa-f]{16}))(?![\w])"
)
_BOARD = re.compile(
    r"[ \t]{0,12}(\d{1,2})[ \t]{1,12}([A-Z][A-Z0-9]{3,12})[ \t]{1,12}(?:\w*normal|\w*failed|prohibit\w*)\b[^\n]*",
    re.IGNORECASE,
)


def terminals(command: str, text: str) -> Iterator[Fact]:
    """Yield the GPON serial number of each terminal an OLT lists, once each; they are told of the terminal, not of the OLT."""
    told: set[str] = set()
    for line in lines(text):
        for match in _SERIAL.finditer(line):
            if (serial := _serial(match)) and serial not in told:
                told.add(serial)
                yield Fact(kind="gpon.serial", value=serial, where=command, about=f"gpon:{serial}")


def own_serial(command: str, text: str) -> Iterator[Fact]:
    """Yield the GPON serial number a terminal prints of itself."""
    for fact in terminals(command, text):
        yield Fact(kind=fact.kind, value=fact.value, where=command)
        return


def boards(command: str, text: str) -> Iterator[Fact]:
    """Yield the boards of a SmartAX, `display board 0`: slot, name, state."""
    for line in lines(text):
        if match := _BOARD.fullmatch(line):
            yield Fact(kind="entity.model", value=match[2], where=command, about=f"part:slot {match[1]}")


def _serial(match: "re.Match[str]") -> str:
    """Return `HWTCA1B2C3D4` from any spelling, or nothing where the first four octets are no letters."""
    if match["letters"]:
        return match["letters"] + match["digits"].upper()
    letters = bytes.fromhex(match["hex"][:_VENDOR_DIGITS]).decode("latin-1")
    if letters.isascii() and letters.isalpha() and letters.isupper():
        return letters + match["hex"][_VENDOR_DIGITS:].upper()
    return ""
