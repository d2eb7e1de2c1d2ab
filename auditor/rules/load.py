"""Rule files to a book: every problem of a file at once, each with a breadcrumb; order of files and rules changes nothing.

Folders `makers/`, `watch/` and `lookalikes/` hold `<maker id>.toml`, `rebrands/` holds `<brand>.toml`; a rule's id becomes
`<file>/<id>`. Later layers (a user's own folder) add rules, or replace those of the same id.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import ownership
from auditor.errors import AuditorError, ProblemsError, RuleError, UsageError
from auditor.model import Rule
from auditor.rules.book import Plain, Row, RuleBook, version_of
from auditor.rules.read import PLAIN, RuleFile, read_plain, read_rule_file, read_table
from auditor.rules.vocabulary import Vocabulary, read_vocabulary
from auditor.tables import read_text

FOLDERS = ("makers", "watch", "lookalikes", "rebrands")


@dataclass(slots=True)
class _Shelf:
    """What was read so far; a later layer overwrites by id."""

    rules: dict[str, Rule] = field(default_factory=dict)
    tables: dict[str, dict[str, Row]] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    plain: dict[str, dict[str, Plain]] = field(default_factory=lambda: {key: {} for key in PLAIN})


def builtin() -> Traversable:
    """Return the folder of the rules this program brings along."""
    return files("oui_rules")


def load(folders: Iterable[Path] = ()) -> RuleBook:
    """Read the built-in rules and the given folders over them; raise every problem of all files at once (`RuleError`)."""
    layers = list(folders)
    for folder in layers:
        if not folder.is_dir():
            raise UsageError("no such folder of rules; check --rules and AUDITOR_RULES", where=str(folder))
        ownership.check_folder(folder)
    return load_layers([builtin(), *layers])


def vocabulary(layers: Iterable[Traversable] = ()) -> Vocabulary:
    """Return the words of some folders, later ones over earlier ones; without a folder those of this program."""
    return read_vocabulary(_texts(list(layers) or [builtin()], "vocabulary.toml"))


def load_layers(layers: Iterable[Traversable]) -> RuleBook:
    """Read folders of rules, later ones over earlier ones."""
    layers = list(layers)
    words = vocabulary(layers)
    shelf = _Shelf()
    problems: list[AuditorError] = []
    for layer in layers:
        problems += _fill(shelf, layer, words)
    if problems:
        raise problems[0] if len(problems) == 1 else ProblemsError(problems)
    return _bound(shelf, words)


def _bound(shelf: _Shelf, words: Vocabulary) -> RuleBook:
    rules = tuple(shelf.rules[key] for key in sorted(shelf.rules))
    generic, elsewhere, components = (tuple(known[key] for key in sorted(known)) for known in shelf.plain.values())
    tables = {key: dict(sorted(rows.items())) for key, rows in sorted(shelf.tables.items())}
    return RuleBook(
        words=words,
        rules=rules,
        tables=tables,
        generic=generic,
        elsewhere=elsewhere,
        components=components,
        brands=dict(sorted(shelf.brands.items())),
        homes=dict(sorted(shelf.homes.items())),
        labels=frozenset(shelf.labels),
        version=version_of(rules, (tables, generic, elsewhere, components, sorted(words.makers.items()))),
    )


def _fill(shelf: _Shelf, layer: Traversable, words: Vocabulary) -> Iterator[AuditorError]:
    seen: dict[str, str] = {}
    for name, path in _rule_paths(layer):
        try:
            _shelve(shelf, name, path, layer, words, seen)
        except AuditorError as exc:
            yield exc
    for name, text in _texts([layer], "generic.toml"):
        try:
            found = read_plain(text, name, tuple(words.kinds))
        except AuditorError as exc:
            yield exc
        else:
            for key, plains in found.items():
                shelf.plain[key] |= {plain.id: plain for plain in plains}


def _shelve(  # noqa: PLR0913, PLR0917  one file, everything it is read against and everything it is put on
    shelf: _Shelf, name: str, path: Traversable, layer: Traversable, words: Vocabulary, seen: dict[str, str]
) -> None:
    file = read_rule_file(read_text(path, name), name, words)
    again = [rule.id for rule in file.rules if rule.id in seen]
    if again:
        raise RuleError(f"{again[0]} stands in {seen[again[0]]} too; rename one of the files", where=name)
    seen.update(dict.fromkeys((rule.id for rule in file.rules), name))
    tables = {rule.id: _table(rule, file, layer) for rule in file.rules if rule.table}
    shelf.rules |= {rule.id: rule for rule in file.rules}
    shelf.homes |= {rule.id: file.folder for rule in file.rules}
    shelf.tables |= tables
    shelf.labels |= {label.casefold() for label in file.labels}
    if file.brand:
        shelf.brands[file.stem] = file.brand


def _table(rule: Rule, file: RuleFile, layer: Traversable) -> dict[str, Row]:
    path = layer / file.folder / rule.table
    name = f"{file.folder}/{rule.table}"
    if not path.is_file():
        raise RuleError(f"there is no table {name}", where=f"{file.folder}/{file.stem}.toml: {rule.id}.table")
    return read_table(read_text(path, name), name, rule.facts)


def _rule_paths(layer: Traversable) -> Iterator[tuple[str, Traversable]]:
    for folder in FOLDERS:
        place = layer / folder
        if place.is_dir():
            for path in sorted(place.iterdir(), key=lambda item: item.name):
                if path.name.endswith(".toml"):
                    yield f"{folder}/{path.name}", path


def _texts(layers: Iterable[Traversable], name: str) -> Iterator[tuple[str, str]]:
    for layer in layers:
        path = layer / name
        if path.is_file():
            yield name, read_text(path, name)
