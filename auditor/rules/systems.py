"""What systems say they are, and how vendors are spelled: `systems.toml`, read strictly."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from importlib.resources.abc import Traversable
from operator import or_
from typing import Any

from auditor import normal
from auditor.rules.engine import compiled, encoded, first_match
from auditor.tables import Section, file_texts, finish, read_toml

FILE = "systems.toml"
GROUPS = ("vendor", "model", "series", "firmware", "serial")
TEXT_CAP = 2_000
DESCRIPTIONS = ("snmp.sysdescr", "lldp.sysdescr")
_LEGAL = re.compile(
    r"[\s,]+(?:incorporated|inc|ltda?|limited|llc|l\.l\.c|corp|corporation|co|company|gmbh|ag|kg|spa|s\.p\.a|sas?|s\.a"
    r"|b\.?v|plc|oy|ab|as|a/s|pty|s\.?r\.?l|holdings)\.?(?:\s*&\s*co\.?)?(?:,?\s*ltd\.?|\s*kg\.?)?\Z",
    re.IGNORECASE,
)

Cells = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How one system names itself, and what it does not say of itself but is.

    What a `hint` says counts only where nothing else speaks of it.
    """

    id: str
    facts: tuple[str, ...]
    where: str
    expression: Any
    says: tuple[tuple[str, str], ...]
    hint: bool = False

    def read(self, text: str) -> Cells:
        """Return what a fact of its kind says where it is this system's, else nothing."""
        hit = first_match(self.expression, encoded(text[:TEXT_CAP]))
        # A group of an alternative has a figure behind its name.
        return {} if hit is None else dict(self.says) | {name.rstrip("2"): value for name, value in hit[1]}

    @property
    def has_vendor(self) -> bool:
        """Tell whether it speaks of one vendor, or of any."""
        return "vendor" in dict(self.says) or "vendor" in self.expression.groupindex


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """Grammars of systems, spellings of vendors by folded name, vendors of odd numbers."""

    grammars: tuple[Grammar, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    enterprises: Mapping[str, str] = field(default_factory=dict)
    by_place: Mapping[tuple[str, str], tuple[Grammar, ...]] = field(init=False)
    hints: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        places: dict[tuple[str, str], tuple[Grammar, ...]] = {}
        for one in self.grammars:
            for kind in one.facts:
                places[kind, one.where] = (*places.get((kind, one.where), ()), one)
        object.__setattr__(self, "by_place", places)
        hints = frozenset((kind, one.where) for one in self.grammars if one.hint for kind in one.facts)
        object.__setattr__(self, "hints", hints)

    def read(self, kind: str, where: str, text: str) -> Cells:
        """Return what a fact says of the system: vendor, model, firmware, serial, role."""
        places = dict.fromkeys(((kind, ""), (kind, where)))
        grammars = (one for place in places for one in self.by_place.get(place, ()))
        hits = [(one, cells) for one in grammars if (cells := one.read(text))]
        best = min(hits, key=lambda hit: (not hit[0].has_vendor, -len(hit[1]), hit[0].id), default=None)
        if best is None:
            return {}
        cells = best[1]
        return cells | {"vendor": self.vendor(cells["vendor"])} if "vendor" in cells else cells

    def vendor(self, name: str) -> str:
        """Return the usual spelling of a vendor; nothing where the name says nothing."""
        plain = short_name(name)
        return self.spellings.get(normal.letters(name), self.spellings.get(normal.letters(plain), plain))

    def __or__(self, other: "Systems") -> "Systems":
        """Return what either knows; of two grammars with one id the other's."""
        by_id = {one.id: one for one in (*self.grammars, *other.grammars)}
        return Systems(
            grammars=tuple(by_id[key] for key in sorted(by_id)),
            spellings={**self.spellings, **other.spellings},
            enterprises={**self.enterprises, **other.enterprises},
        )


@lru_cache(maxsize=4096)
def short_name(name: str) -> str:
    """Return a company's name on one line, without its legal form."""
    text, before = normal.one_line(name).strip(" ,\"'"), ""
    while text != before:
        text, before = _LEGAL.sub("", text).strip(" ,"), text
    return text


@lru_cache(maxsize=8)
def load(text: str, name: str = FILE, *, is_shipped: bool = False) -> Systems:
    """Return what a file lists; a grammar unlike its examples is a `RuleError`.

    The same text is read once. Grammars of a file that is shipped were compared when it was built (`auditor check`),
    and are not each time.
    """
    top = read_toml(text, name)
    spellings = _spellings(top.section("spelling"))
    enterprises = {key: str(value) for key, value in top.section("enterprise").rest().items()}
    entries = [_entry(section) for section in top.sections("system")]
    grammars = tuple(entry.grammar for entry in entries)
    top.once((grammar.id for grammar in grammars), "system")
    systems = Systems(grammars=grammars, spellings=spellings, enterprises=enterprises)
    for entry in () if is_shipped else entries:
        entry.prove(systems)
    finish(top)
    return systems


def load_systems(shipped: Traversable, folders: Iterable[Traversable]) -> Systems:
    """Return what the files of several folders list together; a folder need not have one."""
    known = [load(text, name, is_shipped=True) for name, text in file_texts([shipped], FILE)]
    return reduce(or_, (*known, *(load(text, name) for name, text in file_texts(folders, FILE))), Systems())


def _spellings(section: Section) -> Mapping[str, str]:
    spellings: dict[str, str] = {}
    for name, others in section.rest().items():
        texts = others if isinstance(others, list) else [others]
        for key in {normal.letters(str(text)) for text in (name, *texts)} - {""}:
            if spellings.setdefault(key, name) != name:
                section.complain(f"'{key}' is spelled '{spellings[key]}' and '{name}'", name)
    return spellings


def _grammar(section: Section) -> Grammar:
    words = {name: section.text(name, "") for name in ("vendor", "model", "role")}
    regex = section.text("regex")
    section.text("source")
    try:
        expression = compiled(regex)
    except ValueError as exc:
        section.complain(str(exc), "regex")
        expression = compiled("")
    return Grammar(
        id=section.text("id"),
        facts=section.texts("facts") or DESCRIPTIONS,
        where=section.text("where", ""),
        expression=expression,
        says=tuple((name, word) for name, word in words.items() if word),
        hint=section.flag("hint"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A grammar as it stands in a file, with its examples: what is said, what is read."""

    grammar: Grammar
    section: Section
    examples: tuple[tuple[str, Cells], ...]
    nevers: tuple[str, ...]

    def prove(self, systems: Systems) -> None:
        """Complain of examples read otherwise than they say, and of others' words that fit."""
        kind, where = self.grammar.facts[0], self.grammar.where
        for value, reading in self.examples:
            cells = systems.read(kind, where, value)
            if cells != reading:
                self.section.complain(f"'{value}' is read as {cells}, not as {reading}", "example")
        if not self.examples:
            self.section.complain("give an example", "example")
        for value in self.nevers:
            if self.grammar.read(value):
                self.section.complain(f"'{value}' is another's words and fits", "never")


def _entry(section: Section) -> _Entry:
    grammar = _grammar(section)
    examples = tuple((example.text("value"), _reading(example, grammar)) for example in section.sections("example"))
    return _Entry(grammar=grammar, section=section, examples=examples, nevers=section.texts("never", required=True))


def _reading(example: Section, grammar: Grammar) -> Cells:
    return dict(grammar.says) | {name: text for name in GROUPS if (text := example.text(name, ""))}
