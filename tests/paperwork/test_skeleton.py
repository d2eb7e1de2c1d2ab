"""The facts file to fill in.

Valid as it is, valid when filled in, and only about what is open.
"""

import itertools
import re
from dataclasses import replace

import pytest

from auditor.model import Verdict
from auditor.paperwork.case import FilingCase
from auditor.paperwork.facts import read
from auditor.paperwork.skeleton import skeleton
from tests.tools.audits import audit, poisoned
from tests.tools.filing_cases import SHELF, case, filled, gap
from tests.tools.hostile_audits import strings

QUESTIONS = SHELF.questions


def cases(facts="", **more):
    made = case(facts, **more)
    return [FilingCase(made, filing) for filing in SHELF.by_id.values()]


def answered(text):
    """Return the document with every remark that is an answer made one."""
    return re.sub(r"(?m)^# ((?:[a-z_]+ = .*)|(?:\[\[.*))$", r"\1", text)


def test_as_it_is_it_answers_nothing():
    told = read(skeleton(cases()), "facts.toml", QUESTIONS)

    assert not any(told.filer.values())
    assert not any(values for level in (told.site, told.maker, told.model, told.asset) for values in level.values())


def test_filled_in_it_is_a_facts_file():
    told = read(answered(skeleton(cases())), "facts.toml", QUESTIONS)

    assert told.filer["discovered"].startswith("2026-01-31")
    assert told.cost
    assert told.custody
    assert set(told.share) == {"fibre-premises", "5g-sites", "5g-traffic"}


def test_what_was_answered_is_not_asked_again():
    (before,) = [skeleton([case]) for case in cases() if case.filing.id == "far889_initial"]
    facts = '[filer]\ncontract_number = "X"\ndiscovered = 2026-11-20T15:30:00-05:00'
    (after,) = [skeleton([case]) for case in cases(facts) if case.filing.id == "far889_initial"]

    assert {"# contract_number =", "# discovered ="} <= {line[: line.find("=") + 1] for line in before.splitlines()}
    assert "contract_number" not in after
    assert "discovered" not in after


def test_an_answer_closes_its_gap():
    told = answered(skeleton(cases()))

    assert gap(filled("scrp_inventory"), "part_number") is not None
    assert gap(filled("scrp_inventory", told.replace('""', '"x"')), "part_number") is None


@pytest.mark.parametrize("start", [0, 250, 500, 750])
def test_a_hostile_device_breaks_no_line_of_it(start):
    endless = itertools.cycle(strings()[start:] + strings()[:start])
    made = skeleton(cases(base=poisoned(replace(audit()), lambda: next(endless)), at_least=Verdict.POSSIBLE))

    read(made, "facts.toml", QUESTIONS)
    read(answered(made), "facts.toml", QUESTIONS)
