"""What a device says is hostile.

In no report may it become a formula, a tag, markup, a control sequence or a line of its own.
"""

import csv
import io
import itertools
import json
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.explain import STYLES, explain
from auditor.report.markdown import escaped
from auditor.report.page import json_for_script
from auditor.report.registry import FORMATS, render
from auditor.report.sheets import FORMULA_STARTS, inert
from tests.tools.audits import audit, large, poisoned
from tests.tools.hostile_audits import strings

CSVS = [name for name, kind in FORMATS.items() if kind.suffix == "csv"]
WORKBOOKS = [name for name, kind in FORMATS.items() if kind.suffix == "xlsx"]
DOCUMENTS = ["json", "sarif", "cyclonedx"]
TEXTUAL = [name for name, kind in FORMATS.items() if not kind.binary]


def base() -> Audit:
    return replace(audit(), assets=(*audit().assets, *large(60, 60).assets))


@cache
def hostile() -> Audit:
    endless = itertools.cycle(strings())
    drawn = itertools.count()

    def value() -> str:
        next(drawn)
        return next(endless)

    made = poisoned(base(), value)
    assert next(drawn) >= 1000
    return made


@cache
def report(name: str) -> bytes:
    return render(hostile(), name, Options())


def is_control(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Cc", "Cs"}
        or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )


@pytest.mark.parametrize("name", TEXTUAL)
def test_no_control_character_reaches_a_report(name: str) -> None:
    text = report(name).decode()

    allowed = {"\n", "\r"} if name in CSVS else {"\n"}
    assert {char for char in text if is_control(char)} <= allowed


@pytest.mark.parametrize("name", CSVS)
def test_no_cell_of_a_table_is_a_formula_and_no_row_is_forged(name: str) -> None:
    rows = list(csv.reader(io.StringIO(report(name).decode(), newline="")))

    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(FORMULA_STARTS)]
    assert "\r" not in report(name).decode().replace("\r\n", "")


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_holds_no_formula_no_link_and_no_outside_part(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(report(name))) as book:
        parts = {item: book.read(item) for item in book.namelist()}

    made = {item: content for item, content in parts.items() if "worksheets/sheet" in item}
    sheets = [ET.fromstring(content) for content in made.values()]  # noqa: S314  # we made it ourselves
    elements = [element for sheet in sheets for element in sheet.iter()]
    assert {element.tag.rpartition("}")[2] for element in elements} <= KNOWN_ELEMENTS
    texts = [decoded(element.text or "") for element in elements if element.tag.endswith("}t")]
    assert len(texts) > 500
    assert not [text for text in texts if [char for char in text if is_control(char)]]
    assert any("_x005F_x000D_" in text for text in texts)
    assert not [item for item in parts if "external" in item.casefold() or "vba" in item.casefold()]


KNOWN_ELEMENTS = {
    "worksheet", "sheetPr", "pageSetUpPr", "sheetViews", "sheetView", "pane", "selection",
    "sheetFormatPr", "cols", "col",
    "sheetData", "row", "c", "is", "t", "v", "autoFilter", "pageMargins", "pageSetup", "headerFooter", "oddFooter",
}  # fmt: skip


def decoded(text: str) -> str:
    """Return a text as Excel reads it: `_x000D_` is a character by number."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def test_no_cell_of_a_workbook_is_longer_than_excel_reads() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(report("xlsx")), read_only=True)

    longest = max(
        len(str(cell))
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    )

    assert 1000 < longest <= 32_767


class Tags(HTMLParser):
    """Counts elements and keeps what scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.handlers: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.counts[tag] += 1
        self.handlers |= {name for name, _value in attrs if name.startswith("on") or name in {"src", "srcdoc"}}


def test_a_page_has_the_same_elements_whatever_devices_say() -> None:
    counter = itertools.count()
    harmless = Tags(render(poisoned(base(), lambda: f"word{next(counter)}"), "html", Options()).decode())

    seen = Tags(report("html").decode())

    # Charts, the coverage table and the topology are as long as there are sites; everything else is fixed, and findings
    # live in the data block.
    drawn = {"g", "text", "rect", "title", "tr", "td", "path", "details", "summary", "svg", "div"}
    assert {tag: number for tag, number in seen.counts.items() if tag not in drawn} == {
        tag: number for tag, number in harmless.counts.items() if tag not in drawn
    }
    assert seen.handlers == set()
    assert seen.counts["script"] == 2


def test_the_data_of_a_page_cannot_end_its_script() -> None:
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', report("html").decode(), re.DOTALL)

    assert block is not None
    assert not set(block[1]) & set("<>&\u2028\u2029")
    assert json.loads(block[1])["findings"]
    assert json_for_script({"a": "</script>&\u2028"}) == '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_still_one_document(name: str) -> None:
    assert isinstance(json.loads(report(name)), dict)


def test_every_line_of_json_lines_is_an_object() -> None:
    lines = report("jsonl").decode().splitlines()

    assert {json.loads(line)["type"] for line in lines} == {"audit", "asset", "unread"}
    assert len(lines) == 1 + len(hostile().assets) + len(hostile().unread)


def test_markdown_shows_markup_and_does_not_obey_it() -> None:
    rows = [line for line in report("md").decode().splitlines() if line.startswith("|")]

    for row in rows:
        bare = re.sub(r"\\.", "", row)
        assert not re.search(r"[<>`\[\]*~@]|://|www\.", bare)
    bars = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows]
    assert set(bars) <= {3, 4, 6, 7, 8, 9, 11, 14}
    assert escaped("[a](http://x) | <b> *c* @d www.e") == r"\[a\](http\://x) \| \<b\> \*c\* \@d www\.e"


def test_every_line_for_prometheus_keeps_its_grammar() -> None:
    grammar = re.compile(r'auditor_\w+(\{\w+="(?:[^"\\]|\\["\\])*"(?:,\w+="(?:[^"\\]|\\["\\])*")*\})? \d+(\.\d+)?\Z')
    lines = [line for line in report("prometheus").decode().splitlines() if not line.startswith("#")]

    assert lines
    assert [line for line in lines if not grammar.match(line)] == []


def test_the_terminal_gets_no_line_wider_than_it_is() -> None:
    from auditor.report.columns import cell_width

    lines = render(hostile(), "text", Options(width=72)).decode().splitlines()

    assert max(cell_width(line) for line in lines) <= 72


def test_paper_takes_device_text_as_text() -> None:
    pytest.importorskip("typst")

    made = report("pdf")

    assert made.startswith(b"%PDF-")
    assert b"/JavaScript" not in made
    assert b"/URI" not in made


@pytest.mark.parametrize("style", STYLES)
def test_an_explanation_is_as_clean_as_a_report(style: str) -> None:
    for item in hostile().assets[:20]:
        told = explain(item, hostile(), style)

        assert not [char for char in told if is_control(char) and char != "\n"]
        if style == "markdown":
            assert not re.search(r"[<>`\[\]*~@]|://|www\.", re.sub(r"\\.", "", told))


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\uff1d1"])
def test_what_would_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == "'" + text


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert inert("S5720-28X=a") == "S5720-28X=a"
