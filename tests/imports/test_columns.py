"""The titles of columns are data: strictly read, each of them once, each naming a kind of fact there is."""

from importlib.resources import files

import pytest

from auditor.errors import RuleError
from auditor.imports.columns import load, mapped, shipped
from auditor.rules.vocabulary import read_vocabulary


def test_every_column_holds_a_kind_of_fact_there_is():
    words = read_vocabulary([("vocabulary.toml", (files("oui_rules") / "vocabulary.toml").read_text(encoding="utf-8"))])

    assert {kind for kind, _rank in shipped().ranks.values()} - {*words.kinds} == {
        "address",
        "site",
        "reporter",
        "interface",
        "said_by",
    }
    assert {one.fact for one in shipped().decoded} <= {*words.kinds}


def test_the_title_that_names_a_thing_more_closely_counts_however_it_is_written():
    assert mapped(["Type", "MODEL", "IP-Address", "Management IP", "厂商", "Colour"]) == {
        0: "inventory.model",
        1: "inventory.model",
        2: "address",
        3: "address",
        4: "inventory.vendor",
    }
    assert [*mapped(["Type", "MODEL", "IP-Address", "Management IP"])] == [1, 3, 2, 0]


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        ('site = ["Site Name"]', "write 'sitename' for 'Site Name'"),
        ('site = ["site"]\naddress = ["ip", "site"]', "'site' already stands under site"),
        ('site = ["site", "site"]', "'site' already stands under site"),
        ("site = []", "is empty"),
    ],
    ids=["spelled otherwise", "under two kinds", "twice", "none"],
)
def test_a_title_nobody_would_find_is_refused(titles, told):
    with pytest.raises(RuleError, match=told):
        load(f"[titles]\n{titles}\n")
