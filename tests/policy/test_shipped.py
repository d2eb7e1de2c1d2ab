"""Every row and example of the shipped laws, each by its own name, against the linter."""

from dataclasses import replace
from importlib.resources import files

import pytest

from auditor.policy.check import (
    answers_its_examples,
    claims_no_verdict,
    keeps_its_dates_in_order,
    names_rows_it_has,
    shows_both_sides_of_each_date,
    uses_words_of_the_vocabulary,
)
from auditor.policy.load import load
from auditor.rules.load import vocabulary

POLICIES = load([files("oui_rules") / "policies"])
WORDS = vocabulary().of_policies
EXAMPLES = [(policy, example) for policy in POLICIES for example in policy.examples]
ROWS = [(policy, row) for policy in POLICIES for row in policy.rows]


def name(value):
    return getattr(value, "id", None) or f"{value.row}-{value.on}"


@pytest.mark.parametrize(("policy", "example"), EXAMPLES, ids=name)
def test_every_policy_answers_each_of_its_examples(policy, example):
    alone = replace(policy, examples=(example,))

    assert [*names_rows_it_has(alone, WORDS), *answers_its_examples(alone, WORDS)] == []


@pytest.mark.parametrize(("policy", "row"), ROWS, ids=name)
def test_every_word_of_a_row_stands_in_the_vocabulary(policy, row):
    assert list(uses_words_of_the_vocabulary(replace(policy, rows=(row,)), WORDS)) == []


@pytest.mark.parametrize(("policy", "row"), ROWS, ids=name)
def test_no_row_claims_what_it_must_not(policy, row):
    assert list(claims_no_verdict(replace(policy, rows=(row,)), WORDS)) == []


@pytest.mark.parametrize(("policy", "row"), ROWS, ids=name)
def test_every_row_has_its_dates_in_order_and_examples_on_both_sides(policy, row):
    alone = replace(policy, rows=(row,))

    assert [*keeps_its_dates_in_order(alone, WORDS), *shows_both_sides_of_each_date(alone, WORDS)] == []
