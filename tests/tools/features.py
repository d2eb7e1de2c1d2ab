"""What users of such tools ask for, and whether this program has it: each asked of the program itself.

    python -m tests.tools.features [ROW…]       `make features` asks all of docs/features.toml

A row is answered by a command whose exit code and words are compared, in a folder where the sample network was scanned
once, or by a test. A word that the command itself holds shows nothing and is refused.
"""

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "features.toml"
ROWS = 96
WANTED = 92
SECONDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One row: what is asked, and a command with the words that must come out, or a test."""

    row: int
    asks: str
    run: str = ""
    shows: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    code: int = 0
    test: str = ""

    def faults(self) -> Iterator[str]:
        """Yield why the row could not fail, or could not be asked."""
        if bool(self.run) == bool(self.test):
            yield "wants a command or a test, one of them"
        if self.run and not self.shows:
            yield "shows nothing, so it cannot fail"
        yield from (f"'{text}' stands in the command itself" for text in self.shows if text in self.run)
        if self.test and not self._is_there():
            yield f"there is no test {self.test}"

    def _is_there(self) -> bool:
        path, _, name = self.test.partition("::")
        file = ROOT / path
        return file.is_file() and f"def {name}(" in file.read_text(encoding="utf-8")


def features() -> tuple[str, list[Feature]]:
    """Return what is done once before, as a shell's commands, and the rows."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    lists = ("shows", "never")
    rows = [{key: tuple(value) if key in lists else value for key, value in row.items()} for row in table["feature"]]
    return table["before"], [Feature(**row) for row in rows]


def shell(command: str, folder: Path, seconds: float = SECONDS) -> tuple[int, str]:
    """Run a shell's commands in a folder with an empty home; return exit code and both outputs."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {key: value for key, value in os.environ.items() if not key.startswith(("AUDITOR_", "XDG_"))}
    settings = own | {
        "PATH": path,
        "HOME": str(folder),
        "ROOT": str(ROOT),
        "SAMPLES": str(ROOT / "samples"),
        "COLUMNS": "200",
    }
    try:
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail\n{command}"], cwd=folder, env=settings, timeout=seconds, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1, f"took longer than {seconds} s"
    return done.returncode, done.stdout.decode(errors="replace")


def tests_pass(names: Iterable[str]) -> set[str]:
    """Run tests and return those that passed, every case of them, none skipped."""
    wanted = sorted(set(names))
    if not wanted:
        return set()
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    done = subprocess.run([*command, *wanted], cwd=ROOT, capture_output=True, text=True, check=False)
    results: dict[str, set[str]] = {}
    for name, verdict in re.findall(r"(?m)^(\S+?::\w+)(?:\[.*?\])? (PASSED|FAILED|SKIPPED|ERROR)", done.stdout):
        results.setdefault(name, set()).add(verdict)
    return {name for name, verdicts in results.items() if verdicts == {"PASSED"}}


def answer(feature: Feature, folder: Path, passed: set[str]) -> str:
    """Return nothing where the program has what a row asks, else what was missing."""
    if feature.test:
        return "" if feature.test in passed else f"{feature.test} does not pass"
    code, text = shell(feature.run, folder)
    plain = re.sub(r"\s+", " ", text)
    if code != feature.code:
        return f"ended with {code}: {plain.strip()[-160:]}"
    missing = [word for word in feature.shows if re.sub(r"\s+", " ", word) not in plain]
    extra = [word for word in feature.never if word in plain]
    return "; ".join([f"does not say '{word}'" for word in missing] + [f"says '{word}'" for word in extra])


def main(words: Sequence[str]) -> int:
    """Ask every row, or those named, and print yes or no with the total."""
    before, rows = features()
    broken = [f"row {one.row}: {fault}" for one in rows for fault in one.faults()]
    if broken:
        sys.stderr.write("\n".join(broken) + "\n")
        return 2
    rows = [one for one in rows if not words or str(one.row) in words]
    start, count = time.monotonic(), 0
    passed = tests_pass(one.test for one in rows if one.test)
    with TemporaryDirectory(prefix="auditor-features-") as name:
        code, text = shell(before, Path(name))
        if code:
            sys.stderr.write(f"what is done before ended with {code}: {text[-2000:]}\n")
            return 2
        for one in rows:
            why = answer(one, Path(name), passed)
            count += not why
            shown = one.test or one.run.replace("\n", " ; ")
            sys.stdout.write(f"{'no ' if why else 'yes'} {one.row:3} {one.asks}  [{why or shown:.160}]\n")
            sys.stdout.flush()
    sys.stdout.write(f"{count} of {len(rows)} yes, in {time.monotonic() - start:.0f} s\n")
    return 0 if count >= min(WANTED, len(rows)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
