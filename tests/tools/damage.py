"""A store damaged at random octets: one clear line, never a traceback, never a wrong verdict.

python -m tests.tools.damage [times] [seed]   prints a line a trial and the share that `store check` finds
"""

import json
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from auditor.cli import main as auditor
from auditor.formats.document import to_document
from auditor.store.runs import Store
from tests.tools.audits import large
from tests.tools.stores import keep, row

TIMES = 100
# So many octets at most, in so many places.
PLACES = 4
COMMANDS = (("runs", "-f", "json"), ("report", "-f", "json"), ("assets", "-f", "json"), ("removal", "list"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageTrial:
    """What became of one damaged store: what is wrong with it, how many commands said so, whether check did.

    `is_content`: a row reads otherwise than before, or not at all; the rest hit free space.
    """

    wrong: tuple[str, ...]
    refusals: int
    is_noticed: bool
    is_content: bool


def make(path: Path, nights: int = 3) -> None:
    """Write a store of some nights."""
    store = Store(path)
    document = dict(to_document(large(60, 20)))
    for night in range(1, nights + 1):
        run = row(f"night{night}", f"2026-11-{night:02}T05:00:00Z")
        keep(store, run, document | {"notes": [f"night {night}"]})


def rows(path: Path) -> object:
    """Return every row of every table as SQLite reads them, without our own code."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            base.text_factory = bytes
            names = [name.decode() for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: base.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608
    except (sqlite3.Error, UnicodeDecodeError) as exc:
        return repr(exc)


def answers(path: Path) -> list[tuple[int, str, str]]:
    """Return what commands say of a store: exit code, stdout, stderr."""
    shown = [CliRunner().invoke(auditor, [*words, "--store", str(path)]) for words in COMMANDS]
    return [(one.exit_code, one.stdout, one.stderr) for one in shown]


def trial(whole: Path, want: list[tuple[int, str, str]], chance: random.Random) -> DamageTrial:
    """Damage a copy of a store at random and look at what is said of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auditor.db"
        shutil.copy(whole, path)
        path.chmod(0o600)
        octets = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, PLACES)):
            octets[chance.randrange(len(octets))] ^= chance.randint(1, 255)
        path.write_bytes(octets)
        is_content = rows(path) != rows(whole)
        check = CliRunner().invoke(auditor, ["store", "check", "--store", str(path)])
        wrong, refusals = [], 0
        for words, one, sound in zip(COMMANDS, answers(path), want, strict=True):
            wrong += [f"{words[0]}: {problem}" for problem in faults(one, sound)]
            refusals += one[0] == 2
        wrong += ["check: a traceback"] if "Traceback" in check.stderr or check.exit_code not in {0, 1, 2} else []
    return DamageTrial(wrong=tuple(wrong), refusals=refusals, is_noticed=check.exit_code != 0, is_content=is_content)


def faults(one: tuple[int, str, str], sound: tuple[int, str, str]) -> list[str]:
    """Return what is wrong with an answer: neither that of the sound store nor one clear line."""
    code, stdout, stderr = one
    if "Traceback" in stderr or code not in {0, 1, 2}:
        return [f"ends with {code}: {stderr.strip().splitlines()[-1:]}"]
    if code == 2:
        return [] if len(stderr.strip().splitlines()) == 1 else [f"{stderr.count(chr(10))} lines: {stderr[:200]}"]
    return [] if (code, _plain(stdout)) == (sound[0], _plain(sound[1])) else ["another answer"]


def _plain(stdout: str) -> object:
    """Return an answer without where journals lie, which says nothing of devices."""
    try:
        rows = json.loads(stdout)
    except ValueError:
        return stdout
    return [{**row, "journal": ""} if "journal" in row else row for row in rows] if isinstance(rows, list) else rows


def main() -> int:
    times, seed = (int(word) for word in (*sys.argv[1:], *(str(TIMES), "7")[len(sys.argv) - 1 :]))
    chance, counts = random.Random(seed), Counter()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "auditor.db"
        make(whole)
        want = answers(whole)
        for at in range(times):
            one = trial(whole, want, chance)
            counts.update(noticed=one.is_noticed, refused=one.refusals > 0, wrong=bool(one.wrong))
            counts.update(content=one.is_content, noticed_content=one.is_content and one.is_noticed)
            said = "found" if one.is_noticed else "-"
            print(f"{at + 1:4} {said:5} {one.refusals} refusals {'; '.join(one.wrong)}")  # noqa: T201 - its output
    share = counts["noticed_content"] / max(counts["content"], 1)
    figures = (
        f"{times} damaged stores, seed {seed}: in {counts['content']} a row reads otherwise, of which check finds "
        f"{share:.0%}; it finds {counts['noticed']} in all; commands are refused in {counts['refused']}; "
        f"wrong: {counts['wrong']}"
    )
    print(figures)  # noqa: T201 - its output
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
