"""`auditor doctor`: what would go wrong before it does; touches no device."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from auditor.cli.common import RULES, STORE, WAIVERS, now, store_url
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import configuration
from auditor.cli.terminal import tell_line, warn
from auditor.errors import AuditorError
from auditor.pipeline import Knowledge
from auditor.store.sqlite import open_store
from auditor.store.waivers import expired, read_waivers
from auditor.targets.config import Config, Entry
from auditor.targets.secrets import Vault
from auditor.targets.spans import common, whole

OUI_AGE = 365
# Days since a law or list was read. The FCC Covered List changed four times in 218 days (2025-12-22 to
# 2026-07-28), never more than 106 days apart: after 120 a list has likely changed, after 180 nothing should rest on it.
POLICY_WARNED = 120
POLICY_AGE = 180
OTHERS = 0o077


@click.command("doctor", short_help="Check configuration, credentials, file modes and table ages.")
@RULES
@WAIVERS
@STORE
@click.pass_context
def doctor_command(ctx: click.Context, rules: tuple[str, ...], waivers: str, store: str) -> None:
    """Check what a run will rest on: configuration, secrets by name, file modes, ages of rules, registry, laws and waivers.

    Touches no device and no network. Exits 2 where the configuration is wrong, 4 where a table or a waiver is too old; a list not
    compared with its source for 120 days is a warning.
    """
    named = (ctx.obj or {}).get("config") or ""
    wrong = list(_configuration(named)) + list(_store(store))
    known = knowledge([Path(folder) for folder in rules])
    old = list(_tables(known)) + list(_waivers(waivers))
    warnings = list(_ageing(known))
    for problem in (*wrong, *old, *warnings):
        tell_line(problem)
    if not wrong and not old and not warnings:
        warn("nothing to put right")
    ctx.exit(2 if wrong else 4 if old else 0)


def _configuration(named: str) -> Iterator[str]:
    config = configuration(named)
    for path in config.paths:
        warn(f"configuration: {path}")
    if not config.paths:
        warn("configuration: no auditor.toml found; devices can be imported, not scanned")
    vault = Vault(config, os.environ, Path.home())
    for entry in config.credentials.values():
        warn(f"credential {entry.public.name}: {entry.public.kind}")
    yield from (str(problem) for problem in vault.check())
    for entry in config.credentials.values():
        yield from (f"credential {entry.public.name}: {problem}" for problem in _keys(entry))
    yield from _bound_elsewhere(config)


def _keys(entry: Entry) -> Iterator[str]:
    """Yield what is wrong with the key file of a credential, or with the agent it relies on where it names no secret at all."""
    public = entry.public
    if public.key_file:
        try:
            if Path(public.key_file).expanduser().stat().st_mode & OTHERS:
                yield f"{public.key_file} can be read by others; chmod 600 it"
        except OSError as exc:
            yield f"{public.key_file} cannot be read: {exc.strerror}"
    elif public.kind == "ssh" and not entry.sources and not os.environ.get("SSH_AUTH_SOCK"):
        yield "names no password and no key, and no ssh-agent runs here ($SSH_AUTH_SOCK is not set)"


def _bound_elsewhere(config: Config) -> Iterator[str]:
    """Yield each credential that a site names but that may not be used there: it would be left out without a word."""
    for site in config.sites.values():
        for entry in (config.credentials[name] for name in site.credentials):
            mine, theirs = map(whole, entry.subnets), map(whole, site.subnets)
            apart = entry.subnets and site.subnets and not common(theirs, mine)
            if apart or (entry.sites and site.name not in entry.sites):
                yield f"site {site.name}: credential {entry.public.name} is bound to other {'subnets' if apart else 'sites'} and is never used here"


def _store(url: str) -> Iterator[str]:
    base = open_store(store_url(url))
    if base is None or not base.path.exists():
        return
    if base.path.stat().st_mode & OTHERS:
        yield f"{base.path}: others may read this store; chmod 600 it"
    try:
        warn(f"store: {base.path}, {len(base.runs())} runs")
    except AuditorError as exc:
        yield str(exc)


def _tables(known: Knowledge) -> Iterator[str]:
    today = now().date()
    warn(f"rules: {len(known.book.rules)}, version {known.book.version}")
    warn(f"registry: {len(known.registry)} blocks of {known.registry.date}")
    if (today - known.registry.date).days > OUI_AGE:
        yield f"the registry of MAC prefixes is of {known.registry.date}; refresh it with 'auditor rules update --from FILE'"
    for policy in known.policies:
        age = (today - policy.read_on).days
        warn(f"policy {policy.id}: read on {policy.read_on}, {age} days ago")
        if age > POLICY_AGE:
            yield f"policy {policy.id} was read on {policy.read_on}; compare it with its source before you certify anything"


def _ageing(known: Knowledge) -> Iterator[str]:
    """Yield a warning for each law or list that has likely changed since it was read."""
    for policy in known.policies:
        age = (now().date() - policy.read_on).days
        if POLICY_WARNED < age <= POLICY_AGE:
            yield f"warning: policy {policy.id} was read on {policy.read_on}, {age} days ago, and may have changed since; compare it with its source"


def _waivers(name: str) -> Iterator[str]:
    for waiver in expired(read_waivers(name), now().date()):
        yield f"the waiver of {waiver.finding} ended on {waiver.until}"
