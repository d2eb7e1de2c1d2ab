"""What users saw go wrong over two or three nights: each from records to what is told."""

from dataclasses import replace
from functools import cache

from auditor import pipeline
from auditor.formats.document import to_document
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import Reason, Run, Target, Unread
from auditor.report.base import Options
from auditor.report.registry import render
from auditor.store.coverage import coverage
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
