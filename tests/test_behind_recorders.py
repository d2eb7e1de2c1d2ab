"""Cameras behind a recorder: parts of it, units of their own, hearsay, and one device if they answered."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor import pipeline
from auditor.model import Fact, Observation, Run, Target, Verdict
from auditor.parse import recorders
from auditor.report import Options, render
from tests.parse.test_recorders import ISAPI, REMOTE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NVR, CAMERA = "192.0.2.30", "198.51.100.11"


@pytest.fixture(scope="module")
def knowledge():
    return pipeline.learn(policy_ids=("us-ndaa-889-a",))


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
    silent = seen(CAMERA, own("http.server", "webs"))

    assert at(judged(knowledge, listed, other), NVR).asset.parts[0].asset == ""
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


def test_a_camera_of_four_lenses_is_one_unit(knowledge):
    lens = [fact for fact in LISTED if fact.about == "channel:1"]
    four = [replace(fact, about=f"channel:{n}", where=f"/channels {n}") for fact in lens for n in range(1, 5)]
    item = at(judged(knowledge, seen(NVR, *four)), NVR)

    assert ([part.part for part in item.asset.parts], [one.part for one in item.parts]) == (["channel:1"],) * 2
