"""What keeping a run costs: an import with a store beside one without, two nights, and what changed between them.

    python -m tests.bench.bench_store [devices …]

Devices are those of `bench_scale`, heard by twenty switches each; each figure is processor time of a process of its
own, the median of so many rounds as `--rounds N` says (three). Ends with 1 where a promise is broken.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.bench_scale import ROUNDS, heard, tell, word

SIZES = (10_000, 100_000)
TIMES, DIFF_S = 1.3, {10_000: 3.0, 100_000: 10.0}
Figures = dict[str, float]
IMPORT = ("import", "-f", "counts-csv", "-o", "counts.csv", "--fail-on", "never", "-q", "--no-progress")


def seconds(words: Sequence[str], folder: Path, codes: Sequence[int] = (0, 3)) -> float:
    """Return the processor time of the program with these words, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(devices: int, folder: Path) -> Figures:
    """Return the seconds of one round: without a store, a first and a second night, their diff."""
    path = folder / "night.jsonl"
    if not path.exists():
        heard(path, devices)
    store = tempfile.mkdtemp(dir=folder)
    kept = (*IMPORT, str(path), "--store", f"{store}/s.db")
    return {
        "alone": seconds((*IMPORT, str(path), "--store", "none"), folder),
        "first": seconds(kept, folder),
        "second": seconds(kept, folder),
        "diff": seconds(("diff", "--store", f"{store}/s.db", "-f", "json"), folder, (0, 1, 3)),
    }


def rows(devices: int, figures: Figures) -> list[tuple[str, float, float]]:
    """Return what is promised of so many devices: in words, the figure, and at most."""
    at_most = min((limit for size, limit in DIFF_S.items() if devices <= size), default=max(DIFF_S.values()))
    return [
        ("first night with a store, times without", figures["first"] / figures["alone"], TIMES),
        ("a later night with a store, times without", figures["second"] / figures["alone"], TIMES),
        ("what changed between them, s", figures["diff"], at_most),
    ]


def main(sizes: Sequence[int], rounds: int, show: Callable[[str], None] = tell) -> int:
    """Print a row a promise and return 1 where one is broken."""
    is_broken = False
    for devices in sizes:
        with tempfile.TemporaryDirectory() as folder:
            each = [measure(devices, Path(folder)) for _ in range(rounds)]
        median = {name: statistics.median(one[name] for one in each) for name in each[0]}
        show(f"{devices:,} devices: " + ", ".join(f"{name} {value:.1f} s" for name, value in median.items()))
        for what, figure, at_most in rows(devices, median):
            show(f"  {what:<45}{figure:>8.2f}{at_most:>8}  {word(figure <= at_most)}")
            is_broken = is_broken or figure > at_most
    return int(is_broken)


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(given.index("--rounds") + 1)) if "--rounds" in given else ROUNDS
    sys.exit(main([int(one) for one in given if one.isdecimal()] or SIZES, number))
