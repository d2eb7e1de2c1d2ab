"""What is kept of a run, and of what it did at each site."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from auditor.store.coverage import SiteCoverage
from auditor.store.marks import Mark
from auditor.store.numbers import spelled

# Steps of a removal after which a device is not to be seen again.
OFF = frozenset({"removed", "disposed"})
# A waiver that ends within this time is expiring.
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One run as listed; times in RFC 3339 (UTC), the summary in JSON, the journal's SHA-256.

    `pruned` is the day its content was let go; empty: it is all there.
    """

    number: int
    id: str
    started: str
    finished: str
    as_of: str
    tool: str = ""
    sites: str
    summary: str
    journal: str
    sha256: str
    pruned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRun:
    """What one run did at one site: its times (UTC), what it examined, a digest of its records."""

    site: str
    started: datetime
    ended: datetime
    coverage: SiteCoverage = field(default_factory=SiteCoverage)
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a device's removal: when, who says so, on what ground, with what proof."""

    asset: str
    state: str
    at: str
    who: str
    note: str
    proof: str = ""
    device: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What a person decided; `mark` is the JSON of one, `undone` says who took it back.

    `sort` is `merge`, `split`, `undo` (of the decision `devices`), `end` (of the waiver `devices`) or `revoke` (of the
    token `devices`).
    """

    id: int = 0
    sort: str
    devices: str
    mark: str = ""
    who: str
    why: str = ""
    at: str
    undone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """What a person set aside until a day: a finding, a device, or a maker at a site.

    `law` binds it to one policy; `silence` is the first day of a window in which no events are told, and waives
    nothing; `ended` says who ended it and when. `id` is 0 for one of a file.
    """

    id: int = 0
    device: int | None = None
    finding: str = ""
    maker: str = ""
    site: str = ""
    law: str = ""
    silence: str = ""
    who: str
    why: str
    authority: str = ""
    at: str = ""
    until: str
    ended: str = ""

    def state(self, today: date) -> str:
        """Return `in force`, `expiring` within 30 days, or `ended`."""
        until = date.fromisoformat(self.until)
        if self.ended or until < today:
            return "ended"
        return "expiring" if until <= today + SOON else "in force"

    def words(self) -> str:
        """Return what it sets aside."""
        device = spelled(self.device) if self.device else ""
        words = [device or self.finding or self.maker or "all events"]
        words += [f"finding {self.finding} ({self.maker})" if device and self.finding else ""]
        words += [f"at {self.site}" if self.site else "", f"under {self.law}" if self.law else ""]
        words += [f"silent from {self.silence}" if self.silence else ""]
        return " ".join(filter(None, words))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """What a run leaves in the store: its row, its document, its sites, who ran it.

    `now` is the store's clock; `rules` and `laws` are digests of what it was judged by; `context` says who asked and
    which purposes the sites served.
    """

    run: Stored
    document: Mapping[str, Any]
    sites: Sequence[SiteRun] = ()
    rules: str = ""
    laws: str = ""
    context: Mapping[str, Any] | None = None
    now: datetime
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removals:
    """Every removal step, oldest first, and the marks of the devices they are about."""

    steps: tuple[Step, ...] = ()
    marks: Mapping[int, frozenset[Mark]] = field(default_factory=dict)

    def gone(self) -> Iterator[Step]:
        """Yield the last step of each device that is not to be seen again."""
        last = {step.device or step.asset: step for step in self.steps}
        yield from (step for step in last.values() if step.state in OFF)


def agrees(content: str, cells: Mapping[Any, Any]) -> bool:
    """Tell whether the cells of a row are what the content of its link says of them."""
    try:
        words = json.loads(content)
        return isinstance(words, dict) and all(cells[key] == value for key, value in words.items() if key in cells)
    except (ValueError, RecursionError):
        return False
