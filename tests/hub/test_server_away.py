"""The hub while its server is away: it waits, says so once, and goes on."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from auditor.errors import OutputError
from auditor.hub.desk import PostgresDesk
from auditor.hub.postgres import PostgresEngine
from auditor.model import Run
from auditor.run.hub_run import SitesRequest, _await
from auditor.run.person import Person
from tests.hub.test_engines import HEAD, NOW, job, joined

pytestmark = pytest.mark.real
RUN = Run(id="r1", started=datetime(2026, 11, 21, tzinfo=UTC), tool="t", sites=("a",))


class Told(Person):
    """Takes warnings down."""

    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def engine(postgres):
    made = PostgresEngine(postgres.new(), **NOW)
    made.begin("r1", HEAD, [job(1)])
    return made


@pytest.fixture
def door(engine):
    """Return the socket of the server."""
    folder = Path(conninfo_to_dict(engine._conninfo)["host"])
    return next(path for path in folder.glob(".s.PGSQL.*") if path.suffix != ".lock")


def test_a_hub_waits_for_a_server_that_is_away_and_says_so_once(engine, door):
    told = Told()
    desk = PostgresDesk(joined(engine, engine._conninfo, "a"), **NOW)
    away = door.rename(door.with_name("away"))

    def come_back():
        time.sleep(1.2)
        away.rename(door)
        desk.finish(desk.take())

    thread = threading.Thread(target=come_back)
    thread.start()
    try:
        _await(engine, RUN, SitesRequest(), told)
    finally:
        thread.join()
        desk.close()

    (line,) = told.warnings
    assert line.startswith("waiting for the server: PostgreSQL: ")


def test_a_queue_whose_server_is_away_is_one_line(engine, door):
    away = door.rename(door.with_name("away"))
    try:
        with pytest.raises(OutputError, match="PostgreSQL: "):
            engine.give_on(1.0)
    finally:
        away.rename(door)
