"""Three sites on one machine: PostgreSQL, a hub, a worker at each, one network played for all.

    python -m tests.tools.hub_demo [kills]
    prints what was read by whom; with `kills`, workers are killed so often on the way, and what was lost or doubled

Skipped by name where PostgreSQL is not installed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg

from auditor.hub.postgres import PostgresEngine
from auditor.lab import network as networks
from auditor.lab.play import Lab, play
from auditor.lab.samples import home
from tests.tools import postgres
from tests.tools.kills import told

PATIENCE = 600
STALL = 2
RATE = "[limits]\npackets_per_second = 2000"


class Sites:
    """A hub and workers of played sites, each with a home of its own."""

    def __init__(self, lab: Lab, url: str, folder: Path) -> None:
        self.lab, self.url, self.folder = lab, url, folder

    def begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start the program as the hub or a site's worker."""
        place = self.folder / name / "auditor"
        if not place.exists():
            place.mkdir(parents=True, mode=0o700)
            (place / "known_hosts").write_bytes(self.lab.known_hosts.read_bytes())
        command = [sys.executable, "-m", "auditor", "--config", str(self.lab.config), *words]
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

    def hub(self) -> subprocess.Popen[bytes]:
        """Start a run over all sites."""
        words = ["--batch", "4", "--stall", str(STALL), "--store", self.url, "-f", "json", "-q", "--fail-on", "never"]
        return self.begin("hub", "hub", "run", *words, *self.lab.targets)


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


def play_out(lab: Lab, url: str, folder: Path, kills: int) -> int:
    """Run the sites once, kill workers on the way; return how many promises were broken."""
    sites = Sites(lab, url, folder)
    names = [site.name for site in lab.network.sites]
    for name in names:
        sites.join(name)
    hub = sites.hub()
    engine, run = run_of(url)
    workers = {name: sites.worker(name) for name in names}
    with ExitStack() as stack:
        stack.callback(lambda: [(one.kill(), one.communicate()) for one in workers.values()])
        for number in range(kills):
            victim = _busy(engine, run)
            if victim is None:
                say(f"only {number} kills: the run was over")
                break
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].communicate()
            workers[victim] = sites.worker(victim)
        out, error = hub.communicate(timeout=PATIENCE)
    if hub.returncode not in {0, 3}:
        say(f"the hub ended with {hub.returncode}: {error.decode()[-300:]}")
        return 1
    return _compare(lab, sites, out)


def _busy(engine: PostgresEngine, run: str) -> str | None:
    """Return a site whose worker has a job, after a moment."""
    time.sleep(random.uniform(0.5, 2.5))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        states = engine.states(run)
        busy = [state.site for state in states if state.doing]
        if busy:
            return random.choice(busy)
        if not any(state.todo for state in states):
            return None
        time.sleep(0.1)
    return None


def _compare(lab: Lab, sites: Sites, out: bytes) -> int:
    """Compare what the sites' workers brought with a scan by one process over the same network."""
    words = ["scan", "--store", str(sites.folder / "one.db"), "-f", "json", "-q", "--fail-on", "never", "--no-progress"]
    alone, _ = sites.begin("hub", *words, *lab.targets).communicate(timeout=PATIENCE)
    want, got = told(alone), told(out)
    document = json.loads(out)
    read = Counter(one["site"] for one in document["assets"] if one["seen"] == "read")
    for site, count in sorted(read.items()):
        say(f"{site}: {count} devices read by its worker")
    findings = Counter(finding["maker"] for one in document["assets"] for finding in one["findings"])
    say("findings: " + ", ".join(f"{count} {maker}" for maker, count in sorted(findings.items())))
    lost, more = (sum(1 for key in a if a[key] != b.get(key)) for a, b in ((want, got), (got, want)))
    say(f"against one process: {lost} entries lost or other, {more} doubled or other, of {len(want)}")
    return bool(lost or more)


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
            text = lab.config.read_text(encoding="utf-8").replace("[limits]", RATE)
            lab.config.write_text(
                text.replace("timeout = 0.6\nretries = 1", "timeout = 3\nretries = 3"), encoding="utf-8"
            )
            return play_out(lab, server.new(), folder, int(words[0]) if words else 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
