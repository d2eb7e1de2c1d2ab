"""The devices of a store: listed, found by what people call them, each with its history."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from auditor.normal import mac
from auditor.store import acts, documents
from auditor.store.bulk import clean
from auditor.store.coverage import SiteCoverage
from auditor.store.marks import BOX, KEY, WEAK, Mark
from auditor.store.numbers import number_of, spelled
from auditor.store.schema import device, event, finding, mark, run, run_site, sighting
from auditor.store.sightings import LEVELS

# What reads rows of inventories, and contacts nobody.
BOOKS = frozenset({"inventory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """A device as it was last seen; times in RFC 3339 (UTC), `gone` the day it counts as gone."""

    number: int
    site: str
    address: str
    name: str
    seen: str
    outcome: str
    makers: str
    first: str
    last: str
    runs: int
    gone: str
    key: str


class Stay(NamedTuple):
    """What runs in a row say alike of a device: where it was, from when to when, in how many."""

    site: str
    address: str
    place: str
    first: str
    last: str
    runs: int


class EventEntry(NamedTuple):
    """What a run told of a device; `at` is when the run began (RFC 3339, UTC)."""

    at: str
    site: str
    device: str
    address: str
    name: str
    sort: str
    before: str
    after: str
    because: str


class FindingName(NamedTuple):
    """A finding that a device ever had, and a name of the device its id may have been made of."""

    device: int
    maker: str
    part: str
    name: str


_COLUMNS = tuple(DeviceEntry.__dataclass_fields__)


def devices(base: Connection, site: str = "", numbers: Collection[int] | None = None) -> list[DeviceEntry]:
    """Return every device by number, those of a site, or those of some numbers of today.

    Merged ones are one.
    """
    older = acts.merges(base)
    query = select(*(device.c[name] for name in _COLUMNS)).order_by(device.c.number)
    scope = acts.with_younger(older, numbers)
    entries: dict[int, DeviceEntry] = {}
    for row in base.execute(query if scope is None else query.where(device.c.number.in_(scope))):
        entry = DeviceEntry(**row._mapping)  # noqa: SLF001 - a public name
        number = older.get(entry.number, entry.number)
        entries[number] = _union(entries[number], entry) if number in entries else entry
    return [entry for entry in entries.values() if site in {"", entry.site}]


def _union(one: DeviceEntry, other: DeviceEntry) -> DeviceEntry:
    newest = max(one, other, key=lambda entry: entry.last)
    runs, first = one.runs + other.runs, min(one.first, other.first)
    return replace(newest, number=min(one.number, other.number), runs=runs, first=first)


def look_up(base: Connection, name: str) -> set[int]:
    """Return the devices a person means by a number, a mark, an address, an old key or a name."""
    older, name = acts.merges(base), clean(name)
    number = number_of(name)
    numbers = {number} if number is not None else set()
    found_by = device.c.number.in_(numbers) if numbers else func.lower(device.c.name) == name.casefold()
    numbers = set(base.execute(select(device.c.number).where(found_by)).scalars())
    if number is None:
        values = {name, mac(name) or name}
        place = (mark.c.kind.in_((*BOX, *WEAK, KEY)), mark.c.value.in_(values))
        numbers |= set(base.execute(select(mark.c.device).where(*place)).scalars())
        numbers = numbers or set(base.execute(select(finding.c.device).where(finding.c.id == name)).scalars())
    return {older.get(one, one) for one in numbers}


def finding_names(base: Connection) -> Iterator[FindingName]:
    """Yield the names that ids of findings were made of: numbers merged since, and every key."""
    older, names = acts.merges(base), names_of(base)
    for row in base.execute(select(finding.c.device, finding.c.maker, finding.c.part)):
        number = older.get(row.device, row.device)
        for name in names.get(number, ()):
            yield FindingName(number, row.maker, row.part, name)


def names_of(base: Connection, numbers: Collection[int] | None = None) -> dict[int, set[str]]:
    """Return every name a device ever went by in a run: its keys, and numbers merged into it."""
    older = acts.merges(base)
    names: dict[int, set[str]] = defaultdict(set)
    for younger, number in older.items():
        names[number].add(spelled(younger))
    scope = acts.with_younger(older, numbers)
    for group in [None] if scope is None else documents.groups(scope):
        query = select(mark.c.device, mark.c.value).where(mark.c.kind == KEY)
        for row in base.execute(query if group is None else query.where(mark.c.device.in_(group))):
            names[older.get(row.device, row.device)].add(row.value)
    return names


def history(base: Connection, number: int) -> dict[str, Any]:
    """Return all that is kept of a device, by its number of today, as plain values."""
    older = acts.merges(base)
    numbers = [number, *sorted(one for one, other in older.items() if other == number)]
    marks = base.execute(select(mark.c.kind, mark.c.value, mark.c.site).where(mark.c.device.in_(numbers))).all()
    own = acts.steps(base, numbers)
    return {
        "numbers": [spelled(one) for one in numbers],
        "marks": [Mark(*row)._asdict() for row in sorted(marks)],
        "stays": [stay._asdict() for stay in stays(base, numbers)],
        "findings": list(_findings(base, numbers)),
        "steps": [
            {"state": one.state, "at": one.at, "who": one.who, "note": one.note, "proof": one.proof} for one in own
        ],
        "events": [dict(row._mapping) for row in _events(base, numbers)],  # noqa: SLF001 - a public name
    }


def models(base: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Return the model that the last sighting of each device says, where it says one."""
    rows: dict[int, int] = {}
    for group in documents.groups(sorted(numbers)):
        query = select(device.c.number, device.c.document).where(device.c.number.in_(group))
        rows |= {row.number: row.document for row in base.execute(query) if row.document}
    texts = documents.fetch(base, rows.values())
    return {number: model_of(json.loads(texts[name])) for number, name in rows.items()}


def scanned(base: Connection) -> dict[int, dict[str, Any]]:
    """Return each device as a run saw it last, without those that only inventories speak of."""
    older = acts.merges(base)
    query = select(device.c.number, device.c.document).where(device.c.document.is_not(None)).order_by(device.c.last)
    rows = {older.get(row.number, row.number): row.document for row in base.execute(query)}
    texts = documents.fetch(base, rows.values())
    assets = {number: json.loads(texts[name]) for number, name in rows.items()}
    alone = [number for number, asset in assets.items() if is_book(asset)]
    return {number: asset for number, asset in assets.items() if not is_book(asset)} | _before_books(base, alone)


def books(base: Connection, number: int, sites: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the newest inventories of sites that a store had with some run."""
    query = select(run_site.c.id, run_site.c.site, run_site.c.coverage).where(run_site.c.run <= number)
    query = query.where(run_site.c.site.in_({"", *sites}), run_site.c.coverage.is_not(None))
    places = base.execute(query.order_by(run_site.c.run.desc())).all()
    listing = {
        name
        for name, text in documents.each(base, {row.coverage for row in places})
        if any(collector in BOOKS for _, collector in SiteCoverage.parse(text).read)
    }
    newest: dict[str, int] = {}
    for row in places:
        if row.coverage in listing:
            newest.setdefault(row.site, row.id)
    query = select(sighting.c.document).where(sighting.c.run_site.in_(newest.values()))
    for _, text in documents.each(base, base.execute(query).scalars()):
        if is_book(asset := json.loads(text)):
            yield asset


def is_book(asset: Mapping[str, Any]) -> bool:
    """Tell whether only an inventory speaks of an asset."""
    return set(asset["collectors"]) <= BOOKS and asset["seen"] == "read"


def _before_books(base: Connection, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return devices as a scan saw them last before inventories spoke of them."""
    rows: list[Any] = []
    for group in documents.groups(sorted(numbers)):
        query = select(sighting.c.device, sighting.c.document).where(sighting.c.device.in_(group))
        rows += base.execute(query.order_by(sighting.c.run_site)).all()
    texts = {name: json.loads(text) for name, text in documents.fetch(base, [row.document for row in rows]).items()}
    return {row.device: texts[row.document] for row in rows if not is_book(texts[row.document])}


def model_of(asset: Mapping[str, Any]) -> str:
    """Return the model a document says: of a finding, else of what stands in its chassis."""
    entries = (*asset["findings"], *asset["parts"])
    return next((str(entry["model"]) for entry in entries if entry.get("model")), "")


def stays(base: Connection, numbers: Collection[int]) -> Iterator[Stay]:
    """Yield where a device was, oldest first; runs in a row that say the same are one line."""
    query = (
        select(run.c.started, run_site.c.site, sighting.c.document)
        .join(run_site, run_site.c.run == run.c.number)
        .join(sighting, sighting.c.run_site == run_site.c.id)
        .where(sighting.c.device.in_(numbers))
        .order_by(run.c.started, run.c.number)
    )
    rows = base.execute(query).all()
    texts = documents.fetch(base, [row.document for row in rows])
    places = {number: _place(json.loads(text)) for number, text in texts.items()}
    for (site, (address, place)), group in groupby(rows, lambda row: (row.site, places[row.document])):
        days = [row.started for row in group]
        yield Stay(site, address, place, days[0], days[-1], len(days))


def _place(asset: Mapping[str, Any]) -> tuple[str, str]:
    place = asset["place"]
    words = f"{place['switch']} {place['port']}".strip() if place else ""
    doubt = place.get("confidence", "") if place else ""
    return asset["address"], f"{words} ({doubt})" if doubt not in {"", "high"} else words


def _findings(base: Connection, numbers: Collection[int]) -> Iterator[dict[str, str]]:
    rows = base.execute(select(finding).where(finding.c.device.in_(numbers)).order_by(finding.c.maker, finding.c.part))
    for row in rows:
        yield {"id": row.id, "maker": row.maker, "part": row.part, "highest": LEVELS[row.level], "since": row.first}


def events_between(base: Connection, first: str, last: str, site: str = "") -> Iterator[EventEntry]:
    """Yield what runs told that began in a period, oldest first; of all sites, or of one."""
    older = acts.merges(base)
    names = {row.number: row.name for row in base.execute(select(device.c.number, device.c.name))}
    columns = (run.c.started, run_site.c.site, event.c.device, event.c.address, event.c.sort)
    query = (
        select(*columns, event.c.before, event.c.after, event.c.because)
        .join(run_site, event.c.run_site == run_site.c.id)
        .join(run, run.c.number == run_site.c.run)
        .where(run.c.started >= first, run.c.started <= last)
        .order_by(run.c.started, run_site.c.site, event.c.id)
    )
    for started, place, number, address, *words in base.execute(query):
        if site in {"", place}:
            own = older.get(number, number)
            yield EventEntry(started, place, spelled(own), address, names.get(own, ""), *words)


def _events(base: Connection, numbers: Collection[int]) -> Any:
    columns = (
        run.c.started.label("at"),
        run_site.c.site,
        *(event.c[name] for name in ("sort", "before", "after", "because")),
    )
    query = select(*columns).join(run_site, event.c.run_site == run_site.c.id).join(run, run.c.number == run_site.c.run)
    return base.execute(query.where(event.c.device.in_(numbers)).order_by(run.c.started, event.c.id))
