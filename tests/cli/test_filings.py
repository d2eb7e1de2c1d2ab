"""Sample networks to paperwork: every filing agrees with the others and with the truth."""

import csv
import json
import tomllib
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.paperwork.registry import all_filings
from tests.lab.conftest import SAMPLES, elsewhere

REIMBURSED = {"huawei", "zte"}
MAKERS = {
    "huawei": "Huawei Technologies Company",
    "zte": "ZTE Corporation",
    "hytera": "Hytera Communications Corporation",
    "hikvision": "Hangzhou Hikvision Digital Technology Company",
    "dahua": "Dahua Technology Company",
}
RADIOS = 10


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def scan_into(name, folder):
    """Play a network, scan it into a store, and return the store."""
    network = elsewhere(networks.load(SAMPLES / "networks" / f"{name}.toml"))
    store = folder / "auditor.db"
    with play(network, SAMPLES, folder) as lab:
        words = ["--config", lab.config, "scan", "-i", folder / "targets.txt", "--rate", "5000", "-q", "--no-progress"]
        result = call(*words, "--store", store, "--deadline", "30", "-f", "json", "-o", folder / "audit.json")
    assert result.exit_code == 1, result.output
    return store


def truth(name):
    """Return how many devices of each maker stand at each site, heard ones and those a recorder alone lists too."""
    network = tomllib.loads((SAMPLES / "networks" / f"{name}.toml").read_text(encoding="utf-8"))
    sites, channels = network["truth"], network.get("channel", ())
    counts = Counter((one["site"], MAKERS[one["protocol"].lower()]) for one in channels if "mac" not in one)
    for site, numbers in sites.items():
        for key, number in numbers.items():
            maker = key.removeprefix("heard_")
            if maker in MAKERS:
                counts[site, MAKERS[maker]] += number
    return counts


def sheet(folder, name):
    """Return the rows of a CSV as dicts, the marks of the columns taken off."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    names = [label.rsplit(" (", 1)[0] for label in rows[0]]
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def with_open_ones(folder, name):
    """Return the rows of a sheet and those a person has to decide on."""
    return [*sheet(folder, name), *sheet(folder, f"{name}-decide")]


def tally(rows, site, maker, number=None):
    """Return how many devices of each maker a sheet has at each site."""
    counts = Counter()
    for row in rows:
        counts[row[site], row[maker]] += int(row[number]) if number else 1
    return counts


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    """Return a folder with every filing of the carrier and the store they were made from."""
    folder = tmp_path_factory.mktemp("carrier")
    store = scan_into("carrier", folder)
    result = call("filings", "write", "all", "--store", store, "-o", folder / "out")
    assert result.exit_code == 0, result.output
    return folder / "out", store


@pytest.mark.slow
def test_annual_report_and_support_for_54_11_come_to_the_truth(carrier):
    folder, _ = carrier

    assert tally(with_open_ones(folder, "fcc_annual_1_50007"), "site", "maker") == truth("carrier")
    assert tally(sheet(folder, "fcc_54_11_support"), "site", "vendor") == truth("carrier")


@pytest.mark.slow
def test_reimbursement_sheets_agree_with_each_other_and_take_two_makers_only(carrier):
    folder, _ = carrier
    eligible = {MAKERS[maker] for maker in REIMBURSED}
    rows_due = Counter({key: number for key, number in truth("carrier").items() if key[1] in eligible})
    inventory = sheet(folder, "scrp_inventory")

    assert tally(inventory, "site_id", "manufacturer", "quantity") == rows_due
    keys = sorted(row["asset"] for row in inventory)
    for name in ("scrp_spending", "scrp_disposal_log", "scrp_final_cert_support"):
        assert sorted(row["asset"] for row in sheet(folder, name)) == keys
    (status,) = sheet(folder, "scrp_status_90d")
    assert (int(status["in_inventory"]), int(status["remaining"])) == (rows_due.total(), rows_due.total())


@pytest.mark.slow
def test_the_removal_plan_speaks_of_the_same_devices_as_the_annual_report(carrier):
    folder, _ = carrier
    annual = with_open_ones(folder, "fcc_annual_1_50007")
    plan = sheet(folder, "removal_plan")
    steps = sheet(folder, "removal_plan-order")

    assert sorted(row["asset"] for row in steps) == sorted(row["asset"] for row in annual)
    assert Counter(row["site"] for row in annual) == Counter(
        row["site"] for row in plan for _ in range(int(row["to_remove"]))
    )
    unknown = sum(int(row["reimbursable_unknown"]) for row in plan)
    assert unknown == len(sheet(folder, "scrp_inventory"))
    assert sum(int(row["reimbursable_yes"]) for row in plan) == 0


@pytest.mark.slow
def test_the_workbook_says_what_the_table_says(carrier):
    folder, _ = carrier
    book = openpyxl.load_workbook(folder / "fcc_annual_1_50007.xlsx", data_only=False)
    annual = sheet(folder, "fcc_annual_1_50007")
    head = [str(cell.value) for cell in book["Our columns"][1]]
    rows = [[cell.value for cell in row] for row in book["Our columns"].iter_rows(min_row=2)]

    assert [row[head.index("Asset")] for row in rows] == [row["asset"] for row in annual]
    assert [row[head.index("Row")] for row in rows] == list(range(1, len(annual) + 1))
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.slow
def test_the_inquiry_tells_what_was_not_read(carrier):
    folder, _ = carrier
    numbers = tomllib.loads((SAMPLES / "networks" / "carrier.toml").read_text(encoding="utf-8"))["truth"]
    by_site = {row["site"]: row for row in sheet(folder, "inquiry_statement")}

    assert {site: int(row["spoke_for_themselves"]) for site, row in by_site.items()} == {
        site: one["read"] for site, one in numbers.items()
    }
    assert {site: int(row["targets_never_read"]) for site, row in by_site.items()} == {
        site: one.get("unread", 0) for site, one in numbers.items()
    }


@pytest.mark.slow
def test_days_of_an_imported_inventory_decide(carrier, tmp_path):
    """The radios were obtained in 2017: reimbursable, and before the annual report's days."""
    _, store = carrier
    (journal,) = (store.parent / "journals").glob("*.jsonl.gz")
    both = tmp_path / "both.db"
    ems = SAMPLES / "networks" / "carrier-ems.csv"
    call("import", journal, ems, "--store", both, "-q", "-f", "json", "-o", tmp_path / "audit.json")
    result = call("filings", "write", "all", "--store", both, "-o", tmp_path / "out", "-q")
    assert result.exit_code == 0, result.output
    annual, inventory = (
        with_open_ones(tmp_path / "out", "fcc_annual_1_50007"),
        sheet(tmp_path / "out", "scrp_inventory"),
    )
    plan = sheet(tmp_path / "out", "removal_plan")

    assert len(annual) == truth("carrier").total() - RADIOS
    assert Counter(row["obtained_in_time"] for row in inventory) == {"yes": RADIOS, "unknown": len(inventory) - RADIOS}
    assert {row["date_obtained"][:4] for row in inventory if row["obtained_in_time"] == "yes"} == {"2017"}
    assert sum(int(row["reimbursable_yes"]) for row in plan) == RADIOS
    assert sum(int(row["to_remove"]) for row in plan) == truth("carrier").total()


@pytest.mark.slow
def test_what_was_noted_as_removed_is_counted_so_everywhere(carrier, tmp_path):
    _, store = carrier
    words = ("removal", "note", "ex-fw", "removed", "--who", "A. Crew", "--store", store)
    assert call(*words).exit_code == 0
    assert call("filings", "write", "all", "--store", store, "-o", tmp_path, "-q").exit_code == 0

    (status,) = sheet(tmp_path, "scrp_status_90d")
    assert status["gear_removed"] == "1"
    assert sum(int(row["already_removed"]) for row in sheet(tmp_path, "removal_plan")) == 1
    (row,) = [row for row in sheet(tmp_path, "fcc_54_11_support") if row["device"] == "ex-fw"]
    assert row["in_use"].startswith("removed 20")


FACTS = """
[filer]
contract_number = "FA0000-00-C-0000"
discovered = 2026-11-20T15:30:00-05:00
submitted = 2026-11-23T10:00:00-05:00
[maker.huawei]
supplier_name = "Example Supply"
[site.office]
purposes = ["government-facility"]
[site.workshop]
purposes = []
"""


@pytest.fixture(scope="module")
def contractor(tmp_path_factory):
    """Return a folder with the contractor's packets under section 889."""
    folder = tmp_path_factory.mktemp("contractor")
    store = scan_into("contractor", folder)
    (folder / "facts.toml").write_text(FACTS)
    result = call(
        "filings", "write", "all", "--store", store, "--facts", folder / "facts.toml", "-o", folder / "out", "-q"
    )
    assert result.exit_code == 0, result.output
    return folder / "out"


@pytest.mark.slow
def test_a_contractor_gets_its_packets(contractor):
    first, second = sheet(contractor, "far889_initial"), sheet(contractor, "far889_followup")

    assert {row["due"] for row in first} == {"2026-11-23 (end of the day)"}
    assert {row["due"] for row in second} == {"2026-12-07 (end of the day)"}
    assert {row["contract_number"] for row in first} == {"FA0000-00-C-0000"}
    assert {row["supplier_name"] for row in first if row["producer"] == MAKERS["huawei"]} == {"Example Supply"}
    assert [row["devices"] for row in first] == [row["devices"] for row in second]


@pytest.mark.slow
def test_the_use_of_a_site_decides_for_its_cameras(contractor):
    by_site = tally(sheet(contractor, "far889_initial"), "site", "producer", "quantity")
    by_site += tally(sheet(contractor, "far889_initial-decide"), "site", "maker")
    audit = json.loads((contractor.parent / "audit.json").read_text(encoding="utf-8"))
    devices = Counter(
        (item["site"], MAKERS[item["findings"][0]["maker"]])
        for item in audit["assets"]
        if item["outcome"] == "match" and item["findings"][0]["verdict"] != "possible"
    )
    rows_due = {key: number for key, number in devices.items() if key != ("workshop", MAKERS["dahua"])}

    assert devices["workshop", MAKERS["dahua"]] == truth("contractor")["workshop", MAKERS["dahua"]]
    assert by_site == rows_due
    assert "purpose of use" not in (contractor / "far889_initial-gaps.csv").read_text(encoding="utf-8")


# ── the command itself, over a small import ──


@pytest.fixture
def small(tmp_path):
    """Return a store with one imported switch."""
    table = tmp_path / "inventory.csv"
    table.write_text("ip,vendor,model,serial,site\n192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,hq\n")
    store = tmp_path / "a.db"
    assert call("import", table, "--store", store, "-q", "-o", tmp_path / "a.txt").exit_code == 1
    return store


def test_the_list_names_every_filing_and_show_says_which_facts_it_takes():
    listing = call("filings", "list").stdout
    page = call("filings", "show", "far889_initial").stdout

    assert listing.count("\n") == len(all_filings().by_id)
    assert "supplier_uei (OFFICIAL)\tsupplier_uei under asset, model, maker, site, filer" in page


def test_old_tables_are_refused_before_any_file_is_written(small, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1830000000")  # 2027-12-28
    refusal = call("filings", "write", "fcc_54_11_support", "--store", small, "-o", tmp_path / "out")
    assert refusal.exit_code == 4
    assert "us-fcc-covered-list of 2026-08-20" in refusal.stderr
    assert not (tmp_path / "out").exists()

    result = call("filings", "write", "fcc_54_11_support", "--store", small, "-o", tmp_path / "out", "--despite-age")
    assert result.exit_code == 0
    assert "Too old" in (tmp_path / "out" / "fcc_54_11_support.html").read_text(encoding="utf-8")


def test_an_audit_document_serves_as_well_as_a_stored_run(small, tmp_path):
    call("report", "--store", small, "-f", "json", "-o", tmp_path / "audit.json")
    for name, words in (("stored", ["last", "--store", small]), ("file", [tmp_path / "audit.json", "--store", "none"])):
        assert call("filings", "write", "fcc_54_11_support", *words, "-o", tmp_path / name, "-q").exit_code == 0

    assert sheet(tmp_path / "stored", "fcc_54_11_support") == sheet(tmp_path / "file", "fcc_54_11_support")


def test_a_default_store_that_cannot_be_read_stops_no_audit_document(small, tmp_path, monkeypatch):
    call("report", "--store", small, "-f", "json", "-o", tmp_path / "audit.json")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data" / "auditor").mkdir(parents=True, mode=0o700)
    (tmp_path / "data" / "auditor" / "auditor.db").write_bytes(b"no database at all" * 100)
    words = ("filings", "write", "fcc_54_11_support", tmp_path / "audit.json", "-q", "--despite-age", "-o")
    named = ("--store", tmp_path / "data" / "auditor" / "auditor.db")

    assert call(*words, tmp_path / "out").exit_code == 0
    assert len(sheet(tmp_path / "out", "fcc_54_11_support")) == 1
    assert call(*words, tmp_path / "other", *named).exit_code == 2


def test_purposes_and_coordinates_come_from_the_configuration_too(small, tmp_path):
    config = tmp_path / "auditor.toml"
    config.write_text(
        '[site.hq]\nsubnets = ["192.0.2.0/24"]\npurposes = ["public-safety"]\nlatitude = 44.05\nlongitude = -90.5\n'
    )
    words = ("--config", config, "filings", "write", "all", "--store", small, "-o", tmp_path / "out", "-q")
    assert call(*words).exit_code == 0

    assert [row["latitude"] for row in sheet(tmp_path / "out", "scrp_inventory")] == ["44.05"]
    assert [row["purpose"] for row in sheet(tmp_path / "out", "far889_initial")] == ["public-safety"]


def test_the_laws_of_another_day_may_be_asked(small, tmp_path):
    words = (
        "filings",
        "write",
        "far889_disclosure",
        "--store",
        small,
        "-o",
        tmp_path / "out",
        "-q",
        "--as-of",
        "2019-01-01",
    )
    assert call(*words).exit_code == 0

    assert sheet(tmp_path / "out", "far889_disclosure") == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nothing"], 2, "no filing 'nothing'; known: custody_log, executive_summary"),
        (["all", "--facts", "no.toml"], 2, "no.toml: cannot be read"),
        (["removal_plan", "--prices", "no.csv"], 2, "no.csv: cannot be read"),
        (["all", "nope"], 2, "'nope' is not a stored run"),
    ],
)
def test_mistakes_are_told_in_one_line(small, tmp_path, words, code, message):
    result = call("filings", "write", *words, "--store", small, "-o", tmp_path / "out")

    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_in_the_way_of_the_folder_is_told(small, tmp_path):
    (tmp_path / "out").write_text("in the way")
    result = call("filings", "write", "all", "--store", small, "-o", Path(tmp_path / "out" / "deeper"))

    assert result.exit_code == 2
    assert "cannot be made" in result.stderr


def test_a_shared_copy_of_a_filing_names_nobody(small, tmp_path, monkeypatch):
    words = ("filings", "write", "all", "--store", small, "-o", tmp_path / "out", "-q", "--redact", "SHARE_KEY")
    refusal = call(*words)
    assert refusal.exit_code == 2
    assert "set the variable SHARE_KEY" in refusal.stderr
    assert not (tmp_path / "out").exists()

    monkeypatch.setenv("SHARE_KEY", "a secret of this test")
    assert call(*words).exit_code == 0
    texts = {
        path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir() if path.suffix in {".csv", ".html"}
    }
    assert "removal_plan.csv" in texts
    for name, message in texts.items():
        assert "192.0.2.1" not in message, name
        assert "2102351LLLDMN1000812" not in message, name
    assert "Shared copy" in texts["fcc_54_11_support.html"]
