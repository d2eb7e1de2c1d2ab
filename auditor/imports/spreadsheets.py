"""Inventories as CSV: the header is looked for, columns known by name, a device a row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports import reporters
from auditor.imports.cells import clean, collapse, is_mac, may_be_mac
from auditor.imports.columns import MAC, Decoded, decoders_of, is_header, is_sort, is_total, map_columns, plain, shipped
from auditor.imports.reporters import Reports, ReportShape
from auditor.imports.rows import Rows
from auditor.imports.source import SourceFile
from auditor.model import OURS, SAID_BY, Reason, Record

CAP = 256 << 20
WIDEST = 1 << 20
TITLE_LINES = 40  # element managers put a title, a date and a user's name above their tables
PEEK = 2000  # rows that are looked at before the first is read, to see what columns hold
MARKUP = ("{", "[", "<")  # what JSON and XML begin with, whatever commas they have
SEPARATORS = ",;\t|"
KNOWN = "ip, mac, vendor, model, serial, site, name, firmware, description"
SHOWN = 40
# Of several columns of these kinds every one is taken; of the others the closest that says something in a row.
MANY = frozenset(
    {
        MAC,
        "inventory.vendor",
        "inventory.model",
        "inventory.firmware",
        "inventory.description",
        "inventory.place",
        "address",
        "said_by",
    }
)
PLUGGED = ("reporter", "fdb.port", "interface", "fdb.vlan")  # where a device of an inventory is plugged in
FILED = ("(OFFICIAL)", "(DERIVED)")  # how the columns of our filings end
TOTAL = "sums up others and is no device, passed over"
SINGLE = "holds a single cell and is no device, passed over"
AGAIN = "repeats the titles of the table, passed over"
SILENT = "says nothing in a column this tool knows, passed over"

_HOST = re.compile(r"\A\S*[\d._:-]\S*\Z")  # the name of one device, where a heading would be a word or several

Line = tuple[int, Sequence[str]]
Values = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a table begins: line, separator, titles; what columns hold and rows decode.

    `sorts` are columns that name the sort of a device, `items` those of names that may be models, `others` is set where
    a table is about others than whoever wrote it.
    """

    line: int
    separator: str
    titles: tuple[str, ...]
    columns: Mapping[int, str]
    decoders: tuple[Decoded, ...] = ()
    sorts: frozenset[int] = frozenset()
    others: ReportShape | None = None
    items: frozenset[int] = frozenset()

    def over(self, rows: Sequence[Sequence[str]]) -> "Header":
        """Return the header with what first rows show: unnamed MACs, models, the subject."""
        columns = dict(self.columns) | dict.fromkeys(_unnamed_macs(self, rows), MAC)
        devices = [] if "inventory.model" in columns.values() else _devices(self)
        columns |= dict.fromkeys((index for index in devices if _is_of_models(self, index, rows)), "inventory.model")
        items = frozenset(index for index in devices if columns[index] == "inventory.name")
        return replace(self, columns=columns, items=items, others=reporters.shape(columns, rows, self.sorts))


def read(source: SourceFile) -> Iterator[Record]:
    """Yield one observation a row; columns nobody knows are passed over and named in a warning."""
    csv.field_size_limit(WIDEST)
    text = source.text(CAP)
    header = find_header(text)
    if header is None:
        raise InputError(
            f"names no column this tool knows ({KNOWN}) in its first {TITLE_LINES} lines", where=str(source.path)
        )
    stream = io.StringIO(text, newline="")
    for _title in range(header.line):
        stream.readline()
    rows = Rows(source)
    yield from table(source, header, _lines(source, header, stream), rows)
    yield from rows.close()


def table(source: SourceFile, header: Header, lines: Iterable[Line], rows: Rows, sheet: str = "") -> Iterator[Record]:
    """Yield what the rows below a header say; another header further down begins another table."""
    stream: Iterator[Line] = ((number, [*map(collapse, cells)]) for number, cells in lines)
    following = [header]
    while following:
        start, lookahead = following.pop(), list(islice(stream, PEEK))
        own = [cells for number, cells in lookahead if _next_header(start, (number, cells)) is None]
        over = start.over(own)
        _warn_unknown(source, over, sheet)
        stream = chain(lookahead, stream)
        yield from _section(over, stream, rows, sheet, following)


def _section(
    header: Header, stream: Iterator[Line], rows: Rows, sheet: str, following: list[Header]
) -> Iterator[Record]:
    """Yield the rows down to the next header, handed back; an odd row is unread."""
    source = rows.source
    reports = None if header.others is None else Reports(rows, header.others)
    for number, cells in stream:
        where = f"{sheet}row {number}"
        if (start := _next_header(header, (number, cells))) is not None:
            rows.note(AGAIN if start.columns == dict(map_columns(header.titles)) else "begins another table", where)
            following.append(start)
            break
        if any(cells[len(header.titles) :]):
            titles = f"{source.path}: {where if sheet else f'line {number}'}"
            problem = (
                f"has {len(cells)} cells under {len(header.titles)} titles; a cell with a separator in it needs quotes"
            )
            source.warn(f"{titles} {problem}")
            yield source.unread("inventory", Reason.NOT_PARSED, problem, f"{source.path.name} {where}")
        elif problem := _problem(header, cells):
            rows.note(problem, where)
        elif any(cells):
            yield from reports.add(header.columns, cells, where) if reports else _device(header, cells, rows, where)
    yield from reports.records() if reports else ()


def _device(header: Header, cells: Sequence[str], rows: Rows, where: str) -> Iterator[Record]:
    own = rows.own
    devices = list(rows.observe(_values(header, cells), where))
    if not devices and rows.own == own:
        rows.note(SILENT, where)
    yield from devices


def _problem(header: Header, cells: Sequence[str]) -> str:
    """Return why a row is no device, or nothing: a sum, or words in place of a name."""
    texts = [(index, cell) for index, cell in enumerate(cells) if cell]
    if texts and is_total(texts[0][1]) and not any(map(str.isalpha, "".join(cell for _index, cell in texts[1:]))):
        return TOTAL
    if len(texts) != 1 or len(header.titles) == 1:
        return ""
    kind, cell = header.columns.get(texts[0][0], ""), texts[0][1]
    heading = kind in {"inventory.place", "site"} or (kind in {"inventory.name", "address"} and not _HOST.search(cell))
    return SINGLE if heading else ""


def find_header(text: str) -> Header | None:
    """Return the first line that names two columns, one of which can tell a maker."""
    if text.lstrip("\ufeff \t\r\n").startswith(MARKUP):
        return None
    lines = list(islice(io.StringIO(text[: WIDEST * 2], newline=""), TITLE_LINES + 1))
    for number, line in enumerate(lines[:TITLE_LINES]):
        separator = max(SEPARATORS, key=line.count)
        below = _titles(lines[number + 1], separator) if number + 1 < len(lines) else ()
        if separator in line and (header := header_of(_titles(line, separator), number, separator, below)):
            return header
    return None


def header_of(
    titles: Sequence[str], line: int, separator: str = "", below: Sequence[str] | None = None
) -> Header | None:
    """Return titles as a header, or None; of one known title `below` must show a MAC."""
    columns = map_columns(titles)
    header = Header(
        line=line,
        separator=separator,
        titles=tuple(titles),
        columns=columns,
        decoders=decoders_of(titles),
        sorts=frozenset(index for index in columns if is_sort(titles[index])),
    )
    if columns and below and len(below) == len(titles) and not any(map(is_mac, titles)):
        columns = columns | dict.fromkeys(_unnamed_macs(header, [below]), MAC)
        columns |= {index: "inventory.model" for index in _devices(header) if _is_of_models(header, index, [below])}
    return header if is_header(columns) else None


def _next_header(header: Header, line: Line) -> Header | None:
    """Return a row as the header of a table of its own: most cells titles, none a value."""
    ranks, cells = shipped().ranks, [cell for cell in line[1] if cell]
    if not any(plain(cell) in ranks for cell in cells[:3]):
        return None
    columns = sum(plain(cell) in ranks for cell in cells)
    if columns * 2 <= len(cells) or any(map(is_mac, cells)):
        return None
    end = max((index for index, cell in enumerate(line[1]) if cell), default=-1) + 1
    same = [*line[1]] == [*map(collapse, header.titles)]
    return header_of(line[1] if same else line[1][:end], line[0], header.separator)


def _unnamed_macs(header: Header, rows: Sequence[Sequence[str]]) -> Iterator[int]:
    """Yield the columns with a title nobody knows in which every cell is a MAC for sure."""
    for index, title in enumerate(header.titles):
        if index not in header.columns and not shipped().is_of_another(title):
            column = [cell for cells in rows if index < len(cells) and (cell := clean(cells[index]))]
            if any(map(is_mac, column)) and all(map(may_be_mac, column)) and _are_assigned(column):
                yield index


def _are_assigned(column: Sequence[str]) -> bool:
    """Tell whether most cells are assigned MACs: of random ones 3/4 have a group or local bit."""
    numbers = sum(not (normal.is_group(digits) or normal.is_local(digits)) for digits in map(normal.mac, column))
    return numbers * 2 > len(column)


def _devices(header: Header) -> list[int]:
    """Return the columns called device: what they hold may be names or models."""
    return [
        at for at, kind in header.columns.items() if kind == "inventory.name" and plain(header.titles[at]) == "device"
    ]


def _is_of_models(header: Header, index: int, rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column called device holds models: digits, beside another name."""
    column = [cell for cells in rows if index < len(cells) and (cell := clean(cells[index]))]
    names = sum(kind == "inventory.name" for kind in header.columns.values()) > 1
    twice = len(set(column)) < len(column) and reporters.PLUGGED.isdisjoint(header.columns.values())
    return any(map(str.isdecimal, "".join(column))) and (names or twice)


def _lines(source: SourceFile, header: Header, stream: io.StringIO) -> Iterator[Line]:
    """Yield the rows below the header; a quote that is never closed is an error."""
    lines = csv.reader(stream, delimiter=header.separator, strict=True)
    start = header.line + 1
    try:
        next(lines)
        for cells in lines:
            yield header.line + lines.line_num, cells
            start = header.line + lines.line_num + 1
    except csv.Error as exc:
        problem = "a quote is opened and never closed" if "end of data" in str(exc) else str(exc)
        raise InputError(problem, where=f"{source.path}: line {start}") from None


def _titles(line: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([line.lstrip("\ufeff").rstrip("\r\n")], delimiter=separator), []))
    except csv.Error:
        return ()


def _warn_unknown(source: SourceFile, header: Header, sheet: str) -> None:
    unknown = [index for index, title in enumerate(header.titles) if index not in header.columns and title.strip()]
    kinds = [*header.columns.values()]
    second = [
        index
        for at, (index, kind) in enumerate(header.columns.items())
        if kind in kinds[:at] and header.others is None and (kind not in MANY or index in header.sorts)
    ]
    unknown_titles = {"columns passed over": unknown, "columns that count only where a closer one is empty": second}
    for words, columns in unknown_titles.items():
        titles = [normal.one_line(header.titles[index], 40) for index in columns]
        more = f" and {len(titles) - SHOWN} more" if len(titles) > SHOWN else ""
        if titles:
            source.warn(f"{source.path}: {sheet}{words}: {', '.join(titles[:SHOWN])}{more}")


def _values(header: Header, cells: Sequence[str]) -> Values:
    """Return what a row of an inventory says by kind, where it is plugged in as a place."""
    values: Values = {}
    for index, kind in header.columns.items():
        cell = cells[index] if index < len(cells) else ""
        by_title = values.get(kind)
        if by_title is not None and kind in MANY and index not in header.sorts:
            values[kind] = (*by_title, cell)
        elif by_title is None or not any(map(clean, by_title)):
            values[kind] = (cell,)
    if header.items:
        items = tuple(cells[index] for index in header.items if index < len(cells))
        values["inventory.description"] = (*values.get("inventory.description", ()), *items)
    if header.titles[-1].endswith(FILED):
        values[SAID_BY] = (OURS,)
    port = {kind: values.pop(kind)[0] for kind in PLUGGED if kind in values}
    if port or len(values.get("inventory.place", ())) > 1:
        values["inventory.place"] = (_place(values.get("inventory.place", ()), port),)
    if header.decoders:
        first = {kind: next(filter(None, map(clean, row_values)), "") for kind, row_values in values.items()}
        values |= {one.fact: (one.reply(first),) for one in header.decoders}
    return values


def _place(places: Sequence[str], place: Mapping[str, str]) -> str:
    """Return where a device is plugged in; a bare port without a switch may be TCP's."""
    switch, port, interface, vlan = (place.get(kind, "") for kind in PLUGGED)
    port = port or interface
    where = [*places, switch, "" if port.isdecimal() and not switch else port]
    return " ".join(filter(None, [*map(clean, where), f"VLAN {vlan}" if vlan.isdecimal() else clean(vlan)]))
