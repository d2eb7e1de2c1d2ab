"""Tables that a filer, a recycler or a contractor filled in → answers, each cell checked."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.imports.grids import Grid, GridCell, letters
from auditor.normal import one_line
from auditor.paperwork.answer_cells import WrongCellError, answer
from auditor.paperwork.answer_names import DEVICE_NAMES, GROUP_NAMES, AnswerNames
from auditor.paperwork.column_map import ColumnMap
from auditor.paperwork.define import Question
from auditor.paperwork.facts import LISTED
from auditor.paperwork.forms import FILER_HEAD, TITLE

HEADER_ROWS = 40  # in which a table's titles are looked for
NEAR = 0.8  # so alike a title and a question are that the title is a typing error
NEEDS = {"custody": ("asset", "at", "step")}
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*\Z")
_NO_WORD = re.compile(r"[^0-9a-z]+")
_FILED = re.compile(r"\((?:OFFICIAL|DERIVED)\)\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswer:
    """One answer of a cell: its level, whose it is, its key and text; where it stands."""

    level: str
    name: str
    key: str
    text: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list such as custody, and where its row stands."""

    level: str
    values: Mapping[str, str]
    where: str


@dataclass(slots=True)
class FormReading:
    """What tables say: answers, entries, refusals by cell, notes on what was passed over."""

    answers: list[FormAnswer] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, where: str, problem: str) -> None:
        """Note one refusal by its cell."""
        self.refusals.append((where, problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Titles:
    """The header of a table: its row, which columns name whom, which answer what."""

    row: int
    names: Mapping[int, str]
    columns: Mapping[int, tuple[tuple[str, Question], ...]]


Row = Mapping[int, GridCell]


class AnswerReader:
    """Reads tables one after another; two cells that contradict each other are both known."""

    def __init__(self, names: AnswerNames, columns: ColumnMap | None = None) -> None:
        self.names, self.map = names, columns
        self.questions = names.inputs.filings.questions
        self.reading = FormReading()
        self._before: dict[tuple[str, str, str], FormAnswer] = {}

    def read(self, tables: Iterable[Grid]) -> FormReading:
        """Return what some tables say; of a workbook with sheets to fill in only those."""
        tables = list(tables)
        own = [table for table in tables if table.name.startswith(TITLE)]
        for table in own or tables:
            self._read(table)
        return self.reading

    def _read(self, table: Grid) -> None:
        titles = self._map_titles(table) if self.map else self._titles(table)
        if titles is None:
            if any(table.rows.values()):
                self.reading.notes.append(f"{table.name}: names no question of a filing, passed over")
            return
        for number, row in sorted(table.rows.items()):
            if number > titles.row and row:
                self._row(table, titles, number, row)

    # ── titles ──

    def _titles(self, table: Grid) -> _Titles | None:
        for number in sorted(table.rows)[:HEADER_ROWS]:
            row = table.rows[number]
            words = {index: word_of(cell.text) for index, cell in row.items()}
            if {"question", "answer"} <= set(words.values()):
                return self._filer_titles(number, words)
            questions = {index: word for index, word in words.items() if word in self.questions}
            leads = {index: word for index, word in words.items() if word in {*DEVICE_NAMES, *GROUP_NAMES.values()}}
            if leads and (questions or len(leads) > 1):
                if any(_FILED.search(cell.text) for cell in row.values()):
                    self.reading.notes.append(
                        f"{table.name}: is a filing; `auditor filings gaps` writes the sheets to fill in"
                    )
                    return None
                level = _level({word: self.questions[word] for word in questions.values()}, set(leads.values()))
                return self._level_titles(table, number, words, level)
        return None

    def _filer_titles(self, number: int, words: Mapping[int, str]) -> _Titles:
        return _Titles(row=number, names=dict(words), columns={})

    def _level_titles(self, table: Grid, number: int, words: Mapping[int, str], level: str) -> _Titles:
        own = (*DEVICE_NAMES,) if level in {"asset", *LISTED} else (GROUP_NAMES[level],)
        leads = {index: word for index, word in words.items() if word in own}
        columns: dict[int, tuple[tuple[str, Question], ...]] = {}
        places: dict[str, int] = {}
        for index, word in words.items():
            if index in leads or not self._is_question(table, number, index, word, level):
                continue
            if word in places:
                where = f"{letters(places[word])}{number}"
                self.reading.refuse(
                    f"{table.name}!{letters(index)}{number}",
                    f"'{word}' stands at {where} too; delete one of the columns",
                )
                continue
            places[word] = index
            columns[index] = ((level, self.questions[word]),)
        return _Titles(row=number, names=leads, columns=columns)

    def _is_question(self, table: Grid, number: int, index: int, word: str, level: str) -> bool:
        """Tell whether a column is a question of a level; refuse one that only looks like it."""
        cells = [row[index] for line, row in table.rows.items() if line > number and index in row]
        where = f"{table.name}!{letters(index)}{number}"
        question = self.questions.get(word)
        if question is not None and level in question.at:
            return True
        if question is not None and cells:
            levels = ", ".join(question.at)
            self.reading.refuse(
                where, f"'{word}' is asked of {levels}, not of {level}; put it on the sheet of one of them"
            )
        elif cells and word not in _HELP:
            near = difflib.get_close_matches(word, self.questions, 1, NEAR)
            title = one_line(table.rows[number][index].text, 40)
            if near:
                self.reading.refuse(
                    where, f"no question is called '{title}'; is {near[0]} meant? Correct it, or delete the column"
                )
            else:
                self.reading.notes.append(f"{where}: the column '{title}' is no question, passed over")
        return False

    def _map_titles(self, table: Grid) -> _Titles | None:
        """Return the titles of a table by the user's map; a title that is missing is refused."""
        columns = self.map or ColumnMap()
        for number in sorted(table.rows)[:HEADER_ROWS]:
            titles = {one_line(cell.text).casefold(): index for index, cell in table.rows[number].items()}
            if not any(title in titles for title in columns.titles):
                continue
            for title in columns.titles:
                if title not in titles:
                    self.reading.refuse(
                        f"{table.name}!row {number}", f"has no column '{one_line(title, 40)}', which the map names"
                    )
            others = sorted(set(titles) - set(columns.titles))
            if others:
                self.reading.notes.append(
                    f"{table.name}: columns the map does not name: {one_line(', '.join(others), 200)}"
                )
            return _Titles(
                row=number,
                names={
                    titles[title]: word
                    for title, word in zip(columns.devices, DEVICE_NAMES, strict=False)
                    if title in titles
                },
                columns={titles[title]: targets for title, targets in columns.columns.items() if title in titles},
            )
        return None

    # ── rows ──

    def _row(self, table: Grid, titles: _Titles, number: int, row: Row) -> None:
        if set(FILER_HEAD[:2]) <= set(titles.names.values()):
            self._filer_row(table, titles, row)
            return
        cells = [
            (level, question, row[index])
            for index, targets in titles.columns.items() if index in row
            for level, question in targets
        ]  # fmt: skip
        if not cells:
            return
        cells += [(level, question, cell) for level, question, cell in (self.map.constants if self.map else ())]
        where = f"{table.name}!row {number}"
        name = self._whose(table, titles, row, where, {level for level, _question, _cell in cells})
        if name is None:
            return
        values: dict[str, dict[str, str]] = {}
        for level, question, cell in cells:
            text = self._text(f"{table.name}!{cell.place}", cell, question)
            if text and level in LISTED:
                values.setdefault(level, {})[question.id] = text
            elif text:
                self._note(
                    FormAnswer(level=level, name=name, key=question.id, text=text, where=f"{table.name}!{cell.place}")
                )
        for level, entry in values.items():
            self._entry(level, {**({"asset": name} if name else {}), **entry}, where)

    def _filer_row(self, table: Grid, titles: _Titles, row: Row) -> None:
        places = {word: index for index, word in titles.names.items()}
        key, cell = row.get(places["question"]), row.get(places["answer"])
        if cell is None:
            return
        word = word_of(key.text) if key else ""
        question = self.questions.get(word)
        where = f"{table.name}!{cell.place}"
        if question is None or "filer" not in question.at:
            self.reading.refuse(
                where, f"'{one_line(word, 40)}' is no question to a filer; `auditor filings gaps` lists them"
            )
            return
        if text := self._text(where, cell, question):
            self._note(FormAnswer(level="filer", name="", key=word, text=text, where=where))

    def _whose(self, table: Grid, titles: _Titles, row: Row, where: str, levels: set[str]) -> str | None:
        """Return whom a row speaks of, empty for an entry of nobody; None where refused."""
        words = {titles.names[index]: row[index] for index in titles.names if index in row}
        group = next((level for level in levels if level in GROUP_NAMES), "")
        if group:
            cell = words.get(GROUP_NAMES[group])
            name = self.names.group(group, cell.text) if cell else ""
            if not name:
                excerpt = (
                    f"no {GROUP_NAMES[group]} of this run is called '{one_line(cell.text, 60)}'"
                    if cell
                    else f"names no {GROUP_NAMES[group]}"
                )
                self.reading.refuse(
                    f"{table.name}!{cell.place}" if cell else where, f"{excerpt}; correct it, or empty the row"
                )
                return None
            return name
        return self._device(table, words, where, needs="asset" in levels or "custody" in levels)

    def _device(self, table: Grid, words: Mapping[str, GridCell], where: str, *, needs: bool) -> str | None:
        """Return the one device that all names of a row agree on."""
        keys: dict[str, str] = {}
        problem = ""
        for word in DEVICE_NAMES:
            cell = words.get(word)
            names = [] if cell is None else self.names.device(cell.text) or self._by_macs(cell.text)
            if cell is not None and not keys and word == "asset" and len(names) != 1:
                few = f"stands for {len(names)} devices" if names else "is no device of this run"
                problem = problem or f"'{one_line(cell.text, 60)}' {few}; name its key, serial number, address or MAC"
                where = f"{table.name}!{cell.place}"
            if len(names) == 1 and cell is not None:
                keys.setdefault(names[0], cell.place)
        if problem or (not keys and needs):
            self.reading.refuse(
                where,
                problem
                or "has answers and names no device of this run; name one by its key, serial number, address or MAC",
            )
            return None
        if len(keys) > 1:
            places = " and ".join(keys.values())
            self.reading.refuse(where, f"{places} name different devices; the rows were sorted in part, undo that")
            return None
        return next(iter(keys), "")

    def _by_macs(self, text: str) -> list[str]:
        return sorted({key for word in text.split() for key in self.names.device(word)}) if " " in text else []

    def _text(self, where: str, cell: GridCell, question: Question) -> str:
        """Return a cell's answer, or nothing where it is refused."""
        words = self.map.translate(question, cell) if self.map else cell
        try:
            return answer(words, question, self.map.dates if self.map else "")
        except WrongCellError as exc:
            self.reading.refuse(where, f"{question.id}: {exc}")
            return ""

    def _note(self, one: FormAnswer) -> None:
        """Keep an answer; another one to the same question is refused with both cells."""
        before = self._before.setdefault((one.level, one.name, one.key), one)
        if before is one:
            self.reading.answers.append(one)
        elif before.text != one.text:
            self.reading.refuse(
                one.where, f"{one.key}: says '{one_line(one.text, 40)}', and {before.where} says "
                f"'{one_line(before.text, 40)}' of the same {one.level}; keep one of them",
            )  # fmt: skip

    def _entry(self, level: str, values: Mapping[str, str], where: str) -> None:
        missing = [key for key in NEEDS.get(level, ()) if not values.get(key)]
        if missing:
            self.reading.refuse(where, f"an entry of {level} needs {' and '.join(missing)} as well")
        else:
            self.reading.entries.append(Entry(level=level, values=values, where=where))


def word_of(title: str) -> str:
    """Return a heading as the id of a question: `Serial number (as text)` → serial_number."""
    return _NO_WORD.sub("_", _BRACKETS.sub("", title).casefold()).strip("_")


def _level(questions: Mapping[str, Question], leads: set[str]) -> str:
    """Return the level of a table: a list that alone is asked so, else by who is named."""
    for level in LISTED:
        if any(question.at == (level,) for question in questions.values()):
            return level
    if leads & {"asset", "finding", "address", "mac", "serial_seen", "device"}:
        return "asset"
    return next(level for level, word in GROUP_NAMES.items() if word in leads)


_HELP = frozenset({*DEVICE_NAMES, *GROUP_NAMES.values(), "devices", "name", "place", "said_by", "what_to_write", "row"})
