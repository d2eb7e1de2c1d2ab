"""Papers as a printer sees them: no word off its page, none on another, nothing cut."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache

import pytest

from auditor.model import Place
from auditor.paperwork import filled, plan
from auditor.paperwork.case import STEPS, FilingCase
from auditor.paperwork.facts import Facts
from auditor.paperwork.filled import Table
from auditor.paperwork.layout import EMS, MOST_COLUMNS, SOFT, layout
from auditor.paperwork.paper import files
from auditor.paperwork.removal import Plan
from auditor.paperwork.supplements import supplements
from tests.tools.audits import audit, large
from tests.tools.filing_cases import SHELF, TODAY, case

# Records by paper; `make papers` asks for so many of every one.
RECORDS = int(os.environ.get("AUDITOR_TEST_RECORDS", "0"))
NUMBERS = {"removal_plan": 200, "fcc_annual_1_50007": 60}
if RECORDS:
    NUMBERS = {name: RECORDS for name, filing in SHELF.by_id.items() if filing.signed}
WIDE = ("W", "8", "Ä", "設", "m", "_", "x-")
WORD = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
PAGE = re.compile(r'<page width="(.+?)" height="(.+?)">(.*?)</page>', re.DOTALL)
TIGHT = 0.3  # of a box: ascender and descender, which neighbouring lines share
TOUCH = 0.5  # points, by which boxes of words may differ from their ink


def hostile(index, item):
    """Return a device whose serial number is one word of 40, whose site one of 60."""
    letter = WIDE[index % len(WIDE)]
    serial, site = (f"{index:03d}{letter * size}"[:size] for size in (40, 60))
    place = Place(switch=serial, port=letter * 30, vlan=20, because="the only port")
    asset = replace(item.asset, key=f"serial:{serial}", serial=serial, site=site, name=letter * 40, place=place)
    finding = replace(item.findings[0], serial=serial, model=letter * 40, firmware=letter * 40)
    return replace(item, asset=asset, findings=(finding,))


@cache
def papers(name):
    number = NUMBERS[name]
    items = [item for item in large(number * 2, number * 2).assets if item.findings[0].verdict.word != "possible"]
    base = replace(audit(), assets=tuple(hostile(index, item) for index, item in enumerate(items[:number])))
    filing = SHELF.by_id[name]
    inputs = replace(case(base=base), facts=facts(base, filing))
    whole = Plan(FilingCase(inputs, filing))
    more = (plan.tables(whole), tuple(plan.gaps(whole))) if filing.rows == "plan" else ((), ())
    beside = supplements(FilingCase(inputs, filing), base)
    return files(filled.fill(inputs, filing, (*more[0], *beside), more[1]), TODAY, pdf=True)


def facts(base, filing):
    """Return answers of one word each: what a filing must have before it is signed, claims and invoices."""
    answers = dict.fromkeys(filing.complete, "W" * 40) | dict.fromkeys(STEPS & set(filing.complete), "2026-11-22")
    entries = [{"claim_ref": f"{index}{'8' * 38}", "currency": "USD", "amount": "1", "amount_claimed": "9" * 12}
        for index in range(20)]  # fmt: skip
    own = {item.asset.key: answers for item in base.assets} if answers else {}
    return Facts(asset=own, claim=tuple(entries), invoice=tuple(entries), filer={"approved": "2026-01-01"})


@cache
def pages(name):
    """Return each page: width, height, words with their boxes (`pdftotext -bbox`)."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    paper = papers(name)[f"{name}.pdf"]
    command = [shutil.which("pdftotext"), "-bbox", "-", "-"]
    text = subprocess.run(command, input=paper, capture_output=True, check=True).stdout.decode()  # ours
    return tuple(_page(*groups) for groups in PAGE.findall(text))


def _page(width, height, body):
    return float(width), float(height), [(*map(float, box), word) for *box, word in WORD.findall(body)]


def overlapping(words):
    """Return pairs of words whose ink lies on each other."""
    boxes = []
    for left, top, right, bottom, word in words:
        inset = (bottom - top) * TIGHT
        boxes.append((top + inset, bottom - inset, left + TOUCH, right - TOUCH, word))
    boxes.sort()
    active = []
    for box in boxes:
        active = [one for one in active if one[1] > box[0]]
        yield from ((one, box) for one in active if one[2] < box[3] and box[2] < one[3])
        active.append(box)


@pytest.mark.parametrize("name", NUMBERS)
def test_no_word_leaves_its_page_or_lies_on_another(name):
    every = pages(name)
    least = NUMBERS[name] * 5 if SHELF.by_id[name].rows == "devices" and not SHELF.by_id[name].group else 50

    assert sum(len(words) for _, _, words in every) > least
    for width, height, words in every:
        assert not [word for word in words if word[0] < 0 or word[1] < 0 or word[2] > width or word[3] > height]
        assert list(overlapping(words)) == []


def test_what_is_printed_is_whole():
    every = {word for _, _, words in pages("removal_plan") for *_, word in words}
    serials = {f"serial:{index:03d}{'8' * 37}"[-40:] for index in range(1, NUMBERS["removal_plan"], len(WIDE))}

    assert len(serials) == 29
    assert serials - every == set()


def lines_of(paper):
    """Return the lines of each page, as text."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    command = [shutil.which("pdftotext"), "-layout", "-", "-"]
    text = subprocess.run(command, input=paper, capture_output=True, check=True).stdout.decode()  # ours
    return [[line.strip() for line in page.splitlines() if line.strip()] for page in text.split("\f")]


def test_a_heading_and_the_remarks_under_it_stand_on_the_page_of_their_table():
    filling = filled.fill(case(), SHELF.by_id["custody_log"])
    second = table(("a", "b"), [("first", "")])
    feet = set()
    for number in (40, 41):
        first = table(("n",), [(f"n{row}",) for row in range(number)])
        paper = files(replace(filling, tables=(first, second)), TODAY, pdf=True)["custody_log.pdf"]
        feet.add(lines_of(paper)[0][-2])

    # The second went over whole, with its heading and what is said under it.
    assert feet == {"n39", "n40"}


def table(head, rows, **more):
    return Table(name="t", head=head, rows=tuple(rows), **more)


def test_a_table_has_ten_columns_at_most_and_its_parts_share_the_number_of_the_row():
    head = tuple(f"c{number}" for number in range(23))
    parts = layout(table(head, [tuple(f"{row}.{number}" for number in range(23)) for row in range(3)]), "T")

    assert [part.head[0] for part in parts] == ["row"] * 3
    assert all(len(part.head) <= MOST_COLUMNS for part in parts)
    assert [label for part in parts for label in part.head[1:]] == list(head)
    assert [row[0] for row in parts[1].rows] == ["1", "2", "3"]
    assert [part.name for part in parts] == [f"T, part {number} of 3" for number in (1, 2, 3)]


def test_empty_columns_are_left_out_and_named():
    (part,) = layout(table(("a (OFFICIAL)", "day_obtained (OFFICIAL)"), [("1", ""), ("2", "")]), "T")

    assert (part.head, part.remarks) == (("a",), ("Empty in every row: day obtained.",))


def test_what_every_row_says_is_said_once_where_columns_are_many():
    head = ("a", "same", *(f"c{number}" for number in range(10)))
    parts = layout(table(head, [(str(row), "x", *[f"{row}"] * 10) for row in range(2)]), "T")

    assert parts[0].remarks == ("The same in every row: same x.",)
    assert "same" not in [label for part in parts for label in part.head]


def test_long_texts_stand_once_below_the_table():
    long = "All of them were bought in the autumn of a year nobody remembers. " * 2
    (part,) = layout(table(("a", "why"), [("1", long), ("2", ""), ("3", long)]), "T")

    assert [row[1] for row in part.rows] == ["note 1", "", "note 1"]
    assert part.notes == (long.strip(),)


def test_rows_that_differ_in_one_column_are_joined_where_a_table_asks_for_it():
    rows = [("x", "remove", "3"), ("x", "replace", "3"), ("y", "remove", "3")]
    (part,) = layout(table(("site", "kind", "quantity"), rows, merge_on="kind"), "T")

    assert part.rows == (("x", "remove, replace", "3"), ("y", "remove", "3"))


@pytest.mark.parametrize("columns", [1, 4, 10])
def test_columns_fit_the_page_and_longer_words_are_broken(columns):
    (part,) = layout(table([f"c{at}" for at in range(columns)], [["W" * 300] * columns]), "T", has_notes=False)

    assert sum(part.widths) <= EMS * 8 + 0.1
    pieces = part.cells[0][0].split(SOFT)
    assert len(set(map(len, pieces[:-1]))) == 1
    assert "".join(pieces) == "W" * 300


def test_a_table_without_rows_says_so():
    (part,) = layout(table(("a", "b"), []), "T")

    assert (part.rows, part.remarks) == ((), ("No row stands here.",))


def test_a_paper_of_ten_pages_has_contents():
    first, *rest = [" ".join(word for *_, word in words) for _, _, words in pages("removal_plan")]

    assert len(rest) >= 9
    assert "Contents" in first
    assert all(name in first for name in ("Totals", "Visits", "Quantities", "Notice"))
