"""A filled-in filing as files: CSV and XLSX, HTML and PDF to sign, the gaps."""

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from auditor.normal import one_line
from auditor.paperwork.filled import GAP_HEAD, FilledFiling, Table
from auditor.report import ooxml
from auditor.report.ooxml import Sheet, Value
from auditor.report.page import template
from auditor.report.pdf import typeset
from auditor.report.sheets import table
from auditor.report.views import CELL

WIDTH_CAP = 44
WIDTH_LEAST = 12
DIGITS = 15
# Columns whose cells are whole numbers or days; all else is text, since a serial number must not lose a zero.
NUMBERS = frozenset({
    "row", "missing for", "quantity", "devices", "findings", "undetermined_or_unread", "devices_known",
    "spoke_for_themselves",
    "only_heard_of", "targets_never_read", "match", "no_match", "undetermined", "unread", "in_inventory",
    "gear_removed", "replaced",
    "disposed", "remaining", "qty", "cap_pct", "units_of_maker_seen", "units_of_covered_makers_seen", "to_remove",
    "set_aside",
    "already_removed", "total", "reimbursable_yes", "reimbursable_unknown", "reimbursable_no", "step", "visit",
    "hangs_on_it_in_the_plan", "hangs_on_it_besides", "units_priced", "units_unpriced", "ports_in_use_seen",
    "fed_over_ethernet",
    "replacement_ports", "optics_named", "other_devices_there", "addresses_contacted", "addresses_that_answered",
    "addresses_silent",
})  # fmt: skip
DAYS = frozenset({
    "date_obtained", "as_of", "scan_date", "removed", "disposed", "sanitized", "at", "date", "deadline",
    "sam_exclusion_check",
})  # fmt: skip
DERIVED = "DERIVED"
SIGNATURE = ("Name", "Title", "Date", "Signature")
UNCONFIRMED = "The text behind this filing was not read at its source; treat every column of it as unconfirmed."


def files(sheet: FilledFiling, at: datetime, *, pdf: bool = False) -> dict[str, bytes]:
    """Return the files of a filing by name; the same filing and moment give the same bytes."""
    stem = sheet.filing.id
    contents = {f"{stem}.xlsx": workbook(sheet, at), f"{stem}-gaps.csv": table(GAP_HEAD, _gap_rows(sheet))}
    for number, one in enumerate(sheet.tables):
        contents[f"{stem}.csv" if number == 0 else f"{stem}-{one.name}.csv"] = table(one.head, one.rows)
    if sheet.filing.signed:
        contents[f"{stem}.html"] = page(sheet, at)
        if pdf:
            contents[f"{stem}.pdf"] = typeset("filing.typ", paper(sheet, at))
    return contents


def workbook(sheet: FilledFiling, at: datetime) -> bytes:
    """Return a workbook: the filing, its gaps, and the notice with the lists."""
    sheets = [_sheet(part) for one in sheet.tables for part in apart(one)]
    sheets.append(_sheet(Table(name="Gaps", head=GAP_HEAD, rows=tuple(tuple(row) for row in _gap_rows(sheet)))))
    rows: list[tuple[Value, ...]] = [(name, text) for name, text in notice(sheet, at)]
    sheets.append(Sheet(name="Notice", title=sheet.title, rows=rows, widths={0: 26, 1: 110}))
    return ooxml.book(sheets, title=sheet.title, created=at)


def apart(one: Table) -> list[Table]:
    """Return a table as its official columns and ours, a row number joining them."""
    whole = _narrow(one)
    split = sum(label.endswith("(OFFICIAL)") for label in whole.head)
    if split in {0, len(whole.head)}:
        return [whole]
    halves = (("OFFICIAL", slice(split)), (DERIVED, slice(split, None)))
    return [
        Table(
            name=name,
            head=("row", *whole.head[half]),
            rows=tuple((str(number), *row[half]) for number, row in enumerate(whole.rows, 1)),
        )
        for name, half in halves
    ]


def notice(sheet: FilledFiling, at: datetime) -> Iterable[tuple[str, str]]:
    """Yield what stands beside the table: who files, why, what must not be read into it."""
    filing = sheet.filing
    yield from (("Statement", text) for text in sheet.says)
    yield "Who files", filing.filer
    yield "What for", filing.purpose
    yield "Written in", f"{filing.cite} {filing.url}".strip()
    yield "Columns", "OFFICIAL: named by that text. DERIVED: ours, to be carried over by hand. " + confirmation(sheet)
    yield "Written", at.isoformat(sep=" ", timespec="minutes")
    yield from (("Caution", text) for text in sheet.cautions)
    for name, day, age in sheet.ages:
        yield name, f"{day.isoformat()}, {age} days old"
    if sheet.stale:
        old = "; ".join(sheet.stale)
        yield "Too old", f"{old}: written all the same because it was asked for; check each list first."
    yield from sheet.about


def confirmation(sheet: FilledFiling) -> str:
    """Return whether the text behind a filing was read."""
    ev = sheet.filing.evidence_class
    if ev == "unconfirmed":
        return UNCONFIRMED
    if ev in {"S", "I"}:
        return "Known from secondary sources; read the text itself before signing."
    return "Read at its source; check that it has not changed before signing."


def _gap_rows(sheet: FilledFiling) -> list[tuple[str, ...]]:
    return [gap.cells() for gap in sheet.gaps]


def _sheet(one: Table) -> Sheet:
    widths = [len(label) + 2 for label in one.head]
    for row in one.rows[:1000]:
        widths = [max(width, len(text)) for width, text in zip(widths, row, strict=True)]
    names = [label.rsplit(" (", 1)[0] for label in one.head]
    return Sheet(
        name=one.name[:31],
        head=one.head,
        rows=[[cell_value(name, text) for name, text in zip(names, row, strict=True)] for row in one.rows],
        widths={index: max(WIDTH_LEAST, min(WIDTH_CAP, width)) for index, width in enumerate(widths)},
    )


def cell_value(column: str, text: str) -> Value:
    """Return a cell as a number or a day where its column holds such and the text is one."""
    if column in NUMBERS and text.isascii() and text.isdecimal() and len(text) <= DIGITS:
        return int(text)
    if column in DAYS and text:
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    return text


def paper(sheet: FilledFiling, at: datetime) -> dict[str, object]:
    """Return what the signed forms print; what is signed first, our columns last."""
    parts = [one for whole in sheet.tables for one in apart(whole)]
    return {
        "title": one_line(sheet.title),
        "written": at.date().isoformat(),
        "date": [at.year, at.month, at.day],
        "says": [one_line(text, 4096) for text in sheet.says],
        "notice": [[name, one_line(text, 4096)] for name, text in notice(sheet, at) if name != "Statement"],
        "tables": [_print_table(one) for one in parts if one.name != DERIVED],
        "appendix": [_print_table(one) for one in parts if one.name == DERIVED],
        "gap_head": GAP_HEAD,
        "gaps": [list(map(one_line, row)) for row in _gap_rows(sheet)],
        "signature": SIGNATURE,
    }  # fmt: skip


def _print_table(one: Table) -> dict[str, object]:
    """Return a table as it is printed: whose columns they are stands in its heading, once."""
    heads, sorts = zip(
        *(label.removesuffix(")").rpartition(" (")[::2] for label in one.head if label != "row"), strict=True
    )
    whose = " and ".join(sorted(set(sorts)))
    title = one.name.replace("_", " ") if one.name not in sorts else "Columns"
    rows_numbered = ("row",) if one.head[0] == "row" else ()
    return {
        "name": f"{title} ({whose})",
        "head": [*rows_numbered, *(head.replace("_", " ") for head in heads)],
        "rows": [[one_line(text, CELL) for text in row] for row in one.rows],
    }


def _narrow(one: Table) -> Table:
    """Return a table without the notice of each CSV line; on paper it stands once."""
    if not one.head or not one.head[-1].startswith("notice"):
        return one
    return replace(one, head=one.head[:-1], rows=tuple(row[:-1] for row in one.rows))


def page(sheet: FilledFiling, at: datetime) -> bytes:
    """Return one self-contained HTML page to read, print and sign."""
    text: str = template("filing.html").render(paper(sheet, at))
    return text.encode()
