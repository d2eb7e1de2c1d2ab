"""What a stored run tells of its sites, in words and counts."""

from collections import Counter
from collections.abc import Iterator, Mapping

from auditor.normal import one_line
from auditor.store.baseline import Standing
from auditor.store.events import Event, Happening
from auditor.store.numbers import spelled
from auditor.store.rows import SiteNews

News = Mapping[str, SiteNews]
# A run that is nobody's baseline, and why.
ASIDE = {
    Standing.LATE: "began before the newest run of its site had ended",
    Standing.AHEAD: "began in the future: a clock is ahead",
}


def event_counts(news: News) -> dict[tuple[str, str], int]:
    """Return how many devices each event came to, by site and event; those that came to none are 0."""
    counts = {(site, sort.value): 0 for site in news for sort in Happening}
    for site, one in news.items():
        counts |= {(site, sort.value): number for sort, number in _sorts(one).items()}
    return counts


def site_lines(news: News) -> Iterator[str]:
    """Yield a line for each site where something happened, or whose run no other is compared with."""
    for site, one in sorted(news.items()):
        place = f"at {one_line(site)}: " if site else ""
        if one.standing is not Standing.BASELINE:
            yield f"{place}this run {ASIDE[one.standing]}; it is kept, and compared with nothing"
        elif one.against and one.comparison.events:
            counts = (f"{number:,} {sort.value}" for sort, number in _sorts(one).items())
            yield f"{place}{', '.join(counts)} since run {one.against}; 'auditor diff' lists them"


def event_lines(news: News) -> Iterator[str]:
    """Yield a line an event; none of a site's first run, where everything is new."""
    for _, one in sorted(news.items()):
        events = one.comparison.events if one.against else ()
        yield from map(_line, events)


def _line(event: Event) -> str:
    device = " ".join(filter(None, (spelled(event.device), event.address or event.key)))
    change = " -> ".join(filter(None, (event.before, event.after)))
    words = f"{event.sort.value}: {device}{f' at {event.site}' if event.site else ''}"
    return one_line(": ".join(filter(None, (words, change, event.because))))


def _sorts(one: SiteNews) -> Counter[Happening]:
    counts = Counter(event.sort for event in one.comparison.events)
    return Counter({sort: counts[sort] for sort in Happening if counts[sort]})
