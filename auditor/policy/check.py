"""What a policy must fulfil before anybody may rely on it: each check is one demand."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from auditor.errors import RuleError
from auditor.policy.load import Policy
from auditor.policy.oblige import ANYBODY, Circumstances, decide
from auditor.tables import Problem, refuse

# What a court decides, and what no reader of a network can know.
_VERDICTS = re.compile(r"\b(illegal|unlawful|compliant|banned to own|must be removed)\b", re.IGNORECASE)


# The words a policy may use, by the key they stand under: the vocabulary.
Words = Mapping[str, Collection[str]]
# Yields the place in the file, such as `row[2].duty`, and what to do there.
Check = Callable[[Policy, Words], Iterator[tuple[str, str]]]


def uses_words_of_the_vocabulary(policy: Policy, words: Words) -> Iterator[tuple[str, str]]:
    """Demand words that exist: a row with another one would never apply."""
    for number, row in enumerate(policy.rows, 1):
        for key in ("makers", "categories", "duty", "purposes", "evidence_class"):
            value = getattr(row, key)
            for word in (value,) if isinstance(value, str) else value:
                if word not in words[key] and (key, word) != ("makers", ANYBODY):
                    yield f"row[{number}].{key}", _unknown(word, words[key])


def names_rows_it_has(policy: Policy, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand that an example names a row of the policy, and a maker of that row."""
    rows = {row.id: row for row in policy.rows}
    for number, example in enumerate(policy.examples, 1):
        if example.row not in rows:
            yield f"example[{number}].row", f"there is no row '{example.row}'; rows: {', '.join(rows)}"
        elif not {example.maker, ANYBODY}.intersection(rows[example.row].makers):
            yield f"example[{number}].maker", f"name a maker of the row {example.row}, not '{example.maker}'"


def answers_its_examples(policy: Policy, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand of every example the answer that the policy gives."""
    rows = {row.id: row for row in policy.rows}
    for number, example in enumerate(policy.examples, 1):
        if example.row in rows:
            around = Circumstances(purposes=example.purposes, acquired=example.acquired)
            answer = decide(rows[example.row], example.category, around, example.on)
            if answer is not example.applies:
                yield f"example[{number}].applies", f"the row {example.row} answers '{answer}', not '{example.applies}'"


def shows_both_sides_of_each_date(policy: Policy, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand an example before the day a row begins and one on that day or after it."""
    for number, row in enumerate(policy.rows, 1):
        days = [example.on for example in policy.examples if example.row == row.id]
        key = "since" if row.since else "known_on"
        if row.makers and not any(day < row.begins for day in days):
            yield f"row[{number}].{key}", f"add an example before {row.begins}"
        if row.makers and not any(day >= row.begins for day in days):
            yield f"row[{number}].{key}", f"add an example on {row.begins} or after it"


def keeps_its_dates_in_order(policy: Policy, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand that a row ends, and its duty is due, no earlier than it begins."""
    for number, row in enumerate(policy.rows, 1):
        for key, end in (("until", row.until), ("due", row.due)):
            if end is not None and end < row.begins:
                yield f"row[{number}].{key}", f"{end} lies before its first day, {row.begins}"
        if row.acquired_from and row.acquired_until and row.acquired_from > row.acquired_until:
            yield f"row[{number}].acquired_until", f"lies before acquired_from, {row.acquired_from}"


def claims_no_verdict(policy: Policy, _words: Words) -> Iterator[tuple[str, str]]:
    """Demand that no text says what only a court can: illegal, compliant."""
    texts = [("title", policy.title), ("bound", policy.bound)]
    for number, row in enumerate(policy.rows, 1):
        texts += [(f"row[{number}].{key}", text) for key, text in (("condition", row.condition), ("cite", row.cite))]
        texts += [(f"row[{number}].exceptions", text) for text in row.exceptions]
    for place, text in texts:
        if claim := _VERDICTS.search(text):
            yield place, f"say what the law asks instead of '{claim[0]}', which is for a court to say"


def binds_in_roles_of_the_vocabulary(policy: Policy, words: Words) -> Iterator[tuple[str, str]]:
    """Demand roles that exist: with another one nobody would be bound."""
    for role in policy.roles:
        if role not in words["roles"]:
            yield "roles", _unknown(role, words["roles"])


def is_of_a_place_in_the_vocabulary(policy: Policy, words: Words) -> Iterator[tuple[str, str]]:
    """Demand a place as the vocabulary spells it: two spellings would be two places."""
    if policy.jurisdiction not in words["jurisdiction"]:
        yield "jurisdiction", _unknown(policy.jurisdiction, words["jurisdiction"])


# Without these a policy would be taken and never apply, or apply otherwise than its author thinks: it is not loaded at
# all.
BINDING: Sequence[Check] = (uses_words_of_the_vocabulary, names_rows_it_has, answers_its_examples)
CHECKS: Sequence[Check] = (
    *BINDING,
    shows_both_sides_of_each_date,
    keeps_its_dates_in_order,
    claims_no_verdict,
    is_of_a_place_in_the_vocabulary,
    binds_in_roles_of_the_vocabulary,
)


def check(policies: Iterable[Policy], words: Words, checks: Iterable[Check] = CHECKS) -> tuple[Problem, ...]:
    """Return every problem of every policy, sorted; empty means that they may be used."""
    checks = tuple(checks)
    problems = (
        Problem(place=f"policies/{policy.id}.toml: {place}", check=demand.__name__, demand=text)
        for policy in policies
        for demand in checks
        for place, text in demand(policy, words)
    )
    return tuple(sorted(problems))


def demand_sound(policies: Iterable[Policy], words: Words) -> None:
    """Refuse policies that would never apply, or otherwise than their examples (`RuleError`)."""
    refuse([RuleError(problem.demand, where=problem.place) for problem in check(policies, words, BINDING)])


def _unknown(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, list(words), 1)
    return f"no '{word}' in vocabulary.toml; " + (
        f"did you mean '{near[0]}'?" if near else "add it there or use a word of it"
    )
