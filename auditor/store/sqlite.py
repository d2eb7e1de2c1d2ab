"""Runs in SQLite: one row a run, its audit document whole, the path of its journal. Write-ahead log, one commit a run."""

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, OutputError, UsageError

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
    """One run as listed: number, id, times (RFC 3339, UTC), sites, summary (JSON), journal path and its SHA-256."""

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
    """One step of an asset's removal: found, confirmed, planned, removed, disposed; who says so and on what ground."""

    asset: str
    at: str
    state: str
    who: str
    note: str


COLUMNS = "number, id, started, finished, as_of, sites, summary, journal, sha256"


class Store:
    """Keeps runs in one SQLite file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, run: Stored, document: str) -> None:
        """Keep a run whole or not at all; saving the same id again replaces it."""
        with self._open() as base, base:
            base.execute("DELETE FROM run WHERE id = ?", (run.id,))
            base.execute(
                "INSERT INTO run (id, started, finished, as_of, sites, summary, journal, sha256, audit) VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    run.id,
                    run.started,
                    run.finished,
                    run.as_of,
                    run.sites,
                    run.summary,
                    run.journal,
                    run.sha256,
                    zlib.compress(document.encode()),
                ),
            )

    def runs(self) -> tuple[Stored, ...]:
        """Return every run, oldest first."""
        with self._open() as base:
            rows = base.execute(f"SELECT {COLUMNS} FROM run ORDER BY started, number").fetchall()  # noqa: S608 - a constant
        return tuple(Stored(**dict(row)) for row in rows)

    def find(self, wanted: str = "") -> Stored:
        """Return the run a person means: its id, the start of it, its number, or (nothing said, `last`) the newest one."""
        runs = self.runs()
        if not runs:
            raise UsageError("holds no run yet; start with 'auditor scan' or 'auditor import'", where=str(self.path))
        if wanted in {"", "last"}:
            return runs[-1]
        if wanted == "previous" and len(runs) > 1:
            return runs[-2]
        found = [run for run in runs if wanted in {run.id, str(run.number)}] or [
            run for run in runs if run.id.startswith(wanted)
        ]
        if len(found) != 1:
            told = "is not a stored run" if not found else f"fits {len(found)} runs"
            raise UsageError(f"'{wanted}' {told}; 'auditor runs' lists them", where=str(self.path))
        return found[0]

    def document(self, run: Stored) -> str:
        """Return the audit document of a run, as it was written."""
        with self._open() as base:
            (blob,) = base.execute("SELECT audit FROM run WHERE id = ?", (run.id,)).fetchone()
        return zlib.decompress(blob).decode()

    def step(self, step: Step) -> None:
        """Note one step of a removal; noting it twice changes nothing."""
        with self._open() as base, base:
            base.execute(
                "INSERT OR IGNORE INTO removal VALUES (?,?,?,?,?)",
                (step.asset, step.at, step.state, step.who, step.note),
            )

    def steps(self) -> tuple[Step, ...]:
        """Return every step of every removal, oldest first."""
        with self._open() as base:
            rows = base.execute("SELECT asset, at, state, who, note FROM removal ORDER BY at, rowid").fetchall()
        return tuple(Step(**dict(row)) for row in rows)

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
        except sqlite3.DatabaseError as exc:
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
