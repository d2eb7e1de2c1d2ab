"""What one run of a site saw of each device, ready to be compared. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from auditor import normal
from auditor.model import AssetKind
from auditor.store.baseline import Standing
from auditor.store.coverage import SWEEP, SiteCoverage
from auditor.store.marks import Document

LEVELS = ("possible", "probable", "confirmed")
# A device by its number; a list that is none by the key its rows name.
Ident = int | str
Finding = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one run did at one site: when it began (UTC), what it examined, whom it saw.

    `rules` and `laws` are digests of what it was judged by; `new`, `merges`, `splits` and `because` are those of its
    numbering.
    """

    run: str
    site: str
    started: datetime
    coverage: SiteCoverage
    assets: Sequence[Document]
    of: Mapping[str, int]
    rules: str = ""
    laws: str = ""
    standing: Standing = Standing.BASELINE
    new: frozenset[int] = frozenset()
    merges: tuple[tuple[int, int], ...] = ()
    splits: tuple[tuple[int, int], ...] = ()
    because: Mapping[tuple[int, int], str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Return the day it began."""
        return self.started.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePorts:
    """What a run read at a site beside its devices: its coverage, and who told of others.

    `whole` has for each reporter the collectors that read its tables to their end, `readers` all that read them.
    """

    coverage: SiteCoverage
    whole: Mapping[Ident, frozenset[str]]
    readers: Mapping[Ident, frozenset[str]]


class PlugSighting(NamedTuple):
    """Where a device hung in a run that was sure of it, flatly where `is_flat`.

    `carriers` are what it may hang on, `collectors` read the tables of the switch then.
    """

    switch: Ident
    port: str
    words: str
    started: datetime
    is_flat: bool = True
    carriers: frozenset[Ident] = frozenset()
    collectors: frozenset[str] = frozenset()


class LastSighting(NamedTuple):
    """One device in one run of a site, whose devices `of` has by key.

    Without a `plug` its place is unknown or a guess, or was not asked for.
    """

    run: str
    started: datetime
    document: Document
    rules: str
    ports: SitePorts
    of: Mapping[str, int]
    plug: PlugSighting | None = None

    @property
    def reporters(self) -> frozenset[Ident]:
        """Return who told of it."""
        return frozenset(self.of.get(by, by) for by in {entry["by"] for entry in self.document["said"]})

    @property
    def is_read(self) -> bool:
        """Tell whether it spoke for itself, and did not only answer a sweep."""
        return speaks(self.document)

    @property
    def addresses(self) -> frozenset[str]:
        """Return the IP addresses at which it answered or is heard of."""
        return frozenset(filter(normal.is_address, self.document["addresses"] or [self.document["address"]]))

    @property
    def name(self) -> str:
        """Return what it is called."""
        return str(self.document["name"])

    def levels(self) -> dict[Finding, int]:
        """Return the level (see `LEVELS`) of each finding, by maker and part."""
        return dict(levels(self.document))

    def makers(self) -> set[str]:
        """Return the makers it has findings on."""
        return {maker for maker, _ in self.levels()}

    def firmware(self, *, own: bool = True) -> str:
        """Return the version it states of itself, or as its findings have it; or nothing."""
        if own:
            return str(self.document.get("firmware", ""))
        return ", ".join(sorted({finding["firmware"] for finding in self.document["findings"]} - {""}))

    def duties(self) -> set[str]:
        """Return what laws ask of it, in words."""
        return {
            f"{duty['policy']}: {duty['duty']} ({duty['applies']})"
            for finding in (*self.document["findings"], *self.document["parts"])
            for duty in finding.get("obligations", ())
            if duty["applies"] != "no"
        }

    def verdict(self) -> str:
        """Return its findings in words, or its outcome where it has none."""
        words = (" ".join(filter(None, (*key, LEVELS[level]))) for key, level in self.levels().items())
        return ", ".join(sorted(words)) or str(self.document["outcome"])

    def where(self) -> str:
        """Return its place in words."""
        place = self.document["place"]
        return _words(place) if place else ""


def _words(place: Document) -> str:
    return f"{place['switch']} {place['port']}"


def levels(document: Document) -> Iterator[tuple[Finding, int]]:
    """Yield maker and part, and the level of each finding on a device and its parts."""
    yield from ((key, level) for key, level, _ in rated_findings(document))


def rated_findings(document: Document) -> Iterator[tuple[Finding, int, Document]]:
    """Yield maker and part, the level, and each finding itself on a device and its parts."""
    for finding in (*document["findings"], *document["parts"]):
        if finding.get("verdict") in LEVELS:
            yield (finding["maker"], finding.get("part", "")), LEVELS.index(finding["verdict"]), finding


def sightings(night: Night, spelling: Callable[[str], str] = str, *, plugs: bool = True) -> dict[int, LastSighting]:
    """Return what a run saw of each device; `spelling` gives a port the one it is compared by.

    Of two assets of one device the one that spoke stands for it, then the one of which others tell. Without `plugs`
    nobody is told where they hung.
    """
    ports = ports_of(night)
    plug_of = _Plugs(night, ports, spelling) if plugs else lambda _asset: None
    seen: dict[int, LastSighting] = {}
    for asset in _present(night):
        device = night.of.get(asset["key"])
        if device is not None and device not in seen and counts(asset):
            plug = plug_of(asset)
            seen[device] = LastSighting(night.run, night.started, asset, night.rules, ports, night.of, plug)
    return seen


class _Plugs:
    """Tells where each asset of a run hung, where that is sure."""

    def __init__(self, night: Night, ports: SitePorts, spelling: Callable[[str], str]) -> None:
        self._night, self._ports, self._named = night, ports, _named(night)
        # Switches have the same ports.
        self._spelling = cache(spelling)

    def __call__(self, asset: Document) -> PlugSighting | None:
        """Return where an asset hung; nothing for a guess."""
        place = asset["place"]
        if place is None or place.get("confidence") == "low":
            return None
        of = self._night.of
        switch = self._switch(place["switch"], asset)
        return PlugSighting(
            switch=switch,
            port=self._spelling(place["port"]),
            words=_words(place),
            started=self._night.started,
            is_flat=place.get("confidence", "high") == "high",
            carriers=frozenset([of.get(key, key) for key in place["carriers"]]),
            collectors=self._ports.readers.get(switch, frozenset()),
        )

    def _switch(self, name: str, asset: Document) -> Ident:
        """Return the device a place names; of several of one name the one that told of the place."""
        devices = self._named.get(name, set()) if name else set()
        if len(devices) > 1:
            devices = devices & {self._night.of.get(entry["by"], entry["by"]) for entry in asset["said"]}
        return next(iter(devices)) if len(devices) == 1 else name


def _present(night: Night) -> Iterator[Document]:
    """Yield the assets that were there in a run; of rows of ours that came back the new ones."""
    answered = frozenset(night.coverage.answered)
    for asset in sorted(night.assets, key=_by_words):
        addresses = (asset["address"], *asset["addresses"])
        is_new = night.of.get(asset["key"]) in night.new
        if is_new or asset["seen"] != "read" or not answered.isdisjoint(addresses):
            yield asset


def speaks(asset: Document) -> bool:
    """Tell whether an asset spoke for itself, and did not only answer a sweep."""
    return asset["seen"] == "read" and any(one != SWEEP for one in asset["collectors"])


def _by_words(asset: Document) -> tuple[bool, bool, str]:
    return (not speaks(asset), asset["seen"] == "read", asset["key"])


def counts(asset: Document) -> bool:
    """Tell whether an asset is told of: a virtual machine only where it is a match."""
    return bool(asset.get("kind") != AssetKind.VIRTUAL.value or asset["outcome"] == "match")


def ports_of(night: Night) -> SitePorts:
    """Return who told of others in a run, and who of them to the end."""
    owners: dict[str, Ident] = {
        address: night.of[asset["key"]]
        for asset in night.assets
        if asset["seen"] == "read" and asset["key"] in night.of
        for address in (asset["address"], *asset["addresses"])
    }
    return SitePorts(
        coverage=night.coverage,
        whole=_by_owner(night.coverage.tables(whole=True), owners, night.site),
        readers=_by_owner(night.coverage.tables(), owners, night.site),
    )


def _by_owner(
    collectors: Mapping[str, frozenset[str]], owners: Mapping[str, Ident], site: str
) -> dict[Ident, frozenset[str]]:
    """Return the collectors of each device at all its addresses; a list stands for itself."""
    groups: dict[Ident, frozenset[str]] = {}
    for address, own in collectors.items():
        owner = owners.get(address, f"{site}/{address}")
        groups[owner] = groups.get(owner, frozenset()) | own
    return groups


def _named(night: Night) -> dict[str, set[Ident]]:
    """Return the devices of each name and address."""
    devices: dict[str, set[Ident]] = defaultdict(set)
    for asset in night.assets:
        if (device := night.of.get(asset["key"])) is not None:
            for name in (asset["name"], asset["address"]):
                devices[name].add(device)
    return devices
