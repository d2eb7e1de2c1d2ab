"""What pages show of a store, a page at a time by keyset; never a whole list or run.

Every question takes a `SiteScope`: the sites somebody may see. What lies at other sites is not there for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from auditor.store import acts
from auditor.store.bulk import POSTGRES
from auditor.store.numbers import spelled
from auditor.store.schema import decision, device, event, run, run_site, unread

OUTCOMES = ("match", "no_match", "undetermined", "unread")
ESCAPE = "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteScope:
    """The sites somebody may see; None: all of them."""

    sites: frozenset[str] | None = None

    def allows(self, site: str) -> bool:
        """Tell whether a site may be seen."""
        return self.sites is None or site in self.sites

    def narrow(self, query: Any, column: Any) -> Any:
        """Return a query over what lies at these sites alone."""
        return query if self.sites is None else query.where(column.in_(sorted(self.sites)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLine:
    """A site: its devices by outcome, what its last run could not read, when that was."""

    site: str
    devices: int = 0
    match: int = 0
    no_match: int = 0
    undetermined: int = 0
    unread: int = 0
    failures: int = 0
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """A device as it was last seen; times in RFC 3339 (UTC)."""

    device: str
    site: str
    address: str
    name: str
    seen: str
    outcome: str
    makers: str
    first: str
    last: str
    gone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """What one run did at one site."""

    run: str
    site: str
    started: str
    ended: str
    standing: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWindow:
    """Which rows are asked for: at the sites of a scope, beyond a key, at most so many."""

    scope: SiteScope = field(default_factory=SiteScope)
    after: tuple[Any, ...] = ()
    limit: int = 50

    def cut(self, lines: Sequence[Any], rows: Sequence[Any], *keys: str) -> "Slice":
        """Return the rows of the window as lines; `rows` has one more where others follow."""
        if len(rows) <= self.limit:
            return Slice(items=tuple(lines))
        return Slice(items=tuple(lines[: self.limit]), next=tuple(getattr(rows[self.limit - 1], key) for key in keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some rows in their order, and where the next ones begin (None: there are no more)."""

    items: tuple[Any, ...]
    next: tuple[Any, ...] | None = None


def sites(base: Connection, scope: SiteScope) -> list[SiteLine]:
    """Return every site where something is kept, with its counts."""
    counts: dict[str, dict[str, Any]] = {}
    query = select(device.c.site, device.c.outcome, func.count()).where(device.c.merged_into.is_(None))
    for site, outcome, number in base.execute(
        scope.narrow(query, device.c.site).group_by(device.c.site, device.c.outcome)
    ):
        cells = counts.setdefault(site, {"devices": 0})
        cells["devices"] += number
        if outcome in OUTCOMES:
            cells[outcome] = number
    query = select(unread.c.site, func.count()).group_by(unread.c.site)
    for site, number in base.execute(scope.narrow(query, unread.c.site)):
        counts.setdefault(site, {})["failures"] = number
    query = select(run_site.c.site, func.max(run_site.c.started)).group_by(run_site.c.site)
    for site, last in base.execute(scope.narrow(query, run_site.c.site)):
        counts.setdefault(site, {})["last"] = last
    return [SiteLine(site=site, **cells) for site, cells in sorted(counts.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceQuestion:
    """Which devices are asked for: at a site, by outcome, by a piece of address, name or key."""

    site: str = ""
    outcome: str = ""
    text: str = ""


def devices(base: Connection, window: RowWindow, ask: DeviceQuestion) -> Slice:
    """Return devices by number, those that are one with an older one left out."""
    names = list(DeviceLine.__dataclass_fields__)[1:]
    query = window.scope.narrow(select(device.c.number, *(device.c[name] for name in names)), device.c.site)
    query = query.where(device.c.number > (window.after or (0,))[0], device.c.merged_into.is_(None))
    query = query.where(device.c.site == ask.site) if ask.site else query
    query = query.where(device.c.outcome == ask.outcome) if ask.outcome else query
    if ask.text:
        query = query.where(_contains(base, ask.text))
    if younger := _merges_to_come(base):
        query = query.where(device.c.number.not_in(younger))
    rows = base.execute(query.order_by(device.c.number).limit(window.limit + 1)).all()
    lines = [DeviceLine(device=spelled(one), **dict(zip(names, cells, strict=True))) for one, *cells in rows]
    return window.cut(lines, rows, "number")


def _contains(base: Connection, text: str) -> Any:
    """Return the condition that a device has a text in its address, name, key or makers."""
    for letter in (ESCAPE, "%", "_"):
        text = text.replace(letter, ESCAPE + letter)
    words = device.c.address + " " + device.c.name + " " + device.c.key + " " + device.c.makers
    # SQLite's LIKE takes letters of either case for one another, and in half the time of lower().
    like = words.ilike if base.dialect.name == POSTGRES else words.like
    return like(f"%{text}%", escape=ESCAPE)


def _merges_to_come(base: Connection) -> list[int]:
    """Return the numbers that people decided are one with an older one; no run has said so yet."""
    if base.execute(select(decision.c.id).where(decision.c.sort == acts.MERGE).limit(1)).first() is None:
        return []
    own = select(device.c.number).where(device.c.merged_into.is_not(None))
    return sorted(set(acts.merges(base)) - set(base.execute(own).scalars()))[:500]


def runs(base: Connection, window: RowWindow, site: str = "") -> Slice:
    """Return what runs did at each site, the newest first; a row's key is its id."""
    number = select(func.count()).where(event.c.run_site == run_site.c.id).scalar_subquery()
    names = list(RunLine.__dataclass_fields__)
    columns = (run_site.c.id.label("key"), run.c.id, run_site.c.site, run_site.c.started, run_site.c.ended)
    query = select(*columns, run_site.c.standing, number).join(run, run.c.number == run_site.c.run)
    query = window.scope.narrow(query, run_site.c.site)
    query = query.where(run_site.c.site == site) if site else query
    query = query.where(run_site.c.id < window.after[0]) if window.after else query
    rows = base.execute(query.order_by(run_site.c.id.desc()).limit(window.limit + 1)).all()
    return window.cut([RunLine(**dict(zip(names, row[1:], strict=True))) for row in rows], rows, "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """What a run told of a device."""

    at: str
    site: str
    device: str
    address: str
    sort: str
    before: str
    after: str
    because: str


def events(base: Connection, window: RowWindow, name: str) -> Slice:
    """Return what a run, by its id, told of devices, in the order it did; a row's key is its id."""
    words = ("address", "sort", "before", "after", "because")
    query = select(event.c.id, run.c.started, run_site.c.site, event.c.device, *(event.c[word] for word in words))
    query = query.join(run_site, run_site.c.id == event.c.run_site).join(run, run.c.number == run_site.c.run)
    query = window.scope.narrow(query, run_site.c.site).where(run.c.id == name, event.c.id > (window.after or (0,))[0])
    rows = base.execute(query.order_by(event.c.id).limit(window.limit + 1)).all()
    lines = [
        EventLine(at=at, site=site, device=spelled(one) if one else "", **dict(zip(words, cells, strict=True)))
        for _, at, site, one, *cells in rows
    ]
    return window.cut(lines, rows, "id")
