"""Cameras behind a recorder: parts of it, units of their own, hearsay, and one device if they answered."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor import pipeline
from auditor.model import Fact, Observation, Run, Target, Verdict
from auditor.parse import recorders
from auditor.report.base import Options
from auditor.report.explain import explain
from auditor.report.registry import render
from auditor.report.words import headline
from tests.parse.test_recorders import ISAPI, REMOTE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NVR, CAMERA = "192.0.2.30", "198.51.100.11"


@pytest.fixture(scope="module")
def knowledge():
    return pipeline.learn(choice=pipeline.PolicyChoice(ids=["us-ndaa-889-a"]))


def seen(address, *facts, site="hq"):
    return Observation(target=Target(address=address, site=site), collector="probe", at=NOW, facts=facts)


def judged(knowledge, *observations):
    case = pipeline.AuditCase(run=Run(id="r", started=NOW), finished=NOW, as_of=NOW.date())
    return pipeline.audit(observations, knowledge, case)


def at(audit, address):
    return next(item for item in audit.assets if address in item.asset.addresses)


def own(kind, value):
    return Fact(kind=kind, value=value, where="x")


LISTED = tuple(recorders.isapi_channels(ISAPI, "/channels"))
SERIAL = "DS-2CD2143G0-I20190912AAWRD00000211"


def test_a_camera_behind_a_recorder_is_a_part_with_all_the_recorder_says(knowledge):
    item = at(judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED)), NVR)
    gate, yard = item.asset.parts

    assert (gate.sort, gate.part, gate.name, gate.address) == ("channel", "channel:1", "Gate", CAMERA)
    assert (gate.model, gate.serial, gate.firmware) == ("DS-2CD2143G0-I", SERIAL, "V5.6.5")
    assert (yard.part, yard.address) == ("channel:2", "198.51.100.12")


def test_it_is_a_unit_of_a_covered_maker_and_never_more_than_probable(knowledge):
    audit = judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED))
    item = at(audit, NVR)

    assert item.findings == ()
    assert [(one.maker, one.part, one.unit, one.verdict) for one in item.parts] == [
        ("hikvision", "channel:1", "1", Verdict.PROBABLE)
    ]
    assert pipeline.exit_code(audit, "probable") == 1
    assert "nvr1, camera on channel 1" in render(audit, "replace-csv", Options()).decode()


def test_the_first_sentence_of_a_report_counts_the_cameras_behind_recorders(knowledge):
    audit = judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED))

    assert headline(audit) == (
        "No device of 1 carries a finding on a covered maker itself. Recorders list 1 camera of covered makers behind "
        "themselves."
    )


def test_a_recorder_known_by_its_list_alone_is_undetermined_and_was_read(knowledge):
    item = at(judged(knowledge, seen(NVR, *LISTED)), NVR)

    assert (item.outcome.value, "behind it" in item.why) == ("undetermined", True)


def test_a_camera_that_says_nothing_but_its_protocol_is_possible_at_most(knowledge):
    bare = ISAPI.replace("<model>DS-2CD2143G0-I</model>", "").replace(f"<serialNumber>{SERIAL}</serialNumber>", "")
    item = at(judged(knowledge, seen(NVR, *recorders.isapi_channels(bare, "/channels"))), NVR)

    assert [(one.maker, one.part, one.verdict) for one in item.parts] == [("hikvision", "channel:1", Verdict.POSSIBLE)]


def test_no_word_of_a_camera_counts_for_or_against_its_recorder(knowledge):
    alone = at(judged(knowledge, seen(NVR, own("isapi.deviceinfo", "<a/>"), own("snmp.sysname", "nvr1"))), NVR)
    item = at(judged(knowledge, seen(NVR, own("isapi.deviceinfo", "<a/>"), own("snmp.sysname", "nvr1"), *LISTED)), NVR)

    assert (item.outcome, item.why, item.findings) == (alone.outcome, alone.why, alone.findings)


def test_a_camera_read_itself_is_one_device_and_the_channel_names_it(knowledge):
    camera = seen(CAMERA, own("entity.serial", SERIAL), own("entity.model", "DS-2CD2143G0-I"))
    audit = judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED), camera)
    item, recorder = at(audit, CAMERA), at(audit, NVR)

    assert recorder.asset.parts[0].asset == item.asset.key
    assert [one.part for one in recorder.parts] == []
    assert {one.by for one in item.asset.hearsay} == {recorder.asset.key}


def test_an_address_joins_only_what_nothing_contradicts(knowledge):
    listed = seen(NVR, own("snmp.sysname", "nvr1"), *LISTED)
    other = seen(CAMERA, own("entity.serial", "FTX0000A001"), own("entity.model", "M3106"))
    model = seen(CAMERA, own("entity.model", "M3106"))
    silent = seen(CAMERA, own("http.server", "webs"))

    assert at(judged(knowledge, listed, other), NVR).asset.parts[0].asset == ""
    assert at(judged(knowledge, listed, model), NVR).asset.parts[0].asset == ""
    assert at(judged(knowledge, listed, silent), NVR).asset.parts[0].asset.startswith("hq/")
    elsewhere = replace(silent, target=Target(address=CAMERA, site="depot"))
    assert at(judged(knowledge, listed, elsewhere), NVR).asset.parts[0].asset == ""


def test_a_camera_heard_by_its_mac_is_the_device_on_the_switch(knowledge):
    mac = "e0508b000221"
    switch = seen(
        "192.0.2.1",
        own("snmp.sysname", "sw1"),
        *(Fact(kind=k, value=v, where="1", about=f"mac:{mac}") for k, v in (("fdb.mac", mac), ("fdb.port", "Gi1/0/9"))),
    )
    listed = seen(NVR, own("snmp.sysname", "nvr1"), *recorders.remote_channels(REMOTE, "/x"))
    audit = judged(knowledge, switch, listed)
    camera = next(item for item in audit.assets if mac in item.asset.macs)

    assert at(audit, NVR).asset.parts[0].asset == camera.asset.key
    assert {one.maker for one in camera.findings} == {"dahua"}


def test_the_replace_list_has_the_cameras_own_address_and_says_which_recorder_it_is_behind(knowledge):
    audit = judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED))
    (row,) = csv.DictReader(io.StringIO(render(audit, "replace-csv", Options()).decode()))

    assert (row["device"], row["address"], row["serial"]) == ("nvr1, camera on channel 1", CAMERA, SERIAL)
    assert (row["switch"], row["port"]) == ("nvr1", "channel 1 (medium: behind recorder nvr1)")
    assert row["place_words"] == "nvr1 lists it as its channel 1."


def test_the_note_on_a_recorder_says_what_its_cameras_are(knowledge):
    audit = judged(knowledge, seen(NVR, own("snmp.sysname", "nvr1"), *LISTED))
    note = " ".join(explain(at(audit, NVR), audit).split())

    assert "channel 1 Gate DS-2CD2143G0-I" in note
    assert "a camera the recorder lists behind itself" in note


def on_port(*macs, port="Gi1/0/9"):
    kinds = (("fdb.mac", lambda mac: mac), ("fdb.port", lambda _mac: port))
    rows = (Fact(kind=kind, value=say(mac), where="1", about=f"mac:{mac}") for mac in macs for kind, say in kinds)
    return seen("192.0.2.1", own("snmp.sysname", "acc2"), *rows)


def recorder(*macs):
    said = (own("snmp.sysname", "nvr1"), *(own("if.mac", mac) for mac in macs))
    return seen(NVR, *said, *recorders.remote_channels(REMOTE, "/x"))


NVR_MAC, CAMERA_MAC, OTHER_MAC = "3cef8c000608", "e0508b000221", "00005e005301"


def test_a_recorder_alone_with_its_cameras_is_on_that_port(knowledge):
    audit = judged(knowledge, on_port(NVR_MAC, CAMERA_MAC), recorder(NVR_MAC))
    place = at(audit, NVR).asset.place

    assert (place.port, place.confidence.value, place.behind) == ("Gi1/0/9", "high", "")
    assert "all of cameras it lists" in place.because


def test_a_camera_beside_its_recorder_is_behind_it_by_name(knowledge):
    audit = judged(knowledge, on_port(NVR_MAC, CAMERA_MAC), recorder(NVR_MAC))
    camera = next(item.asset for item in audit.assets if CAMERA_MAC in item.asset.macs)

    assert (camera.place.confidence.value, camera.place.behind) == (
        "medium",
        "recorder nvr1 on acc2 Gi1/0/9, 2 devices",
    )
    assert camera.place.carriers == (at(audit, NVR).asset.key,)


def test_a_recorder_in_strange_company_is_not_sure_of_its_port(knowledge):
    audit = judged(knowledge, on_port(NVR_MAC, CAMERA_MAC, OTHER_MAC), recorder(NVR_MAC))
    place = at(audit, NVR).asset.place

    assert (place.confidence.value, place.behind) == ("medium", "recorder nvr1 on acc2 Gi1/0/9, 3 devices")


def test_a_camera_of_four_lenses_is_one_unit(knowledge):
    lens = [fact for fact in LISTED if fact.about == "channel:1"]
    four = [replace(fact, about=f"channel:{n}", where=f"/channels {n}") for fact in lens for n in range(1, 5)]
    item = at(judged(knowledge, seen(NVR, *four)), NVR)

    assert ([part.part for part in item.asset.parts], [one.part for one in item.parts]) == (["channel:1"],) * 2


SECOND = "192.0.2.31"


def two_lists(*other, first=LISTED):
    return seen(NVR, own("snmp.sysname", "nvr1"), *first), seen(SECOND, own("snmp.sysname", "nvr2"), *other)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_camera_on_the_lists_of_two_recorders_counts_once_at_who_says_most(knowledge, turn):
    less = [fact for fact in LISTED if fact.about == "channel:1" and fact.kind != "inventory.firmware"]
    audit = judged(knowledge, *two_lists(*less)[::turn])
    one, other = at(audit, NVR), at(audit, SECOND)

    assert [part.asset for part in one.asset.parts] == ["", ""]
    assert [part.asset for part in other.asset.parts] == [one.asset.key]
    assert [len(item.parts) for item in (one, other)] == [1, 0]
    assert other.asset.remarks[-1] == "The camera on channel 1 is on the list of nvr1 too and counts there."


@pytest.mark.parametrize(
    ("kind", "value"),
    [("inventory.serial", "DS-2CD2143G0-I20190912AAWRD00000999"), ("inventory.mac", "e0:50:8b:00:09:99")],
)
def test_two_cameras_that_differ_in_serial_or_mac_are_two(knowledge, kind, value):
    gate = [fact for fact in LISTED if fact.about == "channel:1"]
    gate.append(Fact(kind="inventory.mac", value="e0:50:8b:00:02:21", where="1", about="channel:1"))
    others = [replace(fact, value=value) if fact.kind == kind else fact for fact in gate]
    audit = judged(knowledge, *two_lists(*others, first=gate))

    assert [part.asset for address in (NVR, SECOND) for part in at(audit, address).asset.parts] == ["", ""]


def test_a_camera_that_one_of_two_recorders_knows_by_its_address_is_that_device_at_both(knowledge):
    bare = [fact for fact in LISTED if fact.about == "channel:1" and fact.kind != "recorder.channel"]
    camera = seen(CAMERA, own("http.server", "webs"))
    audit = judged(knowledge, *two_lists(*bare), camera)

    assert {part.asset for address in (NVR, SECOND) for part in at(audit, address).asset.parts} == {
        "",
        at(audit, CAMERA).asset.key,
    }
    assert at(audit, SECOND).asset.parts[0].asset == at(audit, CAMERA).asset.key


def test_the_same_camera_at_another_site_is_another(knowledge):
    audit = judged(knowledge, *two_lists()[:1], seen(SECOND, *LISTED, site="depot"))

    assert [at(audit, address).asset.parts[0].asset for address in (NVR, SECOND)] == ["", ""]
