"""What stands for a serial number is data: each entry with an example it catches."""

import pytest

from auditor.assets.serials import Fillers, load, load_fillers
from auditor.errors import AuditorError, RuleError
from auditor.rules.load import builtin
from tests.tools.merging import merge
from tests.tools.records import fact, lldp, mac, seen, serial

SHIPPED = load_fillers([builtin()])

WRITTEN = [
    "PENDING", "pending", "See Label", "see_label", "no serial", "No serial number yet",
    "unbekannt", "nicht lesbar", "Siehe Typenschild", "k. A.", "sans objet", "voir étiquette",
    "sin número de serie", "Desconocido", "non disponibile", "não informado", "onbekend", "nie dotyczy", "неизвестно",
    "未知", "见 标签",
    "To Be Filled By O.E.M.", "to be filled by OEM", "Default string", "System Serial Number",
    "Chassis  Serial Number", "Not Specified",
    "not-specified", "<private>", "(none)", "N/A", "n.a.", "#N/A", "0123456789", "123456789", "1234567890AB",
    "mac0123456", "\uff19\uff18\uff17\uff16\uff15\uff14\uff13", "........", "- - - -", "",
]  # fmt: skip
NUMBERS = [
    "2102359579DMHC000288", "FOC1234X0AB", "ABCD1234EFGH", "1A2B3C4D", "NONE4711X", "SN20260001", "TEST00012345",
    "BXTRWQK",
    "HWTCA1B2C3D4", "0123-4567-8901-2345-6789-0199", "No 4711-0815",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_and_firmware_write_instead_of_a_number_is_none(text):
    assert SHIPPED(text)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_of_a_device_is_one(text):
    assert not SHIPPED(text)


def test_words_nobody_listed_are_no_number_either():
    assert Fillers()("ask the caretaker")


def test_a_hostile_text_is_answered_at_once():
    assert not SHIPPED("9a " * 1_000_000)


def lines(key, *entries):
    return (
        f"{key} = [" + ", ".join(f'{{ text = "{text}", example = "{example}" }}' for text, example in entries) + "]\n"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (lines("exact", ("Not Set", "Not Set")), "write 'notset' for 'Not Set'"),
        (lines("exact", ("notset", "Not Set"), ("notset", "not set")), "'notset' stands twice"),
        (lines("exact", ("notset", "unset")), "'unset' does not show 'notset'"),
        (lines("word", ("label", "see the tag")), "does not show 'label'"),
        (lines("word", ("a1", "see a1")), "does not show 'a1'"),
        (lines("counting", ("123456", "654321")), "does not show '123456'"),
        ('exact = [{ text = "notset" }]', "'example' is missing"),
        ('exact = [{ text = "notset", example = "not set", why = "x" }]', "unknown key"),
        (lines("exakt", ("notset", "not set")), "unknown key"),
    ],
)
def test_an_entry_that_would_catch_nothing_is_refused(text, complaint):
    with pytest.raises(RuleError, match=complaint):
        load(text)


def test_all_that_is_wrong_with_a_file_shows_at_once():
    with pytest.raises(AuditorError) as caught:
        load(lines("exact", ("Not Set", "Not Set"), ("unset", "x")))

    assert "Not Set" in str(caught.value)
    assert "unset" in str(caught.value)


def test_a_folder_of_own_rules_adds_its_own_fillers(tmp_path):
    (tmp_path / "serials.toml").write_text(lines("exact", ("lager7", "LAGER-7")), encoding="utf-8")

    both = load_fillers([builtin(), tmp_path])

    assert (both("Lager 7"), both("pending"), SHIPPED("Lager 7")) == (True, True, False)


def test_a_file_that_is_no_text_is_one_clear_line(tmp_path):
    (tmp_path / "serials.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(RuleError, match="must be UTF-8 text"):
        load_fillers([tmp_path])


def test_a_filler_is_neither_shown_nor_a_key_and_joins_nobody():
    records = [seen("192.0.2.1", serial("Default string")), seen("192.0.2.2", serial("Default string"))]

    assets = merge(records, filler=SHIPPED)

    assert [(asset.key, asset.serial) for asset in assets] == [("hq/192.0.2.1", ""), ("hq/192.0.2.2", "")]


def test_behind_a_filler_the_number_of_an_inventory_counts():
    (asset,) = merge(
        [seen("192.0.2.1", serial("System Serial Number"), fact("inventory.serial", "AB12345678"))], filler=SHIPPED
    )

    assert (asset.key, asset.serial) == ("hq/serial:AB12345678", "AB12345678")


def test_the_number_a_device_announces_to_neighbours_is_none_where_it_is_a_filler():
    about = "lldp:7.1"
    announced = (fact("inventory.serial", "Not Specified", "", about), *lldp("Gi1", chassis="00:00:5e:00:53:09"))

    assets = merge([seen("192.0.2.1", mac("00:00:5e:00:53:01"), *announced)], filler=SHIPPED)

    assert [asset.serial for asset in assets] == ["", ""]
