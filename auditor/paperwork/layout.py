"""How a table goes on paper: few columns, each wide enough, nothing cut, long texts once.

Lengths are in em of the size the table is set in; `EMS` is the width of a landscape A4 page inside its margins.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil

from auditor.normal import one_line
from auditor.paperwork.filled import Table
from auditor.report.views import CELL

MOST_COLUMNS = 10
POINTS = 8  # the size of a cell
INSET = 3  # of a cell, left and right, in points
EMS = 273 / 25.4 * 72 / POINTS
SHARE = 0.4  # of the page, the most one column asks for before its text wraps
LEAST = 2.5
WORD = 22.0  # a longer word is broken where room is short
LONG = 40  # characters on average, from which on texts that come again are printed once
WHOLE = 100  # characters on average, from which on texts are printed below the table
REPEATED = 0.6  # what the different ones may come to, of all the texts of a column
ROW = "row"
BOLD = "nn"  # by so much a heading is wider than its text
LINE = EMS - 8  # of a text across the page
NOTE = EMS / 2 - 7  # of a note, which are set in two columns
SOFT = "\u200b"  # a place where a word may be broken, of no width


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTable:
    """A table as it is printed.

    `widths` are in points, `cells` are its rows with long words cut.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def layout(table: Table, name: str, *, has_notes: bool = True) -> list[PrintTable]:
    """Return a table as one or more of at most `MOST_COLUMNS`, joined by the number of the row.

    With `has_notes` long texts stand below the table, each once, and their cells hold a number.
    """
    rows = [tuple(one_line(text, CELL) for text in row) for row in _merge_rows(table)]
    head = tuple(words(label) for label in table.head)
    if not rows:
        return [PrintTable(name=name, head=(), rows=(), remarks=("No row stands here.",))]
    columns = dict(zip(head, zip(*rows, strict=True), strict=True))
    remarks = [*_drop_empty(columns), *_drop_constant(columns)]
    notes = _note(columns) if has_notes else []
    parts = list(_parts(columns, len(rows)))
    tables = [_fit(_name(name, number, len(parts)), part) for number, part in enumerate(parts, 1)]
    tables[0] = replace(tables[0], remarks=tuple(breakable(text, LINE) for text in remarks))
    tables[-1] = replace(tables[-1], notes=tuple(breakable(text, NOTE) for text in notes))
    return tables


def words(label: str) -> str:
    """Return the heading of a column as people read it: no underscore, no mark whose it is."""
    return label.removesuffix(" (OFFICIAL)").removesuffix(" (DERIVED)").replace("_", " ")


def _name(name: str, number: int, total: int) -> str:
    return name if total == 1 else f"{name}, part {number} of {total}"


def _merge_rows(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the rows; those that differ in the column `table.merge_on` alone become one."""
    at = table.head.index(table.merge_on) if table.merge_on else -1
    groups: dict[tuple[str, ...], list[str]] = {}
    if at < 0:
        yield from table.rows
        return
    for row in table.rows:
        groups.setdefault((*row[:at], *row[at + 1 :]), []).append(row[at])
    for rest, texts in groups.items():
        yield (*rest[:at], ", ".join(texts), *rest[at:])


def _drop_empty(columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    empty = [label for label, texts in columns.items() if not any(texts)]
    for label in empty:
        del columns[label]
    if empty:
        yield f"Empty in every row: {', '.join(empty)}."


def _drop_constant(columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Take out what every row says, where the columns are too many for a page."""
    if len(columns) <= MOST_COLUMNS:
        return
    same = {label: texts[0] for label, texts in columns.items() if len(texts) > 1 and len(set(texts)) == 1}
    for label in same:
        del columns[label]
    if same:
        yield f"The same in every row: {'; '.join(f'{label} {text}' for label, text in same.items())}."


def _note(columns: dict[str, tuple[str, ...]]) -> list[str]:
    """Put numbers in place of long texts that come again and again; return the texts."""
    notes: dict[str, int] = {}
    for label, texts in columns.items():
        total, once = sum(map(len, texts)), sum(map(len, set(texts)))
        repeats = total > LONG * len(texts) and once <= REPEATED * total
        if repeats or total > WHOLE * len(texts) > WHOLE:
            numbers = [notes.setdefault(text, len(notes) + 1) if text else 0 for text in texts]
            columns[label] = tuple(f"note {number}" if number else "" for number in numbers)
    return list(notes)


def _parts(columns: dict[str, tuple[str, ...]], rows: int) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield the columns in even parts, each opened by the number of the row."""
    if len(columns) <= MOST_COLUMNS:
        yield columns
        return
    numbers = columns.pop(ROW, tuple(str(number) for number in range(1, rows + 1)))
    labels = list(columns)
    each = ceil(len(labels) / ceil(len(labels) / (MOST_COLUMNS - 1)))
    for start in range(0, len(labels), each):
        yield {ROW: numbers} | {label: columns[label] for label in labels[start : start + each]}


def _fit(name: str, columns: dict[str, tuple[str, ...]]) -> PrintTable:
    room = EMS - len(columns) * 2 * INSET / POINTS
    widths = _widths([(f"{label}{BOLD}", *texts) for label, texts in columns.items()], room)
    cells = [[breakable(text, width) for text in texts] for texts, width in zip(columns.values(), widths, strict=True)]
    return PrintTable(
        name=name,
        head=tuple(breakable(label, width) for label, width in zip(columns, widths, strict=True)),
        rows=tuple(zip(*columns.values(), strict=True)),
        widths=tuple(round(width * POINTS + 2 * INSET, 2) for width in widths),
        cells=tuple(zip(*cells, strict=True)),
    )


def _widths(columns: Sequence[Sequence[str]], room: float) -> list[float]:
    """Return a width for each column: what it asks for, or a fair share where that is too much."""
    whole = [max(LEAST, *map(ems, texts)) for texts in columns]
    if sum(whole) <= room:
        return whole
    needs = [min(SHARE * room, need) for need in whole]
    floors = [min(need, WORD, max(ems(word) for text in texts for word in text.split() or [""]))
        for need, texts in zip(needs, columns, strict=True)]  # fmt: skip
    if sum(floors) >= room:
        fair = room / len(columns)
        over = sum(max(0.0, floor - fair) for floor in floors)
        spare = sum(max(0.0, fair - floor) for floor in floors)
        return [min(floor, fair) + max(0.0, floor - fair) * spare / over for floor in floors]
    # What is asked for beyond the words comes out of the room that is left; where all fits, the widest get the rest.
    demand = sum(needs) - sum(floors)
    if sum(needs) <= room:
        return [need + (one - need) * (room - sum(needs)) / (sum(whole) - sum(needs))
            for need, one in zip(needs, whole, strict=True)]  # fmt: skip
    return [floor + (need - floor) * (room - sum(floors)) / demand for need, floor in zip(needs, floors, strict=True)]


def breakable(text: str, width: float) -> str:
    """Return a text whose words may be broken where they are wider than so many em."""
    return " ".join(word if ems(word) <= width else _soft(word, width) for word in text.split(" "))


def _soft(word: str, width: float) -> str:
    out, used = [], 0.0
    for char in word:
        if used + _em(char) > width and used:
            out.append(SOFT)
            used = 0.0
        out.append(char)
        used += _em(char)
    return "".join(out)


def ems(text: str) -> float:
    """Return how wide a text is at most, in em of its size."""
    return sum(map(_em, text))


@cache
def _em(char: str) -> float:
    if char in "MWmw@%—…":
        return 1.1
    if char in "ijlftrI.,:;|!'()[] -":
        return 0.36
    if char.isascii():
        return 0.7 if char.isupper() else 0.52
    return 1.2 if unicodedata.east_asian_width(char) in "WF" else 1.0
