"""Workbooks as other programs read them: openpyxl always, LibreOffice where it is installed."""

import csv
import io
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import unescape

import openpyxl
import pytest

from auditor.report.base import Options
from auditor.report.ooxml import Sheet, book, inert
from auditor.report.registry import render
from tests.tools.audits import audit

NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_workbook_has_its_sheets_and_their_headers_stay_in_sight() -> None:
    made = read(render(audit(), "xlsx", Options()))

    assert made.sheetnames == [
        "Summary", "Findings", "Components",
        "Watched makers", "By law", "Dates", "Only heard of", "Unread", "Assets", "Parts",
        "Evidence", "Coverage", "Laws",
        "Obligations", "About",
    ]  # fmt: skip
    for name in made.sheetnames[1:-1]:
        sheet = made[name]
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.bold
        assert sheet.oddFooter.center.text == "An inventory, not legal advice"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


def test_every_finding_piece_of_evidence_and_failure_is_in_the_workbook() -> None:
    made = read(render(audit(), "xlsx", Options()))

    rows = {name: made[name].max_row - 1 for name in made.sheetnames[1:-1]}
    assert rows == {
        "Findings": 3, "Components": 1,
        "Watched makers": 1, "By law": 2, "Dates": 2, "Only heard of": 1, "Unread": 2, "Assets": 7, "Parts": 2,
        "Evidence": 6,
        "Coverage": 2, "Laws": 2, "Obligations": 4,
    }  # fmt: skip


def test_each_law_stands_once_with_the_age_of_its_list() -> None:
    laws = read(render(audit(), "xlsx", Options()))["Laws"]
    first = dict(zip([cell.value for cell in laws[1]], [cell.value for cell in laws[2]], strict=True))

    assert (first["Place"], first["Force"], first["Findings"]) == ("United States", "Applies", 2)
    assert first["List read on"] == datetime(2026, 8, 20)  # noqa: DTZ001  # Excel knows no zones
    assert first["List"] == "list read on 2026-08-20, 93 days old"


def test_days_and_counts_of_laws_sort_as_such():
    made = read(render(audit(), "xlsx", Options()))
    law, day = (
        dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))
        for sheet in (made["By law"], made["Dates"])
    )

    assert (law["Law"], law["Applies to"], law["Depends on use"], law["No"]) == ("FCC Covered List", 2, 0, 2)
    assert law["Next date"] == datetime(2027, 3, 31)  # noqa: DTZ001  # Excel knows no zones
    assert (day["By"], day["Answer"]) == (datetime(2020, 8, 13), "depends on the use of the site")  # noqa: DTZ001  # the same
    for name in ("Findings", "Laws", "Obligations"):
        heads = [cell.value for cell in made[name][1]]
        due = {type(row[heads.index("Due")]) for row in made[name].iter_rows(min_row=2, values_only=True)}
        assert due <= {datetime, type(None)}
        assert datetime in due, name


def test_numbers_days_and_times_are_typed_and_serials_stay_text() -> None:
    made = read(render(audit(), "xlsx", Options()))
    head = [cell.value for cell in made["Findings"][1]]
    camera = dict(zip(head, [cell.value for cell in made["Findings"][3]], strict=True))
    switch = dict(zip(head, [cell.value for cell in made["Findings"][2]], strict=True))
    gate = dict(zip(head, [cell.value for cell in made["Findings"][4]], strict=True))

    assert camera["Vlan"] == 20
    assert switch["Serial"] == "2102350DLS10000001"
    assert gate["Waived until"] == datetime(2027, 1, 31)  # noqa: DTZ001  # Excel knows no zones
    assert made["Unread"]["G2"].value == datetime(2026, 11, 21, 12)  # noqa: DTZ001  # the same


def test_a_sheet_that_is_full_goes_on_in_the_next() -> None:
    rows = [[str(number)] for number in range(7)]

    made = read(book([Sheet(name="S", head=["a"], rows=rows)], title="t", created=NOON, rows_each=4))

    assert made.sheetnames == ["S", "S (2)", "S (3)"]
    assert [[cell.value for cell in sheet["A"]] for sheet in made] == [
        ["a", "0", "1", "2"],
        ["a", "3", "4", "5"],
        ["a", "6"],
    ]


def test_an_empty_sheet_still_has_its_header() -> None:
    made = read(book([Sheet(name="S", head=["a", "b"], rows=[])], title="t", created=NOON))

    assert [cell.value for cell in made["S"][1]] == ["a", "b"]


def test_columns_past_z_are_named_like_excel_names_them() -> None:
    made = read(book([Sheet(name="S", rows=[[str(number) for number in range(800)]])], title="t", created=NOON))

    assert [cell.value for cell in made["S"][1]] == [str(number) for number in range(800)]


@pytest.mark.parametrize("text", ["_x000D_", "_x005F_x000D_", "_x_x0041_", "<a&b>", "=1+1", "a]]>b"])
def test_a_text_is_read_back_letter_by_letter(text: str) -> None:
    written = inert(text)

    assert ET.fromstring(f"<t>{written}</t>") is not None  # noqa: S314  # we made it ourselves
    as_excel = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), unescape(written))
    assert as_excel == text


def test_what_looks_like_a_formula_is_a_text_to_a_reader() -> None:
    made = read(book([Sheet(name="S", rows=[["=1+1", "a\x00\nb"]])], title="t", created=NOON))

    assert (made["S"]["A1"].value, made["S"]["A1"].data_type) == ("=1+1", "s")
    assert made["S"]["B1"].value == "a b"


@pytest.mark.real
def test_libreoffice_opens_the_workbook_and_reads_the_same(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("soffice (LibreOffice) is not installed")
    (tmp_path / "report.xlsx").write_bytes(render(audit(), "xlsx", Options()))

    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1", "--outdir", str(tmp_path),
            str(tmp_path / "report.xlsx"),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip

    rows = list(csv.DictReader((tmp_path / "report-Findings.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Finding"] for row in rows] == ["f-0001", "f-0002", "f-0003"]
    assert [row["Vlan"] for row in rows] == ["", "20", ""]
    assert rows[2]["Waived until"] == "2027-01-31"
