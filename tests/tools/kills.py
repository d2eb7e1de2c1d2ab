"""Runs that end badly, over the demo network.

Killed at random moments and resumed, journals cut anywhere, two at once, a full disk.

    python -m tests.tools.kills [kills] [pairs] [fills of each file] [cuts] [sqlite|postgresql] [device …]
    prints a line a trial and a table; ends with 1 where a promise is broken

A killed run that is resumed loses no row that was on disk, doubles none, and ends in the report of an undisturbed
one; so does one whose journal ends in the middle of a line. Of two runs on one store exactly one runs. A run that
cannot write says so in one line, leaves what was there whole, and can be gone on with.

A comparison of reports means something only where nothing depends on the clock: the one device that answers nobody is
left out, so that every failure is told at once (a closed port, a refused login), and waits and deadlines are longer
than any load is likely to be.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from auditor.lab import network as networks
from auditor.lab.play import Lab, play
from auditor.lab.samples import home
from auditor.store.runs import Store
from tests.tools import figures, postgres
from tests.tools.postgres import Postgres

PATIENCE = 300
HASTY = "timeout = 0.6\nretries = 1"
DEPOT = "[site.depot]\n"
OWN = "limits = { packets_per_second = 2000 }\n"
PATIENT = "timeout = 3\nretries = 4"
ENDED = {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 130, signal.SIGINT: 130}
# What a packed file begins with (RFC 1952).
PACKED = b"\x1f\x8b"
ROW = tuple[str, str, str]
# The files beside a journal are never larger.
SMALLEST = 400
Report = dict[str, object]
TARGETS = {"sqlite": "kills", postgres.SORT: "kills STORE=postgresql"}


class Counts(NamedTuple):
    """How often each thing is done to runs."""

    kills: int
    pairs: int
    fills: int
    cuts: int

    def whole(self) -> dict[str, bool]:
        """Tell for each promise whether it is tried as often as is promised."""
        return {
            "R5": self.kills >= ASKED.kills and self.cuts >= ASKED.cuts,
            "R6": self.fills >= ASKED.fills,
            "R7": self.pairs >= ASKED.pairs,
        }


# As many as are promised; full disks at each file.
ASKED = Counts(kills=50, pairs=100, fills=20, cuts=20)


class Result(NamedTuple):
    """One sort of trial: of which promise, how often it was made, how often it was not as promised."""

    number: str
    what: str
    times: int
    broken: int


CAPPED = """
import resource, sys
size = int(sys.argv.pop(1))
# Half a compiled module would be found by every later run.
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from auditor.cli import main
main()
"""


class Stage:
    """The demo network being played, and how to scan it from the command line.

    With a server, each store is a database of it, and its path only says where the files beside it are.
    """

    def __init__(self, lab: Lab, folder: Path, *always: str, server: Postgres | None = None) -> None:
        self.lab, self.folder, self.always, self.server = lab, folder, always, server
        self.urls: dict[Path, str] = {}

    def store(self) -> Path:
        """Return the path of a fresh store whose hosts are known."""
        folder = self.folder / f"store-{len(self.urls) + 1}" / "auditor"
        folder.mkdir(parents=True, mode=0o700)
        (folder / "known_hosts").write_bytes(self.lab.known_hosts.read_bytes())
        path = folder / "s.db"
        self.urls[path] = self.server.new() if self.server else str(path)
        return path

    def kept(self, store: Path) -> Store:
        """Return what stands in a store."""
        return Store(self.urls[store])

    def words(self, store: Path, *more: str) -> list[str]:
        """Return the command line of a scan, without the program."""
        words = ["--config", str(self.lab.config), "scan", "-f", "json", "--no-progress", "--rate", "5000"]
        words += ["--deadline", "200", "--fail-on", "never", "--store", self.urls[store]]
        return [*words, *self.always, *more, *self.lab.targets]

    def begin(self, store: Path, *more: str, bytes_at_most: int = 0) -> subprocess.Popen[bytes]:
        """Start a scan; no file it writes may grow beyond `bytes_at_most`, as on a full disk."""
        return self.start(self.words(store, *more), store, bytes_at_most=bytes_at_most)

    def start(
        self, words: list[str], store: Path, *, stderr: int = subprocess.PIPE, bytes_at_most: int = 0
    ) -> subprocess.Popen[bytes]:
        """Start the program with these words."""
        program = ["-c", CAPPED, str(bytes_at_most)] if bytes_at_most else ["-m", "auditor"]
        command = [sys.executable, *program, *words]
        # Beside a server the files lie in the user's data folder.
        environment = os.environ | {"XDG_DATA_HOME": str(store.parent.parent)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, cwd=store.parent, env=environment)

    def run(self, store: Path, *more: str, bytes_at_most: int = 0) -> tuple[int, bytes, str]:
        """Scan to the end: exit code, stdout, stderr."""
        process = self.begin(store, *more, bytes_at_most=bytes_at_most)
        out, told = process.communicate(timeout=PATIENCE)
        return process.returncode, out, told.decode(errors="replace")


@contextmanager
def staged(*always: str, names: frozenset[str] = frozenset(), server: Postgres | None = None) -> Iterator[Stage]:
    """Play the demo network, or the devices of it that are named.

    Every scan of it takes the options `always`; stores are databases of the server where there is one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lab").mkdir()
        with play(_calm(networks.load(home() / "networks" / "demo.toml"), names), home(), folder / "lab") as lab:
            text = lab.config.read_text(encoding="utf-8").replace(HASTY, PATIENT)
            # A site with limits of its own is collected beside the other.
            lab.config.write_text(text.replace(DEPOT, f"{DEPOT}{OWN}"), encoding="utf-8")
            yield Stage(lab, folder, *always, server=server)


def _calm(network: networks.Network, names: frozenset[str]) -> networks.Network:
    """Return a network without whoever is silent, or not named where names are given."""
    told = [device for device in network.devices if not network.secret & set(device.logins.values())]
    kept = [device for device in told if not names or device.name in names]
    left = {device.name for device in kept}
    plugged = [device if device.switch in left else replace(device, switch="", port="") for device in kept]
    # Search protocols have fixed ports: another lab on the same addresses would answer in this one's place, or fall
    # silent half-way.
    sites = tuple(
        replace(site, at=site.at.replace("127.0.", f"127.{os.getpid() % 200 + 50}.")) for site in network.sites
    )
    bystanders = tuple(box for box in network.bystanders if box.switch in left)
    return replace(network, sites=sites, devices=tuple(plugged), bystanders=bystanders)


def told(document: bytes) -> Report:
    """Return what an audit says, without its id and times.

    The summary, each asset and each reason, by where it stands.
    """
    entries = json.loads(document)
    assets = {f"asset {asset['key']}": asset for asset in entries["assets"]}
    unread = Counter(f"unread {json.dumps(row | {'at': ''}, sort_keys=True)}" for row in entries["unread"])
    return {"summary": entries["summary"]} | assets | unread


def rows(journal: bytes) -> list[tuple[ROW, str]]:
    """Return who was read by whom and what was said, of every whole line."""
    lines = [json.loads(line) for line in journal.split(b"\n")[:-1] if line]
    return [
        ((line["collector"], line["target"]["site"], line["target"]["address"]), json.dumps(line["facts"]))
        for line in lines
        if line["type"] == "observation"
    ]


def run_of(journal: bytes) -> str:
    """Return the id of the run a journal opens with."""
    return str(json.loads(journal.partition(b"\n")[0])["id"])


def journal_of(store: Path) -> Path | None:
    """Return the journal of the one run, packed where the run is done."""
    found = sorted((store.parent / "journals").glob("*.jsonl*"))
    return found[0] if found else None


def content(journal: Path) -> bytes:
    """Return what a journal holds, packed or not."""
    data = journal.read_bytes()
    return gzip.decompress(data) if data.startswith(PACKED) else data


def killed(stage: Stage, want: Report, after: float, number: signal.Signals = signal.SIGKILL) -> list[str]:
    """End a run by a signal after some seconds, resume it; return what was not as promised."""
    store = stage.store()
    process = stage.begin(store)
    time.sleep(after)
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    # Before it can be told to stop well it is ended outright, and it may have been over already.
    if process.returncode not in {ENDED[number], -number, 3}:
        return [f"ended with {process.returncode} by {number.name}"]
    return _resumed(stage, want, store)


def cut(stage: Stage, want: Report, journal: bytes, at: int) -> list[str]:
    """Resume a run whose journal ends after so many octets; return what was not as promised."""
    store = stage.store()
    path = store.parent / "journals" / f"{run_of(journal)}.jsonl"
    path.parent.mkdir()
    path.write_bytes(journal[:at])
    return _resumed(stage, want, store)


def _resumed(stage: Stage, want: Report, store: Path) -> list[str]:
    journal = journal_of(store)
    if journal is None or not content(journal).count(b"\n"):
        return []
    before = rows(content(journal))
    code, out, error = stage.run(store, "--resume", run_of(content(journal)))
    if code not in {0, 3}:
        return [f"resume ended with {code}: {error.strip()[-200:]}"]
    after_rows = rows(content(journal_of(store) or journal))
    wrong = [f"lost {row}" for row, _ in Counter(_settled(before, after_rows)) - Counter(after_rows)]
    wrong += [f"doubled {row}" for row, count in Counter(row for row, _ in after_rows).items() if count > 1]
    return wrong + _differences(want, told(out)) + _sound(stage, store, 1)


def _differences(want: Report, got: Report) -> list[str]:
    return [
        f"killed, the report differs in {where}: {want.get(where)} -> {got.get(where)}"[:600]
        for where in sorted(want.keys() | got.keys())
        if want.get(where) != got.get(where)
    ]


def _settled(before: list[tuple[ROW, str]], after: list[tuple[ROW, str]]) -> list[tuple[ROW, str]]:
    """Return the rows whose device was not asked again.

    A device that failed may say the same in other words.
    """
    asked_again = {row for row, said in after} - {row for row, said in before}
    return [(row, said) for row, said in before if row not in asked_again]


def paired(stage: Stage) -> list[str]:
    """Start two runs on one store and return what was not as promised."""
    store = stage.store()
    both = [stage.begin(store), stage.begin(store)]
    told_by = [process.communicate(timeout=PATIENCE)[1].decode(errors="replace") for process in both]
    codes = sorted(process.returncode for process in both)
    if codes != [3, 5]:
        return [f"exit codes {codes}: {told_by}"]
    return _sound(stage, store, 1)


def filled(stage: Stage, size: int) -> list[str]:
    """Run with room for `size` octets a file, over an old report; return what was not promised."""
    store = stage.store()
    report = store.parent / "report.json"
    report.write_text("the old report")
    code, _, error = stage.run(store, "-o", str(report), bytes_at_most=size)
    wrong = []
    if code in {0, 3}:
        return [] if report.stat().st_size > len("the old report") else ["ended well without a report"]
    lines = [line for line in error.splitlines() if line.startswith("auditor: ")]
    if code != 2 or len(lines) != 1 or "Traceback" in error:
        wrong.append(f"exit code {code}, told {error.strip()[-300:]!r}")
    if not all("contacted" in line for line in lines):
        wrong.append(f"not told who was contacted: {error.strip()[-300:]!r}")
    if report.read_text() != "the old report":
        wrong.append("the old report is gone")
    if [path.name for path in store.parent.iterdir() if path.name.endswith((".new", ".tmp", ".part"))]:
        wrong.append("half a file was left")
    return wrong + _sound(stage, store) + _can_go_on(stage, store)


def _sound(stage: Stage, store: Path, runs: int | None = None) -> list[str]:
    """Return what is damaged in a store, and whether it holds another number of runs."""
    kept = stage.kept(store)
    if not kept.exists():
        return [] if runs is None else ["there is no store"]
    wrong = list(kept.damage(whole=True))
    count = len(kept.runs())
    return wrong if runs in {None, count} else [*wrong, f"{count} runs are stored"]


def _can_go_on(stage: Stage, store: Path) -> list[str]:
    journal = journal_of(store)
    if journal is None or not content(journal):
        return []
    if not content(journal).endswith(b"\n"):
        return ["the journal ends in half a line"]
    code, _, error = stage.run(store, "--resume", run_of(content(journal)))
    return _sound(stage, store, 1) if code == 3 else [f"resume ended with {code}: {error.strip()[-200:]}"]


def main(words: list[str]) -> int:
    """Run the trials asked for and print what came of them; figures of full counts are kept."""
    words += [*map(str, ASKED), "sqlite"][len(words) :]
    asked = Counts(*map(int, words[:4]))
    with database(words[4]) as server, staged(names=frozenset(words[5:]), server=server) as stage:
        results = list(_played(stage, asked, random.Random()))
    if not words[5:]:
        for number, is_whole in asked.whole().items():
            if is_whole:
                figures.keep(number, TARGETS[words[4]], *summed(number, results))
    return int(any(one.broken for one in results))


def summed(number: str, results: Sequence[Result]) -> tuple[str, bool]:
    """Return one promise's figure in words, and whether it was held."""
    own = [one for one in results if one.number == number]
    times, broken = sum(one.times for one in own), sum(one.broken for one in own)
    parts = ", ".join(f"{one.times} {one.what}" for one in own)
    return f"{times - broken} of {times} as promised: {parts}", not broken


def _played(stage: Stage, asked: Counts, seed: random.Random) -> Iterator[Result]:
    began, store = time.monotonic(), stage.store()
    _, out, _ = stage.run(store)
    want, whole = told(out), time.monotonic() - began
    journal = content(journal_of(store) or store)
    for number in (signal.SIGKILL, signal.SIGTERM):
        moments = [seed.uniform(0.3, whole) for _ in range((asked.kills + 1) // 2)]
        trials = [lambda after=after, number=number: killed(stage, want, after, number) for after in moments]
        yield _trial("R5", number.name, trials)
    places = [seed.randrange(journal.index(b"\n") + 1, len(journal)) for _ in range(asked.cuts)]
    yield _trial("R5", "journals cut", [lambda at=at: cut(stage, want, journal, at) for at in places])
    yield _trial("R7", "pairs of runs at once", [lambda: paired(stage)] * asked.pairs)
    for what, first, last in _stops(len(journal), store, len(out)):
        sizes = [seed.randrange(first, last) for _ in range(asked.fills)]
        yield _trial("R6", f"full disks at the {what}", [lambda size=size: filled(stage, size) for size in sizes])


def _stops(journal: int, store: Path, report: int) -> Iterator[tuple[str, int, int]]:
    """Yield which file a run stops at where no file may grow beyond a size: each is larger than the one before it."""
    sizes = {"journal": journal, "store": store.stat().st_size if store.exists() else 0, "report": report}
    first = SMALLEST
    for what, last in sizes.items():
        if last > first:
            yield what, first, last
            first = last


@contextmanager
def database(sort: str) -> Iterator[Postgres | None]:
    """Run a server of PostgreSQL where stores are to stand in one."""
    programs = postgres.programs() if sort == postgres.SORT else None
    if programs is None:
        yield None
        return
    with postgres.server(programs) as server:
        yield server


def _trial(number: str, what: str, trials: list) -> Result:
    broken = 0
    for turn, trial in enumerate(trials, 1):
        wrong = trial()
        broken += bool(wrong)
        sys.stdout.writelines(f"{number}: {what} {turn}: {line}\n" for line in wrong)
        sys.stdout.flush()
    sys.stdout.write(f"{number}: {what}: {len(trials)} times, {broken} not as promised\n")
    sys.stdout.flush()
    return Result(number, what, len(trials), broken)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
