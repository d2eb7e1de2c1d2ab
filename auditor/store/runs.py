"""A store: runs, devices, steps, waivers and decisions, each written in one transaction."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import InputError, UsageError
from auditor.formats.document import load
from auditor.formats.journal import instant
from auditor.store.baseline import Standing
from auditor.store.database import Database, database
from auditor.store.rows import Removals, Step, Stored, agrees

if TYPE_CHECKING:
    from auditor.store.keeper import Keeper

COUNTED = ("assets", "match", "no_match", "undetermined", "unread")


_COLUMNS = ", ".join(f"run.{field.name}" for field in fields(Stored))
_LISTING = (
    f"SELECT {_COLUMNS}, link.content FROM run LEFT JOIN link ON link.seq = run.link ORDER BY run.started, run.number"  # noqa: S608 - names of columns
)


class Store:
    """Keeps runs and the devices they saw, readable by its owner alone."""

    def __init__(self, place: Database | Path | str) -> None:
        self.database = place if isinstance(place, Database) else database(str(place))
        self.database.examine = self.damage

    @property
    def name(self) -> str:
        """Return what messages call the store: its path, or its URL."""
        return self.database.name

    def exists(self) -> bool:
        """Tell whether the store was ever written to."""
        return self.database.exists()

    def runs(self) -> tuple[Stored, ...]:
        """Return every run, oldest first."""
        return tuple(map(self._run_of, self.database.listing(_LISTING)))

    def find(self, name: str = "") -> Stored:
        """Return a run by its id, the start of it or its number; else the newest.

        `last` and `previous` are among those that are anybody's baseline.
        """
        runs = self.runs()
        if not runs:
            raise UsageError("holds no run yet; start with 'auditor scan' or 'auditor import'", where=self.name)
        if name in {"", "last", "previous"}:
            regular = self._regular(runs)
            at = -2 if name == "previous" and len(regular) > 1 else -1
            return regular[at]
        matches = [one for one in runs if name in {one.id, str(one.number)}] or [
            one for one in runs if one.id.startswith(name)
        ]
        if len(matches) != 1:
            problem = "is not a stored run" if not matches else f"fits {len(matches)} runs"
            raise UsageError(f"'{name}' {problem}; 'auditor runs' lists them", where=self.name)
        return matches[0]

    def document(self, run: Stored, *, by_ledger: bool = True) -> str:
        """Return the audit document of a run, as it was written; see `documents.whole`."""
        from auditor.store import documents

        with self.database.reading() as base:
            return documents.whole(base, run.number, by_ledger=by_ledger)

    def context(self, run: Stored) -> dict[str, Any] | None:
        """Return who asked and which purposes sites served, by the run's link; None of an older run."""
        from sqlalchemy import select

        from auditor.store.schema import link
        from auditor.store.schema import run as table

        query = select(link.c.content).join(table, table.c.link == link.c.seq).where(table.c.number == run.number)
        with self.database.reading() as base:
            content = base.execute(query).scalar()
        context = json.loads(content or "{}").get("context")
        return context if isinstance(context, dict) else None

    def audit(self, run: Stored) -> dict[str, Any]:
        """Return the audit document of a run as plain dicts and lists, made sure to be one."""
        text = self.document(run)
        try:
            load(text)
        except InputError as exc:
            raise self.database.damage(f"run {run.id} is damaged: its document is none: {exc}") from None
        return dict(json.loads(text))

    def damage(self, *, whole: bool = False) -> Iterator[str]:
        """Yield what is damaged; `whole` puts together the document of every run too."""
        from auditor.store import check

        yield from check.damage(self.database, whole=whole)

    def rely(self, kind: str, run: Stored, content: str, at: str) -> None:
        """Note in the ledger that a `filing` or a `seal` rests on a run, once."""
        from auditor.store import ledger

        with self.database.writing() as base:
            ledger.note(base, kind, at, {"run": run.id, "of": content})

    def step(self, step: Step) -> None:
        """Note one step of a removal; noting it twice changes nothing."""
        from auditor.store import acts

        with self.database.writing() as base:
            acts.add_step(base, step)

    def steps(self) -> tuple[Step, ...]:
        """Return every step of every removal, oldest first."""
        return self.removals().steps

    def removals(self) -> Removals:
        """Return every removal step, oldest first, with the marks of its device."""
        from auditor.store import acts

        with self.database.reading() as base:
            removals = acts.removals(base)
        if wrong := [step for step in removals.steps if not _reads(instant, step.at)]:
            raise self.database.damage(f"the removal of {wrong[0].asset} is damaged: its day cannot be read")
        return removals

    def levels(self) -> dict[str, int]:
        """Return the highest level (0 possible to 2 confirmed) ever held by each finding, by its id."""
        from sqlalchemy import select

        from auditor.store.schema import finding

        with self.database.reading() as base:
            return {row.id: row.level for row in base.execute(select(finding.c.id, finding.c.level))}

    @contextmanager
    def keeping(self) -> Iterator["Keeper"]:
        """Open the transaction in which one run is numbered, compared and kept, or not at all."""
        from auditor.store.keeper import Keeper

        with self.database.writing() as base:
            yield Keeper(base)

    def _regular(self, runs: Sequence[Stored]) -> Sequence[Stored]:
        """Return the runs that are somebody's baseline, or all where none is."""
        from sqlalchemy import select

        from auditor.store.schema import run_site

        with self.database.reading() as base:
            query = select(run_site.c.run).where(run_site.c.standing == Standing.BASELINE.value).distinct()
            numbers = set(base.execute(query).scalars())
        return [one for one in runs if one.number in numbers] or runs

    def _run_of(self, cells: dict[str, Any]) -> Stored:
        """Return a row as a run; cells this program never writes, or not so, are an `InputError`."""
        content = cells.pop("content")
        wrong = [name for name, value in cells.items() if not isinstance(value, int if name == "number" else str)]
        wrong += [] if wrong else [name for name, read in READ.items() if not _reads(read, cells[name])]
        if wrong:
            raise self.database.damage(f"run {cells['id']} is damaged: its {', '.join(wrong)} cannot be read")
        if not agrees(content or "", cells):
            raise self.database.damage(f"run {cells['id']} is damaged: it is not what its link of the ledger says")
        return Stored(**cells)


def _counts(text: str) -> None:
    """Read the counts of a run; what is none is a `ValueError`."""
    counts = json.loads(text)
    if not isinstance(counts, dict) or not all(isinstance(counts.get(word, 0), int) for word in COUNTED):
        raise ValueError(text)


# What must be readable of a stored run, and how it is read.
READ: dict[str, Callable[[str], object]] = {
    "started": instant,
    "finished": instant,
    "as_of": date.fromisoformat,
    "summary": _counts,
}


def _reads(read: Callable[[str], object], cell: object) -> bool:
    try:
        read(cell if isinstance(cell, str) else "")
    except (ValueError, RecursionError):
        return False
    return True


def open_store(url: str, secret: Callable[[str], str] | None = None) -> Store | None:
    """Return the store a URL names: `none`, a path, `sqlite:///path`, or `postgresql://…`.

    `secret` gives the password of a server by the name of its credential.
    """
    return None if url == "none" else Store(database(url, secret))
