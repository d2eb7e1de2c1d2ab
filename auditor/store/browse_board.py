"""The removal board: every device to be removed and its state, a page at a time by keyset."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Subquery, func, or_, select

from auditor.store import acts
from auditor.store.browse import RowWindow, Slice
from auditor.store.numbers import spelled
from auditor.store.rows import OFF
from auditor.store.schema import claim, device, step

# A device of a covered maker of which nobody noted anything yet.
OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLine:
    """A device to be removed: its last step (`open`: none), who noted it, whether it is back."""

    device: str
    site: str
    address: str
    name: str
    makers: str
    state: str
    at: str
    who: str
    seen_again: str


def board(base: Connection, window: RowWindow, site: str = "", state: str = "") -> Slice:
    """Return the devices to be removed, or those of a site or in a state, by number."""
    last = _last_steps()
    columns = (device.c.number, device.c.site, device.c.address, device.c.name, device.c.makers)
    query = select(*columns, last.c.state, last.c.at, last.c.who).outerjoin(last, last.c.number == device.c.number)
    is_covered = device.c.number.in_(select(claim.c.device).where(claim.c.tier != "watch"))
    query = window.scope.narrow(query, device.c.site).where(device.c.merged_into.is_(None))
    query = query.where(device.c.number > (window.after or (0,))[0])
    query = query.where(or_(last.c.state.is_not(None), is_covered))
    query = query.where(device.c.site == site) if site else query
    if state:
        query = query.where(last.c.state.is_(None) if state == OPEN else last.c.state == state)
    rows = base.execute(query.order_by(device.c.number).limit(window.limit + 1)).all()
    seen = acts.last_seen(base, [row.number for row in rows if row.state in OFF])
    return window.cut([_line(row, seen.get(row.number, "")) for row in rows], rows, "number")


def _last_steps() -> Subquery:
    """Return the last step of each device, by its number of today."""
    number = func.coalesce(device.c.merged_into, device.c.number)
    order = (func.substr(step.c.at, 1, 10).desc(), step.c.id.desc())
    rank = func.row_number().over(partition_by=number, order_by=order).label("rank")
    ranks = select(number.label("number"), step.c.state, step.c.at, step.c.who, rank)
    ranks_of = ranks.join(device, device.c.number == step.c.device).subquery()
    columns = (ranks_of.c.number, ranks_of.c.state, ranks_of.c.at, ranks_of.c.who)
    return select(*columns).where(ranks_of.c.rank == 1).subquery()


def _line(row: Any, seen: str) -> BoardLine:
    words = {name: getattr(row, name) or "" for name in ("site", "address", "name", "makers", "at", "who")}
    again = seen[:10] if row.state in OFF and seen > row.at else ""
    return BoardLine(device=spelled(row.number), state=row.state or OPEN, seen_again=again, **words)
