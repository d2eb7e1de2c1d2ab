"""The short form of `make fuzz`, from a fixed seed.

Broken packets and texts raise nothing but refusals and take no time.
"""

import random

import pytest

from auditor.errors import InputError
from tests.tools import fuzz


def test_five_thousand_broken_packets_raise_nothing():
    assert fuzz.packets(5_000).slow == []


def test_a_thousand_hostile_texts_raise_nothing_but_refusals():
    figures = list(fuzz.texts(1_000))

    assert sum(figure.read for figure in figures) == 1_000
    assert [figure.name for figure in figures if figure.slow] == []


def test_hypothesis_finds_nothing_either():
    assert len(list(fuzz.properties(100))) == 5


def test_every_share_of_the_texts_is_spent(tmp_path):
    assert sum(sort.share for sort in fuzz.sorts(tmp_path)) == 100


def test_what_a_parser_raises_is_not_swallowed(capsys):
    def cracks(_text):
        raise KeyError("x")

    with pytest.raises(KeyError):
        fuzz._fed(fuzz.Sort("cracked", 1, ["a"], cracks), 1, random.Random(0))
    assert capsys.readouterr().err.startswith("cracked: ")


def test_a_refusal_is_counted():
    def refuses(_text):
        raise InputError("no")

    assert fuzz._fed(fuzz.Sort("strict", 1, ["a"], refuses), 3, random.Random(0)).refused == 3
