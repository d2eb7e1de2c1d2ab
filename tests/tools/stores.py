"""Runs put into a store as the tests need them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from auditor.formats.journal import instant
from auditor.store.home import hold, home_of
from auditor.store.numbers import number
from auditor.store.rows import RunEntry, SiteRun, Stored
from auditor.store.runs import Store


def row(name: str, started: str = "2026-11-21T05:00:00Z", journal: str = "") -> Stored:
    """Return the row of a run that saw nothing."""
    return Stored(
        number=0,
        id=name,
        started=started,
        finished=started,
        as_of="2026-11-21",
        sites="hq",
        summary="{}",
        journal=journal,
        sha256="",
    )


def box(serial: str, site: str = "hq", **cells: Any) -> dict[str, Any]:
    """Return the audit document of a device that a serial number tells from others."""
    finding = {"id": f"f-{serial}", "maker": "huawei", "verdict": "confirmed", "firmware": "", "waived": None}
    return {
        "key": f"{site}/serial:{serial}",
        "site": site,
        "serial": serial,
        "address": "192.0.2.1",
        "addresses": [],
        "name": "",
        "macs": [],
        "seen": "read",
        "outcome": "match",
        "collectors": ["snmp"],
        "findings": [finding],
        "parts": [],
        "said": [],
        "place": None,
        "conflicts": [],
    } | cells


def keep(store: Store, run: Stored, document: Mapping[str, Any] | None = None, sites: tuple[SiteRun, ...] = ()) -> None:
    """Keep a run with its audit document, its devices numbered."""
    document = {"schema": 1, "assets": []} | dict(document or {})
    with store.keeping() as keeper:
        numbering = number(document["assets"], keeper.known(), keeper.decisions())
        keeper.keep(RunEntry(run=run, document=document, sites=sites, now=instant(run.finished)), numbering)


def hold_site(url: str, folder: Path, ready: Any, done: Any) -> None:
    """Hold the lock of a site in a process of its own until `done` is set."""
    store = Store(url)
    with hold(store, home_of(store, folder), ["hq"]):
        ready.set()
        done.wait(30)


def keep_many(url: str, name: str, start: Any) -> None:
    """Keep five runs, in a process of its own."""
    start.wait(30)
    for at in range(5):
        keep(Store(url), row(f"{name}{at}"), {"assets": [box(f"{name}{at}"), box("both")]})


def list_runs(path: Path) -> list[tuple[Any, ...]]:
    """Return the schema number and the runs of a store of 0.1.0, read without our own code."""
    with closing(sqlite3.connect(path)) as base:
        return [*base.execute("PRAGMA user_version"), *base.execute("SELECT * FROM run ORDER BY number")]
