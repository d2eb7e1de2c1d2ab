"""Runs over sites with workers of their own: the same audit, whatever dies on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.hub.desk import PostgresDesk
from auditor.hub.postgres import PostgresEngine
from auditor.run.hub_sites import Invitation
from tests.tools.kills import PATIENCE, staged, told

pytestmark = pytest.mark.slow
NAMES = frozenset({"hq-core", "hq-acc1", "hq-acc2", "hq-dvr", "dp-sw1", "dp-sw2"})
SITES = ("hq", "depot")
READ = ("--collector", "snmp", "--collector", "ssh")


@pytest.fixture(scope="module")
def stage():
    with staged(*READ, names=NAMES) as played:
        # The workers keep to their own configuration, whatever the hub asks for.
        text = played.lab.config.read_text(encoding="utf-8")
        played.lab.config.write_text(text.replace("[limits]", "[limits]\npackets_per_second = 2000"), encoding="utf-8")
        yield played


@pytest.fixture(scope="module")
def undisturbed(stage):
    """Return what one process says of the same network."""
    code, out, _ = stage.run(stage.store())
    assert code == 3
    return told(out)


class Many:
    """A hub and the workers of its sites, each with a home of its own."""

    def __init__(self, stage, url, folder):
        self.stage, self.url, self.folder, self.running = stage, url, folder, []

    def home(self, name):
        folder = self.folder / name / "auditor"
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            (folder / "known_hosts").write_bytes(self.stage.lab.known_hosts.read_bytes())
        return folder

    def begin(self, name, *words):
        home = self.home(name)
        command = [sys.executable, "-m", "auditor", "--config", str(self.stage.lab.config), *words]
        environment = os.environ | {"XDG_DATA_HOME": str(home.parent), "XDG_RUNTIME_DIR": str(home)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=home, env=environment, **pipes)
        self.running.append(process)
        return process

    def run(self, name, *words, said=b""):
        process = self.begin(name, *words)
        out, error = process.communicate(said, timeout=PATIENCE)
        return process.returncode, out, error.decode()

    def join(self, site):
        code, token, error = self.run("hub", "hub", "invite", site, "--store", self.url)
        assert code == 0, error
        code, _, error = self.run(site, "worker", "join", said=token)
        assert code == 0, error
        return token

    def worker(self, site):
        return self.begin(site, "worker", "run", "--site", site, "-q")

    def hub(self, *more):
        words = ["hub", "run", "--store", self.url, "--batch", "2", "--stall", "2", "-f", "json", "--no-progress", "-q"]
        return self.begin("hub", *words, *READ, "--fail-on", "never", *more)

    def engine(self):
        with psycopg.connect(self.url) as base:
            rows = base.execute("SELECT name, value FROM auditor_hub.setting").fetchall()
        return PostgresEngine(self.url, **dict(rows))

    def desk(self, site):
        """Return a desk that no program of ours sits at."""
        kept = json.loads((self.home(site) / "sites" / f"{site}.json").read_text(encoding="utf-8"))
        with psycopg.connect(self.url) as base:
            who = dict(base.execute("SELECT name, value FROM auditor_hub.setting").fetchall())
        return PostgresDesk(Invitation(**kept).conninfo, **who)

    def wait_for(self, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not (value := what()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return value


@pytest.fixture
def many(stage, postgres, tmp_path):
    made = Many(stage, postgres.new(), tmp_path)
    yield made
    for process in made.running:
        process.kill()
        process.communicate()


def test_sites_that_join_are_read_by_their_workers_into_the_audit_of_one_process(stage, undisturbed, many):
    tokens = [many.join(site) for site in SITES]
    hub = many.hub(*stage.lab.targets)
    workers = {site: many.worker(site) for site in SITES}
    engine = many.wait_for(lambda: _begun(many))
    (run,) = engine.runs()

    # One worker is killed while it has a job, the hub while it waits, and the connections of everybody.
    many.wait_for(lambda: any(state.site == "hq" and state.doing for state in engine.states(run)))
    workers["hq"].send_signal(signal.SIGKILL)
    hub.send_signal(signal.SIGKILL)
    with psycopg.connect(many.url, autocommit=True) as base:
        base.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        kept = base.execute("SELECT string_agg(job::text, '') FROM auditor_hub.job").fetchall()
    many.worker("hq")
    hub = many.hub("--resume", run)
    out, error = hub.communicate(timeout=PATIENCE)

    assert (hub.returncode, b"Traceback" in error) == (3, False), error
    assert told(out) == undisturbed
    assert engine.runs() == ()
    _holds_no_secret(kept[0][0], stage, tokens)
    code, out, _ = many.run("hub", "hub", "status", "--store", many.url)
    assert (code, [line.split(":")[0] for line in out.decode().splitlines()]) == (0, ["site depot", "site hq"])


def _begun(many):
    try:
        engine = many.engine()
    except psycopg.Error:
        return None
    return engine if engine.runs() else None


def _holds_no_secret(text, stage, tokens):
    secrets = [path.read_text().strip() for path in (Path(stage.lab.config).parent / "secrets").iterdir()]
    assert len(secrets) > 3
    assert not [secret for secret in secrets if secret in text]
    assert not [token for token in tokens if token.decode().strip() in text]


def test_without_a_server_this_process_reads_the_sites_to_the_same_audit(stage, undisturbed, many):
    many.url = str(many.home("hub") / "s.db")
    hub = many.hub(*stage.lab.targets)
    out, error = hub.communicate(timeout=PATIENCE)

    assert hub.returncode == 3, error
    assert told(out) == undisturbed


def test_what_a_worker_says_of_another_site_is_dropped_and_told(many):
    many.join("hq")
    hub = many.hub("--site", "hq", "127.0.99.1")
    many.wait_for(lambda: _begun(many))
    desk = many.desk("hq")
    taken = desk.take()
    fact = {"kind": "snmp.sysname", "value": "forged", "where": "x", "about": ""}
    line = {"type": "observation", "target": {"address": "192.0.2.1", "site": "depot"}, "collector": "snmp"}
    line |= {"at": "2026-11-21T05:00:00Z", "facts": [fact]}
    desk.hand_in(taken, 0, json.dumps(line) + "\nno journal\n")
    desk.finish(taken)
    desk.close()
    out, _ = hub.communicate(timeout=PATIENCE)

    document = json.loads(out)
    assert document["assets"] == []
    assert [(one["site"], one["reason"]) for one in document["unread"]] == [("hq", "spoofed")]
    assert "2 records of its worker were dropped" in document["unread"][0]["detail"]


def test_a_schedule_runs_whenever_it_is_due_and_ends_with_a_word(many):
    many.join("hq")
    words = ["--store", many.url, "--site", "hq", "--fail-on", "never", "-f", "json", "-o", "reports/"]
    # The sixth field is seconds.
    hub = many.begin("hub", "hub", "schedule", "* * * * * */2", "127.0.99.1", *words)
    many.wait_for(lambda: _begun(many))
    desk = many.desk("hq")
    desk.finish(desk.take())
    desk.close()
    report = many.wait_for(lambda: next((many.home("hub") / "reports").glob("*.json"), None))
    hub.terminate()
    _, error = hub.communicate(timeout=PATIENCE)

    assert (hub.returncode, b"Traceback" in error) == (130, False), error
    assert json.loads(report.read_text(encoding="utf-8"))["schema"] == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("worker", "run", "--site", "hq"), "site hq: has not joined here; 'auditor worker join TOKEN' does it"),
        (("worker", "join", "no-token"), "TOKEN: is no invitation; copy it whole"),
        (("hub", "status", "--store", "here.db"), "workers at other machines need a store in PostgreSQL"),
        (("hub", "invite", "nowhere", "--store", "postgresql:///x"), "site nowhere: no site is called this"),
    ],
    ids=["not joined", "no token", "no server", "no site"],
)
def test_what_cannot_be_is_said_in_one_line(stage, words, why):
    result = CliRunner().invoke(main, ["--config", str(stage.lab.config), *words])

    assert (result.exit_code, len(result.stderr.strip().splitlines())) == (2, 1)
    assert why in result.stderr
