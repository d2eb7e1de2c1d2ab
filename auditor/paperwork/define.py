"""Filings as data: who files, which rows and columns, what is said. Strict readers."""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from auditor.errors import RuleError
from auditor.tables import Section, finish, read_each, read_toml, toml_files

SHARED = "shared.toml"
ROWS = ("devices", "sites", "once", "custody", "costs", "claims", "invoices", "layers", "plan")
TYPES = ("text", "serial", "date", "time", "number", "money", "flag", "list", "days")
LEVELS = ("asset", "model", "maker", "site", "filer", "custody", "cost", "claim", "invoice", "share")
# Whether devices are counted in one run, or over all runs of a term.
OVER = ("run", "term")
# Tables beside a filing's own that take more than its columns.
MORE = ("calendar", "money", "changes", "open")
SHARES = ("keep", "withhold")
_YEAR_END = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8]|3[01])\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only the filer knows: its key, its sort, its levels, how to get it.

    A `serial` is a text that no spreadsheet may have taken for a number; `money` is a number not below zero.
    `share` says what a shared copy does with the answer: `keep` it, `withhold` it, or neither: free text is hashed,
    the rest stays.
    """

    id: str
    type: str
    at: tuple[str, ...]
    says: str
    choices: tuple[str, ...] = ()
    share: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingColumn:
    """One column, by law (`official`) or ours, from the network, from the filer, or both.

    The filer's word goes before the network's. `gap` says how to get what is missing; without one nothing is missing
    when empty.
    """

    name: str
    official: bool
    value: str = ""
    fact: str = ""
    gap: str = ""
    says: str = ""

    @property
    def head(self) -> str:
        """Return the header cell, which says whose column it is."""
        return f"{self.name} ({'OFFICIAL' if self.official else 'DERIVED'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When it is due: so many business days, or hours, after the time a question asks for."""

    since: str
    business_days: int = 0
    hours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Days something is due: so many apart, the days of a question, or one each year.

    A series begins at the day of the question `since`. One that is `optional` need not come. `until` are questions
    whose latest day ends a series.
    """

    what: str
    cite: str
    evidence_class: str
    since: str = ""
    every_days: int = 0
    on: str = ""
    yearly: str = ""
    until: tuple[str, ...] = ()
    is_series: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One part of a network whose share of a maker is capped: of what, by when, by which law."""

    id: str
    name: str
    maker: str
    measure: str
    categories: tuple[str, ...]
    cap: int
    deadline: date
    cite: str
    evidence_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One filing. `rows` says what a row stands for, `group` which values share a row.

    `policies` choose its devices: those of which one of them may ask something; `lists` are policies whose age
    matters besides. `order` and `fed` are for the removal plan: which categories go first, which are fed over Ethernet.
    `none` is said where no row stands; `to_decide` are categories left to a person; `year_end` is the day of each year
    it is for, such as 12-31. `over`: one run is counted, or a term of them; `complete` are the questions that each
    device must answer before it may be signed; `more` are tables beside its own, `dues` the days it is due.
    """

    id: str
    title: str
    filer: str
    purpose: str
    cite: str
    url: str
    evidence_class: str
    read_on: date
    signed: bool
    rows: str
    group: tuple[str, ...]
    policies: tuple[str, ...]
    lists: tuple[str, ...]
    columns: tuple[FilingColumn, ...]
    statements: tuple[str, ...]
    cautions: tuple[str, ...]
    clock: Clock | None = None
    layers: tuple[Layer, ...] = ()
    order: tuple[str, ...] = ()
    fed: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    to_decide: tuple[str, ...] = ()
    year_end: str = ""
    over: str = OVER[0]
    complete: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    dues: tuple[Due, ...] = ()

    @property
    def is_official(self) -> bool:
        """Tell whether devices stand under columns a text names."""
        return self.rows == "devices" and any(column.official for column in self.columns)

    def day(self, before: date) -> date:
        """Return the day it is for: the last one of its name up to another day, else that one."""
        if not self.year_end:
            return before
        days = (date.fromisoformat(f"{year}-{self.year_end}") for year in (before.year, before.year - 1))
        return next(day for day in days if day <= before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filings:
    """Every filing and question, and the names statutes print for makers."""

    by_id: Mapping[str, Filing]
    questions: Mapping[str, Question]
    statutory_names: Mapping[str, str] = field(default_factory=dict)


def load(folders: Iterable[Traversable], values: Iterable[str], words: Iterable[str]) -> Filings:
    """Return every filing of some folders; later folders replace an id.

    `values` are the names a column may take its text from, `words` those a statement may hold in braces; every
    problem of every file is raised at once.
    """
    texts = dict(toml_files(folders))
    questions, statutory = _common(texts.pop(f"filings/{SHARED}"))
    names = _Known(questions=questions, values=frozenset(values), words=frozenset(words))
    filings = read_each(sorted(texts.items()), lambda text, name: read(text, name, names))
    return Filings(by_id={filing.id: filing for filing in filings}, questions=questions, statutory_names=statutory)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a filing may refer to."""

    questions: Mapping[str, Question]
    values: frozenset[str]
    words: frozenset[str]


def read(text: str, name: str, names: _Known) -> Filing:
    """Return one filing; `name` is its file name, whose stem is its id."""
    top = read_toml(text, name)
    columns = tuple(_column(section, names) for section in top.sections("column"))
    filing = Filing(
        id=PurePosixPath(name).stem,
        title=top.text("title"),
        filer=top.text("filer"),
        purpose=top.text("purpose"),
        cite=top.text("cite"),
        url=top.text("url", ""),
        evidence_class=top.text("evidence_class"),
        read_on=top.day("read_on", required=True) or date.min,
        signed=top.flag("signed"),
        rows=top.choice("rows", ROWS),
        group=top.texts("group"),
        policies=top.texts("policies"),
        lists=top.texts("lists"),
        columns=columns,
        statements=top.texts("statements"),
        cautions=top.texts("cautions"),
        clock=_clock(top, names),
        layers=tuple(_layer(section) for section in top.sections("layer")),
        order=top.texts("order"),
        fed=top.texts("fed"),
        none=top.texts("none"),
        to_decide=top.texts("to_decide"),
        year_end=top.text("year_end", ""),
        over=top.choice("over", OVER, OVER[0]),
        complete=top.texts("complete"),
        more=top.texts("more"),
        dues=tuple(_due(section, names) for section in top.sections("due")),
    )
    _check(top, filing, names)
    finish(top)
    return filing


def _check(top: Section, filing: Filing, names: _Known) -> None:
    for value in filing.group:
        if value not in names.values:
            top.complain(f"no value is called '{value}'; known: {', '.join(sorted(names.values))}", "group")
    if filing.year_end and not _YEAR_END.match(filing.year_end):
        top.complain("must be a month and a day such as 12-31", "year_end")
    _check_words(top, filing, names)
    for text in (*filing.statements, *filing.cautions, *filing.none):
        for word in _words(text):
            if word not in names.words:
                top.complain(f"a statement holds {{{word}}}; known: {', '.join(sorted(names.words))}", "statements")
    heads = [column.name for column in filing.columns]
    if len(set(heads)) != len(heads):
        top.complain("two columns share a name", "column")
    if sorted(filing.columns, key=lambda column: not column.official) != list(filing.columns):
        top.complain("official columns stand first, ours after them", "column")
    if not filing.columns and filing.rows != "plan":
        top.complain("add at least one [[column]]", "column")


def _check_words(top: Section, filing: Filing, names: _Known) -> None:
    for key, entries, choices in (("complete", filing.complete, names.questions), ("more", filing.more, MORE)):
        for entry in entries:
            if entry not in choices:
                top.complain(f"'{entry}' is unknown; known: {', '.join(choices)}", key)


def _words(text: str) -> list[str]:
    try:
        return [word for _, word, _, _ in string.Formatter().parse(text) if word is not None]
    except ValueError:
        return [text]


def _column(section: Section, names: _Known) -> FilingColumn:
    column = FilingColumn(
        name=section.text("name"),
        official=section.choice("status", ("OFFICIAL", "DERIVED")) == "OFFICIAL",
        value=section.text("value", ""),
        fact=section.text("fact", ""),
        gap=section.text("gap", ""),
        says=section.text("says", ""),
    )
    if column.value and column.value not in names.values:
        section.complain(f"no value is called '{column.value}'; known: {', '.join(sorted(names.values))}", "value")
    if column.fact and column.fact not in names.questions:
        section.complain(f"no question is called '{column.fact}'; add it to {SHARED}", "fact")
    if not column.value and not column.fact:
        section.complain("say where it comes from: a value, a fact, or both", "value")
    return column


def _clock(top: Section, names: _Known) -> Clock | None:
    section = top.section("clock")
    if not section.values:
        return None
    clock = Clock(
        since=section.choice("since", tuple(names.questions)),
        business_days=section.number("business_days", 0),
        hours=section.number("hours", 0),
    )
    if bool(clock.business_days) == bool(clock.hours):
        section.complain("say either business_days or hours", "business_days")
    section.close()
    return clock


def _due(section: Section, names: _Known) -> Due:
    due = Due(
        what=section.text("what"),
        cite=section.text("cite"),
        evidence_class=section.text("evidence_class"),
        since=section.text("since", ""),
        every_days=section.number("every_days", 0),
        on=section.text("on", ""),
        yearly=section.text("yearly", ""),
        until=section.texts("until"),
        is_series=section.flag("is_series"),
        optional=section.flag("optional"),
    )
    if sum(map(bool, (due.since and due.every_days > 0, due.on, due.yearly))) != 1:
        section.complain("say since and every_days, or on, or yearly", "what")
    if due.yearly and not _YEAR_END.match(due.yearly):
        section.complain("must be a month and a day such as 03-31", "yearly")
    for key in filter(None, (due.since, due.on, *due.until)):
        if key not in names.questions or names.questions[key].type not in {"date", "days"}:
            section.complain(f"no question asks for the day '{key}'; add it to {SHARED}", "on")
    return due


def _layer(section: Section) -> Layer:
    return Layer(
        id=section.text("id"),
        name=section.text("name"),
        maker=section.text("maker"),
        measure=section.text("measure"),
        categories=section.texts("categories", required=True),
        cap=section.number("cap"),
        deadline=section.day("deadline", required=True) or date.min,
        cite=section.text("cite"),
        evidence_class=section.text("evidence_class"),
    )


def _common(text: str) -> tuple[dict[str, Question], dict[str, str]]:
    top = read_toml(text, f"filings/{SHARED}")
    questions = [_question(section) for section in top.sections("question")]
    names = {key: str(name) for key, name in top.section("named").rest().items()}
    finish(top)
    if len({question.id for question in questions}) != len(questions):
        raise RuleError("two questions share an id", where=SHARED)
    return {question.id: question for question in questions}, names


def _question(section: Section) -> Question:
    question = Question(
        id=section.text("id"),
        type=section.choice("type", TYPES),
        at=section.texts("at", required=True),
        says=section.text("says"),
        choices=section.texts("choices"),
        share=section.choice("share", SHARES, ""),
    )
    for level in question.at:
        if level not in LEVELS:
            section.complain(f"'{level}' is no level; known: {', '.join(LEVELS)}", "at")
    return question
