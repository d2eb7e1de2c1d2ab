"""Price lists and replacements of the user, shaped by `oui_rules/costs/`; no price is ours."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path

from auditor.errors import AuditorError, InputError
from auditor.model import SAID_BY, Finding
from auditor.normal import one_line
from auditor.paperwork.price_sheets import BOOK, LEADS, price_rows
from auditor.tables import Section, finish, read_toml, refuse

PRICES, REPLACEMENTS = "prices", "replacements"
TYPES = ("text", "number", "date", "choice")
KEPT = 400
# The closest line wins; the name of each way to match stands with every price used.
CLOSENESS = (("maker", "model"), ("model",), ("maker", "category"), ("category",), ("maker",), ())

Entry = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceColumn:
    """One column of such a file."""

    name: str
    type: str
    required: bool
    says: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What one thing costs: least, likely, most; `how` the likely amount was worked out."""

    low: Decimal
    likely: Decimal
    high: Decimal
    how: str = ""

    def times(self, number: Decimal) -> "Amounts":
        """Return the cost of several."""
        return Amounts(low=self.low * number, likely=self.likely * number, high=self.high * number, how=self.how)

    def plus(self, other: "Amounts") -> "Amounts":
        """Return the sum of two."""
        return Amounts(low=self.low + other.low, likely=self.likely + other.likely, high=self.high + other.high)


NOTHING = Amounts(low=Decimal(0), likely=Decimal(0), high=Decimal(0))


def shape(name: str) -> tuple[PriceColumn, ...]:
    """Return the columns of a list, from `oui_rules/costs/<name>.toml`."""
    text = (files("oui_rules") / "costs" / f"{name}.toml").read_text(encoding="utf-8")
    return read_shape(text, f"costs/{name}.toml")


def read_shape(text: str, name: str) -> tuple[PriceColumn, ...]:
    """Return the columns a file describes; every problem of it is raised at once."""
    top = read_toml(text, name)
    top.text("title"), top.text("says")
    columns = tuple(_column(section) for section in top.sections("column"))
    finish(top)
    return columns


def _column(section: Section) -> PriceColumn:
    return PriceColumn(
        name=section.text("name"),
        type=section.choice("type", TYPES),
        required=section.flag("required"),
        says=section.text("says"),
        choices=section.texts("choices"),
    )


def read(content: bytes, name: str, kind: str) -> tuple[Entry, ...]:
    """Return the lines of a CSV, XLSX or TOML file; every bad cell shows at once (`InputError`).

    A row that only names what it is of was never filled in, and says nothing.
    """
    columns = {column.name: column for column in shape(kind)}
    rows = [
        (where, {key: value for key, value in row.items() if key != SAID_BY})
        for where, row in _rows(content, name, kind, columns)
    ]
    rows = [(where, row) for where, row in rows if not _is_open(row)]
    problems = [problem for where, row in rows for problem in _problems(where, row, columns)]
    refuse(problems)
    return tuple({key: one_line(value, KEPT) for key, value in row.items() if value.strip()} for _, row in rows)


def _rows(
    content: bytes, name: str, kind: str, columns: Mapping[str, PriceColumn]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Return where each row stands, and its cells."""
    if content.startswith(BOOK):
        return price_rows(Path(name), kind, columns)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", where=name) from None
    return _toml(text, name, kind) if name.endswith(".toml") else _csv(text, name, columns)


def _is_open(row: Mapping[str, str]) -> bool:
    """Tell whether a row names what it is of and no more."""
    return LEADS.issuperset(key for key, value in row.items() if value.strip())


def _csv(text: str, name: str, columns: Mapping[str, PriceColumn]) -> Iterator[tuple[str, dict[str, str]]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [label.strip() for label in next(rows, [])]
        for label in head:
            if label not in {*columns, SAID_BY}:
                raise InputError(f"unknown column '{label:.60}'; known: {', '.join(columns)}", where=f"{name}: line 1")
        for number, row in enumerate(rows, 2):
            if any(row):
                if len(row) != len(head):
                    raise InputError(f"has {len(row)} cells, the header {len(head)}", where=f"{name}: line {number}")
                yield f"{name}: line {number}", dict(zip(head, row, strict=True))
    except csv.Error as exc:
        raise InputError(f"is no CSV: {exc}", where=name) from None


def _toml(text: str, name: str, kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    table = kind.removesuffix("s")
    entries = read_toml(text, name, error=InputError).values.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(row, dict) for row in entries):
        raise InputError(f"write one [[{table}]] a line", where=name)
    for number, row in enumerate(entries, 1):
        yield f"{name}: {table}[{number}]", {str(key): f"{value}" for key, value in row.items()}


def _problems(where: str, row: Mapping[str, str], columns: Mapping[str, PriceColumn]) -> Iterator[AuditorError]:
    bad = list(_bad_cells(where, row, columns))
    yield from bad
    if not bad and {"low", "likely", "high"} <= columns.keys() and not _amounts_fit(row):
        yield InputError("needs likely, or low and high, with low not above likely nor likely above high", where=where)


def _bad_cells(where: str, row: Mapping[str, str], columns: Mapping[str, PriceColumn]) -> Iterator[AuditorError]:
    for key, value in row.items():
        column = columns.get(key)
        if column is None:
            yield InputError(f"unknown column; known: {', '.join(columns)}", where=f"{where}: {key:.60}")
        elif value.strip() and not _fits(value.strip(), column):
            expectations = {"choice": f"one of {', '.join(column.choices)}", "date": "a day such as 2026-11-21"}
            expectation = expectations.get(column.type, "a number, not below 0")
            yield InputError(f"{value!r:.60} must be {expectation}", where=f"{where}: {key}")
    for column in columns.values():
        if column.required and not row.get(column.name, "").strip():
            yield InputError(f"'{column.name}' is missing: {column.says}", where=where)


def _fits(text: str, column: PriceColumn) -> bool:
    if column.type == "choice":
        return text in column.choices
    if column.type == "number":
        value = number(text)
        return value is not None and value >= 0
    try:
        return column.type != "date" or bool(date.fromisoformat(text))
    except ValueError:
        return False


def number(text: str) -> Decimal | None:
    """Return a finite number, or nothing."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _amounts_fit(row: Mapping[str, str]) -> bool:
    entries = amounts(row)
    return entries is not None and entries.low <= entries.likely <= entries.high


def amounts(row: Mapping[str, str]) -> Amounts | None:
    """Return what a line costs; a missing likely amount is the average, and that is said."""
    low, likely, high = (number(row.get(key, "")) for key in ("low", "likely", "high"))
    if likely is None:
        if low is None or high is None:
            return None
        return Amounts(low=low, likely=(low + high) / 2, high=high, how="average of low and high")
    return Amounts(low=likely if low is None else low, likely=likely, high=likely if high is None else high)


def closest(entries: Iterable[Entry], finding: Finding) -> tuple[Entry, str] | None:
    """Return the line that fits a device best, and by what: of equals most pieces, then newest."""
    best = min((entry for entry in entries if fits(entry, finding)), key=_order, default=None)
    return None if best is None else (best, " and ".join(_ways(best)) or "any")


def fits(entry: Entry, finding: Finding) -> bool:
    """Tell whether a line is for a device, in whichever letters people write it."""
    own = {"maker": finding.maker, "model": finding.model, "category": finding.category}
    return all(_spelling(own[key]) == _spelling(entry[key]) for key in own if key in entry)


def is_reached(entry: Entry, pieces: int) -> bool:
    """Tell whether a line is for so many pieces: one by quantity counts from its own number on."""
    return (number(entry.get("from_quantity", "")) or Decimal(0)) <= pieces


def _spelling(text: str) -> str:
    return " ".join(text.casefold().split())


def _order(entry: Entry) -> tuple[object, ...]:
    closeness = next(index for index, keys in enumerate(CLOSENESS) if set(keys) <= set(_ways(entry)))
    quantity = number(entry.get("from_quantity", "")) or Decimal(0)
    return (closeness, -quantity, -date.fromisoformat(entry["date"]).toordinal(), sorted(entry.items()))


def _ways(entry: Entry) -> list[str]:
    return [key for key in ("maker", "model", "category") if key in entry]
