"""Inventories as CSV, whatever wrote them: the header is looked for, columns are known by name, one device a row."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports.columns import MIN_COLUMNS, Decoded, decoded, is_header, mapped
from auditor.imports.rows import Rows
from auditor.imports.source import Source
from auditor.model import Reason, Record

CAP = 256 << 20
WIDEST = 1 << 20
TITLE_LINES = 40  # element managers put a title, a date and a user's name above their tables
SEPARATORS = ",;\t|"
KNOWN = "ip, mac, vendor, model, serial, site, name, firmware, description"
SHOWN = 40

Line = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a table begins: its line, its separator, its titles, what each column holds by position, and what replies its rows decode."""

    line: int
    separator: str
    titles: tuple[str, ...]
    columns: Mapping[int, str]
    decoded: tuple[Decoded, ...] = ()


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
    yield from table(source, header, _lines(source, header, stream), Rows(source))


def table(source: Source, header: Header, lines: Iterable[Line], rows: Rows, sheet: str = "") -> Iterator[Record]:
    """Yield what the rows below a header say; a row that cannot be one device is told by its number and counted as unread."""
    _warn_unknown(source, header, sheet)
    for number, cells in lines:
        where = f"{sheet}row {number}"
        told = f"{source.path}: {where if sheet else f'line {number}'}"
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and len(header.titles) > MIN_COLUMNS:
            source.warn(f"{told} holds a single cell and is no device, passed over")
        elif any(cell.strip() for cell in cells[len(header.titles) :]):
            problem = (
                f"has {len(cells)} cells under {len(header.titles)} titles; a cell with a separator in it needs quotes"
            )
            source.warn(f"{told} {problem}")
            yield source.unread("inventory", Reason.NOT_PARSED, problem, f"{source.path.name} {where}")
        elif tuple(cells) != header.titles:
            devices = list(rows.observe(_values(header, cells), where))
            if filled and not devices:
                source.warn(f"{told} says nothing in a column this tool knows, passed over")
            yield from devices


def find_header(text: str) -> Header | None:
    """Return the first line that names at least two columns, one of which can tell a maker; titles above it are skipped."""
    stream = io.StringIO(text[: WIDEST * 2], newline="")
    for number, line in enumerate(islice(stream, TITLE_LINES)):
        separator = max(SEPARATORS, key=line.count)
        if separator in line and (header := header_of(_titles(line, separator), number, separator)):
            return header
    return None


def header_of(titles: Sequence[str], line: int, separator: str = "") -> Header | None:
    """Return a row of titles as a header, or None where it is none."""
    columns = mapped(titles)
    if not is_header(columns):
        return None
    return Header(line=line, separator=separator, titles=tuple(titles), columns=columns, decoded=decoded(titles))


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
    unknown = [
        normal.one_line(title, 40)
        for index, title in enumerate(header.titles)
        if index not in header.columns and title.strip()
    ]
    if unknown:
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        source.warn(f"{source.path}: {sheet}columns passed over: {', '.join(unknown[:SHOWN])}{more}")


def _values(header: Header, cells: Sequence[str]) -> dict[str, str]:
    values = {kind: cells[index] for index, kind in header.columns.items() if index < len(cells)}
    return values | {one.fact: one.reply(values) for one in header.decoded}
