"""The measurement of scale runs, small, and tells what each promise comes to."""

import subprocess
import sys


def test_scale_is_measured_by_processes_of_their_own() -> None:
    names = ("200 switches of 2,500 rows", "250,000 MAC lines")
    words = [sys.executable, "-m", "tests.bench.bench_scale", "0.5", *names]

    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[1:]] == list(names)


def test_growth_is_measured_over_three_sizes() -> None:
    words = [sys.executable, "-m", "tests.bench.bench_scale", "--million", "3000"]

    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)

    assert [line.split()[:2] for line in done.stdout.splitlines()[1:]] == [
        ["30", "600"],
        ["300", "6,000"],
        ["3,000", "60,000"],
    ]
