"""The ledger: what is changed, taken out or dated anew is named."""

import re
import zlib

import pytest

from auditor.errors import InputError
from auditor.formats.fields import dump
from auditor.store import documents, ledger, schema
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


def test_a_document_the_ledger_says_otherwise_of_is_not_given_out(tmp_path):
    store = Store(tmp_path / "auditor.db")
    keep(store, row("a"), {"notes": ["as it was"]})
    other = dump({"schema": 1, "notes": ["another"]})
    with store.database.writing() as base:
        cells = {"sha256": documents.sha256(other), "body": zlib.compress(other.encode())}
        base.execute(schema.document.update().values(**cells))

    with pytest.raises(InputError, match="the document of run a is not what the ledger says"):
        store.document(store.find("a"))
    assert "another" in store.document(store.find("a"), by_ledger=False)
    assert breaks(store) == []
    assert list(store.damage(whole=True)) != []


def test_a_run_whose_row_was_changed_beside_the_ledger_is_not_read(tmp_path):
    store = Store(tmp_path / "auditor.db")
    keep(store, row("a"))
    with store.database.writing() as base:
        base.exec_driver_sql("UPDATE run SET as_of = '2027-11-22', finished = '2027-11-22T05:00:00Z'")

    with pytest.raises(InputError, match="run a is damaged: it is not what its link of the ledger says"):
        store.runs()
