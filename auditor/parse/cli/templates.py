"""Rows out of the textfsm templates of ntc-templates, by platform and command."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from io import StringIO
from typing import Any

from auditor import normal
from auditor.model import DEVICE, Fact, Kind, about_part
from auditor.parse.cli.text import lines

# Templates are other people's expressions. RE2 matches nearly all of them in linear time; the few it does not take are
# tried on short lines alone. No reply gets more than this many seconds of processor time from one template.
_BUDGET = 1.0
_LINE_CAP = 300
# What a device says of itself is shorter than this by far.
_LINES_CAP = 5_000

# Columns that name a value of the device, or of the part a row is about, and the kinds of fact they are.
_COLUMNS: dict[str, Kind] = {"MANUFACTURER": "entity.mfg", "HOSTNAME": "inventory.name"}
_COLUMNS |= dict.fromkeys(("DESCRIPTION", "DESCR"), "entity.descr")
_COLUMNS |= dict.fromkeys(("MODEL", "MODEL_NAME", "BOARD_NAME", "BOARDNAME", "PID"), "entity.model")
_COLUMNS |= dict.fromkeys(("SERIAL_NUMBER", "SERIAL", "SN"), "entity.serial")
_COLUMNS |= dict.fromkeys(("MAC_ADDRESS", "LAN_MAC"), "if.mac")
_COLUMNS |= dict.fromkeys(("HARDWARE", "SWITCH_MODEL"), "entity.model")
_COLUMNS |= dict.fromkeys(("VERSION", "SW_VERSION", "OS_VERSION", "SOFTWARE_VERSION"), "entity.firmware")
_FAILS = re.compile(r"^\s+\^.*-> Error", re.MULTILINE)
_PARTS = ("SLOT_ID", "SLOT", "NAME")
# What may be left out of a command in the index, and how far a command there is no expression.
_OPTIONAL = re.compile(r"\[\[(.+?)\]\]")
_PLAIN_START = re.compile(r"(?:[\w /:-](?![*+?{])|\[\[[\w /:-]+\]\])*")

Row = Mapping[str, object]


class OverBudgetError(Exception):
    """A template took longer over a reply than any reply is worth."""


@dataclass(slots=True)
class _Timed:
    """An expression that gives up when its time is over; textfsm only asks for `match`."""

    expression: Any
    deadline: float
    cap: int | None

    def match(self, line: str) -> Any:
        """Return the match of a line, as `re` does; raise `OverBudgetError` after the deadline."""
        if time.thread_time() > self.deadline:
            raise OverBudgetError
        return self.expression.match(line[: self.cap])


def rows(platform: str, command: str, text: str) -> list[dict[str, object]]:
    """Return a template's rows, or none where there is no template or the reply does not fit it."""
    name = next((name for name in names(command, platform)), "") if platform else ""
    return read(name, "\n".join(lines(text)[:_LINES_CAP])) if name else []


def names(command: str, platform: str = "") -> tuple[str, ...]:
    """Return the templates the index names for a command: of one platform, else of each."""
    return tuple(name for first, name in _candidates(command.strip()) if not platform or re.fullmatch(first, platform))


def read(name: str, text: str) -> list[dict[str, object]]:
    """Return the rows a template reads out of a reply, none where it does not fit in time."""
    import textfsm

    try:
        return list(_machine(name).ParseTextToDicts("\n".join(lines(text)) + "\n"))
    except (textfsm.TextFSMError, OverBudgetError, ValueError, IndexError, RecursionError):
        return []


def is_strict(name: str) -> bool:
    """Tell whether a template fails on lines it does not know, so that it leaves out none."""
    return _FAILS.search(_source(name)) is not None


def device_facts(command: str, table: list[dict[str, object]]) -> Iterator[Fact]:
    """Yield what rows say of the device or the parts they name; several unnamed are nobody's."""
    for row in table:
        part = cell(row, *_PARTS)
        if not part and len(table) > 1:
            return
        for column, kind in _COLUMNS.items():
            value = cell(row, column)
            if normal.serial(value) and (kind != "if.mac" or normal.mac(value)):
                about = about_part(normal.one_line(part, 80)) if part else DEVICE
                yield Fact(kind=kind, value=value, where=command, about=about)


def cell(row: Row, *columns: str) -> str:
    """Return what the first of several columns holds; of a list its first item."""
    for name in columns:
        value = row.get(name, "")
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _machine(name: str) -> Any:
    """Return a template as textfsm runs it, its expressions bounded in time."""
    import textfsm

    machine = textfsm.TextFSM(StringIO(_source(name)))
    deadline = time.thread_time() + _BUDGET
    for rules in machine.states.values():
        for rule in rules:
            expression, cap = _expression(rule.regex)
            rule.regex_obj = _Timed(expression, deadline, cap)
    return machine


@lru_cache(maxsize=4096)
def _expression(regex: str) -> tuple[Any, int | None]:
    """Return an expression in linear time; where RE2 does not take it, in `re` on short lines."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(regex, options), None
    except re2.error:
        return re.compile(regex), _LINE_CAP


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return str((_folder() / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _IndexRow:
    """A row of the index: a template, its platform and the commands it reads, as expressions.

    `heads` are what the first words of such a command begin with. Most rows are passed over by them: to compile all
    thousand expressions takes a second.
    """

    template: str
    platform: str
    command: str
    heads: tuple[str, ...]

    def reads(self, command: str, words: list[str]) -> bool:
        """Tell whether a command, which is also given in words, is one of these."""
        is_near = len(words) >= len(self.heads) and all(map(str.startswith, words, self.heads))
        return is_near and re.match(self.command, command) is not None


@lru_cache(maxsize=1024)
def _candidates(command: str) -> tuple[tuple[str, str], ...]:
    """Return platform and template of each index row a command fits, one a platform."""
    first: dict[str, str] = {}
    words = command.split(" ")
    for row in _index():
        if row.reads(command, words):
            first.setdefault(row.platform, row.template)
    return tuple(first.items())


@lru_cache(maxsize=1)
def _index() -> tuple[_IndexRow, ...]:
    """Return the rows of the index, which says of each command what may be left out: `sh[[ow]]`."""
    lines = (_folder() / "index").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip() and line[0] != "#"]
    return tuple(
        _IndexRow(
            template=template.split(":")[0],
            platform=platform,
            command=_OPTIONAL.sub(_spelled_out, command),
            heads=tuple(word.partition("[")[0] for word in _PLAIN_START.findall(command)[0].split(" ")),
        )
        for template, _host, platform, command in rows[1:]
    )


def _spelled_out(letters: re.Match[str]) -> str:
    """Return letters any number of which may be left out at the end, as an expression."""
    return "".join(f"({letter}" for letter in letters[1]) + ")?" * len(letters[1])


def _folder() -> Any:
    return resources.files("ntc_templates") / "templates"
