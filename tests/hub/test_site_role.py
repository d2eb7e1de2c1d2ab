"""The attacker at one site: other sites' jobs, rows, logins and tables, each refused by the database."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from auditor.hub.desk import PostgresDesk
from auditor.hub.engine import GivenOnError, RefusedError
from auditor.hub.postgres import PostgresEngine
from tests.hub.test_engines import HEAD, NOW, job, joined

REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.fixture
def engine(postgres):
    made = PostgresEngine(postgres.new(), **NOW)
    made.begin("r1", HEAD, [job(1), job(1, "b")])
    made.begin("r2", HEAD, [job(1, "b", "r2")])
    return made


@pytest.fixture
def attacker(engine):
    """Dial as site a, the way its worker does."""
    return joined(engine, engine._conninfo, "a")


def said(conninfo, words, *values):
    with psycopg.connect(conninfo) as base:
        return base.execute(words, values).fetchall()


def test_no_table_can_be_read_or_written(engine, attacker):
    with psycopg.connect(engine._conninfo) as base:
        base.execute("CREATE TABLE devices (name text)")  # as the store's own are
        tables = base.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'auditor_hub')"
        ).fetchall()

    assert len(tables) > 10
    for (table,) in tables:
        for words in ("SELECT FROM {}", "DELETE FROM {}", "LOCK TABLE {}", "TRUNCATE {}"):
            with pytest.raises(REFUSED):
                said(attacker, words.format(table))
    for words in ("CREATE TABLE public.mine (x int)", "CREATE SCHEMA mine", "SET ROLE postgres", "CREATE ROLE friend"):
        with pytest.raises(REFUSED):
            said(attacker, words)


def test_the_engines_own_functions_cannot_be_called(attacker):
    for words in (
        "SELECT auditor_hub.procrastinate_fetch_job_v2(ARRAY['b'], 1)",
        "SELECT auditor_hub.procrastinate_finish_job_v1(1, 'failed', true)",
        "SELECT auditor_hub.my_site()",
    ):
        with pytest.raises(REFUSED):
            said(attacker, words)


def test_another_sites_job_cannot_be_written_read_or_ended(engine, attacker):
    victim = PostgresDesk(joined(engine, engine._conninfo, "b"), **NOW)
    taken = victim.take()
    victim.hand_in(taken, 0, "theirs\n")
    desk = PostgresDesk(attacker, **NOW)
    own = desk.take()
    assert own.job.site == "a"

    for attempt in (lambda: desk.hand_in(taken, 1, "forged\n"), lambda: desk.finish(taken)):
        with pytest.raises(GivenOnError):
            attempt()
    # With the number of the victim's worker as well, which is easily guessed.
    for call, more in (("hand_in", ", 1, 'forged'"), ("finish", ""), ("before", "")):
        with pytest.raises(psycopg.errors.NoDataFound):
            said(attacker, f"SELECT auditor_site.{call}(%s, %s{more})", victim._worker, taken.ticket)
    with pytest.raises(psycopg.errors.NoDataFound):
        said(attacker, "SELECT auditor_site.beat(%s, '[]')", victim._worker)

    victim.finish(taken)
    assert [text for _, text in engine.texts("r1")] == ["theirs\n"]
    desk.close()
    victim.close()


def test_logins_of_a_run_of_others_cannot_be_counted_or_seen(attacker):
    desk = PostgresDesk(attacker, **NOW)
    logins = desk.counts("r2", "ssh")

    for attempt in (
        lambda: logins.enter("core", 3),
        lambda: logins.leave("core", turn=False, success=False),
        lambda: logins.of("core"),
    ):
        with pytest.raises(RefusedError):
            attempt()
    desk.close()


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ({"version": "0", "rules": "r"}, "a: this worker is version 0, its hub 1; install that one"),
        ({"version": "1", "rules": "old"}, "a: this worker has rules old, its hub r; update them"),
    ],
    ids=["version", "rules"],
)
def test_a_worker_of_another_version_or_with_other_rules_is_refused_in_one_line(attacker, who, why):
    with pytest.raises(RefusedError) as caught:
        PostgresDesk(attacker, **who)

    assert str(caught.value) == why


def test_an_invitation_counts_once_and_a_new_one_locks_the_old_worker_out(engine, attacker):
    with pytest.raises(REFUSED, match="used before"):
        said(attacker, "SELECT auditor_site.join_site('SCRAM-SHA-256$x')")
    engine.invite("a")
    with pytest.raises(psycopg.OperationalError):
        said(attacker, "SELECT 1")


def test_an_invitation_alone_opens_no_desk_and_stands_for_minutes(engine):
    role, password = engine.invite("c")
    invited = make_conninfo(engine._conninfo, user=role, password=password)

    with pytest.raises(RefusedError, match="no site has joined as this role"):
        PostgresDesk(invited, **NOW)
    with psycopg.connect(engine._conninfo) as base:
        ((left,),) = base.execute("SELECT rolvaliduntil - now() FROM pg_roles WHERE rolname = %s", (role,)).fetchall()
        assert 14 * 60 < left.total_seconds() <= 15 * 60
        base.execute(f"ALTER ROLE {role} VALID UNTIL '2020-01-01'")
    with pytest.raises(psycopg.OperationalError):
        said(invited, "SELECT 1")


def test_a_batch_beyond_the_cap_and_a_heartbeat_that_is_a_book_are_refused(attacker):
    desk = PostgresDesk(attacker, **NOW)
    taken = desk.take()
    for words, value in (("hand_in(%s, %s, 0, repeat('x', %s))", (64 << 20) + 1),):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            said(attacker, f"SELECT auditor_site.{words}", desk._worker, taken.ticket, value)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        desk.beat([{"stage": "x" * 90_000 + str(number)} for number in range(90_000 // 1000)])
    desk.close()


def test_a_connection_that_breaks_is_dialled_anew_and_nothing_is_kept_twice(engine, attacker):
    desk = PostgresDesk(attacker, **NOW)
    taken = desk.take()
    desk.hand_in(taken, 0, "before\n")
    with psycopg.connect(engine._conninfo, autocommit=True) as base:
        base.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'auditor\\_%'")
    with pytest.raises(ConnectionError):
        desk.hand_in(taken, 1, "after\n")
    desk.hand_in(taken, 1, "after\n")
    desk.hand_in(taken, 1, "after\n")
    desk.finish(taken)

    assert [text for _, text in engine.texts("r1")] == ["before\n", "after\n"]
    desk.close()


def test_the_logins_of_a_worker_that_is_gone_are_under_way_no_longer(engine, attacker):
    desk = PostgresDesk(attacker, **NOW)
    desk.take()
    assert desk.counts("r1", "ssh").enter("cli", 1) is True
    assert desk.counts("r1", "ssh").enter("cli", 1) is None
    engine.give_on(0.0)

    again = PostgresDesk(attacker, **NOW)
    again.take()
    assert again.counts("r1", "ssh").enter("cli", 1) is True
    desk.close()
    again.close()
