"""Inventories as CSV, whatever wrote them: the header is looked for, columns are known by name, one device a row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports import reporters
from auditor.imports.cells import clean, is_mac, may_be_mac, spaced
from auditor.imports.columns import MAC, Decoded, decoded, is_header, is_sort, is_total, mapped, plain, shipped
from auditor.imports.reporters import Reports, Shape
from auditor.imports.rows import Rows
from auditor.imports.source import Source
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
    """Where a table begins: its line, separator and titles; what each column holds by position, the closest first; what its rows decode.

    `sorts` are columns that name the sort of a device, `items` those of names that may be models, `others` is set where a table is about
    others than whoever wrote it.
    """

    line: int
    separator: str
    titles: tuple[str, ...]
    columns: Mapping[int, str]
    decoded: tuple[Decoded, ...] = ()
    sorts: frozenset[int] = frozenset()
    others: Shape | None = None
    items: frozenset[int] = frozenset()

    def over(self, rows: Sequence[Sequence[str]]) -> "Header":
        """Return the header with what its first rows show: columns of MACs nobody named, columns of models, whom the table is about."""
        columns = dict(self.columns) | dict.fromkeys(_unnamed_macs(self, rows), MAC)
        devices = [] if "inventory.model" in columns.values() else _devices(self)
        columns |= dict.fromkeys((index for index in devices if _is_of_models(self, index, rows)), "inventory.model")
        items = frozenset(index for index in devices if columns[index] == "inventory.name")
        return replace(self, columns=columns, items=items, others=reporters.shape(columns, rows, self.sorts))


def read(source: Source) -> Iterator[Record]:
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


def table(source: Source, header: Header, lines: Iterable[Line], rows: Rows, sheet: str = "") -> Iterator[Record]:
    """Yield what the rows below a header say; another header further down begins another table."""
    stream: Iterator[Line] = ((number, [*map(spaced, cells)]) for number, cells in lines)
    following = [header]
    while following:
        begun, peeked = following.pop(), list(islice(stream, PEEK))
        own = [cells for number, cells in peeked if _next_header(begun, (number, cells)) is None]
        over = begun.over(own)
        _warn_unknown(source, over, sheet)
        stream = chain(peeked, stream)
        yield from _section(over, stream, rows, sheet, following)


def _section(
    header: Header, stream: Iterator[Line], rows: Rows, sheet: str, following: list[Header]
) -> Iterator[Record]:
    """Yield what the rows say down to the next header, which is handed back; a row that cannot be one device is unread."""
    source = rows.source
    reports = None if header.others is None else Reports(rows, header.others)
    for number, cells in stream:
        where = f"{sheet}row {number}"
        if (begun := _next_header(header, (number, cells))) is not None:
            rows.note(AGAIN if begun.columns == dict(mapped(header.titles)) else "begins another table", where)
            following.append(begun)
            break
        if any(cells[len(header.titles) :]):
            told = f"{source.path}: {where if sheet else f'line {number}'}"
            problem = (
                f"has {len(cells)} cells under {len(header.titles)} titles; a cell with a separator in it needs quotes"
            )
            source.warn(f"{told} {problem}")
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
    """Return why a row is no device, or nothing: it sums up others, or all it says is words where a name should be."""
    filled = [(index, cell) for index, cell in enumerate(cells) if cell]
    if filled and is_total(filled[0][1]) and all(_is_number(cell) for _index, cell in filled[1:]):
        return TOTAL
    if len(filled) != 1 or len(header.titles) == 1:
        return ""
    kind, cell = header.columns.get(filled[0][0], ""), filled[0][1]
    heading = kind in {"inventory.place", "site"} or (kind in {"inventory.name", "address"} and not _HOST.search(cell))
    return SINGLE if heading else ""


def _is_number(cell: str) -> bool:
    return not any(map(str.isalpha, cell))


def find_header(text: str) -> Header | None:
    """Return the first line that names at least two columns, one of which can tell a maker; titles above it are skipped."""
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
    """Return a row of titles as a header, or None where it is none; of one known title the row `below` must show a MAC."""
    columns = mapped(titles)
    found = Header(
        line=line,
        separator=separator,
        titles=tuple(titles),
        columns=columns,
        decoded=decoded(titles),
        sorts=frozenset(index for index in columns if is_sort(titles[index])),
    )
    if columns and below and len(below) == len(titles) and not any(map(is_mac, titles)):
        columns = columns | dict.fromkeys(_unnamed_macs(found, [below]), MAC)
        columns |= {index: "inventory.model" for index in _devices(found) if _is_of_models(found, index, [below])}
    return found if is_header(columns) else None


def _next_header(header: Header, line: Line) -> Header | None:
    """Return a row as the header of a table of its own: most of its cells are titles, and none of them could be a value."""
    ranks, cells = shipped().ranks, [cell for cell in line[1] if cell]
    if not any(plain(cell) in ranks for cell in cells[:3]):
        return None
    known = sum(plain(cell) in ranks for cell in cells)
    if known * 2 <= len(cells) or any(map(is_mac, cells)):
        return None
    end = max((index for index, cell in enumerate(line[1]) if cell), default=-1) + 1
    same = [*line[1]] == [*map(spaced, header.titles)]
    return header_of(line[1] if same else line[1][:end], line[0], header.separator)


def _unnamed_macs(header: Header, rows: Sequence[Sequence[str]]) -> Iterator[int]:
    """Yield the columns with a title nobody knows in which every cell is a MAC for sure."""
    for index, title in enumerate(header.titles):
        if index not in header.columns and not shipped().is_of_another(title):
            column = [cell for cells in rows if index < len(cells) and (cell := clean(cells[index]))]
            if any(map(is_mac, column)) and all(map(may_be_mac, column)) and _are_assigned(column):
                yield index


def _are_assigned(column: Sequence[str]) -> bool:
    """Tell whether most cells are addresses somebody assigned: of numbers drawn by chance three in four have a group or local bit."""
    assigned = sum(not (normal.is_group(digits) or normal.is_local(digits)) for digits in map(normal.mac, column))
    return assigned * 2 > len(column)


def _devices(header: Header) -> list[int]:
    """Return the columns called device: what they hold may be names or models."""
    return [
        at for at, kind in header.columns.items() if kind == "inventory.name" and plain(header.titles[at]) == "device"
    ]


def _is_of_models(header: Header, index: int, rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column called device holds models: it has digits, and stands beside another name, or says one thing twice."""
    column = [cell for cells in rows if index < len(cells) and (cell := clean(cells[index]))]
    named = sum(kind == "inventory.name" for kind in header.columns.values()) > 1
    twice = len(set(column)) < len(column) and reporters.PLUGGED.isdisjoint(header.columns.values())
    return any(map(str.isdecimal, "".join(column))) and (named or twice)


def _lines(source: Source, header: Header, stream: io.StringIO) -> Iterator[Line]:
    """Yield the rows below the header; a quote that is never closed would swallow the rest of the file and is an error."""
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


def _warn_unknown(source: Source, header: Header, sheet: str) -> None:
    unknown = [index for index, title in enumerate(header.titles) if index not in header.columns and title.strip()]
    kinds = [*header.columns.values()]
    second = [
        index
        for at, (index, kind) in enumerate(header.columns.items())
        if kind in kinds[:at] and header.others is None and (kind not in MANY or index in header.sorts)
    ]
    told = {"columns passed over": unknown, "columns that count only where a closer one is empty": second}
    for words, columns in told.items():
        titles = [normal.one_line(header.titles[index], 40) for index in columns]
        more = f" and {len(titles) - SHOWN} more" if len(titles) > SHOWN else ""
        if titles:
            source.warn(f"{source.path}: {sheet}{words}: {', '.join(titles[:SHOWN])}{more}")


def _values(header: Header, cells: Sequence[str]) -> Values:
    """Return what a row of an inventory says by kind, where it is plugged in as a place."""
    values: Values = {}
    for index, kind in header.columns.items():
        cell = cells[index] if index < len(cells) else ""
        said = values.get(kind)
        if said is not None and kind in MANY and index not in header.sorts:
            values[kind] = (*said, cell)
        elif said is None or not any(map(clean, said)):
            values[kind] = (cell,)
    if header.items:
        items = tuple(cells[index] for index in header.items if index < len(cells))
        values["inventory.description"] = (*values.get("inventory.description", ()), *items)
    if header.titles[-1].endswith(FILED):
        values[SAID_BY] = (OURS,)
    plugged = {kind: values.pop(kind)[0] for kind in PLUGGED if kind in values}
    if plugged or len(values.get("inventory.place", ())) > 1:
        values["inventory.place"] = (_place(values.get("inventory.place", ()), plugged),)
    if header.decoded:
        first = {kind: next(filter(None, map(clean, told)), "") for kind, told in values.items()}
        values |= {one.fact: (one.reply(first),) for one in header.decoded}
    return values


def _place(places: Sequence[str], plugged: Mapping[str, str]) -> str:
    """Return where a device stands and is plugged in; a bare number of a port without a switch is one of TCP as likely."""
    switch, port, interface, vlan = (plugged.get(kind, "") for kind in PLUGGED)
    port = port or interface
    where = [*places, switch, "" if port.isdecimal() and not switch else port]
    return " ".join(filter(None, [*map(clean, where), f"VLAN {vlan}" if vlan.isdecimal() else clean(vlan)]))
