"""A thousand hostile strings through every filing.

No formula, no tag, no control character, no file outside the folder.
"""

import csv
import io
import itertools
import re
import zipfile
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from auditor.model import Verdict
from auditor.paperwork import filled
from auditor.paperwork.case import FilingCase
from auditor.paperwork.facts import Facts
from auditor.paperwork.paper import files
from auditor.paperwork.plan import Plan, gaps, tables
from auditor.paperwork.supplements import supplements
from auditor.report.sheets import FORMULA_STARTS
from tests.report.test_hostile import KNOWN_ELEMENTS, is_control
from tests.tools.audits import audit, large, poisoned
from tests.tools.filing_cases import SHELF, TODAY, case
from tests.tools.hostile_audits import strings

NAMES = sorted(SHELF.by_id)
DONE = {"removed": "2026-11-22", "disposed": "2026-11-23"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "div", "table",
    "caption", "thead", "tbody", "tr",
    "th", "td", "dl", "dt", "dd", "strong",
}  # fmt: skip


@cache
def made(name):
    endless = itertools.cycle(strings())
    base = replace(audit(), assets=(*audit().assets, *large(40, 40).assets))
    poison = poisoned(base, lambda: next(endless))
    hostile = replace(case(base=poison, at_least=Verdict.POSSIBLE), facts=facts(poison, endless))
    filing = SHELF.by_id[name]
    more = supplements(FilingCase(hostile, filing), poison)
    if filing.rows != "plan":
        return files(filled.fill(hostile, filing, more), TODAY, pdf=name == "inquiry_statement")
    whole = Plan(FilingCase(hostile, filing))
    return files(filled.fill(hostile, filing, (*tables(whole), *more), tuple(gaps(whole))), TODAY)


def facts(poison, endless):
    """Return facts that know every device and say only hostile things.

    The reader folds what a filer says into one line too.
    """
    from auditor.normal import one_line

    def said(keys):
        return {key: one_line(next(endless), 400) for key in keys}

    texts = [key for key, question in SHELF.questions.items() if question.type == "text"]
    events = tuple(said(texts) | {"asset": one_line(item.asset.key, 400)} for item in poison.assets[:5])
    return Facts(
        filer=said(texts),
        asset={item.asset.key: said(texts) | DONE for item in poison.assets},
        custody=events,
        cost=events,
        claim=events,
        invoice=events,
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_is_a_formula_and_no_row_is_forged(name):
    for file, content in made(name).items():
        if file.endswith(".csv"):
            found = list(csv.reader(io.StringIO(content.decode(), newline="")))
            assert len({len(row) for row in found}) == 1
            assert not [cell for row in found for cell in row if cell.lstrip().startswith(FORMULA_STARTS)]
            assert not [char for row in found for cell in row for char in cell if is_control(char)]


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_holds_text_numbers_and_days_only(name):
    with zipfile.ZipFile(io.BytesIO(made(name)[f"{name}.xlsx"])) as book:
        names = [name for name in book.namelist() if "worksheets/sheet" in name]
        sheets = [ET.fromstring(book.read(name)) for name in names]  # noqa: S314  # we made it
    elements = [element for sheet in sheets for element in sheet.iter()]

    assert {element.tag.rpartition("}")[2] for element in elements} <= KNOWN_ELEMENTS
    texts = [element.text or "" for element in elements if element.tag.endswith("}t")]
    assert not [text for text in texts if [char for char in text if is_control(char)]]


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()
        self.attributes = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", [name for name in NAMES if SHELF.by_id[name].signed])
def test_a_page_holds_only_our_own_tags(name):
    text = made(name)[f"{name}.html"].decode()
    reader = _Tags()
    reader.feed(text)

    assert reader.seen <= TAGS
    assert not {name for name in reader.attributes if name.startswith("on") or name in {"src", "href"}}
    assert not [char for char in text if is_control(char) and char != "\n"]


def test_a_pdf_is_set_all_the_same():
    assert made("inquiry_statement")["inquiry_statement.pdf"].startswith(b"%PDF-")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_a_plain_name(name):
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z]+)?\.(csv|xlsx|html|pdf)", file) for file in made(name))
