"""What a site's runs have left of each device, and how one more goes on from there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from auditor.store.baseline import Standing
from auditor.store.rows import OFF
from auditor.store.sightings import Finding, Ident, LastSighting, Night, PlugSighting, SitePorts


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePast:
    """One device as seen from one site, before a run of it.

    `here` is its last sighting in a baseline run of the site, `read` the last that has its own words, `plug` where it
    hung when that was last sure; `elsewhere` is the newest at any other site; `silent` counts the runs that examined it
    in vain since, from the day `since`; `levels` are the highest its findings ever had, at any site; `steps` are those
    of its removal, with their times (UTC), oldest first.
    """

    here: LastSighting | None = None
    read: LastSighting | None = None
    plug: PlugSighting | None = None
    elsewhere: LastSighting | None = None
    silent: int = 0
    since: date | None = None
    gone: bool = False
    levels: Mapping[Finding, int] = field(default_factory=dict)
    steps: tuple[tuple[str, datetime], ...] = ()

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether another site saw it last."""
        here, elsewhere = self.here, self.elsewhere
        return elsewhere is not None and (here is None or here.started < elsewhere.started)

    @property
    def comes_over(self) -> bool:
        """Tell whether a sighting means it was carried here: only another site saw it last."""
        return self.is_elsewhere and (self.here is None or self.silent > 0)

    def removal(self, moment: datetime) -> tuple[str, datetime] | None:
        """Return the step after which it was not to be seen at a moment, where that is its last."""
        steps = [step for step in self.steps if step[1] <= moment]
        return steps[-1] if steps and steps[-1][0] in OFF else None

    def joined(self, other: "DevicePast") -> "DevicePast":
        """Return the past of two devices that turned out to be one."""
        newest = max((self, other), key=lambda one: (one.here is not None, one.here and _rank(one.here)))
        elsewhere = [one.elsewhere for one in (self, other) if one.elsewhere is not None]
        plugs = [one.plug for one in (newest, self, other) if one.plug is not None]
        return replace(
            newest,
            read=newest.read or self.read or other.read,
            plug=next(iter(plugs), None),
            elsewhere=max(elsewhere, key=_rank, default=None),
            levels={
                key: max(one.levels.get(key, -1) for one in (self, other)) for key in {*self.levels, *other.levels}
            },
            steps=tuple(sorted({*self.steps, *other.steps}, key=lambda step: step[1])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A site before a run of it: its devices, and what its last runs left unread.

    `gaps` has for each address ever examined the collectors that failed in the last run that examined it, `unread`
    those that failed altogether with the day of the first; `reminder` is the day they were last told of. `is_first`: no
    run of the site is stored.
    """

    devices: Mapping[int, DevicePast] = field(default_factory=dict)
    gaps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[str, date] = field(default_factory=dict)
    reminder: date | None = None
    is_first: bool = True

    def merged(self, merges: tuple[tuple[int, int], ...]) -> "Past":
        """Return the past in which a run's merges had been known."""
        devices = dict(self.devices)
        for older, younger in sorted(merges, reverse=True):
            both = [devices.pop(number) for number in (older, younger) if number in devices]
            if both:
                devices[older] = both[0].joined(both[-1])
        return replace(self, devices=devices) if merges else self

    def is_gone(self, device: Ident) -> bool:
        """Tell whether a device is gone for good, as far as the store knows."""
        return isinstance(device, int) and device in self.devices and self.devices[device].gone

    def stays(self, plug: PlugSighting, now: LastSighting) -> bool:
        """Tell whether a run leaves it open that a device still hangs where it hung.

        It showed no place, or its switch was not read to the end, or that may still carry it.
        """
        if now.plug is None:
            return True
        if now.plug.switch == plug.switch:
            return False
        lost = not is_whole(plug.switch, plug.collectors, now.ports) and not self.is_gone(plug.switch)
        return lost or plug.switch in now.plug.carriers


def follow(past: Past, night: Night, seen: Mapping[int, LastSighting], silent: Mapping[int, bool]) -> Past:
    """Return the past after a run that saw some devices and examined others in vain.

    Of `silent` those are gone by it that are true.

    A run that is no baseline only raises levels.
    """
    past = past.merged(night.merges)
    devices = dict(past.devices)
    is_baseline = night.standing is Standing.BASELINE
    for number, sighting in seen.items():
        before = devices.get(number, DevicePast())
        held = {key: max(level, before.levels.get(key, -1)) for key, level in sighting.levels().items()}
        levels = {**before.levels, **held} if held else before.levels
        again = _seen_again(before, sighting, past, levels) if is_baseline else replace(before, levels=levels)
        devices[number] = again
    if not is_baseline:
        return replace(past, devices=devices)
    for number, is_gone in silent.items():
        before = devices[number]
        devices[number] = replace(
            before, silent=before.silent + 1, since=before.since or night.day, gone=before.gone or is_gone
        )
    return replace(past, devices=devices, gaps=_gaps(past, night), unread=_unread(past, night), is_first=False)


def _seen_again(before: DevicePast, sighting: LastSighting, past: Past, levels: Mapping[Finding, int]) -> DevicePast:
    read, plug = (None, None) if before.comes_over else (before.read, before.plug)
    return DevicePast(
        here=sighting,
        read=sighting if sighting.is_read else read,
        plug=plug if plug and past.stays(plug, sighting) else sighting.plug,
        elsewhere=before.elsewhere,
        levels=levels,
        steps=before.steps,
    )


def is_whole(reporter: Ident, collectors: frozenset[str], ports: SitePorts) -> bool:
    """Tell whether a run read all those tables to their end from which collectors told before."""
    return bool(collectors) and collectors <= ports.whole.get(reporter, frozenset())


def _gaps(past: Past, night: Night) -> dict[str, frozenset[str]]:
    answered = dict.fromkeys(night.coverage.answered, frozenset[str]())
    return {**past.gaps, **answered, **night.coverage.gaps}


def _unread(past: Past, night: Night) -> dict[str, date]:
    """Return the addresses that nobody could read, each with the first day of that."""
    unread = dict.fromkeys(night.coverage.unread, night.day)
    answered = set(night.coverage.answered)
    still = {at: day for at, day in past.unread.items() if at not in answered}
    return {**unread, **still}


def _rank(sighting: LastSighting) -> tuple[object, ...]:
    return (sighting.started, sighting.is_read)
