"""Strict readers for TOML, TSV and JSON: errors carry a breadcrumb to the bad key."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import tomli

from auditor.errors import AuditorError, ProblemsError, RuleError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """What is wrong at one place of the data and what to do; `check` names who asks."""

    place: str
    check: str = ""
    demand: str

    def __str__(self) -> str:
        return f"{self.place}: {self.demand}"


def problems_of(error: AuditorError) -> Iterator[Problem]:
    """Yield what a reader complained of."""
    for one in error.problems if isinstance(error, ProblemsError) else (error,):
        yield Problem(place=one.where, demand=one.problem)


@dataclass(slots=True)
class Section:
    """One table of a TOML file being read; getters note problems and go on."""

    values: Mapping[str, object]
    where: str
    problems: list[AuditorError] = field(default_factory=list)
    error: type[AuditorError] = RuleError
    keys_read: set[str] = field(default_factory=set)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; without a default the key is required and may not be blank."""
        value = self._take(key, str, "text in quotes", default)
        if default is None and value is not None and not value.strip():
            self.complain(f"'{key}' is empty; say something or leave it out", key)
        return "" if value is None else value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._take(key, bool, "true or false", default)
        return bool(value)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self._take(key, int, "a whole number", default)
        return 0 if value is None else value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Return a date written as TOML writes one, `2021-03-12`, without quotes."""
        value = self._take(key, date, "a date such as 2021-03-12, without quotes", None, optional=not required)
        if isinstance(value, datetime):
            self.complain(f"'{key}' must be a date without a time", key)
            return None
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._take(key, list, "a list of texts", None if required else [])
        items = value or []
        if not all(isinstance(item, str) for item in items):
            self.complain(f"'{key}' must hold texts only", key)
            return ()
        if required and value is not None and not items:
            self.complain(f"'{key}' is empty; add at least one", key)
        return tuple(str(item) for item in items)

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return one of a closed list of words."""
        value = self.text(key, default)
        if value and value not in allowed:
            self.complain(f"'{value}' is not one of {', '.join(allowed)}", key)
            return ""
        return value

    def sections(self, key: str) -> "Iterator[Section]":
        """Yield each table of an array, `[[rule]]`, in its place, closed before the next one."""
        value = self._take(key, list, f"written as [[{key}]]", [])
        for index, item in enumerate(value or []):
            where = f"{self.where}{key}[{index + 1}]."
            if isinstance(item, dict):
                section = Section(item, where, self.problems, self.error)
                yield section
                section.close()
            else:
                self.complain(f"must be a table, written as [[{key}]]", f"{key}[{index + 1}]")

    def fill(self, kind: Callable[..., T], /, **cells: object) -> T:
        """Return a dataclass whose fields are the keys, read by their types, save `cells`."""
        dataclass_type: Any = kind
        getters: dict[object, Callable[..., object]] = {str: self.text, int: self.number, bool: self.flag}
        for item in fields(dataclass_type):
            if item.name in cells:
                continue
            if item.type in getters:
                default = {} if item.default is MISSING else {"default": item.default}
                cells[item.name] = getters[item.type](item.name, **default)
            else:
                cells[item.name] = self.texts(item.name)
        return kind(**cells)

    def section(self, key: str) -> "Section":
        """Return one sub-table, empty where the key is absent."""
        value = self._take(key, dict, f"a table, written as [{key}]", {})
        return Section(value or {}, f"{self.where}{key}.", self.problems, self.error)

    def rest(self) -> dict[str, object]:
        """Return the keys nobody asked for yet, and count them as taken."""
        left = {key: value for key, value in self.values.items() if key not in self.keys_read}
        self.keys_read.update(left)
        return left

    def close(self) -> None:
        """Complain of every key nobody asked for: an unknown key is a typing error, not a wish."""
        keys = ", ".join(sorted(self.keys_read)) or "none"
        for key in self.rest():
            self.complain(f"unknown key; known here: {keys}", key)

    def once(self, ids: Iterable[str], key: str) -> None:
        """Complain of every id that stands twice."""
        counts = Counter(ids)
        for twice in sorted(one for one, times in counts.items() if one and times > 1):
            self.complain(f"'{twice}' is used twice; ids are for ever, so choose another", key)

    def complain(self, problem: str, key: str = "") -> None:
        """Note one problem with the breadcrumb to it."""
        self.problems.append(self.error(problem, where=f"{self.where}{key}".rstrip(".")))

    def _take(self, key: str, kind: type[T], form: str, default: T | None, *, optional: bool = False) -> T | None:
        self.keys_read.add(key)
        if key not in self.values:
            if default is None and not optional:
                self.complain(f"'{key}' is missing; it must be {form}", key)
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complain(f"'{key}' must be {form}, not {value!r}", key)
            return default
        return value


def read_text(path: Traversable, name: str) -> str:
    """Return the text of a data file; one that cannot be read or is no UTF-8 is a `RuleError`."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RuleError("must be UTF-8 text", where=name) from None
    except OSError as exc:
        raise RuleError(f"cannot be read: {exc.strerror}", where=name) from None


def read_toml(text: str, name: str, *, error: type[AuditorError] = RuleError) -> Section:
    """Return the top table of a TOML document; `name` opens every breadcrumb."""
    try:
        return Section(tomli.loads(text), f"{name}: ", error=error)
    except tomli.TOMLDecodeError as exc:
        raise error(f"not valid TOML: {exc}", where=name) from None


def finish(section: Section) -> None:
    """Close a document and raise every problem noted under it at once."""
    section.close()
    refuse(section.problems)


def refuse(problems: Sequence[AuditorError]) -> None:
    """Raise all of some problems at once, or nothing where there are none."""
    if problems:
        raise problems[0] if len(problems) == 1 else ProblemsError(problems)


def read_each(texts: Iterable[tuple[str, str]], read: Callable[[str, str], T]) -> list[T]:
    """Return what is read of each name and text; raise the problems of all at once."""
    values: list[T] = []
    problems: list[AuditorError] = []
    for name, text in texts:
        try:
            values.append(read(text, name))
        except AuditorError as exc:
            problems.append(exc)
    refuse(problems)
    return values


def toml_files(folders: Iterable[Traversable]) -> Iterator[tuple[str, str]]:
    """Yield name and text of TOML files, sorted within folders; the folder is in the name."""
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".toml"):
                yield f"{folder.name}/{file.name}", read_text(file, f"{folder.name}/{file.name}")


def file_texts(folders: Iterable[Traversable], name: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of one file wherever it stands; a folder need not have it."""
    for folder in folders:
        file = folder / name
        if file.is_file():
            yield name, read_text(file, name)


def read_tsv(
    text: str, name: str, columns: Sequence[str], *, error: type[AuditorError] = RuleError
) -> list[tuple[str, ...]]:
    """Return a table's rows; the first line names `columns`, `#` lines before are remarks."""
    rows = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
    if not rows or tuple(rows[0][1].split("\t")) != tuple(columns):
        raise error(f"the first line must name the columns {' '.join(columns)}, separated by tabs", where=name)
    out = []
    for number, line in rows[1:]:
        cells = tuple(line.split("\t"))
        if len(cells) != len(columns):
            raise error(f"has {len(cells)} cells, must have {len(columns)}", where=f"{name}: line {number}")
        out.append(cells)
    return out
