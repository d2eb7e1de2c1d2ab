"""What a rule author asks of the rules in force: try values on them, begin a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.normal import file_name, mac
from auditor.rules import author, load
from auditor.rules.book import RuleBook
from auditor.rules.macs import owners
from auditor.rules.oui import Registry
from auditor.rules.oui_update import folder_in
from auditor.run.home import data_home

if TYPE_CHECKING:
    from auditor.rules.oui_lookup import MacEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrial:
    """One value: what the registry says, where it is a MAC, and the rules that catch it."""

    entry: "MacEntry | None"
    hits: tuple[author.Caught, ...]


def trials(values: Sequence[str], kind: str = "", folders: Sequence[Path] = ()) -> Iterator[RuleTrial]:
    """Yield what each value gives away, read as a kind of fact or as any; several are MACs."""
    for value in values if len(values) > 1 else ():
        if not mac(value):
            raise UsageError(f"'{value}' is no MAC; several values at once are MACs", where="VALUE")
    book, registry = load.load(folders), Registry.load(folder_in(data_home()))
    for value in values:
        hits = author.attempt(book, registry, value, kind)
        yield RuleTrial(entry=look_up(value, book, registry) if mac(value) else None, hits=hits)


def look_up(value: str, book: RuleBook, registry: Registry) -> "MacEntry":
    """Return what the registry says of a MAC, through the interface of mac-vendor-lookup."""
    from auditor.rules.oui_lookup import RegistryLookup

    return RegistryLookup(registry).entry(value, owners(book))


def begin(maker: str, folder: Path, kind: str) -> Path:
    """Write a rule file with every key explained and return it; one that exists stays as it is."""
    stem = file_name(maker.casefold().replace(" ", "-"))
    text = author.skeleton(kind, stem, maker)
    target = folder / kind / f"{stem}.toml"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError("exists already; edit it", where=str(target)) from None
    return target
