"""What a device says it is, by the names before its values, and over them in tables."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, zip_longest

from auditor import normal
from auditor.model import Kind, kind_of
from auditor.parse.cli import names
from auditor.parse.cli.text import lines
from auditor.parse.cli.titles import Column, Layout

_Value = tuple[Kind, int, str]

_LINES = 400
_TITLE = 60  # characters
_TITLES = 3  # lines of titles over one table
_GREETING = 15  # lines of a version reply in which its maker may stand first
_FEW = 2
_BESIDE = re.compile(r"[ \t]{3,40}(?=[A-Za-z][A-Za-z /.#\-]{1,30}?[ \t]{0,20}:[ \t])")
_PAIR = re.compile(
    r"[ \t\-*|•]{0,40}(?P<name>[A-Za-z][A-Za-z0-9 /_.\-#&]{0,50}?)(?:[ \t]?\([^()]{0,30}\))?"
    r"(?:[ \t]{0,40}[:=]|[ \t]?\.{2,80}:?|[ \t]{1,40}-(?=[ \t])|[ \t]{2,40}|\t)[ \t:]{0,40}(?P<value>[^\s#:].{0,200})"
)
_WORDS = re.compile(
    r"[ \t]{0,40}(?P<name>[A-Za-z][A-Za-z]{1,20}\.?(?: [A-Za-z]{1,20}\.?){1,3}?)(?: is)?[ \t]+(?P<value>\S*\d\S*)"
)
# What belongs to a part and not to the device, until the next heading or an empty line.
_PART = re.compile(
    r"\b(?:fans?|power|psu|ps\d|(?<!management )modules?|slot ?[2-9]|sfp\+?|xfp|transceiver|line ?card|daughter|disks?"
    r"|memory|battery|expansion|boot\w*|bios|uboot|license|docker)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[ \t]{0,8}[A-Za-z][\w/\-]{0,20}(?: [\w/\-#]{1,20}){0,3}:?[ \t]*")
_VERSION = re.compile(
    r"\b(?P<name>(?:OS|software|firmware|product|system) (?:version|release)):?[ \t](?P<value>\S.{0,80})", re.IGNORECASE
)
# Names whose values may begin with who made it.
_NAMING: frozenset[Kind] = frozenset({"entity.model", "entity.firmware"})
_LAST = 99
_WORDS_OF_TEXT = 8
_RULE = re.compile(r"[ \t]*[-=+| \t]{3,}")
_CELL = re.compile(r"[^\s|](?:[^\s|]| (?=[^\s|]))*")
_SERIAL = re.compile(r"(?=[A-Za-z\-/_.]{0,30}\d)[A-Za-z0-9][A-Za-z0-9\-/_.]{4,40}")
_NUMBERED = re.compile(
    r"(?<![\w.])(?:[vV]\.?)?[A-Za-z]{0,8}[\w\-]{0,12}?\d{1,6}(?:\.[\w\-]{1,20})+(?:[(_\-][\w.()\-]{1,40})?"
)
_WITH_DIGIT = re.compile(r"(?=\D{0,20}\d)[A-Za-z0-9][\w.()\-]{2,40}")
_MODEL = re.compile(r"(?!x86|arm|aarch|i\d86|0x|\d{1,3}[./]\d)[A-Za-z0-9][\w+./\- ]{1,48}", re.IGNORECASE)
_MODEL_WORD = re.compile(r"(?=[A-Za-z\-]{0,20}\d|\d{1,6}[A-Za-z])(?=\d{0,8}[A-Za-z])[A-Za-z0-9][\w+./\-]{3,40}")
_NO_MODEL = re.compile(
    r"\d{1,3}[ \-]?ports?|(?:\d+[./:]){2}\d+|802\.\S+|\d{1,4}[a-z]*base\S*|\d{1,4}g[be]?"
    r"|l[23]\+?|layer\d\+?|v?\d+(?:\.\w+)+",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[./\-]\d{1,2}[./\-]\d{1,2}|\d{1,2}[/\-]\d{1,2}[/\-]\d{2,4}")
_SAYS_MODEL = frozenset({"model", "modelname", "modelnumber", "modelno", "modelid"})
_SAYS_TEXT = frozenset({"description", "hardwareversion"})


def values(text: str) -> Iterator[tuple[Kind, str]]:
    """Yield the closest value of each kind that a version, system or label reply names."""
    best: dict[Kind, tuple[int, int, str]] = {}
    reader = _Lines()
    for at, (kind, rank, value) in enumerate(chain.from_iterable(map(reader.read, lines(text)[:_LINES]))):
        best[kind] = min(best.get(kind, (rank, at, value)), (rank, at, value))
    if "entity.mfg" not in best and (maker := _maker(text)):
        yield "entity.mfg", maker
    for kind, (_, _, value) in best.items():
        yield kind, value


class _Lines:
    """Reads a reply line by line: what its headings say counts for the names below them."""

    def __init__(self) -> None:
        self._heading = ""
        self._is_part = False
        self._titles: list[str] = []
        self._layout: Layout | None = None

    def read(self, line: str) -> Iterator[_Value]:
        """Yield kind, rank of its name and value of what one line says of the device."""
        if not line.strip():
            self._is_part, self._titles = False, []
        elif _RULE.fullmatch(line):
            self._layout = _ruled(self._titles, line) or self._layout
            self._titles = []
        elif self._layout is not None and len(_CELL.findall(line)) >= _FEW:
            yield from _row(self._layout, line)
            self._layout = None
        else:
            yield from self._other(line)

    def _other(self, line: str) -> Iterator[_Value]:
        self._titles = [*self._titles, line][-_TITLES:]
        if columns := _columns(line):
            self._layout = Layout(columns)
        elif pairs := list(_pairs(line, self._heading if line.startswith(" ") else "")):
            yield from () if self._is_part else pairs
        elif _HEADING.fullmatch(line):
            self._is_part = _PART.search(line) is not None
            self._heading = line.strip(" :")


def _pairs(line: str, heading: str) -> Iterator[_Value]:
    for piece in _BESIDE.split(line):
        for match in filter(None, (_PAIR.fullmatch(piece), _WORDS.fullmatch(piece), _VERSION.search(piece))):
            found = names.of_plate(match["name"]) or names.of_plate(f"{heading} {match['name']}")
            if found is None:
                continue
            kind, rank, core = found
            text = match["value"].strip().strip('",;')
            if value := _value(kind, core, text):
                yield kind, rank, value
            if core == "description" and (version := _NUMBERED.search(text)):
                yield "entity.firmware", _LAST, version[0]
            if kind in _NAMING and (maker := _beginning().match(text)):
                yield "entity.mfg", _LAST, maker["v"]
            break


def _ruled(titles: Sequence[str], rule: str) -> Layout | None:
    """Return the columns that a rule marks off below titles of several lines."""
    runs = [run.span() for run in re.finditer(r"[-=]{2,}", rule)]
    ends = [start for start, _ in runs[1:]]
    cells = [" ".join(line[start:end].strip() for line in titles) for (start, _), end in zip_longest(runs, ends)]
    return _layout([(cell.strip(), *run) for cell, run in zip(cells, runs, strict=True)])


def _columns(line: str) -> tuple[Column, ...]:
    """Return the columns of a line of titles."""
    layout = None if ":" in line else _layout([(cell[0], *cell.span()) for cell in _CELL.finditer(line)])
    return layout.columns if layout else ()


def _layout(titles: Sequence[tuple[str, int, int]]) -> Layout | None:
    """Return the columns of titles, two of which name values of a device, or nothing."""
    found = [names.of_plate(title[:_TITLE], in_table=True) for title, _, _ in titles]
    if sum(one is not None for one in found) < _FEW:
        return None
    roles = (" ".join(map(str, one)) if one else "" for one in found)
    return Layout(tuple(Column(role, *title[1:]) for role, title in zip(roles, titles, strict=True)))


def _row(layout: Layout, line: str) -> Iterator[_Value]:
    for role, text in layout.cells(line).items():
        kind, _, place = role.partition(" ")
        rank, _, core = place.partition(" ")
        if kind and (value := _value(kind_of(kind), core, text.strip("* "))):
            yield kind_of(kind), int(rank), value


def _value(kind: Kind, core: str, text: str) -> str:
    """Return what of a text is a value of a kind, or nothing."""
    if kind == "if.mac":
        word = text.split(maxsplit=1)[0] if " " in text and not normal.mac(text) else text
        return word if normal.mac(word) else ""
    if kind == "entity.serial":
        match = _SERIAL.match(text)
        return match[0] if match and normal.serial(match[0]) and not text.startswith("0x") else ""
    if kind == "entity.firmware":
        match = next((one for one in _NUMBERED.finditer(text) if not _DATE.fullmatch(one[0])), None)
        match = match or _WITH_DIGIT.match(text)
        return match[0] if match and not _DATE.fullmatch(match[0]) else ""
    return _maker(text) or _words(text) if kind == "entity.mfg" else _model(core, text)


def _words(text: str) -> str:
    return text if text[:1].isalpha() and len(text) <= _LINES and not text.startswith("0x") and ":" not in text else ""


def _model(core: str, text: str) -> str:
    """Return the model in a text: all of it where one is announced, else a word like one."""
    text = without_maker(re.split(r",|;| \(|[ \t]{2}|\bpart number\b| rev(?:ision)?\b", text)[0].strip())
    if core in _SAYS_TEXT:
        words = (
            word
            for word in text.split()[:_WORDS_OF_TEXT]
            if _MODEL_WORD.fullmatch(word) and not _NO_MODEL.fullmatch(word)
        )
        return next((word for word in words if core == "description" or "-" in word), "")
    match = _MODEL.fullmatch(text)
    has_digit = any(map(str.isdigit, text))
    is_model = match and any(map(str.isalpha, text)) and (core in _SAYS_MODEL or has_digit)
    return text if is_model and normal.serial(text) and not _NO_MODEL.fullmatch(text) else ""


def without_maker(text: str) -> str:
    """Return a model without the maker's name before it."""
    match = _makers().match(text)
    rest = text[match.end() :].strip(" ,-") if match else ""
    return rest if any(map(str.isdigit, rest)) else text


def _maker(text: str) -> str:
    """Return the maker a reply begins a line with, or signs by."""
    for line in text.split("\n")[:_GREETING]:
        if match := _makers().match(line.strip()[:200]):
            return match["v"]
        if (at := line.lower().find("copyright")) >= 0 and (match := _signed().search(line, at, at + 200)):
            return match["v"]
    return ""


@cache
def _makers() -> re.Pattern[str]:
    return re.compile(rf"(?P<v>{_alternatives()})(?![\w-])", re.IGNORECASE)


@cache
def _beginning() -> re.Pattern[str]:
    return re.compile(rf"(?P<v>{_alternatives()})(?!\w)", re.IGNORECASE)


@cache
def _signed() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<v>{_alternatives()})(?!\w)", re.IGNORECASE)


def _alternatives() -> str:
    return "|".join(re.escape(name) for name in sorted(names.table().makers, key=len, reverse=True))
