"""What a hub and workers cost beside one process, and what two of them gain.

    python -m tests.bench.scale_workers [packets a second]

Simulated switches (`bench_snmp`), 250 at a site, are read by one process and by a hub with a worker at each site: one
site, then two. Processor time is that of the auditor's processes, without PostgreSQL's. Ends with 1 where hub and
worker take a tenth more than one process at 50 devices a job, or do less than 0.85 of its work per CPU second with two
workers.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.bench_jobs import AT_LEAST, switches
from tests.bench.bench_scale import tell, word
from tests.bench.bench_snmp import PORT
from tests.tools import postgres

AT_SITE, RATE, BATCH, DEARER = 250, 4000, 50, 1.1
SITES = {"north": "127.72.0.1-250", "south": "127.72.1.1-250"}
SETTINGS = """
[credential.public]
kind = "snmp-v2c"
secret = "file:{folder}/community"
[limits]
in_flight = 24
packets_per_second = {rate}
[site.north]
subnets = ["127.72.0.0/24"]
credentials = ["public"]
ports = {{ snmp = {port} }}
[site.south]
subnets = ["127.72.1.0/24"]
credentials = ["public"]
ports = {{ snmp = {port} }}
"""
HOW = ("--no-sweep", "--collector", "snmp", "--no-progress", "-f", "json", "-q", "--fail-on", "never")


class Bench:
    """One folder of settings, one database, switches at two sites."""

    def __init__(self, folder: Path, url: str, rate: int) -> None:
        self.folder, self.url, self.rate = folder, url, rate
        (folder / "community").write_text("public\n", encoding="ascii")
        (folder / "auditor.toml").write_text(SETTINGS.format(folder=folder, port=PORT, rate=rate), encoding="ascii")
        for name in ("community", "auditor.toml"):
            (folder / name).chmod(0o600)

    def begin(self, home: str, *words: str) -> subprocess.Popen[bytes]:
        """Start the program with a home of its own."""
        place = self.folder / home
        place.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "auditor", "--config", str(self.folder / "auditor.toml"), *words]
        surroundings = os.environ | {"XDG_DATA_HOME": str(place), "XDG_RUNTIME_DIR": str(place)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=surroundings, cwd=place, **pipes)

    def alone(self, sites: Sequence[str]) -> bytes:
        """Return the audit of one process."""
        words = ("--store", str(self.folder / f"{len(sites)}.db"), "--rate", str(self.rate))
        return self.begin("one", "scan", *HOW, *words, *map(SITES.__getitem__, sites)).communicate()[0]

    def with_workers(self, sites: Sequence[str]) -> bytes:
        """Return the audit of a hub with a worker at each site."""
        for site in sites:
            token, _ = self.begin("hub", "hub", "invite", site, "--store", self.url).communicate()
            self.begin(site, "worker", "join").communicate(token)
        words = ("hub", "run", *HOW, "--batch", str(BATCH), "--store", self.url, *map(SITES.__getitem__, sites))
        hub = self.begin("hub", *words)
        workers = [self.begin(site, "worker", "run", "--site", site, "-q") for site in sites]
        out = hub.communicate()[0]
        for worker in workers:
            worker.terminate()
            worker.communicate()
        return out


def main(arguments: list[str]) -> int:
    """Measure one site and two; return 1 where a promise is not kept."""
    rate = int(arguments[0]) if arguments else RATE
    programs = postgres.programs()
    if programs is None:
        tell("skipped: PostgreSQL is not installed; on Debian: apt install postgresql")
        return 0
    costs: dict[tuple[str, int], tuple[float, float, int]] = {}
    with tempfile.TemporaryDirectory() as name, switches(AT_SITE * len(SITES)), postgres.server(programs) as server:
        bench = Bench(Path(name), server.new(), rate)
        for number in (1, 2):
            for what, run in (("one process", bench.alone), ("hub and workers", bench.with_workers)):
                cost = costs[what, number] = _cost(run, list(SITES)[:number])
                tell(f"{number} sites, {what:<16} {cost[2]} devices, CPU {cost[0]:.1f} s, wall {cost[1]:.1f} s")
    (one, two), (single, double) = (
        [costs[what, number] for number in (1, 2)] for what in ("one process", "hub and workers")
    )
    promises = [("CPU of hub and worker, times one process", single[0] / one[0], DEARER, -1)]
    promises.append(("work per CPU second of hub and two workers", two[0] / double[0], AT_LEAST, 1))
    for what, figure, limit, sign in promises:
        tell(f"{what:<50}{figure:>6.2f}{limit:>6.2f}  {word(figure * sign >= limit * sign)}")
    tell(f"two workers are {two[1] / double[1]:.2f} times as fast as one process")
    whole = all(cost[2] == AT_SITE * number for (_, number), cost in costs.items())
    return int(not whole or any(figure * sign < limit * sign for _, figure, limit, sign in promises))


def _cost(run: Callable[[Sequence[str]], bytes], sites: Sequence[str]) -> tuple[float, float, int]:
    """Return the processor seconds of the processes of a run, those of the clock, the addresses that were read."""
    start, before = time.monotonic(), _seconds()
    assets = json.loads(run(sites))["assets"]
    return (
        _seconds() - before,
        time.monotonic() - start,
        sum(len(one["addresses"]) for one in assets if one["seen"] == "read"),
    )


def _seconds() -> float:
    """Return the processor seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
