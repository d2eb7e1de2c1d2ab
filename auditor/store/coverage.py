"""What one run examined at a site: who answered, which ranges were swept, what failed. Pure.

Equal content gives equal text, whatever the order of records. Records without a note of a sweep examine what they name.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from auditor.formats.fields import canonical
from auditor.model import EmptySweep, Observation, Record, Unread
from auditor.store.marks import Document

# It tells that somebody is there, not who.
SWEEP = "sweep"
# These tell of nobody behind whom they ask.
LOOKERS = frozenset({SWEEP, "probe"})
# An imported list of others, which is no device itself.
LIST = "table"

Pair = tuple[str, str]
Interval = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class SiteCoverage:
    """Addresses of one site in one run, sorted.

    `answered` are those that spoke, `swept` ranges that were asked to their end, `failed` are (address, collector,
    reason); `read` are (address, collector) that said anything, `cut` those whose tables about others may end early.
    """

    answered: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    failed: tuple[tuple[str, str, str], ...] = ()
    read: tuple[Pair, ...] = ()
    cut: tuple[Pair, ...] = ()

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Return why each address where something failed could not be read."""
        return {at: reason for at, _, reason in reversed(self.failed)}

    @cached_property
    def unread(self) -> Mapping[str, str]:
        """Return the addresses where something failed and nothing was read, each with a reason."""
        read = {address for address, _ in self.read}
        return {at: reason for at, reason in self.reasons.items() if at not in read}

    @cached_property
    def gaps(self) -> Mapping[str, frozenset[str]]:
        """Return for each address of which something was not examined the collectors that failed."""
        gaps: dict[str, set[str]] = defaultdict(set)
        for address, collector, *_ in (*self.failed, *self.cut):
            gaps[address].add(collector)
        return {address: frozenset(collectors) for address, collectors in gaps.items()}

    def tables(self, *, whole: bool = False) -> dict[str, frozenset[str]]:
        """Return for each address who read its tables about others, or who did to their end."""
        tables: dict[str, set[str]] = defaultdict(set)
        for address, collector in set(self.read).difference(self.cut if whole else ()):
            if collector not in LOOKERS:
                tables[address].add(collector)
        return {address: frozenset(collectors) for address, collectors in tables.items()}

    def is_asked(self, address: str) -> bool:
        """Tell whether an address answered (by whomever), or was swept."""
        return address in self._answered or self.is_swept(address)

    @cached_property
    def _answered(self) -> frozenset[str]:
        return frozenset(self.answered)

    def is_swept(self, address: str) -> bool:
        """Tell whether an address stands in a range that was asked to its end."""
        try:
            number = ip_address(address)
        except ValueError:
            return False
        firsts, lasts = _intervals(self.swept, number.version)
        at = bisect_right(firsts, int(number)) - 1
        return at >= 0 and int(number) <= lasts[at]

    def text(self) -> str:
        """Return the coverage as JSON, the same for the same content."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return canonical(values)

    @classmethod
    def parse(cls, text: str) -> "SiteCoverage":
        """Return the coverage of a text; an empty text is one of nothing."""
        values = json.loads(text) if text else {}
        tuples = {name: tuple(map(tuple, values.get(name, ()))) for name in ("failed", "read", "cut")}
        return cls(answered=tuple(values.get("answered", ())), swept=tuple(values.get("swept", ())), **tuples)


def whoever_answered(assets: Iterable[Document]) -> SiteCoverage:
    """Return what a run examined of which nothing but its assets is known: those that answered."""
    addresses = {at for asset in assets if asset["seen"] == "read" for at in (asset["address"], *asset["addresses"])}
    return SiteCoverage(answered=tuple(sorted(addresses - {""})))


def coverage(records: Iterable[Record]) -> dict[str, SiteCoverage]:
    """Return what the records of a run say was examined, by site."""
    by_site: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_site[record.target.site].append(record)
    return {site: _of_site(own) for site, own in sorted(by_site.items())}


def _of_site(records: Iterable[Record]) -> SiteCoverage:
    own = list(records)
    # What a report of ours concluded and brings back has examined nobody.
    observations = [record for record in own if isinstance(record, Observation) and not record.is_returned]
    failures = [record for record in own if isinstance(record, Unread)]
    sweeps: list[Observation | EmptySweep] = [
        *observations,
        *(record for record in own if isinstance(record, EmptySweep)),
    ]
    spoken = {(one.target.address, one.collector) for one in observations}
    cut = {(one.target.address, one.collector) for one in failures if one.may_lack_rows}
    failed = {
        (one.target.address, one.collector, one.reason.value)
        for one in failures
        # What was stopped before its first answer is no table that ends early.
        if not one.may_lack_rows or (one.target.address, one.collector) not in spoken
    }
    return SiteCoverage(
        answered=tuple(sorted({address for address, collector in spoken if collector != LIST})),
        swept=_merged({text for one in sweeps for text in _ranges(one)}),
        failed=tuple(sorted(failed)),
        read=tuple(sorted(pair for pair in spoken if pair[1] != SWEEP)),
        cut=tuple(sorted(cut & spoken)),
    )


def _ranges(record: Observation | EmptySweep) -> tuple[str, ...]:
    if isinstance(record, EmptySweep):
        return record.ranges
    note = record.sweep
    return () if note is None or note.cut else note.ranges


def _merged(ranges: Iterable[str]) -> tuple[str, ...]:
    """Return ranges without overlaps, ascending, adjacent ones as one."""
    merged: list[str] = []
    for version, kind in ((4, IPv4Address), (6, IPv6Address)):
        firsts, lasts = _intervals(tuple(sorted(ranges)), version)
        merged += [f"{kind(first)}-{kind(last)}" for first, last in zip(firsts, lasts, strict=True)]
    return tuple(merged)


@lru_cache(maxsize=64)
def _intervals(ranges: tuple[str, ...], version: int) -> tuple[list[int], list[int]]:
    """Return the first and the last addresses of ranges of one IP version, as numbers."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(_interval(text, version) for text in ranges):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        elif first >= 0:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def _interval(text: str, version: int) -> Interval:
    """Return the numbers of a range; one of the other version, or none at all, is below zero."""
    first, _, last = text.partition("-")
    try:
        ends = ip_address(first), ip_address(last or first)
    except ValueError:
        return -1, -1
    return (int(ends[0]), int(ends[1])) if ends[0].version == ends[1].version == version else (-1, -1)
