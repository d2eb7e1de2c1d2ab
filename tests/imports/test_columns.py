"""The titles of columns are data: strictly read, each once, each naming a kind."""

import pytest

from auditor.errors import RuleError
from auditor.imports.columns import load, map_columns


def test_the_title_that_names_a_thing_more_closely_counts_however_it_is_written():
    assert map_columns(["Type", "MODEL", "IP-Address", "Management IP", "厂商", "Colour"]) == {
        0: "inventory.model",
        1: "inventory.model",
        2: "address",
        3: "address",
        4: "inventory.vendor",
    }
    assert [*map_columns(["Type", "MODEL", "IP-Address", "Management IP"])] == [1, 3, 2, 0]


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
