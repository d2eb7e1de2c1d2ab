"""Runs of several sites one after the other, numbered, compared and kept in a real store."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from auditor.formats.journal import stamp
from auditor.store.coverage import SiteCoverage
from auditor.store.events import CompareTerms
from auditor.store.numbers import number
from auditor.store.rows import RunEntry, SiteRun, Step
from auditor.store.runs import Store
from tests.tools.stores import row


class KeptLife:
    """The sites of one store, a night at a time; it stands where `lives.Life` stands and tells the same."""

    def __init__(self, url: str | Path, terms: CompareTerms | None = None) -> None:
        self.kept, self.terms = Store(url), terms or CompareTerms()
        self.store, self._steps, self._back = self, set(), set()

    @property
    def steps(self):
        """Return nothing: what was noted stands in the store."""
        return {}

    @steps.setter
    def steps(self, steps):
        """Note the steps that are not noted yet; who put a device back says that it was found again."""
        self._back = {step.device for step in self._steps} - steps.keys()
        for device, own in steps.items():
            for state, moment in own:
                step = Step(asset="", device=device, state=state, at=stamp(moment), who="A", note="")
                if step not in self._steps:
                    self._steps.add(step)
                    self.kept.step(step)

    def night(self, started, assets, coverage=None, *, site="hq", now=None, **basis):
        """Take in a run; return what happened, and to whom."""
        for device in self._back:
            self._steps = {step for step in self._steps if step.device != device}
            day = stamp(started - timedelta(days=1))
            self.kept.step(Step(asset="", device=device, state="found", at=day, who="A", note=""))
        name, ended = f"{site} {started:%m-%d %H}", started + timedelta(minutes=20)
        run = replace(row(name, stamp(started)), finished=stamp(ended), sites=site, sha256=name)
        one = SiteRun(site=site, started=started, ended=ended, coverage=coverage or SiteCoverage(), digest=name)
        with self.kept.keeping() as keeper:
            self.last = number(assets, keeper.known(), keeper.decisions())
            document = {"schema": 1, "assets": sorted(assets, key=lambda asset: asset["key"])}
            entry = RunEntry(run=run, document=document, sites=[one], now=now or started, **basis)
            news = keeper.keep(entry, self.last, self.terms)[site]
        self.comparison, self.alarm = news.comparison, news.alarm
        return [(event.sort.value, event.device) for event in self.comparison.events]
