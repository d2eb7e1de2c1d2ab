"""Tables read by the titles over their columns, never by position."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from auditor import normal
from auditor.parse.cli import names
from auditor.parse.cli.names import of_title
from auditor.parse.cli.text import lines

_NEIGHBOUR = frozenset({"chassis", "sysname", "device"})
_WRAPPED = "wrapped"  # no role: the row goes on what stands above it
_LONGEST = 5  # words
_RULE = re.compile(r"[ \t]*[|+]?[-=*]{3}[-=+*| \t]*|[ \t]*[-=]+(?:[ \t|+]+[-=]+)+[ \t|]*")
_RUN = re.compile(r"[-=*]+")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PORT = re.compile(r"[A-Za-z]{2,20}\d{1,3}(?:[/.:]\d{1,3}){0,4}")
_CELL = re.compile(r"[^\s|](?:[^\s|]| (?=[^\s|]))*")
_WORD = re.compile(r"[^\s|]+")
_DOMAIN = re.compile(r"[ \t]{0,8}Bridging domain[ \t]{0,4}:[^,\n]{1,80}, VLAN : (\w{1,8})")
_ASKED = re.compile(r"[ \t]{0,8}Status and Counters - Address Table - (\S{12,17})")
_ABOVE = 3
_FEW = 2
_TITLES_CAP = 400


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands in it, and from where to where in a line its title does."""

    role: str
    start: int
    end: int


@dataclass(slots=True)
class Layout:
    """The columns of a table; where a word stands decides, and is looked up once a place."""

    columns: tuple[Column, ...]
    is_ruled: bool = False
    is_tabbed: bool = False
    places: dict[tuple[int, int], Column] = field(default_factory=dict)
    has_macs: bool = field(init=False)  # where a title says so, twelve digits are one
    ports: Sequence[int] = field(init=False)  # where the columns of own ports begin that follow a name's

    def __post_init__(self) -> None:
        """Look up once what every line is asked for."""
        self.has_macs = any(column.role == "mac" for column in self.columns)
        self.ports = [
            column.start
            for before, column in pairwise(self.columns)
            if before.role in {"device", "sysname"} and column.role in {"local", "port"}
        ]

    def cells(self, line: str) -> dict[str, str]:
        """Return what a line holds by role; of two columns of one role the first counts."""
        if self.is_tabbed and len(cells := line.split("\t")) == len(self.columns):
            return self._row([(column, 0, 0, cell.strip()) for column, cell in zip(self.columns, cells, strict=True)])
        line = line.expandtabs()
        if not self.is_ruled and len(wide := _CELL.findall(line)) == len(self.columns):
            return self._row([(column, 0, 0, cell) for column, cell in zip(self.columns, wide, strict=True)])
        return self._row(
            [
                (self._place(word), *word.span(), word[0])
                for word in (self._words(line) if self.ports else _WORD.finditer(line))
            ]
        )

    def _words(self, line: str) -> Iterator[re.Match[str]]:
        """Yield the words of a line; a name that fills its column runs into the port of the next."""
        for word in _WORD.finditer(line):
            cut = next((at for at in self.ports if word.start() < at < word.end()), 0)
            if cut and _PORT.fullmatch(line, cut, word.end()):
                yield from filter(None, (_WORD.match(line, word.start(), cut), _WORD.match(line, cut, word.end())))
            else:
                yield word

    def filled(self, line: str) -> frozenset[str]:
        """Return the roles whose cells fill their columns: they may go on in the next line."""
        return frozenset(
            one.role for one in self.columns[1:] if " " not in line[one.start : one.end] and len(line) >= one.end
        )

    def _place(self, word: re.Match[str]) -> Column:
        """Return the column of a word; a MAC or an address pushed aside stands in that of its sort."""
        column = self._column(word.span())
        if column.role not in {"mac", "address"}:
            return (
                self._of_role("mac", column)
                if len(word[0]) >= normal.MAC_DIGITS and normal.MAC_IN_TEXT.fullmatch(word[0])
                else column
            )
        if column.role == "mac" and _IPV4.fullmatch(word[0]):
            return self._of_role("address", column)
        return column

    def _of_role(self, role: str, otherwise: Column) -> Column:
        return next((other for other in self.columns if other.role == role), otherwise)

    def _row(self, words: Iterable[tuple[Column, int, int, str]]) -> dict[str, str]:
        """Join the words of each column; beyond a wide gap stands what has no title."""
        row: dict[str, str] = {}
        ends: dict[str, tuple[Column, int]] = {}
        for column, start, end, word in words:
            owner, until = ends.get(column.role, (column, start))
            if owner is column and (self.is_ruled or start - until <= 1):
                row[column.role] = f"{row[column.role]} {word}" if column.role in row else word
                ends[column.role] = (column, end)
        return row

    def _column(self, span: tuple[int, int]) -> Column:
        """Return the column a word stands under: where it shares most places, else the nearest."""
        if span not in self.places:
            overlaps = [min(span[1], column.end) - max(span[0], column.start) for column in self.columns]
            self.places[span] = self.columns[overlaps.index(max(overlaps))]
        return self.places[span]


Row = Mapping[str, str]


def rows(text: str, *, with_macs: bool = False) -> Iterator[Row]:
    """Yield each line below titles as what its columns hold; perhaps only those with a MAC."""
    held: Row = {}
    for row in _rows(text, with_macs=with_macs):
        if _WRAPPED not in row:
            if held:
                yield held
            held = row
        elif held:
            held = {role: f"{cell}{row.get(role, '')}" for role, cell in held.items()}
    if held:
        yield held


def _rows(text: str, *, with_macs: bool) -> Iterator[Row]:
    above: list[str] = []
    layout = Layout(())
    domain: Row = {}
    filled: frozenset[str] = frozenset()
    for raw in map(normal.plain_marks, lines(text)):
        line = raw.expandtabs() if "\t" in raw else raw
        domain = _domain(line, domain)
        has_mac = (normal.MAC_IN_TABLE if layout.has_macs else normal.MAC_IN_TEXT).search(line) is not None
        if not has_mac and _RULE.fullmatch(line):
            if marks := _under_rule(above, line):
                layout = Layout(marks, is_ruled=True)
            above = []
        elif not line.strip():
            above = []
        elif titles := () if has_mac else _head(above, line):
            layout = _tabbed(raw) or Layout(titles)
            above = [*above, line][-_ABOVE:]
        else:
            above = [] if _is_aside(line) else [*above, line][-_ABOVE:]
            if layout.columns and (has_mac or "mac" in domain if with_macs else not _is_aside(line)):
                cells = layout.cells(raw)
                is_wrapped = bool(cells) and cells.keys() <= filled
                if layout.is_ruled and not with_macs and not is_wrapped:
                    filled = layout.filled(line)
                yield {**cells, _WRAPPED: ""} if is_wrapped else {**domain, **cells}


def _domain(line: str, domain: Row) -> Row:
    """Return what holds for rows below: the VLAN of a bridge (Junos), the MAC asked for (AOS-S)."""
    if match := _DOMAIN.match(line) if "VLAN :" in line else None:
        return {"vlan": match[1]}
    match = _ASKED.match(line) if "Address Table - " in line else None
    return domain if match is None or not normal.mac(match[1]) else {"mac": match[1]}


def _tabbed(raw: str) -> Layout | None:
    """Return the columns of titles with tabs between them, as a spreadsheet hands them on."""
    cells = raw.split("\t")
    if len(cells) < _FEW or not all(map(str.strip, cells)):
        return None
    columns = _beside([Column(of_title(cell), 0, 0) for cell in cells], list(map(names.letters, cells)))
    return Layout(columns, is_tabbed=True)


def _is_aside(line: str) -> bool:
    return ": " in line.strip()[:40] or line.rstrip().endswith(":")


def _head(above: Sequence[str], line: str) -> tuple[Column, ...]:
    """Return the columns a line of titles names, with the line above where both are titles."""
    if _is_aside(line) or not any(map(names.starts, line[:_TITLES_CAP].split())):
        return ()
    columns = _columns(line)
    if not _is_head(columns, line):
        return ()
    before = _columns(above[-1]) if above else ()
    if not before or not _is_head(before, above[-1]):
        return columns
    return max(_two_lines(above[-1], line), before, columns, key=_weight)


def _weight(columns: Sequence[Column]) -> tuple[bool, int]:
    """Return which reading of titles counts: one with MACs, then that with the most roles."""
    return any(column.role == "mac" for column in columns), _count(columns)


def _count(columns: Sequence[Column]) -> int:
    """Return how many columns have a role."""
    return sum(bool(column.role) for column in columns)


def _is_head(columns: Sequence[Column], line: str) -> bool:
    count = _count(columns)
    return count >= _FEW and count * 2 >= len(columns) and normal.MAC_IN_TEXT.search(line) is None


def _columns(line: str) -> tuple[Column, ...]:
    """Return the titles in a line: cells between wide gaps, taken apart where it takes."""
    columns: list[Column] = []
    for cell in _CELL.finditer(line):
        if role := of_title(cell[0]):
            columns.append(Column(role, cell.start(), cell.end()))
        else:
            columns.extend(_apart(cell[0], cell.start()))
    return _beside(columns, [names.letters(line[column.start : column.end]) for column in columns])


def _beside(columns: Sequence[Column], titles: Sequence[str]) -> tuple[Column, ...]:
    """Return columns with the roles that their titles have beside each other."""
    roles = {name: role for beside in titles for name, role in names.table().beside.get(beside, {}).items()}
    return _two_ports(
        [replace(column, role=roles.get(title, column.role)) for column, title in zip(columns, titles, strict=True)]
    )


def _two_ports(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns; beside a neighbour the second port of two is the neighbour's."""
    roles = [column.role for column in columns]
    ports = [at for at, role in enumerate(roles) if role in {"local", "port"}]
    if len(ports) < _FEW or "portid" in roles or roles[ports[1]] != "port" or _NEIGHBOUR.isdisjoint(roles):
        return tuple(columns)
    return tuple(replace(column, role="portid") if at == ports[1] else column for at, column in enumerate(columns))


def _apart(cell: str, start: int) -> Iterator[Column]:
    """Yield the titles in one cell, the longest first; other words are columns of no role."""
    words = list(_WORD.finditer(cell))
    at = 0
    while at < len(words):
        for count in range(min(_LONGEST, len(words) - at), 0, -1):
            begin, end = words[at].start(), words[at + count - 1].end()
            role = of_title(cell[begin:end])
            if role or count == 1:
                yield Column(role, start + begin, start + end)
                at += count
                break


def _two_lines(upper: str, lower: str) -> tuple[Column, ...]:
    """Return the columns of titles written over two lines."""
    cells = [(cell.start(), cell.end(), cell[0]) for cell in _CELL.finditer(upper)]
    below = [(cell.start(), cell.end(), cell[0]) for cell in _CELL.finditer(lower)]
    columns = []
    for start, end, words in cells:
        under = next(((a, b, w) for a, b, w in below if a < end and start < b), None)
        title = f"{words} {under[2]}" if under else words
        role = of_title(title) or of_title(words)
        columns.append(Column(role, min(start, under[0]) if under else start, max(end, under[1]) if under else end))
    alone = [(a, b, w) for a, b, w in below if not any(a < end and start < b for start, end, _ in cells)]
    columns += [Column(of_title(w), a, b) for a, b, w in alone]
    return _two_ports(sorted(columns, key=lambda column: column.start))


def _under_rule(above: Sequence[str], rule: str) -> tuple[Column, ...]:
    """Return the columns a rule of dashes marks off below titles."""
    runs = [(run.start(), run.end()) for run in _RUN.finditer(rule)]
    if len(runs) < _FEW:
        return ()
    columns, titles = [], []
    for number, (start, end) in enumerate(runs):
        until = runs[number + 1][0] if number + 1 < len(runs) else None
        texts = [line[start:until].strip(" |") for line in above if normal.MAC_IN_TEXT.search(line) is None]
        role = _role_of(texts)
        columns.append(Column(role, start, end))
        titles.append(names.letters(" ".join(texts)))
    return _beside(columns, titles) if _count(columns) >= _FEW else ()


def _role_of(texts: Sequence[str]) -> str:
    """Return the role of a title over several lines: all of it, else its last lines."""
    for first in range(len(texts)):
        if role := of_title(" ".join(texts[first:])):
            return role
    return next((role for text in reversed(texts) if (role := of_title(text))), "")
