"""Findings, what is due, what was not read: a page at a time, at the sites of a scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from auditor.store.browse import RowWindow, SiteScope, Slice
from auditor.store.documents import groups
from auditor.store.numbers import spelled
from auditor.store.schema import claim, device, duty, unread
from auditor.store.sightings import LEVELS

# What a law asks at all: `no` asks nothing.
ASKS = ("yes", "if-purpose", "undecidable")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A finding on a device as it was last seen; `laws` are the policies that ask something."""

    device: str
    site: str
    address: str
    name: str
    maker: str
    part: str
    brand: str
    model: str
    category: str
    verdict: str
    tier: str
    id: str
    waived: str
    laws: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """What the newest run of a site could not read there, and why."""

    site: str
    address: str
    collector: str
    reason: str
    detail: str
    at: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """A duty of a law with its day: how many findings at a site it is asked of."""

    due: str
    policy: str
    title: str
    duty: str
    applies: str
    site: str
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuestion:
    """Which findings are asked for: of a maker, at a verdict, under a law, at a site."""

    maker: str = ""
    verdict: str = ""
    law: str = ""
    site: str = ""


def findings(base: Connection, window: RowWindow, ask: FindingQuestion) -> Slice:
    """Return findings as last seen, by device, maker and part."""
    keys = (claim.c.device, claim.c.maker, claim.c.part)
    query = select(claim, device.c.address, device.c.name).join(device, device.c.number == claim.c.device)
    query = window.scope.narrow(query, claim.c.site).where(device.c.merged_into.is_(None))
    if window.after:
        first, maker, part = window.after
        beyond = and_(keys[0] == first, or_(keys[1] > maker, and_(keys[1] == maker, keys[2] > part)))
        query = query.where(keys[0] >= first, or_(keys[0] > first, beyond))
    rows = base.execute(_as_asked(query, ask).order_by(*keys).limit(window.limit + 1)).all()
    laws_of = _laws(base, {row.duties for row in rows if row.duties})
    return window.cut([_finding(row, laws_of.get(row.duties, ())) for row in rows], rows, "device", "maker", "part")


def _as_asked(query: Select[Any], ask: FindingQuestion) -> Select[Any]:
    query = query.where(claim.c.maker == ask.maker) if ask.maker else query
    query = query.where(claim.c.level == LEVELS.index(ask.verdict)) if ask.verdict in LEVELS else query
    query = query.where(claim.c.site == ask.site) if ask.site else query
    if not ask.law:
        return query
    laws = select(duty.c.duties).where(duty.c.policy == ask.law, duty.c.applies.in_(ASKS))
    return query.where(claim.c.duties.in_(laws))


def _finding(row: Any, laws: Sequence[str]) -> FindingLine:
    words = {name: getattr(row, name) for name in ("site", "address", "name", "maker", "part", "brand", "model")}
    more = {name: getattr(row, name) for name in ("category", "tier", "id", "waived")}
    return FindingLine(device=spelled(row.device), verdict=LEVELS[row.level], laws=tuple(laws), **words, **more)


def _laws(base: Connection, numbers: set[int]) -> dict[int, list[str]]:
    laws: dict[int, list[str]] = {}
    for group in groups(sorted(numbers)):
        query = select(duty.c.duties, duty.c.policy).where(duty.c.duties.in_(group), duty.c.applies.in_(ASKS))
        query = query.where(duty.c.context.is_(False)).distinct().order_by(duty.c.policy)
        for number, policy in base.execute(query):
            laws.setdefault(number, []).append(policy)
    return laws


def choices(base: Connection, scope: SiteScope) -> dict[str, list[str]]:
    """Return what findings can be asked for by: makers and laws that occur."""
    makers = scope.narrow(select(claim.c.maker), claim.c.site).distinct().order_by(claim.c.maker)
    own = scope.narrow(select(claim.c.duties), claim.c.site).distinct()
    laws = (
        select(duty.c.policy).where(duty.c.duties.in_(own), duty.c.applies.in_(ASKS)).distinct().order_by(duty.c.policy)
    )
    return {"maker": list(base.execute(makers).scalars()), "law": list(base.execute(laws).scalars())}


def failures(base: Connection, window: RowWindow, site: str = "") -> Slice:
    """Return what could not be read, by site and position."""
    query = window.scope.narrow(select(unread), unread.c.site)
    query = query.where(unread.c.site == site) if site else query
    if window.after:
        place, position = window.after
        query = query.where(or_(unread.c.site > place, and_(unread.c.site == place, unread.c.position > position)))
    rows = base.execute(query.order_by(unread.c.site, unread.c.position).limit(window.limit + 1)).all()
    names = list(UnreadLine.__dataclass_fields__)
    lines = [UnreadLine(**{name: getattr(row, name) for name in names}) for row in rows]
    return window.cut(lines, rows, "site", "position")


def dues(base: Connection, scope: SiteScope, site: str, limit: int) -> list[DueLine]:
    """Return what is due by which day, the earliest first; waived findings ask nothing."""
    columns = (duty.c.due, duty.c.policy, duty.c.title, duty.c.duty, duty.c.applies, claim.c.site)
    own = scope.narrow(select(claim.c.duties, claim.c.site, func.count().label("findings")), claim.c.site)
    own = own.where(claim.c.waived == "", claim.c.duties.is_not(None), claim.c.tier != "watch")
    own = own.where(claim.c.site == site) if site else own
    sums = own.group_by(claim.c.duties, claim.c.site).subquery()
    query = select(*columns[:-1], sums.c.site, func.sum(sums.c.findings)).join(sums, sums.c.duties == duty.c.duties)
    query = query.where(duty.c.due != "", duty.c.applies.in_(ASKS), duty.c.context.is_(False))
    query = query.group_by(*columns[:-1], sums.c.site).order_by(duty.c.due, duty.c.policy, duty.c.duty, sums.c.site)
    return [
        DueLine(**dict(zip(DueLine.__dataclass_fields__, row, strict=True))) for row in base.execute(query.limit(limit))
    ]
