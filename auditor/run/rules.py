"""What a rule author asks of the rules in force: try values on them, begin a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.normal import file_name, mac
from auditor.rules import author, load
from auditor.rules.macs import owners
from auditor.rules.oui import Registry
from auditor.rules.oui_update import folder_in
from auditor.run.home import data_home

if TYPE_CHECKING:
    from auditor.rules.oui_lookup import MacEntry


def trials(
    values: Sequence[str], kind: str = "", folders: Sequence[Path] = ()
) -> "Iterator[tuple[MacEntry | None, tuple[author.Caught, ...]]]":
    """Yield of each value what the registry says, if it is a MAC, and the rules that catch it."""
    entries = look_up(values, folders) if len(values) > 1 or mac(values[0]) else (None,)
    book, registry = load.load(folders), newest_registry()
    for value, entry in zip(values, entries, strict=True):
        yield entry, author.attempt(book, registry, value, kind)


def look_up(macs: Sequence[str], folders: Sequence[Path] = ()) -> "tuple[MacEntry, ...]":
    """Return what the newest registry says of MACs, and which makers their registrants are."""
    from auditor.rules.oui_lookup import RegistryLookup

    for text in macs:
        if not mac(text):
            raise UsageError(f"'{text}' is no MAC address; several values are MACs")
    lookup, makers = RegistryLookup(newest_registry()), owners(load.load(folders))
    return tuple(lookup.entry(text, makers) for text in macs)


def newest_registry() -> Registry:
    """Return the registry the user has updated, else the one of this release."""
    return Registry.load(folder_in(data_home()))


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
