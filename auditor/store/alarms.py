"""What `--fail-on new` answers: what the store never held, what is newly unread. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from auditor.store.baseline import Standing
from auditor.store.events import Comparison, Event, Happening
from auditor.store.marks import Document
from auditor.store.past import DevicePast, Past
from auditor.store.rows import SiteRun
from auditor.store.sightings import LEVELS, Finding, Night, rated_findings

PROBABLE = LEVELS.index("probable")
ALARM, UNEXAMINED, QUIET = 1, 3, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The exit code; findings (by id) and devices that raise it; why something is unexamined."""

    code: int
    findings: tuple[str, ...] = ()
    devices: tuple[int, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNews:
    """What a run tells of a site: what changed, against which run, whether that is an alarm.

    `told` are the events but those of devices that somebody works at; `state` is what the site's runs left unread, as
    it is kept; `after` what is known of each device from now on.
    """

    site: SiteRun
    standing: Standing
    against: str
    comparison: Comparison
    told: tuple[Event, ...]
    alarm: Alarm
    state: str
    after: Mapping[int, DevicePast]


def alarm(night: Night, past: Past, comparison: Comparison, remind_days: int = 0) -> Alarm:
    """Return what a run is to be told for.

    What stays unread is told again after `remind_days` (0: never).
    """
    past = past.merged(night.merges)
    findings = sorted({name for asset in night.assets for name in _fresh(asset, night, past)})
    devices = sorted(set(_returned(comparison, past)))
    because = tuple(_unexamined(night, past, remind_days))
    code = ALARM if findings or devices else UNEXAMINED if because else QUIET
    return Alarm(code=code, findings=tuple(findings), devices=tuple(devices), because=because)


def _fresh(asset: Document, night: Night, past: Past) -> Iterator[str]:
    """Yield the findings whose device never had them, or only at a lower level."""
    held = past.devices.get(night.of.get(asset["key"], 0), DevicePast()).levels
    for key, level, finding in _covered(asset):
        if level >= PROBABLE and level > held.get(key, -1) and finding["waived"] is None:
            yield finding["id"]


def _returned(comparison: Comparison, past: Past) -> Iterator[int]:
    """Yield devices that are back or were removed, unless all findings on them are waived."""
    for event in comparison.events:
        document = comparison.seen[event.device].document if event.device in comparison.seen else None
        if document is None or event.sort not in {Happening.BACK, Happening.REMOVED}:
            continue
        own = [(level, finding["waived"] is not None) for _, level, finding in _covered(document)]
        is_waived = bool(own) and all(waived for _, waived in own)
        before = past.devices[event.device].here
        levels = [level for _, level, _ in _covered(before.document)] if before else []
        highest = max([*levels, *(level for level, _ in own)], default=-1)
        if not is_waived and (event.sort is Happening.REMOVED or highest >= PROBABLE):
            yield event.device


def _covered(asset: Document) -> Iterator[tuple[Finding, int, Document]]:
    """Yield the findings on covered makers, those on components inside a device left out."""
    for key, level, finding in rated_findings(asset):
        is_component = finding.get("part", "") and not finding.get("unit", "")
        if finding.get("tier", "covered") == "covered" and not is_component:
            yield key, level, finding


def _unexamined(night: Night, past: Past, remind_days: int) -> Iterator[str]:
    """Yield why something counts as not examined."""
    gaps = night.coverage.gaps
    if not night.assets and not night.coverage.answered:
        yield "nothing was examined"
    if past.is_first and gaps:
        yield f"the first run left {len(gaps)} unread"
    fresh = sorted(at for at, collectors in gaps.items() if at in past.gaps and not collectors <= past.gaps[at])
    if fresh:
        yield f"newly unread: {', '.join(fresh)}"
    if is_reminder_due(night, past, remind_days):
        yield f"unread for {remind_days} days or more"


def is_reminder_due(night: Night, past: Past, days: int) -> bool:
    """Tell whether something stays unread so long that it is to be told again.

    Whoever tells it sets `reminder` of the past to the day.
    """
    unread = [day for at, day in past.unread.items() if at in night.coverage.unread]
    last = max(filter(None, (past.reminder, min(unread, default=None))), default=None)
    return days > 0 and bool(unread) and last is not None and night.day - last >= timedelta(days=days)
