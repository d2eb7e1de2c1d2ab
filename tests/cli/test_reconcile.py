"""Books beside scans: what was never seen, what is on no books, and both."""

import io
import zipfile

import pytest

from tests.tools.nightly import Nights, box

MACS = [f"00:00:5e:00:53:{last:02x}" for last in range(1, 7)]
CORE, FOURTH, GHOST, OLD = (
    "2102351LLLDMN1000812",
    "2102351LLLDMN1000814",
    "2102351LLLDMN1000819",
    "2102351LLLDMN1000800",
)
HEAD = "name,ip,mac,serial,site,vendor,model\n"


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    nights.night(
        box("192.0.2.1", mac=MACS[0], serial=CORE, name="core"),
        box("192.0.2.2", mac=MACS[1]),
        box("192.0.2.3", name="door"),
        box("192.0.2.4", mac=MACS[3], serial=FOURTH),
    )
    return nights


def books(nights, *rows, words=(), code=0):
    (nights.folder / "books.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return nights.json("reconcile", "books.csv", *words, code=code)


def states(lines):
    return {(line["state"], line["serial"] or line["address"], line["matched_by"]) for line in lines}


def test_rows_are_matched_by_serial_mac_and_name_with_address(nights):
    lines = books(
        nights,
        f"anything,,,{CORE},elsewhere,Huawei,S5720",
        f"x,198.51.100.9,{MACS[1]},,hq,Huawei,S5720",
        "door,192.0.2.3,,,hq,Huawei,S5720",
    )
    assert states(lines) == {
        ("both", CORE, "serial"), ("both", "192.0.2.2", "MAC"), ("both", "192.0.2.3", "name and address"),
        ("not on the books", FOURTH, ""),
    }  # fmt: skip
    remarks = {line["device"]: line["remark"] for line in lines}
    assert "site on the books: elsewhere" in str(remarks)
    assert "address on the books: 198.51.100.9" in str(remarks)


def test_what_was_never_seen_ends_with_3_and_says_what_stands_there(nights):
    lines = books(nights, f"core,192.0.2.1,,{OLD},hq,Huawei,S5720", f"ghost,192.0.2.77,,{GHOST},hq,ZTE,X", code=3)
    unseen = {line["serial"]: line["remark"] for line in lines if line["state"] == "not seen"}
    assert unseen.keys() == {OLD, GHOST}
    assert f"with serial number {CORE}" in unseen[OLD]


def test_books_that_were_imported_are_no_scan(nights):
    (nights.folder / "books.csv").write_text(HEAD + f"ghost,192.0.2.77,,{GHOST},hq,Cisco,X\n")
    nights("import", "books.csv", "--store", "s.db", env=nights.at(2))
    assert ("not seen", GHOST, "") in states(nights.json("reconcile", "books.csv", code=3))


def test_it_is_printed_as_text_csv_and_a_workbook(nights):
    books(nights, f"core,,,{CORE},hq,Huawei,S5720")
    assert "4 devices: 0 not seen, 3 not on the books, 1 both" in nights("reconcile", "books.csv").stdout
    assert '"state","device"' in nights("reconcile", "books.csv", "-f", "csv").stdout
    nights("reconcile", "books.csv", "-f", "xlsx", "-o", "r.xlsx")
    content = (nights.folder / "r.xlsx").read_bytes()
    book = zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml").decode()
    assert "On the books, not seen" in book


def test_a_run_whose_store_has_books_shows_them_in_its_workbook_and_in_brief_on_its_page(nights):
    def sheets(*words):
        content = nights("report", "-f", "xlsx", *words, code=0).stdout_bytes
        book = zipfile.ZipFile(io.BytesIO(content))
        return {name: book.read(name).decode() for name in book.namelist()}

    assert "Reconcile" not in sheets()["xl/workbook.xml"]
    (nights.folder / "books.csv").write_text(
        HEAD + f"core,,,{CORE},hq,Huawei,S5720\nghost,192.0.2.77,,{GHOST},hq,Cisco,C9300\nx,,,{OLD},farm,Cisco,X\n"
    )
    nights("import", "books.csv", code=None, env=nights.at(2))
    nights.day = 2
    nights.night(box("192.0.2.1", mac=MACS[0], serial=CORE, name="core"), box("192.0.2.2", mac=MACS[1]))

    assert "Reconcile" in sheets()["xl/workbook.xml"]
    cells = next(text for text in sheets().values() if "Matched by" in text)
    assert [cells.count(f">{state}<") for state in ("not seen", "not on the books", "both")] == [1, 1, 1]
    assert (GHOST in cells, OLD in cells, ">serial<" in cells) == (True, False, True), (
        "another site's books are left out"
    )
    page = nights("report", "-f", "html").output
    assert "1 not seen, 1 not on the books, 1 both" in page
    assert f"<td>{GHOST}</td>" in page

    first = sheets("1")["xl/workbook.xml"]
    assert "Reconcile" not in first, "a run shows the books there were when it was kept"
