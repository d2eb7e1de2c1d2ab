"""One scan on one and on two cores: wall clock, processor time, the responder's beside them.

    python -m tests.bench.bench_jobs [devices] [packets a second]

Every scan reads the same simulated switches (`bench_snmp`) into a journal and a store of its own and writes a report.
Ends with 1 where two processes do less than 0.85 of the work of one for the same processor time. What is gained of the
wall clock is printed: reading is shared, judging and storing are not, and the responder needs a core too.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.bench_snmp import PORT

DEVICES = 200
RATE = 4000
AT_LEAST = 0.85
SETTINGS = """
[credential.public]
kind = "snmp-v2c"
secret = "file:{folder}/community"
[site.hq]
subnets = ["127.72.0.0/16"]
credentials = ["public"]
ports = {{ snmp = {port} }}
[limits]
in_flight = 24
"""
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def switches(count: int) -> Iterator[int]:
    """Play so many switches meanwhile; yield the responder's process id."""
    command = [sys.executable, "-m", "tests.bench.bench_snmp", "--respond", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as responder:
        assert responder.stdout is not None
        responder.stdout.readline()
        try:
            yield responder.pid
        finally:
            responder.kill()


def seconds_of(process: int) -> float:
    """Return the processor seconds a process has used (proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def scan(folder: Path, jobs: int, count: int, rate: int) -> dict[str, float]:
    """Scan so many devices with so many processes; return what it took, and how many were read."""
    (folder / "community").write_text("public\n", encoding="ascii")
    (folder / "auditor.toml").write_text(SETTINGS.format(folder=folder, port=PORT), encoding="ascii")
    for name in ("community", "auditor.toml"):
        (folder / name).chmod(0o600)
    words = ["--config", str(folder / "auditor.toml"), "scan", "--no-sweep", "--collector", "snmp", "--no-progress"]
    words += ["--rate", str(rate), "--jobs", str(jobs), "--store", str(folder / f"s{jobs}.db"), "-f", "jsonl", "-q"]
    words += ["--fail-on", "never", "-o", str(folder / f"{jobs}.jsonl"), "--journal", str(folder / f"{jobs}.journal")]
    words += [f"127.72.{block}.1-{min(250, count - 250 * block)}" for block in range((count + 249) // 250)]
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "auditor", *words], check=False, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    journal = (folder / f"{jobs}.journal").read_text(encoding="utf-8").splitlines()
    devices = sum(json.loads(line)["type"] == "observation" for line in journal)
    return {"wall": time.monotonic() - start, "cpu": cpu, "devices": devices, "code": done.returncode}


def main(arguments: list[str]) -> int:
    """Measure one process and two; return 1 where the promise is not kept."""
    count, rate = (*map(int, arguments), *(DEVICES, RATE)[len(arguments) :])
    costs = {}
    with tempfile.TemporaryDirectory() as name, switches(count) as responder:
        for jobs in (1, 2):
            before = seconds_of(responder)
            costs[jobs] = cost = scan(Path(name), jobs, count, rate)
            sys.stdout.write(
                f"{jobs} jobs: {cost['devices']:.0f} devices read, wall {cost['wall']:.1f} s, CPU {cost['cpu']:.1f} s "
                f"({count / cost['cpu']:.1f} devices a CPU second), responder {seconds_of(responder) - before:.1f} s\n"
            )
    yields = costs[1]["cpu"] / costs[2]["cpu"]
    gain = costs[1]["wall"] / costs[2]["wall"]
    whole = all(cost["devices"] == count and cost["code"] in {0, 3} for cost in costs.values())
    sys.stdout.write(f"two processes: {gain:.2f} times as fast, {yields:.2f} of the work per CPU second of one\n")
    return 0 if whole and yields >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
