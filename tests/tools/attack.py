"""Every boundary under attack: what is tried as the attacker, what came of it, and which guard holds.

    python -m tests.tools.attack [BOUNDARY…]             try each attack, a line each; 1 where one succeeded
    python -m tests.tools.attack --guards [BOUNDARY…]    take each guard out, in a copy; 1 where its attack still fails
    python -m tests.tools.attack --write                 write the list into docs/attacks.md

An attack is a test that plays it; one that comes through is a test that fails. `attacks.toml` names them, SECURITY.md
says what each side of a boundary is trusted with.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree import ElementTree as ET

from tests.tools import figures
from tests.tools.mutants import copy

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("attacks.toml")
PAGE = ROOT / "docs" / "attacks.md"
PATIENCE = 120.0  # seconds; without its guard an attack may well hang
HEAD = """# Attacks

What is tried at each boundary of [SECURITY.md](../SECURITY.md), what comes of it, and which guard holds it off.
`make attack` plays every line; `make attack-guards` takes each guard out of a copy, where the attack has to succeed.
This page is made by `python -m tests.tools.attack --write`.
"""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One place where a guard stands, and what is left without it."""

    file: str
    was: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attempt: whose, what is tried, what comes of it, the test that plays it, its guard."""

    boundary: str
    name: str
    outcome: str
    test: str
    guard: tuple[Edit, ...]

    @property
    def case(self) -> tuple[str, str]:
        """Return module and function as a JUnit report names them."""
        path, _, function = self.test.partition("::")
        return path.removesuffix(".py").replace("/", "."), function


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of an attack: how often it was tried, how often not, and why it came through."""

    attempts: int
    skips: int
    through: tuple[str, ...]


def attacks(boundaries: Sequence[str] = ()) -> list[Attack]:
    """Return the attacks on some boundaries, or all of them, in the order of the file."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    if unknown := set(boundaries) - set(listed):
        raise SystemExit(f"no such boundary: {', '.join(sorted(unknown))}; there are {', '.join(listed)}")
    return [
        Attack(boundary=boundary, name=name, outcome=one["outcome"], test=one["test"], guard=tuple(_edits(one)))
        for boundary, entries in listed.items()
        if not boundaries or boundary in boundaries
        for name, one in entries.items()
    ]


def _edits(one: dict) -> Iterator[Edit]:
    yield Edit(file=one["guard"], was=one["was"], without=one["without"])
    for more in one.get("also", ()):
        yield Edit(file=more.get("file", one["guard"]), was=more["was"], without=more["without"])


def tried(chosen: Sequence[Attack], home: Path = ROOT) -> dict[Attack, Trial]:
    """Play the attacks on a house, all of them in one run of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        side_by_side = ["-n", "auto", "--dist", "loadfile"] if home == ROOT else []
        words = [*side_by_side, f"--junitxml={report}"]
        _pytest(home, [*words, *sorted({one.test for one in chosen})], patience=None)
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own run
    return {one: _trial([case for case in cases if _is_of(case, one)]) for one in chosen}


def _is_of(case: ET.Element, one: Attack) -> bool:
    return (case.get("classname", ""), case.get("name", "").partition("[")[0]) == one.case


def _trial(cases: Sequence[ET.Element]) -> Trial:
    through = [
        f"{case.get('name', '')}: {problem.get('message', '')[:200]}"
        for case in cases
        for problem in (*case.iter("failure"), *case.iter("error"))
    ]
    skips = sum(case.find("skipped") is not None for case in cases)
    return Trial(attempts=len(cases) - skips, skips=skips, through=tuple(through))


def _pytest(home: Path, words: Sequence[str], patience: float | None = PATIENCE) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    given = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=home, env=given, capture_output=True, text=True, check=False, timeout=patience)


def attack(boundaries: Sequence[str]) -> int:
    """Print a line for each attack, boundary by boundary; return how many succeeded or could not be made."""
    chosen, wrong, attempts = attacks(boundaries), 0, 0
    names = list(dict.fromkeys(one.boundary for one in chosen))
    for name in names:
        for one, trial in tried([one for one in chosen if one.boundary == name]).items():
            held = trial.attempts > 0 and not trial.through
            wrong += not held
            attempts += trial.attempts
            say(line(one, trial, held=held))
    figure = f"{len(chosen)} attacks on {len(names)} boundaries, {attempts} attempts"
    say(f"{figure}: {wrong} succeeded or could not be made")
    if not boundaries:
        figures.keep("attacks", "attack", f"{figure}, {wrong} successes", held=not wrong)
    return wrong


def line(one: Attack, trial: Trial, *, held: bool) -> str:
    """Return boundary, attack, what came of it, and whether it was held off."""
    mark = "held    " if held else "SUCCEEDS" if trial.through else "NOT MADE"
    missing = f", {trial.skips} not made" if trial.skips else ""
    told = one.outcome if held else "; ".join(trial.through[:3]) or "nothing was tried: a part is missing here"
    return f"{mark}  {one.boundary}: {one.name} → {told}  [{trial.attempts} attempts{missing}]"


def guards(boundaries: Sequence[str]) -> int:
    """Take each guard out and print whether its attack succeeds; return how many do not."""
    chosen, wrong = attacks(boundaries), 0
    with tempfile.TemporaryDirectory(prefix="guards-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        houses = SimpleQueue[Path]()
        for number in range(os.cpu_count() or 1):
            houses.put(copy(Path(folder, str(number))))
        for one, told in zip(chosen, pool.map(lambda one: unguarded(one, houses), chosen), strict=True):
            wrong += bool(told)
            mark = "DOES NOT BITE" if told else "bites        "
            say(f"{mark}  {one.boundary}: {one.name}  [{one.guard[0].file} → {one.test}]{told and f'  {told}'}")
    say(f"{len(chosen)} guards taken out: {len(chosen) - wrong} attacks succeeded then, {wrong} did not")
    if not boundaries:
        figure = f"{len(chosen) - wrong} of {len(chosen)} guards: without it the attack succeeds"
        figures.keep("attacks", "attack-guards", figure, held=not wrong)
    return wrong


def unguarded(one: Attack, houses: "SimpleQueue[Path]") -> str:
    """Play an attack in a house without its guard; return why it did not succeed, if so."""
    home = houses.get()
    whole = {edit.file: (home / edit.file).read_bytes() for edit in one.guard}
    try:
        for edit in one.guard:
            path = home / edit.file
            text = path.read_text(encoding="utf-8")
            if text.count(edit.was) != 1:
                return f"the guard stands {text.count(edit.was)} times in {edit.file}"
            path.write_text(text.replace(edit.was, edit.without), encoding="utf-8")
        done = _pytest(home, ["-x", one.test])
    except subprocess.TimeoutExpired:
        return ""
    finally:
        for file, octets in whole.items():
            (home / file).write_bytes(octets)
        houses.put(home)
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    return "" if done.returncode == 1 else last


def page() -> str:
    """Return docs/attacks.md: a table for each boundary."""
    lines, before = [HEAD], ""
    for one in attacks():
        if one.boundary != before:
            lines.append(
                f"\n## {one.boundary.capitalize()}\n\n| tries | what comes of it | guard | test |\n|---|---|---|---|\n"
            )
            before = one.boundary
        path, _, function = one.test.partition("::")
        lines.append(f"| {one.name} | {one.outcome} | `{one.guard[0].file}` | `{function}` in `{path}` |\n")
    return "".join(lines)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Do what the words ask."""
    if words == ["--write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    do: Callable[[Sequence[str]], int] = guards if words[:1] == ["--guards"] else attack
    return int(bool(do([word for word in words if word != "--guards"])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
