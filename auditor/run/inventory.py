"""Inventories over their APIs: their devices read, a run written into NetBox."""

import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.books.catalogue import Catalogue
from auditor.books.lists import KINDS
from auditor.books.netbox import EntryChange, NetBox
from auditor.books.netbox_devices import Devices, write_devices
from auditor.books.netbox_ports import write_addresses, write_items, write_macs, write_ports
from auditor.books.web import Server
from auditor.errors import AuditorError, UsageError
from auditor.formats import document
from auditor.model import Observation, Record
from auditor.normal import mac, spelled
from auditor.report.records import device_records
from auditor.run.configuration import configuration
from auditor.run.knowledge import knowledge, look
from auditor.run.person import Person
from auditor.run.recorded import journal_of, kept_runs, read_journal
from auditor.run.removal import DISPOSED, REMOVED, removals
from auditor.store.numbers import spelled as device_number
from auditor.store.runs import Store
from auditor.targets.inventories import target_lines
from auditor.targets.secrets import Vault

TARGETS, JSON = "targets", "json"
# Of the digest that names a store in an inventory.
STORE_LETTERS = 16


@dataclass(frozen=True, slots=True)
class InventoryLogin:
    """A server, and who speaks to it."""

    server: Server
    user: str
    secret: str = field(repr=False)


def read_inventory(kind: str, credential: str, style: str, config: str, person: Person) -> bytes:
    """Return every device of an inventory: as it gives them, or as lines of targets for a scan."""
    place = server(kind, credential, config, person)
    devices = KINDS[kind].fetch(place.server, place.user, place.secret)
    text = json.dumps(devices, ensure_ascii=False, indent=1)
    if style == TARGETS:
        text = "\n".join(target_lines(text, kind, tell=person.say))
    return f"{text}\n".encode("utf-8", "replace")


def write_netbox(run: str, store_url: str, netbox: NetBox, person: Person) -> list[EntryChange]:
    """Write a kept run into NetBox; what a person wrote there stays.

    Matched by the device's number noted there, serial number, asset tag, MAC, name at its site. A device that is gone
    or was noted as removed is tagged, none is deleted.
    """
    store = kept_runs(store_url)
    row = store.find(run)
    audit = document.load(store.document(row))
    journal = journal_of(row)
    ports = own_ports(read_journal(journal, warn=person.warn).records) if journal else {}
    records = device_records(audit, look(knowledge(), None), ports)
    netbox.check()
    name, older, absent = _history(store, store_url)
    catalogue = Catalogue(netbox, records)
    pairs = write_devices(netbox, catalogue, Devices(netbox, name, older), records, absent)
    at = write_ports(netbox, pairs)
    write_macs(netbox, pairs, at)
    write_addresses(netbox, pairs, at)
    write_items(netbox, catalogue, pairs)
    return netbox.changes


def own_ports(records: Iterable[Record]) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return the ports (ifName) of each device with their MACs, by site and address."""
    names: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    macs: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for record in records:
        if not isinstance(record, Observation):
            continue
        key = (record.target.site, record.target.address)
        for fact in record.plain:
            index = fact.where.rpartition(".")[2]
            if fact.kind == "if.name" and not fact.about:
                names[key].setdefault(index, fact.value)
            elif fact.kind == "if.mac" and not fact.about and (digits := mac(fact.value)):
                macs[key].setdefault(index, spelled(digits))
    return {key: {name: macs[key].get(index, "") for index, name in own.items()} for key, own in names.items()}


def _history(store: Store, url: str) -> tuple[str, Mapping[str, str], Collection[str]]:
    """Return what names a store, its numbers of today by older ones, those of what is gone."""
    from auditor.store import acts, directory, ledger

    with store.database.reading() as base:
        name = ledger.first(base)[:STORE_LETTERS]
        older = {device_number(old): device_number(new) for old, new in acts.merges(base).items()}
        absent = {device_number(one.number) for one in directory.devices(base) if one.gone}
    steps = (one for one in removals(url) if one.state in {REMOVED, DISPOSED} and not one.seen_again)
    return name, older, absent | {one.number for one in steps}


def server(kind: str, name: str, config: str, person: Person) -> InventoryLogin:
    """Return the server a credential is for, with its user and its secret."""
    settings = configuration(config)
    entry = settings.credentials.get(name)
    if entry is None or entry.public.kind != kind:
        problem = "no credential has this name" if entry is None else f"is of kind '{entry.public.kind}', not '{kind}'"
        advice = f'; [credential.{kind}] wants kind = "{kind}", url = "https://…" and secret = "env:NAME"'
        raise UsageError(problem + advice, where=f"credential {name}")
    vault = Vault(settings, os.environ, Path.home(), person.ask)
    person.hide(vault.veil)
    secret = vault.fetch(name, "token")
    try:
        place = Server(entry.url, KINDS[kind].headers(secret), entry.ca_file)
    except AuditorError as exc:
        raise exc.under(f"credential {name}: ") from None
    return InventoryLogin(place, entry.public.user, secret)
