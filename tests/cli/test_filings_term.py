"""Two years of a reimbursement: every paper counts the same devices over all runs, and the truth."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from auditor.cli import main

APPROVED = date(2024, 7, 15)
HEAD = "ip,vendor,model,serial,site,acquired\n192.0.2.200,Cisco,C9300-24T,FCW2140L0AB,north,2020-01-01\n"
# Serial number: site, address, vendor, model; the days it stands there: from, removed, disposed.
BOXES = {
    "2102351LLLDMN1000801": ("north", "192.0.2.1", "Huawei", "S5735-L24P4X-A1"),
    "2102351LLLDMN1000802": ("north", "192.0.2.2", "Huawei", "S5735-L24P4X-A1"),
    "2102351LLLDMN1000803": ("north", "192.0.2.3", "Huawei", "S5735-L24P4X-A1"),
    "2102351LLLDMN1000804": ("south", "198.51.100.1", "Huawei", "S5735-L24P4X-A1"),
    "219801A0BCDEFG000805": ("south", "198.51.100.2", "ZTE", "ZXR10 5960"),
    "219801A0BCDEFG000806": ("south", "198.51.100.3", "ZTE", "ZXR10 5960"),
}
ONE, TWO, THREE, FOUR, FIVE, LATE = BOXES
FACTS = """
[filer]
frn = "0001234567"
approved = 2024-07-15
spending_days = [2025-02-10, 2025-08-10]
term_end = 2025-07-15
extension_end = 2026-01-15
"""


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


class Term:
    """A store, a folder, and the days on which things happen."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.store, self.patch = folder, folder / "a.db", monkeypatch
        self.facts = folder / "facts.toml"
        self.facts.write_text(FACTS)

    def at(self, day):
        self.patch.setenv(
            "SOURCE_DATE_EPOCH", str(int(datetime(*map(int, day.split("-")), 12, tzinfo=UTC).timestamp()))
        )

    def scan(self, day, *serials, acquired="2018-03-01"):
        self.at(day)
        lines = (
            f"{ip},{vendor},{model},{serial},{site},{acquired}\n"
            for serial, (site, ip, vendor, model) in BOXES.items()
            if serial in serials
        )
        (self.folder / "books.csv").write_text(HEAD + "".join(lines))
        result = call("import", self.folder / "books.csv", "--store", self.store, "-q", "-o", self.folder / "a.txt")
        assert result.exit_code in {0, 1}, result.output

    def note(self, serial, state, day, *proof):
        result = call("removal", "note", serial, state, "--at", day, "--who", "A. Crew", "--store", self.store, *proof)
        assert result.exit_code == 0, result.output

    def file(self, name, *words, code=0):
        out = self.folder / "out"
        words = ("--facts", self.facts, "--store", self.store, "-o", out, "--despite-age", *words)
        result = call("filings", "write", name, *words)
        assert result.exit_code == code, result.output
        return out, result

    def rows(self, name, *words, table="", code=0):
        out, _ = self.file(name, *words, code=code)
        with (out / f"{name}{table}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        names = [label.rsplit(" (", 1)[0] for label in head]
        return [dict(zip(names, row, strict=True)) for row in rows]


def counts(row):
    names = ("in_inventory", "gear_removed", "replaced", "disposed", "remaining", "removed_in_period")
    return tuple(int(row[name]) for name in names)


@pytest.fixture
def term(tmp_path, monkeypatch):
    """Return a term with its inventory and a device that only the second run saw."""
    one = Term(tmp_path, monkeypatch)
    one.scan("2024-06-01", ONE, TWO, THREE, FOUR, FIVE)
    one.scan("2024-09-01", ONE, TWO, THREE, FOUR, FIVE, LATE)
    return one


def test_two_years_from_the_application_to_the_final_certification(term):
    assert {row["serial_number"] for row in term.rows("scrp_inventory")} == set(BOXES)

    # First period: two go, with certificates; the third run no longer sees them.
    for serial in (ONE, TWO):
        term.note(serial, "removed", "2024-09-20")
        term.note(serial, "disposed", "2024-10-01", "--proof", f"certificate {serial[-3:]}")
    term.scan("2024-10-10", THREE, FOUR, FIVE, LATE)
    (first,) = term.rows("scrp_status_90d")
    assert (first["period"], first["due"]) == ("2024-07-15 to 2024-10-13", "2024-10-13")
    assert counts(first) == (6, 2, 0, 2, 4, 2)

    # Second period: nothing happens. Third: one goes, another is said to and stands there a month later.
    (second,) = term.rows("scrp_status_90d", "--period", "2024-12-24")
    assert counts(second) == (6, 2, 0, 2, 4, 0)
    term.note(THREE, "removed", "2025-02-01")
    term.note(FOUR, "removed", "2025-02-02")
    term.scan("2025-03-05", FOUR, FIVE, LATE)
    (third,) = term.rows("scrp_status_90d", "--period", "3")
    assert (third["period"], counts(third)) == ("2025-01-12 to 2025-04-11", (6, 3, 0, 2, 3, 1))
    gaps = (term.folder / "out" / "scrp_status_90d-gaps.csv").read_text(encoding="utf-8")
    assert all(words in gaps for words in ("a removal that holds", "(removed 2025-02-02, seen 2025-03-05)"))

    # The spending report of the summer has them all, and so has the plan.
    term.facts.write_text(FACTS + "".join(f'[asset.{name}]\nreplaced_by = "Example 24"\n' for name in BOXES) + CLAIMS)
    spending = term.rows("scrp_spending", "--period", "1")
    assert {row["serial_number"]: row["removed"] for row in spending if row["removed"]} == {
        ONE: "2024-09-20", TWO: "2024-09-20", THREE: "2025-02-01",
    }  # fmt: skip
    # The other was seen again, if only after that period: what is known to be wrong is not reported.
    assert len(spending) == len(BOXES)
    (first_claim, _, whole) = term.rows("scrp_spending", "--period", "1", table="-money")
    assert (first_claim["claimed"], first_claim["invoiced"], first_claim["open"]) == ("1500.00", "1250.50", "500.00")
    assert (whole["claim"], whole["claimed"], whole["paid"], whole["open"]) == ("all", "2300.00", "1000.00", "1300.00")
    plan = term.rows("removal_plan")
    assert [sum(int(row[name]) for row in plan) for name in ("to_remove", "already_removed", "total")] == [3, 3, 6]

    # Final certification: refused until the last device is done.
    refusal = term.file("scrp_final_cert_support", code=4)
    assert "not ready to be signed: 4 of 6 devices lack one of removed, replaced by, disposed" in refusal[1].stderr
    assert not (refusal[0] / "scrp_final_cert_support.html").exists()
    term.note(THREE, "disposed", "2025-04-01", "--proof", "certificate 803")
    for serial in (FOUR, FIVE, LATE):
        term.note(serial, "removed", "2025-05-02")
        if serial != LATE:
            term.note(serial, "disposed", "2025-05-20", "--proof", "certificate")
    term.scan("2025-06-01")
    (left,) = term.rows("scrp_final_cert_support", table="-open", code=4)
    assert (left["serial_number"], left["open_items"]) == (LATE, "disposed; certificate ref")

    term.note(LATE, "disposed", "2025-06-20", "--proof", "certificate 806")
    certificate = term.rows("scrp_final_cert_support")
    assert {row["open_items"] for row in certificate} == {""}
    assert {row["serial_number"] for row in certificate} == set(BOXES)
    log = {row["serial_number"]: (row["removed"], row["certificate_ref"]) for row in term.rows("scrp_disposal_log")}
    assert log == {row["serial_number"]: (row["removed"], row["certificate_ref"]) for row in certificate}
    assert log[ONE] == ("2024-09-20", "certificate 801")
    assert (term.folder / "out" / "scrp_final_cert_support.html").exists()
    (last,) = term.rows("scrp_status_90d", "--period", "4")
    assert counts(last) == (6, 6, 6, 6, 0, 3)
    # A device that comes back takes the certificate with it, and the page of before is named.
    term.scan("2025-07-01", LATE)
    again = term.file("scrp_final_cert_support", code=4)[1].stderr
    assert "not ready to be signed: 1 of 6 devices" in again
    assert "scrp_final_cert_support.html there is older and no longer true: remove it" in again
    # What was reported once is reported so again, whatever happened since.
    assert counts(term.rows("scrp_status_90d", "--period", "1")[0])[:2] == (6, 2)


CLAIMS = """
[[claim]]
claim_ref = "C-1"
currency = "USD"
amount_claimed = 1500
amount_paid = 1000
[[claim]]
claim_ref = "C-2"
currency = "USD"
amount_claimed = 800
[[invoice]]
invoice_ref = "R-7"
claim_ref = "C-1"
currency = "USD"
amount = 1250.50
"""


def test_the_calendar_has_every_day_the_letters_name_and_says_which_are_missing(term):
    folder, _ = term.file("scrp_status_90d")
    days = {(row["day"], row["what"]) for row in term.rows("scrp_status_90d", table="-calendar")}
    updates = [APPROVED + timedelta(days=90 * number) for number in range(1, 7)]

    assert {(str(day), "Status update") for day in updates} <= days
    assert (str(APPROVED + timedelta(days=90 * 7)), "Status update") not in days  # after the extension ends
    assert {("2025-02-10", "Spending report"), ("2026-01-15", "End of the extension")} <= days
    gaps = (folder / "scrp_status_90d-gaps.csv").read_text(encoding="utf-8")
    assert "day: Last day for claims" in gaps
    assert "day: End of the extension" not in gaps


def test_a_device_no_later_run_knows_stays_until_a_person_notes_it(term):
    term.scan("2024-11-01", THREE, FOUR, FIVE, LATE)
    rows = {row["serial_number"]: row for row in term.rows("scrp_inventory")}
    gaps = (term.folder / "out" / "scrp_inventory-gaps.csv").read_text(encoding="utf-8")

    assert rows[ONE]["in_the_last_run"] == "not in the last run, seen last on 2024-09-01"
    assert (rows[LATE]["first_seen"], rows[LATE]["in_the_last_run"]) == ("2024-09-01", "")
    assert "a word on where it is" in gaps


def test_a_device_the_last_run_reads_otherwise_stays_until_a_person_waives_it(term, monkeypatch):
    monkeypatch.setitem(BOXES, LATE, ("south", "198.51.100.3", "Cisco", "C9300-24T"))
    term.scan("2024-11-01", *BOXES)
    rows = {row["serial_number"]: row for row in term.rows("scrp_inventory")}
    gaps = (term.folder / "out" / "scrp_inventory-gaps.csv").read_text(encoding="utf-8")

    assert set(rows) == set(BOXES)
    assert rows[LATE]["manufacturer"] == "ZTE Corporation"
    assert rows[LATE]["in_the_last_run"] == "undetermined in the last run"
    assert "a look at what the last run does not confirm" in gaps


def test_runs_before_the_inventory_of_the_application_do_not_count(term):
    term.facts.write_text(FACTS + "inventory_day = 2024-10-01\n")
    term.scan("2024-11-01", THREE, FOUR)

    assert {row["serial_number"] for row in term.rows("scrp_inventory")} == {THREE, FOUR}


def test_the_annual_report_says_what_changed_since_the_one_before(tmp_path, monkeypatch):
    term = Term(tmp_path, monkeypatch)
    term.scan("2024-12-20", ONE, TWO, FIVE, acquired="2019-03-01")
    term.note(ONE, "removed", "2025-03-01")
    term.scan("2025-12-20", TWO, THREE, FIVE, acquired="2019-03-01")
    term.at("2026-01-10")
    rows = {row["serial_number"]: row for row in term.rows("fcc_annual_1_50007", table="-changes")}

    assert {serial: row["change"] for serial, row in rows.items()} == {ONE: "removed 2025-03-01", THREE: "new"}
    assert {row["as_of"] for row in term.rows("fcc_annual_1_50007")} == {"2025-12-31"}
    page = (tmp_path / "out" / "fcc_annual_1_50007.html").read_text(encoding="utf-8")
    assert "last year" not in page
    # The year before nothing was kept: that is a gap, unless last year's audit is named.
    call("report", "--store", term.store, "-f", "json", "-o", tmp_path / "old.json")
    (tmp_path / "out" / "fcc_annual_1_50007-changes.csv").unlink()
    term.file("fcc_annual_1_50007", "--as-of", "2024-12-31")
    assert not (tmp_path / "out" / "fcc_annual_1_50007-changes.csv").exists()
    assert "last year's report" in (tmp_path / "out" / "fcc_annual_1_50007-gaps.csv").read_text(encoding="utf-8")
    term.file("fcc_annual_1_50007", "--as-of", "2024-12-31", "--previous", tmp_path / "old.json")
    assert "last year's report" not in (tmp_path / "out" / "fcc_annual_1_50007-gaps.csv").read_text(encoding="utf-8")


def test_the_calendar_is_printed_and_comes_as_a_file_of_events(term):
    words = ("--facts", term.facts, "--store", term.store)
    lines = call("filings", "calendar", "scrp_status", *words).stdout.splitlines()
    file = call("filings", "calendar", "scrp_status", *words, "-f", "ics").stdout

    assert lines[0] == "2024-10-13\tStatus update 1\tscrp_status_90d\tevery 90 days from approved 2024-07-15"
    assert len(lines) == 6
    assert file.count("BEGIN:VEVENT") == 6
    # The letters come before the first run.
    assert call("filings", "calendar", "all", "--facts", term.facts, "--store", term.folder / "none.db").exit_code == 0
    assert (term.file("scrp_status_90d")[0] / "scrp_status_90d.ics").read_bytes().count(b"BEGIN:VEVENT") == 10
    _, result = term.file("scrp_status", "--period", "2024-01-01..2024-05-01", code=2)
    assert "no run had begun by 2024-05-01" in result.stderr
