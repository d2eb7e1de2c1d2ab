"""How long a page takes: every route of `auditor serve` over a store of many devices, as people and programs ask.

    python -m tests.bench.bench_serve [devices [rounds [folder]]]

The store is made by construction: two nights, a fifth of the devices with findings, steps of removals. The server is a
process of its own; requests come one after another, each for another device, site or page. The promise is about the
95th percentile of their wall time; beside it stands that of the server's processor time, which others on the machine do
not change. Ends with 1 where a promise is broken.
"""

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from auditor.run.tokens import give
from auditor.store import ledger
from auditor.store.numbers import spelled
from auditor.store.runs import Store
from auditor.store.schema import claim, device, step
from tests.bench.bench_scale import tell, word
from tests.tools.audits import large
from tests.tools.web_server import Client, keep_audit

DEVICES, ROUNDS = 100_000, 40
SHARE = 5
STEPS = 4
P95_S = 0.2
# A picture of a whole site of some thousands is drawn once and kept.
PICTURE_S = 2.0
STATES = ("found", "confirmed", "planned", "removed")


def build(path: Path, devices: int) -> None:
    """Keep two nights of so many devices, a fifth of them with findings, and begin removals."""
    audit = large(devices, devices // SHARE)
    for night in (1, 2):
        keep_audit(path, audit, f"night{night}", f"2026-11-2{night}T05:00:00Z")
    begin_removals(path)


def begin_removals(path: Path) -> None:
    """Note steps of the removal of every fourth device that has a finding."""
    with Store(path).database.writing() as base:
        numbers = list(base.execute(select(claim.c.device).distinct()).scalars())[::STEPS]
        link = ledger.append(base, "bench", "2026-11-22T06:00:00Z", {})
        rows = [
            {"device": one, "asset": "", "state": STATES[one % 4], "at": "2026-11-22T06:00:00Z", "who": "bench",
             "note": "", "proof": "", "link": link}
            for one in numbers
        ]  # fmt: skip
        base.execute(step.insert(), rows)
        tell(f"{base.execute(select(func.count()).select_from(device)).scalar_one():,} devices, {len(rows):,} steps")


def routes(client: Client, devices: int) -> dict[str, Callable[[random.Random], str]]:
    """Return each route by its name, with a function that gives it another address each time."""
    sites = [one["site"] for one in client.get("/api/v1/sites").json["items"]]
    last: dict[str, str] = {}

    def follow(path: str) -> Callable[[random.Random], str]:
        def address(_chance: random.Random) -> str:
            after = client.get(f"{path}&after={last.get(path, '')}&limit=50").json["next"] if path in last else None
            last[path] = after or client.get(f"{path}&limit=50").json["next"] or ""
            return f"{path}&limit=50&after={last[path]}"

        return address

    def at_site(path: str) -> Callable[[random.Random], str]:
        return lambda chance: path + chance.choice(sites)

    return {
        "/": lambda _chance: "/",
        "/sites": lambda _chance: "/sites",
        "/devices": follow("/api/v1/devices?site="),
        "/devices of a site": at_site("/devices?site="),
        "/devices by text": lambda chance: f"/devices?text=device-{chance.randrange(devices):06}",
        "/devices of no text": lambda chance: f"/devices?text=nothing-{chance.random()}",
        "/devices/D": lambda chance: f"/devices/{spelled(chance.randrange(1, devices))}",
        "/findings": follow("/api/v1/findings?site="),
        "/findings by law": at_site("/findings?law=us-fcc-covered-list&site="),
        "/findings of a maker": follow("/api/v1/findings?maker=huawei"),
        "/unread": at_site("/unread?site="),
        "/due": at_site("/due?site="),
        "/removals": follow("/api/v1/removals?site="),
        "/removals of a state": lambda chance: f"/removals?state={chance.choice(STATES)}",
        "/runs": lambda _chance: "/runs",
        "/runs/R": lambda _chance: "/runs/night1",
        "/metrics": lambda _chance: "/metrics",
        "/topology of a site": at_site("/topology?site="),
    }


def main(devices: int, rounds: int, folder: Path) -> int:
    """Print the percentiles of each route and return 1 where a promise is broken.

    A store that a run before made in the folder is taken again.
    """
    is_broken = False
    path = folder / "s.db"
    if not path.exists():
        begin = time.process_time()
        build(path, devices)
        tell(f"made in {time.process_time() - begin:.0f} s of processor time, {path.stat().st_size / 1e6:.0f} MB")
    if rounds:
        token = give(f"bench {time.time()}", "admin", (), str(path))
        words = [sys.executable, "-m", "auditor", "serve", "--port", "0", "--store", str(path)]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            port = int(re.findall(r":(\d+)$", process.stderr.readline().strip())[0])
            client = Client(port, {"Authorization": f"Bearer {token}"})
            time.sleep(5)
            # What rules call things is read when first needed.
            client.get(f"/devices/{spelled(1)}")
            tell(f"{'ms':<24}{'median':>8}{'p95':>8}{'CPU p95':>8}{'at most':>8}")
            try:
                for name, address in routes(client, devices).items():
                    is_broken = _measure(client, process.pid, name, address, rounds) or is_broken
                tell(_peak(process.pid))
            finally:
                process.terminate()
    return int(is_broken)


def _measure(client: Client, pid: int, name: str, address: Callable[[random.Random], str], rounds: int) -> bool:
    chance, times, work = random.Random(name), [], []
    for _ in range(rounds):
        path = address(chance)
        begin, before = time.perf_counter(), _processor_s(pid)
        answer = client.get(path)
        times.append(time.perf_counter() - begin)
        work.append(_processor_s(pid) - before)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {answer.text[:300]}")
    at_most = PICTURE_S if "topology" in name else P95_S
    p95, cpu = statistics.quantiles(times, n=20)[-1], statistics.quantiles(work, n=20)[-1]
    figures = "".join(f"{one * 1000:>8.0f}" for one in (statistics.median(times), p95, cpu, at_most))
    tell(f"{name:<24}{figures}  {word(p95 <= at_most)}")
    return p95 > at_most


def _processor_s(pid: int) -> float:
    """Return the processor time of all threads of a process in seconds (Linux, schedstat)."""
    texts = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(text.split()[0]) for text in texts) / 1e9


def _peak(pid: int) -> str:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = int(re.findall(r"VmHWM:\s+(\d+)", text)[0])
    return f"peak of the server: {kilobytes / 1024:.0f} MB"


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:3]]
    with tempfile.TemporaryDirectory() as own:
        sys.exit(main(*[*sizes, *(DEVICES, ROUNDS)[len(sizes) :]], Path((sys.argv[3:] or [own])[0])))
