"""A cell that a person filled in → an answer, checked by the sort of its question."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from auditor.imports.cells import day_of, is_spoilt
from auditor.imports.grids import DAY, DIGITS, ERROR, FLAG, MERGED, NUMBER, UNCOMPUTED, GridCell
from auditor.normal import one_line
from auditor.paperwork.define import Question
from auditor.paperwork.facts import NONE_APPLIES

EARLIEST, LATEST = "1980-01-01", "2099-12-31"
DATE_ORDERS = ("day-first", "month-first", "")
WORDS = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z", re.ASCII)
# Thousands are plain where a decimal point follows them or they come twice; `1,234` alone may be either.
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})\Z", re.ASCII)
_SLASHES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]((?:19|20)[0-9]{2})\Z", re.ASCII)


class WrongCellError(ValueError):
    """A cell holds no answer to its question; the text says what to write instead."""


def answer(cell: GridCell, question: Question, dates: str = "") -> str:
    """Return a cell as the text of an answer; `dates` settles whether 3/4/2018 is in March.

    What is no such answer is a `WrongCellError`.
    """
    if problem := _PROBLEMS.get(cell.sort):
        raise WrongCellError(problem.format(excerpt=one_line(cell.text, 40)))
    return _READERS[question.type](cell, question, dates)


def _date(cell: GridCell, _question: Question, dates: str) -> str:
    excerpt = one_line(cell.text, 40)
    day = cell.text if cell.sort == DAY else cell.day if cell.sort == NUMBER and _is_near(cell.day) else ""
    day = day or day_of(cell.text) or _by_order(cell.text, dates)
    if not day:
        hint = "it may be two days" if _SLASHES.match(cell.text) else "it is no day"
        raise WrongCellError(f"'{excerpt}': {hint}; write it as 2018-03-01")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise WrongCellError(f"'{excerpt}' names a month without its day; write it as 2018-03-01") from None
    if not _is_near(day):
        raise WrongCellError(f"'{excerpt}' is the day {day}, which cannot be meant; write it as 2018-03-01")
    return day


def _is_near(day: str) -> bool:
    return EARLIEST <= day <= LATEST


def _by_order(text: str, dates: str) -> str:
    match = _SLASHES.match(text)
    if match is None or not dates:
        return ""
    month, day = (match[2], match[1]) if dates == "day-first" else (match[1], match[2])
    return day_of(f"{match[3]}-{month}-{day}")


def _time(cell: GridCell, _question: Question, _dates: str) -> str:
    try:
        moment = datetime.fromisoformat(cell.text)
    except ValueError:
        moment = None
    if cell.sort in {DAY, NUMBER} or moment is None or moment.tzinfo is None:
        excerpt = one_line(cell.text, 40)
        raise WrongCellError(f"'{excerpt}' is no time with its offset; write 2026-11-20T15:30:00-05:00 as text")
    return moment.isoformat()


def _number(cell: GridCell, _question: Question, _dates: str) -> str:
    text = cell.text.removeprefix("$").strip()
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    if cell.sort == DAY or not _PLAIN.match(text):
        excerpt = one_line(cell.text, 40)
        raise WrongCellError(f"'{excerpt}' is no number; write it as 1234.50, without a currency or a unit")
    whole, point, rest = text.removeprefix("+").partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-'))}{point}{rest}"


def _money(cell: GridCell, question: Question, dates: str) -> str:
    text = _number(cell, question, dates)
    if text.startswith("-"):
        raise WrongCellError(f"'{text}' is less than nothing; an amount is written as 1234.50")
    return text


def _flag(cell: GridCell, _question: Question, _dates: str) -> str:
    word = WORDS.get(cell.text.casefold(), "")
    if not word or cell.sort not in {FLAG, "text"}:
        raise WrongCellError(f"'{one_line(cell.text, 40)}' is neither yes nor no")
    return word


def _free(cell: GridCell, question: Question, _dates: str) -> str:
    if question.choices:
        return _choice(cell.text, question)
    if cell.sort == NUMBER and len(cell.text.lstrip("-").replace(".", "")) >= DIGITS:
        raise WrongCellError(_LOST.format(excerpt=one_line(cell.text, 40)))
    return one_line(cell.text)


def _serial(cell: GridCell, question: Question, dates: str) -> str:
    """Return a number of a label or a register as text: a number lost its zeros and last digits."""
    if cell.sort != "text" or is_spoilt(cell.text):
        raise WrongCellError(_LOST.format(excerpt=one_line(cell.text, 40)))
    return _free(cell, question, dates)


def _choice(text: str, question: Question) -> str:
    words = {word.casefold(): word for word in question.choices}
    if text.casefold() not in words:
        excerpt = one_line(text, 40)
        raise WrongCellError(f"'{excerpt}' is none of {'; '.join(question.choices)}")
    return words[text.casefold()]


def _list(cell: GridCell, question: Question, dates: str) -> str:
    if cell.sort in {DAY, NUMBER} and not question.choices:
        return _date(cell, question, dates)
    items = [item.strip() for item in re.split(r"[;,\n]", cell.text) if item.strip()]
    texts = [_choice(item, question) if question.choices else one_line(item) for item in items]
    if len(texts) > 1 and NONE_APPLIES in texts:
        raise WrongCellError(f"'{NONE_APPLIES}' stands beside others; write one or the other")
    return "; ".join(texts)


def _days(cell: GridCell, question: Question, dates: str) -> str:
    """Return several days; one alone may be a cell of a day."""
    items = [item.strip() for item in cell.text.split(";") if item.strip()]
    cells = [replace(cell, text=item) for item in items] if len(items) > 1 else [cell]
    return "; ".join(sorted({_date(one, question, dates) for one in cells}))


_LOST = (
    "'{excerpt}' is kept as a number, which loses leading zeros and all beyond 15 digits; format the cell as text and "
    "write it again"
)
_PROBLEMS = {
    ERROR: "'{excerpt}' is an error; write the answer itself",
    UNCOMPUTED: "a formula nobody computed; open the workbook, save it, or write the answer itself",
    MERGED: "is merged with the cells {excerpt}; unmerge them, so that each column has a cell of its own",
}
_READERS: dict[str, Callable[[GridCell, Question, str], str]] = {
    "text": _free, "date": _date, "time": _time, "number": _number, "money": _money, "serial": _serial,
    "flag": _flag, "list": _list, "days": _days,
}  # fmt: skip
