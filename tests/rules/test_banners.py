"""A greeting is read alike with and without the words of its protocol before it."""

import pytest

from auditor.rules.load import load
from auditor.rules.matcher import matcher_of

BOOK = load()
MATCHER = matcher_of(BOOK)
OPENINGS = {"ftp.banner": ("220 ", "220-"), "ssh.banner": ("SSH-2.0-", "SSH-1.99-")}
EXAMPLES = [
    pytest.param(kind, rule.id, example.value, id=f"{kind} {rule.id} {number}")
    for rule in BOOK.rules
    for kind in OPENINGS
    if kind in rule.facts and rule.regex and not rule.where
    for number, example in enumerate(rule.examples)
]


def caught(kind: str, value: str) -> set[str]:
    return {hit.rule.id for hit in MATCHER.hits(kind, value)}


@pytest.mark.parametrize(("kind", "rule", "value"), EXAMPLES)
def test_a_greeting_is_known_with_and_without_its_opening(kind: str, rule: str, value: str):
    bare = value
    for opening in OPENINGS[kind]:
        bare = bare.removeprefix(opening)

    assert rule in caught(kind, bare)
    assert rule in caught(kind, OPENINGS[kind][0] + bare)
