"""Sheets that people filled in: what is taken, and what is refused by its cell."""

from datetime import date

import pytest

from auditor.paperwork.answer_changes import apply_answers
from auditor.paperwork.registry import all_filings
from tests.tools.fill_cases import book_of, column, facts_after, inputs, put, read_answers

QUESTIONS = all_filings().questions


@pytest.fixture(scope="module")
def fleet():
    return inputs(number=6)


@pytest.fixture
def book(fleet):
    return book_of(fleet)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gaps.xlsx"


def save(book, path):
    book.save(path)
    return path


def refusals(path, fleet, mapping=""):
    return read_answers(path, fleet, mapping)[0].refusals


def test_sheets_stand_by_level_and_name_whose_answer_it_is(book):
    devices = book["Fill in devices"]

    assert [one.title for one in book][:1] == ["How to fill in"]
    assert {"Fill in filer", "Fill in sites", "Fill in models", "Fill in devices", "Fill in custody"} <= {
        one.title for one in book
    }
    assert sorted(devices.cell(row=row, column=1).value for row in range(2, 8)) == [
        f"serial:SN{index:04}" for index in range(1, 7)
    ]


def test_answers_are_taken_of_devices_models_sites_and_the_filer(book, path, fleet):
    put(book["Fill in devices"], 2, "removed", date(2026, 2, 3))
    put(book["Fill in models"], 2, "data class", "neither")
    put(book["Fill in sites"], 2, "disposal vendor", "Example Recycling")
    put(book["Fill in filer"], 2, "answer", "Example Shredding")
    key = book["Fill in devices"]["A2"].value

    facts = facts_after(save(book, path), fleet)

    assert facts.asset == {key: {"removed": "2026-02-03"}}
    assert facts.model == {book["Fill in models"]["A2"].value: {"data_class": "neither"}}
    assert facts.site == {"site-0": {"disposal_vendor": "Example Recycling"}}
    assert list(facts.filer.values()) == ["Example Shredding"]


def test_what_stands_in_the_sheet_already_changes_nothing(path):
    told = '[asset."sw-1"]\nremoved = 2026-01-02\n[[custody]]\nasset = "192.0.2.1"\nat = 2026-01-02\nstep = "removal"\n'
    known = inputs(told, number=3)
    book = book_of(known)
    assert any("2026-01-02" in str(cell.value) for row in book["Fill in devices"].iter_rows() for cell in row)

    reading, names = read_answers(save(book, path), known)
    facts, changes = apply_answers(reading, names, known.facts)

    assert changes == ()
    assert facts == known.facts


def test_a_changed_answer_stands_where_the_old_one_stood(path):
    known = inputs('[asset."sw-1"]\nremoved = 2026-01-02\n', number=3)
    book = book_of(known)
    row = next(row for row in range(2, 5) if book["Fill in devices"].cell(row=row, column=1).value == "serial:SN0001")
    put(book["Fill in devices"], row, "removed", date(2026, 3, 4))

    assert facts_after(save(book, path), known).asset == {"sw-1": {"removed": "2026-03-04"}}


def test_rows_may_be_sorted_and_columns_moved_and_deleted(book, path, fleet):
    devices = book["Fill in devices"]
    for row in range(2, 8):
        put(devices, row, "certificate", f"C-{devices.cell(row=row, column=1).value}")
    rows = [[cell.value for cell in row] for row in devices.iter_rows()]
    gone = column(devices, "place") - 1
    moved = [list(reversed([value for at, value in enumerate(row) if at != gone])) for row in rows]
    book.remove(devices)
    again = book.create_sheet("Fill in devices")
    for row in [moved[0], *reversed(moved[1:])]:
        again.append(row)

    facts = facts_after(save(book, path), fleet)

    assert facts.asset == {f"serial:SN{at:04}": {"certificate_ref": f"C-serial:SN{at:04}"} for at in range(1, 7)}


def test_a_row_sorted_apart_from_its_device_is_refused(book, path, fleet):
    devices = book["Fill in devices"]
    put(devices, 2, "removed", date(2026, 2, 3))
    devices.cell(
        row=2, column=column(devices, "address"), value=devices.cell(row=3, column=column(devices, "address")).value
    )

    ((where, problem),) = refusals(save(book, path), fleet)

    assert where == "Fill in devices!row 2"
    assert "sorted in part" in problem


@pytest.mark.parametrize("name", ["SN0005", "192.0.2.5", "00-00-5E-00-53-05", "sw-5", "D-000005"])
def test_an_added_row_may_name_a_device_in_any_way(book, path, fleet, name):
    devices = book["Fill in devices"]
    devices.cell(row=40, column=1, value=name)
    put(devices, 40, "inoperable", "yes")

    assert facts_after(save(book, path), fleet).asset == {"serial:SN0005": {"inoperable": "yes"}}


def test_without_the_column_of_keys_another_name_is_taken(book, path, fleet):
    devices = book["Fill in devices"]
    put(devices, 2, "inoperable", "no")
    key = devices["A2"].value
    devices.delete_cols(1)

    assert facts_after(save(book, path), fleet).asset == {key: {"inoperable": "no"}}


def test_rows_of_strangers_and_of_nobody_are_refused(book, path, fleet):
    devices = book["Fill in devices"]
    devices.cell(row=40, column=1, value="sw-99")
    put(devices, 40, "inoperable", "yes")
    put(devices, 41, "inoperable", "yes")
    models = book["Fill in models"]
    models.cell(row=40, column=1, value="X-1")
    put(models, 40, "data class", "neither")

    told = dict(refusals(save(book, path), fleet))

    assert "no device of this run" in told["Fill in devices!A40"]
    assert "names no device" in told["Fill in devices!row 41"]
    assert "no model of this run is called 'X-1'" in told["Fill in models!A40"]


def test_two_rows_that_contradict_each_other_are_refused_with_both_cells(book, path, fleet):
    devices = book["Fill in devices"]
    put(devices, 2, "inoperable", "yes")
    devices.cell(row=40, column=1, value=devices["A2"].value)
    put(devices, 40, "inoperable", "no")

    ((where, problem),) = refusals(save(book, path), fleet)

    letter = devices.cell(row=1, column=column(devices, "inoperable")).column_letter
    assert where == f"Fill in devices!{letter}40"
    assert f"Fill in devices!{letter}2 says 'yes'" in problem


def test_a_column_that_is_nearly_a_question_is_refused_and_a_strangers_is_told(book, path, fleet):
    devices = book["Fill in devices"]
    end = devices.max_column
    devices.cell(row=1, column=end + 1, value="Inoperabel")
    devices.cell(row=2, column=end + 1, value="yes")
    devices.cell(row=1, column=end + 2, value="My remarks")
    devices.cell(row=2, column=end + 2, value="call Bob")

    reading, _ = read_answers(save(book, path), fleet)

    assert [problem for _where, problem in reading.refusals] == [
        "no question is called 'Inoperabel'; is inoperable meant? Correct it, or delete the column"
    ]
    assert any("My remarks" in line for line in reading.notes)


def test_a_question_of_another_level_and_one_that_stands_twice_are_refused(book, path, fleet):
    sites = book["Fill in sites"]
    sites.cell(row=1, column=sites.max_column + 1, value="Removed (date)")
    sites.cell(row=2, column=sites.max_column, value="2026-01-01")
    devices = book["Fill in devices"]
    devices.cell(row=1, column=devices.max_column + 1, value="Inoperable")
    devices.cell(row=2, column=devices.max_column, value="yes")

    problems = [problem for _where, problem in refusals(save(book, path), fleet)]

    assert any("is asked of asset, not of site" in problem for problem in problems)
    assert any("'inoperable' stands at" in problem for problem in problems)


def test_custody_is_added_changed_and_needs_its_day(path):
    told = '[[custody]]\nasset = "sw-1"\nat = 2026-01-02\nstep = "removal"\nholder = "A"\n'
    known = inputs(told, number=3)
    book = book_of(known)
    custody = book["Fill in custody"]
    put(custody, 2, "holder", "B")
    for word, value in {"asset": "192.0.2.2", "at": date(2026, 1, 5), "step": "storage", "holder": "C"}.items():
        put(custody, 3, word, value)

    facts = facts_after(save(book, path), known)

    assert [(entry["asset"], entry["step"], entry["holder"]) for entry in facts.custody] == [
        ("serial:SN0001", "removal", "B"), ("serial:SN0002", "storage", "C"),
    ]  # fmt: skip
    put(custody, 3, "at", None)
    assert refusals(save(book, path), known) == [("Fill in custody!row 3", "an entry of custody needs at as well")]


def test_two_events_of_one_day_and_step_are_both_kept_and_a_row_told_twice_once(path):
    known = inputs(number=3)
    book = book_of(known)
    for row, holder in enumerate(["A", "B", "B"], 2):
        for word, value in {"asset": "SN0001", "at": "2026-01-05", "step": "transport", "holder": holder}.items():
            put(book["Fill in custody"], row, word, value)

    facts = facts_after(save(book, path), known)

    assert [entry["holder"] for entry in facts.custody] == ["A", "B"]


def test_two_new_events_take_nobodys_place(path):
    told = '[[custody]]\nasset = "sw-1"\nat = 2026-01-05\nstep = "transport"\nholder = "Z"\n'
    known = inputs(told, number=3)
    book = book_of(known)
    for row, holder in enumerate(["A", "B"], 2):
        for word, value in {"asset": "SN0001", "at": "2026-01-05", "step": "transport", "holder": holder}.items():
            put(book["Fill in custody"], row, word, value)

    facts = facts_after(save(book, path), known)

    assert [entry["holder"] for entry in facts.custody] == ["Z", "A", "B"]


def test_of_a_filing_only_the_sheets_to_fill_in_are_read(book, path, fleet):
    ours = book.create_sheet("Our columns", 0)
    ours.append(["Asset", "Removed"])
    ours.append(["serial:SN0001", "no day at all"])

    assert refusals(save(book, path), fleet) == []


def test_a_filing_as_csv_is_no_sheet_to_fill_in(tmp_path, fleet):
    (tmp_path / "a.csv").write_text('"asset (DERIVED)","removed (DERIVED)"\n"sw-1","soon"\n')

    reading, _ = read_answers(tmp_path / "a.csv", fleet)

    assert (reading.answers, reading.refusals) == ([], [])
    assert "is a filing" in reading.notes[0]


def test_titles_above_and_merged_cells_are_read(book, path, fleet):
    devices = book["Fill in devices"]
    devices.insert_rows(1, 2)
    devices["A1"] = "Example Valley, December"
    at = column_at(devices, 3, "inoperable")
    devices.cell(row=4, column=at, value="yes")
    devices.merge_cells(start_row=4, end_row=6, start_column=at, end_column=at)

    assert len(facts_after(save(book, path), fleet).asset) == 3


def column_at(sheet, row, word):
    return next(cell.column for cell in sheet[row] if str(cell.value).lower().startswith(word))


RECYCLER = """
dates = "month-first"
[columns]
"Serial No." = "device"
"Date Destroyed" = ["disposed", "custody.at"]
"Cert #" = ["certificate_ref", "custody.custody_proof"]
Method = "destruction_method"
[constants]
disposal_vendor = "Example Recycling"
"custody.step" = "destruction"
"custody.holder" = "Example Recycling"
[words.destruction_method]
SHRED = "shredded"
"""


def test_a_recyclers_table_comes_in_by_a_map(tmp_path, fleet):
    path = tmp_path / "r.csv"
    path.write_text(
        "Lot;Serial No.;Date Destroyed;Method;Cert #\n1;SN0001;3/4/2026;SHRED;C-1\n1;SN0002;3/5/2026;melted;C-1\n"
    )

    facts = facts_after(path, fleet, RECYCLER)

    assert facts.asset["serial:SN0001"] == {
        "disposed": "2026-03-04", "certificate_ref": "C-1", "destruction_method": "shredded",
        "disposal_vendor": "Example Recycling",
    }  # fmt: skip
    assert facts.asset["serial:SN0002"]["destruction_method"] == "melted"
    assert [entry["step"] for entry in facts.custody] == ["destruction", "destruction"]
    assert facts.custody[0]["asset"] == "serial:SN0001"


def test_a_map_whose_column_is_not_there_and_a_serial_nobody_knows_are_refused(tmp_path, fleet):
    path = tmp_path / "r.csv"
    path.write_text("Serial No.,Date Destroyed,Method\nSN0001,3/4/2026,SHRED\nSN9999,3/4/2026,SHRED\n")

    told = dict(refusals(path, fleet, RECYCLER))

    assert "has no column 'cert #'" in told["r.csv!row 1"]
    assert "no device of this run" in told["r.csv!A3"]
