"""A run over many sites: planned here, read by workers at the sites, joined and judged here."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from auditor.errors import InputError, InterruptedRunError, OutputError, UsageError
from auditor.formats import journal
from auditor.hub.engine import ATTEMPTS, Engine, SiteJob, SiteProgress, over
from auditor.hub.local import LocalEngine
from auditor.model import Reason, Record, Run, Span, Target, Unread
from auditor.run.budget import ends
from auditor.run.conclude import Conclusion, conclude, demand_store
from auditor.run.configuration import configuration
from auditor.run.home import lock, now, runs
from auditor.run.hub_sites import engine_of
from auditor.run.interrupt import stoppable
from auditor.run.journal_file import journal_file, journal_path
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.recorded import Recording
from auditor.run.request import ScanRequest
from auditor.run.scan import new_run, prepare
from auditor.run.site_worker import NAME, OPTIONS, refusals, work
from auditor.run.stages import ONE_BY_ONE, subnets

# Addresses a job may name: one by one, and as a range that is first looked over.
BATCH = 50
SWEPT = 1024
STALL_S = 30.0
_LOOK = 0.5
# How long the server of the jobs may be away before the hub gives up; the sites read on all the same.
_AWAY_S = 300.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesRequest:
    """How a run over sites is done: addresses a job, seconds until a silent worker loses it."""

    batch: int = BATCH
    stall: float = STALL_S


def here_or_there(request: ScanRequest, how: SitesRequest, judging: Judging, person: Person) -> Conclusion:
    """Read the sites through their workers.

    With a store in a file, threads of this process are the workers.
    """
    if request.follow:
        raise UsageError("a run over sites follows nobody; name the subnets of each site", where="--follow")
    engine = engine_of(judging.store)
    if not isinstance(engine, LocalEngine):
        return run_sites(engine, request, how, judging, person)
    sites = prepare(request, judging, person).selection.sites
    with workers_here(engine, sites, judging, person):
        return run_sites(engine, request, how, judging, person)


def run_sites(engine: Engine, request: ScanRequest, how: SitesRequest, judging: Judging, person: Person) -> Conclusion:
    """Have the sites' workers read what is selected; keep the run and judge it."""
    demand_store(judging)
    run = _take_up(engine, request, how, judging, person)
    with lock(judging.store, run.sites):
        _await(engine, run, how, person)
        conclusion = conclude(_recording(engine, run, judging), judging)
        engine.end(run.id)
    return conclusion


@contextmanager
def workers_here(engine: LocalEngine, sites: Sequence[str], judging: Judging, person: Person) -> Iterator[None]:
    """Let threads of this process be the workers of sites while the block runs."""
    stop = threading.Event()

    def serve(site: str) -> None:
        work(engine.desk(site), judging, person, stop)

    threads = [threading.Thread(target=serve, args=(site,), name=f"site {site}", daemon=True) for site in sites]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def jobs_of(run: str, spans: Sequence[Span], request: ScanRequest, judging: Judging, batch: int) -> list[SiteJob]:
    """Return the jobs of a run: so many addresses each, longer ranges where they are swept."""
    swept = subnets(spans) if request.sweep else []
    out: list[SiteJob] = []
    for site in sorted({span.like.site for span in spans}):
        own = [span for span in spans if span.like.site == site]
        options = _options(request, site, judging)
        single = [
            f"{target.address}{_extras(target)}" for span in own if span not in swept for target in span.targets()
        ]
        groups = [tuple(single[at : at + batch]) for at in range(0, len(single), batch)]
        groups += [(word,) for span in own if span in swept for word in _ranges(span)]
        out += [
            SiteJob(run=run, number=number, site=site, words=words, options=options)
            for number, words in enumerate(groups, 1)
        ]
    return out


def _options(request: ScanRequest, site: str, judging: Judging) -> dict[str, object]:
    """Return what a worker is told of how to read; its own configuration may be gentler."""
    limits = request.site_limits(config := configuration(judging.config)).get(site) or request.limits(config)
    values = {name: getattr(request, name) for name in OPTIONS} | {
        "rate": limits.packets_per_second,
        "careful": limits.careful,
    }
    return {name: value for name, value in sorted(values.items()) if value != getattr(ScanRequest(), name)}


def _extras(target: Target) -> str:
    driver = f" driver={target.driver}" if target.driver else ""
    return driver + "".join(f" {name}={port}" for name, port in target.ports)


def _ranges(span: Span) -> Iterator[str]:
    """Yield a span in ranges of equal size, none too short to be swept."""
    many = -(-span.size // SWEPT)
    size = max(-(-span.size // many), ONE_BY_ONE + 1)
    extras = _extras(span.like)
    for start in range(span.first, span.last + 1, size):
        first, last = ends(
            Span(first=start, last=min(start + size - 1, span.last), version=span.version, like=span.like)
        )
        yield f"{first}-{last}{extras}" if first != last else f"{first}{extras}"


def _take_up(engine: Engine, request: ScanRequest, how: SitesRequest, judging: Judging, person: Person) -> Run:
    """Return the run that is to be joined: a new one is handed out, an old one is taken up."""
    if not request.resume:
        plan = prepare(request, judging, person)
        run = new_run(plan.selection, judging)
        engine.begin(
            run.id, journal.encode_run(run), jobs_of(run.id, plan.selection.spans, request, judging, how.batch)
        )
        return run
    if any(run.id == request.resume for run in runs(judging.store)):
        engine.end(request.resume)
        raise UsageError(f"run {request.resume} is stored already", where="--resume")
    head = journal.decode(engine.head(request.resume) or "{}")
    if not isinstance(head, Run):
        raise UsageError(f"the engine has no run {request.resume}", where="--resume")
    return head


def _await(engine: Engine, run: Run, how: SitesRequest, person: Person) -> None:
    """Wait until every job is over; those of silent workers are given on meanwhile."""
    before: tuple[tuple[int, ...], ...] = ()
    try:
        with stoppable(person.line):
            while not over(states := _patiently(lambda: _look(engine, run.id, how.stall, person), person)):
                if (counts := tuple((one.todo, one.doing, one.done) for one in states)) != before:
                    before = counts
                    for one in states:
                        person.say(state_line(one))
                time.sleep(_LOOK)
    except KeyboardInterrupt:
        raise InterruptedRunError(
            f"interrupted; the sites read on, join what they read with --resume {run.id}"
        ) from None


def _look(engine: Engine, run: str, stall: float, person: Person) -> tuple[SiteProgress, ...]:
    """Give on the jobs of silent workers, and return how far the sites are."""
    if many := engine.give_on(stall):
        person.warn(f"{many} jobs were given on; their workers have been silent for {stall:g} s")
    return engine.states(run)


def _patiently(ask: Callable[[], T], person: Person) -> T:
    """Return what the engine answers; its server may be away for some minutes, as in a restart."""
    until, is_away = time.monotonic() + _AWAY_S, False
    while True:
        try:
            return ask()
        except OutputError as exc:
            if time.monotonic() > until:
                raise
            if not is_away:
                person.warn(f"waiting for the server: {exc.problem}")
        is_away = True
        time.sleep(_LOOK)


def state_line(state: SiteProgress) -> str:
    """Return how far a site is, in words."""
    silent = "no worker yet" if state.silent is None else f"worker heard {state.silent:.0f} s ago"
    lost = f", {state.lost} lost" if state.lost else ""
    jobs = f"{state.done} jobs done, {state.doing} under way, {state.todo} to do{lost}"
    return f"{state.site or 'no site'}: {jobs}; {silent}"


def _recording(engine: Engine, run: Run, judging: Judging) -> Recording:
    """Return what the sites read, in a journal; one begun before is written anew."""
    path = journal_path(judging.journal, judging.store, run.id)
    if path is not None and not judging.journal:
        path.unlink(missing_ok=True)
    with journal_file(path, run) as out:
        records = tuple(out.keep(_records(engine, run)))
    return Recording(run=run, records=records, path=path)


def _records(engine: Engine, run: Run) -> Iterator[Record]:
    """Yield what came back.

    What a worker says of another site, or nobody can read, is counted and dropped.
    """
    strays: Counter[str] = Counter()
    for site, text in engine.texts(run.id):
        for record in _read(text):
            if record is not None and record.target.site == site:
                yield record
            else:
                strays[site] += 1
    for job in engine.lost(run.id):
        yield from refusals(job, f"its workers fell silent {ATTEMPTS} times")
    for site, count in sorted(strays.items()):
        why = f"{count} records of its worker were dropped: they are of another site, or no records"
        target = Target(address="", site=site)
        yield Unread(target=target, collector=NAME, at=now(), reason=Reason.SPOOFED, detail=why)


def _read(text: str) -> Iterator[Record | None]:
    """Yield the records of a batch, None for each line that is none."""
    lines = [_decode(line) for line in text.split("\n") if line]
    yield from journal.joined([line for line in lines if line is not None])
    yield from (line for line in lines if line is None)


def _decode(line: str) -> Record | None:
    try:
        entry = journal.decode(line)
    except InputError:
        return None
    return entry if isinstance(entry, Record) else None
