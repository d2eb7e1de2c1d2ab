"""What filings must fulfil beyond what their reader asks: words of the vocabulary, questions that are asked."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from auditor.paperwork.define import SHARED, Filing, Filings
from auditor.tables import Problem

# What a court decides; a filing neither accuses nor acquits.
_VERDICTS = re.compile(r"\b(illegal|unlawful|banned|compliant|clean bill)\b", re.IGNORECASE)
# What the plan, the clock and the choice of policies read without a column of their own.
_ASKED_BY_CODE = frozenset({"holidays", "purposes", "visit_order", "access"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What filings refer to: ids of policies, makers, categories, purposes and evidence classes."""

    policies: Collection[str]
    makers: Collection[str]
    categories: Collection[str]
    purposes: Collection[str]
    evidence: Collection[str]


Check = Callable[[Filings, Surroundings], Iterator[tuple[str, str]]]


def rests_on_policies_there_are(filings: Filings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Demand that the policies which choose a filing's devices exist: another chooses none, silently."""
    for filing in filings.by_id.values():
        for key, ids in (("policies", filing.policies), ("lists", filing.lists)):
            yield from (
                (f"{filing.id}.toml: {key}", f"there is no policy '{one}'") for one in _unknown(ids, around.policies)
            )


def uses_words_of_the_vocabulary(filings: Filings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Demand makers, categories and evidence classes that exist."""
    for filing in filings.by_id.values():
        words: list[tuple[str, Collection[str], Collection[str]]] = [
            ("evidence_class", (filing.evidence_class,), around.evidence)
        ]
        words += [("order", filing.order, around.categories), ("fed", filing.fed, around.categories)]
        for layer in filing.layers:
            place = f"layer {layer.id}"
            words += [
                (f"{place}: maker", (layer.maker,), around.makers),
                (f"{place}: categories", layer.categories, around.categories),
            ]
            words += [(f"{place}: evidence_class", (layer.evidence_class,), around.evidence)]
        for key, ids, known in words:
            yield from ((f"{filing.id}.toml: {key}", f"no '{one}' in vocabulary.toml") for one in _unknown(ids, known))
    yield from (
        (f"{SHARED}: named", f"no maker '{one}' in vocabulary.toml")
        for one in _unknown(filings.statutory_names, around.makers)
    )


def claims_no_verdict(filings: Filings, _around: Surroundings) -> Iterator[tuple[str, str]]:
    """Demand that no text of a filing says what only a court can."""
    for filing in filings.by_id.values():
        for text in _texts(filing):
            if claim := _VERDICTS.search(text):
                yield f"{filing.id}.toml", f"say what the law asks instead of '{claim[0]}': {text[:60]!r}"


def asks_every_question(filings: Filings, _around: Surroundings) -> Iterator[tuple[str, str]]:
    """Demand of each question a full sentence, and a filing that asks it."""
    columns = (column.fact for filing in filings.by_id.values() for column in filing.columns)
    clocks = (filing.clock.since for filing in filings.by_id.values() if filing.clock)
    asked_for = {*columns, *clocks, *_ASKED_BY_CODE}
    for question in filings.questions.values():
        if question.id not in asked_for:
            yield f"{SHARED}: {question.id}", "no filing asks this question; drop it or name it in a column"
        if not question.says.endswith("."):
            yield f"{SHARED}: {question.id}", "say how to get the answer in a full sentence"


def offers_the_purposes_laws_know(filings: Filings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Demand that the question for purposes offers every word there is."""
    question = filings.questions.get("purposes")
    if question is not None and set(question.choices) != set(around.purposes):
        wrong = sorted(set(question.choices) ^ set(around.purposes))
        yield f"{SHARED}: purposes", f"the choices and the purposes of vocabulary.toml differ in {', '.join(wrong)}"


CHECKS: Sequence[Check] = (
    rests_on_policies_there_are,
    uses_words_of_the_vocabulary,
    claims_no_verdict,
    asks_every_question,
    offers_the_purposes_laws_know,
)


def check(filings: Filings, around: Surroundings) -> Iterator[Problem]:
    """Yield every problem of every filing."""
    for demand in CHECKS:
        for place, text in demand(filings, around):
            yield Problem(place=f"filings/{place}", check=demand.__name__, demand=text)


def _unknown(words: Collection[str], known: Collection[str]) -> list[str]:
    return [word for word in words if word not in known]


def _texts(filing: Filing) -> Iterator[str]:
    yield from (filing.title, filing.filer, filing.purpose, filing.cite, *filing.statements, *filing.cautions)
    for column in filing.columns:
        yield from (column.name, column.says, column.gap)
