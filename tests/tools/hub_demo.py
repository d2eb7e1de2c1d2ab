"""Three sites on one machine: PostgreSQL, a hub, a worker at each, one network played for all.

    python -m tests.tools.hub_demo [kills of workers] [of the hub] [of PostgreSQL]
    prints what was read by whom, how soon it went on after each kill, and what was lost or doubled

It goes on where the job is in another worker's hand, the hub says how far the sites are, or a worker is heard by the
server again; by then the stall limit and five seconds may have passed. Skipped by name where PostgreSQL is missing.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from auditor.hub.postgres import PostgresEngine
from auditor.lab import network as networks
from auditor.lab.play import Lab, play
from auditor.lab.samples import home
from tests.tools import figures, postgres
from tests.tools.kills import told
from tests.tools.postgres import Postgres

PATIENCE = 600
STALL = 2
# Seconds until a run goes on after a kill, at most (R15), and how many kills a figure is kept of.
LIMIT = STALL + 5
ASKED = {"worker": 10, "hub": 2, "PostgreSQL": 1}
SHOWN, SHORT = 10, 200
RATE = "[limits]\npackets_per_second = 2000"


class Sites:
    """A hub and workers of played sites, each with a home of its own."""

    def __init__(self, lab: Lab, url: str, folder: Path) -> None:
        self.lab, self.url, self.folder = lab, url, folder

    def begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start the program as the hub or a site's worker."""
        command = [sys.executable, "-m", "auditor", "--config", str(self.lab.config), *words]
        return self.start(command, self.home(name))

    def home(self, name: str) -> Path:
        """Return the folder of the runs of the hub or of a site's worker."""
        place = self.folder / name / "auditor"
        if not place.exists():
            place.mkdir(parents=True, mode=0o700)
            (place / "known_hosts").write_bytes(self.lab.known_hosts.read_bytes())
        return place

    @staticmethod
    def start(command: list[str], place: Path) -> subprocess.Popen[bytes]:
        """Start a command with this folder of the runs."""
        environment = os.environ | {"XDG_DATA_HOME": str(place.parent), "XDG_RUNTIME_DIR": str(place)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=place, env=environment, **pipes)

    def join(self, site: str) -> None:
        """Invite a site and let its worker join."""
        token, error = self.begin("hub", "hub", "invite", site, "--store", self.url).communicate()
        joining = self.begin(site, "worker", "join")
        _, more = joining.communicate(token)
        if joining.returncode:
            raise SystemExit((error + more).decode())

    def worker(self, site: str) -> subprocess.Popen[bytes]:
        """Start the worker of a site."""
        return self.begin(site, "worker", "run", "--site", site, "-q")

    def hub(self, *more: str) -> subprocess.Popen[bytes]:
        """Start a run over all sites, or join one."""
        words = ["--batch", "1", "--stall", str(STALL), "--store", self.url, "-f", "json", "--fail-on", "never"]
        return self.begin("hub", "hub", "run", *words, *(more or self.lab.targets))


def be_patient(lab: Lab) -> None:
    """Have a lab on a busy machine read patiently, and no slower than it can."""
    text = lab.config.read_text(encoding="utf-8").replace("[limits]", RATE)
    lab.config.write_text(text.replace("timeout = 0.6\nretries = 1", "timeout = 3\nretries = 3"), encoding="utf-8")


def run_of(url: str) -> tuple[PostgresEngine, str]:
    """Return the engine and the run under way, once there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(url) as base:
                rows = base.execute("SELECT name, value FROM auditor_hub.setting").fetchall()
                ids = base.execute("SELECT id FROM auditor_hub.run").fetchall()
            if ids:
                return PostgresEngine(url, **dict(rows)), str(ids[0][0])
        except psycopg.Error:
            pass
        time.sleep(0.1)
    raise SystemExit("the hub began no run")


@dataclass
class Trial:
    """One run over three sites, and what is killed on the way."""

    sites: Sites
    server: Postgres
    hub: subprocess.Popen[bytes]
    engine: PostgresEngine
    run: str
    workers: dict[str, subprocess.Popen[bytes]]

    def kill(self, what: str) -> float | None:
        """Kill something while a worker has a job and start it again; return the seconds until the run goes on."""
        victim = self._busy()
        if victim is None:
            say(f"{what}: not killed, the run was over")
            return None
        start, before = time.monotonic(), self._holder(victim)
        if what == "worker":
            _end(self.workers[victim])
            self.workers[victim] = self.sites.worker(victim)
            self._wait(lambda: self._holder(victim) not in {before, None})
        elif what == "hub":
            _end(self.hub)
            self.hub = self.sites.hub("--resume", self.run)
            while b" jobs done" not in (line := self.hub.stderr.readline()) and line:
                pass
        else:
            self.server.restart()
            self._wait_for_word()
        seconds = time.monotonic() - start
        say(f"{what} killed ({victim} had a job): went on after {seconds:.1f} s")
        # A job that five workers in a row die of is given up: something comes in before the next is killed.
        before = self._batches()
        self._wait(lambda: self._batches() > before or self._busy() is None)
        return seconds

    def _batches(self) -> int:
        return sum(state.batches + state.done for state in self.engine.states(self.run))

    def _wait_for_word(self) -> None:
        """Wait until a worker is heard by the server, or nothing is left to do."""
        moment = self._ask("SELECT now()")
        self._wait(lambda: self._ask("SELECT max(heard) FROM auditor_hub.site") > moment or self._busy() is None)

    def _wait(self, is_back: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_back() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _ask(self, words: str, *values: object) -> Any:
        with psycopg.connect(self.sites.url) as base:
            return (base.execute(words, values).fetchone() or (None,))[0]

    def _holder(self, site: str) -> int | None:
        """Return which worker has a job of a site, 0 where nothing is left to do, None while nobody has it."""
        jobs = "FROM auditor_hub.procrastinate_jobs WHERE queue_name = %s AND status"
        left = self._ask(f"SELECT count(*) {jobs} IN ('todo', 'doing')", site)
        return self._ask(f"SELECT worker_id {jobs} = 'doing'", site) if left else 0

    def _busy(self) -> str | None:
        """Return a site whose worker has a job, None once the run is over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            states = self.engine.states(self.run)
            busy = [state.site for state in states if state.doing]
            if busy:
                return random.choice(busy)
            if not any(state.todo for state in states):
                return None
            time.sleep(0.1)
        raise SystemExit("nobody takes up what is left")


def play_out(sites: Sites, server: Postgres, kills: dict[str, int], sort: type[Trial] = Trial) -> int:
    """Run the sites once, kill on the way; return how many promises were broken."""
    names = [site.name for site in sites.lab.network.sites]
    for name in names:
        sites.join(name)
    hub = sites.hub()
    engine, run = run_of(sites.url)
    trial = sort(sites, server, hub, engine, run, {name: sites.worker(name) for name in names})
    order = [what for what, count in kills.items() for _ in range(count)]
    random.shuffle(order)
    order.sort(key=lambda what: what != "link")  # a cut takes a minute: while there is still much to read
    waits = []
    try:
        for what in order:
            time.sleep(random.uniform(0.2, 1.0))
            waits += [seconds for seconds in [trial.kill(what)] if seconds is not None]
        out, error = trial.hub.communicate(timeout=PATIENCE)
    finally:
        for process in trial.workers.values():
            _end(process)
    if trial.hub.returncode not in {0, 3}:
        say(f"the hub ended with {trial.hub.returncode}: {error.decode()[-300:]}")
        return 1
    return conclude(waits, *_compare(sites.lab, sites, out), is_whole=kills == ASKED)


def conclude(waits: list[float], entries: int, lost: int, more: int, *, is_whole: bool) -> int:
    """Say whether R15 was held; the figure is kept where everything was killed as often as it asks."""
    slowest = max(waits, default=0.0)
    held = not lost and not more and slowest <= LIMIT and (not is_whole or len(waits) == sum(ASKED.values()))
    back = f"; {len(waits)} kills, back after {min(waits):.1f} to {slowest:.1f} s of {LIMIT}" if waits else ""
    figure = f"{lost} lost, {more} doubled of {entries} entries{back}"
    say(f"R15: {figure}: {'held' if held else 'not held'}")
    if is_whole:
        figures.keep("R15", "hub-kills", figure, held=held)
    return int(not held)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _compare(lab: Lab, sites: Sites, out: bytes) -> tuple[int, int, int]:
    """Compare what the sites' workers brought with a scan by one process; return entries, lost, doubled or other."""
    words = [
        "scan",
        "--store",
        str(sites.folder / "hub" / "auditor" / "one.db"),
        "-f",
        "json",
        "-q",
        "--fail-on",
        "never",
        "--no-progress",
    ]
    alone, _ = sites.begin("hub", *words, *lab.targets).communicate(timeout=PATIENCE)
    want, got = told(alone), told(out)
    document = json.loads(out)
    read = Counter(one["site"] for one in document["assets"] if one["seen"] == "read")
    for site, count in sorted(read.items()):
        say(f"{site}: {count} devices read by its worker")
    findings = Counter(finding["maker"] for one in document["assets"] for finding in one["findings"])
    say("findings: " + ", ".join(f"{count} {maker}" for maker, count in sorted(findings.items())))
    lost, more = (sum(1 for key in a if a[key] != b.get(key)) for a, b in ((want, got), (got, want)))
    other = [key for key in want.keys() | got.keys() if want.get(key) != got.get(key)]
    for key in sorted(other, key=lambda key: (not key.startswith("unread"), key))[:SHOWN]:
        say(f"  {key[: 2 * SHORT]}: {_difference(want.get(key), got.get(key))}")
    say(f"against one process: {lost} entries lost or other, {more} doubled or other, of {len(want)}")
    return len(want), lost, more


def _difference(one: object, many: object) -> str:
    """Return what differs between an entry of one process and of many."""
    if isinstance(one, dict) and isinstance(many, dict):
        keys = sorted(key for key in one.keys() | many.keys() if one.get(key) != many.get(key))
        return ", ".join(f"{key} {str(one.get(key))[:SHORT]} -> {str(many.get(key))[:SHORT]}" for key in keys)
    return f"{str(one)[:SHORT]} -> {str(many)[:SHORT]}"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Play three sites once; return 1 where a promise is broken."""
    programs = postgres.programs()
    if programs is None:
        say("skipped: PostgreSQL is not installed; on Debian: apt install postgresql")
        return 0
    network = networks.load(home() / "networks" / "carrier.toml")
    with tempfile.TemporaryDirectory() as name, postgres.server(programs) as server:
        folder = Path(name)
        (folder / "lab").mkdir()
        with play(network, home(), folder / "lab") as lab:
            be_patient(lab)
            kills = dict(zip(("worker", "hub", "PostgreSQL"), map(int, words), strict=False))
            return play_out(Sites(lab, server.new(), folder), server, kills)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
