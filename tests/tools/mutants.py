"""Break the code that decides in 200 ways, one at a time, and see that a test notices.

`make mutants`.

Which tests are asked of a mutant is measured: those that ran the broken line when nothing was broken, the quickest
first. Each mutant lives in a copy of the house; this tree is never touched. Mutants that nobody can notice stand by
name, with the reason, in `mutants_equivalent.toml`; others take their place. (`tests.tools.mutate` breaks the rules,
which are data.)
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.tools.mutations import Mutation, mutations

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.toml")
BROKEN = ("judge/*", "rules/match", "assets/merge", "assets/place", "policy/oblige", "snmp/walk", "snmp/question")
ASKED = (
    "assets", "judge", "policy", "snmp", "collect/test_snmp.py",
    "collect/test_snmp_plan.py", "rules/test_rules_match.py",
    "report/test_explain.py", "test_hearsay.py", "test_judge_services.py", "test_label_lines.py", "test_mentions.py",
    "test_pipeline.py", "test_traps.py",
)  # fmt: skip
COPIED = ("auditor", "oui_rules", "samples", "tests", "pyproject.toml")
SEED, NUMBER, WANTED = "2026", 200, 0.95
FIRST = 40  # tests asked at first; where none of them notices, all are
SLOW = 1.0  # seconds of a test with what its file shares
PATIENCE = 60.0  # seconds; a mutant that takes longer is noticed by whoever waits for it


def main() -> int:
    """Print each mutant that nobody noticed, and the share noticed.

    Return 1 where that is too little.
    """
    chosen, stale = choose()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        lines = covered(copy(Path(folder, "whole")))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            houses = SimpleQueue[Path]()
            for number in range(os.cpu_count() or 1):
                houses.put(copy(Path(folder, str(number))))
            noticed = pool.map(lambda one: is_noticed(one, _tests(one, lines), houses), chosen)
            alive = list(_alive(chosen, noticed))
    for name in stale:
        sys.stdout.write(f"no such mutation any more: {name}\n")
    share = 1 - len(alive) / len(chosen)
    sys.stdout.write(
        f"{len(chosen) - len(alive)} of {len(chosen)} mutants noticed, {share:.1%}; wanted: {WANTED:.0%}\n"
    )
    return int(share < WANTED or bool(stale))


def _alive(chosen: Iterable[Mutation], noticed: Iterable[bool]) -> Iterator[Mutation]:
    """Yield those that nobody noticed, and print each at once."""
    for one, seen in zip(chosen, noticed, strict=True):
        if not seen:
            sys.stdout.write(f"nobody noticed {one}\n")
            sys.stdout.flush()
            yield one


def choose() -> tuple[list[Mutation], list[str]]:
    """Return the mutants of this run, as the seed draws them, and the equivalents that are gone."""
    equivalent = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    known = {f"{path} {name}" for path, names in equivalent.items() for name in names}
    every = [one for path in _paths() for one in mutations(ROOT, path)]
    left = [one for one in every if f"{one.path} {one.name}" not in known]
    stale = known - {f"{one.path} {one.name}" for one in every}
    return sorted(left, key=_lot)[:NUMBER], sorted(stale)


def _lot(one: Mutation) -> str:
    return hashlib.sha256(f"{SEED} {one.path} {one.name}".encode()).hexdigest()


def _paths() -> Iterator[str]:
    for pattern in BROKEN:
        yield from sorted(str(path.relative_to(ROOT)) for path in (ROOT / "auditor").glob(f"{pattern}.py"))


def copy(home: Path) -> Path:
    """Copy what the tests need to run elsewhere."""
    home.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, home / name)
    return home


def covered(home: Path) -> dict[tuple[str, int], list[str]]:
    """Run the tests once and return, for each line, the tests that ran it.

    The quickest of every function first.
    """
    places = [f"tests/{name}" for name in ASKED]
    words = ["-p", "tests.tools.mutants_map", "-m", "not slow and not real", *places]
    done = _pytest(home, words, timeout=1200)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"the tests do not run where nothing is broken:\n{done.stdout[-2000:]}")
    found = json.loads((home / "map.json").read_text(encoding="utf-8"))
    return {(path, int(line)): _quickest(tests) for path, lines in found.items() for line, tests in lines.items()}


def _tests(one: Mutation, lines: dict[tuple[str, int], list[str]]) -> list[str]:
    """Return the tests that ran a line.

    Inside a long expression only its first lines are counted.
    """
    return next((lines[one.path, line] for line in range(one.line, 0, -1) if (one.path, line) in lines), [])


def _quickest(tests: dict[str, float]) -> list[str]:
    """Return tests by time, those that share much work last.

    Of each function one set of parameters comes first.
    """
    turns: Counter[str] = Counter()
    order = []
    for name in sorted(tests, key=lambda name: (tests[name], name)):
        function = name.partition("[")[0]
        order.append((tests[name] > SLOW, turns[function], tests[name], name))
        turns[function] += 1
    return [name for *_, name in sorted(order)]


def is_noticed(one: Mutation, tests: Sequence[str], houses: "SimpleQueue[Path]") -> bool:
    """Tell whether a test fails or hangs in a house in which one node is broken."""
    home = houses.get()
    path = home / one.path
    try:
        path.write_text(one.source(), encoding="utf-8")
        return any(_fails(home, batch) for batch in (tests[:FIRST], tests[FIRST:]) if batch)
    finally:
        shutil.copy(ROOT / one.path, path)
        houses.put(home)


def _fails(home: Path, tests: Iterable[str]) -> bool:
    names = home / "tests.txt"
    names.write_text("\n".join(tests), encoding="utf-8")
    try:
        return _pytest(home, ["-x", f"@{names}"], timeout=PATIENCE).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def _pytest(home: Path, words: Sequence[str], *, timeout: float) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    given = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=home, env=given, capture_output=True, text=True, check=False, timeout=timeout)


if __name__ == "__main__":
    sys.exit(main())
