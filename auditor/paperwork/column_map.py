"""A map from another's columns to questions: recyclers, contractors, warehouses.

dates = "month-first"                    how 3/4/2018 is meant, where their days are written so
[columns]                                title → what it answers: a question, LIST.QUESTION, or several
"Serial No." = "device"
"Destroyed" = ["disposed", "custody.at"]
[constants]                              what is the same in every row
"custody.step" = "destruction"
[words.destruction_method]               their word → ours
"SHRED" = "shredded"
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from auditor.errors import InputError
from auditor.imports.grids import GridCell
from auditor.normal import one_line
from auditor.paperwork.answer_cells import DATE_ORDERS
from auditor.paperwork.define import Question
from auditor.paperwork.facts import LISTED
from auditor.tables import Section, finish, read_toml

DEVICE = "device"
Target = tuple[str, Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """Titles, in one case of letters, and what they answer; constants; words of theirs for ours."""

    devices: tuple[str, ...] = ()
    columns: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    constants: tuple[tuple[str, Question, GridCell], ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Return every title the map names."""
        return (*self.devices, *self.columns)

    def translate(self, question: Question, cell: GridCell) -> GridCell:
        """Return a cell with their word in place of ours, where the map has it."""
        word = self.words.get(question.id, {}).get(cell.text.casefold())
        return cell if word is None else replace(cell, text=word, sort="text")


def read_map(text: str, name: str, questions: Mapping[str, Question]) -> ColumnMap:
    """Return the map in a TOML file; every mistake shows at once (`InputError`)."""
    top = read_toml(text, name, error=InputError)
    columns, constants, words = top.section("columns"), top.section("constants"), top.section("words")
    devices, targets = [], {}
    for title, value in columns.rest().items():
        keys = [str(item) for item in (value if isinstance(value, list) else [value])]
        if keys == [DEVICE]:
            devices.append(one_line(title).casefold())
        else:
            targets[one_line(title).casefold()] = tuple(_targets(columns, title, keys, questions))
    same = [
        (level, question, GridCell(f"[constants] {key}", str(value)))
        for key, value in constants.rest().items()
        for level, question in _targets(constants, key, [key], questions)
    ]
    if not devices:
        columns.complain(
            f"no title is mapped to '{DEVICE}'; one must name the device by serial number, MAC, address or key"
        )
    own = {
        key: {word.casefold(): str(mine) for word, mine in words.section(key).rest().items()} for key in words.values
    }
    dates = top.choice("dates", DATE_ORDERS, "")
    finish(top)
    return ColumnMap(devices=tuple(devices), columns=targets, constants=tuple(same), words=own, dates=dates)


def _targets(section: Section, title: str, keys: list[str], questions: Mapping[str, Question]) -> list[Target]:
    """Return what a title answers; a word that is no question is a complaint."""
    targets = []
    for key in keys:
        level, point, word = key.rpartition(".")
        level = level if point else "asset"
        question = questions.get(word)
        if question is None or level not in {"asset", *LISTED} or level not in question.at:
            section.complain(f"'{key:.60}' is no question of a device or of {', '.join(LISTED)}", title)
        else:
            targets.append((level, question))
    return targets
