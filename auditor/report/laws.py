"""What each law asks, by jurisdiction: what surely applies first, mere lists last."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.model import Applies, Audit, Finding, Obligation
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.views import ANY_OF, surest_first
from auditor.report.words import counted

HEADINGS = {
    Applies.YES: "Applies",
    Applies.IF_PURPOSE: "Applies if the site is used for what the condition names: decide the purpose",
    Applies.UNDECIDABLE: "Cannot be decided from the network",
}
CONTEXT = "Named on lists that ask nothing of who owns or uses it"
# How a need for the purposes of a site begins.
PURPOSES = "purposes of the site"
NOWHERE = "No place named"
CLAUSE_CAP = 2000
UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """What the laws of one place ask, each list in order of policy and citation."""

    name: str
    asks: tuple[tuple[Applies, tuple[Obligation, ...]], ...]
    context: tuple[str, ...]


def jurisdictions(obligations: Iterable[Obligation]) -> list[Jurisdiction]:
    """Return what is asked place by place, what surely applies first; a `no` asks nothing."""
    places: dict[str, list[Obligation]] = {}
    for item in surest_first(dict.fromkeys(item for item in obligations if item.applies is not Applies.NO)):
        places.setdefault(place_of(item), []).append(item)
    places_made = [_jurisdiction(name, items) for name, items in places.items()]
    order = list(HEADINGS)
    return sorted(places_made, key=lambda one: (order.index(one.asks[0][0]) if one.asks else len(order), one.name))


def place_of(item: Obligation) -> str:
    """Return the place whose law asks."""
    return one_line(item.jurisdiction) or NOWHERE


def not_now(obligations: Iterable[Obligation]) -> list[str]:
    """Return the titles of policies that name the maker but ask nothing of this unit now."""
    items = list(obligations)
    asking = {item.policy for item in items if item.applies is not Applies.NO}
    return sorted({title(item) for item in items if item.policy not in asking})


def title(item: Obligation) -> str:
    """Return how a policy is called."""
    return one_line(item.title or item.policy)


def clauses(audit: Audit) -> dict[Obligation, int]:
    """Return every distinct clause that may bind, with the number of its findings."""
    return Counter(item for finding in all_findings(audit) for item in dict.fromkeys(finding.obligations))


def age(policy: str, audit: Audit) -> str:
    """Return when a list was read and how old it is: `read on 2026-08-20, 93 days old`."""
    day = dict(audit.tables.policies).get(policy)
    if day is None:
        return ""
    days = (audit.as_of - day).days
    old = ", after the date judged for" if days < 0 else f", {counted(days, 'day')} old" if days else ""
    return f"list read on {day}{old}"


def in_force(item: Obligation) -> str:
    """Return from when until when a clause binds: `since 2019-08-13`."""
    since = f"since {item.since}" if item.since else ""
    until = f"until {item.until}" if item.until else ""
    return f"{since} {until}".strip()


def doubt(item: Obligation) -> str:
    """Return that a clause is unconfirmed (by its evidence class), or an empty text."""
    return "unconfirmed: its text was not read" if item.evidence_class == UNCONFIRMED else ""


def answer_words(item: Obligation, options: Options) -> str:
    """Return whether a clause binds: `applies if the site is used for public safety or …`."""
    purposes = [
        options.names.get(word, word)
        for need in item.needs
        if need.startswith(PURPOSES)
        for word in need.partition(ANY_OF)[2].split(", ")
    ]
    if item.applies is Applies.YES:
        return "applies"
    if item.applies is Applies.IF_PURPOSE:
        return f"applies if the site is used for {either(purposes)}" if purposes else "depends on the use of the site"
    return "not decided yet whether it applies"


def either(words: Sequence[str]) -> str:
    """Return words as a choice: `one, two or three`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def by_when(item: Obligation) -> str:
    """Return the day a duty is due by, `by 2027-12-31`, or an empty text."""
    return f"by {item.due}" if item.due else ""


def clause(item: Obligation, findings: int, audit: Audit, options: Options) -> dict[str, str]:
    """Return what a reader is told of a clause, a text for each column."""
    dates = filter(None, (doubt(item), in_force(item), by_when(item), age(item.policy, audit)))
    texts = {
        "law": title(item),
        "bound": item.bound,
        "duty": options.asks(item.duty),
        "condition": item.condition,
        "needs": "; ".join(item.needs),
        "cite": item.cite,
        "dates": ", ".join(dates),
        "findings": f"{findings:,}",
    }
    return {name: one_line(text, CLAUSE_CAP) for name, text in texts.items()}


def in_context(place: Jurisdiction) -> str:
    """Return the lists of a place that ask nothing, in one sentence, or an empty text."""
    return f"{CONTEXT}: {'; '.join(place.context)}." if place.context else ""


def _jurisdiction(name: str, items: list[Obligation]) -> Jurisdiction:
    asking = [item for item in items if not item.context]
    asks = ((applies, tuple(item for item in asking if item.applies is applies)) for applies in HEADINGS)
    return Jurisdiction(
        name=name,
        asks=tuple((applies, duties) for applies, duties in asks if duties),
        context=tuple(dict.fromkeys(title(item) for item in items if item.context)),
    )


def all_findings(audit: Audit) -> Iterator[Finding]:
    """Yield the findings on all devices and on what is in them."""
    for item in audit.assets:
        yield from item.findings
        yield from item.parts
