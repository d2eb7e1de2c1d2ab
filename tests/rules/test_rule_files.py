"""The rules this program brings along fulfil every demand, and each of them is needed."""

import time
from dataclasses import replace

import pytest

from auditor.rules.book import RuleBook
from auditor.rules.check import CHECKS, Desk, check
from auditor.rules.load import builtin, load
from auditor.rules.matcher import matcher_of
from auditor.rules.oui import Registry
from auditor.rules.read import read_rule_file
from auditor.tables import Problem

HOSTILE = ("a" * 65_536, "A1-" * 21_845, "\x00\xff " * 21_845, "Version 1.1.1 (" * 4_369, "<a>" * 21_845, "0" * 65_536)


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load()


@pytest.fixture(scope="module")
def complaints(book: RuleBook) -> tuple[Problem, ...]:
    return check(book, Registry.load())


@pytest.mark.parametrize("demand", [demand.__name__ for demand in CHECKS])
def test_no_rule_leaves_a_demand_open(demand: str, complaints: tuple[Problem, ...]) -> None:
    assert [str(complaint) for complaint in complaints if complaint.check == demand] == []


def test_every_rule_is_missed_when_it_is_gone_or_says_nothing(book: RuleBook) -> None:
    """Break any one rule: its own example is then caught by nobody, or without what it captured."""
    desk = Desk(book=book, registry=Registry.load())
    useless = []
    for rule in book.rules:
        mute = replace(rule, regex="", oid="", table="", registry=False)
        alone = Desk(book=replace(book, rules=(mute,), version="mute"), registry=desk.registry)
        for example in rule.examples:
            here = desk.own(rule, example.value, example.where)
            there = alone.own(mute, example.value, example.where)
            if here is None or there is not None:
                useless.append(rule.id)

    assert useless == []


def test_hostile_text_is_answered_within_its_budget(book: RuleBook) -> None:
    matcher = matcher_of(book)
    registry = Registry.load()
    kinds = sorted({kind for rule in book.rules for kind in rule.facts})
    for kind in kinds:
        matcher.hits(kind, "warm up", "", registry)
    slow = []
    for kind in kinds:
        for text in HOSTILE:
            began = time.process_time()
            matcher.hits(kind, text, "", registry)
            spent = time.process_time() - began
            if spent > 1.0:
                slow.append((kind, text[:10], round(spent, 2)))

    assert slow == []


def test_the_order_of_files_changes_nothing(book: RuleBook) -> None:
    assert load().version == book.version


def test_every_file_can_be_read_by_itself(book: RuleBook) -> None:
    for folder in ("makers", "watch", "lookalikes", "rebrands"):
        for path in (builtin() / folder).iterdir():
            if path.name.endswith(".toml"):
                read_rule_file(path.read_text(encoding="utf-8"), f"{folder}/{path.name}", book.words)
