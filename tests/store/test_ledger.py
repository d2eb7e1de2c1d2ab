"""The ledger: what is changed, taken out or dated anew is named."""

import re

import pytest

from auditor.store import ledger
from auditor.store.rows import Step
from auditor.store.runs import Store
from tests.tools.stores import keep, row


def breaks(store):
    with store.database.reading() as base:
        return list(ledger.breaks(base))


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (
            "UPDATE link SET at = '2026-11-22T05:00:00Z' WHERE seq = 2",
            "link 2 of the ledger .* is not what was written",
        ),
        ("UPDATE link SET content = '{}' WHERE seq = 2", "link 2 of the ledger .* is not what was written"),
        ("UPDATE run SET as_of = '2026-11-22' WHERE id = 'b'", "run b is not what link 2"),
        ("UPDATE run SET link = 3 WHERE id = 'b'", "run b is not what link 3"),
        ("DELETE FROM run WHERE id = 'b'", "run b is missing.* link 2"),
        ("DELETE FROM step", "step 5 is missing.* link 5"),
        ("DELETE FROM link WHERE seq = 2", "link 2 of the ledger is missing"),
        ("DELETE FROM link WHERE seq > 2", "run c is not what link"),
    ],
)
def test_a_link_that_is_changed_taken_out_or_dated_anew_is_named(tmp_path, words, want):
    store = Store(tmp_path / "auditor.db")
    for name in "abc":
        keep(store, row(name))
    keep(store, row("a"))
    store.step(Step(asset="hq/serial:A", at="2026-11-21T05:00:00Z", state="found", who="A", note=""))
    assert breaks(store) == []
    with store.database.writing() as base:
        base.exec_driver_sql(words)

    assert re.search(want, breaks(store)[0])
