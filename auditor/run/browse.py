"""What `auditor serve` shows beside lists: a device, a site's topology, runs under way."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from auditor.errors import AuditorError, UsageError
from auditor.formats.document import from_document
from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.explain import NotePart, sections
from auditor.report.topology.exports import as_json
from auditor.report.topology.extract import Extract
from auditor.report.topology.graph import Topology
from auditor.report.topology.picture import SitePicture, site_pictures
from auditor.run.devices import device_history
from auditor.run.evidence import attachments
from auditor.run.home import home, old_store, store_of
from auditor.run.hub_sites import SCHEMES, postgres_engine
from auditor.run.knowledge import knowledge, look
from auditor.store.browse import SiteScope
from auditor.store.numbers import number_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditor.store.evidence import EvidenceFile

T = TypeVar("T")
# So many devices of a site a picture is made of; it takes as many documents.
MOST_DEVICES = 3000
PICTURES = 8
NOT_HERE = "no such device; see the list of devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage:
    """One device: all that is kept of it, what is found in words, its files."""

    history: Mapping[str, Any]
    notes: tuple[NotePart, ...]
    files: tuple["EvidenceFile", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTopology:
    """Who carries whom at a site, as pictures and as the JSON of `auditor topology`."""

    site: str
    run: str
    pictures: tuple[SitePicture, ...]
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUnderWay:
    """A run that is not stored yet: how far it is at a site, or how much its journal holds.

    `silent` is how long nothing was written or heard, in seconds.
    """

    run: str
    site: str = ""
    done: int = 0
    todo: int = 0
    octets: int = 0
    records: int = 0
    silent: float = 0


def ask(url: str, question: Callable[..., T], *words: Any) -> T:
    """Return what a question to a store gives, in one reading transaction."""
    store = store_of(url)
    if store is None:
        raise UsageError("there is nothing to show without a store", where="--store none")
    with store.database.reading() as base:
        return question(base, *words)


def site_of(name: str, url: str, scope: SiteScope) -> str:
    """Return the site of a device, by any of its numbers; one outside the scope is not there."""
    from auditor.store import browse_device

    number = number_of(name)
    site = None if number is None else ask(url, browse_device.site_of, number)
    if site is None or not scope.allows(site):
        raise UsageError(NOT_HERE, where=name[:40])
    return site


def device_page(name: str, url: str, scope: SiteScope) -> DevicePage:
    """Return one device by its number; one at another site than the scope's is not there."""
    site_of(name, url, scope)
    history = dict(device_history(name, url))
    for word in ("marks", "stays", "events"):
        history[word] = [one for one in history[word] if scope.allows(one["site"])]
    history["numbers"] = list(history["numbers"])
    notes = ask(url, _notes, number_of(str(history["number"])), url)
    return DevicePage(history=history, notes=notes, files=tuple(attachments(url, str(history["number"]))))


def _notes(base: "Connection", number: int, url: str) -> tuple[NotePart, ...]:
    """Return what `auditor explain` says of a device as it was last seen."""
    from auditor.store import browse_device, documents

    place = browse_device.last_sighting(base, number)
    if place is None:
        return ()
    asset = json.loads(documents.fetch(base, [place.document])[place.document])
    head = _head(url, place.run, place.head)
    own = {asset["address"], *asset["addresses"]}
    failures = [one for one in head["unread"] if one["site"] == place.site and one["address"] in own]
    audit = _audit(head, [asset], failures)
    return tuple(sections(audit.assets[0], audit, look_of_pages()))


@lru_cache(maxsize=PICTURES)
def _head(url: str, run: str, number: int) -> Mapping[str, Any]:
    """Return the document of a run, by its id and that of the document, without its assets."""
    from auditor.store import documents

    del run  # a document's number may be given anew once it is pruned; with the run it names one for ever
    text: str = ask(url, documents.fetch, [number])[number]
    head: Mapping[str, Any] = json.loads(text)
    return head


def _audit(head: Mapping[str, Any], assets: list[Any], unread: list[Any] | None = None) -> Audit:
    """Return an audit of some assets of a run, with the links and gateways among them."""
    keys = {asset["key"] for asset in assets}
    links = [one for one in head["links"] if {one["one"], one["other"]} <= keys] if len(assets) > 1 else []
    gateways = [one for one in head["gateways"] if one["asset"] in keys]
    parts = {"assets": assets, "links": links, "gateways": gateways, "unread": unread or [], "notes": []}
    return from_document({**head, **parts})


@lru_cache(maxsize=1)
def look_of_pages() -> Options:
    """Return how pages spell makers and duties."""
    return look(knowledge())


def site_topology(site: str, start: str, hops: int, url: str, scope: SiteScope) -> SiteTopology:
    """Return who carries whom at a site, or within so many cables of a device, by its number."""
    if not scope.allows(site):
        raise UsageError("there is no such site", where=site[:40])
    from auditor.store import browse_device

    place = ask(url, browse_device.newest_run, site)
    if place is None:
        raise UsageError("no run of this site is kept", where=site[:40])
    return _topology(url, site, (place.id, place.run, place.head), start, hops)


@lru_cache(maxsize=PICTURES)
def _topology(url: str, site: str, place: tuple[int, str, int], start: str, hops: int) -> SiteTopology:
    row, run, head = place
    audit = _audit(_head(url, run, head), ask(url, _assets, row))
    graph = Topology(audit)
    key = _key_of(audit, start) if start else ""
    extract = Extract(topology=graph, start=key, hops=hops)
    part = audit
    if key:
        near = set(graph.around(key, hops))
        part = replace(audit, assets=tuple(item for item in audit.assets if item.asset.key in near))
    pictures = tuple(site_pictures(part, look_of_pages()))
    return SiteTopology(site=site, run=run, pictures=pictures, document=json.loads(as_json(extract, look_of_pages())))


def _assets(base: "Connection", place: int) -> list[Any]:
    from auditor.store import browse_device, documents

    ids = browse_device.documents_of(base, place, MOST_DEVICES)
    if len(ids) > MOST_DEVICES:
        words = f"has more devices than a page draws ({MOST_DEVICES:,}); 'auditor topology' writes them all"
        raise UsageError(words, where="this site")
    return [json.loads(text) for _, text in documents.each(base, ids)]


def _key_of(audit: Audit, start: str) -> str:
    number = number_of(start)
    keys = [item.asset.key for item in audit.assets if number is not None and number_of(item.device) == number]
    if not keys:
        raise UsageError("is no device that the newest run of this site saw", where=start[:40])
    return keys[0]


def under_way(url: str, scope: SiteScope) -> tuple[RunUnderWay, ...]:
    """Return the runs that read now or were interrupted, as the hub and journals tell.

    Whoever may see some sites alone is not told of journals: their runs may be of any site.
    """
    store = old_store(url)
    if store is None:
        return ()
    if store.name.startswith(SCHEMES):
        return tuple(one for one in _at_sites(url) if scope.allows(one.site))
    own = home(url)
    folder = own.folder / "journals" if own else None
    if scope.sites is not None or folder is None or not folder.is_dir():
        return ()
    ids = {run.id for run in store.runs()}
    return tuple(_journal(path) for path in sorted(folder.glob("*.jsonl")) if path.stem not in ids)


def _at_sites(url: str) -> tuple[RunUnderWay, ...]:
    try:
        engine = postgres_engine(url)
        states = [(run, state) for run in engine.runs() for state in engine.states(run)]
    except AuditorError:  # no hub was ever run on this database, or this account may not see it
        return ()
    return tuple(
        RunUnderWay(
            run=run, site=state.site, done=state.done, todo=state.todo + state.doing, silent=state.silent or 0
        )
        for run, state in states
    )  # fmt: skip


def _journal(path: Path) -> RunUnderWay:
    lines = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
    status = path.stat()
    silent = max(0.0, time.time() - status.st_mtime)
    return RunUnderWay(run=path.stem, records=max(0, lines - 1), octets=status.st_size, silent=round(silent, 1))


def history_cells(page: DevicePage) -> Mapping[str, Any]:
    """Return a device's page as plain values."""
    return {**page.history, "notes": [asdict(one) for one in page.notes], "files": [asdict(one) for one in page.files]}
