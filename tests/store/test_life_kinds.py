"""What users saw go wrong over two or three nights: each from records to what is told."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from auditor import pipeline
from auditor.formats.document import to_document
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import EmptySweep, Reason, Run, Target, Unread
from auditor.report.base import Options
from auditor.report.registry import render
from auditor.store.coverage import coverage
from auditor.store.events import CompareTerms
from tests.tools.lives import Life, at
from tests.tools.records import descr, fact, learned, lldp, mac, name, seen, serial

VRP = (
    "S5735-L24P4X-A1\nHuawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 "
    "(S5735 V200R021C00SPC600)"
)
HUAWEI, HIKVISION = "001e10005a01", "a4d5c2005a02"
SWITCH = [name("floor-2"), serial("XQ5200114477"), mac("00005e005301"), descr("Example Switch Software")]


def switch(*tables, words=SWITCH):
    return seen("192.0.2.1", *words, *tables)


@cache
def knowledge():
    return pipeline.learn()


def audit(records):
    moment = at(0)
    case = pipeline.AuditCase(run=Run(id="x", started=moment), finished=moment, as_of=moment.date())
    return pipeline.audit(records, knowledge(), case)


class Story(Life):
    """Nights of records at one site."""

    def tell(self, day, *records):
        """Take in a night; return what happened."""
        assets = to_document(audit(list(records)))["assets"]
        return self.night(at(day), assets, coverage(records).get("hq"))


def test_a_camera_that_was_removed_and_is_heard_again_alarms():
    story = Story()
    camera = seen("192.0.2.9", fact("inventory.vendor", "Hikvision"), serial("DS-2CD2143G2-I99"), mac(HIKVISION))
    assert story.tell(0, camera) == [("new", 1)]
    story.steps[1] = (("disposed", at(0)),)
    assert story.tell(1, switch()) == [("new", 2)]
    assert story.alarm.code == 0
    assert story.tell(2, switch(*learned(HIKVISION, "Gi1/0/6"))) == [("heard now", 1), ("removed, seen again", 1)]
    assert (story.alarm.code, story.alarm.devices) == (1, (1,))


def test_a_switch_that_is_unread_for_a_night_is_told_once_and_stays_itself():
    story = Story()
    box = seen("192.0.2.9", descr(VRP), serial("2102359999DMK9000777"))
    story.tell(0, box)
    failure = Unread(
        target=Target(address="192.0.2.9", site="hq"), collector="snmp", at=at(1), reason=Reason.TIMEOUT,
        detail="no reply to 3 requests",
    )  # fmt: skip
    assert story.tell(1, failure) == [("unread", 1)]
    assert (story.comparison.events[0].because, story.alarm.code) == ("timeout", 3)
    assert story.tell(2, box) == []
    assert story.alarm.code == 0


def test_a_plain_downgrade_is_one_heard_now_and_no_alarm():
    story = Story()
    box = seen("192.0.2.9", descr(VRP), mac(HUAWEI))
    story.tell(0, box, switch())
    assert story.tell(1, switch(*learned(HUAWEI, "Gi1/0/6"))) == [("heard now", 2)]
    assert story.alarm.code == 0
    assert story.comparison.events[0].before == "huawei confirmed"
    assert story.tell(2, switch(), box) == [("read now", 2)]
    assert story.alarm.code == 0


def test_a_renamed_switch_is_one_event_and_nothing_behind_it_moves():
    story = Story()
    tables = [*learned(HIKVISION, "Gi1/0/6"), *lldp("Gi1/0/7", row="7.3", sysname="desk-phone")]
    story.tell(0, switch(*tables))
    renamed = [name("floor-3"), *SWITCH[1:]]
    again = [*learned(HIKVISION, "Gi1/0/6"), *lldp("Gi1/0/7", row="9.1", sysname="desk-phone")]
    told = story.tell(1, switch(*again, words=renamed))
    assert told == [("renamed", 1)]
    assert (story.comparison.events[0].before, story.comparison.events[0].after) == ("floor-2", "floor-3")


def test_our_own_export_that_comes_back_is_the_same_device_and_tells_nothing(tmp_path):
    story = Story()
    box = seen("192.0.2.9", mac(HUAWEI), serial("XQ7730114999"), name("box9"))
    story.tell(0, box)
    for form in ("netbox", "csv"):
        path = tmp_path / f"{form}.csv"
        path.write_bytes(render(audit([box]), form, Options()))
        rows = list(read(SourceFile(path=path, site="hq", at=at(1), warn=lambda _text: None)))
        rows = [replace(row, target=Target(address=row.target.address, site="hq")) for row in rows]
        assert rows
        assert story.tell(1, *rows) == []
        assert set(story.store.last.of.values()) == {1}
        assert not story.alarm.findings
    assert story.tell(2, box) == []


SWEPT = "192.0.2.1-192.0.2.254"


def swept(*ranges):
    """Return the record of ranges that were asked to their end."""
    return EmptySweep(target=Target(address="", site="hq"), collector="sweep", at=at(0), ranges=ranges or (SWEPT,))


def years(*nights, **words):
    """Return what each night of a story told, and its exit code; its whole subnet was asked each time."""
    story = Story(**words)
    return [(story.tell(day, *records, swept()), story.alarm.code) for day, records in enumerate(nights)]


def floor(number, digits, called="floor-2"):
    """Return a switch that carries two cameras, by its serial number and MAC."""
    ports = (*learned(HIKVISION, "Gi1/0/6"), *learned("a4d5c2005a03", "Gi1/0/7"))
    return seen("192.0.2.1", name(called), serial(number), mac(digits), descr("Example Switch Software"), *ports)


def plain(address, last):
    return seen(address, descr("Example printer"), mac(f"00005e0053{last}"))


def members(*serials):
    """Return a stack by the serial numbers of its members."""
    box = [
        fact(f"entity.{kind}", value, str(at))
        for at, own in enumerate(serials, 1)
        for kind, value in (("class", "chassis"), ("serial", own), ("model", "S5735-L24P4X-A1"))
    ]
    return seen("192.0.2.30", name("stack"), descr(VRP), mac("001e10006001"), *box)


def firewall(address, called, number, last):
    """Return one of a pair that share a virtual MAC."""
    own = (serial(f"FW{number}"), mac(f"00005e0053{last}"), fact("if.mac", "00005e000101", "ifPhysAddress.9"))
    return seen(address, name(called), descr("Example Firewall"), *own)


def test_a_device_that_only_a_probe_sees_is_itself_and_neither_silent_nor_an_alarm():
    box = seen("192.0.2.9", descr(VRP), serial("2102359999DMK9000777"), mac(HUAWEI))
    page = seen("192.0.2.9", fact("http.title", "Huawei"), collector="probe")
    told = years([box], [page], [box])
    assert told == [([("new", 1)], 1), ([("changed: evidence", 1)], 0), ([("changed: evidence", 1)], 0)]


def test_a_probe_in_place_of_an_snmp_that_failed_is_told_by_the_exit_code_once():
    box = seen("192.0.2.9", descr(VRP), serial("2102359999DMK9000777"), mac(HUAWEI))
    page = seen("192.0.2.9", fact("http.title", "Huawei"), collector="probe")
    failure = Unread(
        target=Target(address="192.0.2.9", site="hq"), collector="snmp", at=at(1), reason=Reason.TIMEOUT, detail=""
    )
    assert [code for _, code in years([box], [page, failure], [page, failure], [box])] == [1, 3, 0, 0]


def test_a_switch_swapped_for_another_of_its_name_is_new_and_its_cameras_never_moved():
    """Long after, when the old one is gone, its cameras hang where they hung: same name, same port."""
    other = floor("XQ5200119988", "00005e005399")
    told = years([floor("XQ5200114477", "00005e005301")], *[[other]] * 6)
    assert told[0] == ([("new", 1), ("new", 2), ("new", 3)], 1)
    assert told[1:] == [
        ([("new", 4), ("silent", 1)], 0), ([], 0), ([], 0), ([("gone", 1)], 0), ([], 0), ([], 0),
    ]  # fmt: skip


def test_a_switch_swapped_for_one_of_another_name_moves_its_cameras_once_it_is_gone():
    other = floor("XQ5200119988", "00005e005399", "floor-2b")
    told = years([floor("XQ5200114477", "00005e005301")], *[[other]] * 6)
    assert [events for events, _ in told[4:]] == [[("gone", 1)], [("moved", 2), ("moved", 3)], []]


def test_a_camera_swapped_like_for_like_is_new_and_an_alarm_and_the_old_one_goes():
    def camera(number, digits):
        words = f"<DeviceInfo><manufacturer>Hikvision</manufacturer><model>DS-2CD2143G2-I</model><serialNumber>{number}"
        return seen(
            "192.0.2.9", name("door"), fact("isapi.deviceinfo", f"{words}</serialNumber></DeviceInfo>"), mac(digits)
        )

    old, new = (
        camera("DS-2CD2143G2-I20210412AAWRE99000112", HIKVISION),
        camera("DS-2CD2143G2-I20230101AAWRE99000999", "a4d5c2005a99"),
    )
    assert years([old], [new], [new], [new], [new], [new]) == [
        ([("new", 1)], 1), ([("new", 2), ("silent", 1)], 1), ([], 0), ([], 0), ([("gone", 1)], 0), ([], 0),
    ]  # fmt: skip


def test_an_address_that_dhcp_gives_to_another_makes_nobody_the_other():
    one, other = plain("192.0.2.20", "a1"), plain("192.0.2.20", "b2")
    nights = [[one], [other, plain("192.0.2.21", "a1")], [other]]
    assert years(*nights) == [([("new", 1)], 0), ([("new", 2), ("readdressed", 1)], 0), ([("silent", 1)], 0)]


def test_a_stack_whose_members_are_replaced_one_by_one_is_one_device():
    first, second, third, fourth = (f"2102359999DMK900000{at}" for at in range(1, 5))
    nights = [[members(first, second)], [members(first, third)], [members(third, fourth)]]
    assert years(*nights) == [([("new", 1)], 1), ([], 0), ([], 0)]


def test_a_pair_that_changes_roles_stays_two_and_only_the_shared_address_goes_over():
    both = [firewall("192.0.2.2", "fw-a", "A00000001", "c1"), firewall("192.0.2.3", "fw-b", "B00000002", "c2")]
    before = [*both, firewall("192.0.2.4", "fw-a", "A00000001", "c1")]
    after = [*both, firewall("192.0.2.4", "fw-b", "B00000002", "c2")]
    assert years(before, after, after) == [
        ([("new", 1), ("new", 2)], 0), ([("readdressed", 1), ("readdressed", 2)], 0), ([], 0),
    ]  # fmt: skip


def test_half_of_the_scope_hides_nobody_for_a_night_or_for_good():
    """Who is not asked is not silent, and after a month of that not gone."""
    story = Story()
    low, high = plain("192.0.2.20", "a1"), plain("192.0.2.200", "b2")
    assert story.tell(0, low, high, swept()) == [("new", 1), ("new", 2)]
    told = [story.tell(day, low, swept("192.0.2.1-192.0.2.127")) for day in range(1, 31)]
    assert (told, story.alarm.code) == ([[]] * 30, 0)
    assert story.tell(31, low, high, swept()) == []
    assert story.tell(32, high, swept()) == [("silent", 1)]


def test_a_hand_scan_in_the_middle_of_the_night_disturbs_nothing():
    story = Story()
    one, other = plain("192.0.2.20", "a1"), plain("192.0.2.21", "b2")
    story.tell(0, one, other, swept())
    assert story.tell(1, one, other, swept()) == []
    hand = to_document(audit([one]))["assets"]
    assert story.night(at(1) + timedelta(minutes=10), hand, coverage([one, swept()]).get("hq")) == []
    assert story.alarm.code == 0
    assert story.tell(2, one, other, swept()) == []


def test_gone_after_one_run_still_waits_for_the_next_day():
    one, other = plain("192.0.2.20", "a1"), plain("192.0.2.21", "b2")
    told = years([one, other], [one], [one], [one, other], terms=CompareTerms(gone_after=1))
    assert [events for events, _ in told[1:]] == [[("silent", 2)], [("gone", 2)], [("back", 2)]]


def test_a_reminder_is_due_on_the_very_day_and_not_the_day_before():
    failure = Unread(
        target=Target(address="192.0.2.9", site="hq"), collector="snmp", at=at(0), reason=Reason.TIMEOUT, detail=""
    )
    one = plain("192.0.2.20", "a1")
    told = years(*[[one, failure]] * 62, remind_days=30)
    assert [day for day, (_, code) in enumerate(told) if code == 3] == [0, 30, 60]


def test_the_hour_that_comes_twice_in_autumn_is_two_hours():
    """Two runs at half past two, of summer and of winter time: the later one is the baseline."""
    story, one, other = Story(), plain("192.0.2.20", "a1"), plain("192.0.2.21", "b2")
    moments = [datetime.fromisoformat(f"2026-10-25T02:30:00+0{hours}:00") for hours in (2, 1)]
    told = []
    for moment, records in zip(moments, ([one, other, swept()], [one, swept()]), strict=True):
        told.append(story.night(moment, to_document(audit(records))["assets"], coverage(records).get("hq")))
    assert told == [[("new", 1), ("new", 2)], [("silent", 2)]]
