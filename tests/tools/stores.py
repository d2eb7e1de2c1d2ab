"""Runs put into a store as the tests need them."""

from collections.abc import Mapping
from typing import Any

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


def keep(store: Store, run: Stored, document: Mapping[str, Any] | None = None, sites: tuple[SiteRun, ...] = ()) -> None:
    """Keep a run with its audit document, its devices numbered."""
    document = {"schema": 1, "assets": []} | dict(document or {})
    with store.keeping() as keeper:
        numbering = number(document["assets"], keeper.known(), keeper.decisions())
        keeper.keep(RunEntry(run=run, document=document, sites=sites), numbering)
