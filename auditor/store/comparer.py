"""A run beside what the store knows of its sites."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from auditor.formats.journal import instant
from auditor.store import acts
from auditor.store.alarms import QUIET, Alarm, SiteNews, alarm, is_reminder_due
from auditor.store.baseline import RunTimes, standing
from auditor.store.coverage import whoever_answered
from auditor.store.events import CompareTerms, Comparison, compare
from auditor.store.marks import Document
from auditor.store.numbers import Numbering
from auditor.store.past import Past, follow
from auditor.store.recall import SiteRecall, SiteState
from auditor.store.rows import RunEntry, SiteRun, WaiverRow
from auditor.store.sightings import Night


class SiteComparer:
    """Compares a numbered run with what came before it, in the transaction that stores it.

    `texts` are documents at hand by their id, so that what did not change is not read again.
    """

    def __init__(
        self,
        base: Connection,
        entry: RunEntry,
        numbering: Numbering,
        texts: Mapping[int, Document],
        terms: CompareTerms,
    ) -> None:
        self.base, self.entry, self.numbering, self.texts, self.terms = base, entry, numbering, texts, terms

    def news(self) -> dict[str, SiteNews]:
        """Return what is new at each site of the run."""
        return {one.site: self._compare(one) for one in _sites(self.entry)}

    def _compare(self, one: SiteRun) -> SiteNews:
        recall = SiteRecall(self.base, one.site, self.terms.spelling)
        recall.put_aside(self.entry.now)
        night = self._night(one, recall)
        past = recall.past({*night.of.values(), *(number for pair in night.merges for number in pair)}, self.texts)
        comparison = compare(night, past, self.terms)
        after = follow(past, night, comparison.seen, comparison.silent)
        days = self.terms.remind_days
        quiet = self._quiet(night)
        reminder = night.day if is_reminder_due(night, past, days) else past.reminder
        return SiteNews(
            site=one,
            standing=night.standing,
            against=recall.newest(),
            comparison=comparison,
            told=tuple(event for event in comparison.events if not quiet.holds(event.device)),
            alarm=quiet.alarm(night, past, comparison, days),
            state=SiteState(gaps=after.gaps, unread=after.unread, reminder=reminder).text(),
            after=after.devices,
        )

    @cached_property
    def _assets(self) -> Mapping[str, list[Document]]:
        """Return the assets of the run by site."""
        by_site: dict[str, list[Document]] = defaultdict(list)
        for asset in self.entry.document["assets"]:
            by_site[asset["site"]].append(asset)
        return by_site

    @cached_property
    def _silences(self) -> tuple[WaiverRow, ...]:
        return acts.silences(self.base)

    def _quiet(self, night: Night) -> "Quiet":
        """Return whose events nobody wants to be told of that day, as people said."""
        day = night.day.isoformat()
        rows = [row for row in self._silences if row.silence[:10] <= day <= row.until[:10]]
        own = frozenset(row.device for row in rows if row.device is not None)
        return Quiet(devices=own, whole=any(row.device is None and row.site == night.site for row in rows))

    def _night(self, one: SiteRun, recall: SiteRecall) -> Night:
        entry, numbering = self.entry, self.numbering
        assets = self._assets.get(one.site, [])
        of = {asset["key"]: numbering.of[asset["key"]] for asset in assets if asset["key"] in numbering.of}
        own = frozenset(of.values())
        times = RunTimes(started=one.started, ended=one.ended, digest=one.digest)
        return Night(
            run=entry.run.id,
            site=one.site,
            started=one.started,
            coverage=one.coverage,
            assets=assets,
            of=of,
            rules=entry.rules,
            laws=entry.laws,
            standing=standing(times, recall.times(), entry.now),
            new=own.intersection(numbering.new),
            merges=tuple(pair for pair in numbering.merges if pair[0] in own),
            splits=tuple(pair for pair in numbering.splits if pair[1] in own),
            because=numbering.because,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Devices, or a whole site, that nothing is told of while somebody works there."""

    devices: frozenset[int]
    whole: bool

    def holds(self, device: int) -> bool:
        """Tell whether nothing is told of a device."""
        return self.whole or device in self.devices

    def alarm(self, night: Night, past: Past, comparison: Comparison, remind_days: int) -> Alarm:
        """Return the alarm of a run without what is quiet."""
        if self.whole:
            return Alarm(code=QUIET)
        assets = [asset for asset in night.assets if not self.holds(night.of.get(asset["key"], 0))]
        events = tuple(event for event in comparison.events if not self.holds(event.device))
        return alarm(replace(night, assets=assets), past, replace(comparison, events=events), remind_days)


def _sites(entry: RunEntry) -> list[SiteRun]:
    """Return what the run did at each site, also where nothing says what it examined."""
    given = {one.site: one for one in entry.sites}
    ends = instant(entry.run.started), instant(entry.run.finished)
    assets: dict[str, list[Document]] = defaultdict(list)
    for asset in entry.document["assets"]:
        if asset["site"] not in given:
            assets[asset["site"]].append(asset)
    others = [
        SiteRun(site=name, started=ends[0], ended=max(ends), coverage=whoever_answered(own))
        for name, own in assets.items()
    ]
    return sorted((*given.values(), *others), key=lambda one: one.site)
