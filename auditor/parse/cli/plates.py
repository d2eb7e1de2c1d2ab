"""What a device says it is, by the names before the values: model, serial, version, MAC, maker."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from auditor import normal
from auditor.model import Kind, kind_of
from auditor.parse.cli import names
from auditor.parse.cli.text import lines
from auditor.parse.cli.titles import Column, Layout

_LINES = 400
_GREETING = 15  # lines of a version reply in which its maker may stand first
_FEW = 2
_BESIDE = re.compile(r"[ \t]{3,40}(?=[A-Za-z][A-Za-z /.#\-]{1,30}?[ \t]{0,20}:[ \t])")
_PAIR = re.compile(
    r"[ \t\-*|•]{0,40}(?P<name>[A-Za-z][A-Za-z0-9 /_.\-#&]{0,50}?)(?:[ \t]?\([^()]{0,30}\))?"
    r"(?:[ \t]{0,40}[:=]|[ \t]?\.{2,80}:?|[ \t]{1,40}-(?=[ \t])|[ \t]{2,40}|\t)[ \t:]{0,40}(?P<value>\S.{0,200})"
)
_WORDS = re.compile(
    r"[ \t]{0,40}(?P<name>[A-Za-z][A-Za-z]{1,20}\.?(?: [A-Za-z]{1,20}\.?){1,3})[ \t]+(?P<value>\S*\d\S*)"
)
# What belongs to a part and not to the device, until the next heading or an empty line.
_PART = re.compile(
    r"\b(?:fans?|power|psu|ps\d|modules?|slot ?[2-9]|sfp\+?|xfp|transceiver|line ?card|daughter|disks?|memory|battery"
    r"|expansion|boot\w*|bios|uboot|license|docker)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[ \t]{0,8}[A-Za-z][\w/\-]{0,20}(?: [\w/\-#]{1,20}){0,3}:?[ \t]*")
_VERSION = re.compile(
    r"\b(?P<name>(?:OS|software|firmware|product|system) (?:version|release)):?[ \t](?P<value>\S.{0,80})", re.IGNORECASE
)
# Names whose values may begin with who made it.
_NAMING: frozenset[Kind] = frozenset({"entity.model", "entity.firmware"})
_LAST = 99
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
    r"\d{1,3}[ \-]?ports?|(?:\d+[./:]){2}\d+|802\.\S+|\d{1,4}[a-z]*base\S*|\d{1,4}g[be]?|l[23]\+?", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}[./\-]\d{1,2}[./\-]\d{1,2}|\d{1,2}[/\-]\d{1,2}[/\-]\d{2,4}")
_SAYS_MODEL = frozenset({"model", "modelname", "modelnumber", "modelno", "modelid"})
_SAYS_TEXT = frozenset({"description", "hardwareversion"})


def values(text: str) -> Iterator[tuple[Kind, str]]:
    """Yield the closest value of each kind that a version, system or label reply names."""
    best: dict[Kind, tuple[int, int, str]] = {}
    for at, (kind, rank, value) in enumerate(_named(lines(text)[:_LINES])):
        best[kind] = min(best.get(kind, (rank, at, value)), (rank, at, value))
    if "entity.mfg" not in best and (maker := _maker(text)):
        yield "entity.mfg", maker
    for kind, (_, _, value) in best.items():
        yield kind, value


def _named(rows: Sequence[str]) -> Iterator[tuple[Kind, int, str]]:
    """Yield kind, rank of its name and value of each pair, and of the first row under titles."""
    is_part = False
    layout: Layout | None = None
    for line in rows:
        if not line.strip():
            is_part, layout = False, None
        elif _RULE.fullmatch(line):
            continue
        elif layout is not None:
            yield from _row(layout, line)
            layout = None
        elif columns := _columns(line):
            layout = Layout(columns)
        elif pairs := list(_pairs(line)):
            yield from () if is_part else pairs
        elif _HEADING.fullmatch(line):
            is_part = _PART.search(line) is not None


def _pairs(line: str) -> Iterator[tuple[Kind, int, str]]:
    for piece in _BESIDE.split(line):
        for match in filter(None, (_PAIR.fullmatch(piece), _WORDS.fullmatch(piece), _VERSION.search(piece))):
            found = names.of_plate(match["name"])
            if found is None:
                continue
            kind, rank, core = found
            text = match["value"].strip().strip('"')
            if value := _value(kind, core, text):
                yield kind, rank, value
            if kind in _NAMING and (maker := _makers().match(text)):
                yield "entity.mfg", _LAST, maker["v"]
            break


def _columns(line: str) -> tuple[Column, ...]:
    """Return the columns of a line of titles, two of which name values of a device."""
    cells = list(_CELL.finditer(line))
    found = [names.of_plate(cell[0], in_table=True) for cell in cells]
    if ":" in line or sum(one is not None for one in found) < _FEW:
        return ()
    return tuple(
        Column(f"{one[0]} {one[1]} {one[2]}" if one else "", *cell.span())
        for cell, one in zip(cells, found, strict=True)
    )


def _row(layout: Layout, line: str) -> Iterator[tuple[Kind, int, str]]:
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
    """Return the model a text names: whole where a model is announced, else its first word like one."""
    text = _strip_maker(re.split(r",|;| \(|[ \t]{2}|\bpart number\b| rev(?:ision)?\b", text)[0].strip())
    if core in _SAYS_TEXT:
        words = (word for word in text.split()[:4] if _MODEL_WORD.fullmatch(word) and not _NO_MODEL.fullmatch(word))
        return next((word for word in words if core == "description" or "-" in word), "")
    match = _MODEL.fullmatch(text)
    has_digit = any(map(str.isdigit, text))
    is_model = match and any(map(str.isalpha, text)) and (core in _SAYS_MODEL or has_digit)
    return text if is_model and normal.serial(text) and not _NO_MODEL.fullmatch(text) else ""


def _strip_maker(text: str) -> str:
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
def _signed() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<v>{_alternatives()})(?!\w)", re.IGNORECASE)


def _alternatives() -> str:
    return "|".join(re.escape(name) for name in sorted(names.table().makers, key=len, reverse=True))
