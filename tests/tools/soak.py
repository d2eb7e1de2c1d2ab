"""`make soak`: one process scans the demo network again and again for an hour, hostile devices beside it.

    python -m tests.tools.soak [minutes]

The process that scans is sampled where a round has ended: memory, open files and threads by the kernel's count, and
what the store takes on the disk. Nothing may grow after the third round but the store, and that by the same each night.
"""

import gc
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from auditor.cli import main as command
from tests.tools import figures, kills, snmp_faults, ssh_faults
from tests.tools.kills import Stage
from tests.tools.ssh_lab import Lab as SshLab

MINUTES = 60
NET = os.getpid() % 100 + 100
SNMP = ("silent", "endless", "flood of 200", "garbage", "late", "loop", "dies half-way", "restarts for ever")
SSH = ("endless banner", "reset at connect", "never says a word", "closes mid-output", "50 MB of output", "no prompt")
SITE = """
[credential.trouble]
kind = "snmp-v2c"
secret = "file:{folder}/trouble.secret"

[credential.hostile]
kind = "ssh"
user = "audit"
secret = "file:{folder}/hostile.secret"

[site.trouble]
subnets = ["127.{net}.0.0/16"]
credentials = ["trouble", "hostile"]
ports = {{ snmp = {port} }}
"""
# What is allocated once, late: a cache that fills, a page the allocator keeps. 300 rounds would show a leak of 30 kB.
MEGABYTES = 8
NIGHT = 1.1
HASTY = "timeout = 1.5\nretries = 2"
DEADLINE = "12"
# Beyond the third round there must be something to compare.
FEWEST = 7


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The process where a round has ended: minutes since the start, MB, counts, octets of store and journals."""

    minutes: float
    code: int
    memory: float
    files: int
    threads: int
    store: int
    journals: int

    def line(self, number: int) -> str:
        return (
            f"{self.minutes:6.1f} min  round {number:4}  {self.memory:6.1f} MB  {self.files:3} files  "
            f"{self.threads:3} threads  store {self.store / 1024:8.0f} kB  journals {self.journals / 1024:8.0f} kB"
        )


@contextmanager
def trouble(stage: Stage) -> Iterator[list[str]]:
    """Play hostile devices beside a stage's network; yield the lines that name them as targets."""
    chosen = {case.name: case for case in ssh_faults.cases() if case.name in SSH}
    with snmp_faults.Zoo(NET, healthy=0) as zoo, SshLab() as lab:
        folder = stage.lab.folder
        for name, secret in (("trouble", "public"), ("hostile", "sshpass123")):
            path = folder / f"{name}.secret"
            path.touch(mode=0o600)
            path.write_text(secret, encoding="ascii")
        text = stage.lab.config.read_text(encoding="utf-8").replace(kills.PATIENT, HASTY)
        stage.lab.config.write_text(text + SITE.format(folder=folder, net=NET, port=zoo.port), encoding="utf-8")
        lines = [f"{zoo.address(name)} credential=trouble" for name in SNMP]
        blob = lab.key.export_public_key().decode().split()[1]
        with stage.lab.known_hosts.open("a", encoding="ascii") as known_hosts:
            for number, case in enumerate(chosen.values(), 1):
                at = f"127.{NET}.9.{number}"
                port = lab.add(case.device, address=at) if case.device else lab.tcp(case.talk, address=at)
                known_hosts.write(f"[{at}]:{port} ssh-rsa {blob}\n")
                lines.append(f"{at} driver=huawei credential=hostile ssh={port}")
        yield lines


def rounds(stage: Stage, minutes: float) -> Iterator[Sample]:
    """Scan in a process of its own until the minutes are over, and yield a sample after each round."""
    store = stage.store()
    words = stage.words(store, "--jobs", "1", "--deadline", DEADLINE, "-q", "-o", str(store.parent / "report.json"))
    environment = os.environ | {"XDG_DATA_HOME": str(store.parent.parent)}
    began, pipe = time.monotonic(), subprocess.PIPE
    child = [sys.executable, "-W", "ignore", "-m", "tests.tools.soak", "--scan", json.dumps(words)]
    with subprocess.Popen(child, cwd=figures.ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        for number, line in enumerate(process.stdout, 1):
            minute = (time.monotonic() - began) / 60
            yield sample(process.pid, store, minute, int(line))
            if minute >= minutes and number >= FEWEST:
                break
            process.stdin.write("again\n")
            process.stdin.flush()


def sample(pid: int, store: Path, minutes: float, code: int) -> Sample:
    """Look at a process that is between two rounds, and at its store."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines())
    return Sample(
        minutes=minutes,
        code=code,
        memory=int(status["VmRSS"].split()[0]) / 1024,
        files=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(status["Threads"]),
        store=sum(path.stat().st_size for path in store.parent.glob("s.db*")),
        journals=sum(path.stat().st_size for path in (store.parent / "journals").iterdir()),
    )


def scan(words: Sequence[str]) -> None:
    """Scan whenever a line comes in, and print how each round ended."""
    while True:
        result = CliRunner().invoke(command, words)
        code, _ = result.exit_code, gc.collect()
        if code not in {0, 3}:
            sys.stderr.write(f"{result.output[-500:]} {result.exception!r}\n")
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
        del result
        if not sys.stdin.readline():
            return


def broken(samples: Sequence[Sample]) -> list[str]:
    """Return what grew though it may not, and the rounds that did not end well."""
    wrong = [f"round {number} ended with {one.code}" for number, one in enumerate(samples, 1) if one.code not in {0, 3}]
    early, late = thirds(samples)
    third = samples[2]
    for name in ("files", "threads"):
        most = max(getattr(one, name) for one in samples[3:])
        wrong += [f"{name}: {getattr(third, name)} after round 3, {most} later"] if most > getattr(third, name) else []
    grown = statistics.median(one.memory for one in late) - statistics.median(one.memory for one in early)
    wrong += [f"memory grew by {grown:.1f} MB"] if grown > MEGABYTES else []
    for name in ("store", "journals"):
        before, after = night(early, name), night(late, name)
        wrong += [f"{name}: {before:.0f} octets a night, then {after:.0f}"] if after > before * NIGHT + 1 else []
    return wrong


def thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Return the first and the last third of what comes after the third round."""
    rest = samples[3:]
    third = max(2, len(rest) // 3)
    return rest[:third], rest[-third:]


def night(samples: Sequence[Sample], name: str) -> float:
    """Return by how much a store or its journals grow in one round, on average."""
    first, last = getattr(samples[0], name), getattr(samples[-1], name)
    return (last - first) / (len(samples) - 1)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def soak(minutes: float) -> list[Sample]:
    """Run the rounds and print a sample each minute."""
    samples: list[Sample] = []
    with kills.staged() as stage, trouble(stage) as lines:
        stage.lab.targets = (*stage.lab.targets, "-i", str(stage.folder / "hostile.txt"))
        (stage.folder / "hostile.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
        for one in rounds(stage, minutes):
            if not samples or int(one.minutes) > int(samples[-1].minutes):
                say(one.line(len(samples) + 1))
            samples.append(one)
    return samples


def main(words: Sequence[str]) -> int:
    """Print the table and whether it held; keep the figure of a whole hour."""
    if words[:1] == ["--scan"]:
        scan(json.loads(words[1]))
        return 0
    minutes = float(words[0]) if words else MINUTES
    # What a played device says of a caller that hung up is nobody's news.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    samples = soak(minutes)
    wrong = broken(samples)
    early, late = thirds(samples)
    figure = (
        f"{len(samples)} rounds in {samples[-1].minutes:.0f} min: {statistics.median(one.memory for one in early):.1f} "
        f"MB in the first third, {statistics.median(one.memory for one in late):.1f} in the last; "
        f"{samples[2].files} files and {samples[2].threads} threads after round 3, {samples[-1].files} and "
        f"{samples[-1].threads} at the end; a night takes {night(early, 'store') / 1024:.1f} kB of store at first, "
        f"{night(late, 'store') / 1024:.1f} at last, {night(late, 'journals') / 1024:.1f} of journals"
    )
    say(f"{'not held' if wrong else 'held'}: {figure}" + "".join(f"\n  {one}" for one in wrong))
    if minutes >= MINUTES:
        figures.keep("soak", "soak", figure, held=not wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
