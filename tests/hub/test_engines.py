"""What every engine of jobs promises: the same tests for the one in this process and the one in PostgreSQL."""

import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from auditor.hub.desk import PostgresDesk
from auditor.hub.engine import ATTEMPTS, GivenOnError, SiteJob, over
from auditor.hub.local import LocalEngine
from auditor.hub.postgres import PostgresEngine

HEAD = '{"type":"run"}'
NOW = {"version": "1", "rules": "r"}


def joined(engine, url, site):
    """Invite a site and join as it; return how its worker dials."""
    role, password = engine.invite(site)
    own = make_conninfo(url, user=role, password=password)
    with psycopg.connect(own) as base:
        verifier = base.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        assert base.execute("SELECT auditor_site.join_site(%s)", (verifier,)).fetchone() == (site,)
    return own


class Here:
    """The engine in this process."""

    def __init__(self):
        self.engine = LocalEngine()

    def desk(self, site):
        return self.engine.desk(site)


class There:
    """The engine in PostgreSQL, and desks that sites have joined."""

    def __init__(self, server):
        url = server.new()
        self.engine = PostgresEngine(url, **NOW)
        self.url, self.invitations, self.desks = url, {}, []

    def desk(self, site):
        if site not in self.invitations:
            self.invitations[site] = joined(self.engine, self.url, site)
        self.desks.append(PostgresDesk(self.invitations[site], **NOW))
        return self.desks[-1]


@pytest.fixture(params=["here", "postgresql"])
def hub(request):
    if request.param == "here":
        yield Here()
        return
    there = There(request.getfixturevalue("postgres"))
    yield there
    for desk in there.desks:
        desk.close()


def job(number, site="a", run="r1"):
    return SiteJob(run=run, number=number, site=site, words=(f"192.0.2.{number}",), options={"collector": ("snmp",)})


def counts(hub, run="r1"):
    return [(one.site, one.todo, one.doing, one.done, one.lost, one.batches) for one in hub.engine.states(run)]


def test_a_job_comes_back_as_it_was_handed_out_and_to_its_own_site_alone(hub):
    hub.engine.begin("r1", HEAD, [job(1), job(2), job(1, "b")])
    desk, other = hub.desk("a"), hub.desk("b")

    taken = desk.take()

    assert (taken.job, taken.before) == (job(1), ())
    # The jobs of a site run one by one.
    assert desk.take() is None
    assert other.take().job == job(1, "b")
    assert counts(hub) == [("a", 1, 1, 0, 0, 0), ("b", 0, 1, 0, 0, 0)]
    assert hub.engine.head("r1") == HEAD


def test_a_batch_is_kept_once_and_in_its_place_however_often_it_comes(hub):
    hub.engine.begin("r1", HEAD, [job(1, "b"), job(1), job(2)])
    desk, other = hub.desk("a"), hub.desk("b")
    first = desk.take()
    for number, text in ((0, "a1\n"), (1, "a2\n"), (0, "another\n")):
        desk.hand_in(first, number, text)
    desk.finish(first)
    second = desk.take()
    desk.hand_in(second, 0, "a3\n")
    desk.finish(second)
    third = other.take()
    other.hand_in(third, 0, "b1\n")

    assert not over(hub.engine.states("r1"))
    other.finish(third)
    assert over(hub.engine.states("r1"))
    assert list(hub.engine.texts("r1")) == [("a", "a1\n"), ("a", "a2\n"), ("a", "a3\n"), ("b", "b1\n")]


def test_a_run_that_has_begun_is_not_begun_again_and_one_that_ended_is_forgotten(hub):
    hub.engine.begin("r1", HEAD, [job(1)])
    hub.engine.begin("r1", "another", [job(1), job(2)])
    hub.engine.begin("r2", HEAD, [job(1, run="r2")])

    assert (counts(hub), hub.engine.head("r1")) == ([("a", 1, 0, 0, 0, 0)], HEAD)
    hub.engine.end("r1")
    assert (counts(hub), hub.engine.head("r1"), list(hub.engine.texts("r1"))) == ([], "", [])
    assert hub.desk("a").take().job.run == "r2"


def silent(hub):
    """Let every worker that was heard be silent for long enough."""
    time.sleep(0.05)
    return hub.engine.give_on(0.01)


def test_a_silent_worker_loses_its_job_to_the_next_which_goes_on_where_it_ended(hub):
    hub.engine.begin("r1", HEAD, [job(1)])
    desk = hub.desk("a")
    taken = desk.take()
    desk.hand_in(taken, 0, "read before\n")
    assert hub.engine.give_on(60) == 0

    assert silent(hub) == 1
    for late in (lambda: desk.hand_in(taken, 1, "too late\n"), lambda: desk.finish(taken)):
        with pytest.raises(GivenOnError):
            late()
    next_desk = hub.desk("a")
    again = next_desk.take()
    assert (again.job, again.before) == (job(1), ("read before\n",))
    next_desk.hand_in(again, 1, "read after\n")
    next_desk.finish(again)

    assert [text for _, text in hub.engine.texts("r1")] == ["read before\n", "read after\n"]


def test_a_job_that_kills_every_worker_is_tried_no_more_and_told(hub):
    hub.engine.begin("r1", HEAD, [job(1), job(2)])
    for _ in range(ATTEMPTS):
        assert hub.desk("a").take().job == job(1)
        assert silent(hub) == 1

    assert hub.engine.lost("r1") == (job(1),)
    assert hub.desk("a").take().job == job(2)


def test_a_job_that_comes_further_each_time_is_never_given_up(hub):
    hub.engine.begin("r1", HEAD, [job(1)])
    for number in range(ATTEMPTS + 2):
        desk = hub.desk("a")
        taken = desk.take()
        assert len(taken.before) == number
        desk.hand_in(taken, number, f"{number}\n")
        assert silent(hub) == 1

    assert hub.engine.lost("r1") == ()


def test_an_account_is_locked_once_and_not_once_a_site(hub):
    hub.engine.begin("r1", HEAD, [job(1), job(1, "b")])
    here, there = (hub.desk(site).counts("r1", "ssh") for site in ("a", "b"))

    assert [here.enter("cli", 2), there.enter("cli", 2), here.enter("cli", 2)] == [True, True, None]
    here.leave("cli", turn=True, success=False)
    there.leave("cli", turn=True, success=False)
    assert [here.enter("cli", 2), there.enter("cli", 2)] == [False, False]
    assert (here.of("cli").refusals, there.of("cli").under_way) == (2, 0)


def test_a_credential_that_worked_lets_more_logins_be_under_way(hub):
    hub.engine.begin("r1", HEAD, [job(1)])
    logins = hub.desk("a").counts("r1", "snmp")
    logins.leave("core", turn=False, success=True)
    logins.leave("core", turn=False, success=True)

    assert logins.of("core").proven >= 1
    assert [logins.enter("core", 1), logins.enter("core", 1)] == [True, True]


def test_what_a_worker_says_of_itself_is_shown(hub):
    hub.engine.begin("r1", HEAD, [job(1)])
    desk = hub.desk("a")
    desk.take()
    desk.beat([{"stage": "snmp", "done": 1, "total": 2}])

    (state,) = hub.engine.states("r1")
    assert tuple(state.progress) == ({"stage": "snmp", "done": 1, "total": 2},)
    assert 0 <= state.silent < 30
