"""What happened to each device of a site between its baseline and one run. Pure.

The baseline of a device is its sighting in the last run of the site that examined it, whatever ran in between. A run
that is no baseline itself tells only what the store had never seen, and what was not to be seen again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from auditor.normal import first_label
from auditor.store.baseline import GONE_AFTER, Standing
from auditor.store.coverage import SiteCoverage
from auditor.store.marks import Document
from auditor.store.numbers import spelled
from auditor.store.past import DevicePast, Past, is_whole
from auditor.store.sightings import LastSighting, Night, PlugSighting, SitePorts, levels, ports_of, sightings

Judge = Callable[[str], Mapping[str, Document]]


class Happening(StrEnum):
    """What can happen to a device between two runs of its site."""

    NEW = "new"
    READ = "read now"
    HEARD = "heard now"
    SILENT = "silent"
    UNREAD = "unread"
    GONE = "gone"
    BACK = "back"
    REMOVED = "removed, seen again"
    MOVED = "moved"
    MOVED_SITE = "moved site"
    RENAMED = "renamed"
    READDRESSED = "readdressed"
    FIRMWARE = "firmware"
    ROLE = "role"
    EVIDENCE = "changed: evidence"
    RULES = "changed: rules"
    LAW = "changed: law"
    MERGED = "merged"
    SPLIT = "split"


ORDER = tuple(Happening)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to one device: before and after in words, with the reason if it needs one."""

    sort: Happening
    device: int
    site: str
    key: str = ""
    address: str = ""
    before: str = ""
    after: str = ""
    because: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Return the sort key: by what happened, then by device."""
        return (ORDER.index(self.sort), self.device, self.before, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareTerms:
    """How runs are compared: when a silent device is gone (runs and days), spelling of ports.

    What stays unread is told again after `remind_days` (0: never). `judged_today` returns the assets of a stored run by
    key as today's rules judge its journal; it is only called where rules differ.
    """

    gone_after: int = GONE_AFTER
    remind_days: int = 0
    spelling: Callable[[str], str] = str
    judged_today: Judge = lambda _run: {}


DEFAULTS = CompareTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A run beside what was before it.

    `seen` are its sightings, `silent` the devices it examined in vain (true: gone by that).
    """

    events: tuple[Event, ...]
    seen: Mapping[int, LastSighting]
    silent: Mapping[int, bool]


def compare(night: Night, past: Past, terms: CompareTerms = DEFAULTS) -> Comparison:
    """Return what happened, sorted; the same night and past give the same events.

    A run that is no baseline itself (late, or ahead of the clock) examines nobody in vain.
    """
    past = past.merged(night.merges)
    seen = sightings(night, terms.spelling)
    changes = list(_decided(night, seen))
    for device, sighting in seen.items():
        if device not in night.new:
            changes += _sighted(
                _Pair(night, past, seen, device, past.devices.get(device, DevicePast()), sighting, terms)
            )
    silent: dict[int, bool] = {}
    if night.standing is Standing.BASELINE:
        ports = next((sighting.ports for sighting in seen.values()), ports_of(night))
        for device, before in past.devices.items():
            if device not in seen and before.here is not None:
                missing = _Missing(night, past, device, before, before.here, ports, terms)
                changes += missing.events()
                if missing.is_silent():
                    silent[device] = missing.is_gone()
    return Comparison(
        events=tuple(sorted(changes, key=lambda event: event.order)), seen=seen, silent=dict(sorted(silent.items()))
    )


def _decided(night: Night, seen: Mapping[int, LastSighting]) -> Iterator[Event]:
    """Yield what the numbering says: new devices, two that are one, one that is two."""
    origins = {new: kept for kept, new in night.splits}
    for device in sorted(night.new & seen.keys()):
        kept = origins.get(device)
        subject = Subject(night, device, seen[device].document)
        if kept is None:
            yield subject.event(Happening.NEW, after=_words(seen[device]))
        else:
            yield subject.event(Happening.SPLIT, spelled(kept), because=night.because.get((kept, device), ""))
    for older, younger in night.merges:
        subject = Subject(night, older, seen[older].document if older in seen else {})
        yield subject.event(Happening.MERGED, spelled(younger), because=night.because.get((older, younger), ""))


class Subject(NamedTuple):
    """The device an event of a run is about, by the document of it that is at hand."""

    night: Night
    device: int
    document: Document

    def event(self, sort: Happening, before: str = "", after: str = "", because: str = "") -> Event:
        """Return what happened to it."""
        return Event(
            sort=sort,
            device=self.device,
            site=self.night.site,
            key=self.document.get("key", ""),
            address=self.document.get("address", ""),
            before=before,
            after=after,
            because=because,
        )


def _words(sighting: LastSighting) -> str:
    """Return what a device is and where it hangs, in words."""
    return ", ".join(filter(None, (sighting.verdict(), sighting.where())))


def _sighted(pair: "_Pair") -> Iterator[Event]:
    """Yield what happened to a device that was seen before, and is seen now."""
    if (step := pair.past.removal(pair.night.started)) is not None:
        state, moment = step
        yield pair.event(Happening.REMOVED, f"{state} on {moment.date().isoformat()}", _words(pair.new))
    if pair.night.standing is not Standing.BASELINE:
        return
    if pair.past.gone:
        yield pair.event(Happening.BACK, after=_words(pair.new))
    elsewhere = pair.past.elsewhere
    if elsewhere is not None and pair.past.comes_over:
        yield pair.event(Happening.MOVED_SITE, elsewhere.document["site"], pair.night.site)
        yield from pair.own_changes(elsewhere, elsewhere if elsewhere.is_read else None)
    elif pair.past.here is not None:
        yield from pair.changes(pair.past.here)


class _Pair(NamedTuple):
    """A device that was seen, beside what was seen of it before."""

    night: Night
    site: Past
    seen: Mapping[int, LastSighting]
    device: int
    past: DevicePast
    new: LastSighting
    terms: CompareTerms

    def event(self, sort: Happening, before: str = "", after: str = "", because: str = "") -> Event:
        return Subject(self.night, self.device, self.new.document).event(sort, before, after, because)

    def changes(self, old: LastSighting) -> Iterator[Event]:
        """Yield what differs from its baseline at the same site."""
        yield from self._speech(old)
        old_plug, plug = self.past.plug, self.new.plug
        if old_plug and plug and self._is_moved(old_plug, plug):
            yield self.event(Happening.MOVED, old_plug.words, plug.words)
        read = self.past.read
        if read is not None and self.new.is_read and self._is_readdressed(read):
            yield self.event(Happening.READDRESSED, *(", ".join(sorted(one.addresses)) for one in (read, self.new)))
        yield from self.own_changes(old, read)

    def own_changes(self, old: LastSighting, read: LastSighting | None) -> Iterator[Event]:
        """Yield what differs of its own words, and of the verdict, wherever it was."""
        new = self.new
        if read is not None and new.is_read:
            if _is_other_name(read.name, new.name):
                yield self.event(Happening.RENAMED, read.name, new.name)
            yield from self._statements(read)
        if old.document is new.document:
            return
        if self._is_changed(old):
            because = self._rules(old)
            sort = Happening.RULES if because else Happening.EVIDENCE
            yield self.event(sort, old.verdict(), new.verdict(), because)
        elif old.is_read == new.is_read and old.levels() == new.levels() and old.duties() != new.duties():
            before, after = old.duties() - new.duties(), new.duties() - old.duties()
            yield self.event(Happening.LAW, ", ".join(sorted(before)), ", ".join(sorted(after)))

    def _statements(self, read: LastSighting) -> Iterator[Event]:
        """Yield what it states of itself otherwise than when it was read last; less is no change."""
        before, after = read.document, self.new.document
        # An older program kept the version of gear with findings alone, as its findings said it.
        versions = [one.firmware(own="firmware" in before and "firmware" in after) for one in (read, self.new)]
        if all(versions) and versions[0] != versions[1]:
            yield self.event(Happening.FIRMWARE, *versions)
        roles = before.get("role", ""), after.get("role", "")
        if all(roles) and roles[0] != roles[1] and read.rules == self.new.rules:
            yield self.event(Happening.ROLE, *roles)

    def _speech(self, old: LastSighting) -> Iterator[Event]:
        """Yield whether it answers now, does no longer, or failed with a reason."""
        if old.is_read and not self.new.is_read:
            reason = _failure(self.night.coverage, old)
            if reason:
                yield self.event(Happening.UNREAD, old.verdict(), because=reason)
            else:
                yield self.event(Happening.HEARD, old.verdict(), self.new.verdict())
        elif self.new.is_read and not old.is_read:
            yield self.event(Happening.READ, old.verdict(), self.new.verdict())

    def _is_changed(self, old: LastSighting) -> bool:
        """Tell whether verdict or maker differ, and not only because less or more of it was seen."""
        if old.is_read and not self.new.is_read:
            return False
        if self.new.is_read and not old.is_read:
            return not old.makers() <= self.new.makers()
        return old.levels() != self.new.levels()

    def _rules(self, old: LastSighting) -> str:
        """Return which rules made the difference: today's give today's answer on the baseline."""
        if old.rules == self.new.rules:
            return ""
        judged = self.terms.judged_today(old.run).get(old.document["key"])
        is_alike = judged is not None and dict(levels(judged)) == self.new.levels()
        return f"rules {old.rules or 'of then'} → {self.new.rules or 'of now'}" if is_alike else ""

    def _is_moved(self, old: PlugSighting, new: PlugSighting) -> bool:
        """Tell whether it hangs on another port, or on another switch and both were read twice.

        A switch of the same name in place of one that is gone was swapped, and nobody behind it moved.
        """
        if (old.switch, old.port) == (new.switch, new.port) or self.site.stays(old, self.new):
            return False
        if old.switch == new.switch or not isinstance(new.switch, int):
            return old.switch == new.switch
        is_swapped = old.words == new.words and old.switch not in self.seen
        if new.switch in old.carriers or is_swapped:
            return False
        carrier = self.seen[new.switch].plug if new.switch in self.seen else None
        if carrier is not None and (carrier.switch, carrier.port) == (old.switch, old.port):
            return False
        before = self.site.devices.get(new.switch, DevicePast()).read
        return old.is_flat or (before is not None and before.started >= old.started)

    def _is_readdressed(self, old: LastSighting) -> bool:
        """Tell whether its addresses differ, and not only because others were asked this time."""
        lost, gained = old.addresses - self.new.addresses, self.new.addresses - old.addresses
        if not (old.addresses and self.new.addresses):
            return False
        return (
            not old.addresses & self.new.addresses
            or any(_is_vacant(address, self.night.coverage) for address in lost)
            or any(_is_vacant(address, old.ports.coverage) for address in gained)
        )


@dataclass(frozen=True, slots=True)
class _Missing:
    """A device that a run did not see."""

    night: Night
    site: Past
    device: int
    past: DevicePast
    old: LastSighting
    ports: SitePorts
    terms: CompareTerms

    def events(self) -> Iterator[Event]:
        """Yield what that means: it failed, it is silent, it is gone; or nothing, as nobody asked."""
        if self.past.is_elsewhere or self.past.gone:
            return
        reason = _failure(self.night.coverage, self.old)
        if reason:
            if self.old.is_read and not self.old.addresses & self.site.unread.keys():
                yield self._event(Happening.UNREAD, self.old.verdict(), reason)
        elif self.is_silent():
            if self.is_gone():
                since = self.past.since or self.night.day
                words = f"silent in {self.past.silent + 1} runs since {since.isoformat()}"
                yield self._event(Happening.GONE, _words(self.old), words)
            elif not self.past.silent:
                yield self._event(Happening.SILENT, _words(self.old))

    def is_silent(self) -> bool:
        """Tell whether it was examined, and neither answered nor was heard."""
        if _failure(self.night.coverage, self.old) or self._is_behind_silence():
            return False
        if self.old.document["seen"] == "read":
            cover = self.night.coverage
            return all(cover.is_asked(address) for address in _places(self.old))
        return any(
            is_whole(reporter, self.old.ports.readers.get(reporter, frozenset()), self.ports)
            for reporter in self.old.reporters
        )

    def is_gone(self) -> bool:
        """Tell whether it is silent often and long enough by this run."""
        since = self.past.since or self.night.day
        after = self.terms.gone_after
        often = self.past.silent + 1 >= after
        return self.past.gone or (often and (self.night.day - since).days >= after and not self.past.is_elsewhere)

    def _is_behind_silence(self) -> bool:
        """Tell whether the switch it hung on was asked in vain: that is one event, the switch's own."""
        at = self.past.plug.switch if self.past.plug else ""
        switch = self.site.devices.get(at) if isinstance(at, int) else None
        if switch is None or switch.here is None or switch.gone or at in self.ports.readers:
            return False
        cover = self.night.coverage
        return any(cover.is_asked(address) or address in cover.reasons for address in switch.here.addresses)

    def _event(self, sort: Happening, before: str, because: str = "") -> Event:
        return Subject(self.night, self.device, self.old.document).event(sort, before, because=because)


def _failure(cover: SiteCoverage, old: LastSighting) -> str:
    """Return why a device could not be read at any address it answered at before."""
    unread = cover.unread
    reasons = sorted(unread[address] for address in _places(old) if address in unread)
    return reasons[0] if reasons else ""


def _places(old: LastSighting) -> frozenset[str]:
    """Return the addresses or labels a device was read under."""
    return frozenset(old.document["addresses"] or [old.document["address"]])


def _is_vacant(address: str, cover: SiteCoverage) -> bool:
    """Tell whether an address was asked, and its failure is not what keeps it from us."""
    return cover.is_asked(address) and address not in cover.reasons


def _is_other_name(old: str, new: str) -> bool:
    """Tell whether two names differ by more than a domain that one of them leaves out."""
    if not old or not new or old.casefold() == new.casefold():
        return False
    return first_label(old) != first_label(new) or ("." in old and "." in new)
