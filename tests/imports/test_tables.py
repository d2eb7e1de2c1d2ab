"""Tables as text: the encodings and titles they come in, and rows that cannot be one device."""

import pytest

from auditor.errors import InputError
from auditor.imports.charsets import charset
from auditor.imports.registry import read, sniff
from auditor.model import Unread

CHINESE = (
    "网元报表\r\n保存时间: 2026-11-20 10:00:00\r\n\r\n"
    "网元名称,网元类型,网元IP地址,网元MAC地址,软件版本,物理位置,备注,子网,在线状态\r\n"
    "北京一号,MA5800-X7,192.0.2.20,D4-6E-5C-00-00-20,MA5800V100R018C10,三楼机房,--,华北,在线\r\n"
)
GERMAN = "Gerät;Hersteller;Modell;Seriennummer;IP-Adresse;Standort\nKüche;Hikvision;DS-1;X123456;192.0.2.1;Köln\n"


def values(record):
    return {fact.kind.partition(".")[2]: fact.value for fact in record.facts}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_chinese_element_managers_export_is_read_in_any_encoding(file, encoding):
    source = file("NE.csv", CHINESE.encode(encoding))
    (record,) = read(source)

    assert sniff(source) == "csv"
    assert (record.target.address, record.target.site) == ("192.0.2.20", "华北")
    assert values(record) == {
        "name": "北京一号",
        "model": "MA5800-X7",
        "mac": "D4-6E-5C-00-00-20",
        "firmware": "MA5800V100R018C10",
        "place": "三楼机房",
    }
    assert any("columns passed over: 在线状态" in text for text in file.warnings)
    assert any("read as GB18030" in text for text in file.warnings) == (encoding == "gb18030")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_german_inventory_is_read_and_a_guessed_encoding_told(file, encoding):
    (record,) = read(file("Bestand.csv", GERMAN.encode(encoding)))

    assert record.target.site == "Köln"
    assert values(record) == {"name": "Küche", "vendor": "Hikvision", "model": "DS-1", "serial": "X123456"}
    assert any("read as LATIN-1" in text for text in file.warnings) == (encoding == "latin-1")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("é, à, ü: naïve café", "latin-1"), ("网元", "gb18030"), ("plain", "utf-8-sig"), ("网元", "utf-16")],
)
def test_an_encoding_is_told_by_its_octets_even_where_a_sample_ends_amid_a_character(text, encoding):
    data = text.encode(encoding)

    assert charset(data) == encoding
    assert charset((data * 3)[:-1], whole=False) == encoding


def test_a_row_with_more_cells_than_titles_is_told_and_not_taken_for_what_it_is_not(file):
    text = "ip,name,vendor\n192.0.2.1,core, floor 2,Huawei\n192.0.2.2,edge,ZTE,,\n192.0.2.3,short\n"
    shifted, edge, short = read(file("a.csv", text))

    assert isinstance(shifted, Unread)
    assert shifted.target.address == "a.csv row 2"
    assert "line 2 has 4 cells under 3 titles" in file.warnings[0]
    assert [record.target.address for record in (edge, short)] == ["192.0.2.2", "192.0.2.3"]


def test_a_quote_that_is_never_closed_swallows_no_rows(file):
    with pytest.raises(InputError, match=r"a\.csv: line 3: a quote is opened and never closed"):
        list(read(file("a.csv", 'ip,name,vendor\n192.0.2.1,"a",ZTE\n192.0.2.2,"b,ZTE\n192.0.2.3,c,Huawei\n')))


def test_a_row_that_says_nothing_known_is_told(file):
    (record,) = read(file("a.csv", "ip,model,colour,shape\n,,red,round\n192.0.2.1,X1,,\n"))

    assert record.target.address == "192.0.2.1"
    assert any("line 2 says nothing in a column this tool knows" in text for text in file.warnings)


def test_a_table_of_two_hundred_columns_names_the_first_unknown_ones_and_counts_the_rest(file):
    titles = ",".join(f"Col {number}" for number in range(198))
    (record,) = read(file("a.csv", f"{titles},ip,model\n" + "x," * 198 + "192.0.2.1,X1\n"))

    assert values(record) == {"model": "X1"}
    assert file.warnings[0].endswith("Col 39 and 158 more")


def test_a_table_with_a_header_and_no_row_is_not_clean(file):
    (unread,) = read(file("a.csv", "ip,model\n"))

    assert isinstance(unread, Unread)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + b"x" * 50, "zip archive"),
        (b"7z\xbc\xaf'\x1c", "7z archive"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .xlsx or CSV"),
        (b"a.csv" + bytes(252) + b"ustar" + bytes(300), "tar archive"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"# Nmap 7.93 scan initiated", "-oX"),
        (b"<html>Log in</html>", "no format this tool recognises"),
    ],
)
def test_what_cannot_be_imported_is_named_with_what_to_do(file, data, told):
    with pytest.raises(InputError, match=told):
        list(read(file("thing", data)))
