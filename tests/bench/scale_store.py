"""A store of carriers: a million devices over nights in PostgreSQL, filled by construction, and its main questions.

    python -m tests.bench.scale_store [devices] [nights] [--questions N]

Fills two sizes, a tenth and the whole (1,000,000 devices, 20 nights: 20 million sightings), so that what is said of ten
million devices rests on how both compare. Ends with 1 where a question takes longer at the whole than is promised, or a
row costs more there than at the tenth. Takes some 4 GB of disk and ten minutes; needs PostgreSQL.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import psycopg
from click.testing import CliRunner
from psycopg import sql

from auditor.cli import main as auditor
from auditor.lab.samples import home
from auditor.run.devices import device_history
from auditor.store import browse, browse_findings, documents
from auditor.store.browse import DeviceQuestion, RowWindow, SiteScope
from auditor.store.browse_findings import FindingQuestion
from auditor.store.numbers import spelled
from auditor.store.runs import Store
from auditor.store.schema import tables
from tests.bench.bench_scale import tell, word
from tests.tools import postgres

DEVICES, NIGHTS, SITE, QUESTIONS = 1_000_000, 20, 1_000, 30
# A device in so many has a finding; so many events a site and night.
FINDING, EVENTS = 5, 2
DAY = "2026-10-{:02d}T02:30:00Z"
# What a question may take at most (95th of a hundred), and how much dearer a row may be at ten times the size.
LIMIT_S, DEARER = 0.2, 1.1
# What is asked of ten million devices and ten thousand million sightings.
WANTED_DEVICES, WANTED_ROWS = 10_000_000, 10_000_000_000
COUNTED = ("sighting", "device", "mark", "document", "presence", "claim", "finding", "event")


Row = dict[str, Any]
# What is the same in every row of a table.
DEVICE = {"first": DAY.format(1), "seen": "read"}
FOUND = {"maker": "huawei", "part": "", "level": 2}
CLAIM = FOUND | {"tier": "covered", "brand": "huawei", "model": "S5720-28X", "category": "network"}
EVENT = {"sort": "changed", "key": "k", "address": "192.0.2.1", "before": "V200R010", "after": "V200R019"}


@dataclass(frozen=True, slots=True)
class Scale:
    """So many devices, seen on so many nights, a thousand a site; `first` is where their numbers begin."""

    devices: int
    nights: int
    first: int = 10_000

    @property
    def numbers(self) -> range:
        """Return the devices by number."""
        return range(self.first, self.first + self.devices)

    @property
    def sites(self) -> range:
        """Return the sites by number."""
        return range(max(1, self.devices // SITE))

    @property
    def visits(self) -> Iterator[tuple[int, int]]:
        """Yield each night and site."""
        return ((night, site) for night in range(self.nights) for site in self.sites)

    def home(self, number: int) -> int:
        """Return the site of a device by its number."""
        return (number - self.first) % len(self.sites)

    def place(self, night: int, site: int) -> int:
        """Return the number of what the run of a night did at a site."""
        return self.first + night * len(self.sites) + site

    def last(self, number: int) -> int:
        """Return the number of what the last run did at the site of a device."""
        return self.place(self.nights - 1, self.home(number))


def site_name(number: int) -> str:
    """Return what a site is called."""
    return f"site-{number:05d}"


def rows(scale: Scale, duties: int, runs: Sequence[int], asset: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield each table's rows, in an order that foreign keys allow."""
    devices = scale.numbers
    yield "document", ({"id": number, **_document(number, asset)} for number in devices)
    yield "run_site", (_visit(scale, runs, *visit) for visit in scale.visits)
    yield "device", (_device(scale, number) for number in devices)
    yield "presence", ({**_at_home(scale, number), "last": scale.last(number)} for number in devices)
    yield "mark", (row for number in devices for row in _marks(scale, number))
    yield "sighting", (row for visit in scale.visits for row in _sightings(scale, *visit))
    found = devices[FINDING - 1 :: FINDING]
    yield "finding", ({**FOUND, "device": number, "id": f"F{number:011x}", "first": DAY.format(1)} for number in found)
    yield "claim", ({**CLAIM, **_at_home(scale, number), "id": f"F{number:011x}", "duties": duties} for number in found)
    yield "event", (_event(scale, *visit) for visit in scale.visits for _ in range(EVENTS))


def _visit(scale: Scale, runs: Sequence[int], night: int, site: int) -> Row:
    day = DAY.format(night + 1)
    row = {"id": scale.place(night, site), "run": runs[night], "site": site_name(site)}
    return {**row, "started": day, "ended": day, "standing": "baseline"}


def _device(scale: Scale, number: int) -> Row:
    site, day = site_name(scale.home(number)), DAY.format(scale.nights)
    is_found = not (number - scale.first + 1) % FINDING
    row = {**DEVICE, "number": number, "site": site, "last": day, "last_read": day, "runs": scale.nights}
    row |= {"key": f"{site}/serial:2102{number:012d}", "address": _address(number), "name": f"dev-{number}"}
    row |= {"outcome": "match" if is_found else "no_match", "makers": "huawei" if is_found else ""}
    return {**row, "last_site": scale.last(number), "document": number}


def _at_home(scale: Scale, number: int) -> Row:
    return {"device": number, "site": site_name(scale.home(number))}


def _marks(scale: Scale, number: int) -> Iterator[Row]:
    for kind, value in (("serial", f"2102{number:012d}"), ("mac", f"{0x00E0FC000000 + number:012x}")):
        yield {**_at_home(scale, number), "kind": kind, "value": value}


def _sightings(scale: Scale, night: int, site: int) -> Iterator[Row]:
    place = scale.place(night, site)
    for position, number in enumerate(scale.numbers[site :: len(scale.sites)]):
        yield {"run_site": place, "position": position, "device": number, "document": number}


def _event(scale: Scale, night: int, site: int) -> Row:
    device = random.choice(scale.numbers)
    return {**EVENT, "run_site": scale.place(night, site), "device": device, "because": "firmware"}


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _document(number: int, asset: str) -> dict[str, bytes]:
    """Return the document of a device: that of the sample with a key of its own."""
    before, key, after = asset.partition('"key":"')
    text = f"{before}{key}serial:2102{number:012d}" + after[after.index('"') :]
    return {"sha256": documents.sha256(text), "body": documents.pack(text)}


def fill(url: str, scale: Scale) -> float:
    """Fill an empty database behind so many real runs; return the seconds it took."""
    sample = str(home() / "huawei" / "s5720.snmprec")
    for _ in range(scale.nights):
        done = CliRunner().invoke(auditor, ["import", sample, "--store", url, "-q", "--fail-on", "never", "-f", "text"])
        if done.exit_code not in {0, 3}:
            raise SystemExit(done.output)
    start = time.perf_counter()
    with psycopg.connect(url) as base:
        duties = base.execute("SELECT max(duties) FROM duty").fetchone()[0]
        runs = [number for (number,) in base.execute("SELECT number FROM run ORDER BY number").fetchall()]
        row = base.execute("SELECT d.sha256, d.body FROM document d JOIN sighting s ON s.document = d.id").fetchone()
        asset = documents.unpack(0, *row)
        for name, entries in rows(scale, duties, runs, asset):
            _copy(base, name, entries)
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("VACUUM ANALYZE")
    return time.perf_counter() - start


def _copy(base: psycopg.Connection[Any], name: str, entries: Iterator[dict[str, Any]]) -> None:
    first = next(entries)
    columns = [column.name for column in tables.tables[name].columns if column.name in first]
    words = f"COPY {name} ({', '.join(columns)}) FROM STDIN"
    with base.cursor().copy(words.encode()) as copy:
        for entry in chain((first,), entries):
            copy.write_row([entry[one] for one in columns])


def questions(url: str, scale: Scale, number: int) -> dict[str, list[float]]:
    """Return how long each question took, so many times each, of other sites and devices every time."""
    store, draw = Store(url), random.Random(1)
    runs = [run.id for run in store.runs()]

    def ask(question: Callable[..., object], *words: object) -> None:
        with store.database.reading() as base:
            question(base, *words)

    def site() -> str:
        return site_name(draw.choice(scale.sites))

    def device() -> int:
        return draw.choice(scale.numbers)

    asks: dict[str, Callable[[], object]] = {
        "devices of a site": lambda: ask(browse.devices, RowWindow(), DeviceQuestion(site=site())),
        "devices far down the list": lambda: ask(browse.devices, RowWindow(after=(device(),)), DeviceQuestion()),
        "findings under a law": lambda: ask(
            browse_findings.findings, RowWindow(after=(device(), "", "")), FindingQuestion(law="us-fcc-covered-list")
        ),
        "events of a night at a site": lambda: ask(
            browse.events, RowWindow(scope=SiteScope(sites=frozenset({site()}))), draw.choice(runs)
        ),
        "history of a device": lambda: device_history(spelled(device()), url),
    }
    return {what: [_seconds(one) for _ in range(number)] for what, one in asks.items()}


def _seconds(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def octets(url: str) -> dict[str, tuple[int, int]]:
    """Return of each table its rows and what they take on disk, indexes too."""
    with psycopg.connect(url) as base:
        return {
            name: base.execute(
                sql.SQL("SELECT count(*), pg_total_relation_size({}) FROM {}").format(name, sql.Identifier(name))
            ).fetchone()
            for name in COUNTED
        }


def measure(server: postgres.Postgres, scale: Scale, number: int) -> tuple[dict[str, float], dict[str, float]]:
    """Fill and ask; print it; return octets a row by table, and the 95th of a hundred of each question."""
    url = server.new()
    seconds = fill(url, scale)
    sizes = octets(url)
    total = sum(size for _, size in sizes.values())
    tell(f"{scale.devices:,} devices, {sizes['sighting'][0]:,} sightings: {seconds:.0f} s, {total / 1e9:.1f} GB")
    each = {name: size / count for name, (count, size) in sizes.items()}
    for name, (count, size) in sizes.items():
        tell(f"  {name:<12}{count:>12,} rows{size / 1e6:>10,.0f} MB{each[name]:>8.0f} octets a row")
    times = questions(url, scale, number)
    for what, took in times.items():
        tell(f"  {what:<32}median {statistics.median(took) * 1e3:>7.1f} ms, 95th {_p95(took) * 1e3:>7.1f} ms")
    return each, {what: _p95(took) for what, took in times.items()}


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def main(devices: int, nights: int, number: int) -> int:
    """Print both sizes, what they say of ten million devices, and return 1 where a promise is broken."""
    programs = postgres.programs()
    if programs is None:
        tell("skipped: PostgreSQL is not installed; on Debian: apt install postgresql")
        return 0
    with postgres.server(programs) as server:
        tenth, _ = measure(server, Scale(max(SITE, devices // 10), nights), number)
        whole, times = measure(server, Scale(devices, nights), number)
    dearest = max(whole[name] / tenth[name] for name in ("sighting", "device", "mark", "document"))
    promises = [(what, took * 1e3, LIMIT_S * 1e3) for what, took in times.items()]
    promises.append(("octets a row, whole against a tenth, times", dearest, DEARER))
    for what, figure, at_most in promises:
        tell(f"{what:<46}{figure:>8.2f}{at_most:>8.2f}  {word(figure <= at_most)}")
    of_device = sum(
        whole[name] * count for name, count in (("device", 1), ("mark", 2), ("document", 1), ("presence", 1))
    )
    wanted = (WANTED_DEVICES * of_device + WANTED_ROWS * whole["sighting"]) / 1e12
    tell(f"by these octets {WANTED_DEVICES:,} devices and {WANTED_ROWS:,} sightings take {wanted:.2f} TB")
    return int(any(figure > at_most for _, figure, at_most in promises))


if __name__ == "__main__":
    given = sys.argv[1:]
    count = int(given.pop(given.index("--questions") + 1)) if "--questions" in given else QUESTIONS
    amounts = [int(one) for one in given if one.isdecimal()]
    sys.exit(main(*(amounts + [DEVICES, NIGHTS][len(amounts) :]), count))
