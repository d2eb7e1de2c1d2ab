"""A scan from words to records: selection, secrets, collection into the journal."""

import os
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from auditor import normal, ownership
from auditor.collect.base import Setup
from auditor.collect.ssh.drivers import driver_table
from auditor.errors import InputError, InterruptedRunError, UsageError
from auditor.model import Reason, Record, Run, Span, Unread
from auditor.parse import services
from auditor.run.budget import ScanPlan, ends
from auditor.run.conclude import Conclusion, conclude, demand_store
from auditor.run.configuration import configuration
from auditor.run.devices import last_places
from auditor.run.follow import Crawl, neighbours
from auditor.run.home import home, lock, new_run_id, now
from auditor.run.host_keys import known_hosts
from auditor.run.interrupt import stoppable
from auditor.run.journal_file import JournalFile, journal_file, journal_path, resume
from auditor.run.meter import Meter
from auditor.run.options import Judging
from auditor.run.packed import unpack
from auditor.run.person import Person
from auditor.run.readers import processes, readers
from auditor.run.recorded import Recording, contacts_on_failure
from auditor.run.request import ScanRequest
from auditor.run.shared_rate import shared_gate
from auditor.run.stages import Order, collect
from auditor.run.unlock import unlock
from auditor.targets.config import Config
from auditor.targets.inventories import read as read_inventory
from auditor.targets.inventories import target_lines
from auditor.targets.last_credentials import read_last_credentials, write_last_credentials
from auditor.targets.scope import MANY
from auditor.targets.secrets import Vault
from auditor.targets.select import Selection, select
from auditor.version import VERSION


def scan(request: ScanRequest, judging: Judging, person: Person) -> Conclusion:
    """Read the selected devices, keep the run, judge it; one run of a site at a time in a store."""
    demand_store(judging)
    plan = prepare(request, judging, person)
    with lock(judging.store, plan.selection.sites):
        recording = _read(plan, request, judging, person)
        with contacts_on_failure(recording.run, _kept(recording)):
            return conclude(recording, judging)


def read(request: ScanRequest, judging: Judging, person: Person) -> Recording:
    """Read the selected devices into a journal; no packet is sent before every secret is there."""
    return _read(prepare(request, judging, person), request, judging, person)


def _kept(recording: Recording) -> str:
    """Return in words where the records of a run are."""
    return f"what was read is in {recording.path}, run {recording.run.id}" if recording.path else "no journal was kept"


def _read(plan: ScanPlan, request: ScanRequest, judging: Judging, person: Person) -> Recording:
    ending = request.ending(configuration(judging.config), now(), time.monotonic)
    if plan.selection.needs_confirmation and not request.yes:
        raise UsageError(
            f"{plan.selection.count} addresses are more than {MANY}; add --yes if that is meant", where="TARGET"
        )
    secrets = unlock(plan.selection, plan.setup, plan.order)
    recording = _opened(request, judging, plan.selection, person)
    meter = Meter()
    on_enrol = person.say if request.enrol else None
    order = replace(plan.order, before=recording.records, on_begin=meter.begin, on_enrol=on_enrol)
    with (
        contacts_on_failure(recording.run, _kept(recording), begun=lambda: bool(meter.stages)),
        shared_gate(plan.setup.limits.packets_per_second, person.warn) as gate,
        person.watch(plan.budget(), meter),
        journal_file(recording.path, recording.run) as out,
        _last_credentials(plan.setup, judging),
        readers(processes(request.jobs, plan.selection.count, plan.setup.limits), plan.setup, secrets) as (
            pool,
            shared,
        ),
    ):
        setup = replace(shared, notify=meter.note, ending=ending, gate=gate)
        records = _take(out, collect(plan.selection.spans, setup, replace(order, readers=pool)), person)
        records += _crawl(
            Crawl(plan=plan, request=request), setup, order, (*recording.records, *records), (out, person)
        )
    if left := sum(isinstance(record, Unread) and record.reason is Reason.INTERRUPTED for record in records):
        person.warn(f"the run's time was up before everything was asked; {left} entries under unread say what is left")
    return replace(recording, records=(*recording.records, *records))


def prepare(request: ScanRequest, judging: Judging, person: Person) -> ScanPlan:
    """Return what a scan would do; wrong words are errors, and nobody is contacted."""
    config = configuration(judging.config)
    site, places = last_places(request.device, judging.store) if request.device else (judging.site, [])
    selection = select([*_words(request, person), *places], config, request.selection(site))
    if not selection.count:
        raise UsageError("nothing is left to contact once the exclusions are taken out", where="TARGET")
    setup = _setup(request, judging, config, selection, person)
    return ScanPlan(
        selection=selection, setup=setup, order=request.order(config), config=config, names=request.credential
    )


def _words(request: ScanRequest, person: Person) -> list[str]:
    words, drivers = list(request.targets), driver_table().names()
    if "-" in words or request.input_file == "-":
        words = [word for word in words if word != "-"]
        return words + target_lines(_stdin(), "stdin", drivers=drivers, tell=person.say)
    return words + (read_inventory(Path(request.input_file), drivers, person.say) if request.input_file else [])


def _stdin() -> str:
    try:
        return sys.stdin.read() if sys.stdin is not None else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where="stdin") from None


def _setup(request: ScanRequest, judging: Judging, config: Config, selection: Selection, person: Person) -> Setup:
    _check_ssh_config(request.ssh_config)
    # A misspelt probe is told before anybody is contacted.
    services.service_table().choose(request.probe, careful=False)
    vault = Vault(config, os.environ, Path.home(), person.ask)
    person.hide(vault.veil)
    return Setup(
        credentials=config.public(),
        secrets=vault,
        now=now,
        scope=selection.scope,
        limits=request.limits(config),
        known_hosts=str(known_hosts(judging.store)),
        ssh_config=request.ssh_config,
        probes=request.probe,
    )


def _check_ssh_config(name: str) -> None:
    if not name:
        return
    path = Path(name).expanduser()
    if not path.is_file():
        # Without it devices behind a jump host would be asked directly, which nobody wanted.
        raise UsageError(f"'{name}' is no file", where="--ssh-config")
    # It may name commands to run.
    ownership.check(path)


def _crawl(
    crawl: Crawl, setup: Setup, order: Order, so_far: tuple[Record, ...], to: tuple[JournalFile, Person]
) -> list[Record]:
    """Read announced neighbours hop by hop; whom nobody asks is told with the reason."""
    (journal, person), last, records = to, so_far, list[Record]()
    for number in range(1, crawl.request.hops + 1 if crawl.request.follow else 1):
        selection = crawl.hop(last)
        if not selection.count or setup.ending():
            break
        person.say(f"hop {number}: {neighbours(selection.count)}")
        unlock(selection, crawl.plan.setup, order)
        order_of_hop = crawl.order(order, (*so_far, *records))
        last = tuple(_take(journal, collect(selection.spans, setup, order_of_hop), person))
        records += last
    for reason, count in crawl.reasons.items():
        person.say(f"{neighbours(count)} not asked: {reason}")
    return records


def _take(journal: JournalFile, coming: Generator[Record, None, None], person: Person) -> list[Record]:
    """Take everything into the journal; whoever interrupts is told where it is and how to go on."""
    records: list[Record] = []
    try:
        # Left to the garbage collector, the collection would end in any thread, and wait there for itself.
        with stoppable(person.line), closing(coming), closing(journal.keep(coming)) as journalled:
            for record in journalled:
                records.append(record)  # noqa: PERF402 - what has come counts even where the rest does not
    except (KeyboardInterrupt, InterruptedRunError) as exc:
        advice = f"; what was read is in {journal.path}, go on with --resume {journal.run}" if journal.path else ""
        why = exc.problem if isinstance(exc, InterruptedRunError) else "interrupted"
        raise InterruptedRunError(f"{why} after {len(records)} records{advice}") from None
    return records


def _opened(request: ScanRequest, judging: Judging, selection: Selection, person: Person) -> Recording:
    """Return the run to write, with what a resumed one has read so far."""
    if request.resume:
        name = normal.file_name(request.resume)
        path = journal_path(judging.journal, judging.store, name)
        if path is not None and not path.is_file():
            unpack(path)
        if path is None or not path.is_file():
            raise InputError(f"no journal of run {request.resume} ({path}); nothing to resume", where="--resume")
        return resume(path, name, lambda text: person.say(f"auditor: {text}"))
    run = new_run(selection, judging)
    if words := request.crawl_words:
        run = replace(run, scope=(*run.scope, words))
    return Recording(run=run, records=(), path=journal_path(judging.journal, judging.store, run.id))


def new_run(selection: Selection, judging: Judging) -> Run:
    """Return the head of a run that begins now."""
    started = now()
    return Run(
        id=new_run_id(started, judging.store),
        started=started,
        tool=VERSION,
        sites=selection.sites,
        addresses=selection.count,
        scope=tuple(_scope_line(span) for span in selection.spans),
    )


def _scope_line(span: Span) -> str:
    """Return a span of addresses as people write it, with its site."""
    first, last = ends(span)
    return f"{span.like.site or 'no site'}: {first}" + (f" to {last}, {span.size} addresses" if span.size > 1 else "")


@contextmanager
def _last_credentials(setup: Setup, judging: Judging) -> Iterator[None]:
    """Keep beside the store which credential opened which device, however the run ends."""
    folder = home(judging.store)
    if folder is None:
        yield
        return
    path, last_credentials = folder.last_credentials, setup.history.last_credentials
    last_credentials.update(read_last_credentials(path))
    before = dict(last_credentials)
    try:
        yield
    finally:
        if last_credentials != before:
            write_last_credentials(path, last_credentials)
