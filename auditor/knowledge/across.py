"""What several sorts of files must say together: a covered maker has all it needs."""

import re
from collections.abc import Iterator
from pathlib import Path

from auditor.knowledge.folders import Folders
from auditor.lab.samples import labels
from auditor.model import KINDS, Rule, Tier
from auditor.policy.load import Policy
from auditor.policy.oblige import ANYBODY
from auditor.rules.vocabulary import Vocabulary
from auditor.tables import Problem

_SUFFIXES = (".snmprec", ".cli", ".http", ".banner")
_SENTENCE_END = re.compile(r"(?<=\.)\s+")
_DENIAL = re.compile(r"(?i)(?:no|neither|not)\b")
_NO_LIST = re.compile(r"(?i)no list\b")


def check(data: Folders, samples: Path | None) -> Iterator[Problem]:
    """Yield what a covered maker lacks, and labels of samples that are not there."""
    makers = [maker.id for maker in data.words.makers.values() if maker.tier is Tier.COVERED]
    of_policies = {maker for policy in data.policies for row in policy.rows for maker in row.makers}
    of_rules = {rule.says.maker for rule in data.book.rules}
    for maker in makers:
        if maker not in of_policies:
            yield _lacks(maker, "is covered and no policy names it; add a row for it in policies/")
        if maker not in of_rules:
            yield _lacks(maker, f"is covered and no rule names it; add makers/{maker}.toml")
    yield from _contradictions(data)
    if samples is not None:
        yield from _samples(samples, makers)


def kinds(words: Vocabulary) -> Iterator[Problem]:
    """Yield each kind of fact that our readers may state and the vocabulary does not hold."""
    for kind in KINDS:
        if kind not in words.kinds:
            yield Problem(place=f"vocabulary.toml: fact.{kind}", check="kinds", demand="is missing; readers state it")


def _contradictions(data: Folders) -> Iterator[Problem]:
    """Yield each sentence of a rule on a watched maker that says otherwise than the policies."""
    watched = {maker.id for maker in data.words.makers.values() if maker.tier is Tier.WATCH}
    for rule in data.book.rules:
        for sentence in _SENTENCE_END.split(rule.because) if rule.says.maker in watched else ():
            if contradiction := _contradiction(sentence, rule, data.policies):
                yield Problem(
                    place=f"{data.book.homes[rule.id]}: {rule.id}.because", check="across", demand=contradiction
                )


def _contradiction(sentence: str, rule: Rule, policies: tuple[Policy, ...]) -> str:
    """Return how a sentence contradicts the policies, or an empty text."""
    maker = rule.says.maker
    about = [policy for policy in policies if any(word in sentence for word in policy.phrases)]
    if _DENIAL.match(sentence):
        asked = policies if _NO_LIST.match(sentence) else about
        naming = [policy.id for policy in asked if _names(policy, {maker})]
        return f"says that {maker} is not named, yet policies/{naming[0]}.toml names it: {sentence}" if naming else ""
    silent = bool(about) and not any(_names(policy, {maker, ANYBODY}) for policy in about)
    return f"says that {maker} is named, yet policies/{about[0].id}.toml does not: {sentence}" if silent else ""


def _names(policy: Policy, makers: set[str]) -> bool:
    return any(makers.intersection(row.makers) for row in policy.rows)


def _samples(folder: Path, makers: list[str]) -> Iterator[Problem]:
    truth = labels(folder)
    for maker in makers:
        if maker not in {label.maker for label in truth.values()}:
            yield _lacks(
                maker, "is covered and no sample is labelled with it; add a recording and its line in labels.csv"
            )
    for name in truth:
        if not any((folder / f"{name}{suffix}").is_file() for suffix in _SUFFIXES):
            yield Problem(place=f"labels.csv: {name}", check="across", demand="there is no such recording")


def _lacks(maker: str, demand: str) -> Problem:
    return Problem(place=f"vocabulary.toml: maker {maker}", check="across", demand=demand)
