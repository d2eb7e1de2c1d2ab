"""A facts file to fill in: each open question once, where an answer reaches furthest."""

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.normal import one_line
from auditor.paperwork.case import FilingCase, Line
from auditor.paperwork.define import Question
from auditor.paperwork.facts import LISTED
from auditor.paperwork.filled import cell, lines_of
from auditor.report.views import CELL, DeviceFinding, name_of

EMPTY = {
    "text": '""',
    "serial": '""',
    "list": "[]",
    "days": "[2026-01-31]",
    "flag": "false",
    "number": "0",
    "money": "0",
    "date": "2026-01-31",
    "time": "2026-01-31T12:00:00-05:00",
}
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
_QUOTABLE = re.compile(r"[ !#-\[\]-~]+\Z", re.ASCII)


def skeleton(cases: Sequence[FilingCase]) -> str:
    """Return a TOML document with every open question as a remark, answered without its `#`."""
    names = ", ".join(case.filing.id for case in cases)
    out = [f"# What is still open in {names}. Take the # off a line and answer it; what stays a remark stays a gap."]
    tables: dict[tuple[int, str, str], dict[str, Question]] = {}
    for case in cases:
        for place, question in _open(case):
            tables.setdefault(place, {})[question.id] = question
    for (_, head, remark), questions in sorted(tables.items(), key=lambda entry: entry[0]):
        out += ["", head, *([f"# {remark}"] if remark else [])]
        out += [line for question in questions.values() for line in _lines(question)]
    return "\n".join(out) + "\n"


def _open(case: FilingCase) -> Iterator[tuple[tuple[int, str, str], Question]]:
    """Yield each open question of a filing and the table in which one answer reaches furthest."""
    questions, clock = case.inputs.filings.questions, case.filing.clock
    if clock and clock.since not in case.inputs.facts.filer:
        yield from ((place, questions[clock.since]) for place in _places(questions[clock.since], Line()))
    lines = list(lines_of(case)) or [Line()]
    for column in case.filing.columns:
        for line in lines if column.fact else ():
            if not cell(column, line, case):
                yield from ((place, questions[column.fact]) for place in _places(questions[column.fact], line))


def _places(question: Question, line: Line) -> Iterator[tuple[int, str, str]]:
    """Yield the tables for a row's question: one, or one a device."""
    if "filer" in question.at:
        yield (0, "[filer]", "")
    elif line.layer is not None:
        yield (5, f"[share.{_key(line.layer.id)}]", line.layer.name)
    elif (level := next((one for one in LISTED if one in question.at), "")) and not line.pairs:
        yield (6, f"# [[{level}]]", "one such table a line")
    else:
        yield from (place for pair in line.pairs if (place := _place(question, pair)))


def _place(question: Question, pair: DeviceFinding) -> tuple[int, str, str] | None:
    """Return the table for one device's question, or nothing where no plain key names it."""
    asset, finding = pair.item.asset, pair.finding
    for index, (level, name) in enumerate(
        (("site", asset.site), ("maker", finding.maker), ("model", finding.model)), 1
    ):
        if level in question.at and _key(name):
            return (index, f"[{level}.{_key(name)}]", "")
    # The key of a stack is no name for one of its members.
    name = _key(finding.id) if finding.unit else _key(asset.key) or _key(finding.id)
    return None if "asset" not in question.at else (4, f"[asset.{name}]", _remark(pair))


def _key(text: str) -> str:
    """Return a text as a TOML key, or nothing where only an escape could spell it."""
    if len(text) > CELL:
        return ""
    if _BARE.match(text):
        return text
    return f'"{text}"' if _QUOTABLE.match(text) else ""


def _remark(pair: DeviceFinding) -> str:
    words: Iterable[str] = (name_of(pair), pair.finding.maker, pair.finding.model, pair.item.asset.site)
    return one_line(", ".join(word for word in words if word), CELL)


def _lines(question: Question) -> Iterator[str]:
    choices = f" One of: {', '.join(question.choices)}." if question.choices else ""
    yield f"# {question.says}{choices}"
    empty = f'"{question.choices[0]}"' if question.choices and question.type == "text" else EMPTY[question.type]
    yield f"# {question.id} = {empty}"
