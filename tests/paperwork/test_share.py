"""A shared copy of a filing says the same and names nobody.

Not the network's words, not the filer's.
"""

import io
import zipfile
from dataclasses import replace

import pytest

from auditor.paperwork.case import FilingCase
from auditor.paperwork.filled import fill
from auditor.paperwork.paper import files
from auditor.paperwork.removal import Plan
from auditor.paperwork.share import share
from tests.report.test_redact import SECRETS
from tests.tools.audits import audit, stack
from tests.tools.filing_cases import SHELF, TODAY, case, rows

KEY = b"a key of this test"
FACTS = """
[filer]
filer_name = "Prairie Telephone Cooperative"
frn = "0001234567"
contact_phone = "+1 555 0100"
discovered = 2026-11-20T15:30:00-05:00
[site.hq]
site_name = "Main Street Exchange"
latitude = 44.0512
purposes = ["public-safety"]
[maker.dahua]
supplier_name = "Example Supply of Springfield"
[asset."192.0.2.1"]
obtained = 2019-03-01
part_number = "02350DLS"
replaced_by = "sw-new-7"
[asset."203.0.113.99"]
obtained = 2019-03-02
[[custody]]
asset = "sw-hq-1"
at = 2026-03-01
step = "removal"
holder = "J. Doe"
"""
TOLD = (
    "Prairie", "0001234567", "555 0100", "Main Street", "44.0512", "Springfield", "sw-new-7", "J. Doe", "203.0.113.99",
)  # fmt: skip


def texts(name):
    """Return every file of a filing as text, workbooks unzipped."""
    made = files(fill(share(case(FACTS), KEY), SHELF.by_id[name]), TODAY)
    for content in made.values():
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                yield from (book.read(part).decode() for part in book.namelist())
        else:
            yield content.decode()


@pytest.mark.parametrize("name", [name for name, filing in SHELF.by_id.items() if filing.rows != "plan"])
def test_no_file_of_a_shared_filing_names_anybody(name):
    told = "\n".join(texts(name))

    assert [secret for secret in (*SECRETS, *TOLD) if secret in told] == []
    assert "Shared copy" in told


def test_a_shared_filing_has_the_same_rows_and_what_was_said_of_a_device_stays_with_it():
    name = "fcc_annual_1_50007"
    own = fill(case(FACTS), SHELF.by_id[name])
    other = fill(share(case(FACTS), KEY), SHELF.by_id[name])

    kept = ("date_obtained", "covered_list_row", "purpose", "verdict")
    known = [column for column in kept if column in rows(own)[0]]
    assert len(known) > 2
    assert sorted([row[column] for column in known] for row in rows(own)) == sorted(
        [row[column] for column in known] for row in rows(other)
    )
    assert "2019-03-01" in {row["date_obtained"] for row in rows(other)}


def test_a_custody_event_points_at_its_device_by_the_new_name():
    shared = share(case(FACTS), KEY)

    assert shared.facts.custody[0]["asset"] == next(
        item.asset.key for item in shared.audit.assets if item.asset.macs == ("00e0fcxxxxxx",)
    )
    assert shared.facts.custody[0]["step"] == "removal"


def test_one_key_gives_the_same_filing_again_and_another_key_another():
    def made(key):
        return fill(share(case(FACTS), key), SHELF.by_id["scrp_inventory"]).tables

    assert made(KEY) == made(KEY)
    assert made(KEY) != made(b"another")


def test_what_was_said_of_one_member_of_a_stack_is_said_of_that_one_in_the_shared_copy():
    base = replace(audit(), assets=(stack(),))

    for serial, left in (("2102350DLS10000001", "f-0006"), ("2102350DLS10000002", "f-0001")):
        told = case(f'[asset."{serial}"]\nremoved = 2026-11-01', base=base)
        shared = share(told, KEY)
        going = Plan(FilingCase(shared, SHELF.by_id["removal_plan"])).going

        (pair,) = Plan(FilingCase(told, SHELF.by_id["removal_plan"])).going
        assert pair.finding.id == left
        assert [one.finding.unit for one in going] == [pair.finding.unit]
        assert told.facts.strangers(base.assets) == []
