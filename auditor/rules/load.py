"""Rule files to a book, every problem of a file at once; their order changes nothing.

Folders `makers/`, `watch/` and `lookalikes/` hold `<maker id>.toml`, `rebrands/` holds `<brand>.toml`; a rule's id
becomes `<file>/<id>`. Later layers (a user's own folder) add rules, or replace those of the same id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import ownership
from auditor.errors import AuditorError, RuleError, UsageError
from auditor.model import Rule
from auditor.rules.book import PlainValue, Product, RuleBook, version_of
from auditor.rules.read import PLAIN, RuleFile, read_plain, read_rule_file, read_table
from auditor.rules.vocabulary import Vocabulary, read_vocabulary
from auditor.tables import read_text, refuse

FOLDERS = ("makers", "watch", "lookalikes", "rebrands")
_PLACES = tuple(f"{folder}/" for folder in FOLDERS)
_Texts = Mapping[str, str | RuleError]
_Layer = tuple[tuple[str, str | RuleError], ...]


@dataclass(slots=True)
class _Shelf:
    """What was read so far; a later layer overwrites by id."""

    rules: dict[str, Rule] = field(default_factory=dict)
    tables: dict[str, dict[str, Product]] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    plain: dict[str, dict[str, PlainValue]] = field(default_factory=lambda: {key: {} for key in PLAIN})


def builtin() -> Traversable:
    """Return the folder of the rules this program brings along."""
    return files("oui_rules")


def load(folders: Iterable[Path] = ()) -> RuleBook:
    """Read the built-in rules and folders over them; raise all problems (`RuleError`)."""
    layers = list(folders)
    for folder in layers:
        if not folder.is_dir():
            raise UsageError("no such folder of rules; check --rules and AUDITOR_RULES", where=str(folder))
        ownership.check_folder(folder)
    return _book((_shipped(), *(tuple(_files(layer)) for layer in layers)), 1)


def vocabulary(layers: Iterable[Traversable] = ()) -> Vocabulary:
    """Return the words of some folders, later ones over earlier; else this program's own."""
    files_of = (layer / "vocabulary.toml" for layer in list(layers) or [builtin()])
    return read_vocabulary([(file.name, read_text(file, file.name)) for file in files_of if file.is_file()])


def load_layers(layers: Iterable[Traversable]) -> RuleBook:
    """Read folders of rules, later ones over earlier ones; the same texts are read once."""
    return _book(tuple(tuple(_files(layer)) for layer in layers))


@cache
def _shipped() -> _Layer:
    return tuple(_files(builtin()))


@lru_cache(maxsize=4)
def _book(layers: tuple[_Layer, ...], shipped: int = 0) -> RuleBook:
    texts = [dict(layer) for layer in layers]
    words = read_vocabulary(_texts(texts, "vocabulary.toml"))
    shelf = _Shelf()
    problems: list[AuditorError] = []
    for number, layer in enumerate(texts):
        problems += _fill(shelf, layer, words, is_shipped=number < shipped)
    refuse(problems)
    return _as_book(shelf, words)


def _as_book(shelf: _Shelf, words: Vocabulary) -> RuleBook:
    rules = tuple(shelf.rules[key] for key in sorted(shelf.rules))
    generic, elsewhere, components = (tuple(by_id[key] for key in sorted(by_id)) for by_id in shelf.plain.values())
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


def _fill(shelf: _Shelf, layer: _Texts, words: Vocabulary, *, is_shipped: bool) -> Iterator[AuditorError]:
    homes: dict[str, str] = {}
    for name in layer:
        if name.startswith(_PLACES) and name.endswith(".toml"):
            try:
                file = read_rule_file(_text(layer, name), name, words, is_shipped=is_shipped)
                _shelve(shelf, file, name, layer, homes)
            except AuditorError as exc:
                yield exc
    for name, text in _texts([layer], "generic.toml"):
        try:
            values_by_section = read_plain(text, name, tuple(words.kinds))
        except AuditorError as exc:
            yield exc
        else:
            for key, plains in values_by_section.items():
                shelf.plain[key] |= {plain.id: plain for plain in plains}


def _shelve(shelf: _Shelf, file: RuleFile, name: str, layer: _Texts, homes: dict[str, str]) -> None:
    again = [rule.id for rule in file.rules if rule.id in homes]
    if again:
        raise RuleError(f"{again[0]} stands in {homes[again[0]]} too; rename one of the files", where=name)
    homes.update(dict.fromkeys((rule.id for rule in file.rules), name))
    tables = {rule.id: _table(rule, file, layer) for rule in file.rules if rule.table}
    shelf.rules |= {rule.id: rule for rule in file.rules}
    shelf.homes |= {rule.id: file.folder for rule in file.rules}
    shelf.tables |= tables
    shelf.labels |= {label.casefold() for label in file.labels}
    if file.brand:
        shelf.brands[file.stem] = file.brand


def _table(rule: Rule, file: RuleFile, layer: _Texts) -> dict[str, Product]:
    name = f"{file.folder}/{rule.table}"
    if name not in layer:
        raise RuleError(f"there is no table {name}", where=f"{file.folder}/{file.stem}.toml: {rule.id}.table")
    return read_table(_text(layer, name), name, rule.facts)


def _files(layer: Traversable) -> Iterator[tuple[str, str | RuleError]]:
    """Yield the text of every file that a layer of rules may use, or why it cannot be read."""
    paths = [(name, layer / name) for name in ("vocabulary.toml", "generic.toml")]
    for folder in FOLDERS:
        if (layer / folder).is_dir():
            names = sorted(path.name for path in (layer / folder).iterdir())
            paths += [(f"{folder}/{name}", layer / folder / name) for name in names]
    for name, path in paths:
        if path.is_file():
            try:
                yield name, read_text(path, name)
            except RuleError as exc:
                yield name, exc


def _text(layer: _Texts, name: str) -> str:
    text = layer[name]
    if isinstance(text, RuleError):
        raise text
    return text


def _texts(layers: Iterable[_Texts], name: str) -> Iterator[tuple[str, str]]:
    return ((name, _text(layer, name)) for layer in layers if name in layer)
