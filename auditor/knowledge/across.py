"""What several sorts of files must say together: a covered maker has all it needs."""

from collections.abc import Iterator
from pathlib import Path

from auditor.knowledge.folders import Folders
from auditor.lab.samples import labels
from auditor.model import KINDS, Tier
from auditor.rules.vocabulary import Vocabulary
from auditor.tables import Problem

_SUFFIXES = (".snmprec", ".cli", ".http", ".banner")


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
    if samples is not None:
        yield from _samples(samples, makers)


def kinds(words: Vocabulary) -> Iterator[Problem]:
    """Yield each kind of fact that our readers may state and the vocabulary does not hold."""
    for kind in KINDS:
        if kind not in words.kinds:
            yield Problem(place=f"vocabulary.toml: fact.{kind}", check="kinds", demand="is missing; readers state it")


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
