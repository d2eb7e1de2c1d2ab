"""What a store knows of a site before a run of it, as comparing needs it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from auditor.formats.fields import canonical
from auditor.formats.journal import instant, stamp
from auditor.store import acts, documents
from auditor.store.baseline import ALLOWANCE, RunTimes, Standing
from auditor.store.coverage import SiteCoverage, whoever_answered
from auditor.store.marks import Document
from auditor.store.past import DevicePast, Past
from auditor.store.schema import device, finding, presence, run, run_site, sighting, silence
from auditor.store.sightings import LastSighting, Night, PlugSighting, sightings

_PLACE = (run_site.c.id, run_site.c.run, run_site.c.site, run_site.c.started, run_site.c.rules, run_site.c.laws)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """What the last runs of a site left unread; see `Past`."""

    gaps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[str, date] = field(default_factory=dict)
    reminder: date | None = None

    def text(self) -> str:
        """Return it as JSON, the same for the same content."""
        values = {
            "gaps": {address: sorted(names) for address, names in self.gaps.items()},
            "unread": {address: day.isoformat() for address, day in self.unread.items()},
            "reminder": self.reminder.isoformat() if self.reminder else "",
        }
        return canonical(values)

    @classmethod
    def parse(cls, text: str) -> "SiteState":
        """Return the state a text holds."""
        values = json.loads(text)
        return cls(
            gaps={address: frozenset(names) for address, names in values["gaps"].items()},
            unread={address: date.fromisoformat(day) for address, day in values["unread"].items()},
            reminder=date.fromisoformat(values["reminder"]) if values["reminder"] else None,
        )


class SitePresence(NamedTuple):
    """What the last run that saw a device did at the site, which read it last, where it hung."""

    run: Any
    read: int | None
    plug: str


class SiteRecall:
    """A site before a run: what was seen last of the devices that matter to it.

    `spelling` gives a port the one spelling it is compared by.
    """

    def __init__(self, base: Connection, site: str, spelling: Any = str) -> None:
        self.base, self.site, self.spelling = base, site, spelling
        self._documents: dict[int, Document] = {}

    def put_aside(self, now: datetime) -> None:
        """Mark runs that began in the future as nobody's baseline: the clock was ahead then.

        Where more runs say so than not, it is today's clock that is behind, and they stay.
        """
        place = (run_site.c.site == self.site, run_site.c.standing == Standing.BASELINE.value)
        moments = self.base.execute(select(run_site.c.started).where(*place)).scalars().all()
        limit = stamp(now + ALLOWANCE)
        ahead = sum(moment > limit for moment in moments)
        if 0 < ahead <= len(moments) - ahead:
            late = run_site.c.started > limit
            self.base.execute(run_site.update().where(*place, late).values(standing=Standing.AHEAD.value))

    @cached_property
    def _newest(self) -> Any:
        """Return the id of the newest baseline run of the site and what it left, or None."""
        query = (
            select(run.c.id, run_site.c.state)
            .join(run_site, run_site.c.run == run.c.number)
            .where(run_site.c.site == self.site, run_site.c.standing == Standing.BASELINE.value)
            .order_by(run_site.c.started.desc(), run_site.c.id.desc())
            .limit(1)
        )
        return self.base.execute(query).first()

    def newest(self) -> str:
        """Return the id of the newest run of the site that is somebody's baseline, or nothing."""
        return self._newest.id if self._newest else ""

    def places(self, name: str) -> Iterator[Any]:
        """Yield what a run did at the site, as `night` takes it; nothing where it was not there."""
        query = select(*_PLACE, run_site.c.standing).join(run, run.c.number == run_site.c.run)
        yield from self.base.execute(query.where(run.c.id == name, run_site.c.site == self.site))

    def times(self) -> list[RunTimes]:
        """Return when the runs of the site that are somebody's baseline began and ended."""
        query = select(run_site.c.started, run_site.c.ended, run_site.c.digest).where(
            run_site.c.site == self.site, run_site.c.standing == Standing.BASELINE.value
        )
        return [
            RunTimes(started=instant(row.started), ended=instant(row.ended), digest=row.digest)
            for row in self.base.execute(query)
        ]

    def past(self, seen: Collection[int], texts: Mapping[int, Document]) -> Past:
        """Return the past of a site; `seen` are the run's devices, `texts` documents at hand by id."""
        rows = self._presence()
        counts = {
            number: [one for one in ones if number in rows and one.started > rows[number].run.started]
            for number, ones in self._silences().items()
        }
        gone = {number for number, ones in counts.items() if any(one.gone for one in ones)}
        numbers = {number for number in rows if number in seen or number not in gone}
        here = self._sightings({number: rows[number].run for number in numbers}, texts)
        wanted = set(seen) | numbers
        elsewhere, levels, steps = self._elsewhere(wanted), self._levels(wanted), self._steps()
        read = self._read({number: row for number in numbers if (row := rows[number]).read}, here)
        devices = {
            number: DevicePast(
                here=here.get(number),
                read=read.get(number),
                plug=plug_of(rows[number].plug, rows[number].run.started) if number in rows else None,
                elsewhere=elsewhere.get(number),
                silent=len(counts.get(number, ())),
                since=min((instant(one.started).date() for one in counts.get(number, ())), default=None),
                gone=number in gone,
                levels=levels.get(number, {}),
                steps=tuple(steps.get(number, ())),
            )
            for number in {*here, *elsewhere, *levels, *steps} & wanted
        }
        state = self._state()
        if state is None:
            return Past(devices=devices)
        return Past(devices=devices, gaps=state.gaps, unread=state.unread, reminder=state.reminder, is_first=False)

    def _presence(self) -> dict[int, SitePresence]:
        """Return each device of the site with the last baseline run that saw it there."""
        places = {row.id: row for row in self.base.execute(select(*_PLACE).where(run_site.c.site == self.site))}
        query = (
            select(presence.c.device, presence.c.last, presence.c.read, presence.c.plug)
            .join(device, device.c.number == presence.c.device)
            .where(presence.c.site == self.site, device.c.merged_into.is_(None))
        )
        return {
            number: SitePresence(places[last], read, plug)
            for number, last, read, plug in self.base.execute(query)
            if last in places
        }

    def _read(self, rows: Mapping[int, SitePresence], here: Mapping[int, LastSighting]) -> dict[int, LastSighting]:
        """Return each device as it was last read here, without whoever told of it then."""
        read = {number: here[number] for number, row in rows.items() if row.read == row.run.id and number in here}
        older: dict[int, list[int]] = defaultdict(list)
        for number in rows.keys() - read.keys():
            older[rows[number].read or 0].append(number)
        for place, numbers in older.items():
            query = select(*_PLACE).where(run_site.c.id == place)
            for row in self.base.execute(query):
                read |= sightings(self.night(row, {}, numbers), self.spelling, plugs=False)
        return read

    def _sightings(self, places: Mapping[int, Any], texts: Mapping[int, Document]) -> dict[int, LastSighting]:
        """Return each device as its last run saw it, with whoever told of it there."""
        by_run: dict[int, set[int]] = defaultdict(set)
        rows = {}
        for number, place in places.items():
            by_run[place.id].add(number)
            rows[place.id] = place
        last: dict[int, LastSighting] = {}
        for name, numbers in by_run.items():
            night = self.night(rows[name], texts)
            own = sightings(night, self.spelling, plugs=False)
            last |= {number: one for number, one in own.items() if number in numbers}
        return last

    def night(self, place: Any, texts: Mapping[int, Document], devices: Collection[int] = ()) -> Night:
        """Return a stored run of the site as it was, or what it saw of some devices."""
        query = select(sighting.c.device, sighting.c.document).where(sighting.c.run_site == place.id)
        rows = self.base.execute(query.where(sighting.c.device.in_(devices)) if devices else query).all()
        missing = {row.document for row in rows} - texts.keys() - self._documents.keys()
        self._documents |= dict(documents.assets(self.base, missing))
        assets = [texts.get(row.document) or self._documents[row.document] for row in rows]
        covered = self.base.execute(select(run_site.c.coverage).where(run_site.c.id == place.id)).scalar()
        text = documents.fetch(self.base, [covered])[covered] if covered else ""
        return Night(
            run=self.base.execute(select(run.c.id).where(run.c.number == place.run)).scalar_one(),
            site=self.site,
            started=instant(place.started),
            coverage=SiteCoverage.parse(text) if text else whoever_answered(assets),
            assets=assets,
            of={asset["key"]: row.device for asset, row in zip(assets, rows, strict=True) if row.device is not None},
            rules=place.rules,
            laws=place.laws,
        )

    def _elsewhere(self, numbers: Collection[int]) -> dict[int, LastSighting]:
        """Return the devices that another site saw last, without whoever told of them there."""
        rows: list[Any] = []
        columns = (device.c.number, device.c.document, run.c.id.label("name"), *_PLACE)
        for group in documents.groups(sorted(numbers)):
            query = (
                select(*columns)
                .join(run_site, run_site.c.id == device.c.last_site)
                .join(run, run.c.number == run_site.c.run)
                .where(device.c.number.in_(group), run_site.c.site != self.site)
            )
            rows += self.base.execute(query).all()
        assets = dict(documents.assets(self.base, {row.document for row in rows if row.document}))
        last: dict[int, LastSighting] = {}
        for row in rows:
            asset = assets[row.document]
            night = Night(
                run=row.name, site=row.site, started=instant(row.started), assets=[asset],
                coverage=whoever_answered([asset]), of={asset["key"]: row.number}, rules=row.rules, laws=row.laws,
            )  # fmt: skip
            last |= sightings(night, self.spelling, plugs=False)
        return last

    def _silences(self) -> dict[int, list[Any]]:
        query = (
            select(silence.c.device, silence.c.gone, run_site.c.started)
            .join(run_site, run_site.c.id == silence.c.run_site)
            .where(run_site.c.site == self.site)
        )
        return _by_device(self.base.execute(query))

    def _levels(self, numbers: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
        levels: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
        older, own_numbers = self._older, set(numbers)
        younger = {one for one, number in older.items() if number in own_numbers}
        for group in documents.groups(sorted({*numbers, *younger})):
            for row in self.base.execute(select(finding).where(finding.c.device.in_(group))):
                own = levels[older.get(row.device, row.device)]
                own[row.maker, row.part] = max(row.level, own.get((row.maker, row.part), -1))
        return levels

    def _steps(self) -> dict[int, list[tuple[str, datetime]]]:
        steps: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
        for one in acts.steps(self.base):
            if one.device is not None:
                steps[self._older.get(one.device, one.device)].append((one.state, instant(one.at)))
        return steps

    def _state(self) -> SiteState | None:
        """Return what the newest baseline run left; None where there is none."""
        if self._newest is None:
            return None
        state = self._newest.state
        return SiteState.parse(documents.fetch(self.base, [state])[state]) if state else SiteState()

    @cached_property
    def _older(self) -> Mapping[int, int]:
        return acts.merges(self.base)


def _by_device(rows: Iterable[Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.device].append(row)
    return groups


def plug_of(text: str, last: str) -> PlugSighting | None:
    """Return where a device hung, as `plug_text` wrote it after the run that began at `last`."""
    if not text:
        return None
    values = json.loads(text)
    return PlugSighting(
        switch=values["switch"],
        port=values["port"],
        words=values["words"],
        started=instant(values.get("started", last)),
        is_flat=values["is_flat"],
        carriers=frozenset(values["carriers"]),
        collectors=frozenset(values["collectors"]),
    )


def plug_text(plug: PlugSighting | None, last: datetime) -> str:
    """Return where a device hung as JSON, the same for the same place, or nothing.

    That the run that began at `last` saw it there goes without saying, so that a quiet night changes nothing.
    """
    if plug is None:
        return ""
    values = {
        "switch": plug.switch,
        "port": plug.port,
        "words": plug.words,
        "is_flat": plug.is_flat,
        "carriers": sorted(plug.carriers, key=str),
        "collectors": sorted(plug.collectors),
    }
    return canonical(values if plug.started == last else values | {"started": stamp(plug.started)})
