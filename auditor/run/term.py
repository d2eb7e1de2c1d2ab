"""Devices over all runs of a term: what filings count, not what one night happened to see."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.formats.document import ASSET
from auditor.formats.journal import instant, stamp
from auditor.model import Audit, AuditedAsset, Finding, Outcome, Tier, Verdict
from auditor.paperwork.case import DeviceSpan, RunsOfTerm
from auditor.store import term
from auditor.store.numbers import number_of, spelled
from auditor.store.runs import Store
from auditor.store.term import TermSighting

WEAKER = "weaker evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An audit with every device of covered makers that the runs of its term ever saw.

    `spans` say from when to when each was seen, by asset key; `books` are the runs in which an inventory speaks.
    """

    audit: Audit
    spans: Mapping[str, DeviceSpan] = field(default_factory=dict)
    runs: RunsOfTerm | None = None
    books: Collection[str] = ()


def over_term(audit: Audit, store: Store, first: date | None, at_least: Verdict) -> Term:
    """Return the term that ends with a stored run; runs before the day `first` do not count.

    A device the last run does not accuse stands as the newest run that did saw it, and that is said: only a person
    takes a device off the list.
    """
    from auditor.store import acts

    begin, end = first.isoformat() if first else "", stamp(audit.run.started)
    with store.database.reading() as base:
        devices, days_seen = term.covered_sightings(base, begin, end), term.latest(base)
        runs, older = term.runs_between(base, begin, end), acts.merges(base)
        today = {older.get(number, number): item for item in audit.assets if (number := number_of(item.device))}
        older_runs = OlderRuns(audit, at_least)
        last = {
            number: today[number]
            if number in today and older_runs.accuses(today[number])
            else next(older_runs.accusing(term.assets(base, sightings)), None)
            for number, sightings in devices.items()
        }
        books = term.runs_with_books(base, {number: devices[number] for number, item in last.items() if item})
    entries = {number: item for number, item in last.items() if item is not None}
    items, own_spans = _union(audit, today, entries, devices)
    spans = {key: replace(span, latest=instant(days_seen[number]).date()) for number, (key, span) in own_spans.items()}
    days = [instant(one.started).date() for one in runs] or [audit.run.started.date()]
    return Term(
        audit=replace(audit, assets=items), spans=spans, books=books,
        runs=RunsOfTerm(number=max(len(runs), 1), first=days[0], last=days[-1]),
    )  # fmt: skip


class OlderRuns:
    """Reads devices out of older runs."""

    def __init__(self, audit: Audit, at_least: Verdict) -> None:
        self.audit, self.at_least = audit, at_least

    def accuses(self, item: AuditedAsset) -> bool:
        """Tell whether a device has a finding that enters a sheet."""
        return any(self._counts(one) for one in (*item.findings, *(part for part in item.parts if part.unit)))

    def _counts(self, finding: Finding) -> bool:
        return finding.tier is Tier.COVERED and finding.verdict >= self.at_least

    def accusing(self, documents: Iterator[Mapping[str, object]]) -> Iterator[AuditedAsset]:
        """Yield the device as older runs saw it that accused it, newest first."""
        items = map(ASSET.read, documents)
        yield from (self._in_force(item) for item in items if self.accuses(item))

    def _in_force(self, item: AuditedAsset) -> AuditedAsset:
        """Return a device without the waivers that have ended since."""

        def one(finding: Finding) -> Finding:
            has_ended = finding.waiver is not None and finding.waiver.until < self.audit.as_of
            return replace(finding, waiver=None) if has_ended else finding

        return replace(item, findings=tuple(map(one, item.findings)), parts=tuple(map(one, item.parts)))


def _union(
    audit: Audit,
    today: Mapping[int, AuditedAsset],
    entries: Mapping[int, AuditedAsset],
    devices: Mapping[int, Sequence[TermSighting]],
) -> tuple[tuple[AuditedAsset, ...], dict[int, tuple[str, DeviceSpan]]]:
    """Return the assets of the last run and of older ones; key and span of each by number."""
    items = {item.asset.key: item for item in audit.assets}
    spans: dict[int, tuple[str, DeviceSpan]] = {}
    for number, item in sorted(entries.items()):
        last = today.get(number)
        if last is not None:
            entry = replace(last, findings=item.findings, parts=item.parts, outcome=item.outcome)
        else:
            key = item.asset.key if item.asset.key not in items else f"{spelled(number)} {item.asset.key}"
            entry = replace(item, device=spelled(number), asset=replace(item.asset, key=key))
        items[entry.asset.key] = entry
        spans[number] = (entry.asset.key, _span(devices[number], item, last))
    return tuple(items.values()), spans


def _span(sightings: Sequence[TermSighting], item: AuditedAsset, last: AuditedAsset | None) -> DeviceSpan:
    first, day = instant(min(one.first for one in sightings)).date(), instant(sightings[0].last).date()
    return DeviceSpan(first=first, last=day, latest=day, otherwise=_otherwise(item, last), is_absent=last is None)


def _otherwise(item: AuditedAsset, last: AuditedAsset | None) -> str:
    """Return what the last run says of a device, where that is not what accuses it."""
    if last is None or last is item:
        return ""
    return WEAKER if last.outcome is Outcome.MATCH else last.outcome.value.replace("_", " ")
