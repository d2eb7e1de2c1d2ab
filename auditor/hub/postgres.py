"""The engine on PostgreSQL: Procrastinate queues the jobs and finds those of silent workers.

Jobs, batches and logins stand beside its tables in the schema `auditor_hub`; `schema.sql` is both ours and the only
way of a site's role into it.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

from auditor.errors import OutputError, UsageError
from auditor.hub.engine import ATTEMPTS, SiteJob, SiteProgress

if TYPE_CHECKING:
    from procrastinate.manager import JobManager
    from psycopg import Connection

SCHEMA = "auditor_hub"
SITES = "auditor_sites"
TASK = "auditor.read"
# How long an invitation stands.
INVITATION = timedelta(minutes=15)
# Names the advisory lock under which the tables are made.
LOCK = 0x687562
T = TypeVar("T")


class PostgresEngine:
    """Jobs and turns in a PostgreSQL database, by its connection string.

    `version` and `rules` are what a worker must have to be taken.
    """

    def __init__(self, conninfo: str, *, version: str, rules: str) -> None:
        self._conninfo, self._setting = conninfo, {"version": version, "rules": rules}
        with self._base() as base:
            _make(base, self._setting)

    def begin(self, run: str, head: str, jobs: Sequence[SiteJob]) -> None:
        """Hand out the jobs of a run in one transaction; one that has begun is not begun again."""
        with self._base() as base:
            new = base.execute("INSERT INTO run (id, head) VALUES (%s, %s) ON CONFLICT DO NOTHING", (run, head))
            if not new.rowcount:
                return
            for job in jobs:
                entry = json.dumps(job.to_json())
                row = base.execute(_DEFER, {"site": job.site, "task": TASK}).fetchone()
                base.execute(
                    "INSERT INTO job VALUES (%s, %s, %s, %s, %s)", (run, job.site, job.number, row and row[0], entry)
                )

    def head(self, run: str) -> str:
        """Return the head of a run that has begun and not ended; nothing of any other."""
        with self._base() as base:
            row = base.execute("SELECT head FROM run WHERE id = %s", (run,)).fetchone()
        return str(row[0]) if row else ""

    def runs(self) -> tuple[str, ...]:
        """Return the runs that have begun and not ended, oldest first."""
        with self._base() as base:
            return tuple(str(row[0]) for row in base.execute("SELECT id FROM run ORDER BY begun, id"))

    def states(self, run: str) -> tuple[SiteProgress, ...]:
        """Return how far a run is, by site."""
        with self._base() as base:
            rows = base.execute(_STATES, (run,)).fetchall()
        return tuple(
            SiteProgress(
                site=row[0],
                todo=row[1],
                doing=row[2],
                done=row[3],
                lost=row[4],
                batches=row[5],
                progress=tuple(row[6] or ()),
                silent=row[7],
            )
            for row in rows
        )

    def give_on(self, seconds: float) -> int:
        """Take back the jobs of workers silent for so long; return how many.

        Jobs lost often stay lost.
        """
        return self._with_manager(lambda manager: _give_on(manager, seconds, self._attempts))

    def _attempts(self, task: int) -> int:
        """Note that a job is taken back; return how often in a row without a batch in between."""
        with self._base() as base:
            row = base.execute(_STALL, {"task": task}).fetchone()
        return int(row[0]) if row else ATTEMPTS

    def texts(self, run: str) -> Iterator[tuple[str, str]]:
        """Yield what came back, each batch after its site: by site, job and batch."""
        with self._base() as base, base.cursor("batches") as cursor:
            cursor.itersize = 20
            for site, content in cursor.execute(_TEXTS, (run,)):
                yield str(site), str(content)

    def lost(self, run: str) -> tuple[SiteJob, ...]:
        """Return the jobs nobody brought to an end, and nobody tries any more."""
        with self._base() as base:
            return tuple(SiteJob.from_json(row[0]) for row in base.execute(_LOST, (run,)))

    def end(self, run: str) -> None:
        """Forget a run: its jobs, its batches, its logins."""
        with self._base() as base:
            base.execute("DELETE FROM procrastinate_jobs WHERE id IN (SELECT task FROM job WHERE run = %s)", (run,))
            base.execute("DELETE FROM run WHERE id = %s", (run,))

    def sites(self) -> tuple[tuple[str, str, float | None], ...]:
        """Return the sites invited: name, role, seconds since their worker was heard."""
        with self._base() as base:
            rows = base.execute(
                "SELECT site, role, EXTRACT(epoch FROM now() - heard)::float FROM site ORDER BY site"
            ).fetchall()
        return tuple((str(site), str(role), since) for site, role, since in rows)

    def invite(self, site: str, *, certificate: bool = False) -> tuple[str, str]:
        """Return role and secret with which a site joins, once within 15 minutes.

        The secret is the role's password; with `certificate` it is for `admit`, and the role has no password, ever. A
        worker that has joined as this site before is locked out.
        """
        from psycopg import sql

        role, password = f"auditor_{secrets.token_hex(6)}", secrets.token_urlsafe(24)
        with self._base() as base:
            old = base.execute("DELETE FROM site WHERE site = %s RETURNING role", (site,)).fetchone()
            if old:
                name = sql.Identifier(str(old[0]))
                base.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(SITES), name))
                base.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(name))
            words = password.encode(), role.encode(), b"scram-sha-256"
            verifier = None if certificate else base.pgconn.encrypt_password(*words).decode()
            until = datetime.now(UTC) + INVITATION
            base.execute(
                sql.SQL("CREATE ROLE {} LOGIN IN ROLE {} PASSWORD {} VALID UNTIL {}").format(
                    sql.Identifier(role), sql.Identifier(SITES), sql.Literal(verifier), sql.Literal(until.isoformat())
                )
            )
            base.execute("INSERT INTO site (role, site) VALUES (%s, %s)", (role, site))
            if certificate:
                base.execute("INSERT INTO invitation VALUES (%s, %s, %s)", (role, _digest(password), until))
        return role, password

    def admit(self, role: str, secret: str) -> str:
        """Let the role of an invitation in, once; return its site. `UsageError` where none stands."""
        with self._base() as base:
            row = base.execute(_ADMIT, (role, _digest(secret))).fetchone()
        if row is None:
            raise UsageError("no such invitation stands: it was used, is over 15 minutes old, or a newer one followed")
        return str(row[0])

    def every(self, cron: str, start: Callable[[], None]) -> None:
        """Call `start` whenever a cron line says so (five fields, UTC), until interrupted.

        Missed times are not made up. Of several hubs with one database, one starts.
        """
        app = _app(self._conninfo)

        def begin_run(timestamp: int) -> None:
            del timestamp
            start()

        task = app.task(name="auditor.start", queue="auditor-hub")(begin_run)
        app.periodic(cron=cron)(task)
        app.run_worker(queues=["auditor-hub"], concurrency=1, install_signal_handlers=False, delete_jobs="always")

    @contextmanager
    def _base(self) -> "Iterator[Connection[tuple[Any, ...]]]":
        """Open a transaction; what PostgreSQL says becomes one line."""
        import psycopg

        try:
            with psycopg.connect(self._conninfo, options=f"-c search_path={SCHEMA}", connect_timeout=10) as base:
                yield base
        except psycopg.errors.InsufficientPrivilege as exc:
            raise UsageError(f"the hub needs the right to make roles and schemas: {_first(exc)}") from None
        except psycopg.Error as exc:
            raise OutputError(f"PostgreSQL: {_first(exc)}") from None

    def _with_manager(self, ask: "Callable[[JobManager], Awaitable[T]]") -> T:
        async def asked() -> T:
            async with _app(self._conninfo).open_async() as app:
                return await ask(app.job_manager)

        # What the queue says of a server that is away names no cause; this does, and at once.
        with self._base():
            pass
        from procrastinate.exceptions import ConnectorException

        try:
            return asyncio.run(asked())
        except ConnectorException as exc:
            raise OutputError(f"PostgreSQL: {_first(exc.__cause__ or exc)}") from None


_INVITATION = """
CREATE TABLE IF NOT EXISTS invitation (
    role name PRIMARY KEY REFERENCES site ON DELETE CASCADE,
    digest bytea NOT NULL,
    until timestamptz NOT NULL
)
"""
_STALLS = """
CREATE TABLE IF NOT EXISTS stall (
    task bigint PRIMARY KEY REFERENCES job (task) ON DELETE CASCADE,
    batches bigint NOT NULL,
    times integer NOT NULL
)
"""
_STALL = """
INSERT INTO stall SELECT j.task, (SELECT count(*) FROM batch b WHERE b.task = j.task), 1
FROM job j WHERE j.task = %(task)s
ON CONFLICT (task) DO UPDATE SET batches = excluded.batches,
    times = CASE WHEN excluded.batches > stall.batches THEN 1 ELSE stall.times + 1 END
RETURNING times
"""
_ADMIT = """
WITH taken AS (DELETE FROM invitation WHERE role = %s AND digest = %s AND until > now() RETURNING role)
UPDATE site SET joined = now() WHERE role = (SELECT role FROM taken) RETURNING site
"""
_DEFER = """
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
    ROW(%(site)s::text, %(task)s, 0, 'site ' || %(site)s::text, NULL, '{}', NULL)::procrastinate_job_to_defer_v1]))
"""
_STATES = """
SELECT j.site, count(*) FILTER (WHERE p.status = 'todo'), count(*) FILTER (WHERE p.status = 'doing'),
       count(*) FILTER (WHERE p.status = 'succeeded'), count(*) FILTER (WHERE p.status = 'failed'),
       (SELECT count(*) FROM batch b JOIN job o ON o.task = b.task WHERE o.run = j.run AND o.site = j.site),
       s.progress, EXTRACT(epoch FROM now() - s.heard)::float
FROM job j JOIN procrastinate_jobs p ON p.id = j.task LEFT JOIN site s ON s.site = j.site
WHERE j.run = %s GROUP BY j.run, j.site, s.progress, s.heard ORDER BY j.site
"""
_TEXTS = """
SELECT j.site, b.content FROM job j JOIN batch b ON b.task = j.task
WHERE j.run = %s ORDER BY j.site, j.number, b.number
"""
_LOST = """
SELECT j.entry FROM job j JOIN procrastinate_jobs p ON p.id = j.task
WHERE j.run = %s AND p.status = 'failed' ORDER BY j.site, j.number
"""


async def _give_on(manager: "JobManager", seconds: float, attempts: Callable[[int], int]) -> int:
    from procrastinate.jobs import Status
    from procrastinate.utils import utcnow

    stalls = [job for job in await manager.get_stalled_jobs(seconds_since_heartbeat=seconds) if job.task_name == TASK]
    for job in stalls:
        assert job.id is not None  # noqa: S101 - a job that was read from the database has one
        if attempts(job.id) >= ATTEMPTS:
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job_by_id_async(job.id, retry_at=utcnow())
    await manager.prune_stalled_workers(seconds)
    return len(stalls)


def _app(conninfo: str) -> Any:
    from procrastinate import App, PsycopgConnector

    kwargs = {"options": f"-c search_path={SCHEMA}"}
    return App(connector=PsycopgConnector(conninfo=conninfo, kwargs=kwargs, min_size=1, max_size=2))


def _make(base: "Connection[tuple[Any, ...]]", setting: dict[str, str]) -> None:
    """Make what is not there yet, and say what workers must have."""
    base.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
    if base.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.batch",)).fetchone() == (None,):
        from procrastinate.schema import SchemaManager

        role = f"DO $$ BEGIN CREATE ROLE {SITES} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        for words in (f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", role, SchemaManager.get_schema(), _own_schema()):
            base.execute(words.encode())
    base.execute(_INVITATION)
    base.execute(_STALLS)
    for name, value in setting.items():
        base.execute(
            "INSERT INTO setting VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
        )


def _digest(secret: str) -> bytes:
    """Return what is kept of a secret; it is made up by us, so that nobody guesses it."""
    return hashlib.sha256(secret.encode()).digest()


def _own_schema() -> str:
    return (resources.files("auditor.hub") / "schema.sql").read_text(encoding="utf-8")


def _first(exc: BaseException) -> str:
    """Return the first line of what PostgreSQL says; the others quote statements."""
    return str(exc).strip().partition("\n")[0]
