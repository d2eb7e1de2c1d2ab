"""The geometry of the pictures in a page: numbers in, coordinates out; no drawing."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.model import Audit, Finding, Tier, Verdict
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.words import counted

BAR_ROOM = 100.0
MAX_BARS = 8
MAX_LINES = 8
_STEPS = (0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45, 90, 400)
LABEL_CAP = 22
MAP_WIDTH, MAP_HEIGHT, MAP_MARGIN = 640.0, 320.0, 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a bar, in hundredths of the longest."""

    verdict: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a chart, cut by verdict."""

    label: str
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One site on the map; its area grows with its findings."""

    label: str
    x: float
    y: float
    radius: float
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMap:
    """The sites with coordinates, the lines of the grid, and how many sites have none."""

    dots: tuple[Dot, ...]
    meridians: tuple[tuple[float, str], ...]
    parallels: tuple[tuple[float, str], ...]
    without: int


def by_maker(audit: Audit, options: Options) -> list[Bar]:
    """Return one bar per covered maker found, longest first."""
    return _bars(audit, lambda _site, finding: options.name(finding.maker), "other makers")


def by_site(audit: Audit) -> list[Bar]:
    """Return one bar per site with findings, longest first, the tail folded into one."""
    return _bars(audit, lambda site, _finding: one_line(site, LABEL_CAP) or "no site", "other sites")


def by_verdict(audit: Audit) -> list[Bar]:
    """Return one bar per verdict, surest first."""
    bars = _bars(audit, lambda _site, finding: finding.verdict.word, "")
    return sorted(bars, key=lambda bar: -Verdict[bar.label.upper()])


def _bars(audit: Audit, label: Callable[[str, Finding], str], rest: str) -> list[Bar]:
    counts: dict[str, Counter[Verdict]] = {}
    for site, finding in _covered_findings(audit):
        counts.setdefault(label(site, finding), Counter())[finding.verdict] += 1
    pairs = sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    longest = pairs[0][1].total() if pairs else 1
    if len(pairs) <= MAX_BARS:
        return [_bar(name, count, longest) for name, count in pairs]
    head, tail = pairs[: MAX_BARS - 1], pairs[MAX_BARS - 1 :]
    # The tail is a number without a bar: drawn, it would dwarf what it is the tail of.
    remainder = Bar(label=f"{len(tail)} {rest}", total=sum(count.total() for _label, count in tail), pieces=())
    return [*(_bar(name, count, longest) for name, count in head), remainder]


def _bar(label: str, count: Counter[Verdict], longest: int) -> Bar:
    pieces, x = [], 0.0
    for verdict in sorted(Verdict, reverse=True):
        if count[verdict]:
            width = BAR_ROOM * count[verdict] / longest
            pieces.append(Piece(verdict=verdict.word, count=count[verdict], x=round(x, 2), width=round(width, 2)))
            x += width
    return Bar(label=label, total=count.total(), pieces=tuple(pieces))


def _covered_findings(audit: Audit) -> Iterable[tuple[str, Finding]]:
    for item in audit.assets:
        for finding in item.findings:
            if finding.tier is Tier.COVERED:
                yield item.asset.site, finding


def site_map(audit: Audit, places: Mapping[str, tuple[float, float]], sites: Sequence[str]) -> SiteMap | None:
    """Return where to draw each site with known coordinates (degrees), or nothing."""
    coordinates = {site: places[site] for site in sites if site in places}
    if not coordinates:
        return None
    west, east = _span([longitude for _latitude, longitude in coordinates.values()])
    south, north = _span([latitude for latitude, _longitude in coordinates.values()])
    numbers = Counter(site for site, _finding in _covered_findings(audit))

    def across(longitude: float) -> float:
        return round(MAP_MARGIN + (longitude - west) / (east - west) * (MAP_WIDTH - 2 * MAP_MARGIN), 1)

    def down(latitude: float) -> float:
        return round(MAP_MARGIN + (north - latitude) / (north - south) * (MAP_HEIGHT - 2 * MAP_MARGIN), 1)

    dots = [
        Dot(
            label=one_line(site, LABEL_CAP), x=across(longitude), y=down(latitude),
            radius=round(4 + 3 * math.sqrt(min(numbers[site], 36)), 1), findings=numbers[site],
        )
        for site, (latitude, longitude) in sorted(coordinates.items())
    ]  # fmt: skip
    return SiteMap(
        dots=tuple(dots),
        meridians=tuple((across(value), _degrees(value, "E", "W")) for value in _ticks(west, east)),
        parallels=tuple((down(value), _degrees(value, "N", "S")) for value in _ticks(south, north)),
        without=len(sites) - len(coordinates),
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = max((high - low) * 0.1, 0.05)
    return low - pad, high + pad


def _ticks(low: float, high: float) -> list[float]:
    step = next(step for step in _STEPS if (high - low) / step <= MAX_LINES)
    first = math.ceil(low / step)
    return [round(index * step, 2) for index in range(first, math.floor(high / step) + 1)]


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):g}° {positive if value >= 0 else negative}"


def caption_of(bars: Sequence[Bar]) -> str:
    """Return what a chart shows as one sentence, for people who hear it."""
    return "; ".join(f"{bar.label}: {counted(bar.total, 'finding')}" for bar in bars) or "no findings"
