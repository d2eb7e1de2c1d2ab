"""A cell answers its question, or says what to write in its place."""

import pytest

from auditor.imports.grids import GridCell
from auditor.paperwork.answer_cells import WrongCellError, answer
from auditor.paperwork.define import LEVELS, TYPES
from auditor.paperwork.forms import HOW, SHEETS
from auditor.paperwork.registry import all_filings

QUESTIONS = all_filings().questions


def text(value):
    return GridCell("B2", value)


def number(value, day=""):
    return GridCell("B2", value, "number", day)


@pytest.mark.parametrize(
    ("key", "cell", "says"),
    [
        ("obtained", GridCell("B2", "2018-03-01", "day", "2018-03-01"), "2018-03-01"),
        ("obtained", text("2018-03-01"), "2018-03-01"),
        ("obtained", text("1 March 2018"), "2018-03-01"),
        ("obtained", text("01.03.2018"), "2018-03-01"),
        ("obtained", text("13/03/2018"), "2018-03-13"),
        ("obtained", number("43160", "2018-03-01"), "2018-03-01"),
        ("obtained", number("20180301"), "2018-03-01"),
        ("amount", number("1234.5"), "1234.5"),
        ("amount", text("1234.50"), "1234.50"),
        ("amount", text("$1,234.50"), "1234.50"),
        ("amount", text("1,234,567"), "1234567"),
        ("amount", text("007"), "7"),
        ("latitude", number("-44.05"), "-44.05"),
        ("latitude", text("-0.5"), "-0.5"),
        ("inoperable", GridCell("B2", "yes", "flag"), "yes"),
        ("inoperable", text("Y"), "yes"),
        ("inoperable", text("FALSE"), "no"),
        ("acquisition", text("Lease"), "lease"),
        ("purposes", text("public-safety, Critical-Infrastructure"), "public-safety; critical-infrastructure"),
        ("purposes", text("none"), "none"),
        ("serial_number", text("0021023500001"), "0021023500001"),
        ("certificate_ref", number("4711"), "4711"),
        ("holidays", GridCell("B2", "2026-11-26", "day", "2026-11-26"), "2026-11-26"),
        ("discovered", text("2026-11-20T15:30:00-05:00"), "2026-11-20T15:30:00-05:00"),
    ],
)
def test_a_cell_is_an_answer(key, cell, says):
    assert answer(cell, QUESTIONS[key]) == says


@pytest.mark.parametrize(
    ("key", "cell", "problem"),
    [
        ("obtained", text("03/04/2018"), "may be two days"),
        ("obtained", text("soon"), "no day"),
        ("obtained", text("2018-03"), "without its day"),
        ("obtained", text("2018-02-30"), "no day"),
        ("obtained", number("2018", "1905-07-10"), "no day"),
        ("obtained", GridCell("B2", "1900-01-05", "day", "1900-01-05"), "cannot be meant"),
        ("amount", text("1,234"), "no number"),
        ("amount", text("12 EUR"), "no number"),
        ("amount", text("-5"), "less than nothing"),
        ("amount", GridCell("B2", "2018-03-01", "day", "2018-03-01"), "no number"),
        ("inoperable", text("maybe"), "neither yes nor no"),
        ("inoperable", number("1"), "neither yes nor no"),
        ("acquisition", text("stolen"), "none of purchase; rent; lease; other"),
        ("purposes", text("public-safety; fun"), "'fun' is none of"),
        ("purposes", text("none; public-safety"), "stands beside others"),
        ("serial_number", number("21023500001"), "kept as a number"),
        ("serial_number", text("2.10235E+19"), "kept as a number"),
        ("certificate_ref", number("123456789012345678"), "kept as a number"),
        ("discovered", text("2026-11-20 15:30"), "no time with its offset"),
        ("discovered", GridCell("B2", "2026-11-20", "day", "2026-11-20"), "no time with its offset"),
        ("holder", GridCell("B2", "#REF!", "error"), "is an error"),
        ("holder", GridCell("B2", "", "uncomputed"), "nobody computed"),
        ("holder", GridCell("B2", "A1:B2", "merged"), "is merged with the cells A1:B2"),
    ],
)
def test_a_wrong_cell_says_what_to_write_instead(key, cell, problem):
    with pytest.raises(WrongCellError, match=problem):
        answer(cell, QUESTIONS[key])


@pytest.mark.parametrize(("order", "day"), [("day-first", "2018-04-03"), ("month-first", "2018-03-04")])
def test_a_map_settles_which_day_is_meant(order, day):
    assert answer(text("3/4/2018"), QUESTIONS["obtained"], order) == day


@pytest.mark.parametrize("sort", TYPES)
def test_every_sort_of_question_has_a_reader_and_a_heading(sort):
    question = next(one for one in QUESTIONS.values() if one.type == sort)

    assert HOW[sort]
    with pytest.raises(WrongCellError, match="is an error"):
        answer(GridCell("B2", "#REF!", "error"), question)


def test_every_level_of_answers_has_a_sheet():
    assert set(SHEETS) == set(LEVELS)
