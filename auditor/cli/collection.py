"""A scan from words to exit code: selection, plan, collection into the journal, judgement."""

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click

from auditor import __version__, normal, ownership
from auditor.cli import plan
from auditor.cli.common import Shared, data_home, now, run_id, store_url
from auditor.cli.flow import conclude
from auditor.cli.interrupt import stoppable
from auditor.cli.ledger import Ledger, journal_path, ledger, settled
from auditor.cli.logs import hide
from auditor.cli.progress import Watch, watching
from auditor.cli.scan import Asked
from auditor.cli.settings import configuration
from auditor.cli.unlock import unlock
from auditor.collect.base import Setup
from auditor.collect.ssh.drivers import shipped
from auditor.errors import InputError, InterruptedRunError, UsageError
from auditor.model import Record, Run, Span
from auditor.parse import services
from auditor.run import stages as local
from auditor.store.sqlite import open_store
from auditor.targets.config import Config
from auditor.targets.inventories import read as listed
from auditor.targets.inventories import target_lines
from auditor.targets.last_credentials import read_winners, write_winners
from auditor.targets.secrets import Vault
from auditor.targets.select import MANY, Request, Selection, select


def scan(asked: Asked, shared: Shared) -> int:
    """Read the selected devices, keep the journal, judge, report; return the exit code."""
    config, selection = _selected(asked, shared)
    _confirm(selection, asked)
    setup, order, watch = _setup(asked, shared, config, selection), _order(asked, config), Watch()
    unlock(selection, setup, order)
    run, before = _run(asked, shared, selection)
    if asked.enrol:
        _enrol(selection, setup, shared)
    order = replace(order, before=tuple(before), begun=watch.begin)
    plan.announce(selection, setup, order, shared)
    with ledger(shared, run) as book, _remembered(setup, shared), watching(setup, watch, shared) as watched:
        records = [*before, *_kept(book, local.collect(selection.spans, watched, order))]
    return conclude(records, shared, run, book.path)


def show_plan(asked: Asked, shared: Shared) -> None:
    """Print what would be contacted, how often at most, and with which credentials by name; contact nobody."""
    config, selection = _selected(asked, shared)
    plan.show(selection, _setup(asked, shared, config, selection), _order(asked, config), shared)
    if selection.needs_confirmation and not asked.yes:
        shared.say(f"more than {MANY:,} addresses: the scan itself will want --yes")


def _selected(asked: Asked, shared: Shared) -> tuple[Config, Selection]:
    config = configuration(shared.config)
    words, drivers = list(asked.targets), shipped().names()
    if "-" in words or asked.input_file == "-":
        words = [word for word in words if word != "-"] + target_lines(
            _stdin(), "stdin", drivers=drivers, tell=shared.say
        )
    elif asked.input_file:
        words += listed(Path(asked.input_file), drivers, shared.say)
    request = Request(
        site=shared.site,
        credentials=asked.credential,
        collectors=asked.collector,
        exclude=asked.exclude,
        allow_file=asked.allow_file,
        public=asked.public,
        ports=asked.own_ports,
    )
    selection = select(words, config, request)
    if not selection.count:
        raise UsageError("nothing is left to contact once the exclusions are taken out", where="TARGET")
    return config, selection


def _stdin() -> str:
    try:
        return sys.stdin.read() if sys.stdin is not None else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where="stdin") from None


def _confirm(selection: Selection, asked: Asked) -> None:
    if selection.needs_confirmation and not asked.yes:
        raise UsageError(
            f"{selection.count} addresses are more than {MANY}; add --yes if that is meant", where="TARGET"
        )


def _setup(asked: Asked, shared: Shared, config: Config, selection: Selection) -> Setup:
    if asked.ssh_config and not Path(asked.ssh_config).expanduser().is_file():
        # Without it devices behind a jump host would be asked directly, which nobody wanted.
        raise UsageError(f"'{asked.ssh_config}' is no file", where="--ssh-config")
    # A misspelt probe is told before anybody is contacted.
    services.shipped().chosen(asked.probe, careful=False)
    hosts = _known_hosts(shared)
    if asked.ssh_config:
        # It may name commands to run.
        ownership.check(Path(asked.ssh_config).expanduser())
    vault = Vault(config, os.environ, Path.home(), _prompt)
    hide(vault.veil)
    return Setup(
        credentials=config.public(),
        secrets=vault,
        now=now,
        scope=selection.scope,
        limits=plan.run_limits(asked, config),
        known_hosts=str(hosts),
        ssh_config=asked.ssh_config,
        probes=asked.probe,
    )


def _known_hosts(shared: Shared) -> Path:
    """Return the file of enrolled SSH host keys: beside the store, so that a store and its trust travel together."""
    store = open_store(store_url(shared.store))
    path = (store.path.parent if store else data_home()) / "known_hosts"
    sites = path.with_name("known_hosts.d")
    for file in (path, *(sites.iterdir() if sites.is_dir() else [])):
        ownership.check(file)
    return path


def _prompt(name: str, part: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"the {part} must be typed in, and nobody is there to type", where=f"credential {name}")
    return str(click.prompt(normal.one_line(f"{part} of credential {name}"), hide_input=True, err=True))


def _order(asked: Asked, config: Config) -> local.Order:
    stages = asked.collector or (("snmp", "ssh") if asked.careful and not asked.probe else local.STAGES)
    return local.Order(
        stages=tuple(stages),
        sweep=asked.sweep,
        ways=plan.ways(asked),
        snmp_engine=asked.snmp_engine,
        limits=plan.site_limits(asked, config),
    )


def _kept(book: Ledger, coming: Generator[Record, None, None]) -> list[Record]:
    """Take everything into the journal; whoever interrupts is told where it is and how to go on."""
    records: list[Record] = []
    try:
        # Left to the garbage collector, the collection would end in whichever thread it runs in, and wait there for itself.
        with stoppable(), closing(coming), closing(book.keep(coming)) as kept:
            for record in kept:
                records.append(record)  # noqa: PERF402 - what has come counts even where the rest does not
    except KeyboardInterrupt:
        told = f"; what was read is in {book.path}, go on with --resume {book.run}" if book.path else ""
        raise InterruptedRunError(f"interrupted after {len(records)} records{told}") from None
    return records


def _run(asked: Asked, shared: Shared, selection: Selection) -> tuple[Run, list[Record]]:
    """Return the run to write and, where it is resumed, what it has read so far."""
    started = now()
    run = Run(
        id=run_id(started),
        started=started,
        tool=__version__,
        sites=selection.sites,
        addresses=selection.count,
        scope=tuple(_spelled(span) for span in selection.spans),
    )
    if not asked.resume:
        return run, []
    run = replace(run, id=normal.file_name(asked.resume))
    path = journal_path(shared, run)
    if path is None or not path.is_file():
        raise InputError(f"no journal of run {asked.resume} ({path}); nothing to resume", where="--resume")
    return run, settled(path, run.id, lambda text: shared.say(f"auditor: {text}"))


def _spelled(span: Span) -> str:
    """Return a span of addresses as people write it, with its site."""
    first, last = (next(replace(span, first=end, last=end).targets()).address for end in (span.first, span.last))
    return f"{span.like.site or 'no site'}: {first}" + (f" to {last}, {span.size} addresses" if span.size > 1 else "")


@contextmanager
def _remembered(setup: Setup, shared: Shared) -> Iterator[None]:
    """Keep beside the store which credential opened which device, however the run ends."""
    store = open_store(store_url(shared.store))
    if store is None:
        yield
        return
    path = store.path.with_name("winners.json")
    setup.history.last_credentials.update(read_winners(path))
    before = dict(setup.history.last_credentials)
    try:
        yield
    finally:
        if setup.history.last_credentials != before:
            write_winners(path, setup.history.last_credentials)


def _enrol(selection: Selection, setup: Setup, shared: Shared) -> None:
    """Keep the host keys of devices not known yet; a changed key is told and never replaced, an absent device stops nobody."""
    from auditor.collect.ssh.errors import classified
    from auditor.collect.ssh.keys import enrol

    for target in selection:
        if not local.fits("ssh", target, setup):
            continue
        try:
            key = enrol(target, setup.known_hosts, setup.scope, ssh_config=setup.ssh_config)
            shared.say(f"enrolled {target.address}: {key}")
        except Exception as exc:  # noqa: BLE001 - classified, which raises our own bugs again
            shared.say(f"not enrolled {target.address}: {classified(exc)}")
