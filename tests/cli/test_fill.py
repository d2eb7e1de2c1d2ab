"""`auditor filings gaps` and `fill`: from the run to a sheet, through LibreOffice, and back."""

import hashlib
import json
import shutil
import subprocess
import tomllib
from datetime import date

import openpyxl
import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.report.base import Options
from auditor.report.registry import render
from auditor.store.runs import Store
from tests.tools.fill_cases import DEVICES, FILING, column, fleet, inputs, put

WRONG = {
    "sanitized": "03/04/2026", "disposed": "soon", "removed": 2019, "inoperable": "perhaps",
    "data class": "secret", "vendor itar": "1", "serial number": 21023500001,
}  # fmt: skip


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "audit.json"
    path.write_bytes(render(inputs().audit, "json", Options()))
    return path


def gaps(run, tmp_path):
    result = call("filings", "gaps", FILING, run, "-o", tmp_path / "gaps.xlsx", "--store", "none")
    assert result.exit_code == 0, result.output
    return openpyxl.load_workbook(tmp_path / "gaps.xlsx")


def fill(run, tmp_path, *words, path=None):
    path = path or tmp_path / "gaps.xlsx"
    return call("filings", "fill", path, "--facts", tmp_path / "facts.toml", "--run", run, "--store", "none", *words)


def through_libreoffice(path, tmp_path):
    """Let LibreOffice open a workbook, compute it and write it anew in its own words."""
    out = tmp_path / "office"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", str(out), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return out / path.name


def answered(devices):
    """Write an answer of each sort for every device; return what a facts file has to say."""
    expected = {}
    for row in range(2, DEVICES + 2):
        key = devices.cell(row=row, column=1).value
        number = int(key[-4:])
        day = date(2026, 1 + number % 9, 1 + number % 28)
        put(devices, row, "removed", day)
        put(devices, row, "sanitized", day.isoformat())
        put(devices, row, "certificate", f"00{number}")
        put(devices, row, "inoperable", number % 2 == 0)
        put(devices, row, "data class", "neither")
        put(devices, row, "destruction", f'="shr"&"edded {number}"')
        expected[key] = {
            "removed": day, "sanitized": day, "certificate_ref": f"00{number}", "inoperable": number % 2 == 0,
            "data_class": "neither", "destruction_method": f"shredded {number}",
        }  # fmt: skip
    return expected


@pytest.mark.real
def test_fifty_one_devices_come_back_from_libreoffice_whole(run, tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("soffice (LibreOffice) is not installed")
    book = gaps(run, tmp_path)
    expected = answered(book["Fill in devices"])
    book.save(tmp_path / "gaps.xlsx")
    office = through_libreoffice(tmp_path / "gaps.xlsx", tmp_path)

    result = fill(run, tmp_path, path=office)

    assert result.exit_code == 0, result.output
    assert tomllib.loads((tmp_path / "facts.toml").read_text())["asset"] == expected
    assert f"{DEVICES * 6} answers taken" in result.stderr
    again = fill(run, tmp_path, path=office)
    assert "0 answers" in again.stderr


def test_ten_wrong_cells_are_each_refused_by_name_and_nothing_is_taken(run, tmp_path):
    book = gaps(run, tmp_path)
    devices = book["Fill in devices"]
    answered(devices)
    cells = []
    for row, (word, value) in enumerate(WRONG.items(), 2):
        put(devices, row, word, value)
        cells.append(f"Fill in devices!{devices.cell(row=row, column=column(devices, word)).coordinate}")
    for row in range(2, DEVICES + 2):
        put(devices, row, "destruction", "shredded")
    put(devices, 20, "destruction", "=1+1")  # never computed
    devices.cell(row=30, column=1, value="SN-nobody")
    put(book["Fill in filer"], 2, "answer", "#REF!")
    book["Fill in filer"]["B2"].data_type = "e"
    book.save(tmp_path / "gaps.xlsx")
    destruction = devices.cell(row=20, column=column(devices, "destruction")).coordinate
    cells += [f"Fill in devices!{destruction}", "Fill in devices!A30", "Fill in filer!B2"]

    result = fill(run, tmp_path)

    assert result.exit_code == 2
    assert len(cells) == 10
    lines = result.stderr.splitlines()
    assert [cell for cell in cells if not any(cell + ":" in line for line in lines)] == []
    assert len([line for line in lines if "Fill in" in line]) == 10
    assert not (tmp_path / "facts.toml").exists()


def test_check_says_what_would_be_new_and_writes_nothing(run, tmp_path):
    book = gaps(run, tmp_path)
    put(book["Fill in devices"], 2, "inoperable", "yes")
    book.save(tmp_path / "gaps.xlsx")

    result = fill(run, tmp_path, "--check")

    assert result.exit_code == 0, result.output
    assert "inoperable = yes" in result.stdout
    assert not (tmp_path / "facts.toml").exists()


def test_a_facts_file_that_cannot_be_written_is_one_line(run, tmp_path):
    book = gaps(run, tmp_path)
    put(book["Fill in devices"], 2, "inoperable", "yes")
    book.save(tmp_path / "gaps.xlsx")

    words = ["--facts", tmp_path / "nowhere" / "facts.toml", "--run", run, "--store", "none"]
    result = call("filings", "fill", tmp_path / "gaps.xlsx", *words)

    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)


def test_what_was_filled_stands_in_the_ledger_and_the_old_file_beside_the_new(run, tmp_path):
    book = gaps(run, tmp_path)
    key = book["Fill in devices"]["A2"].value
    put(book["Fill in devices"], 2, "inoperable", "yes")
    book.save(tmp_path / "gaps.xlsx")
    old = "# a remark of the officer\n[filer]\nfiler_name = 'Example'\n"
    (tmp_path / "facts.toml").write_text(old)
    store = tmp_path / "s.db"
    call("import", "samples/huawei/s5720.snmprec", "--store", store, "--fail-on", "never", "-q")

    words = ["--facts", tmp_path / "facts.toml", "--run", run, "--store", store]
    result = call("filings", "fill", tmp_path / "gaps.xlsx", *words)

    assert result.exit_code == 0, result.output
    assert (tmp_path / "facts.toml.before").read_text() == old
    links = Store(store).database.listing("SELECT content FROM link WHERE kind = 'fill'")
    (content,) = [json.loads(row["content"]) for row in links]
    assert content["answers"] == [["asset", key, "inoperable", "", "yes"]]
    assert content["who"]
    assert content["facts"]["sha256"] == hashlib.sha256((tmp_path / "facts.toml").read_bytes()).hexdigest()
    facts = tomllib.loads((tmp_path / "facts.toml").read_text())
    assert facts == {"filer": {"filer_name": "Example"}, "asset": {key: {"inoperable": True}}}


def test_csv_sheets_are_filled_alike(run, tmp_path):
    call("filings", "gaps", FILING, run, "-o", tmp_path / "csv", "--store", "none")
    path = tmp_path / "csv" / "asset.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index('"Inoperable (yes or no)"')
    cells = rows[0].split('","')
    cells[at] = "yes"
    path.write_text("\n".join([head, '","'.join(cells), *rows[1:]]), encoding="utf-8")

    result = fill(run, tmp_path, path=path)

    assert result.exit_code == 0, result.output
    assert list(tomllib.loads((tmp_path / "facts.toml").read_text())["asset"].values()) == [{"inoperable": True}]


def test_the_workbook_of_a_filing_has_the_sheets_to_fill_in(run, tmp_path):
    result = call("filings", "write", FILING, run, "-o", tmp_path / "out", "--despite-age", "--store", "none")
    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(tmp_path / "out" / f"{FILING}.xlsx")
    put(book["Fill in devices"], 2, "inoperable", "no")
    book.save(tmp_path / "out" / f"{FILING}.xlsx")

    result = fill(run, tmp_path, path=tmp_path / "out" / f"{FILING}.xlsx")

    assert result.exit_code == 0, result.output
    assert "1 answer taken" in result.stderr


def test_prices_are_filled_in_on_a_sheet_of_the_same_workbook(run, tmp_path):
    words = ["--store", "none", "-o"]
    assert call("filings", "gaps", "removal_plan", run, *words, tmp_path / "gaps.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "gaps.xlsx")
    prices = book["Prices"]
    rows = [row for row in range(2, prices.max_row + 1) if prices.cell(row=row, column=1).value == "remove"]
    cells = {"id": "P-1", "likely": 12.5, "currency": "USD", "source": "quote 17", "date": date(2026, 11, 1)}
    for word, value in cells.items():
        put(prices, rows[0], word, value)
    book.save(tmp_path / "gaps.xlsx")
    plan = ["filings", "write", "removal_plan", run, "--despite-age", "--prices", tmp_path / "gaps.xlsx"]

    result = call(*plan, *words, tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert '"P-1"' in (tmp_path / "out" / "removal_plan-cost.csv").read_text(encoding="utf-8")
    put(prices, rows[0], "likely", "cheap")
    book.save(tmp_path / "gaps.xlsx")
    assert f"Prices!row {rows[0]}: likely: 'cheap' must be a number" in call(*plan, *words, tmp_path / "b").stderr
    put(prices, rows[0], "likely", "=1+1")
    book.save(tmp_path / "gaps.xlsx")
    assert "nobody computed" in call(*plan, *words, tmp_path / "c").stderr


def test_a_fleet_is_of_fifty_one():
    assert len(fleet().assets) == DEVICES
