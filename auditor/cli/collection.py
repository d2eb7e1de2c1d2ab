"""A scan from words to exit code: selection, plan, collection into the journal, judgement."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from auditor import __version__, normal
from auditor.cli.common import Shared, data_home, now, run_id, store_url
from auditor.cli.flow import conclude, journal_path, ledger
from auditor.cli.logs import hide
from auditor.cli.progress import watching
from auditor.cli.scan import Asked
from auditor.cli.settings import configuration
from auditor.collect.base import Limits, Setup
from auditor.engine import local
from auditor.errors import InputError, InterruptedRunError, UsageError
from auditor.imports.registry import read
from auditor.imports.source import Source
from auditor.model import Observation, Record, Run, Span
from auditor.store.sqlite import open_store
from auditor.targets.config import Config
from auditor.targets.secrets import Vault
from auditor.targets.select import MANY, Request, Selection, lines, select


def scan(asked: Asked, shared: Shared) -> int:
    """Read the selected devices, keep the journal, judge, report; return the exit code."""
    config, selection = _selected(asked, shared)
    _confirm(selection, asked)
    setup = _setup(asked, shared, config)
    run, before = _run(asked, shared, selection)
    if asked.enrol:
        _enrol(selection, setup, shared)
    _announce(selection, setup, shared)
    order = _order(asked, before)
    with ledger(shared, run) as book, watching(setup, selection.count, shared) as watched:
        try:
            records = [*before, *book.keep(local.collect(selection.spans, watched, order))]
        except KeyboardInterrupt:
            raise InterruptedRunError(
                f"interrupted; what was read is in {book.path}; go on with --resume {run.id}"
            ) from None
    return conclude(records, shared, run, book.path)


def show_plan(asked: Asked, shared: Shared) -> None:
    """Print what would be contacted, how often at most, and with which credentials by name; contact nobody."""
    from auditor.collect.sweep import packets

    config, selection = _selected(asked, shared)
    limits = _limits(asked, config)
    for span in selection.spans:
        like = span.like
        first, last = next(iter(span.targets())).address, span.size
        names = ", ".join(like.credentials) or "none"
        click.echo(f"{like.site or '-'}\t{first}\t{last} addresses\tcredentials: {names}")
    swept = packets(local.subnets(selection.spans), _setup(asked, shared, config)) if asked.sweep else 0
    shared.say(
        f"{selection.count} addresses; a sweep of at most {swept} packets, {limits.packets_per_second:g} packets a second, "
        f"{limits.deadline:g} s a device, {limits.max_failed_logins} failed logins a credential; nothing was contacted"
    )


def _selected(asked: Asked, shared: Shared) -> tuple[Config, Selection]:
    config = configuration(shared.config)
    words = list(asked.targets)
    if "-" in words or asked.input_file == "-":
        words = [word for word in words if word != "-"] + lines(sys.stdin.read())
    elif asked.input_file:
        try:
            words += lines(Path(asked.input_file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(
                f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where=f"-i {asked.input_file}"
            ) from None
    request = Request(
        site=shared.site,
        credentials=asked.credential,
        collectors=asked.collector,
        exclude=asked.exclude,
        allow_file=asked.allow_file,
        public=asked.public,
        ports=asked.ports,
    )
    return config, select(words, config, request)


def _confirm(selection: Selection, asked: Asked) -> None:
    if not selection.count:
        raise UsageError("nothing is left to contact once the exclusions are taken out", where="TARGET")
    if selection.needs_confirmation and not asked.yes:
        raise UsageError(
            f"{selection.count} addresses are more than {MANY}; add --yes if that is meant", where="TARGET"
        )


def _limits(asked: Asked, config: Config) -> Limits:
    given = {name: kind(value) for name, value in config.limits.items() for kind in [type(getattr(Limits(), name))]}
    limits = Limits(**given)
    if asked.rate:
        limits = replace(limits, packets_per_second=asked.rate)
    if asked.deadline:
        limits = replace(limits, deadline=asked.deadline)
    return replace(limits, careful=True, in_flight=1, sessions=1) if asked.careful else limits


def _setup(asked: Asked, shared: Shared, config: Config) -> Setup:
    vault = Vault(config, os.environ, Path.home(), _prompt)
    hide(vault.veil)
    return Setup(
        credentials=config.public(),
        secrets=vault,
        now=now,
        limits=_limits(asked, config),
        known_hosts=str(_known_hosts(shared)),
        ssh_config=asked.ssh_config,
        probes=asked.probe,
    )


def _known_hosts(shared: Shared) -> Path:
    """Return the file of enrolled SSH host keys: beside the store, so that a store and its trust travel together."""
    store = open_store(store_url(shared.store))
    return (store.path.parent if store else data_home()) / "known_hosts"


def _prompt(name: str, part: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"the {part} must be typed in, and nobody is there to type", where=f"credential {name}")
    return str(click.prompt(f"{part} of credential {name}", hide_input=True, err=True))


def _order(asked: Asked, before: list[Record]) -> local.Order:
    stages = asked.collector or (("snmp", "ssh") if asked.careful else local.STAGES)
    return local.Order(stages=tuple(stages), sweep=asked.sweep, snmp_engine=asked.snmp_engine, before=tuple(before))


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
    source = Source(path=path, site=shared.site, at=started, warn=lambda text: shared.say(f"auditor: {text}"))
    return run, list(_observed(read(source, "journal")))


def _spelled(span: Span) -> str:
    """Return a span of addresses as people write it, with its site."""
    first, last = (next(replace(span, first=end, last=end).targets()).address for end in (span.first, span.last))
    return f"{span.like.site or 'no site'}: {first}" + (f" to {last}, {span.size} addresses" if span.size > 1 else "")


def _observed(records: Iterator[Record]) -> Iterator[Record]:
    """Yield what was read; what failed is tried again."""
    return (record for record in records if isinstance(record, Observation))


def _announce(selection: Selection, setup: Setup, shared: Shared) -> None:
    limits = setup.limits
    shared.say(
        f"contacting {selection.count} addresses at {', '.join(filter(None, selection.sites)) or 'one site'}; at most "
        f"{limits.packets_per_second:g} packets a second, {limits.max_failed_logins} failed logins a credential"
    )


def _enrol(selection: Selection, setup: Setup, shared: Shared) -> None:
    """Keep the host keys of devices not known yet; a changed key is told and never replaced."""
    from auditor.collect.ssh_errors import SessionError
    from auditor.collect.ssh_keys import enrol

    for target in selection:
        if not local.fits("ssh", target, setup):
            continue
        try:
            shared.say(f"enrolled {target.address}: {enrol(target, setup.known_hosts, ssh_config=setup.ssh_config)}")
        except SessionError as exc:
            shared.say(f"not enrolled {target.address}: {exc}")
