"""What a stored run tells of its sites, in words and counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields, replace
from functools import partial

from auditor.formats.document import ASSET
from auditor.model import Audit
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.store.alarms import SiteNews
from auditor.store.baseline import Standing
from auditor.store.books import BookLine, book_lines
from auditor.store.events import Event, Happening
from auditor.store.numbers import number_of, spelled
from auditor.store.runs import Store

News = Mapping[str, SiteNews]
BOOK_COLUMNS = tuple(field.name for field in fields(BookLine))
# A run that is nobody's baseline, and why.
ASIDE = {
    Standing.LATE: "began before the newest run of its site had ended",
    Standing.AHEAD: "began in the future: a clock is ahead",
}


def event_counts(events: Mapping[str, Iterable[Event]]) -> dict[tuple[str, str], int]:
    """Return how many devices each event came to, by site and event, 0 included."""
    counts = Counter((site, event.sort.value) for site, own in events.items() for event in own)
    return {(site, sort.value): counts[site, sort.value] for site in events for sort in Happening}


def events_of(news: News) -> dict[str, tuple[Event, ...]]:
    """Return the events of a run by site."""
    return {site: one.comparison.events for site, one in news.items()}


def kept_counts(store: Store, run: str) -> dict[tuple[str, str], int]:
    """Return the counts of a stored run."""
    from auditor.store.compare import kept_events

    with store.database.reading() as base:
        return event_counts({one.site: one.events for one in kept_events(base, run)})


def kept_link(store: Store, run: str) -> str:
    """Return in words which link of the ledger stands for a stored run."""
    from auditor.store import ledger

    with store.database.reading() as base:
        return ledger.link_of(base, run)


def kept_books(store: Store, audit: Audit) -> Sequence[Sequence[str]]:
    """Return a stored run beside the books kept until then, as `auditor reconcile` has them.

    Its head is the first row; it is empty where there are no books of its sites, or the run itself saw nothing.
    """
    from auditor.store import directory

    assets = [ASSET.write(item) for item in audit.assets]
    seen = {at: asset for at, asset in enumerate(assets, 1) if not directory.is_book(asset)}
    with store.database.reading() as base:
        number = store.find(audit.run.id).number
        rows = list(directory.books(base, number, {str(asset["site"]) for asset in seen.values()})) if seen else []
    numbers = {number_of(item.device) or -at: assets[at - 1] for at, item in enumerate(audit.assets, 1) if at in seen}
    lines = book_lines(rows, numbers, dict.fromkeys(numbers, audit.run.started.date().isoformat())) if rows else []
    return [BOOK_COLUMNS, *([one_line(cell) for cell in astuple(line)] for line in lines)] if lines else []


def kept_look(store: Store, audit: Audit, options: Options, origin: str) -> Options:
    """Return how reports of a stored run look, with what the store says of it."""
    run = audit.run.id
    return replace(
        options,
        events=kept_counts(store, run),
        ledger=kept_link(store, run),
        origin=origin,
        books=partial(kept_books, store, audit),
    )


def site_lines(news: News) -> Iterator[str]:
    """Yield a line for each site where something happened, or whose run is no baseline."""
    for site, one in sorted(news.items()):
        place = f"at {one_line(site)}: " if site else ""
        if one.standing is not Standing.BASELINE:
            yield f"{place}this run {ASIDE[one.standing]}; it is kept, and compared with nothing"
        elif one.against and one.told:
            counts = (f"{number:,} {sort.value}" for sort, number in _sorts(one).items())
            yield f"{place}{', '.join(counts)} since run {one.against}; 'auditor diff' lists them"


def event_lines(news: News) -> Iterator[str]:
    """Yield a line an event; none of a site's first run, where everything is new."""
    for _, one in sorted(news.items()):
        events = one.told if one.against else ()
        yield from map(_line, events)


def _line(event: Event) -> str:
    device = " ".join(filter(None, (spelled(event.device), event.address or event.key)))
    change = " -> ".join(filter(None, (event.before, event.after)))
    words = f"{event.sort.value}: {device}{f' at {event.site}' if event.site else ''}"
    return one_line(": ".join(filter(None, (words, change, event.because))))


def _sorts(one: SiteNews) -> Counter[Happening]:
    counts = Counter(event.sort for event in one.told)
    return Counter({sort: counts[sort] for sort in Happening if counts[sort]})
