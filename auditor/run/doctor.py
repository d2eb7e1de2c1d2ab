"""What would go wrong, told before it does; no device and no network is touched."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from auditor.errors import AuditorError
from auditor.pipeline import Knowledge
from auditor.policy.load import Policy
from auditor.run.configuration import configuration
from auditor.run.home import now, store_of
from auditor.run.knowledge import AHEAD, OUI_AGE, POLICY_AGE, POLICY_WARNED, knowledge
from auditor.store.waivers import expired, read_waivers
from auditor.targets.config import Config, CredentialEntry
from auditor.targets.secrets import Vault
from auditor.targets.spans import common, whole

OTHERS = 0o077

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What to put right: faults of the configuration, lapses of tables and waivers, warnings."""

    faults: tuple[str, ...]
    lapses: tuple[str, ...]
    warnings: tuple[str, ...]


def diagnose(config: str, store: str, rules: Sequence[str], waivers: str, say: Say) -> Diagnosis:
    """Return what is wrong with all that a run will rest on; `say` takes what was looked at."""
    faults = (*_configuration(config, say), *_store(store, say))
    basis = knowledge(rules)
    lapses = [*_tables(basis, say)]
    late = expired(read_waivers(waivers), now().date())
    lapses += [f"the waiver of {one.finding} ended on {one.until}" for one in late]
    return Diagnosis(faults=faults, lapses=tuple(lapses), warnings=tuple(_ageing(basis)))


def _configuration(name: str, say: Say) -> Iterator[str]:
    config = configuration(name)
    for path in config.paths:
        say(f"configuration: {path}")
    if not config.paths:
        say("configuration: no auditor.toml found; devices can be imported, not scanned")
    vault = Vault(config, os.environ, Path.home())
    for entry in config.credentials.values():
        say(f"credential {entry.public.name}: {entry.public.kind}")
    yield from (str(problem) for problem in vault.check())
    for entry in config.credentials.values():
        yield from (f"credential {entry.public.name}: {problem}" for problem in _keys(entry))
    yield from _useless(config)


def _keys(entry: CredentialEntry) -> Iterator[str]:
    """Yield what is wrong with the key file of a credential, or with the agent in its place."""
    public = entry.public
    if public.key_file:
        try:
            if Path(public.key_file).expanduser().stat().st_mode & OTHERS:
                yield f"{public.key_file} can be read by others; chmod 600 it"
        except OSError as exc:
            yield f"{public.key_file} cannot be read: {exc.strerror}"
    elif public.kind == "ssh" and not entry.sources and not os.environ.get("SSH_AUTH_SOCK"):
        yield "names no password and no key, and no ssh-agent runs here ($SSH_AUTH_SOCK is not set)"


def _useless(config: Config) -> Iterator[str]:
    """Yield each credential that a site names and never uses, as it is bound to others."""
    for site in config.sites.values():
        for entry in (config.credentials[name] for name in site.credentials):
            mine, theirs = map(whole, entry.subnets), map(whole, site.subnets)
            apart = entry.subnets and site.subnets and not common(theirs, mine)
            if apart or (entry.sites and site.name not in entry.sites):
                others = f"is bound to other {'subnets' if apart else 'sites'} and is never used here"
                yield f"site {site.name}: credential {entry.public.name} {others}"


def _store(url: str, say: Say) -> Iterator[str]:
    store = store_of(url)
    if store is None or not store.exists():
        return
    path = store.database.path
    if path and path.stat().st_mode & OTHERS:
        yield f"{path}: others may read this store; chmod 600 it"
    try:
        say(f"store: {store.name}, {len(store.runs())} runs")
    except AuditorError as exc:
        yield str(exc)


def _tables(basis: Knowledge, say: Say) -> Iterator[str]:
    book, registry = basis.book, basis.registry
    say(f"rules: {len(book.rules)}, version {book.version}")
    say(f"registry: {len(registry)} blocks of {registry.date}")
    say(f"enterprise numbers: of {basis.nameplates.enterprises.day}")
    if (now().date() - registry.date).days > OUI_AGE:
        yield f"the registry of MAC prefixes is of {registry.date}; refresh it with 'auditor rules update --from FILE'"
    for policy, age in _ages(basis):
        say(f"policy {policy.id}: read on {policy.read_on}, {age} days ago")
        if age > POLICY_AGE:
            yield (
                f"policy {policy.id} was read on {policy.read_on}; "
                "compare it with its source before you certify anything"
            )


def table_ages() -> Iterator[str]:
    """Yield each table with its day and its age in days; of laws the oldest and the newest."""
    basis, today = knowledge(), now().date()
    yield f"rules: {len(basis.book.rules)}, version {basis.book.version}"
    tables = {"registry of MAC prefixes": basis.registry.date, "enterprise numbers": basis.nameplates.enterprises.day}
    yield from (f"{name}: of {day}, {(today - day).days} days old" for name, day in tables.items() if day)
    ages = sorted((age, policy.id) for policy, age in _ages(basis))
    if ages:
        yield f"laws and lists: {len(ages)}, read {ages[0][0]} to {ages[-1][0]} days ago; the oldest is {ages[-1][1]}"


def _ageing(basis: Knowledge) -> Iterator[str]:
    """Yield a warning for what is too old soon, and each law that likely changed since."""
    end = basis.registry.date + timedelta(days=OUI_AGE)
    if now().date() <= end < now().date() + AHEAD:
        yield f"warning: the registry of MAC prefixes is of {basis.registry.date} and too old after {end}"
    for policy, age in _ages(basis):
        if POLICY_WARNED < age <= POLICY_AGE:
            advice = "and may have changed since; compare it with its source"
            yield f"warning: policy {policy.id} was read on {policy.read_on}, {age} days ago, {advice}"


def _ages(basis: Knowledge) -> Iterator[tuple[Policy, int]]:
    """Yield each law or list with the days since it was read."""
    return ((policy, (now().date() - policy.read_on).days) for policy in basis.policies)
