"""What keeping a run costs: imports with a store and without, what changed, a year of nights.

    python -m tests.bench.bench_store [devices …]

Devices are those of `bench_scale`, heard by twenty switches each. The second night is as the first, in the third every
hundredth device hangs elsewhere. Each figure is of a process of its own, the median of so many rounds as `--rounds N`
says (three). Ends with 1 where a promise is broken.
"""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tests.bench.bench_scale import ROUNDS, heard, tell, word

SIZES = (10_000, 100_000)
TIMES, DIFF_S = 1.3, {10_000: 3.0, 100_000: 10.0}
# What only the smaller of the two sizes promises: memory of what changed, lists of a year, its octets.
SMALL, DIFF_MB, YEAR_S, YEAR_GB, NIGHTS = 10_000, 300, 3.0, 1.5, 365
Figures = dict[str, float]
IMPORT = ("import", "-f", "counts-csv", "-o", "counts.csv", "--fail-on", "never", "-q", "--no-progress")


class Usage(NamedTuple):
    """What one process took: processor time in seconds, the peak of its memory in MB."""

    seconds: float
    megabytes: float


def usage(words: Sequence[str], folder: Path, codes: Sequence[int] = (0, 3)) -> Usage:
    """Return what the program takes with these words."""
    with (folder / "said").open("wb") as said:
        run = subprocess.Popen([sys.executable, "-m", "auditor", *words], cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode not in codes:
        raise SystemExit(f"{' '.join(words)} ended with {run.returncode}: {(folder / 'said').read_text()[-500:]}")
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def octets(folder: Path) -> int:
    """Return the size of a store with its journals."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(devices: int, folder: Path) -> Figures:
    """Return the figures of one round: without a store, three nights with one, what changed, a year."""
    night, other = folder / "night.jsonl", folder / "moved.jsonl"
    if not night.exists():
        heard(night, devices)
        heard(other, devices, moves=100)
    home = Path(tempfile.mkdtemp(dir=folder))
    store = f"{home}/s.db"
    figures = {"alone": usage((*IMPORT, str(night), "--store", "none"), folder).seconds}
    figures["first"] = usage((*IMPORT, str(night), "--store", store), folder).seconds
    before = octets(home)
    figures["second"] = usage((*IMPORT, str(night), "--store", store), folder).seconds
    figures["night"] = octets(home) - before
    usage((*IMPORT, str(other), "--store", store), folder)
    figures["diff"], figures["diff MB"] = usage(("diff", "--store", store, "-f", "json"), folder, (0, 1, 3))
    if devices <= SMALL:
        repeat(Path(store), NIGHTS)
        figures["list"] = usage(("devices", "list", "--store", store, "-f", "json"), folder).seconds
        figures["show"] = usage(("devices", "show", "D-42", "--store", store, "-f", "json"), folder).seconds
    shutil.rmtree(home)
    return figures


def repeat(store: Path, nights: int) -> None:
    """Put the second run of a store into it again, on each of so many nights before."""
    with closing(sqlite3.connect(store)) as base:
        columns = {
            table: [name for _, name, *_ in base.execute(f"PRAGMA table_info({table})")]
            for table in ("run", "run_site", "sighting")
        }
        places = [number for (number,) in base.execute("SELECT id FROM run_site WHERE run = 2")]
        for night in range(1, nights + 1):
            when = {name: f"strftime('%Y-%m-%dT%H:%M:%SZ', {name}, '-{night} days')" for name in ("started", "ended")}
            run = _copy(base, columns, "run", 2, {"number": "NULL", "id": f"id || '-{night}'", **when})
            for place in places:
                own = _copy(base, columns, "run_site", place, {"id": "NULL", "run": str(run), **when})
                _copy(base, columns, "sighting", place, {"run_site": str(own)})
        base.execute("UPDATE device SET runs = runs + ?", (nights,))
        base.commit()


def _copy(base: sqlite3.Connection, columns: dict[str, list[str]], table: str, of: int, cells: dict[str, str]) -> int:
    """Copy the rows of a table that have a key, some cells otherwise; return the key of the last."""
    names, key = columns[table], columns[table][0]
    values = ", ".join(cells.get(name, name) for name in names)
    words = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {key} = ?"  # noqa: S608 - ours
    return base.execute(words, (of,)).lastrowid or 0


def rows(devices: int, figures: Figures) -> list[tuple[str, float, float]]:
    """Return what is promised of so many devices: in words, the figure, and at most."""
    at_most = min((limit for size, limit in DIFF_S.items() if devices <= size), default=max(DIFF_S.values()))
    promises = [
        ("first night with a store, times without", figures["first"] / figures["alone"], TIMES),
        ("a later night with a store, times without", figures["second"] / figures["alone"], TIMES),
        ("what changed in the last night, s", figures["diff"], at_most),
    ]
    if devices <= SMALL:
        promises += [
            ("what changed in the last night, MB", figures["diff MB"], DIFF_MB),
            (f"devices over {NIGHTS} nights, s", figures["list"], YEAR_S),
            (f"one device over {NIGHTS} nights, s", figures["show"], YEAR_S),
            ("a year of quiet nights, store and journals, GB", figures["night"] * NIGHTS / 1e9, YEAR_GB),
        ]
    return promises


def main(sizes: Sequence[int], rounds: int, show: Callable[[str], None] = tell) -> int:
    """Print a row a promise and return 1 where one is broken."""
    is_broken = False
    for devices in sizes:
        with tempfile.TemporaryDirectory() as folder:
            each = [measure(devices, Path(folder)) for _ in range(rounds)]
        median = {name: statistics.median(one[name] for one in each) for name in each[0]}
        spans = ", ".join(f"{name} {median[name]:.1f} s" for name in ("alone", "first", "second"))
        show(f"{devices:,} devices: {spans}")
        for what, figure, at_most in rows(devices, median):
            show(f"  {what:<50}{figure:>8.2f}{at_most:>8}  {word(figure <= at_most)}")
            is_broken = is_broken or figure > at_most
    return int(is_broken)


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(given.index("--rounds") + 1)) if "--rounds" in given else ROUNDS
    sys.exit(main([int(one) for one in given if one.isdecimal()] or SIZES, number))
