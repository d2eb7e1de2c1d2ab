"""Sheets to fill in for the tests: an audit of 51 devices, its workbook, cells written into it."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl

from auditor.imports.grids import grids
from auditor.imports.source import SourceFile
from auditor.paperwork.answer_changes import apply_answers
from auditor.paperwork.answer_names import AnswerNames
from auditor.paperwork.answers import AnswerReader
from auditor.paperwork.case import FilingCase
from auditor.paperwork.column_map import read_map
from auditor.paperwork.form_files import form_files
from auditor.paperwork.forms import forms
from tests.tools.audits import audit, switch
from tests.tools.filing_cases import SHELF, case

AT = datetime(2026, 11, 21, tzinfo=UTC)
DEVICES = 51
FILING = "scrp_disposal_log"


def device(index):
    """Return one switch of many, at one of four sites, of one of three models."""
    base = switch()
    asset = replace(
        base.asset, key=f"serial:SN{index:04}", serial=f"SN{index:04}", address=f"192.0.2.{index}", addresses=(),
        name=f"sw-{index}", macs=(f"00005e0053{index:02x}",), site=f"site-{index % 4}",
    )  # fmt: skip
    finding = replace(base.findings[0], id=f"f-{index:04}", model=f"S5720-{index % 3}", serial="")
    return replace(base, asset=asset, findings=(finding,), parts=(), device=f"D-{index:06}")


def fleet(number=DEVICES):
    """Return an audit of so many switches."""
    return replace(audit(), assets=tuple(device(index + 1) for index in range(number)))


def inputs(facts="", number=DEVICES):
    """Return the case of a fleet and what is answered so far."""
    return case(facts, base=fleet(number))


def book_of(case_inputs, filing=FILING):
    """Return the workbook to fill in, open in openpyxl."""
    sheets = forms([FilingCase(case_inputs, SHELF.by_id[filing])])
    (content,) = form_files(sheets, AT, as_book=True).values()
    return openpyxl.load_workbook(io.BytesIO(content))


def column(sheet, word):
    """Return the number of a sheet's column by how its heading begins, from 1."""
    return next(cell.column for cell in sheet[1] if str(cell.value).lower().startswith(word.lower()))


def put(sheet, row, word, value):
    """Write one cell by row and heading."""
    sheet.cell(row=row, column=column(sheet, word)).value = value


def read_answers(path, case_inputs, mapping=""):
    """Return what a file says: the reading and the names."""
    names = AnswerNames(case_inputs)
    columns = read_map(mapping, "map.toml", SHELF.questions) if mapping else None
    source = SourceFile(path=path, site="", at=AT, warn=lambda _text: None)
    return AnswerReader(names, columns).read(grids(source)), names


def facts_after(path, case_inputs, mapping=""):
    """Return the facts a file leaves, after it was read without a refusal."""
    reading, names = read_answers(path, case_inputs, mapping)
    assert reading.refusals == []
    return apply_answers(reading, names, case_inputs.facts)[0]
