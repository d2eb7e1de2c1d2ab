"""Which addresses a sweep asks together, and what an interrupted sweep has behind it."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import groupby

from auditor.collect.sweep.addresses import AddressBlock
from auditor.model import Observation, Span, Target

STRETCH = 131_072


def fields(
    spans: Iterable[Span],
    done: Iterable[Observation] = (),
    most: Callable[[Target], int] = lambda _like: STRETCH,
    barred: Callable[[int, str], Sequence[tuple[int, int]]] = lambda _version, _site: (),
) -> Iterator[AddressBlock]:
    """Yield the spans in stretches of addresses treated alike, at most so many in one.

    `done` is what an interrupted sweep found; `barred` says which addresses may not be contacted at a site.
    """
    behind = _behind(done)
    for (like, version), alike in groupby(spans, key=lambda span: (span.like, span.version)):
        whole = merged((span.first, span.last + 1) for span in alike)
        holes = [*behind[like.site, version], *barred(version, like.site)]
        for pieces in _stretches(_without(whole, holes), min(most(like), STRETCH)):
            yield AddressBlock(like, version, pieces)


def told(version: int, pieces: Iterable[range]) -> list[str]:
    """Return stretches that were asked as a journal holds them, `10.0.0.1-10.0.7.254`."""
    kind = IPv4Address if version == 4 else IPv6Address  # noqa: PLR2004 - an IP version
    return [f"{kind(first)}-{kind(end - 1)}" for first, end in merged((piece.start, piece.stop) for piece in pieces)]


def said(seen: Observation) -> dict[str, object]:
    """Return `found` (collectors), `swept` (addresses), `cut` of what a sweep wrote."""
    try:
        words = json.loads(seen.extra or "{}")
    except ValueError:
        return {}
    return words if isinstance(words, dict) else {}


def _behind(done: Iterable[Observation]) -> defaultdict[tuple[str, int], list[tuple[int, int]]]:
    found: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for seen in done:
        words = said(seen)
        if words.get("cut"):
            continue
        stretches = words.get("swept")
        for text in (seen.target.address, *(stretches if isinstance(stretches, list) else ())):
            first, _, last = str(text).partition("-")
            try:
                ends = ip_address(first), ip_address(last or first)
            except ValueError:
                continue
            if ends[0].version == ends[1].version:
                found[seen.target.site, ends[0].version].append((int(ends[0]), int(ends[1]) + 1))
    return found


def merged(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return half-open intervals of numbers in order and apart, the empty ones left out."""
    out: list[tuple[int, int]] = []
    for first, end in sorted(pairs):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        elif first < end:
            out.append((first, end))
    return out


def _without(whole: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    apart = merged(holes)
    for start, end in whole:
        first = start
        at = max(0, bisect_right(apart, (start,)) - 1)
        while at < len(apart) and apart[at][0] < end:
            if first < apart[at][0]:
                yield first, apart[at][0]
            first = max(first, apart[at][1])
            at += 1
        if first < end:
            yield first, end


def _stretches(whole: Iterable[tuple[int, int]], most: int) -> Iterator[Sequence[range]]:
    group: list[range] = []
    left = most
    for start, end in whole:
        first = start
        while first < end:
            piece = range(first, min(end, first + left))
            group.append(piece)
            first, left = piece.stop, left - len(piece)
            if not left:
                yield group
                group, left = [], most
    if group:
        yield group
