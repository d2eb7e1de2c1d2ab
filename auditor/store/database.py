"""The database of a store: SQLite in a file of its owner's alone, or PostgreSQL by its URL.

Write-ahead log and one transaction a run; the schema number is read first, and an older store migrated after a backup.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import ownership
from auditor.errors import AuditorError, InputError, LockedError, OutputError, ProblemsError, UsageError
from auditor.normal import one_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# What SQLite keeps beside a database and reads back into it.
BESIDE = ("-wal", "-shm", "-journal")
# How long one run waits for another to store itself, in seconds.
PATIENCE_S = 120
# Octets of one row; packed documents are a few megabytes at most.
ROW_CAP = 64 << 20
# The schema number of 0.1.0 to 0.4.0, before there were revisions; newer ones are revisions of migrations/.
FIRST = 1
REVISED = 2
# The newest revision in migrations/versions; read first, so that Alembic is loaded only to migrate.
REVISION = "0003"
# The revision from which on findings as last seen have tables of their own.
CLAIMS = "0003"
# Names the advisory lock that PostgreSQL gives to whoever stores a run.
LOCK = 0x61756469746F72


class Database:
    """A database by its URL or path; every statement runs in `reading` or `writing`."""

    def __init__(self, name: str, path: Path | None, secret: Callable[[], str] | None = None) -> None:
        self.name, self.path = name, path
        self._secret = secret
        self._is_examined = False
        # Yields what is damaged; whoever knows the tables sets it.
        self.examine: Callable[[], Iterator[str]] | None = None
        self._engine: Engine | None = None

    def exists(self) -> bool:
        """Tell whether there is anything to read; a PostgreSQL database is taken to be there."""
        return self.path is None or self.path.is_file()

    @contextmanager
    def reading(self) -> Iterator["Connection"]:
        """Open a transaction that sees one state of the store and changes nothing."""
        with self._errors(), self._connection() as base:
            if self.path is None:
                base.execution_options(isolation_level="REPEATABLE READ")
            with base.begin():
                yield base

    @contextmanager
    def writing(self) -> Iterator["Connection"]:
        """Open a transaction that no other run writes beside; it is kept whole or not at all."""
        with self._errors(), self._connection() as base, _write(base):
            yield base

    def listing(self, words: str) -> list[dict[str, Any]]:
        """Return the rows of one SELECT that both databases take, by the names of their columns.

        A file of today's schema is read without SQLAlchemy, which takes longer to load than a list to be read.
        """
        if self.path and self._is_current(self.path):
            with self._errors(), closing(_open(self.path)) as driver:
                cursor = driver.execute(words)
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor]
        with self.reading() as base:
            return [dict(row) for row in base.exec_driver_sql(words).mappings()]

    def _is_current(self, path: Path) -> bool:
        """Tell whether a file has today's tables; whatever else it is, `reading` says."""
        with self._errors():
            _prepare(path)
        with suppress(sqlite3.Error, UnicodeDecodeError), closing(_open(path)) as driver:
            return driver.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]
        return False

    @contextmanager
    def outside(self) -> Iterator[Any]:
        """Open a bare SQLite connection, for what no transaction can hold (backup, vacuum, check)."""
        with self._errors(), self._connection() as base:
            yield base.connection.driver_connection

    @contextmanager
    def lock(self, site: str) -> Iterator[None]:
        """Hold PostgreSQL's advisory lock of a site while the block runs."""
        key = int.from_bytes(hashlib.sha256(f"auditor\0{site}".encode()).digest()[:8], signed=True)
        with self._errors():
            base = self._connection().execution_options(isolation_level="AUTOCOMMIT")
        with base:
            if not base.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})").scalar_one():
                raise LockedError(
                    f"another run holds the lock of site {site or '(none)'}; wait for it or use another --store",
                    where=self.name,
                )
            yield

    def vacuum(self) -> None:
        """Give free pages back to the disk; no transaction may be open."""
        with self._errors(), self._connection() as base:
            if self.path is None:
                base.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
                return
            driver: Any = base.connection.driver_connection
            for words in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                driver.execute(words).fetchall()

    def damage(self, what: str) -> InputError:
        """Return an error that says what is damaged, and where."""
        return InputError(f"{what}; restore the store from a backup", where=self.name)

    def _connection(self) -> "Connection":
        if self._engine is None:
            self._engine = _sqlite(self.path) if self.path else _postgres(self.name, self._secret)
        if self.path:
            _prepare(self.path)
        base = self._engine.connect()
        try:
            migrate(base, self)
        except BaseException:
            base.close()
            raise
        return base

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what a database says into one line."""
        try:
            yield
        except AuditorError as error:
            is_placed = error.where or isinstance(error, ProblemsError)
            raise error if is_placed else type(error)(error.problem, where=self.name) from None
        except OSError as error:
            raise OutputError(f"cannot use the store: {error.strerror}", where=self.name) from None
        except Exception as error:
            from sqlalchemy import exc

            if isinstance(error, (exc.OperationalError, sqlite3.OperationalError)):
                raise OutputError(f"cannot use the store: {_message(error)}", where=self.name) from None
            if isinstance(error, (exc.DBAPIError, sqlite3.Error)):
                if "too big" in str(error):
                    raise self.damage(f"a row is larger than {ROW_CAP >> 20} MB") from None
                raise self._no_database(_message(error)) from None
            if isinstance(error, UnicodeDecodeError):
                # SQLite quotes what it does not understand of its own tables, and that is no text.
                raise self.damage("the tables cannot be read") from None
            # A row that a disk changed ends anywhere; only if the store is sound is it our own fault.
            if problem := self._problem():
                raise self.damage(problem) from None
            raise

    def _problem(self) -> str:
        """Return the first thing that is damaged, or nothing."""
        if self._is_examined or self.examine is None:
            return ""
        self._is_examined = True
        try:
            return next(self.examine(), "")
        finally:
            self._is_examined = False

    def _no_database(self, message: str) -> InputError:
        return InputError(
            f"is no database of auditor ({message}); move it aside or name another --store", where=self.name
        )


def database(url: str, secret: Callable[[str], str] | None = None) -> Database:
    """Return the database a URL names: a path, `sqlite:///path` or `postgresql://…`.

    A password in a URL would stand in process lists and logs, hence a `UsageError`; `password=secret:NAME` in its
    query is what `secret` gives for the name of a credential, asked for when the database is.
    """
    scheme, split, rest = url.partition("://")
    if not split:
        return Database(url, Path(url).expanduser())
    if scheme == "sqlite":
        path = Path(rest.removeprefix("/") if rest.startswith("//") else rest).expanduser()
        return Database(str(path), path)
    if scheme in {"postgresql", "postgres"}:
        name = _credential(rest)
        if name and secret is None:
            raise UsageError(f"nothing here knows the credential {name}", where="--store")
        return Database(f"postgresql://{rest}", None, partial(secret, name) if name and secret else None)
    raise UsageError(f"a store is a path, sqlite:///path, postgresql://… or 'none', not {scheme}://", where="--store")


def _credential(rest: str) -> str:
    """Return the name of the credential whose secret is the password of a URL, or nothing."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(f"postgresql://{rest}")
        password, query = parts.password, parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise UsageError("is no URL of a database", where="--store") from None
    words = query.get("password", [""])
    scheme, _, name = words[0].partition(":")
    is_named = len(words) == 1 and scheme == "secret" and bool(name)
    if password is not None or "sslpassword" in query or ("password" in query and not is_named):
        raise UsageError(
            "a password does not belong in a URL; use PGPASSFILE, a service (postgresql:///?service=NAME) or "
            "?password=secret:NAME for a credential of auditor.toml",
            where="--store",
        )
    return name if is_named else ""


def _open(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=PATIENCE_S)
    # A row that somebody made larger is refused before it is in memory.
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, ROW_CAP)
    return base


def _sqlite(path: Path) -> "Engine":
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: _open(path), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None  # we say where a transaction begins, or reads would take no snapshot
        for words in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            driver.execute(f"PRAGMA {words}")

    @event.listens_for(engine, "begin")
    def begin(base: "Connection") -> None:
        base.exec_driver_sql("BEGIN IMMEDIATE" if base.get_execution_options().get("writes") else "BEGIN")

    return engine


def _postgres(url: str, secret: Callable[[], str] | None) -> "Engine":
    from sqlalchemy import create_engine, event, exc, make_url
    from sqlalchemy.pool import NullPool

    try:
        import psycopg  # noqa: F401 - told in our words where it is missing
    except ImportError:
        raise UsageError(
            "a store in PostgreSQL needs psycopg: pip install 'network-equipment-auditor[postgres]'", where="--store"
        ) from None
    try:
        place = make_url(url.replace("postgresql://", "postgresql+psycopg://", 1)).difference_update_query(["password"])
    except (exc.ArgumentError, ValueError):
        raise UsageError("is no URL of a database", where="--store") from None
    engine = create_engine(place, poolclass=NullPool, connect_args={"connect_timeout": 10})
    if secret is not None:

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: object, _record: object, _words: object, cells: dict[str, object]) -> None:
            cells["password"] = secret()

    return engine


def _prepare(path: Path) -> None:
    """Make sure that nobody else could change the file or what lies beside it."""
    ownership.make_folder(path.parent, 0o700)
    for suffix in BESIDE:
        ownership.check(path.with_name(f"{path.name}{suffix}"), follow=False)
    os.close(ownership.open_file(path, os.O_RDWR | os.O_CREAT, follow=False))


def migrate(base: "Connection", store: Database) -> None:
    """Make the tables of an empty database; bring those of an older version up to date."""
    from auditor.store.schema import tables

    with base.begin():
        revision = _revision(base)
    if revision == REVISION:
        return
    if revision > REVISION:
        raise UsageError(
            f"was written by a newer auditor (schema {int(revision)}, this one knows {int(REVISION)}); update auditor",
            where=store.name,
        )
    if revision and store.path:
        copy_sqlite(base.connection.driver_connection, store.path.with_name(f"{store.path.name}.{revision}"))
    with _write(base):
        # Asked again: another process may have made or migrated it since.
        revision = _revision(base)
        if revision == "":
            tables.create_all(base)
            base.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            base.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{REVISION}')")  # noqa: S608 - a constant
        elif revision != REVISION:
            upgrade(base, revision)


@contextmanager
def _write(base: "Connection") -> Iterator[None]:
    """Open a transaction that no other one writes beside, in either database."""
    base.execution_options(writes=True)
    try:
        with base.begin():
            if base.dialect.name == "postgresql":
                base.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
                base.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield
    finally:
        base.execution_options(writes=False)


def _revision(base: "Connection") -> str:
    """Return the revision of the tables, or nothing; a database of others is an error."""
    from sqlalchemy import inspect

    if base.dialect.name == "sqlite":
        number = base.exec_driver_sql("PRAGMA user_version").scalar_one()
        if number > REVISED:
            return f"{number:04}"
        if number == FIRST:
            return f"{FIRST:04}"
    names = set(inspect(base).get_table_names())
    if "alembic_version" in names:
        revision = str(base.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
        if "link" in names and revision.isdecimal():
            return revision
        names = {"alembic_version"}
    if names:
        raise InputError(f"is a database of another program (it has a table {one_line(min(names))})")
    return ""


def upgrade(base: "Connection", revision: str) -> None:
    """Run the migrations from a revision on, in the transaction that is open."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import inspect

    from auditor.store import adopt, claims

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = base
    if revision == f"{FIRST:04}" and "alembic_version" not in inspect(base).get_table_names():
        command.stamp(config, revision)
    command.upgrade(config, "head")
    if adopt.ASIDE[0] in inspect(base).get_table_names():
        adopt.adopt(base)
    elif revision < CLAIMS:
        claims.fill(base)


def copy_sqlite(driver: Any, copy: Path) -> None:
    """Copy an open database into a file of its owner's alone, in place of one that stands there."""
    try:
        copy.unlink(missing_ok=True)
        os.close(ownership.open_file(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, follow=False))
        with closing(sqlite3.connect(copy)) as target:
            driver.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
    except (OSError, sqlite3.Error) as exc:
        copy.unlink(missing_ok=True)
        raise OutputError(f"no backup could be written: {_message(exc)}", where=str(copy)) from None


def _message(error: Exception) -> str:
    """Return what the database itself said, in one line."""
    return one_line(str(getattr(error, "orig", None) or error)).strip()
