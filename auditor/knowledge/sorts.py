"""The sorts of data files by place: how each is checked, whether a user may bring it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import ownership
from auditor.assets import hypervisors, ports, serials
from auditor.collect.ssh import check as driver_checks
from auditor.collect.ssh import drivers
from auditor.errors import AuditorError, UsageError
from auditor.imports import columns, exports
from auditor.knowledge import across
from auditor.knowledge.folders import Folders
from auditor.paperwork import check as filing_checks
from auditor.paperwork import prices
from auditor.parse import services, snmp_probes
from auditor.parse.cli import names
from auditor.parse.cli import words as replies
from auditor.policy import check as policy_checks
from auditor.rules import check as rule_checks
from auditor.rules import enterprises, systems
from auditor.rules.load import FOLDERS, builtin
from auditor.rules.read import read_retired, read_unwritten
from auditor.tables import Problem, problems_of

PRICES = tuple(f"{kind}.{suffix}" for kind in (prices.PRICES, prices.REPLACEMENTS) for suffix in ("csv", "toml"))

_COSTS = ("costs/prices.toml", "costs/replacements.toml")
_TABLES = tuple(f"{folder}/*.{suffix}" for folder in FOLDERS for suffix in ("toml", "tsv"))
_UNWRITTEN = "rebrands/unwritten.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One sort of files: patterns of its places, its check, whether a user may bring it."""

    places: tuple[str, ...]
    check: Callable[[Folders], Iterable[Problem]]
    own: bool = True


def check(layers: Sequence[Traversable], samples: Path | None = None, only: Sequence[str] = ()) -> tuple[Problem, ...]:
    """Return every problem of folders of data files, later ones over earlier ones, sorted.

    `only` names sorts to check, `files` for files of no sort, `across` for what several sorts say together. `samples`
    is the folder of recordings and their labels where the covered makers must have one.
    """
    folders = Folders(layers)
    checks = {name: sort.check for name, sort in SORTS.items()}
    checks |= {"files": unknown_files, "across": lambda data: across.check(data, samples)}
    picks = (checks[name] for name in only or checks)
    return tuple(sorted({problem for one in picks for problem in _attempt(one, folders)}))


def layers_of(folder: Path | None) -> tuple[Traversable, ...]:
    """Return a folder over the built-in files; a whole set, as they are, stands for itself."""
    if folder is None:
        return (builtin(),)
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder))
    ownership.check_folder(folder)
    whole = (folder / "oui").is_dir() and (folder / "makers").is_dir() and (folder / "vocabulary.toml").is_file()
    return (folder,) if whole else (builtin(), folder)


def unknown_files(data: Folders) -> Iterator[Problem]:
    """Yield the files no reader looks for, and a user's that are only read built in."""
    for number, layer in enumerate(data.layers):
        for name in data.names(layer):
            sort = next((sort for sort in SORTS.values() if any(fnmatch(name, place) for place in sort.places)), None)
            if sort is None:
                yield Problem(
                    place=name, check="unknown_files", demand=f"is no data file: nothing reads it; known: {_places()}"
                )
            elif number and not sort.own:
                demand = "is read from the built-in files alone; one in a folder of your own changes nothing"
                yield Problem(place=name, check="unknown_files", demand=demand)


def _places() -> str:
    return ", ".join(place for sort in SORTS.values() if sort.own for place in sort.places)


def _attempt(one: Callable[[Folders], Iterable[Problem]], data: Folders) -> Iterator[Problem]:
    """Yield the problems of one sort; what cannot be read at all is told once, whoever needs it."""
    try:
        yield from one(data)
    except AuditorError as exc:
        yield from problems_of(exc)


def _each(read: Callable[[str, str], object], *names: str) -> Callable[[Folders], Iterable[Problem]]:
    """Return the check of files that need nothing beside their reader."""

    def run(data: Folders) -> Iterator[Problem]:
        for name, text in data.texts(*names):
            try:
                read(text, name)
            except AuditorError as exc:
                yield from problems_of(exc)

    return run


def _rules(data: Folders) -> Iterator[Problem]:
    book = data.book
    for problem in rule_checks.check(book, data.registry):
        file = f"{book.homes[problem.place]}/{problem.place.split('/')[0]}.toml"
        yield Problem(place=f"{file}: {problem.place}", check=problem.check, demand=problem.demand)
    yield from rule_checks.check_plain(book)
    tables = {f"{book.homes[rule.id]}/{rule.table}" for rule in book.rules if rule.table}
    for layer in data.layers:
        for name in data.names(layer):
            if name.endswith(".tsv") and name.split("/")[0] in FOLDERS and name not in tables | {_UNWRITTEN}:
                yield Problem(
                    place=name, check="reads_every_table", demand="no rule names this table; name it or drop it"
                )


def _policies(data: Folders) -> Iterable[Problem]:
    return policy_checks.check(data.policies, data.words.of_policies)


def _filings(data: Folders) -> Iterator[Problem]:
    ids = {policy.id for policy in data.policies}
    yield from filing_checks.check(data.filings, {**data.words.of_policies, "policies": ids})


def _drivers(data: Folders) -> Iterator[Problem]:
    for name, text in data.texts("drivers.toml"):
        yield from driver_checks.check(drivers.load(text, name), name)


def _prices(data: Folders) -> Iterator[Problem]:
    for name, text in data.texts(*PRICES):
        kind = name.partition(".")[0]
        for number, line in enumerate(prices.read(text.encode(), name, kind), 1):
            for key, words in (("maker", data.words.makers), ("category", data.words.categories)):
                if line.get(key, "").casefold() not in {"", *words}:
                    yield Problem(
                        place=f"{name}: {kind.removesuffix('s')}[{number}].{key}",
                        demand=f"no '{line[key]}' in vocabulary.toml",
                    )


def _oui(data: Folders) -> Iterator[Problem]:
    if not sum(1 for _block in data.registry):  # each row is taken apart, and so proved whole
        yield Problem(place="oui/registry.tsv", demand="holds no prefix; build the table again")


def _systems(data: Folders) -> Iterator[Problem]:
    for name, text in data.texts(systems.FILE):
        for grammar in systems.load(text, name).grammars:
            role = dict(grammar.says).get("role", "")
            if role and role not in data.words.categories:
                yield Problem(place=f"{name}: {grammar.id}", demand=f"no category '{role}' in vocabulary.toml")


def _enterprises(data: Folders) -> Iterator[Problem]:
    for layer in data.layers:
        if (folder := layer / enterprises.FOLDER).is_dir():
            yield from enterprises.check(folder)


def _retirements(data: Folders) -> Iterator[Problem]:
    for name, text in data.texts("retired/retired.toml"):
        for place in sorted(read_retired(text, name) & data.book.by_id().keys()):
            yield Problem(
                place=f"{name}: {place}",
                demand="a rule of this id is in force; an id that was withdrawn is never used again",
            )


SORTS: Mapping[str, Sort] = {
    "vocabulary": Sort(places=("vocabulary.toml",), check=lambda data: across.kinds(data.words)),
    "rules": Sort(places=("generic.toml", *_TABLES), check=_rules),
    "unwritten": Sort(places=(_UNWRITTEN,), check=_each(read_unwritten, _UNWRITTEN), own=False),
    "retired": Sort(places=("retired/retired.toml",), check=_retirements, own=False),
    "policies": Sort(places=("policies/*.toml",), check=_policies),
    "filings": Sort(places=("filings/*.toml",), check=_filings),
    "serials": Sort(places=(serials.FILE,), check=_each(serials.load, serials.FILE)),
    "ports": Sort(places=(ports.FILE,), check=_each(ports.load, ports.FILE)),
    "hypervisors": Sort(places=(hypervisors.FILE,), check=_each(hypervisors.load, hypervisors.FILE)),
    "systems": Sort(places=(systems.FILE,), check=_systems),
    "prices": Sort(places=PRICES, check=_prices),
    "costs": Sort(places=_COSTS, check=_each(prices.read_shape, *_COSTS), own=False),
    "columns": Sort(places=("columns.toml",), check=_each(columns.load, "columns.toml"), own=False),
    "exports": Sort(places=(exports.FILE,), check=_each(exports.load, exports.FILE), own=False),
    "drivers": Sort(places=("drivers.toml",), check=_drivers, own=False),
    "services": Sort(places=("services.toml",), check=_each(services.load, "services.toml"), own=False),
    "probes": Sort(places=("probes.toml",), check=_each(snmp_probes.load, "probes.toml"), own=False),
    "replies": Sort(places=("replies.toml",), check=_each(replies.load, "replies.toml"), own=False),
    "tables": Sort(places=("tables.toml",), check=_each(names.load, "tables.toml"), own=False),
    "oui": Sort(places=("oui/*.tsv", "oui/*.toml"), check=_oui, own=False),
    "enterprises": Sort(places=(f"{enterprises.FOLDER}/*",), check=_enterprises, own=False),
}  # fmt: skip
