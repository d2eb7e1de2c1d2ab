"""Turns that the life of a network takes, a case each: whom a night tells of, and whom it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from auditor.store.numbers import Decision
from tests.tools.lives import Life, at, covered
from tests.tools.sightings import BRIDGE, CAMERA, OTHER, Store, finding, sighting

WHOLE = covered("192.0.2.9", "192.0.2.10", "192.0.2.11", tables=["192.0.2.1"])
SWITCH = {"serial": "SW-1", "macs": [BRIDGE], "at": "192.0.2.1", "name": "sw1"}


def switch(**values):
    return sighting(**SWITCH | values)


def camera(last, **values):
    """Return one of several cameras that are read, each with marks of its own."""
    own = {"serial": f"CAM-{last}", "macs": [f"00005e0053{last:02x}"], "at": f"192.0.2.{last}", "maker": "hikvision"}
    return sighting(**own | values)


def heard(mac, **values):
    """Return a device that only the switch tells of."""
    said = [{"by": "hq/serial:SW-1", "fact": {"kind": "fdb.mac", "value": mac, "where": "", "about": ""}}]
    return sighting(macs=[mac], seen="heard", said=said, collectors=[], **values)


def life(*assets, **words):
    story = Life(**words)
    story.night(at(0), [*assets], WHOLE)
    return story


def test_a_subnet_that_is_renumbered_readdresses_its_devices_and_loses_none():
    story = life(switch(), *map(camera, (9, 10, 11)))
    moved = [camera(last, at=f"198.51.100.{last}") for last in (9, 10, 11)]
    cover = covered(*(one["address"] for one in moved), tables=["192.0.2.1"])
    cover = replace(cover, swept=("192.0.2.1-192.0.2.254", "198.51.100.1-198.51.100.254"))
    assert story.night(at(1), [switch(), *moved], cover) == [("readdressed", number) for number in (1, 2, 3)]
    assert story.alarm.code == 0


def test_two_boxes_that_change_places_are_readdressed_both():
    story = life(switch(), camera(9), camera(10))
    swapped = [camera(9, at="192.0.2.10"), camera(10, at="192.0.2.9")]
    assert story.night(at(1), [switch(), *swapped], WHOLE) == [("readdressed", 1), ("readdressed", 2)]


def test_a_cloned_mac_makes_one_new_device_and_disturbs_the_first():
    story = life(switch(), camera(9))
    clone = camera(10, macs=camera(9)["macs"])
    assert story.night(at(1), [switch(), camera(9), clone], WHOLE) == [("new", 3)]
    assert story.night(at(2), [switch(), clone, camera(9)], WHOLE) == []


def test_a_phone_that_makes_up_a_mac_every_night_is_nobody():
    story = life(switch())
    for night in range(1, 9):
        assert story.night(at(night), [switch(), heard(f"02005e0053{night:02x}")], WHOLE) == []
    assert story.store.next == 2


def test_a_device_is_itself_however_little_it_shows_from_night_to_night():
    story = life(switch())
    mac = camera(9)["macs"][0]
    steps = [
        (heard(mac), [("new", 2)]),
        (camera(9, serial=""), [("read now", 2)]),
        (camera(9), []),
        (camera(9, serial="", macs=[]), []),
        (heard(mac), [("heard now", 2)]),
        (camera(9, macs=[]), [("read now", 2)]),
    ]
    for day, (asset, events) in enumerate(steps, 1):
        assert story.night(at(day), [switch(), asset], WHOLE) == events, day


def test_a_hand_scan_and_a_clock_ahead_bring_nobody_nearer_to_gone():
    story = life(switch(), camera(9))
    empty, noon = covered(tables=["192.0.2.1"]), covered("192.0.2.1", swept=())
    told = []
    for day in (1, 2, 3, 4):
        told.append(story.night(at(day), [switch()], empty))
        assert story.night(at(day, 12), [switch()], noon) == []
        assert story.night(at(day + 300), [switch()], empty, now=at(day, 13)) == []
    assert told == [[("silent", 1)], [], [], [("gone", 1)]]


def test_nights_that_fail_are_no_silence():
    story = life(switch(), camera(9))
    failed = covered(tables=["192.0.2.1"], failed=[("192.0.2.9", "snmp", "timeout")])
    empty = covered(tables=["192.0.2.1"])
    nights = [failed, failed, failed, failed, empty, empty, empty, empty]
    told = [story.night(at(day), [switch()], cover) for day, cover in enumerate(nights, 1)]
    assert told == [[("unread", 1)], [], [], [], [("silent", 1)], [], [], [("gone", 1)]]


def test_a_site_without_power_is_told_by_its_switch_and_the_rest_follows_when_that_is_gone():
    story = life(switch(), camera(9, place=("sw1", "Gi1/0/9")))
    told = [story.night(at(day), [], covered()) for day in range(1, 9)]
    assert told == [[("silent", 2)], [], [], [("gone", 2)], [("silent", 1)], [], [], [("gone", 1)]]
    again = [switch(), camera(9, place=("sw1", "Gi1/0/9"))]
    assert story.night(at(9), again, WHOLE) == [("back", 1), ("back", 2)]


def test_a_box_replaced_under_warranty_is_new_and_the_old_one_silent_then_gone():
    story = life(switch(), camera(9))
    spare = camera(9, serial="CAM-SPARE", macs=[OTHER])
    told = [story.night(at(day), [switch(), spare], WHOLE) for day in range(1, 5)]
    assert told == [[("new", 3), ("silent", 1)], [], [], [("gone", 1)]]


def test_one_address_at_two_sites_is_two_devices():
    story = Life()
    bare = {"macs": [], "serial": "", "at": "192.0.2.9", "maker": "hikvision"}
    assert story.night(at(0), [sighting(**bare)], WHOLE) == [("new", 1)]
    assert story.night(at(0, 4), [sighting(site="lab", **bare)], WHOLE, site="lab") == [("new", 2)]
    assert story.night(at(1), [sighting(**bare)], WHOLE) == []
    assert story.night(at(1, 4), [sighting(site="lab", **bare)], WHOLE, site="lab") == []


def test_a_removal_noted_at_one_site_alarms_at_the_other_and_a_later_step_ends_it():
    story = life(switch(), camera(9))
    story.steps[1] = (("removed", at(1)),)
    abroad = camera(9, site="lab")
    assert story.night(at(2), [abroad], WHOLE, site="lab") == [("removed, seen again", 1), ("moved site", 1)]
    assert story.alarm.devices == (1,)
    story.steps[1] = (*story.steps[1], ("found", at(3)))
    assert story.night(at(4), [abroad], WHOLE, site="lab") == []


def test_a_device_that_is_back_elsewhere_is_back_and_said_to_have_moved():
    story = life(switch(), camera(9))
    for day in range(1, 5):
        story.night(at(day), [switch()], covered(tables=["192.0.2.1"]))
    told = story.night(at(5), [switch(), camera(9, at="192.0.2.10")], WHOLE)
    assert told == [("back", 1), ("readdressed", 1)]
    assert story.alarm.code == 1


def test_what_people_merged_and_took_back_tells_nothing_of_its_own():
    store = Store()
    one, other = camera(10), camera(9)
    decisions = [Decision(devices=(1, 2))]
    assert store.night(one, other) == [1, 2]
    assert store.night(one, other, decisions=decisions) == [1, 1]
    assert [store.night(one, other), store.last.new, store.last.merges, store.last.splits] == [[1, 2], (), (), ()]


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_a_day_is_the_same_day_in_every_zone(hours):
    """A run that a journal dates in a zone of its own counts as silent on the day it was in UTC."""
    zone = timezone(timedelta(hours=hours))
    story = life(switch(), camera(9))
    empty = covered(tables=["192.0.2.1"])
    moments = [datetime(2026, 1, day, 23, 30, tzinfo=UTC).astimezone(zone) for day in (2, 3, 4, 5)]
    assert [story.night(moment, [switch()], empty) for moment in moments][-1] == [("gone", 1)]


def test_a_stack_that_swaps_its_master_and_loses_a_member_is_one_device():
    story = Life()
    stack = sighting(serial="ST-1", members=["ST-1", "ST-2", "ST-3"], macs=[CAMERA], at="192.0.2.9")
    assert story.night(at(0), [stack], WHOLE) == [("new", 1)]
    other = sighting(serial="ST-2", members=["ST-2", "ST-1", "ST-3"], macs=[OTHER], at="192.0.2.9")
    assert story.night(at(1), [other], WHOLE) == []
    less = sighting(serial="ST-3", members=["ST-3", "ST-2"], macs=[OTHER], at="192.0.2.9")
    assert story.night(at(2), [less], WHOLE) == []


def test_a_verdict_that_wavers_alarms_once_and_a_second_maker_again():
    story = life(switch())
    levels = ["possible", "probable", "possible", "probable", "confirmed", "probable", "confirmed"]
    codes = []
    for day, level in enumerate(levels, 1):
        story.night(at(day), [switch(), camera(9, maker="", findings=[finding("hikvision", level)])], WHOLE)
        codes.append(story.alarm.code)
    assert codes == [0, 1, 0, 0, 1, 0, 0]
    both = [finding("hikvision", "confirmed"), finding("dahua", "probable")]
    story.night(at(9), [switch(), camera(9, maker="", findings=both)], WHOLE)
    assert story.alarm.code == 1
