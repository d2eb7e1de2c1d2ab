"""A book of rules: frozen, with a version that is a hash of what it says."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model import Rule, Tier
from auditor.normal import letters
from auditor.rules.vocabulary import MakerWord, Vocabulary

_LABEL = 3  # letters and figures of the shortest label that is one
GROUPS = ("model", "firmware", "os", "release", "serial", "brand", "hardware", "oem", "date", "region")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What one line of a rule's table adds to the rule: the product behind an exact value."""

    model: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainValue:
    """A value that proves nothing, points away from all makers, or makes a row a component."""

    id: str
    facts: tuple[str, ...]
    regex: str
    because: str
    source: str
    where: str = ""
    examples: tuple[str, ...] = ()
    nevers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleBook:
    """What is known about makers at one time: words, rules, tables, what proves nothing.

    `brands` maps a rebrand's file id to its label, `homes` a rule to its folder; `labels` (lower case) are the ones
    that only their maker uses; two books are the same when their `version` is.
    """

    words: Vocabulary
    rules: tuple[Rule, ...] = ()
    tables: Mapping[str, Mapping[str, Product]] = field(default_factory=dict)
    generic: tuple[PlainValue, ...] = ()
    components: tuple[PlainValue, ...] = ()
    elsewhere: tuple[PlainValue, ...] = ()
    brands: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    version: str = ""

    @property
    def makers(self) -> Mapping[str, MakerWord]:
        """Return the makers rules may name, by id."""
        return self.words.makers

    @property
    def shared(self) -> frozenset[str]:
        """Return the labels that stand on boxes of several makers."""
        makers: dict[str, set[str]] = {}
        for rule in self.rules:
            if rule.says.brand:
                makers.setdefault(rule.says.brand, set()).add(rule.says.maker)
        return frozenset(brand for brand, builders in makers.items() if len(builders) > 1)

    @property
    def label_makers(self) -> Mapping[str, frozenset[str]]:
        """Return who builds, among others, what bears a label: label as letters → makers."""
        covered = {maker.id for maker in self.makers.values() if maker.tier is Tier.COVERED}
        labels: dict[str, set[str]] = {}
        for rule in self.rules:
            if self.homes.get(rule.id) == "rebrands" and rule.says.maker in covered:
                captures = (value for one in rule.examples for name, value in one.captures if name == "brand")
                for label in (rule.says.brand, *captures):
                    labels.setdefault(letters(label), set()).add(rule.says.maker)
        return {label: frozenset(makers) for label, makers in labels.items() if len(label) >= _LABEL}

    def by_id(self) -> dict[str, Rule]:
        """Return the rules by id, `maker/rule-name`."""
        return {rule.id: rule for rule in self.rules}


def version_of(rules: tuple[Rule, ...], rest: object) -> str:
    """Return twelve hexadecimal digits that change when any rule, table or word does."""
    text = repr((sorted(rules, key=lambda rule: rule.id), rest))
    return hashlib.sha256(re.sub(r"\s+", " ", text).encode("utf-8", "backslashreplace")).hexdigest()[:12]
