"""Runs in SQLite: one row a run with its document. Write-ahead log, one commit a run."""

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from auditor import ownership
from auditor.errors import InputError, OutputError, UsageError
from auditor.formats.document import load
from auditor.formats.journal import instant

SCHEMA = 1
# What SQLite keeps beside a database and reads back into it.
BESIDE = ("-wal", "-shm", "-journal")
TABLES = """
CREATE TABLE IF NOT EXISTS run (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    started  TEXT NOT NULL,
    finished TEXT NOT NULL,
    as_of    TEXT NOT NULL,
    sites    TEXT NOT NULL,
    summary  TEXT NOT NULL,
    journal  TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    audit    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS removal (
    asset    TEXT NOT NULL,
    at       TEXT NOT NULL,
    state    TEXT NOT NULL,
    who      TEXT NOT NULL,
    note     TEXT NOT NULL,
    PRIMARY KEY (asset, at, state)
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One run as listed; times in RFC 3339 (UTC), the summary in JSON, the journal's SHA-256."""

    number: int
    id: str
    started: str
    finished: str
    as_of: str
    sites: str
    summary: str
    journal: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an asset's removal: who says so and on what ground."""

    asset: str
    state: str
    at: str
    who: str
    note: str


COUNTED = ("assets", "match", "no_match", "undetermined", "unread")
COLUMNS = ", ".join(field.name for field in fields(Stored))


class Store:
    """Keeps runs in one SQLite file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, run: Stored, document: str) -> None:
        """Keep a run whole or not at all; saving the same id again replaces it."""
        with self._open() as base, base:
            base.execute("DELETE FROM run WHERE id = ?", (run.id,))
            cells = [None, *astuple(run)[1:], zlib.compress(document.encode())]  # the number is the database's to give
            base.execute("INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?,?)", cells)

    def runs(self) -> tuple[Stored, ...]:
        """Return every run, oldest first."""
        with self._open() as base:
            query = f"SELECT {COLUMNS} FROM run ORDER BY started, number"  # noqa: S608 - a constant
            rows = base.execute(query).fetchall()
        return tuple(self._run_of(row) for row in rows)

    def _run_of(self, row: sqlite3.Row) -> Stored:
        """Return a row as a run; cells this program never writes are an `InputError`."""
        cells = dict(row)
        wrong = [name for name, value in cells.items() if not isinstance(value, int if name == "number" else str)]
        wrong += [] if wrong else [name for name, read in READ.items() if not _reads(read, cells[name])]
        if wrong:
            raise self._damage(str(cells["id"]), f"its {', '.join(wrong)} cannot be read")
        return Stored(**cells)

    def _damage(self, run: str, what: str) -> InputError:
        return InputError(f"run {run} is damaged: {what}; restore the store from a backup", where=str(self.path))

    def find(self, name: str = "") -> Stored:
        """Return a run by its id, the start of it or its number; else the newest."""
        runs = self.runs()
        if not runs:
            raise UsageError("holds no run yet; start with 'auditor scan' or 'auditor import'", where=str(self.path))
        if name in {"", "last"}:
            return runs[-1]
        if name == "previous" and len(runs) > 1:
            return runs[-2]
        matches = [run for run in runs if name in {run.id, str(run.number)}] or [
            run for run in runs if run.id.startswith(name)
        ]
        if len(matches) != 1:
            problem = "is not a stored run" if not matches else f"fits {len(matches)} runs"
            raise UsageError(f"'{name}' {problem}; 'auditor runs' lists them", where=str(self.path))
        return matches[0]

    def document(self, run: Stored) -> str:
        """Return the audit document of a run, as it was written."""
        with self._open() as base:
            row = base.execute("SELECT audit FROM run WHERE id = ?", (run.id,)).fetchone()
        try:
            text = zlib.decompress(row["audit"]).decode()
        except (zlib.error, TypeError, UnicodeDecodeError) as exc:
            raise self._damage(run.id, f"its document cannot be unpacked ({type(exc).__name__})") from None
        return text

    def audit(self, run: Stored) -> dict[str, Any]:
        """Return the audit document of a run as plain dicts and lists, made sure to be one."""
        text = self.document(run)
        try:
            load(text)
        except InputError as exc:
            raise self._damage(run.id, f"its document is none: {exc}") from None
        return dict(json.loads(text))

    def step(self, step: Step) -> None:
        """Note one step of a removal; noting it twice changes nothing."""
        with self._open() as base, base:
            base.execute(
                "INSERT OR IGNORE INTO removal (asset, state, at, who, note) VALUES (?,?,?,?,?)",
                # A word of the command line that is no UTF-8 holds half pairs, which SQLite refuses.
                [cell.encode("utf-8", "replace").decode() for cell in astuple(step)],
            )

    def steps(self) -> tuple[Step, ...]:
        """Return every step of every removal, oldest first."""
        with self._open() as base:
            rows = base.execute("SELECT asset, at, state, who, note FROM removal ORDER BY at, rowid").fetchall()
        steps = tuple(Step(**dict(row)) for row in rows)
        if wrong := [step for step in steps if not _reads(instant, step.at)]:
            raise InputError(
                f"the removal of {wrong[0].asset} is damaged: its day cannot be read", where=str(self.path)
            )
        return steps

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        base = None
        try:
            ownership.make_folder(self.path.parent, 0o700)
            for suffix in BESIDE:
                ownership.check(self.path.with_name(f"{self.path.name}{suffix}"), follow=False)
            os.close(ownership.open_file(self.path, os.O_RDWR | os.O_CREAT, follow=False))
            base = sqlite3.connect(self.path, timeout=30)
            base.row_factory = sqlite3.Row
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = FULL")
            _upgrade(base, self.path)
            yield base
        except sqlite3.OperationalError as exc:
            raise OutputError(f"cannot use the store: {exc}", where=str(self.path)) from None
        except sqlite3.Error as exc:
            raise InputError(
                f"is no database of auditor ({exc}); move it aside or name another --store", where=str(self.path)
            ) from None
        except OSError as exc:
            raise OutputError(f"cannot use the store: {exc.strerror}", where=str(self.path)) from None
        finally:
            if base is not None:
                base.close()


def _upgrade(base: sqlite3.Connection, path: Path) -> None:
    (version,) = base.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise UsageError(
            f"was written by a newer auditor (schema {version}, this one knows {SCHEMA}); update auditor",
            where=str(path),
        )
    if version < SCHEMA:
        base.executescript(TABLES)
        base.execute(f"PRAGMA user_version = {SCHEMA}")


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


def open_store(url: str) -> Store | None:
    """Return the store a URL names: `none`, a path, or `sqlite:///path`."""
    if url == "none":
        return None
    scheme, split, rest = url.partition("://")
    if not split:
        return Store(Path(url).expanduser())
    if scheme == "sqlite":
        return Store(Path(rest.removeprefix("/") if rest.startswith("//") else rest).expanduser())
    raise UsageError(f"a store is a path, sqlite:///path or 'none', not {scheme}://", where="--store")
