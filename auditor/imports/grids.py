"""Tables that a person filled in: cells by their places and sorts, from XLSX or CSV."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET  # a part that could define an entity is refused before it is parsed

from auditor.errors import InputError
from auditor.imports.cells import collapse
from auditor.imports.source import SourceFile
from auditor.imports.workbook_parts import BROKEN, COLUMNS, LAST_DAY, Workbook, place_of, sheets, tag, text_of

CAP = 64 << 20
CELLS = 1_000_000
DIGITS = 15  # a number in a workbook keeps no more
SEPARATORS = ",;\t|"
TEXT, NUMBER, DAY, FLAG, ERROR, UNCOMPUTED, MERGED = ["text", "number", "day", "flag", "error", "uncomputed", "merged"]
_ZIP, _OLD, _LINE_CAP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", 1 << 20
_UNESCAPED = re.compile(r"_x005F_")


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: its place such as B7, what it shows, its sort; `day` is a number read as a day."""

    place: str
    text: str
    sort: str = TEXT
    day: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a workbook, or a CSV: cells by row from 1 and column from 0."""

    name: str
    rows: Mapping[int, Mapping[int, GridCell]] = field(default_factory=dict)


def grids(source: SourceFile) -> Iterator[Grid]:
    """Yield the sheets of a workbook or the table of a CSV; all else is an `InputError`."""
    start = source.beginning(8)
    if start.startswith(_OLD):
        raise InputError("is a workbook of an old format (.xls); save it as .xlsx or .csv", where=str(source.path))
    if not start.startswith(_ZIP):
        yield _csv(source)
        return
    if source.path.suffix.casefold() == ".ods":
        raise InputError("is an OpenDocument sheet; save it as .xlsx or .csv", where=str(source.path))
    book, left = Workbook(), CELLS
    for name, data in sheets(source, book):
        try:
            grid = Grid(name, _sheet(data, book, left))
        except BROKEN as exc:
            raise InputError(f"is no workbook that can be read: {exc}", where=str(source.path)) from None
        left -= sum(map(len, grid.rows.values()))
        yield grid


def _csv(source: SourceFile) -> Grid:
    text = source.text(CAP)
    if "\0" in text:
        raise InputError("is neither a workbook (.xlsx) nor a CSV", where=str(source.path))
    first = next((line for line in text.splitlines() if any(map(line.count, SEPARATORS))), "")
    csv.field_size_limit(_LINE_CAP)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True)
    rows: dict[int, dict[int, GridCell]] = {}
    try:
        for number, cells in enumerate(lines, 1):
            texts = ((index, _visible(cell)) for index, cell in enumerate(cells[:COLUMNS]))
            rows[number] = {index: GridCell(f"{letters(index)}{number}", text) for index, text in texts if text}
    except csv.Error as exc:
        raise InputError(f"is no CSV: {exc}", where=f"{source.path}: line {lines.line_num}") from None
    return Grid(source.path.name, rows)


def _visible(cell: str) -> str:
    """Return a cell of a CSV without the quote before what would be a formula."""
    text = collapse(cell)
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text


def letters(index: int) -> str:
    """Return the name of a column by its number from 0, as spreadsheets call it."""
    name = ""
    while index >= 0:
        name, index = chr(ord("A") + index % 26) + name, index // 26 - 1
    return name


def _sheet(data: bytes, book: Workbook, most: int) -> dict[int, dict[int, GridCell]]:
    table: dict[int, dict[int, GridCell]] = {}
    count = 0
    for _event, node in ET.iterparse(io.BytesIO(data)):  # noqa: S314 - no document type, so no entity
        if tag(node) == "c" and (place := place_of(node.get("r", ""))) and (cell := _cell(node, book)):
            count += 1
            if count > most:
                raise ValueError(f"it has more than {CELLS:,} cells")
            if place[1] < COLUMNS:
                table.setdefault(place[0], {})[place[1]] = cell
        elif tag(node) == "row":
            node.clear()
        elif tag(node) == "mergeCell":
            _unmerge(table, node.get("ref", ""))
    return table


def _unmerge(table: dict[int, dict[int, GridCell]], ref: str) -> None:
    """Write a merged cell into the rows it covers; the further columns say that they are merged."""
    first, _, last = ref.partition(":")
    start, end = place_of(first), place_of(last)
    if start is None or end is None or start[1] > end[1] or not (cell := table.get(start[0], {}).get(start[1])):
        return
    for row in [number for number in table if start[0] <= number <= end[0]]:
        for column in range(start[1], min(end[1], COLUMNS - 1) + 1):
            place = f"{letters(column)}{row}"
            if column > start[1]:
                table[row][column] = GridCell(place, ref, MERGED)
            elif row > start[0]:
                table[row][column] = replace(cell, place=place)


def _cell(node: ET.Element, book: Workbook) -> GridCell | None:
    """Return what a cell holds, or nothing where it is empty; a formula is what it last came to."""
    place, sort = node.get("r", ""), node.get("t", "n")
    parts = {tag(child): child for child in node}
    if "is" in parts:
        return _text(place, text_of(parts["is"]))
    raw = (parts["v"].text or "") if "v" in parts else ""
    if not raw:
        return GridCell(place, "", UNCOMPUTED) if "f" in parts else None
    if sort == "s":
        number = int(raw[:9]) if raw.isdecimal() else len(book.strings)
        return _text(place, book.strings[number]) if number < len(book.strings) else None
    if sort == "n":
        return _number(place, raw, node.get("s", ""), book)
    if sort == "b":
        return GridCell(place, "yes" if raw == "1" else "no", FLAG)
    return GridCell(place, raw, ERROR) if sort == "e" else _text(place, raw)


def _text(place: str, text: str) -> GridCell | None:
    visible = collapse(_UNESCAPED.sub("_", text))
    return GridCell(place, visible) if visible else None


def _number(place: str, raw: str, style: str, book: Workbook) -> GridCell:
    """Return a number as it is kept: without an exponent, a day by its style or only perhaps."""
    try:
        number = Decimal(repr(float(raw[:40])))
        text = format(number.normalize(), "f") if abs(number.adjusted()) < DIGITS * 2 else raw
    except (InvalidOperation, ValueError, OverflowError):
        return GridCell(place, raw, ERROR)
    day = _day(number, book)
    is_day = bool(day) and style.isdecimal() and int(style[:9]) in book.dates
    return GridCell(place, day if is_day else text, DAY if is_day else NUMBER, day)


def _day(number: Decimal, book: Workbook) -> str:
    try:
        return (book.epoch + timedelta(days=int(number))).date().isoformat() if 0 < number <= LAST_DAY else ""
    except OverflowError:
        return ""
