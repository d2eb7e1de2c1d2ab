"""A device keeps its number whatever one night showed of it."""

from itertools import permutations

import pytest

from auditor.store.marks import Mark
from auditor.store.numbers import Decision, Known, number, number_of, spelled
from tests.tools.sightings import BRIDGE, CAMERA, OTHER, Store, sighting


def test_a_number_is_spelled_and_read_back():
    assert spelled(42) == "D-000042"
    assert [number_of(text) for text in ("d-42", "D-000042", " D-1234567 ")] == [42, 42, 1234567]
    assert [number_of(text) for text in ("hq/serial:D-42", "D-", "42", "D--1", "D-4x")] == [None] * 5


def test_a_device_is_numbered_once_by_its_strongest_mark():
    store = Store()
    assert store.night(sighting(serial="SN-1", macs=[CAMERA], at="192.0.2.9")) == [1]
    assert store.night(sighting(macs=[CAMERA], seen="heard")) == [1]
    assert store.night(sighting(macs=[CAMERA], at="192.0.2.77")) == [1]
    assert store.night(sighting(serial="SN-1", at="192.0.2.5")) == [1]
    assert store.night(sighting(at="192.0.2.5")) == [1]
    assert store.last.by_address == {"hq/192.0.2.5"}
    assert store.last.new == ()


def test_numbers_are_given_in_the_order_of_marks_whatever_the_order_of_assets():
    assets = [sighting(serial="SN-2"), sighting(serial="SN-1"), sighting(macs=[CAMERA]), sighting(at="192.0.2.1")]
    numberings = [number(order, Known(next=7)) for order in permutations(assets)]
    assert all(one == numberings[0] for one in numberings)
    assert numberings[0].of == {"hq/serial:SN-1": 7, "hq/serial:SN-2": 8, f"hq/mac:{CAMERA}": 9, "hq/192.0.2.1": 10}


def test_a_quiet_night_writes_no_mark():
    store = Store()
    assets = [sighting(serial="SN-1", macs=[CAMERA], at="192.0.2.9"), sighting(macs=[OTHER], seen="heard")]
    store.night(*assets)
    store.night(*assets)
    assert (store.last.marks, store.last.new, store.last.merges) == ((), (), ())


def test_another_serial_number_is_another_box_even_with_a_mac_of_the_first():
    store = Store()
    store.night(sighting(serial="SN-1", macs=[CAMERA], at="192.0.2.9"))
    assert store.night(sighting(serial="SN-2", macs=[CAMERA], at="192.0.2.9")) == [2]
    assert store.night(sighting(macs=[CAMERA], seen="heard")) == [2], "the box that showed a mark last holds it"


def test_marks_at_one_time_on_two_boxes_leave_the_number_with_the_stronger():
    store = Store()
    store.night(sighting(serial="SN-1", macs=[CAMERA, OTHER]))
    assert store.night(sighting(serial="SN-1", macs=[OTHER]), sighting(macs=[CAMERA])) == [1, 2]
    assert store.last.splits == ((1, 2),)
    assert store.last.because[1, 2] == "Its marks are shown by two devices at one time."


def test_two_devices_that_turn_out_to_be_one_have_the_older_number():
    store = Store()
    assert store.night(sighting(macs=[CAMERA], seen="heard"), sighting(serial="SN-9", at="192.0.2.9")) == [2, 1]
    assert store.night(sighting(serial="SN-9", macs=[CAMERA], at="192.0.2.9")) == [1]
    assert store.last.merges == ((1, 2),)
    assert store.last.because[1, 2] == f"One device shows the MAC {CAMERA} now."
    assert store.night(sighting(macs=[CAMERA], seen="heard")) == [1]


def test_an_address_alone_becomes_the_device_that_shows_its_marks_there():
    store = Store()
    assert store.night(sighting(at="192.0.2.9")) == [1]
    assert store.night(sighting(serial="SN-9", at="192.0.2.9")) == [1]
    assert store.last.by_address == {"hq/serial:SN-9"}
    assert store.night(sighting(serial="SN-9", at="192.0.2.10")) == [1]


def test_a_dock_that_two_computers_share_makes_one_of_none():
    store = Store()
    store.night(sighting(macs=[CAMERA, BRIDGE]), sighting(macs=[OTHER]))
    assert store.night(sighting(macs=[OTHER, BRIDGE])) == [2]
    assert store.last.merges == ()
    assert store.night(sighting(macs=[CAMERA]), sighting(macs=[OTHER, BRIDGE])) == [1, 2]


def test_a_mac_that_two_assets_show_names_neither():
    store = Store()
    assert store.night(sighting(serial="A", macs=[BRIDGE]), sighting(serial="B", macs=[BRIDGE])) == [1, 2]
    assert store.night(sighting(serial="B", macs=[BRIDGE]), sighting(serial="A", macs=[BRIDGE])) == [2, 1]


def test_a_stack_is_one_device_whichever_member_leads():
    store = Store()
    store.night(sighting(serial="A", members=["A", "B"]))
    assert store.night(sighting(serial="B", members=["A", "B"])) == [1]
    assert store.night(sighting(serial="A"), sighting(serial="B")) == [1, 2]


@pytest.mark.parametrize("mac", ["02005e005301", "01005e005301"])
def test_a_made_up_mac_and_a_groups_give_no_number(mac):
    store = Store()
    assert store.night(sighting(macs=[mac], seen="heard")) == [None]
    assert store.night(sighting(macs=[mac], at="192.0.2.9")) == [1], "what answered there is a device"


def test_a_serial_number_in_a_conflict_joins_nothing():
    store = Store()
    store.night(sighting(serial="SN-1", macs=[CAMERA]))
    words = "box (192.0.2.4, sysObjectID 1.3) shows the serial number SN-1 as well; it makes no box of two."
    assert store.night(sighting(serial="SN-1", macs=[OTHER], conflicts=[words])) == [2]


def test_other_makers_or_names_at_an_address_are_another_device():
    store = Store()
    store.night(sighting(at="192.0.2.9", maker="huawei", name="gate"))
    assert store.night(sighting(at="192.0.2.9", maker="huawei", name="door")) == [1], "renamed"
    assert store.night(sighting(at="192.0.2.9", maker="zte", name="door")) == [2]
    assert store.night(sighting(at="192.0.2.9", name="door.example.net")) == [2]
    assert store.night(sighting(at="192.0.2.9", name="window")) == [3]


def test_a_weaker_reading_at_its_address_continues_only_with_the_same_maker():
    store = Store()
    store.night(sighting(serial="SN-1", at="192.0.2.9", maker="huawei"))
    assert store.night(sighting(macs=[CAMERA], at="192.0.2.9", maker="huawei", seen="heard")) == [1]
    assert store.night(sighting(macs=[OTHER], at="192.0.2.9", maker="huawei", seen="heard")) == [2]


def test_a_neighbour_without_marks_is_known_by_its_name_on_its_port():
    store = Store()
    phone = {"seen": "heard", "name": "phone-7", "place": ("sw", "Gi1/0/7")}
    assert store.night(sighting(key="hq/serial:SW#lldp:7.1", **phone)) == [1]
    assert store.night(sighting(key="hq/serial:SW#lldp:7.44", **phone)) == [1]
    assert store.night(sighting(key="hq/serial:SW#lldp:7.1", **phone | {"name": "phone-8"})) == [2]


def test_across_sites_only_a_serial_with_an_agreeing_mac_or_maker_joins():
    store = Store()
    store.night(sighting(serial="SN-1", macs=[CAMERA], maker="huawei"))
    assert store.night(sighting(site="lab", macs=[CAMERA])) == [2]
    assert store.night(sighting(site="lab", serial="SN-1", macs=[OTHER], maker="huawei")) == [3]
    assert store.night(sighting(site="dc", serial="SN-1", maker="huawei")) == [1]
    assert store.night(sighting(site="farm", serial="SN-1")) == [4]
    assert store.night(sighting(site="dc", serial="SN-1")) == [1], "it is at home there"


def test_what_people_merge_is_one_until_it_is_undone():
    store = Store()
    one, other = sighting(serial="SN-1"), sighting(serial="SN-2")
    store.night(one, other)
    assert store.night(one, other, decisions=[Decision(devices=(2, 1))]) == [1, 1]
    assert store.night(other, decisions=[Decision(devices=(2, 1))]) == [1]
    assert store.night(one, other) == [1, 2]


def test_what_people_split_stays_two():
    store = Store()
    parted = [Decision(devices=(1,), mark=Mark("mac", OTHER, "hq"))]
    store.night(sighting(macs=[CAMERA, OTHER]))
    assert store.night(sighting(macs=[OTHER]), sighting(macs=[CAMERA]), decisions=parted) == [2, 1]
    assert store.night(sighting(macs=[CAMERA, OTHER]), decisions=parted) == [2]
    assert store.last.merges == ()
    assert store.night(sighting(macs=[CAMERA]), decisions=parted) == [2]


def test_an_ont_is_one_device_at_its_line_terminal_and_in_its_own_words():
    store = Store()
    assert store.night(sighting(key="hq/gpon:HWTC0A0B0C17", serial="HWTC0A0B0C17", seen="heard")) == [1]
    heard = [{"by": "hq/x", "fact": {"kind": "gpon.serial", "value": "485754430A0B0C17", "where": "", "about": ""}}]
    assert store.night(sighting(serial="SN-7", macs=[CAMERA], said=heard)) == [1]
    assert store.night(sighting(macs=[CAMERA])) == [1]


def test_what_answers_at_an_address_is_what_others_hear_without_one():
    store = Store()
    store.night(sighting(serial="SN-1", macs=[CAMERA], at="192.0.2.9"))
    halves = sighting(at="192.0.2.9", collectors=["sweep"]), sighting(macs=[CAMERA], seen="heard")
    assert store.night(*halves) == [1, 1]
    elsewhere = sighting(at="192.0.2.9", collectors=["sweep"]), sighting(macs=[CAMERA], at="192.0.2.10", seen="heard")
    assert store.night(*elsewhere) == [2, 1]
