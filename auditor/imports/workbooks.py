"""Workbooks (`.xlsx`, ECMA-376): each sheet with a header, read like CSV.

No formula is computed. On 100,000 rows of ten cells python-calamine 0.9 takes a third of the time, and ends the whole
process at one cell in the last column; openpyxl 3.1 takes five times as long and sees no merged cells.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from xml.etree import ElementTree as ET  # a part that could define an entity is refused before it is parsed

from auditor import normal
from auditor.errors import InputError
from auditor.imports import spreadsheets
from auditor.imports.rows import Rows
from auditor.imports.source import HARMLESS, SWELLS, SourceFile
from auditor.model import Record

CAP = 256 << 20
COLUMNS = 1024
SHEETS = 256
MERGED = 1_000_000  # cells a hostile workbook may have us fill in
DIGITS = 15  # a number in a workbook keeps no more
LAST_DAY = 2_958_465  # 9999-12-31
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - days of the calendar, in no zone
_FOREIGN = re.compile(rb"<!DOCTYPE|<!ENTITY|\A<\?xml[^>]*encoding=.(?!utf-8)", re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_DATES = frozenset(
    {"14", "15", "16", "17", "22"}
)  # numFmtId of the built-in formats with a date (ECMA-376 part 1, 18.8.30)
_DATE_FORMAT = re.compile(r"[ymd]{2}", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BROKEN = (
    zipfile.BadZipFile, KeyError, ValueError, ET.ParseError, NotImplementedError, RuntimeError, EOFError, zlib.error,
)  # fmt: skip

Sheet = dict[int, dict[int, str]]


@dataclass(slots=True)
class Workbook:
    """What a workbook's cells refer to, what was odd, what was left unread."""

    strings: list[str] = field(default_factory=list)
    dates: frozenset[int] = frozenset()
    epoch: datetime = EPOCH_1900
    odd: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield one observation a row of every sheet with a header; sheets without one are told."""
    rows, sheets, book = Rows(source), 0, Workbook()
    try:
        with zipfile.ZipFile(source.path) as archive:
            for name, part in _open(archive, source, book):
                sheets += yield from _rows(source, name, _sheet(_data(archive, part, source), book), rows)
    except _BROKEN as exc:
        why = exc.args[0] if exc.args else "it ends too early"
        raise InputError(f"is no workbook that can be read: {why}", where=str(source.path)) from None
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=str(source.path)) from None
    if not sheets:
        raise InputError(f"no sheet names a column this tool knows ({spreadsheets.KNOWN})", where=str(source.path))
    yield from rows.close()
    more = [f"{len(book.odd) - 1} more such cells"] if len(book.odd) > 1 else []
    yield from source.partial([*book.odd[:1], *more, *book.left], "inventory")


def _rows(source: SourceFile, name: str, table: Sheet, rows: Rows) -> Generator[Record, None, bool]:
    """Yield what the rows of a sheet say; return whether it has a header at all."""
    title = f"sheet '{normal.one_line(name, 40)}' "
    numbers = sorted(table)
    for number in islice(numbers, spreadsheets.TITLE_LINES):
        header = spreadsheets.header_of(_cells(table[number]), number, below=_cells(table.get(number + 1, {})))
        if header is not None:
            lines = ((row, _cells(table[row])) for row in numbers if row > number)
            yield from spreadsheets.table(source, header, lines, rows, title)
            return True
    if table:
        source.warn(f"{source.path}: {title}names no column this tool knows, passed over")
    return False


def _cells(row: Mapping[int, str]) -> list[str]:
    return [row.get(index, "") for index in range(max(row, default=-1) + 1)]


def _open(archive: zipfile.ZipFile, source: SourceFile, book: Workbook) -> list[tuple[str, str]]:
    """Take note of what cells refer to; return each sheet's name and part."""
    names, links, sheets = set(archive.namelist()), {}, []
    for node in _part(archive, "xl/_rels/workbook.xml.rels", source):
        links[node.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", node.get("Target", ""))).lstrip("/")
    if "xl/sharedStrings.xml" in names:
        book.strings = [_text(node) for node in _part(archive, "xl/sharedStrings.xml", source)]
    if "xl/styles.xml" in names:
        book.dates = frozenset(_date_styles(_part(archive, "xl/styles.xml", source)))
    for node in _part(archive, "xl/workbook.xml", source).iter():
        if _tag(node) == "workbookPr" and node.get("date1904") in {"1", "true"}:
            book.epoch = EPOCH_1904
        if _tag(node) == "sheet":
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
    own = {node.get("numFmtId", ""): node.get("formatCode", "") for node in styles.iter() if _tag(node) == "numFmt"}
    formats = _DATES | {key for key, code in own.items() if _DATE_FORMAT.search(_QUOTED.sub("", code))}
    for group in styles:
        if _tag(group) == "cellXfs":
            yield from (index for index, node in enumerate(group) if node.get("numFmtId") in formats)


def _sheet(data: bytes, book: Workbook) -> Sheet:
    """Return a sheet's cells by row from 1 and column from 0; merged ones in each row."""
    table: Sheet = {}
    budget = MERGED
    for _event, node in ET.iterparse(io.BytesIO(data)):  # noqa: S314 - no document type, so no entity
        if _tag(node) == "c" and (place := _place(node.get("r", ""))) and (value := _value(node, book)):
            if place[1] < COLUMNS:
                table.setdefault(place[0], {})[place[1]] = value
        elif _tag(node) == "row":
            node.clear()
        elif _tag(node) == "mergeCell":
            budget -= _unmerge(table, node.get("ref", ""), budget)
    return table


def _unmerge(table: Sheet, ref: str, budget: int) -> int:
    """Write a merged cell into its column's rows; return how many rows were gone through."""
    first, _, last = ref.partition(":")
    start, end = _place(first), _place(last)
    if start is None or end is None or start[1] != end[1] or not (value := table.get(start[0], {}).get(start[1])):
        return 0
    rows = range(start[0] + 1, min(end[0], start[0] + budget) + 1)
    for row in rows:
        if row in table:
            table[row].setdefault(start[1], value)
    return len(rows)


def _value(node: ET.Element, book: Workbook) -> str:
    """Return what a cell shows; an error such as #N/A shows nothing."""
    sort = node.get("t", "n")
    parts = {_tag(child): child for child in node}
    if "is" in parts:
        return _text(parts["is"])
    raw = (parts["v"].text or "") if "v" in parts else ""
    if not raw and "f" in parts:
        book.odd.append(f"cell {node.get('r')} is a formula without a value; open the workbook and save it")
    if sort == "s":
        return book.strings[int(raw)] if raw.isdecimal() and int(raw[:9]) < len(book.strings) else ""
    if sort == "n" and raw:
        return _number(raw, node, book)
    return "" if sort == "e" else raw


def _number(raw: str, node: ET.Element, book: Workbook) -> str:
    """Return a number as shown: a date by its style, no exponent; lost digits are told."""
    style = node.get("s", "")
    try:
        number = Decimal(raw[:40])
        if style.isdecimal() and int(style[:9]) in book.dates and 0 < number <= LAST_DAY:
            return (book.epoch + timedelta(days=int(number))).date().isoformat()
        text = format(number, "f") if abs(number.adjusted()) < DIGITS * 2 else raw
    except (InvalidOperation, ValueError, OverflowError):
        return raw
    if len(text.partition(".")[0].lstrip("-")) > DIGITS:
        message = f"cell {node.get('r')} holds {text} as a number, whose last digits are lost"
        book.odd.append(f"{message}; keep serial numbers as text")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(node: ET.Element) -> str:
    """Return the text of a string with its runs of formats, without its phonetic reading."""
    parts = [child for child in node if _tag(child) in {"t", "r"}]
    return "".join((leaf.text or "") for part in parts for leaf in part.iter() if _tag(leaf) == "t")


def _place(ref: str) -> tuple[int, int] | None:
    match = _CELL.match(ref)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def _tag(node: ET.Element) -> str:
    return str(node.tag).rpartition("}")[2]
