"""A facts file written out is read back alike, whatever stands in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.paperwork.facts import Facts, read
from auditor.paperwork.facts_file import write_facts
from auditor.paperwork.registry import all_filings

QUESTIONS = all_filings().questions
TEXT = """
[filer]
frn = "0001234567"
discovered = 2026-11-20T15:30:00-05:00
holidays = ["2026-11-26"]
sam_exclusion_check = 2026-11-20
[site.hq]
purposes = []
latitude = 44.05
[asset."192.0.2.1"]
inoperable = true
amount = 1234.5
[[custody]]
asset = "192.0.2.1"
at = 2026-01-02
step = "removal"
"""
CLEAN = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def test_every_sort_of_answer_comes_back():
    facts = read(TEXT, "facts.toml", QUESTIONS)

    assert read(write_facts(facts, QUESTIONS), "facts.toml", QUESTIONS) == facts
    assert facts.site["hq"]["purposes"] == "none"


@settings(max_examples=60, deadline=None)
@given(name=CLEAN, value=CLEAN)
def test_no_name_and_no_text_becomes_markup(name, value):
    facts = Facts(model={name: {"part_number": value}})

    assert read(write_facts(facts, QUESTIONS), "facts.toml", QUESTIONS) == facts
