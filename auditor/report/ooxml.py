"""Workbooks as Office Open XML (ECMA-376), written a row at a time in constant memory.

It can write text, whole numbers, dates and times, and nothing else: there is no way to make it write a formula, a
link or a macro.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import chain, islice
from math import ceil
from typing import TypeAlias
from xml.sax.saxutils import escape

from auditor.formats.journal import stamp
from auditor.normal import one_line

Value: TypeAlias = str | int | date | datetime

CELL_CAP = 32_767
ROW_CAP = 1_048_576
CHUNK = 2_000
LEVEL = 3
LINE, HIGHEST = 15, 405  # points
SPARE = 1.15  # room that words which do not fit leave at the end of a line
WIDE = 50  # characters of a page that the lead columns leave to the others at least
PAGE_WIDTH = 150  # characters that a landscape A4 page holds at 8 points, a column at each edge cut off
PLAIN, HEAD, DAY, MOMENT, TITLE, WRAPPED = range(6)
_EPOCH = date(1899, 12, 30)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
# Excel reads `_x000D_` in a text as the character of that number; an underscore that would start one is itself
# escaped so.
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile(r"[&<>]|_x[0-9A-Fa-f]{4}_")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: rows under a header that stays in sight, filters and is printed on every page.

    Without a header it is a page of notes, opened by its `title`. `widths` are in characters, by column number from
    0; the first `lead` columns stay in sight too and open every page; `wraps` lets long texts go on below. Rows may
    be made while written.
    """

    name: str
    rows: Iterable[Sequence[Value]]
    head: Sequence[str] = ()
    title: str = ""
    widths: Mapping[int, float] = field(default_factory=dict)
    lead: int = 0
    wraps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What the workbook part has to know of a sheet that stands."""

    name: str
    filter_range: str
    lead: int


def book(sheets: Iterable[Sheet], *, title: str, created: datetime, rows_each: int = ROW_CAP) -> bytes:
    """Return a workbook; a sheet too long goes on in `Name (2)`; same input, same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as parts:
        parts_list = [_write(parts, number, sheet) for number, sheet in enumerate(_split(sheets, rows_each), 1)]
        for name, text in _frame(parts_list, one_line(title), created).items():
            parts.writestr(_entry(name), text)
    return out.getvalue()


def _split(sheets: Iterable[Sheet], rows_each: int) -> Iterator[Sheet]:
    for sheet in sheets:
        rows, number = iter(sheet.rows), 1
        while True:
            name = sheet.name if number == 1 else f"{sheet.name} ({number})"
            yield replace(sheet, name=name, rows=islice(rows, rows_each - 1))
            first = next(rows, None)
            if first is None:
                break
            rows, number = chain([first], rows), number + 1


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write(parts: zipfile.ZipFile, number: int, sheet: Sheet) -> _Written:
    last = 0
    with parts.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as part:
        part.write(_opening(sheet).encode())
        lines = _lines(sheet)
        while chunk := list(islice(lines, CHUNK)):
            part.write("".join(chunk).encode())
            last += len(chunk)
        filter_range = f"$A$1:${_column(len(sheet.head) - 1)}${max(last, 1)}" if sheet.head else ""
        part.write(_closing(filter_range.replace("$", ""), _pages(sheet)).encode())
    return _Written(name=sheet.name, filter_range=filter_range, lead=sheet.lead)


def _opening(sheet: Sheet) -> str:
    columns = "".join(
        f'<col min="{index + 1}" max="{index + 1}" width="{width}" customWidth="1"/>'
        for index, width in sorted(sheet.widths.items())
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0">{_pane(sheet)}</sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/>{f"<cols>{columns}</cols>" if columns else ""}<sheetData>'
    )


def _pane(sheet: Sheet) -> str:
    if not sheet.head:
        return ""
    columns = f'xSplit="{sheet.lead}" ' if sheet.lead else ""
    pane = "bottomRight" if sheet.lead else "bottomLeft"
    first = f"{_column(sheet.lead)}2"
    split = f'{columns}ySplit="1" topLeftCell="{first}" activePane="{pane}"'
    return f'<pane {split} state="frozen"/><selection pane="{pane}"/>'


def _pages(sheet: Sheet) -> int:
    """Return how many pages wide a sheet prints, so that its text has 8 points at least on A4."""
    lead = sum(width for index, width in sheet.widths.items() if index < sheet.lead)
    return max(1, ceil((sum(sheet.widths.values()) - lead) / max(PAGE_WIDTH - lead, WIDE)))


def _closing(filter_range: str, pages: int) -> str:
    auto_filter = f'<autoFilter ref="{filter_range}"/>' if filter_range else ""
    return (
        f"</sheetData>{auto_filter}"
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="9" orientation="landscape" fitToWidth="{pages}" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;L&amp;A&amp;CAn inventory, not legal advice&amp;RPage &amp;P of &amp;N"
        "</oddFooter></headerFooter></worksheet>"
    )


def _lines(sheet: Sheet) -> Iterator[str]:
    names = [_column(index) for index in range(len(sheet.head))]
    start = 1
    if sheet.head:
        cells = "".join(_text(f"{name}1", label, HEAD) for name, label in zip(names, sheet.head, strict=True))
        yield f'<row r="1"{_height(sheet, sheet.head)}>{cells}</row>'
        start = 2
    elif sheet.title:
        yield f'<row r="1">{_text("A1", sheet.title, TITLE)}</row>'
        start = 2
    style = WRAPPED if sheet.wraps else PLAIN
    for number, row in enumerate(sheet.rows, start):
        while len(names) < len(row):
            names.append(_column(len(names)))
        line = str(number)
        cells = "".join(
            [_cell(name + line, value, style) for name, value in zip(names, row, strict=False) if value != ""]
        )
        yield f'<row r="{line}"{_height(sheet, row)}>{cells}</row>'


def _height(sheet: Sheet, row: Sequence[Value]) -> str:
    """Return how high a row is whose texts wrap.

    Not every program works that out when it opens a file.
    """
    if not sheet.wraps:
        return ""
    lengths = [(len(value), sheet.widths.get(index, 0)) for index, value in enumerate(row) if isinstance(value, str)]
    lines = max((ceil(length * SPARE / width) for length, width in lengths if width), default=1)
    return f' ht="{min(HIGHEST, LINE * max(1, lines))}" customHeight="1"'


def _cell(place: str, value: Value, style: int) -> str:
    if isinstance(value, str):
        return _text(place, value, style)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        days = (moment.date() - _EPOCH).days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
        return f'<c r="{place}" s="{MOMENT}"><v>{days:.10g}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{DAY}"><v>{(value - _EPOCH).days}</v></c>'
    style_mark = f' s="{style}"' if style else ""
    return f'<c r="{place}"{style_mark}><v>{value}</v></c>'


def _text(place: str, text: str, style: int) -> str:
    style_mark = f' s="{style}"' if style else ""
    return f'<c r="{place}"{style_mark} t="inlineStr"><is><t>{inert(text)}</t></is></c>'


def inert(text: str) -> str:
    """Return a text as XML character data, short enough for a cell, shown letter by letter."""
    if len(text) > CELL_CAP or not text.isprintable():
        text = one_line(text, CELL_CAP)
    if not _SPECIAL.search(text):
        return text
    # Escaping makes a text longer; what counts against the cap is what is read back.
    return escape(_CODED.sub("_x005F_", text))


def _column(index: int) -> str:
    name = ""
    while index >= 0:
        name = chr(ord("A") + index % 26) + name
        index = index // 26 - 1
    return name


def _frame(sheets: Sequence[_Written], title: str, created: datetime) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<sheet name="{_attribute(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in zip(numbers, sheets, strict=True)
    )
    links = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    moment = stamp(created.replace(microsecond=0))
    return {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relationships(
            [("rId1", f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
             ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")]
        ),
        "docProps/core.xml": (
            f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{inert(title)}</dc:title>"
            f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
        ),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{overrides}</sheets>{_names(sheets)}</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _relationships(
            [*((name, f"{_OFFICE}/{kind}", target) for name, kind, target in links), ("rIdS", f"{_OFFICE}/styles",
            "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
    }  # fmt: skip


def _content_types(number: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{index}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for index in range(1, number + 1)
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>{sheets}'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        "</Types>"
    )


def _relationships(links: Iterable[tuple[str, str, str]]) -> str:
    inner = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in links)
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _names(sheets: Sequence[_Written]) -> str:
    chunks = []
    for index, sheet in enumerate(sheets):
        if sheet.filter_range:
            name = "'" + escape(sheet.name.replace("'", "''")) + "'"
            chunks.append(
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
                f"{name}!{sheet.filter_range}</definedName>"
            )
            columns = f"{name}!$A:${_column(sheet.lead - 1)}," if sheet.lead else ""
            titles = f"{columns}{name}!$1:$1"
            chunks.append(f'<definedName name="_xlnm.Print_Titles" localSheetId="{index}">{titles}</definedName>')
    return f"<definedNames>{''.join(chunks)}</definedNames>" if chunks else ""


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


_TOP, _WRAP = '<alignment vertical="top"/>', '<alignment vertical="top" wrapText="1"/>'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="14"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFEEF1F4"/><bgColor indexed="64"/></patternFill>'
    "</fill></fills>"
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top/><bottom style="thin"><color rgb="FF8A929B"/></bottom><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">{_TOP}</xf>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" '
    f'applyAlignment="1">{_WRAP}</xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
    f'applyAlignment="1">{_TOP}</xf>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
    f'applyAlignment="1">{_TOP}</xf>'
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    f'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">{_WRAP}</xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
