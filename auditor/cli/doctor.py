"""`auditor doctor`: what would go wrong before it does; touches no device."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from auditor.cli.common import RULES, STORE, WAIVERS, now, store_url
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import configuration
from auditor.errors import AuditorError
from auditor.policy.load import Policy
from auditor.store.sqlite import open_store
from auditor.store.waivers import expired, read_waivers
from auditor.targets.secrets import Vault

OUI_AGE = 365
POLICY_AGE = 180
OTHERS = 0o077


@click.command("doctor", short_help="Check configuration, credentials, file modes and table ages.")
@RULES
@WAIVERS
@STORE
@click.pass_context
def doctor_command(ctx: click.Context, rules: tuple[str, ...], waivers: str, store: str) -> None:
    """Check what a run will rest on: configuration, secrets by name, file modes, ages of rules, registry, laws and waivers.

    Touches no device and no network. Exits 2 where the configuration is wrong, 4 where a table or a waiver is too old.
    """
    named = (ctx.obj or {}).get("config") or ""
    wrong = list(_configuration(named)) + list(_store(store))
    old = list(_tables([Path(folder) for folder in rules])) + list(_waivers(waivers))
    for problem in (*wrong, *old):
        click.echo(problem)
    if not wrong and not old:
        click.echo("nothing to put right", err=True)
    ctx.exit(2 if wrong else 4 if old else 0)


def _configuration(named: str) -> Iterator[str]:
    config = configuration(named)
    for path in config.paths or ():
        click.echo(f"configuration: {path}", err=True)
    if not config.paths:
        click.echo("configuration: no auditor.toml found; devices can be imported, not scanned", err=True)
    vault = Vault(config, os.environ, Path.home())
    for entry in config.credentials.values():
        click.echo(f"credential {entry.public.name}: {entry.public.kind}", err=True)
    yield from (str(problem) for problem in vault.check())


def _store(url: str) -> Iterator[str]:
    base = open_store(store_url(url))
    if base is None or not base.path.exists():
        return
    if base.path.stat().st_mode & OTHERS:
        yield f"{base.path}: others may read this store; chmod 600 it"
    try:
        click.echo(f"store: {base.path}, {len(base.runs())} runs", err=True)
    except AuditorError as exc:
        yield str(exc)


def _tables(folders: list[Path]) -> Iterator[str]:
    known = knowledge(folders)
    today = now().date()
    click.echo(f"rules: {len(known.book.rules)}, version {known.book.version}", err=True)
    click.echo(f"registry: {len(known.registry)} blocks of {known.registry.date}", err=True)
    if (today - known.registry.date).days > OUI_AGE:
        yield f"the registry of MAC prefixes is of {known.registry.date}; refresh it with 'auditor rules update --from FILE'"
    for policy in known.policies:
        yield from _policy(policy, today)


def _policy(policy: Policy, today: date) -> Iterator[str]:
    age = (today - policy.read_on).days
    click.echo(f"policy {policy.id}: read on {policy.read_on}, {age} days ago", err=True)
    if age > POLICY_AGE:
        yield f"policy {policy.id} was read on {policy.read_on}; compare it with its source before you certify anything"


def _waivers(name: str) -> Iterator[str]:
    for waiver in expired(read_waivers(name), now().date()):
        yield f"the waiver of {waiver.finding} ended on {waiver.until}"
