"""Which targets are one box is decided over all of them, in no order."""

import random

import pytest

from auditor.model import Seen
from tests.tools.merging import merge
from tests.tools.records import fact, lldp, mac, name, seen, serial

SHARED = serial("ROLLOUT-2026")
A, B, C = "00:00:5e:00:53:0a", "00:00:5e:00:53:0b", "00:00:5e:00:53:0c"
ENGINE = fact("snmp.engineid", "80001f8880aabbccdd00112233")
PON = fact("gpon.serial", "ABCD01020304")


def base(value):
    return fact("if.mac", value, "dot1dBaseBridgeAddress.0")


def boxes(*shown):
    """Return which devices, by number, became one asset, with the keys."""
    assets = merge([seen(f"192.0.2.{number}", *facts) for number, facts in enumerate(shown, 1)])
    groups = [sorted(int(address.rpartition(".")[2]) for address in asset.addresses) for asset in assets]
    return sorted(groups)


def test_a_serial_of_many_cameras_with_macs_of_their_own_joins_none_of_them():
    cameras = [seen(f"192.0.2.{n}", SHARED, mac(f"00:00:5e:00:53:{n:02x}")) for n in range(1, 73)]

    assets = merge(cameras)

    assert [asset.key for asset in assets] == sorted(f"hq/mac:00005e0053{n:02x}" for n in range(1, 73))
    assert {asset.serial for asset in assets} == {"ROLLOUT-2026"}


def test_a_serial_joins_targets_that_have_a_mac_in_common():
    assert boxes([SHARED, mac(A)], [SHARED, mac(A), mac(B)], [SHARED, mac(B)]) == [[1, 2, 3]]


def test_a_target_without_a_mac_joins_by_serial_where_one_box_shows_it():
    assert boxes([SHARED, mac(A)], [SHARED]) == [[1, 2]]


def test_a_target_without_a_mac_joins_none_of_two_boxes_that_show_its_serial():
    assert boxes([SHARED, mac(A)], [SHARED], [SHARED, mac(B)]) == [[1], [2], [3]]


def test_of_boxes_with_one_serial_those_with_a_common_mac_still_join():
    assert boxes([SHARED, mac(A)], [SHARED, mac(B)], [SHARED, mac(A)]) == [[1, 3], [2]]


def test_a_target_that_shows_both_macs_proves_two_to_be_one_box():
    assert boxes([SHARED, mac(A)], [SHARED, mac(B)], [mac(A), mac(B)]) == [[1, 2, 3]]


def test_and_that_one_box_is_still_named_by_its_serial():
    shown = [SHARED, mac(A)], [SHARED, mac(B)], [mac(A), mac(B)]

    (asset,) = merge([seen(f"192.0.2.{number}", *facts) for number, facts in enumerate(shown, 1)])

    assert asset.key == "hq/serial:ROLLOUT-2026"


def test_a_serial_many_show_contradicts_nobody():
    assert boxes([SHARED, mac(A)], [SHARED, mac(B)], [serial("FOC00000001"), mac(B)]) == [[1], [2, 3]]


def test_a_mac_of_two_boxes_with_serials_of_their_own_leads_a_third_target_to_neither():
    one, two = serial("FOC00000001"), serial("FOC00000002")

    assert boxes([one, mac(A)], [mac(A)], [two, mac(A)]) == [[1], [2], [3]]


def test_a_target_joins_the_one_box_whose_mac_it_shows_beside_another():
    one, two = serial("FOC00000001"), serial("FOC00000002")

    assert boxes([one, mac(A), mac(C)], [mac(C)], [two, mac(A)]) == [[1, 2], [3]]


def test_a_mac_of_an_interface_joins_no_two_of_different_base_macs():
    assert boxes([base(A), mac(C)], [base(B), mac(C)]) == [[1], [2]]
    assert boxes([base(A), mac(C)], [base(B), mac(C)], [mac(C)]) == [[1], [2], [3]]
    assert boxes([base(A), mac(C)], [mac(C)]) == [[1, 2]]


def test_a_base_mac_joins_whatever_interfaces_are_shown_unless_the_serials_differ():
    assert boxes([base(A), mac(B)], [base(A), mac(C)], [mac(A)]) == [[1, 2, 3]]
    assert boxes([serial("FOC00000001"), base(A)], [serial("FOC00000002"), base(A)]) == [[1], [2]]
    assert boxes([serial("FOC00000001"), base(A), mac(C)], [serial("FOC00000001"), base(B), mac(C)]) == [[1, 2]]


def test_a_base_mac_joins_before_the_mac_of_an_interface_leads_elsewhere():
    one, two = serial("FOC00000001"), serial("FOC00000002")

    assert boxes([one, base(A)], [base(A), mac(C)], [two, mac(C)]) == [[1, 2], [3]]


def test_a_chassis_in_lldp_is_a_base_mac_and_names_what_shows_no_serial():
    chassis = fact("if.mac", C, "lldpLocChassisId.0")

    (asset,) = merge([seen("192.0.2.1", chassis, mac(A), ENGINE, PON)])

    assert (asset.key, boxes([chassis, mac(A)], [base(B), mac(A)])) == ("hq/mac:00005e00530c", [[1], [2]])


def test_an_engine_id_names_a_box_before_a_gpon_serial():
    assert [asset.key for asset in merge([seen("192.0.2.1", ENGINE, PON)])] == ["hq/engine:80001f8880aabbccdd00112233"]


def test_a_mac_of_two_base_macs_is_told_at_both():
    assets = merge([seen("192.0.2.1", base(A), mac(C)), seen("192.0.2.2", base(B), mac(C))])

    assert ["with another base MAC" in words for asset in assets for words in asset.conflicts] == [True, True]


@pytest.mark.parametrize("mark", [ENGINE, PON], ids=["engine", "gpon"])
def test_a_cloned_mark_joins_nobody_and_names_nobody(mark):
    assets = merge([seen("192.0.2.1", mark, mac(A)), seen("192.0.2.2", mark), seen("192.0.2.3", mark, mac(B))])

    assert [asset.key for asset in assets] == ["hq/192.0.2.2", "hq/mac:00005e00530a", "hq/mac:00005e00530b"]


def test_an_engine_id_joins_a_target_that_shows_nothing_else():
    assert boxes([ENGINE, mac(A)], [ENGINE]) == [[1, 2]]


def test_no_two_assets_have_one_key():
    one, two = fact("gpon.serial", "ABCD01020304"), fact("gpon.serial", "ABCD01020305")

    keys = [asset.key for asset in merge([seen("192.0.2.1", one, mac(A)), seen("192.0.2.2", two, mac(A))])]

    assert keys == ["hq/gpon:ABCD01020304", "hq/gpon:ABCD01020305"]


def test_the_serial_of_the_chassis_names_it_whichever_record_came_first():
    walk = seen("192.0.2.1", serial("FOC00000001"))
    row = seen("192.0.2.1", fact("inventory.serial", "STOCK00002"), collector="csv")

    assert {merge(records)[0].key for records in ([walk, row], [row, walk])} == {"hq/serial:FOC00000001"}


def test_two_words_of_one_kind_give_one_asset_whichever_record_came_first():
    records = [seen("192.0.2.1", serial(f"FOC0000000{n}"), name(f"sw{n}"), collector="snmp") for n in (1, 2)]

    assert merge(records) == merge(records[::-1])


def some_device(chance):
    shown = [
        *chance.sample(
            [serial("ROLLOUT-2026"), serial("FOC00000001"), serial("FOC00000002")], chance.choice([0, 0, 1])
        ),
        *chance.sample([mac(A), mac(B), mac(C), base(A), base(B)], chance.choice([0, 1, 1, 2])),
        *chance.sample([ENGINE, PON, fact("gpon.serial", "ABCD01020305")], chance.choice([0, 0, 1])),
    ]
    return tuple(shown)


@pytest.mark.parametrize("seed", range(200))
def test_no_order_of_records_or_addresses_changes_what_is_one_box(seed):
    chance = random.Random(seed)
    devices = [some_device(chance) for _ in range(chance.randint(2, 8))]
    groups = set()
    for _ in range(6):
        numbers = list(range(len(devices)))
        chance.shuffle(numbers)
        records = [seen(f"192.0.2.{at}", *devices[number]) for at, number in enumerate(numbers)]
        chance.shuffle(records)
        assets = merge(records)
        assert len({asset.key for asset in assets}) == len(assets)
        groups.add(
            frozenset(
                frozenset(numbers[int(address.rpartition(".")[2])] for address in asset.addresses) for asset in assets
            )
        )

    assert len(groups) == 1


def test_the_name_of_who_is_only_heard_of_hangs_on_nobodys_address():
    """Of two that hear one chassis one gives its name; a third speaks of its address under another name."""
    chassis, there = "00:00:5e:00:53:0f", "192.0.2.200"

    def strangers(first, second, third):
        said = (
            seen(first, *lldp("Gi1", sysname="sw1", chassis=chassis)),
            seen(second, *lldp("Gi1", address=there, chassis=chassis)),
            seen(third, *lldp("Gi1", sysname="Switch", address=there)),
        )
        return sorted((one.name, one.macs) for one in merge(said) if one.seen is Seen.HEARD)

    wanted = [("Switch", ()), ("sw1", ("00005e00530f",))]
    assert strangers("192.0.2.1", "192.0.2.2", "192.0.2.3") == wanted
    assert strangers("192.0.2.2", "192.0.2.1", "192.0.2.3") == wanted
