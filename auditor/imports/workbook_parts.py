"""The parts of a workbook (ECMA-376), under caps: its sheets, its strings, its dates."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree as ET  # a part that could define an entity is refused before it is parsed

from auditor.errors import InputError
from auditor.imports.source import HARMLESS, SWELLS, SourceFile

CAP = 256 << 20
COLUMNS = 1024
SHEETS = 256
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - days of the calendar, in no zone
LAST_DAY = 2_958_465  # 9999-12-31
_FOREIGN = re.compile(rb"<!DOCTYPE|<!ENTITY|\A<\?xml[^>]*encoding=.(?!utf-8)", re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_DATES = frozenset(
    {"14", "15", "16", "17", "22"}
)  # numFmtId of the built-in formats with a date (ECMA-376 part 1, 18.8.30)
_DATE_FORMAT = re.compile(r"[ymd]{2}", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
BROKEN = (
    zipfile.BadZipFile, KeyError, ValueError, ET.ParseError, NotImplementedError, RuntimeError, EOFError, zlib.error,
)  # fmt: skip


@dataclass(slots=True)
class Workbook:
    """What a workbook's cells refer to, what was odd, what was left unread."""

    strings: list[str] = field(default_factory=list)
    dates: frozenset[int] = frozenset()
    epoch: datetime = EPOCH_1900
    odd: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def sheets(source: SourceFile, book: Workbook) -> Iterator[tuple[str, bytes]]:
    """Yield name and XML of each sheet; `book` learns what cells refer to (`InputError`)."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            for name, part in _open(archive, source, book):
                yield name, _data(archive, part, source)
    except BROKEN as exc:
        why = exc.args[0] if exc.args else "it ends too early"
        raise InputError(f"is no workbook that can be read: {why}", where=str(source.path)) from None
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=str(source.path)) from None


def _open(archive: zipfile.ZipFile, source: SourceFile, book: Workbook) -> list[tuple[str, str]]:
    """Take note of what cells refer to; return each sheet's name and part."""
    names, links, sheets = set(archive.namelist()), {}, []
    for node in _part(archive, "xl/_rels/workbook.xml.rels", source):
        links[node.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", node.get("Target", ""))).lstrip("/")
    if "xl/sharedStrings.xml" in names:
        book.strings = [text_of(node) for node in _part(archive, "xl/sharedStrings.xml", source)]
    if "xl/styles.xml" in names:
        book.dates = frozenset(_date_styles(_part(archive, "xl/styles.xml", source)))
    for node in _part(archive, "xl/workbook.xml", source).iter():
        if tag(node) == "workbookPr" and node.get("date1904") in {"1", "true"}:
            book.epoch = EPOCH_1904
        if tag(node) == "sheet":
            link = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            sheets.append((node.get("name", ""), links[link]))
    tables = [(name, part) for name, part in sheets if "worksheets/" in part]
    if len(tables) > SHEETS:
        book.left.append(f"{len(tables) - SHEETS} sheets beyond the first {SHEETS} were not read")
    return tables[:SHEETS]


def _part(archive: zipfile.ZipFile, name: str, source: SourceFile) -> ET.Element:
    return ET.fromstring(_data(archive, name, source))  # noqa: S314 - no document type, so no entity


def _data(archive: zipfile.ZipFile, name: str, source: SourceFile) -> bytes:
    """Return one part of the archive, under a cap; what could define an entity is refused."""
    info = archive.getinfo(name)
    if info.file_size > CAP or info.file_size > max(HARMLESS, SWELLS * source.path.stat().st_size):
        raise ValueError(f"{name} unpacks to {info.file_size >> 20} MB")
    with archive.open(info) as stream:
        data = stream.read(info.file_size + 1).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.startswith(b"<") or _FOREIGN.search(data):
        raise ValueError(f"{name} is not the XML a workbook has")
    return data


def _date_styles(styles: ET.Element) -> Iterator[int]:
    """Yield the numbers of the cell styles that show a number as a date."""
    own = {node.get("numFmtId", ""): node.get("formatCode", "") for node in styles.iter() if tag(node) == "numFmt"}
    formats = _DATES | {key for key, code in own.items() if _DATE_FORMAT.search(_QUOTED.sub("", code))}
    for group in styles:
        if tag(group) == "cellXfs":
            yield from (index for index, node in enumerate(group) if node.get("numFmtId") in formats)


def text_of(node: ET.Element) -> str:
    """Return the text of a string with its runs of formats, without its phonetic reading."""
    parts = [child for child in node if tag(child) in {"t", "r"}]
    return "".join((leaf.text or "") for part in parts for leaf in part.iter() if tag(leaf) == "t")


def place_of(ref: str) -> tuple[int, int] | None:
    """Return the row from 1 and the column from 0 of a cell such as B7, or nothing."""
    match = _CELL.match(ref)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def tag(node: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]
