"""Optical line terminals: their boards, and the terminals whose serials name their maker."""

import re
from collections.abc import Iterator

from auditor import normal
from auditor.model import Fact, about_ont, about_part
from auditor.parse.cells import cell_facts
from auditor.parse.cli.text import lines

# ITU-T G.984.3: four letters of the vendor, then eight hexadecimal digits; many CLIs print the letters so too.
_SERIAL = re.compile(r"(?<![\w])(?:[A-Z]{4}[- ]?[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})(?![\w])")
_ROW = re.compile(r"[ \t]{0,8}(\d{1,2})/ ?(\d{1,3})/ ?(\d{1,3})[ \t]{1,12}(\d{1,4})\b")
_SHORT_ROW = re.compile(r"[ \t]{0,8}(\d{1,4})[ \t]")
_ONU_ROW = re.compile(r"\bg?pon[-_]onu[-_](\d{1,2}/\d{1,3}/\d{1,3}):(\d{1,4})\b")
_PORT = re.compile(r"(?:In port|F/S/P[ \t]{0,30}:) ?(?P<at>\d{1,2}/ ?\d{1,3}/ ?\d{1,3})")
_NUMBER = re.compile(r"[ \t]{0,8}ONT-?ID[ \t]{0,30}:[ \t]{0,8}(\d{1,4})[ \t]{0,8}", re.IGNORECASE)
_BOARD = re.compile(
    r"[ \t]{0,12}(\d{1,2})[ \t]{1,12}([A-Z][A-Z0-9]{3,12})[ \t]{1,12}(?:\w*normal|\w*failed|prohibit\w*)\b[^\n]*",
    re.IGNORECASE,
)
_BOARD_SERIAL = re.compile(
    r"[ \t]{0,12}(\d{1,2})[ \t]{1,20}([A-Z][A-Z0-9]{3,12})[ \t]{1,20}([A-Z0-9]{10,24})[ \t]{0,20}"
)


def terminals(command: str, text: str) -> Iterator[Fact]:
    """Yield serial number and PON port of each terminal an OLT lists; facts about the terminal."""
    serials: set[str] = set()
    port = number = ""
    for line in lines(text):
        if match := _PORT.search(line):
            port, number = "/".join(match["at"].replace(" ", "").split("/")), ""
        if match := _NUMBER.fullmatch(line):
            number = match[1]
        for match in _SERIAL.finditer(line):
            if (serial := normal.pon_serial(match[0])) and serial not in serials:
                serials.add(serial)
                at = _at(line[: match.start()], port, number)
                yield from cell_facts(command, about_ont(serial), ("gpon.serial", serial), ("gpon.port", at))


def _at(before: str, port: str, number: str) -> str:
    """Return PON port and number of a terminal: from its row, else from the list's heading."""
    if row := _ONU_ROW.search(before):
        return f"{row[1]} ONT {row[2]}"
    if row := _ROW.match(before):
        return f"{row[1]}/{row[2]}/{row[3]} ONT {row[4]}"
    short = _SHORT_ROW.match(before)
    number = short[1] if short else number
    return f"{port} ONT {number}" if port and number else port


def own_serial(command: str, text: str) -> Iterator[Fact]:
    """Yield the GPON serial number a terminal prints of itself."""
    for fact in terminals(command, text):
        yield Fact(kind=fact.kind, value=fact.value, where=command)
        return


def boards(command: str, text: str) -> Iterator[Fact]:
    """Yield the boards of a SmartAX, `display board 0`: slot, name, state."""
    for line in lines(text):
        if match := _BOARD.fullmatch(line):
            yield Fact(kind="entity.model", value=match[2], where=command, about=about_part(f"slot {match[1]}"))


def board_serials(command: str, text: str) -> Iterator[Fact]:
    """Yield name and serial number of the boards of a SmartAX, `display board serial-number 0`."""
    for line in lines(text):
        if match := _BOARD_SERIAL.fullmatch(line):
            about = about_part(f"slot {match[1]}")
            yield from cell_facts(command, about, ("entity.model", match[2]), ("entity.serial", match[3]))
