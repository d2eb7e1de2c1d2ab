"""Sheets to fill in as files: one workbook, or a CSV for each."""

from collections.abc import Sequence
from datetime import datetime

from auditor.model import OURS, SAID_BY
from auditor.paperwork.forms import FILER_HEAD, RULES, TITLE, Form
from auditor.paperwork.price_forms import PriceForm
from auditor.report import ooxml
from auditor.report.ooxml import Sheet
from auditor.report.sheets import table

WIDTHS = (10, 40)  # of a column, in characters
ROOM = 22  # for an answer
NAMES_IN_SIGHT = 2
HELP = "How to fill in"


def form_files(
    forms: Sequence[Form], at: datetime, *, as_book: bool, lists: Sequence[PriceForm] = ()
) -> dict[str, bytes]:
    """Return the sheets by file name; the same sheets and moment give the same bytes."""
    if as_book:
        sheets = [help_sheet(forms), *map(form_sheet, forms), *map(_price_sheet, lists)]
        return {"gaps.xlsx": ooxml.book(sheets, title=TITLE, created=at)}
    return {f"{form.level}.csv": table(*_cells(form)) for form in forms} | {
        f"{one.kind}.csv": table(one.head, one.rows) for one in lists
    }


def _price_sheet(one: PriceForm) -> Sheet:
    head = [label.replace("_", " ").capitalize() for label in one.head]
    widths = dict.fromkeys(range(len(head)), float(ROOM))
    return Sheet(name=one.kind.capitalize(), head=head, rows=one.rows, widths=widths, wraps=True)


def form_sheet(form: Form) -> Sheet:
    """Return one sheet to fill in; whose row it is stays in sight."""
    head, rows = _cells(form)
    lengths = [max([len(label), *(len(row[index]) for row in rows[:1000])]) for index, label in enumerate(head)]
    widths = {index: float(min(max(length + 2, WIDTHS[0]), WIDTHS[1])) for index, length in enumerate(lengths)}
    first = len(form.head) - len(form.questions)
    widths |= {index: max(widths[index], ROOM) for index in range(max(first, 0), len(form.head))}
    lead = 1 if form.head == FILER_HEAD else min(NAMES_IN_SIGHT, max(first, 0))
    return Sheet(name=form.name, head=head, rows=rows, widths=widths, lead=lead, wraps=True)


def help_sheet(forms: Sequence[Form]) -> Sheet:
    """Return the sheet that says how the others are filled in, and what each question means."""
    rows = [("", rule) for rule in RULES]
    rows += list(dict.fromkeys(line for form in forms for line in form.help))
    return Sheet(name=HELP, title="How to fill in these sheets", rows=rows, widths={0: 44, 1: 110}, wraps=True)


def _cells(form: Form) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return heading and rows; rows of devices say who concluded them, if imported."""
    head = [label.replace("_", " ").capitalize() for label in form.head]
    if form.level not in {"asset", "model"}:
        return head, list(form.rows)
    return [*head, SAID_BY], [(*row, OURS) for row in form.rows]
