"""A store damaged at random octets: one clear line, never a traceback, never a wrong verdict."""

import random

from tests.tools.damage import answers, make, trial


def test_a_damaged_store_is_a_line_or_the_same_answer(tmp_path):
    whole, chance = tmp_path / "auditor.db", random.Random(20261130)
    make(whole, nights=2)
    want = answers(whole)
    trials = [trial(whole, want, chance) for _ in range(6)]

    assert [code for code, _, _ in want] == [0, 0, 0, 0]
    assert [one.wrong for one in trials] == [()] * 6
    assert any(one.is_noticed for one in trials)
