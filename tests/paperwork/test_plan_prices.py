"""Price lists a user brings: strict, the closest line wins, and nothing is made up."""

from decimal import Decimal

import pytest

from auditor.errors import AuditorError, InputError
from auditor.paperwork.prices import amounts, closest, read
from tests.tools.audits import switch

HEAD = "id,kind,maker,model,category,low,likely,high,currency,source,date\n"
ANY = "A,replace,,,,,100,,USD,quote,2026-01-01\n"


def prices(*lines):
    return read((HEAD + "".join(lines)).encode(), "prices.csv", "prices")


def test_the_closest_line_wins():
    lines = [
        ANY,
        "B,replace,huawei,,,,200,,USD,quote,2026-01-01\n",
        "C,replace,,,switch,,300,,USD,quote,2026-01-01\n",
        "D,replace,huawei,,switch,,400,,USD,quote,2026-01-01\n",
        "E,replace,,S5720-28X-SI-AC,,,500,,USD,quote,2026-01-01\n",
        "F,replace,huawei,S5720-28X-SI-AC,,,600,,USD,quote,2026-01-01\n",
    ]
    finding = switch().findings[0]
    for number in range(len(lines), 0, -1):
        entry, _ = closest(prices(*reversed(lines[:number])), finding)
        assert entry["id"] == "ABCDEF"[number - 1]


def test_of_equal_lines_the_newest_wins():
    entry, by = closest(
        prices(ANY, ANY.replace("A,", "B,").replace("2026-01-01", "2026-02-01"), ANY), switch().findings[0]
    )

    assert (entry["id"], by) == ("B", "any")


def test_a_line_for_another_model_fits_nothing():
    assert closest(prices("A,replace,zte,,,,1,,USD,quote,2026-01-01\n"), switch().findings[0]) is None


@pytest.mark.parametrize("maker", ["Huawei", "HUAWEI", "huawei", "  huawei "])
def test_a_maker_and_a_model_are_known_however_people_write_them(maker):
    entry, by = closest(
        prices(f"A,replace,{maker},s5720-28x-si-ac,Switch,,1,,USD,quote,2026-01-01\n"), switch().findings[0]
    )

    assert (entry["id"], by) == ("A", "maker and model and category")


@pytest.mark.parametrize(
    ("cells", "wanted", "how"),
    [
        (",100,", (100, 100, 100), ""),
        ("50,100,", (50, 100, 100), ""),
        ("50,,100", (50, 75, 100), "average of low and high"),
        ("50,60,100", (50, 60, 100), ""),
    ],
)
def test_missing_amounts_are_filled_only_from_the_line_itself(cells, wanted, how):
    (entry,) = prices(f"A,replace,,,,{cells},USD,quote,2026-01-01\n")
    found = amounts(entry)

    assert (found.low, found.likely, found.high, found.how) == (*map(Decimal, wanted), how)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,colour\n", "line 1: unknown column 'colour'"),
        (HEAD.encode() + b"A,replace\n", "line 2: has 2 cells, the header 11"),
        (HEAD.encode() + ANY.replace("replace", "repair").encode(), "line 2: kind: 'repair' must be one of"),
        (HEAD.encode() + ANY.replace(",100,", ",-1,").encode(), "likely: '-1' must be a number, not below 0"),
        (HEAD.encode() + ANY.replace(",100,", ",NaN,").encode(), "must be a number"),
        (HEAD.encode() + ANY.replace(",100,", ",,").encode(), "needs likely, or low and high"),
        (HEAD.encode() + ANY.replace(",,100,", ",200,100,").encode(), "with low not above likely"),
        (HEAD.encode() + ANY.replace("2026-01-01", "01/02/26").encode(), "date: '01/02/26' must be a day"),
        (HEAD.encode() + ANY.replace("quote", "").encode(), "'source' is missing"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'id,kind\n"' + b"x" * 200_000, "is no CSV"),
    ],
)
def test_a_bad_file_is_told_with_its_line(content, told):
    with pytest.raises(InputError) as caught:
        read(content, "prices.csv", "prices")
    assert told in str(caught.value)


def test_all_bad_lines_are_told_at_once():
    with pytest.raises(AuditorError) as caught:
        prices(ANY.replace("USD", ""), ANY.replace("quote", ""))
    assert "line 2" in str(caught.value)
    assert "line 3" in str(caught.value)


def test_toml_says_the_same_as_csv():
    text = (
        '[[price]]\nid = "A"\nkind = "replace"\nlikely = 100\ncurrency = "USD"\nsource = "quote"\ndate = 2026-01-01\n'
    )

    assert read(text.encode(), "prices.toml", "prices") == prices(ANY)


def test_a_byte_order_mark_does_no_harm():
    assert read(("\ufeff" + HEAD + ANY).encode(), "prices.csv", "prices") == prices(ANY)
