"""The desk of a site's worker in PostgreSQL.

It calls functions of the schema `auditor_site`, and nothing else. The worker dials out; a connection that breaks is
dialled anew with the next call.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auditor.collect.breaker import LoginCount, LoginCounts
from auditor.hub.engine import GivenOnError, RefusedError, SiteJob, TakenJob

if TYPE_CHECKING:
    from psycopg import Connection

_LOOK = 0.2
_DIAL_S = 10
# What is acknowledged is on disk, whatever the server does otherwise.
_SURE = "-c synchronous_commit=on"


class PostgresDesk:
    """The desk of one worker; safe between its threads.

    `conninfo` holds the secret of the site's role.
    """

    def __init__(self, conninfo: str, *, version: str, rules: str) -> None:
        self._conninfo, self._who = conninfo, (version, rules)
        self._lock = threading.Lock()
        self._base: Connection[tuple[Any, ...]] | None = None
        self._worker: int | None = None
        self.site = ""
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def take(self) -> TakenJob | None:
        """Return the next job of the site, or None; a worker that was given up begins anew."""
        if self._worker is None:
            self._open()
        try:
            ((ticket, entry),) = self._call("SELECT task, entry FROM auditor_site.take(%s)", self._worker)
            if ticket is None:
                return None
            before = self._call("SELECT auditor_site.before(%s, %s)", self._worker, ticket)
        except GivenOnError:
            self._worker = None
            return None
        return TakenJob(ticket=ticket, job=SiteJob.from_json(entry), before=tuple(str(row[0]) for row in before))

    def hand_in(self, task: TakenJob, number: int, text: str) -> None:
        """Keep a batch of whole turns under its number; once kept it stays as it is."""
        self._call("SELECT auditor_site.hand_in(%s, %s, %s, %s)", self._worker, task.ticket, number, text)

    def finish(self, task: TakenJob) -> None:
        """Say that a job is done."""
        self._call("SELECT auditor_site.finish(%s, %s)", self._worker, task.ticket)

    def beat(self, progress: Sequence[Mapping[str, Any]]) -> None:
        """Show that the worker lives, and how far it is."""
        self._call("SELECT auditor_site.beat(%s, %s)", self._worker, json.dumps(list(progress)))

    def counts(self, run: str, kind: str) -> LoginCounts:
        """Return where the logins of a run are counted, over all its workers."""
        return _RunLogins(self, run, kind)

    def ask(self, words: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a function answers this worker, however long the hub is away meanwhile."""
        while True:
            try:
                return self._call(words, self._worker, *values)
            except ConnectionError:
                time.sleep(_LOOK)

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def _open(self) -> None:
        ((worker, site, refusal),) = self._call(
            "SELECT worker, site, refusal FROM auditor_site.open_desk(%s, %s)", *self._who
        )
        if refusal:
            raise RefusedError(str(refusal), where=str(site))
        self._worker, self.site = int(worker), str(site)

    def _call(self, words: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of one call; `ConnectionError` where the hub is away."""
        import psycopg

        with self._lock:
            try:
                if self._base is None or self._base.closed:
                    self._base = psycopg.connect(
                        self._conninfo, autocommit=True, connect_timeout=_DIAL_S, options=_SURE
                    )
                return self._base.execute(words.encode(), values).fetchall()
            except psycopg.errors.NoDataFound:
                raise GivenOnError from None
            except psycopg.errors.InsufficientPrivilege as exc:
                raise RefusedError(str(exc).partition("\n")[0], where="the hub") from None
            except psycopg.OperationalError as exc:
                if self._base is not None:
                    self._base.close()
                raise ConnectionError(str(exc).partition("\n")[0]) from None


class _RunLogins:
    """The logins of a run with one kind of collector, as the hub counts them.

    Whether a credential works is asked until it does.
    """

    def __init__(self, desk: PostgresDesk, run: str, kind: str) -> None:
        self._ask: Callable[..., list[tuple[Any, ...]]] = desk.ask
        self._of = (run, kind)
        self._works: dict[str, LoginCount] = {}

    def enter(self, credential: str, limit: int) -> bool | None:
        """Take a turn to log in, as `LoginCount.enter` does."""
        words = "SELECT auditor_site.enter_login(%s, %s, %s, %s, %s)"
        ((turn,),) = self._ask(words, *self._of, credential, limit)
        return turn if turn is None else bool(turn)

    def leave(self, credential: str, *, turn: bool, success: bool | None) -> None:
        """Note how a login ended; that one works is noted once where no turn was taken."""
        if turn or not (success and credential in self._works):
            self._works.pop(credential, None)
            self._ask("SELECT auditor_site.leave_login(%s, %s, %s, %s, %s, %s)", *self._of, credential, turn, success)

    def of(self, credential: str) -> LoginCount:
        """Return how the logins with a credential went so far."""
        if credential in self._works:
            return self._works[credential]
        ((refusals, proven, under_way),) = self._ask(
            "SELECT refusals, proven, under_way FROM auditor_site.logins(%s, %s, %s, %s)", *self._of, credential
        )
        count = LoginCount(refusals, proven, under_way)
        if proven:
            self._works[credential] = count
        return count

    def wait(self, seconds: float) -> None:
        """Wait until another worker may have changed something."""
        time.sleep(min(seconds, _LOOK))
