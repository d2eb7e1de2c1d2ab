"""Workbooks: the whole audit, or the rip-and-replace list alone. Device text is only ever a string cell, never a formula or a link."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.model import Audit
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.rows import (
    DeviceRow,
    FindingRow,
    UnreadRow,
    cells,
    columns,
    device,
    device_rows,
    finding_rows,
    found,
    unread_rows,
)
from auditor.report.sheets import REPLACE_COLUMNS, replace_rows
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

CELL_CAP = 32_767
NUMBERS = frozenset({"vlan"})
WIDTHS = {
    "verdict": 12, "site": 14, "device": 24, "address": 16, "mac": 19, "maker": 12, "brand": 12, "model": 22, "serial": 22,
    "why": 60, "duty": 60, "citation": 36, "missing": 30, "because": 60, "value": 60, "means": 28, "detail": 40, "against": 40,
}  # fmt: skip
EVIDENCE_COLUMNS = (
    "finding", "site", "device", "maker", "side", "rule", "strength", "because", "source", "witness", "kind", "where", "value",
    "captures", "reported by",
)  # fmt: skip
OBLIGATION_COLUMNS = (
    "finding", "site", "device", "maker", "policy", "title", "applies", "duty", "since", "until", "citation", "condition",
    "who is bound", "needs", "source", "evidence class",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of a workbook: a header, rows of texts, and which columns hold numbers."""

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    numbers: frozenset[str] = NUMBERS


def as_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the whole audit as a workbook of seven sheets, headers frozen, filters set, ready to print."""
    sheets = (
        Sheet(name="Findings", head=columns(FindingRow), rows=map(cells, finding_rows(audit))),
        Sheet(name="Evidence", head=EVIDENCE_COLUMNS, rows=evidence_rows(audit)),
        Sheet(name="Obligations", head=OBLIGATION_COLUMNS, rows=obligation_rows(audit)),
        Sheet(name="Assets", head=columns(DeviceRow), rows=map(cells, device_rows(audit))),
        Sheet(name="Unread", head=columns(UnreadRow), rows=map(cells, unread_rows(audit))),
    )
    return _workbook(audit, options, sheets)


def as_replace_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the rip-and-replace list as a workbook."""
    return _workbook(audit, options, (Sheet(name="Replace", head=REPLACE_COLUMNS, rows=replace_rows(audit, options)),))


def evidence_rows(audit: Audit) -> Iterable[list[str]]:
    """Yield every piece of evidence, for and against, with the finding it belongs to."""
    for pair in found(audit):
        finding, asset = pair.finding, pair.item.asset
        head = [finding.id, asset.site, device(asset), finding.maker]
        sides = [("for", item) for item in finding.evidence] + [("against", item) for item in finding.against]
        for side, item in sides:
            captures = ", ".join(f"{name}={value}" for name, value in item.captures)
            fact = item.fact
            yield [
                *head, side, item.rule, item.strength.word, item.because, item.source, item.witness, fact.kind, fact.where,
                fact.value, captures, item.by,
            ]  # fmt: skip


def obligation_rows(audit: Audit) -> Iterable[list[str]]:
    """Yield what each policy asks about each finding, those included that ask nothing."""
    for pair in found(audit):
        finding, asset = pair.finding, pair.item.asset
        for item in finding.obligations:
            since = "" if item.since is None else item.since.isoformat()
            until = "" if item.until is None else item.until.isoformat()
            yield [
                finding.id, asset.site, device(asset), finding.maker, item.policy, item.title, item.applies.value, item.duty,
                since, until, item.cite, item.condition, item.bound, "; ".join(item.needs), item.url, item.evidence_class,
            ]  # fmt: skip


def _workbook(audit: Audit, options: Options, sheets: Iterable[Sheet]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        # Device text never becomes a formula or a link, whatever method writes it.
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": options.title, "created": audit.finished.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    _summary(book, audit, options, bold)
    for sheet in sheets:
        _table(book, sheet, bold)
    _pairs(book, "About", [*about(audit, options), ("Silence", SILENCE), ("Notice", DISCLAIMER)], bold)
    book.close()
    return out.getvalue()


def _summary(book: Any, audit: Audit, options: Options, bold: Any) -> None:
    sheet = book.add_worksheet("Summary")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 70)
    sheet.set_landscape()
    sheet.write_string(0, 0, one_line(options.title), bold)
    sheet.write_string(1, 0, headline(audit))
    line = 3
    for line, (label, number, means) in enumerate(counts(audit), 3):
        sheet.write_string(line, 0, label)
        sheet.write_number(line, 1, number)
        sheet.write_string(line, 2, means)
    for offset, note in enumerate([SILENCE, DISCLAIMER, *audit.notes], line + 2):
        sheet.write_string(offset, 0, _cell(note))


def _pairs(book: Any, name: str, pairs: Iterable[tuple[str, str]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 90)
    for line, (label, value) in enumerate(pairs):
        sheet.write_string(line, 0, _cell(label), bold)
        sheet.write_string(line, 1, _cell(value))


def _table(book: Any, table: Sheet, bold: Any) -> None:
    sheet = book.add_worksheet(table.name)
    for index, name in enumerate(table.head):
        sheet.set_column(index, index, WIDTHS.get(name, 14))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")
    for index, name in enumerate(table.head):
        sheet.write_string(0, index, name.replace("_", " ").capitalize(), bold)
    numbers = {index for index, name in enumerate(table.head) if name in table.numbers}
    line = 0
    for line, row in enumerate(table.rows, 1):
        for index, value in enumerate(row):
            if index in numbers and value.isascii() and value.isdecimal():
                sheet.write_number(line, index, int(value))
            elif value:
                sheet.write_string(line, index, _cell(value))
    sheet.autofilter(0, 0, max(line, 1), len(table.head) - 1)


def _cell(value: str) -> str:
    return one_line(value, CELL_CAP)
