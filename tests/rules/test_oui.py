"""The registry: longest prefix wins, what names no maker stays silent."""

import hashlib
import time
import tomllib
from datetime import date

import pytest

from auditor.errors import RuleError
from auditor.rules.oui import COLUMNS, Kind, Registry, built_in, read_specials

HEAD = "\t".join(COLUMNS) + "\n"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.mark.parametrize(
    ("digits", "registrant"),
    [
        ("00e0fc000001", "HUAWEI TECHNOLOGIES CO.,LTD"),
        ("4c09b4000001", "zte corporation"),
        ("bcad28000001", "Hangzhou Hikvision Digital Technology Co.,Ltd."),
        ("3cef8c000001", "Zhejiang Dahua Technology Co., Ltd."),
        ("AC64DD500001", "SHANGHAI ZTE TECHNOLOGIES CO.,LTD"),
        ("b0b353600001", "Hangzhou Hikrobot Technology Co., Ltd."),
        ("d03bf4000001", "Shenzhen Kean Digital Co.,Ltd"),
    ],
)
def test_each_maker_is_named_by_its_block(registry: Registry, digits: str, registrant: str):
    assert registry.registrant(digits) == registrant


def test_the_longest_prefix_wins():
    rows = [
        ("AABBCC", "24", "MA-L", "IEEE Registration Authority"),
        ("AABBCC1", "28", "MA-M", "Middle"),
        ("AABBCC123", "36", "MA-S", "Small"),
    ]
    rows = [(prefix.replace("AA", "A8", 1), *rest) for prefix, *rest in rows]
    table = HEAD + "".join("\t".join((*row, "test", "2026-01-01")) + "\n" for row in rows)
    registry = Registry(table, ())

    got = [registry.registrant(digits) for digits in ("a8bbcc123000", "a8bbcc1f0000", "a8bbccf00000", "a8bbcd000000")]

    assert got == ["Small", "Middle", "IEEE Registration Authority", ""]


@pytest.mark.parametrize(
    ("digits", "kind"),
    [
        ("00e0fc000001", Kind.UNIVERSAL),
        ("01e0fc000001", Kind.GROUP),
        ("02e0fc000001", Kind.LOCAL),
        ("000000000000", Kind.NULL),
        ("ffffffffffff", Kind.BROADCAST),
        ("00005e00012a", Kind.VIRTUAL),
        ("00005e00022a", Kind.VIRTUAL),
        ("00000c07ac01", Kind.VIRTUAL),
        ("00000c9ff001", Kind.VIRTUAL),
        ("00000c9fe001", Kind.UNIVERSAL),
        ("0007b4000101", Kind.VIRTUAL),
        ("02bf0a000001", Kind.VIRTUAL),
        ("3333ff000001", Kind.GROUP),
        ("01005e7f0001", Kind.GROUP),
    ],
)
def test_the_sort_of_address_is_named(registry: Registry, digits: str, kind: Kind):
    assert registry.kind(digits) is kind


@pytest.mark.parametrize(
    "digits",
    ["000000000000", "ffffffffffff", "00005e00012a", "00000c07ac01", "02e0fc000001", "01e0fc000001", "", "00e0fc"],
)
def test_an_address_that_names_no_maker_has_no_block(registry: Registry, digits: str):
    assert registry.block(digits) is None
    assert registry.registrant(digits) == ""


def test_a_random_address_that_begins_like_a_company_identifier_is_not_matched(registry: Registry):
    """traps.csv: 3A-72-C2 is Huawei's CID, and could as well be random."""
    owners = [(block.registry, block.registrant) for block in registry if block.prefix == "3A72C2"]

    assert owners == [("CID", "HUAWEI TECHNOLOGIES CO.,LTD")]
    assert registry.registrant("3a72c2000001") == ""


@pytest.mark.parametrize(
    ("registrant", "least"),
    [
        ("HUAWEI TECHNOLOGIES CO.,LTD", 1416),
        ("Huawei Device Co., Ltd.", 670),
        ("zte corporation", 505),
        ("Hangzhou Hikvision Digital Technology Co.,Ltd.", 84),
        ("Zhejiang Dahua Technology Co., Ltd.", 27),
        ("Hangzhou Ezviz Software Co.,Ltd.", 15),
    ],
)
def test_every_block_of_a_maker_is_there(registry: Registry, registrant: str, least: int):
    assert sum(block.registrant == registrant for block in registry) >= least


def test_a_name_that_only_contains_another_is_not_that_registrant(registry: Registry):
    """traps.csv: Aztech contains zte, Shanghai Dahua Scale contains Dahua."""
    others = ("Aztech Electronics Pte Ltd", "Shanghai Dahua Scale Factory")
    prefixes = {name: next(block.prefix for block in registry if block.registrant == name) for name in others}

    assert {name: registry.registrant(f"{prefix:0<12}") for name, prefix in prefixes.items()} == {n: n for n in others}


def test_every_row_of_the_built_in_table_is_whole(registry: Registry):
    blocks = list(registry)

    assert len(blocks) > 58_000
    assert [block.prefix for block in blocks] == sorted({block.prefix for block in blocks})
    assert {len(block.prefix) * 4 == block.bits for block in blocks} == {True}
    assert {block.registry for block in blocks} == {"MA-L", "MA-M", "MA-S", "IAB", "CID"}
    assert all(block.registrant and block.source and block.date <= registry.date for block in blocks)


def test_the_tables_are_the_ones_source_toml_counted_and_hashed():
    folder = built_in()
    stated = tomllib.loads(folder.joinpath("SOURCE.toml").read_text(encoding="utf-8"))["table"]
    present = {path.name for path in folder.iterdir() if path.name.endswith(".tsv")}

    got = {name: hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() for name in present}

    assert got == {name: table["sha256"] for name, table in stated.items()}


def test_loading_stays_quick():
    began = time.process_time()
    Registry.load()

    assert time.process_time() - began < 0.5


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(RuleError, match="must name the columns prefix bits registry"):
        Registry("00E0FC\tHuawei\n", ())


def test_a_torn_row_is_named():
    registry = Registry(HEAD + "00E0FC\t24\t2026-01-01\n", ())

    with pytest.raises(RuleError, match="00E0FC"):
        registry.block("00e0fc000001")


def test_a_table_without_a_date_is_refused():
    with pytest.raises(RuleError, match="no row with a date"):
        Registry(HEAD, ())


def test_the_registry_is_as_old_as_its_newest_row(registry: Registry):
    assert registry.date == date(2026, 10, 24)


@pytest.mark.parametrize("prefix", ["00005e0001", "00G", "00:00", "0000000000000"])
def test_a_named_range_is_written_in_upper_case_digits(prefix: str):
    text = f'[[special]]\nprefix = "{prefix}"\nkind = "virtual"\nname = "x"\nbecause = "x"\nsource = "x"\n'

    with pytest.raises(RuleError, match=r"special\[1\]\.prefix"):
        read_specials(text)
