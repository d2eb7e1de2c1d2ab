"""Runs of several sites one after the other, numbered and compared in memory as a store does it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from auditor.store.alarms import alarm, is_reminder_due
from auditor.store.baseline import RunTimes, Standing, standing
from auditor.store.coverage import SiteCoverage
from auditor.store.events import CompareTerms, compare
from auditor.store.past import DevicePast, Past, follow
from auditor.store.sightings import Night
from tests.tools.sightings import Store

FIRST = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def at(day, hour=2):
    """Return a moment: the hour of a day, counted from the first."""
    return FIRST + timedelta(days=day, hours=hour - 2)


class Life:
    """All sites of a store: what each knows of each device, and the times of its runs."""

    def __init__(self, terms=None, remind_days=0):
        self.store, self.terms, self.remind_days = Store(), terms or CompareTerms(), remind_days
        self.pasts, self.times, self.steps, self.levels, self.gone = {}, {}, {}, {}, set()

    def past(self, site):
        """Return the past of a site, with what other sites know of its devices."""
        own = self.pasts.get(site, Past())
        elsewhere = {}
        for other in (past for name, past in self.pasts.items() if name != site):
            for number, device in other.devices.items():
                best = elsewhere.get(number)
                if device.here and (best is None or best.started < device.here.started):
                    elsewhere[number] = device.here
        return replace(own, devices={
            number: replace(
                own.devices.get(number, DevicePast()),
                elsewhere=elsewhere.get(number),
                levels=self.levels.get(number, {}),
                steps=self.steps.get(number, ()),
                gone=number in self.gone,
            )
            for number in (own.devices.keys() | elsewhere.keys() | self.levels.keys())
        })  # fmt: skip

    def night(self, started, assets, coverage=None, *, site="hq", now=None, **values):
        """Take in a run; return what happened, and to whom."""
        self.store.night(*assets)
        numbering = self.store.last
        times = RunTimes(started=started, ended=started + timedelta(minutes=20), digest=repr((assets, coverage)))
        times = replace(times, standing=standing(times, self.times.get(site, ()), now or started))
        night = Night(
            run=f"{site} {started:%m-%d %H}", site=site, started=started, coverage=coverage or SiteCoverage(),
            assets=assets, of=numbering.of, standing=times.standing, new=frozenset(numbering.new),
            merges=numbering.merges, splits=numbering.splits, because=numbering.because, **values,
        )  # fmt: skip
        past = self.past(site)
        self.comparison = compare(night, past, self.terms)
        self.alarm = alarm(night, past, self.comparison, self.remind_days)
        self._keep(site, night, past, times)
        return [(event.sort.value, event.device) for event in self.comparison.events]

    def _keep(self, site, night, past, times):
        after = follow(past, night, self.comparison.seen, self.comparison.silent)
        if is_reminder_due(night, past, self.remind_days):
            after = replace(after, reminder=night.day)
        self.pasts[site] = after
        self.times.setdefault(site, []).append(times)
        self.levels |= {number: device.levels for number, device in after.devices.items()}
        self.gone |= {number for number, is_gone in self.comparison.silent.items() if is_gone}
        if night.standing is Standing.BASELINE:
            self.gone -= self.comparison.seen.keys()


def covered(*read, alive=(), swept=("192.0.2.1-192.0.2.254",), failed=(), tables=(), cut=()):
    """Return a coverage: addresses that answered, and those whose tables were read."""
    return SiteCoverage(
        answered=tuple(sorted({*read, *tables, *alive})),
        swept=tuple(swept),
        failed=tuple(failed),
        read=tuple(sorted((address, "snmp") for address in {*read, *tables})),
        cut=tuple((address, "snmp") for address in cut),
    )
