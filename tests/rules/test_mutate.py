"""Break any one rule, and a test fails: this one tries it."""

from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.mutate import kept_claims, unnoticed


def test_no_rule_can_be_broken_without_notice() -> None:
    """After a rule was added or changed on purpose: `python -m tests.tools.mutate --keep`."""
    book = load()
    tried, alive = unnoticed(book, Registry.load(), kept_claims())

    assert alive == []
    assert sum(tried.values()) > 6 * len(book.rules)


def test_no_kept_rule_is_gone() -> None:
    assert sorted(set(kept_claims()) - {rule.id for rule in load().rules}) == []
