"""Lists that programs export as JSON, XML or YAML, read by `oui_rules/exports.toml`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice

from auditor.errors import InputError
from auditor.imports import macs, objects
from auditor.imports.batches import batches
from auditor.imports.objects import Entry
from auditor.imports.reporters import Reports, ReportShape
from auditor.imports.rows import Rows
from auditor.imports.source import SourceFile
from auditor.model import DEVICE, KINDS, Fact, Observation, Record, Target, about_lldp, kind_of
from auditor.normal import mac, spelled
from auditor.tables import Section, finish, read_toml

FILE = "exports.toml"
ABOUT = ("device", "heard", "port", "link")
OTHERS = frozenset({"address", "site", "reporter", "interface"})
REPORTER = 0
UP = "^"
_YAML = re.compile(r"\ufeff?(?:---\s*\n)?[A-Za-z]\w{1,40}:[ \t]*\r?\n")
NUMBERED = "names its device by a number of the program's own, under which it is told; its list of devices has the name"
MANY = 64  # values at the end of one path
_LOCAL_PORT = ("lldp.localport", "cdp.localport")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportShape:
    """One sort of list: its rows have all `keys`; `columns` are paths of keys by what they hold.

    `inside` are keys of a row under which further rows stand; from these `^` leads up.
    """

    name: str
    keys: frozenset[str]
    about: str
    label: str
    columns: Mapping[str, tuple[str, ...]]
    inside: tuple[str, ...] = ()

    def values(self, entry: Entry) -> dict[str, str]:
        """Return what a row holds by kind: of several paths the first that says something."""
        cells = (
            (kind, next(filter(None, (_at(entry, path) for path in paths)), "")) for kind, paths in self.columns.items()
        )
        values = {kind: value for kind, value in cells if value}
        if values.get("reporter", "").isdecimal():
            values["reporter"] = f"{self.label} {values['reporter']}".strip()
        return values


@cache
def shipped() -> tuple[ExportShape, ...]:
    """Return the table that comes with the program, read once."""
    return load(files("oui_rules").joinpath(FILE).read_text(encoding="utf-8"))


def load(text: str, name: str = FILE) -> tuple[ExportShape, ...]:
    """Return the lists a table describes; a key or kind that makes no sense is a `RuleError`."""
    top = read_toml(text, name)
    shapes = tuple(_shape(section) for section in top.sections("export"))
    finish(top)
    return shapes


def begins(text: str) -> bool:
    """Tell whether the beginning of a document shows the keys of such a list."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        return any(all(re.search(rf"<{re.escape(key)}[\s>/]", text) for key in shape.keys) for shape in shipped())
    if _YAML.match(text):
        return any(
            all(re.search(rf"^[ \-]*{re.escape(key)}:", text, re.MULTILINE) for key in shape.keys)
            for shape in shipped()
        )
    return start in {"{", "["} and any(all(f'"{key}"' in text for key in shape.keys) for shape in shipped())


def read(source: SourceFile) -> Iterator[Record]:
    """Yield the rows of a list: devices, or what a device heard of others, by reporter.

    Objects that are no row of such a list and hold a MAC are read as a table of MACs.
    """
    export = _Export(Rows(source))
    yield from export.records(objects.document(source))
    rest = list(macs.entry_rows(export.rest))
    if not export.rows_read and not rest:
        raise InputError("holds no row of a list this tool knows", where=str(source.path))
    yield from batches(source, rest)
    yield from export.rows.close()


@dataclass(slots=True)
class _Export:
    """One document: rows of devices go out at once, the others by their reporters at its end."""

    rows: Rows
    rows_read: int = 0
    rest: list[Entry] = field(default_factory=list)
    reports: dict[tuple[str, ...], Reports] = field(default_factory=dict)
    facts: dict[tuple[str, str], dict[Fact, None]] = field(default_factory=dict)

    def records(self, document: object) -> Iterator[Record]:
        """Yield what the rows among the objects of a document say; nothing inside a row is one."""
        waiting = [document]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting.extend(reversed(value))
            elif isinstance(value, Mapping):
                shape = next((one for one in shipped() if one.keys <= value.keys()), None)
                if shape is None:
                    self.rest.append(value)
                    waiting.extend(reversed(list(value.values())))
                else:
                    self.rows_read += 1
                    values, where = shape.values(value), f"entry {self.rows_read}"
                    if shape.label and values.get("reporter", "").startswith(shape.label):
                        self.rows.note(NUMBERED, where)
                    yield from self._row(shape, values, where)
                    waiting.extend(reversed(_inside(shape, value)))
        for reports in self.reports.values():
            yield from reports.records()
        for (reporter, collector), facts in self.facts.items():
            target = Target(address=reporter, site=self.rows.source.site)
            yield Observation(target=target, collector=collector, at=self.rows.source.at, facts=tuple(facts))

    def _row(self, shape: ExportShape, values: Mapping[str, str], where: str) -> Iterator[Record]:
        if shape.about == "device":
            yield from self.rows.observe({kind: value for kind, value in values.items() if kind != "reporter"}, where)
        elif shape.about == "heard":
            columns = {REPORTER: "reporter", **dict(enumerate((kind for kind in values if kind != "reporter"), 1))}
            layout = tuple(columns.values())
            reports = self.reports.setdefault(layout, Reports(self.rows, ReportShape(reporter=REPORTER)))
            yield from reports.add(columns, [values.get(kind, "") for kind in layout], where)
        else:
            reporter = values.get("reporter") or self.rows.source.path.name
            key = (reporter, "inventory" if shape.about == "port" else "table")
            self.facts.setdefault(key, {}).update(dict.fromkeys(_words(shape, values, where)))


def _inside(shape: ExportShape, row: Entry) -> list[Entry]:
    """Return the rows that stand inside a row, each with the way up to it."""
    children = (child for key in shape.inside for child in _steps(row, key))
    return [{**child, UP: row} for child in children if isinstance(child, Mapping)]


def _words(shape: ExportShape, values: Mapping[str, str], where: str) -> Iterator[Fact]:
    """Yield what a row says of a port of its reporter, or of a neighbour of it."""
    port = next(filter(None, map(values.get, _LOCAL_PORT)), "")
    name = values.get("lldp.sysname") or values.get("cdp.deviceid") or where
    about = DEVICE if shape.about == "port" else about_lldp(f"{port}.{name}")
    for kind, value in values.items():
        text = spelled(mac(value)) if kind == "if.mac" and mac(value) else value
        if kind not in OTHERS and (kind != "if.mac" or mac(value)):
            yield Fact(kind=kind_of(kind), value=text, where=where, about=about)


def _at(entry: object, path: str) -> str:
    """Return the first text at the end of a path through objects and lists."""
    values: list[object] = [entry]
    for key in path.split("."):
        steps = (step for value in values for step in _steps(value, key))
        values = list(islice(steps, MANY))
    return next(filter(None, (objects.plain(value).strip() for value in values)), "")


def _steps(value: object, key: str) -> Iterator[object]:
    """Yield what stands under a key of an object, of each object of a list."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, Mapping):
            inside: Sequence[object] = list(one.values()) if key == "*" else [one.get(key)]
            yield from (item for each in inside for item in (each if isinstance(each, list) else (each,)))


def _shape(section: Section) -> ExportShape:
    columns = section.section("columns")
    for kind in columns.values:
        if kind not in KINDS and kind not in OTHERS:
            columns.complain(f"'{kind}' is no kind of fact, nor one of {', '.join(sorted(OTHERS))}", kind)
    section.text("from")
    return ExportShape(
        name=section.text("name"),
        keys=frozenset(section.texts("keys", required=True)),
        about=section.choice("about", ABOUT),
        label=section.text("label", ""),
        inside=section.texts("inside"),
        columns={kind: columns.texts(kind, required=True) for kind in columns.values},
    )
