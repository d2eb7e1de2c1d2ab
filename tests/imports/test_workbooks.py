"""Workbooks of a real program: every sheet with a header is read, losses are told."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, recognise
from auditor.imports.workbook_parts import SHEETS
from auditor.model import Reason

ROWS = [
    ["Inventory of the north depot", None, None, None, None],
    [None],
    ["Site", "Management IP", "Vendor", "Model", "Serial No.", "Purchase date", "Colour"],
    ["Depot", "192.0.2.1", "Huawei", "S5720-28X-LI-AC", "21023597100EXAMPLE01", date(2019, 4, 2), "black"],
    [None, "192.0.2.2", "Hikvision", "DS-2CD2143G0-I", 123456789, None, None],
]


def workbook(*sheets, merged=()):
    """Return the octets of a workbook with these sheets, (title, rows) each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets or [("Depot", ROWS)]:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(records):
    return {(r.target.site, r.target.address): {f.kind.partition(".")[2]: f.value for f in r.facts} for r in records}


def changed(data, part, old, new):
    """Return a workbook with one part of it edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for info in before.infolist():
            raw = before.read(info)
            after.writestr(info.filename, raw.replace(old, new) if info.filename == part else raw)
    return out.getvalue()


def test_a_workbook_gives_its_rows_with_titles_above_dates_numbers_and_merged_cells(file):
    source = file("inventory.xlsx", workbook(merged=["A4:A5"]))

    assert recognise(source) == "xlsx"
    assert told(read(source)) == {
        ("Depot", "192.0.2.1"): {
            "vendor": "Huawei",
            "model": "S5720-28X-LI-AC",
            "serial": "21023597100EXAMPLE01",
            "acquired": "2019-04-02",
        },
        ("Depot", "192.0.2.2"): {"vendor": "Hikvision", "model": "DS-2CD2143G0-I", "serial": "123456789"},
    }
    assert file.warnings == [f"{source.path}: sheet 'Depot' columns passed over: Colour"]


def test_every_sheet_is_read_and_one_without_a_header_is_told(file):
    other = [["ip", "model"], ["192.0.2.9", "MA5800-X7"]]
    records = list(read(file("a.xlsx", workbook(("Notes", [["call Ann"]]), ("A", ROWS), ("B", other)))))

    assert {record.target.address for record in records} == {"192.0.2.1", "192.0.2.2", "192.0.2.9"}
    assert any("sheet 'Notes' names no column" in text for text in file.warnings)
    assert {fact.where for record in records for fact in record.facts} >= {"sheet 'A' row 4", "sheet 'B' row 2"}


def test_text_kept_apart_is_found_with_its_runs_and_without_its_phonetic_reading(file):
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>ip</t></si><si><t>model</t></si>'
        "<si><r><t>S57</t></r><r><t>20</t></r><rPh><t>no</t></rPh></si></sst>"
    )
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="s"><v>0</v></c>'
        '<c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="str"><v>192.0.2.1</v></c><c r="B2" t="s">'
        '<v>2</v></c><c r="C2" t="e">'
        '<v>#N/A</v></c></row><row r="3"><c r="A3" t="s"><v>99</v></c><c r="ZZZZ9"/></row></sheetData></worksheet>'
    )
    data = io.BytesIO(workbook())
    out = io.BytesIO()
    with zipfile.ZipFile(data) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, sheet if "sheet1" in name else before.read(name))
        after.writestr("xl/sharedStrings.xml", strings)

    assert told(read(file("a.xlsx", out.getvalue()))) == {("hq", "192.0.2.1"): {"model": "S5720"}}


def test_a_serial_number_kept_as_a_number_is_told_as_damaged(file):
    _, unread = read(file("a.xlsx", workbook(("A", [["ip", "serial"], ["192.0.2.1", 21023597100123456789]]))))

    assert unread.reason is Reason.PARTIAL
    assert "cell B2 holds 21023597100123" in unread.detail


def test_a_formula_that_was_never_computed_is_told(file):
    _, unread = read(file("a.xlsx", workbook(("A", [["ip", "model", "os"], ["192.0.2.1", "X1", "=B2"]]))))

    assert "cell C2 is a formula without a value" in unread.detail


def test_a_workbook_without_an_inventory_says_which_columns_it_looked_for(file):
    with pytest.raises(InputError, match=r"a\.xlsx: no sheet names a column this tool knows \(ip, mac"):
        list(read(file("a.xlsx", workbook(("A", [["colour"], ["red"]])))))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        ("xl/worksheets/sheet1.xml", b"<worksheet", b'<?xml version="1.0" encoding="cp037"?><worksheet'),
        ("xl/styles.xml", b"<styleSheet", b"<"),
        ("xl/workbook.xml", b"rId1", b"rId99"),
    ],
    ids=["entity", "another encoding", "no XML", "no such part"],
)
def test_a_workbook_somebody_tampered_with_ends_in_one_line(file, part, old, new):
    data = changed(workbook(), part, old, new)

    with pytest.raises(InputError, match=r"a\.xlsx: is no workbook that can be read"):
        list(read(file("a.xlsx", data), "xlsx"))


def test_a_workbook_that_promises_more_than_it_holds_ends_in_one_line(file):
    data = bytearray(changed(workbook(), "", b"", b""))
    entry = (
        data.rindex(b"xl/workbook.xml") - 46
    )  # its head in the central directory (APPNOTE 4.3.12), sizes at 20 and 24
    data[entry + 20 : entry + 28] = (1 << 20).to_bytes(4, "little") * 2

    with pytest.raises(InputError, match=r"a\.xlsx: is no workbook that can be read: \w"):
        list(read(file("a.xlsx", bytes(data)), "xlsx"))


def test_a_workbook_of_a_version_nobody_has_ends_in_one_line(file):
    data = bytearray(changed(workbook(), "", b"", b""))
    data[data.rindex(b"xl/workbook.xml") - 40] = 136  # the version needed to extract it, in tenths

    with pytest.raises(InputError, match=r"a\.xlsx: is a zip archive"):
        list(read(file("a.xlsx", bytes(data))))


def test_sheets_beyond_the_first_hundreds_are_counted_as_unread(file):
    sheets = [(f"S{n}", ROWS[2:4]) for n in range(3)]
    listed = "".join(f'<sheet name="T{n}" sheetId="{n + 9}" r:id="rId1"/>' for n in range(SHEETS))
    data = changed(workbook(*sheets), "xl/workbook.xml", b"</sheets>", listed.encode() + b"</sheets>")

    *_rows, unread = read(file("a.xlsx", data))

    assert (unread.reason, unread.detail) == (Reason.PARTIAL, "3 sheets beyond the first 256 were not read")


def test_a_workbook_that_swells_beyond_measure_is_refused(file):
    data = changed(workbook(), "xl/styles.xml", b"</styleSheet>", b" " * (80 << 20) + b"</styleSheet>")
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            after.writestr(info.filename, before.read(info))

    with pytest.raises(InputError, match="unpacks to 80 MB"):
        list(read(file("a.xlsx", packed.getvalue())))


def test_a_merge_over_the_whole_sheet_costs_no_time(file):
    data = changed(
        workbook(),
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b"</sheetData>" + b'<mergeCell ref="A1:A1048576"/>' * 5000,
    )

    assert len(list(read(file("a.xlsx", data)))) == 2
