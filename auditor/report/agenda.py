"""What the reader of a report has to do, by when and where, and what is missing to sign."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from auditor.formats.document import summary
from auditor.model import Applies, Audit, AuditedAsset, Obligation, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.dates import when
from auditor.report.laws import PURPOSES, answer_words, title
from auditor.report.views import binding, natural
from auditor.report.words import counted

MOST = 3
FEW = 3
OBTAINED = "day it was obtained"
TITLE = "What must be done"
GAPS_TITLE = "Missing before a paper can be signed"
GAP_HEAD = ("Missing", "Number", "How to give it")
NO_TASK = "No law that can bind the reader asks anybody to act on what was found."
_RANK = tuple(Applies)


@dataclass(slots=True, kw_only=True)
class AgendaItem:
    """One thing to do: the duty, by when, whether it binds, the laws that ask, where."""

    duty: str
    due: date | None
    answer: str
    rank: int
    laws: list[str] = field(default_factory=list)
    audience: str = ""
    devices: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)


def tasks(audit: Audit, options: Options) -> list[AgendaItem]:
    """Return what is to be done, what has a day first, then what surely applies."""
    groups: dict[tuple[object, ...], AgendaItem] = {}
    for item in audit.assets:
        for duty in _duties(item, options):
            answer = answer_words(duty, options)
            key = (duty.duty, duty.due, answer)
            if key not in groups:
                rank = _RANK.index(duty.applies)
                groups[key] = AgendaItem(duty=options.asks(duty.duty), due=duty.due, answer=answer, rank=rank)
            _join(groups[key], duty, item)
    return sorted(groups.values(), key=lambda task: _urgency(task, audit.as_of))


def task_lines(audit: Audit, options: Options) -> list[str]:
    """Return the first things to do, a sentence each, and how many more there are."""
    every = tasks(audit, options)
    lines = [_line(task, audit, options) for task in every[:MOST]]
    rest = len(every) - MOST
    if rest > 0:
        lines[-1] += f" {counted(rest, 'more duty', 'more duties')} below, under what each law asks."
    return lines or [NO_TASK]


def gaps(audit: Audit, options: Options) -> list[tuple[str, str, str]]:
    """Return what is missing, how much of it, and the way to give it."""
    without_day, without_purpose = set(), set()
    for item in audit.assets:
        for need in (need for duty in _duties(item, options) for need in duty.needs):
            if need.startswith(OBTAINED):
                without_day.add(item.asset.key)
            elif need.startswith(PURPOSES):
                without_purpose.add(item.asset.site)
    unread = summary(audit)["unread"]
    lines = (
        ("who is asking", int(options.organisation is None), "[organisation] in auditor.toml: country, state, roles"),
        (
            "days of purchase",
            len(without_day),
            "a column of days in the inventory, or a facts file: auditor filings facts all",
        ),
        (
            "purposes of sites",
            len(without_purpose),
            "purposes under [site.NAME] in auditor.toml; an empty list is none",
        ),
        ("unread targets", unread, "read them again, or import what they say; the list says why each was not read"),
    )
    return [(name, f"{number:,}", how) for name, number, how in lines if number]


def _duties(item: AuditedAsset, options: Options) -> Iterator[Obligation]:
    """Yield what is asked of a device that somebody is to act on; waived findings ask nothing."""
    for finding in item.findings:
        if finding.tier is Tier.COVERED and finding.waiver is None:
            yield from (duty for duty in binding(finding) if duty.duty not in options.idle)


def _join(task: AgendaItem, duty: Obligation, item: AuditedAsset) -> None:
    if (law := title(duty)) not in task.laws:
        task.laws.append(law)
    task.audience = task.audience or one_line(duty.bound)
    task.devices.add(item.asset.key)
    task.sites.add(one_line(item.asset.site) or "no site")


def _urgency(task: AgendaItem, as_of: date) -> tuple[object, ...]:
    """Return the sort key: a day to come, or one that surely passed, before what has none."""
    is_dated = task.due is not None and (task.due >= as_of or task.rank == 0)
    return (not is_dated, task.rank, task.due or date.max, task.duty, task.laws)


def _line(task: AgendaItem, audit: Audit, options: Options) -> str:
    by = f"By {task.due} ({when(task.due, audit.as_of)}): " if task.due else ""
    reader = options.organisation
    who = (reader.person or reader.name if reader else "") or task.audience
    where = f"{counted(len(task.devices), 'device')} at {_few(sorted(task.sites, key=natural))}"
    parts = (f"{by}{task.duty.rstrip('.')}; {task.answer}", _few(task.laws), where, f"Who: {who}" if who else "")
    return one_line(f"{'. '.join(filter(None, parts))}.", 1000)


def _few(words: Iterable[str]) -> str:
    names = list(words)
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
