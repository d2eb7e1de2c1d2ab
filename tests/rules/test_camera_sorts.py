"""What a unit of a camera maker is, however it says so: recorder, camera, panel, switch."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.model import AuditedAsset, CollectedAsset, Fact, Finding, Seen, Tier, Verdict
from auditor.pipeline import learn
from auditor.policy.oblige import Circumstances, oblige
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 30)
NAMESPACE = 'xmlns="http://www.hikvision.com/ver20/XMLSchema"'
VENDOR = "/cgi-bin/magicBox.cgi?action=getVendor"

SORTS = [
    ("HIKVISION", "DS-7608NI-K2", "recorder"),
    ("HIKVISION", "DS-96128NI-I16", "recorder"),
    ("HIKVISION", "DS-2CD2143G2-I", "camera"),
    ("HIKVISION", "DS-KV6113-WPE1", "intercom"),
    ("HIKVISION", "DS-K1T671M", "access"),
    ("HIKVISION", "DS-PWA64-L-WE", "alarm"),
    ("HIKVISION", "DS-3E0318P-E", "switch"),
    ("Dahua", "DHI-NVR4108HS", "recorder"),
    ("Dahua", "NVR4108HS", "recorder"),
    ("Dahua", "IPC-HFW2441S-S", "camera"),
    ("Dahua", "SD59225U-HNI", "camera"),
    ("Dahua", "DHI-VTO2202F-P", "intercom"),
    ("Dahua", "VTO2202F-P", "intercom"),
    ("Dahua", "ASI7213X", "access"),
    ("Dahua", "DHI-ARC3000H-W2", "alarm"),
    ("Dahua", "DH-PFS3010-8ET-96", "switch"),
]


@pytest.fixture(scope="module")
def known():
    return learn()


@pytest.fixture(scope="module")
def ask(known):
    """Return a function that judges a device which said only the facts given."""

    def judged(*facts: Fact) -> AuditedAsset:
        return judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts), known, TODAY)

    return judged


def fact(kind: str, value: str, where: str = "") -> Fact:
    return Fact(kind=kind, value=value, where=where)


def ways(maker: str, model: str) -> dict[str, tuple[Fact, ...]]:
    """Return every way in which a unit of a maker says its model."""
    name = {"HIKVISION": f"HIKVISION%20{model}"}.get(maker, maker)
    said = {
        "inventory": (fact("inventory.vendor", maker), fact("inventory.model", model)),
        "entity": (fact("entity.mfg", maker), fact("entity.model", model)),
        "onvif": (
            fact(
                "onvif.deviceinformation", f"<tds:Manufacturer>{maker}</tds:Manufacturer><tds:Model>{model}</tds:Model>"
            ),
        ),
        "scopes": (fact("onvif.scopes", f"onvif://www.onvif.org/name/{name}\nonvif://www.onvif.org/hardware/{model}"),),
        "upnp": (fact("upnp.description", f"<manufacturer>{maker}</manufacturer><modelName>{model}</modelName>"),),
    }
    if maker == "HIKVISION":
        said["isapi"] = (
            fact(
                "isapi.deviceinfo",
                f"<DeviceInfo {NAMESPACE}><deviceName>x</deviceName><model>{model}</model></DeviceInfo>",
            ),
        )
        said["sadp"] = (fact("sadp.reply", f"<ProbeMatch><DeviceDescription>{model}</DeviceDescription></ProbeMatch>"),)
    else:
        said["magicbox"] = (
            fact("dahua.sysinfo", f"deviceType={model}\nupdateSerial={model}\n"),
            fact("rtsp.server", "Dahua Rtsp Server"),
        )
        said["dhip"] = (fact("dhip.reply", f'{{"method":"client.notifyDevInfo","params":{{"DeviceType":"{model}"}}}}'),)
    return said


@pytest.mark.parametrize(("maker", "model", "category"), SORTS)
def test_the_number_says_what_sort_of_equipment_it_is_however_it_is_said(ask, maker: str, model: str, category: str):
    found = {
        way: [(one.maker, one.category) for one in ask(*facts).findings] for way, facts in ways(maker, model).items()
    }

    assert found == {way: [(maker.casefold(), category)] for way in found}


@pytest.mark.parametrize(("said", "category"), [("NVR", "recorder"), ("hybirdNVR", "recorder"), ("IPCamera", "camera")])
def test_a_neutral_unit_is_what_its_isapi_reply_gives_as_its_sort(ask, said: str, category: str):
    reply = f"<DeviceInfo {NAMESPACE}><model>ACME-1</model><deviceType>{said}</deviceType></DeviceInfo>"

    assert [one.category for one in ask(fact("isapi.deviceinfo", reply)).findings] == [category]


def test_a_stream_alone_does_not_make_a_recorder_a_camera(ask):
    assert [one.category for one in ask(fact("rtsp.server", "Dahua Rtsp Server")).findings] == ["video"]


def test_group_companies_that_make_no_cameras_are_no_video_equipment(ask):
    def found(vendor: str) -> list[tuple[str, Verdict]]:
        row = ask(fact("inventory.vendor", vendor), fact("inventory.model", "Wave SSD 512GB"))
        return [(one.category, one.verdict) for one in row.findings]

    assert found("Hiksemi") == [("", Verdict.POSSIBLE)]
    assert found("Hikrobot") == [("", Verdict.POSSIBLE)]
    assert found("HIKMICRO") == [("", Verdict.PROBABLE)]


@pytest.mark.parametrize("model", ["DS-K1T671M", "DS-PWA64-L-WE", "DS-KV6113-WPE1"])
def test_a_door_or_an_alarm_panel_owes_what_a_door_station_does(ask, known, model: str):
    (finding,) = ask(fact("inventory.vendor", "Hikvision"), fact("inventory.model", model)).findings

    def owed(one: Finding) -> list[tuple[str, str]]:
        duties = oblige(one, Circumstances(), known.policies, TODAY)
        return sorted((duty.policy, duty.duty) for duty in duties)

    intercom = replace(finding, category="intercom")

    assert owed(finding) == owed(intercom)
    assert {"uk-camera-instruction", "au-5g-and-cameras", "in-cctv"} <= {policy for policy, _ in owed(finding)}


SIGNS = [
    ("dahua.sysinfo", VENDOR, "vendor=EZIP\r\n", "dahua"),
    ("dahua.sysinfo", VENDOR, "vendor=Andy\n", "dahua"),
    ("inventory.firmware", "", "1.000.HW00.0.R", "dahua"),
    ("inventory.firmware", "", "2.420.0000.0.R", "dahua"),
    ("http.auth", "", 'Digest realm="Login to ASI3213S", qop="auth"', "dahua"),
    ("onvif.scopes", "", "onvif://www.onvif.org/name/Acme\nonvif://www.onvif.org/extension/Acme_mask/37777", "dahua"),
    ("http.server", "ssdp", "Linux/4.9.37, UPnP/1.0, Zhejiang Dahua Technology Co.,Ltd. UPnP SDK", "dahua"),
    ("tls.issuer", "", "CN=Dahua Device IPC CA,O=Zhejiang\u00a0Dahua\u00a0Technology Co.\\,Ltd.,C=CN", "dahua"),
    ("dhip.reply", "udp/5050", "Name:Acme\r\nDevice:IPC-HFW2100\r\n\r\nSerialNo:5E00000PAZ00017\r\n", "dahua"),
    ("http.response", "", "<b>dev.guardingvision.com</b>", "hikvision"),
    (
        "isapi.deviceinfo",
        "",
        '{"DeviceInfo": {"xmlns": "http://www.std-cgi.com/ver20/XMLSchema", "model": "ACME-1"}}',
        "hikvision",
    ),
    (
        "isapi.deviceinfo",
        "",
        '<DeviceInfo xmlns="urn:psialliance-org"><model>DS-2CD2032-I</model></DeviceInfo>',
        "hikvision",
    ),
]


@pytest.mark.parametrize(("kind", "where", "value", "maker"), SIGNS)
def test_what_outlives_a_label_makes_the_builder_probable(ask, kind: str, where: str, value: str, maker: str):
    found = {one.maker: one.verdict for one in ask(fact(kind, value, where)).findings if one.tier is Tier.COVERED}

    assert found.get(maker, Verdict.POSSIBLE) >= Verdict.PROBABLE


def test_a_neutral_onvif_envelope_and_the_streams_address_meet(ask):
    envelope = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:tnsn="http://www.eventextension.com/2011/event/topics" '
        'xmlns:extwsd="http://www.onvifext.com/onvif/ext/ver10/wsdl"><env:Body/></env:Envelope>'
    )
    other = '<SOAP-ENV:Envelope xmlns:tnsn="http://www.eventextension.com/2011/event/topics"/>'

    assert [(one.maker, one.verdict) for one in ask(fact("onvif.soap", envelope)).findings] == [
        ("hikvision", Verdict.POSSIBLE)
    ]
    assert ask(fact("onvif.soap", other)).findings == ()


def test_what_only_might_be_theirs_is_left_open_and_not_cleared(ask):
    for kind, where, value in (
        ("inventory.model", "", "NVR4108HS"),
        ("inventory.model", "", "IPC-D2B20-ZS"),
        ("dahua.sysinfo", "", "hardwareVersion=1.0"),
        ("isapi.deviceinfo", "/ISAPI/System/deviceInfo", "<DeviceInfo><model>ACME-1</model></DeviceInfo>"),
    ):
        said = ask(fact(kind, value, where))
        assert said.findings == ()
        assert said.outcome == "undetermined", value
