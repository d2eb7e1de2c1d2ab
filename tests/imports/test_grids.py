"""Cells of tables people filled in: what sort of value each holds, and where it stands."""

from datetime import UTC, date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from auditor.errors import InputError
from auditor.imports.grids import grids
from auditor.imports.source import SourceFile


def read(path):
    source = SourceFile(path=path, site="", at=datetime(2026, 11, 21, tzinfo=UTC), warn=lambda _text: None)
    return list(grids(source))


def cells(path):
    """Return every cell of the first sheet by its place: its sort and what it shows."""
    return {cell.place: (cell.sort, cell.text) for row in read(path)[0].rows.values() for cell in row.values()}


def workbook(path, values, epoch=None, merge=()):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    for place, value in values.items():
        book.active[place] = value
    for ref in merge:
        book.active.merge_cells(ref)
    book.save(path)
    return path


def test_each_cell_says_its_sort_and_its_place(tmp_path):
    values = {"A1": "text", "B1": 12.5, "C1": date(2018, 3, 1), "D1": True, "E1": "#REF!", "F1": "=1+1"}

    shown = cells(workbook(tmp_path / "a.xlsx", values))

    assert shown == {
        "A1": ("text", "text"), "B1": ("number", "12.5"), "C1": ("day", "2018-03-01"), "D1": ("flag", "yes"),
        "E1": ("error", "#REF!"), "F1": ("uncomputed", ""),
    }  # fmt: skip


def test_a_day_is_counted_from_the_epoch_of_its_workbook(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"A1": date(2018, 3, 1)}, CALENDAR_MAC_1904)

    assert cells(path)["A1"] == ("day", "2018-03-01")


def test_a_number_without_a_format_of_days_may_still_be_read_as_one(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"A1": 43160})

    (cell,) = read(path)[0].rows[1].values()
    assert (cell.sort, cell.text, cell.day) == ("number", "43160", "2018-03-01")


def test_a_number_shows_what_was_typed_and_not_what_floats_make_of_it(tmp_path):
    shown = cells(workbook(tmp_path / "a.xlsx", {"A1": 0.1 + 0.2, "A2": 1234.56, "A3": 10.0, "A4": 1e300}))

    assert [text for _sort, text in shown.values()][1:3] == ["1234.56", "10"]
    assert shown["A4"][1].lower() in {"1e300", "1e+300"}


def test_a_cell_merged_over_rows_speaks_for_each_and_over_columns_for_none_but_the_first(tmp_path):
    values = {"A1": "k1", "A2": "k2", "A3": "k3", "B1": "x", "C1": "block"}

    shown = cells(workbook(tmp_path / "a.xlsx", values, merge=["B1:B2", "C1:D2"]))

    assert shown["B2"] == ("text", "x")
    assert "B3" not in shown
    assert shown["C2"] == ("text", "block")
    assert shown["D1"] == shown["D2"] == ("merged", "C1:D2")


def test_every_sheet_is_read_under_its_name(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_sheet("Two")["B2"] = 2
    book.save(tmp_path / "a.xlsx")

    assert [(grid.name, list(grid.rows)) for grid in read(tmp_path / "a.xlsx")] == [("Sheet", [1]), ("Two", [2])]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_a_sheet_of_texts(tmp_path, separator):
    path = tmp_path / "a.csv"
    path.write_bytes(f'\ufeffa{separator}b\r\n\'=x{separator}"two\nlines"\r\n'.encode())

    assert cells(path) == {"A1": ("text", "a"), "B1": ("text", "b"), "A2": ("text", "=x"), "B2": ("text", "two\nlines")}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"),
        ("a.ods", b"PK\x03\x04", "save it as .xlsx"),
        ("a.xlsx", b"PK\x03\x04 no archive", "no workbook"),
        ("a.bin", b"\x00\x01\x02\x00", "neither a workbook"),
        ("a.csv", b'a,b\n"open,1\n', "no CSV"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, name, content, problem):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=problem):
        read(tmp_path / name)
