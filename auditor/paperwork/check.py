"""What filings must fulfil beyond what their reader asks."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from auditor.paperwork.define import SHARED, Filing, Filings
from auditor.tables import Problem

# What a court decides; a filing neither accuses nor acquits.
_VERDICTS = re.compile(r"\b(illegal|unlawful|banned|compliant|clean bill)\b", re.IGNORECASE)
# What the plan, the clock and the choice of policies read without a column of their own.
_ASKED_BY_CODE = frozenset({"holidays", "purposes", "visit_order", "access", "inventory_day", "replaced"})


# What filings refer to: the words of policies by key, and `policies`, their ids.
Words = Mapping[str, Collection[str]]
Check = Callable[[Filings, Words], Iterator[tuple[str, str]]]


def refers_to_what_there_is(filings: Filings, words: Words) -> Iterator[tuple[str, str]]:
    """Demand policies and words that exist: a policy there is not chooses no device, silently."""
    references = [reference for filing in filings.by_id.values() for reference in _references(filing)]
    for place, key, ids in [*references, (f"{SHARED}: named", "makers", filings.statutory_names)]:
        yield from ((place, f"there is no '{one}'") for one in ids if one not in words[key])


def _references(filing: Filing) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield the places where a filing names things, the sort of thing and what it names."""
    file = f"{filing.id}.toml"
    yield from ((f"{file}: policies", "policies", filing.policies), (f"{file}: lists", "policies", filing.lists))
    yield from ((f"{file}: order", "categories", filing.order), (f"{file}: fed", "categories", filing.fed))
    yield f"{file}: evidence_class", "evidence_class", (filing.evidence_class,)
    for due in filing.dues:
        yield f"{file}: due {due.what}: evidence_class", "evidence_class", (due.evidence_class,)
    for layer in filing.layers:
        yield f"{file}: layer {layer.id}: maker", "makers", (layer.maker,)
        yield f"{file}: layer {layer.id}: categories", "categories", layer.categories
        yield f"{file}: layer {layer.id}: evidence_class", "evidence_class", (layer.evidence_class,)


def claims_no_verdict(filings: Filings, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand that no text of a filing says what only a court can."""
    for filing in filings.by_id.values():
        for text in _texts(filing):
            if claim := _VERDICTS.search(text):
                yield f"{filing.id}.toml", f"say what the law asks instead of '{claim[0]}': {text[:60]!r}"


def asks_every_question(filings: Filings, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand of each question a full sentence, and a filing that asks it."""
    columns = (column.fact for filing in filings.by_id.values() for column in filing.columns)
    clocks = (filing.clock.since for filing in filings.by_id.values() if filing.clock)
    dues = (key for filing in filings.by_id.values() for due in filing.dues for key in (due.since, due.on, *due.until))
    asked_for = {*columns, *clocks, *dues, *_ASKED_BY_CODE}
    for question in filings.questions.values():
        if question.id not in asked_for:
            yield f"{SHARED}: {question.id}", "no filing asks this question; drop it or name it in a column"
        if not question.says.endswith("."):
            yield f"{SHARED}: {question.id}", "say how to get the answer in a full sentence"


def offers_the_purposes_laws_know(filings: Filings, words: Words) -> Iterator[tuple[str, str]]:
    """Demand that the question for purposes offers every word there is."""
    question = filings.questions.get("purposes")
    if question is not None and set(question.choices) != set(words["purposes"]):
        wrong = sorted(set(question.choices) ^ set(words["purposes"]))
        yield f"{SHARED}: purposes", f"the choices and the purposes of vocabulary.toml differ in {', '.join(wrong)}"


CHECKS: Sequence[Check] = (
    refers_to_what_there_is,
    claims_no_verdict,
    asks_every_question,
    offers_the_purposes_laws_know,
)


def check(filings: Filings, words: Words) -> Iterator[Problem]:
    """Yield every problem of every filing."""
    for demand in CHECKS:
        for place, text in demand(filings, words):
            yield Problem(place=f"filings/{place}", check=demand.__name__, demand=text)


def _texts(filing: Filing) -> Iterator[str]:
    yield from (filing.title, filing.filer, filing.purpose, filing.cite, *filing.statements, *filing.cautions)
    for column in filing.columns:
        yield from (column.name, column.says, column.gap)
