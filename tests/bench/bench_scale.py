"""Processor time and memory at scale: journals, imports and walks of large networks.

    python -m tests.bench.bench_scale [percent] [name …]
    python -m tests.bench.bench_scale --million [assets]

Every measurement has a process of its own, so that peaks do not mix, and is the median of three. `percent` shrinks all
sizes: 100 is what the promises are about. Ends with 1 where one is not kept. `--million` reads and judges a hundredth,
a tenth and the whole of a million assets with twenty rows each, once: minutes, and a gigabyte of disk for the journal.
"""

import json
import math
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from auditor.formats import journal
from auditor.model import Fact, Observation, Run, Target, about_mac
from auditor.normal import spelled
from auditor.report.documents import pieces_of_json
from auditor.run.conclude import conclude
from auditor.run.files import read
from auditor.run.options import Judging
from auditor.run.person import Absent

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
ROUNDS = 3
MAKERS = ("001422", "bcad28", "3c970e", "001b21", "00e0fc")
FULL = 100
HEARD_BY = 20
PORTS = 48


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A measurement: the file it reads, its size at 100 percent, and what it may take."""

    make: Callable[[Path, int], None]
    size: int
    seconds: float
    megabytes: int
    suffix: str = "jsonl"
    exponent: float = 0


def switch(number: int, site: str, rows: Sequence[tuple[str, str]]) -> Observation:
    """Return what one switch says: its name, its serial number, its MAC, and its table."""
    facts = [
        Fact(kind="snmp.sysdescr", value="Cisco IOS Software, C2960X Software", where="1.3.6.1.2.1.1.1.0"),
        Fact(kind="snmp.sysname", value=f"sw{number}", where="1.3.6.1.2.1.1.5.0"),
        Fact(kind="entity.serial", value=f"FOC{number:08}", where="1"),
        Fact(kind="if.mac", value=spelled(f"001b54{number:06x}"), where="ifPhysAddress.1"),
    ]
    for digits, port in rows:
        arcs = ".".join(map(str, bytes.fromhex(digits)))
        where = f"dot1qTpFdbPort.20.{arcs}"
        about = about_mac(digits)
        facts.append(Fact(kind="fdb.mac", value=spelled(digits), where=where, about=about))
        facts.append(Fact(kind="fdb.port", value=port, where=where, about=about))
        facts.append(Fact(kind="fdb.vlan", value="20", where=where, about=about))
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    target = Target(address=address, site=site)
    return Observation(target=target, collector="snmp", at=NOW, facts=tuple(facts))


def tree(count: int, hosts: int, heard_by: int, moves: int = 0) -> Iterator[Observation]:
    """Yield the switches of sites: each is a star of `heard_by` switches that learned all its devices.

    Of so many devices as `moves` says one hangs on another switch than where that is 0.
    """
    chance = random.Random(count)
    for site in range(math.ceil(count / heard_by)):
        homes = {
            f"{chance.choice(MAKERS)}{site * hosts * heard_by + at:06x}": (
                (at + (moves > 0 and at % moves == 0)) % heard_by,
                f"Gi1/0/{1 + at // heard_by % 40}",
            )
            for at in range(hosts * heard_by)
        }
        for one in range(heard_by):
            rows = [(mac, _port(one, *home)) for mac, home in homes.items()]
            yield switch(site * heard_by + one, f"site{site}", rows)


def _port(one: int, home: int, port: str) -> str:
    """Return the port on which a switch of a star learned a device: the first is its middle."""
    if one == home:
        return port
    return f"Te1/1/{home}" if one == 0 else "Gi1/0/48"


def heard(path: Path, assets: int, moves: int = 0) -> None:
    """Write a journal of switches that heard so many assets twenty times each."""
    hosts = 50
    _write(path, tree(max(HEARD_BY, assets // hosts), hosts, HEARD_BY, moves))


def campus(path: Path, switches: int) -> None:
    """Write a journal of one site whose switches all learned the same 2,500 devices."""
    hosts = 2500
    chance = random.Random(1)
    macs = [f"{chance.choice(MAKERS)}{at:06x}" for at in range(hosts)]
    rows = [
        [(mac, _port(one, at % switches, f"Gi1/0/{1 + at // switches}")) for at, mac in enumerate(macs)]
        for one in range(switches)
    ]
    _write(path, (switch(one, "campus", own) for one, own in enumerate(rows)))


def _write(path: Path, records: Iterator[Observation]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(journal.encode_run(Run(id="bench", started=NOW)) + "\n")
        for record in records:
            file.write(journal.encode(record) + "\n")


def macs(path: Path, lines: int) -> None:
    """Write lines of a forwarding table as a switch prints them."""
    chance = random.Random(2)
    with path.open("w", encoding="utf-8") as file:
        for at in range(lines):
            digits = f"{chance.choice(MAKERS)}{at:06x}"
            file.write(
                f"{at % 4000 + 1:>5}  {digits[:4]}.{digits[4:8]}.{digits[8:]}  DYNAMIC  Gi1/0/{at % PORTS + 1}\n"
            )


def walk(path: Path, megabytes: int) -> None:
    """Write an `snmpwalk -On` of a switch: its ports with their counters, and a long forwarding table, in order."""
    chance = random.Random(3)
    rows = sorted(tuple(bytes.fromhex(f"{chance.choice(MAKERS)}{at:06x}")) for at in range(megabytes * 3750))
    ports = range(1, megabytes * 40)
    lines = chain(
        ['.1.3.6.1.2.1.1.1.0 = STRING: "Cisco IOS Software"', '.1.3.6.1.2.1.1.5.0 = STRING: "core"'],
        (f'.1.3.6.1.2.1.2.2.1.2.{port} = STRING: "GigabitEthernet1/{port}"' for port in ports),
        (
            f".1.3.6.1.2.1.2.2.1.{column}.{port} = Counter32: {port * column}"
            for column in range(10, 22)
            for port in ports
        ),
        (
            f".1.3.6.1.2.1.17.4.3.1.{column}.{'.'.join(map(str, row))} = {value.format(bytes(row).hex(' ').upper())}"
            for column, value in ((1, "Hex-STRING: {} "), (2, "INTEGER: 7"), (3, "INTEGER: learned(3)"))
            for row in rows
        ),
        (f".1.3.6.1.2.1.17.7.1.2.2.1.2.20.{'.'.join(map(str, row))} = INTEGER: 7" for row in rows),
        (f'.1.3.6.1.2.1.31.1.1.1.18.{port} = STRING: "to the cabinet beside door {port}"' for port in ports),
    )
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


PROMISES: dict[str, Promise] = {
    "200 switches of 2,500 rows": Promise(make=campus, size=200, seconds=12, megabytes=250),
    "100,000 assets, 2,000,000 rows": Promise(make=heard, size=100_000, seconds=40, megabytes=600, exponent=1.1),
    "250,000 MAC lines": Promise(make=macs, size=250_000, seconds=20, megabytes=400, suffix="txt"),
    "snmpwalk of 50 MB": Promise(make=walk, size=50, seconds=30, megabytes=300, suffix="snmpwalk"),
}


def child(path: str) -> None:
    """Import and judge one file and print the figures."""
    judging = Judging(store="none")
    conclusion = conclude(read([path], "auto", judging, Absent()), judging)
    used = resource.getrusage(resource.RUSAGE_SELF)
    size = sum(len(piece) for piece in pieces_of_json(conclusion.audit))
    end = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime
    figures = {
        "seconds": seconds, "megabytes": end.ru_maxrss / 1024, "assets": len(conclusion.audit.assets),
        "document": size, "written": end.ru_utime + end.ru_stime - seconds,
    }  # fmt: skip
    tell(json.dumps(figures))


def tell(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def word(keeps: bool) -> str:  # noqa: FBT001 - the value is all it is about
    """Return whether a promise is kept, in a word."""
    return "kept" if keeps else "broken"


def measure(name: str, size: int, folder: Path, rounds: int) -> tuple[float, float, dict[str, float]]:
    """Return the median processor time, the highest peak in MB, and the figures of the last round."""
    path = folder / f"{size}.{PROMISES[name].suffix}"
    PROMISES[name].make(path, size)
    figures = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.bench_scale", "--child", str(path)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        figures.append(json.loads(done.stdout))
    path.unlink()
    seconds = statistics.median(one["seconds"] for one in figures)
    return seconds, max(one["megabytes"] for one in figures), figures[-1]


def main(percent: float, names: Sequence[str]) -> int:
    """Print the table and return 1 where a promise is not kept at full size."""
    kept = True
    tell(
        f"{'what':<34}{'size':>9}{'CPU s':>8}{'at most':>9}{'peak MB':>9}{'at most':>9}"
        f"{'assets':>9}{'document MB':>13}{'in CPU s':>10}  promise"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in names or PROMISES:
            promise = PROMISES[name]
            size = max(1, int(promise.size * percent / 100))
            rounds = ROUNDS if percent >= FULL else 1
            seconds, megabytes, last = measure(name, size, Path(folder), rounds)
            keeps = seconds <= promise.seconds and megabytes <= promise.megabytes
            tell(
                f"{name:<34}{size:>9,}{seconds:>8.1f}{promise.seconds:>9}{megabytes:>9.0f}{promise.megabytes:>9}"
                f"{last['assets']:>9,.0f}{last['document'] / 1e6:>13.1f}{last['written']:>10.1f}  {word(keeps)}"
            )
            kept = kept and keeps
            if promise.exponent:
                part, _, _ = measure(name, max(1, size // 10), Path(folder), rounds)
                exponent = math.log10(seconds / part)
                keeps = exponent <= promise.exponent
                tell(f"{'  exponent over a tenth of it':<34}{exponent:>17.2f}{promise.exponent:>9}{word(keeps):>57}")
                kept = kept and keeps
    return int(percent >= FULL and not kept)


def million(assets: int) -> int:
    """Print time, peak and exponent over a hundredth, a tenth and all; return 1 where it grows too fast."""
    name = next(name for name, promise in PROMISES.items() if promise.exponent)
    tell(f"{'assets':>12}{'rows':>14}{'CPU s':>9}{'peak MB':>9}{'exponent':>10}{'at most':>9}")
    before, kept = 0.0, True
    with tempfile.TemporaryDirectory() as folder:
        for size in (assets // 100, assets // 10, assets):
            seconds, megabytes, _ = measure(name, size, Path(folder), 1)
            exponent = math.log10(seconds / before) if before else 0.0
            kept = kept and exponent <= PROMISES[name].exponent
            tell(
                f"{size:>12,}{size * HEARD_BY:>14,}{seconds:>9.1f}{megabytes:>9.0f}"
                f"{exponent:>10.2f}{PROMISES[name].exponent:>9}"
            )
            before = seconds
    return int(not kept)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    elif sys.argv[1:2] == ["--million"]:
        sys.exit(million(int(sys.argv[2]) if sys.argv[2:] else 1_000_000))
    else:
        numbers = [float(word) for word in sys.argv[1:2]]
        sys.exit(main(numbers[0] if numbers else FULL, sys.argv[2:]))
