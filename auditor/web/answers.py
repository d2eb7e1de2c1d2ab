"""What may be asked and what is answered, as types: the OpenAPI document is made of them."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Form, Path, Query

from auditor.errors import UsageError
from auditor.store.browse import DeviceLine, EventLine, RowWindow, RunLine, SiteLine, SiteScope, Slice
from auditor.store.browse_board import BoardLine
from auditor.store.browse_findings import DueLine, FindingLine, UnreadLine
from auditor.store.bulk import clean

# The largest whole number of a column in PostgreSQL.
LARGEST = (1 << 31) - 1
After = Annotated[str, Query(max_length=2000, description="What `next` of the page before said.")]
Limit = Annotated[int, Query(ge=1, le=500, description="So many at most.")]
Text = Annotated[str, Query(max_length=200)]
Number = Annotated[str, Path(pattern=r"^[Dd]-?[0-9]{1,9}$", description="The number of a device, as D-000042.")]
Row = Annotated[int, Path(ge=1, le=LARGEST)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The SHA-256 of a file.")]
Outcome = Literal["", "match", "no_match", "undetermined", "unread"]
State = Literal["found", "confirmed", "planned", "removed", "disposed"]
Role = Literal["reader", "field", "officer", "admin"]


@dataclass(frozen=True, slots=True)
class SiteAsk:
    """A page of what lies at a site, or at all of them."""

    site: Text = ""
    after: After = ""
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class DeviceAsk(SiteAsk):
    """A page of devices: at a site, by outcome, by a piece of address, name, key or maker."""

    outcome: Outcome = ""
    text: Text = ""


@dataclass(frozen=True, slots=True)
class FindingAsk(SiteAsk):
    """A page of findings: of a maker, at a verdict, under a law, at a site."""

    maker: Text = ""
    verdict: Literal["", "possible", "probable", "confirmed"] = ""
    law: Text = ""


@dataclass(frozen=True, slots=True)
class BoardAsk(SiteAsk):
    """A page of the removal board: at a site, in a state; `open` is what nobody has begun."""

    state: Literal["", "open", "found", "confirmed", "planned", "removed", "disposed"] = ""


@dataclass(frozen=True, slots=True)
class TopologyAsk:
    """A site's topology: all of it, or within `hops` cables of the device `start`."""

    site: Text = ""
    start: Annotated[str, Query(max_length=20)] = ""
    hops: Annotated[int, Query(ge=1, le=6)] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteList:
    """Every site."""

    items: Sequence[SiteLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceList:
    """A page of devices; `next` is what the next page is asked for with, null on the last."""

    items: Sequence[DeviceLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingList:
    """A page of findings."""

    items: Sequence[FindingLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadList:
    """A page of what could not be read."""

    items: Sequence[UnreadLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """A page of what runs did at sites, the newest first."""

    items: Sequence[RunLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """A page of what a run told of devices."""

    items: Sequence[EventLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardList:
    """A page of the removal board."""

    items: Sequence[BoardLine]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """What is due, the earliest day first."""

    items: Sequence[DueLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNote:
    """A step of a removal: the state that was reached, the day (today where none is named)."""

    state: State
    day: date | None = None
    note: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverNote:
    """A device, or one finding on it by its id, set aside until a day: why, on whose authority."""

    why: str
    authority: str
    until: date
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenNote:
    """A token to be given: whose, what it may, at which sites (none: at all)."""

    name: str
    role: Role
    sites: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as a form sends it; a field left empty is an empty text there."""

    state: Annotated[State, Form()]
    day: Annotated[str, Form(max_length=10)] = ""
    note: Annotated[str, Form(max_length=400)] = ""
    proof: Annotated[str, Form(max_length=400)] = ""

    def note_of(self) -> StepNote:
        """Return what it says; a day that is none is a `UsageError`."""
        try:
            day = date.fromisoformat(self.day) if self.day else None
        except ValueError:
            raise UsageError("is no day such as 2026-11-21", where=f"'{self.day}'") from None
        return StepNote(state=self.state, day=day, note=self.note, proof=self.proof)


@dataclass(frozen=True, slots=True)
class TokenForm:
    """A token to be given, as a form sends it; sites stand apart by commas."""

    name: Annotated[str, Form(max_length=80)]
    role: Annotated[Role, Form()]
    sites: Annotated[str, Form(max_length=400)] = ""

    def note_of(self) -> TokenNote:
        """Return what it says."""
        sites = tuple(filter(None, (word.strip() for word in self.sites.split(","))))
        return TokenNote(name=self.name.strip(), role=self.role, sites=sites)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """A token as it is listed; its secret is in no store."""

    id: int
    name: str
    role: str
    sites: Sequence[str]
    who: str
    at: str
    revoked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenList:
    """Every token."""

    items: Sequence[TokenLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The secret of a new token; nothing shows it again."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done, in lines."""

    lines: Sequence[str]


def window(scope: SiteScope, after: str, limit: int, *kinds: type) -> RowWindow:
    """Return the rows that are asked for; `kinds` are the types of a row's key."""
    return RowWindow(scope=scope, after=_key(after, kinds) if after else (), limit=limit)


def following(rows: Slice) -> str | None:
    """Return what the page after some rows is asked for with, or None."""
    if rows.next is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(rows.next, separators=(",", ":")).encode()).decode().rstrip("=")


def _key(after: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    try:
        cells = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        cells = None
    is_key = isinstance(cells, list) and [type(cell) for cell in cells] == list(kinds)
    if not is_key or any(isinstance(cell, int) and not 0 <= cell <= LARGEST for cell in cells):
        raise UsageError("is not what a page before said under 'next'", where="after")
    return tuple(clean(cell) if isinstance(cell, str) else cell for cell in cells)
