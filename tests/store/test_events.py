"""What a network team is told in the morning: each thing that happened once, and nothing that did not."""

import pytest

from auditor.store.events import CompareTerms
from tests.tools.lives import Life, at, covered
from tests.tools.sightings import BRIDGE, CAMERA, OTHER, finding, sighting

SWITCH = {"serial": "A-1", "at": "192.0.2.1", "name": "sw-1"}
CAM = {"serial": "CAM-1", "macs": [CAMERA], "at": "192.0.2.9", "name": "cam"}
WHOLE = covered("192.0.2.9", tables=["192.0.2.1"])


def switch(**values):
    return sighting(**SWITCH | values)


def camera(*, port="Gi1/0/9", by="hq/serial:A-1", on="sw-1", **values):
    said = [{"by": by, "fact": {"kind": "fdb.port", "value": port, "where": "", "about": f"mac:{CAMERA}"}}]
    return sighting(**CAM | {"place": (on, port), "said": said} | values)


def heard(**values):
    return camera(serial="", key=f"hq/mac:{CAMERA}", **{"at": "", "name": "", "seen": "heard"} | values)


def life(*assets, coverage=WHOLE, **values):
    life = Life(**values)
    life.night(at(0), list(assets), coverage)
    return life


def test_a_quiet_night_tells_nothing():
    story = life(switch(), camera(maker="hikvision"))
    assert story.night(at(1), [camera(maker="hikvision"), switch()], WHOLE) == []
    assert story.alarm.code == 0


def test_what_no_night_showed_is_new():
    story = life(switch())
    assert story.night(at(1), [switch(), camera(maker="hikvision")], WHOLE) == [("new", 2)]
    assert (story.alarm.code, story.alarm.findings) == (1, ("hikvision-id",))


def test_a_plain_downgrade_is_heard_now_and_alarms_nobody():
    story = life(switch(), camera(findings=[finding("hikvision", "confirmed")]))
    assert story.night(at(1), [switch(), heard(maker="hikvision")], WHOLE) == [("heard now", 2)]
    assert story.alarm.code == 0
    again = camera(findings=[finding("hikvision", "confirmed")])
    assert story.night(at(2), [switch(), again], WHOLE) == [("read now", 2)]
    assert story.alarm.code == 0, "the store held it at this level before"


def test_a_higher_level_than_ever_alarms():
    story = life(switch(), heard(maker="hikvision"))
    assert story.night(at(1), [switch(), camera(findings=[finding("hikvision", "confirmed")])], WHOLE) == [
        ("read now", 2)
    ]
    assert story.alarm.code == 1


def test_silence_is_told_once_then_gone_then_back():
    story = life(switch(), camera(maker="hikvision"))
    silence = [story.night(at(day), [switch()], covered(tables=["192.0.2.1"])) for day in range(1, 6)]
    assert silence == [[("silent", 2)], [], [], [("gone", 2)], []]
    assert story.alarm.code == 0
    assert story.night(at(6), [switch(), camera(maker="hikvision")], WHOLE) == [("back", 2)]
    assert (story.alarm.code, story.alarm.devices) == (1, (2,))


def test_back_after_mere_silence_is_not_told():
    story = life(switch(), camera())
    assert story.night(at(1), [switch()], covered(tables=["192.0.2.1"])) == [("silent", 2)]
    assert story.night(at(2), [switch(), camera()], WHOLE) == []
    assert story.night(at(3), [switch()], covered(tables=["192.0.2.1"])) == [("silent", 2)], "a silence of its own"


def test_a_back_printer_alarms_nobody():
    story = life(switch(), camera(), terms=CompareTerms(gone_after=1))
    story.night(at(1), [switch()], covered(tables=["192.0.2.1"]))
    story.night(at(2), [switch()], covered(tables=["192.0.2.1"]))
    assert story.night(at(3), [switch(), camera()], WHOLE) == [("back", 2)]
    assert story.alarm.code == 0


def test_who_was_not_asked_is_not_silent():
    story = life(switch(), camera())
    assert story.night(at(1, 12), [switch()], covered(tables=["192.0.2.1"], swept=())) == []
    story = life(switch(), heard())
    assert story.night(at(1, 12), [], covered("192.0.2.77", swept=())) == []
    cut = covered(tables=["192.0.2.1"], cut=["192.0.2.1"])
    assert story.night(at(2), [switch()], cut) == [], "a table cut short says nothing"
    assert story.night(at(3), [switch()], covered(tables=["192.0.2.1"])) == [("silent", 2)]


def test_one_switch_that_was_not_read_is_one_event():
    cameras = [camera(serial=f"CAM-{n}", macs=[f"00005e00531{n}"], at=f"192.0.2.1{n}") for n in range(5)]
    printer = sighting(serial="Z-PRINTER", at="192.0.2.8")
    everybody = covered(*(one["address"] for one in (*cameras, printer)), tables=["192.0.2.1"])
    story = life(switch(), printer, *cameras, coverage=everybody)
    down = covered("192.0.2.8", failed=[("192.0.2.1", "snmp", "timeout")])
    assert story.night(at(1), [printer], down) == [("unread", 1)]
    assert story.alarm.code == 3
    assert story.night(at(2), [printer], down) == []
    assert story.alarm.code == 0, "it was unread the night before"


def test_unread_is_told_once_with_its_reason_even_where_it_is_heard():
    story = life(switch(), camera())
    failed = covered(tables=["192.0.2.1"], failed=[("192.0.2.9", "snmp", "timeout")])
    assert story.night(at(1), [switch(), heard()], failed) == [("unread", 2)]
    assert story.comparison.events[0].because == "timeout"
    assert story.night(at(2), [switch(), heard()], failed) == []
    assert story.night(at(3), [switch(), camera()], WHOLE) == [("read now", 2)]


def test_who_only_answers_a_sweep_has_failed_and_not_changed():
    story = life(switch(), camera(maker="hikvision"))
    alive = sighting(at="192.0.2.9", collectors=["sweep"])
    failed = [("192.0.2.9", "snmp", "authentication")]
    coverage = covered(alive=["192.0.2.9"], tables=["192.0.2.1"], failed=failed)
    for day in (1, 2):
        told = story.night(at(day), [switch(), alive], coverage)
        assert told == ([("unread", 2)] if day == 1 else [])
    assert story.night(at(3), [switch(), camera(maker="hikvision")], WHOLE) == [("read now", 2)]
    assert story.alarm.code == 0


def test_standing_unread_is_told_again_when_the_reminder_is_due():
    story = life(switch(), camera(), remind_days=30)
    failed = covered(tables=["192.0.2.1"], failed=[("192.0.2.9", "snmp", "timeout")])
    codes = []
    for day in range(1, 70):
        story.night(at(day), [switch()], failed)
        codes.append(story.alarm.code)
    assert [day for day, code in enumerate(codes, 1) if code == 3] == [1, 31, 61]


def test_removed_and_seen_again_by_any_mark_at_any_site():
    story = life(switch(), camera(maker="hikvision"))
    story.steps[2] = (("confirmed", at(0)), ("removed", at(1, hour=12)))
    assert story.night(at(1), [switch(), heard()], WHOLE) == [("heard now", 2)], "the step came after the run"
    assert story.night(at(1, hour=15), [switch(), heard()], WHOLE) == [("removed, seen again", 2)]
    assert (story.alarm.code, story.alarm.devices) == (1, (2,))
    abroad = camera(site="lab", maker="hikvision")
    assert story.night(at(3), [abroad], WHOLE, site="lab")[0] == ("removed, seen again", 2)


def test_a_move_is_told_between_places_that_are_sure():
    story = life(switch(), camera())
    assert story.night(at(1), [switch(), camera(port="Gi1/0/10")], WHOLE) == [("moved", 2)]
    event = story.comparison.events[0]
    assert (event.before, event.after) == ("sw-1 Gi1/0/9", "sw-1 Gi1/0/10")
    guess = camera(port="Gi1/0/11")
    guess["place"] |= {"confidence": "low"}
    assert story.night(at(2), [switch(), guess], WHOLE) == []


def test_a_renamed_switch_moves_nobody():
    story = life(switch(), camera())
    assert story.night(at(1), [switch(name="sw-new"), camera(on="sw-new")], WHOLE) == [("renamed", 1)]
    assert story.night(at(2), [switch(name="sw-new.example.net"), camera(on="sw-new.example.net")], WHOLE) == []


def test_two_spellings_of_a_port_are_one_port():
    story = life(switch(), camera(), terms=CompareTerms(spelling=lambda port: port.replace("GigabitEthernet", "Gi")))
    assert story.night(at(1), [switch(), camera(port="GigabitEthernet1/0/9")], WHOLE) == []


def test_a_device_on_the_uplink_of_a_switch_that_was_not_read_has_not_moved():
    core = sighting(serial="B-CORE", at="192.0.2.2", name="core")
    both = covered("192.0.2.9", tables=["192.0.2.1", "192.0.2.2"])
    story = life(switch(), core, camera(), coverage=both)
    uplink = camera(on="core", port="Te1/1", by="hq/serial:B-CORE")
    uplink["place"] |= {"confidence": "medium", "behind": "behind sw-1"}
    down = covered("192.0.2.9", tables=["192.0.2.2"], failed=[("192.0.2.1", "snmp", "timeout")])
    assert story.night(at(1), [core, uplink], down) == [("unread", 1)]
    assert story.night(at(2), [switch(), core, camera()], both) == []


def test_a_device_between_two_switches_has_not_moved():
    core = sighting(serial="B-CORE", at="192.0.2.2", name="core")
    both = covered("192.0.2.9", tables=["192.0.2.1", "192.0.2.2"])
    story = life(switch(), core, camera(), coverage=both)
    between = camera(on="core", port="Te1/1")
    between["place"]["carriers"] = ["hq/serial:B-CORE", "hq/serial:A-1"]
    assert story.night(at(1), [switch(), core, between], both) == []
    assert story.night(at(2), [switch(), core, camera(on="core", port="Te1/2")], both) == [("moved", 3)]


@pytest.mark.parametrize(("after", "sort"), [
    ({"name": "cam-2"}, "renamed"),
    ({"at": "192.0.2.10"}, "readdressed"),
    ({"firmware": "2.0"}, "firmware"),
    ({"role": "recorder"}, "role"),
    ({"maker": "dahua"}, "changed: evidence"),
])  # fmt: skip
def test_what_a_device_says_of_itself_now(after, sort):
    own = {"maker": "hikvision", "firmware": "1.0", "role": "camera"}
    story = life(switch(), camera(**own))
    now = camera(**own | after)
    assert story.night(at(1), [switch(), now], covered(now["address"], tables=["192.0.2.1"])) == [(sort, 2)]


def test_another_serial_number_at_the_same_address_and_mac_is_another_box():
    story = life(switch(), camera())
    assert story.night(at(1), [switch(), camera(serial="CAM-2")], WHOLE) == [("new", 3), ("silent", 2)]


def test_who_has_no_finding_states_a_firmware_too_and_an_older_document_did_not():
    old, new = camera(firmware="1.0"), camera(firmware="2.0")
    story = life(switch(), old)
    assert story.night(at(1), [switch(), new], WHOLE) == [("firmware", 2)]
    accused = finding("hikvision", firmware="V5 build 1")
    story = life(switch(), camera(findings=[accused]))
    assert story.night(at(1), [switch(), camera(firmware="5.0", findings=[accused])], WHOLE) == []


def test_an_address_that_was_not_asked_is_not_lost():
    router = {"addresses": ["192.0.2.9", "198.51.100.9"]}
    story = life(switch(), camera(**router), coverage=covered("192.0.2.9", "198.51.100.9", tables=["192.0.2.1"]))
    assert story.night(at(1, 12), [camera()], covered("192.0.2.9", swept=())) == []
    assert story.night(at(2), [switch(), camera(**router)], WHOLE) == []


def test_rules_and_evidence_are_told_apart():
    judged = {"hq/serial:CAM-1": camera(maker="dahua")}
    story = life(switch(), camera(), terms=CompareTerms(judged_today=lambda _run: judged))
    assert story.night(at(1), [switch(), camera(maker="dahua")], WHOLE, rules="b") == [("changed: rules", 2)]
    assert story.alarm.code == 1
    story = life(switch(), camera(), terms=CompareTerms(judged_today=lambda _run: judged))
    assert story.night(at(1), [switch(), camera(maker="zte")], WHOLE, rules="b") == [("changed: evidence", 2)]
    assert story.night(at(2), [switch(), camera(maker="dahua")], WHOLE, rules="b") == [("changed: evidence", 2)]


def test_a_law_alone_is_told_as_one():
    duty = {"policy": "us-fcc", "duty": "no new use", "applies": "yes"}
    story = life(switch(), camera(findings=[finding("hikvision")]))
    assert story.night(at(1), [switch(), camera(findings=[finding("hikvision", obligations=[duty])])], WHOLE) == [
        ("changed: law", 2)
    ]
    assert story.alarm.code == 0


def test_a_device_carried_to_another_site_has_moved_site_and_is_not_silent():
    story = life(switch(), camera(maker="hikvision"))
    abroad = camera(site="lab", at="198.51.100.4", maker="hikvision")
    assert story.night(at(0, 4), [abroad], covered("198.51.100.4"), site="lab") == [("moved site", 2)]
    assert story.alarm.code == 0
    nights = [story.night(at(day), [switch()], covered(tables=["192.0.2.1"])) for day in range(1, 8)]
    assert nights == [[]] * 7
    assert story.night(at(8), [switch(), camera(maker="hikvision")], WHOLE) == [("moved site", 2)]


def test_a_router_read_from_two_sites_moves_to_neither():
    story = life(switch(), camera())
    story.night(at(0, 4), [camera(site="lab")], covered("192.0.2.9"), site="lab")
    for day in range(1, 4):
        assert story.night(at(day), [switch(), camera()], WHOLE) == []
        assert story.night(at(day, 4), [camera(site="lab")], covered("192.0.2.9"), site="lab") == []


def test_a_late_run_and_one_ahead_of_the_clock_are_no_baseline():
    story = life(switch(), camera())
    moved = camera(port="Gi1/0/10")
    assert story.night(at(400), [switch(), moved], WHOLE, now=at(1)) == []
    assert story.night(at(-3), [switch()], covered(tables=["192.0.2.1"]), now=at(1)) == []
    assert story.night(at(2), [switch(), camera()], WHOLE) == []


def test_an_unknown_device_in_a_run_ahead_of_the_clock_is_new_once():
    story = life(switch())
    assert story.night(at(400), [switch(), camera(maker="hikvision")], WHOLE, now=at(1)) == [("new", 2)]
    assert story.night(at(2), [switch(), camera(maker="hikvision")], WHOLE) == []
    assert story.alarm.code == 0


def test_two_that_turn_out_to_be_one_and_one_that_turns_out_to_be_two():
    story = life(heard(), sighting(serial="CAM-1", at="192.0.2.9"))
    assert story.night(at(1), [camera()], WHOLE) == [("merged", 1)]
    parts = [camera(), sighting(macs=[OTHER], at="192.0.2.33")]
    story = life(camera(macs=[CAMERA, OTHER]))
    assert story.night(at(1), parts, WHOLE) == [("split", 2)]


def test_a_waived_finding_counts_for_nothing():
    waiver = {"finding": "x", "who": "a", "why": "b", "authority": "c", "until": "2027-01-01"}
    story = life(switch())
    assert story.night(at(1), [switch(), camera(findings=[finding("hikvision", waived=waiver)])], WHOLE) == [("new", 2)]
    assert story.alarm.code == 0


def test_a_first_run_that_left_something_unread_and_one_that_examined_nothing():
    story = Life()
    story.night(at(0), [switch()], covered(tables=["192.0.2.1"], failed=[("192.0.2.7", "snmp", "timeout")]))
    assert (story.alarm.code, story.alarm.because) == (3, ("the first run left 1 unread",))
    story.night(at(1), [], covered(swept=()))
    assert (story.alarm.code, story.alarm.because) == (3, ("nothing was examined",))


def test_a_guest_that_nobody_looks_for_is_not_told_of():
    story = life(switch())
    guest = sighting(macs=[BRIDGE], kind="virtual machine", seen="heard")
    assert story.night(at(1), [switch(), guest], WHOLE) == []


def test_a_hand_scan_and_a_night_without_the_switch_hide_no_move():
    story = life(switch(), camera())
    assert story.night(at(0, 12), [camera(place=None, said=[])], covered("192.0.2.9", swept=())) == []
    assert story.night(at(1), [switch(), camera(port="Gi1/0/10")], WHOLE) == [("moved", 2)]
    down = covered("192.0.2.9", failed=[("192.0.2.1", "snmp", "timeout")])
    assert story.night(at(2), [camera(place=None, said=[])], down) == [("unread", 1)]
    assert story.night(at(3), [switch(), camera(port="Gi1/0/11")], WHOLE) == [("moved", 2)]


def test_what_was_renamed_while_it_was_only_heard_is_told_when_it_answers():
    story = life(switch(), camera())
    assert story.night(at(1), [switch(), heard()], WHOLE) == [("heard now", 2)]
    told = story.night(at(2), [switch(), camera(name="door")], WHOLE)
    assert told == [("read now", 2), ("renamed", 2)]


def test_a_move_to_a_switch_that_failed_before_is_told_and_one_to_its_own_uplink_is_not():
    other = {"serial": "B-2", "at": "192.0.2.2", "name": "sw-2"}
    both = covered("192.0.2.9", tables=["192.0.2.1", "192.0.2.2"])
    moved = camera(on="sw-2", port="Gi1/0/3", by="hq/serial:B-2")
    story = life(switch(), camera())
    told = story.night(at(1), [switch(), sighting(**other, place=("sw-1", "Gi1/1/1")), moved], both)
    assert told == [("new", 3), ("moved", 2)]
    story = life(switch(), camera())
    told = story.night(at(1), [switch(), sighting(**other, place=("sw-1", "Gi1/0/9")), moved], both)
    assert told == [("new", 3)], "it hangs behind the port it was on"


def test_who_came_behind_a_failing_switch_is_placed_when_that_is_read_and_moves_from_there():
    core = sighting(serial="B-CORE", at="192.0.2.2", name="core")
    both = covered("192.0.2.9", tables=["192.0.2.1", "192.0.2.2"])
    story = life(switch(macs=[BRIDGE]), core, coverage=both)
    uplink = camera(on="core", port="Te1/1", by="hq/serial:B-CORE")
    uplink["place"] |= {"confidence": "medium", "carriers": [f"hq/mac:{BRIDGE}"]}
    down = covered("192.0.2.9", tables=["192.0.2.2"], failed=[("192.0.2.1", "snmp", "timeout")])
    assert story.night(at(1), [sighting(macs=[BRIDGE], seen="heard"), core, uplink], down) == [
        ("new", 3),
        ("unread", 1),
    ]
    assert story.night(at(2), [switch(macs=[BRIDGE]), core, camera()], both) == [("read now", 1)]
    assert story.night(at(3), [switch(macs=[BRIDGE]), core, camera(port="Gi1/0/10")], both) == [("moved", 3)]


def test_who_hung_between_two_switches_has_not_moved_to_the_one_that_carries_it():
    core = sighting(serial="B-CORE", at="192.0.2.2", name="core")
    both = covered("192.0.2.9", tables=["192.0.2.1", "192.0.2.2"])
    between = camera(on="core", port="Te1/1")
    between["place"]["carriers"] = ["hq/serial:B-CORE", "hq/serial:A-1"]
    story = life(switch(), core, between, coverage=both)
    assert story.night(at(1), [switch(), core, camera()], both) == []


def test_a_device_of_a_weekly_run_is_gone_after_three_runs_and_not_after_three_days():
    story = life(switch(), camera())
    weeks = [story.night(at(7 * week), [switch()], covered(tables=["192.0.2.1"])) for week in range(1, 4)]
    assert weeks == [[("silent", 2)], [], [("gone", 2)]]
