"""Sheets to fill in: what a filing asks of its filer, a row a device, model, maker or site."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.model import Applies
from auditor.normal import one_line
from auditor.paperwork.case import FilingCase
from auditor.paperwork.define import Question
from auditor.paperwork.facts import LISTED, Facts, Values
from auditor.report.views import CELL, DeviceFinding, name_of, place, serial, spelled_macs

TITLE = "Fill in"
# Levels of answers, and the sheet each has.
SHEETS = {
    "filer": f"{TITLE} filer", "site": f"{TITLE} sites", "maker": f"{TITLE} makers", "model": f"{TITLE} models",
    "asset": f"{TITLE} devices", "share": f"{TITLE} layers", "custody": f"{TITLE} custody", "cost": f"{TITLE} costs",
    "claim": f"{TITLE} claims", "invoice": f"{TITLE} invoices",
}  # fmt: skip
FILER_HEAD = ("question", "answer", "what to write")
# What a removal plan reads of sites besides its columns.
PLAN_ASKS = ("location", "access", "visit_order")
HOW = {
    "text": "text", "serial": "as text", "date": "date", "time": "time", "number": "number", "money": "amount",
    "flag": "yes or no", "list": "several: a; b", "days": "dates: a; b",
}  # fmt: skip
RULES = (
    "Write into the columns whose heading ends in brackets; the others say of what a row speaks.",
    "A cell left empty says nothing and takes nothing back. Rows may be sorted and added, columns moved or deleted.",
    "Write days as 2018-03-01, amounts as 1234.50; format a column of serial numbers as text before you type into it.",
    "What is said of a device goes before what is said of its model, its maker, its site, the filer.",
    "Then: auditor filings fill THIS-FILE --facts facts.toml --check",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One sheet to fill in: a level of answers, its questions, its rows as texts."""

    level: str
    head: tuple[str, ...]
    questions: tuple[Question, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """Return the name of the sheet."""
        return SHEETS[self.level]

    @property
    def help(self) -> tuple[tuple[str, str], ...]:
        """Return each question by its heading, and how it is answered."""
        return tuple((heading(question), _says(question)) for question in self.questions)


def heading(question: Question) -> str:
    """Return the heading of a question's column, which says how it is answered."""
    return f"{question.id} ({'choice' if question.choices and question.type == 'text' else HOW[question.type]})"


def forms(cases: Sequence[FilingCase]) -> tuple[Form, ...]:
    """Return the sheets of some filings over one audit; a level nothing is asked at has none."""
    questions = list(_questions(cases))
    sheets = (_form(level, questions, cases) for level in SHEETS)
    return tuple(sheet for sheet in sheets if sheet.questions and (sheet.rows or sheet.level in _LISTS))


def _questions(cases: Sequence[FilingCase]) -> Iterator[Question]:
    book = cases[0].inputs.filings.questions
    ids = {column.fact for case in cases for column in case.filing.columns}
    ids |= {case.filing.clock.since for case in cases if case.filing.clock}
    ids |= {key for case in cases for due in case.filing.dues for key in (due.since, due.on, *due.until)}
    ids |= {key for case in cases if case.filing.rows == "plan" for key in PLAN_ASKS}
    if any(
        duty.applies is not Applies.YES for case in cases for pair in case.pairs for duty in case.asking(pair.finding)
    ):
        ids |= {"purposes", "obtained"}
    kinds = {case.filing.rows for case in cases}
    events = any(column.value == "device.custody" for case in cases for column in case.filing.columns)
    for question in book.values():
        levels = _LISTS & set(question.at)
        is_of_list = any(f"{level}s" in kinds or level in kinds for level in levels) or ("custody" in levels and events)
        if question.id in ids or is_of_list:
            yield question


def _form(level: str, questions: Sequence[Question], cases: Sequence[FilingCase]) -> Form:
    own = [question for question in questions if level in question.at]
    if level in _LISTS and not any(question.at == (level,) for question in own):
        own = []
    facts = cases[0].inputs.facts
    if level == "filer":
        rows = tuple((question.id, facts.filer.get(question.id, ""), _says(question)) for question in own)
        return Form(level=level, head=FILER_HEAD, questions=tuple(own), rows=rows)
    texts = dict(_ROWS[level](cases)) if level in _ROWS else {}
    lead = _LEADS.get(level, ())
    tables = _answers(level, facts, cases)
    lines = [(*texts[key], *(tables(key).get(question.id, "") for question in own)) for key in texts]
    if level in _LISTS:
        lines = [tuple(entry.get(question.id, "") for question in own) for entry in getattr(facts, level)]
    return Form(
        level=level, head=(*lead, *map(heading, own)), questions=tuple(own), rows=tuple(map(tuple, lines))
    )  # fmt: skip


def _answers(level: str, facts: Facts, cases: Sequence[FilingCase]) -> Callable[[str], Values]:
    """Return what gives the answers that stand at one level, by the key of a row."""
    if level != "asset":
        table = getattr(facts, level, {})
        return lambda key: table.get(key, {})
    pairs = dict(_devices(cases))
    return lambda key: facts.of_asset(pairs[key].item.asset, pairs[key].finding)


def device_key(pair: DeviceFinding) -> str:
    """Return the key a facts file knows a device by; the key of a stack is none for a member."""
    key = pair.item.asset.key
    return pair.finding.id if pair.finding.unit or key != one_line(key, CELL) else key


def _devices(cases: Iterable[FilingCase]) -> Iterator[tuple[str, DeviceFinding]]:
    for case in cases:
        yield from ((device_key(pair), pair) for pair in (*case.pairs, *case.to_decide))


def _device_rows(cases: Sequence[FilingCase]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, pair in dict(_devices(cases)).items():
        asset = pair.item.asset
        yield key, (
            key, name_of(pair), one_line(asset.site, CELL), one_line(asset.address, CELL), spelled_macs(asset),
            pair.finding.maker, one_line(pair.finding.model, CELL), serial(pair), place(asset),
        )  # fmt: skip


def _group_rows(
    *keys: Callable[[DeviceFinding], str],
) -> Callable[[Sequence[FilingCase]], Iterator[tuple[str, tuple[str, ...]]]]:
    """Return what yields a row for each value of the last key, with the number of its devices."""

    def rows(cases: Sequence[FilingCase]) -> Iterator[tuple[str, tuple[str, ...]]]:
        groups: dict[tuple[str, ...], int] = {}
        for pair in dict(_devices(cases)).values():
            values = tuple(key(pair) for key in keys)
            groups[values] = groups.get(values, 0) + 1
        for values, number in sorted(groups.items()):
            if values[0]:
                yield values[0], (*(one_line(value, CELL) for value in values), str(number))

    return rows


def _layer_rows(cases: Sequence[FilingCase]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for case in cases:
        yield from ((layer.id, (layer.id, one_line(layer.name, CELL))) for layer in case.filing.layers)


def _says(question: Question) -> str:
    choices = f" One of: {', '.join(question.choices)}." if question.choices else ""
    return f"{question.says}{choices}"


_LISTS = {*LISTED}
_LEADS = {
    "asset": ("asset", "device", "site", "address", "mac", "maker", "model", "serial seen", "place"),
    "model": ("model", "maker", "devices"),
    "maker": ("maker", "devices"),
    "site": ("site", "devices"),
    "share": ("layer", "name"),
}
_ROWS = {
    "asset": _device_rows,
    "model": _group_rows(lambda pair: pair.finding.model, lambda pair: pair.finding.maker),
    "maker": _group_rows(lambda pair: pair.finding.maker),
    "site": _group_rows(lambda pair: pair.item.asset.site),
    "share": _layer_rows,
}
