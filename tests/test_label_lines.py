"""Each label by line: what its number says of the maker, how far its source carries."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from auditor.model import AuditedAsset, Fact, Finding, Observation, Outcome, Target, Tier
from auditor.pipeline import learn
from tests.tools.judging import judge_one
from tests.tools.merging import merge

AT = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
Ask = Callable[..., AuditedAsset]
ISAPI = '<DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">{}</DeviceInfo>'


@pytest.fixture(scope="module")
def ask() -> Ask:
    known = learn()

    def judged(*said: tuple[str, str]) -> AuditedAsset:
        facts = tuple(Fact(kind=kind, value=value) for kind, value in said)
        seen = Observation(target=Target(address="192.0.2.7"), collector="test", at=AT, facts=facts)
        (asset,) = merge([seen], known.identifies)
        return judge_one(asset, known, date(2026, 11, 30))

    return judged


def covered(audited: AuditedAsset) -> list[Finding]:
    return [one for one in audited.findings if one.tier is Tier.COVERED]


@pytest.mark.parametrize(
    ("label", "model", "told"),
    [
        ("ABUS", "IPCB42510A", ("hikvision", "probable", "camera")),
        ("ABUS", "TVIP82561", ("hikvision", "probable", "camera")),
        ("Alibi", "ALI-NVR5016P", ("hikvision", "probable", "recorder")),
        ("Alibi", "ALI-NS2014R", ("hikvision", "probable", "camera")),
        ("Amcrest", "AD110", ("dahua", "probable", "intercom")),
        ("Amcrest", "NV4108E-HS", ("dahua", "probable", "recorder")),
        ("Annke", "C800", ("hikvision", "probable", "camera")),
        ("Annke", "FCD600", ("hikvision", "probable", "camera")),
        ("Annke", "AC500", ("hikvision", "possible", "camera")),
        ("Annke", "N46PCK", ("hikvision", "probable", "recorder")),
        ("AVYCON", "ECI-T24F2", ("hikvision", "possible", "video")),
        ("CP Plus", "CP-UNC-TA41L3C", ("dahua", "probable", "camera")),
        ("CP Plus", "CP-UNR-4K4322-V2", ("dahua", "probable", "recorder")),
        ("CP Plus", "CP-GPC-DA24L2", ("dahua", "possible", "camera")),
        ("CCTV Security Pros", "CSP-IPDV4", ("dahua", "possible", "video")),
        ("Clare", "CVP-B2DB50-ODIW", ("hikvision", "probable", "intercom")),
        ("EmpireTech", "DB2X-WP", ("dahua", "probable", "intercom")),
        ("EZ-IP", "IPC-D2B20-ZS", ("dahua", "probable", "camera")),
        ("EZVIZ", "DB1", ("hikvision", "probable", "intercom")),
        ("EZVIZ", "C6N", ("hikvision", "probable", "camera")),
        ("Godrej", "STE-NVR08", ("dahua", "possible", "recorder")),
        ("HIKMICRO", "HM-TP42-3AQF", ("hikvision", "probable", "")),
        ("Hikrobot", "MV-CA050-10GM", ("hikvision", "probable", "")),
        ("HiLook", "NVR-104MH-C", ("hikvision", "probable", "recorder")),
        ("HiLook", "IPC-B140H", ("hikvision", "probable", "camera")),
        ("HiWatch", "DS-N208P", ("hikvision", "probable", "recorder")),
        ("HiWatch", "HWP-N2404IH-DE3(F)", ("hikvision", "probable", "camera")),
        ("Honeywell", "H2D2PR1", ("dahua", "probable", "camera")),
        ("Honeywell", "HEN16204", ("dahua", "probable", "recorder")),
        ("IC Realtime", "IPFX-E40V-IRW", ("dahua", "probable", "camera")),
        ("IC Realtime", "NVR-208NS", ("dahua", "probable", "recorder")),
        ("Interlogix", "TVN-2116", ("hikvision", "probable", "recorder")),
        ("Interlogix", "TVB-5301", ("hikvision", "probable", "camera")),
        ("Intelbras", "SS 3530 MF FACE", ("dahua", "probable", "access")),
        ("Intelbras", "MHDX 1108", ("dahua", "probable", "recorder")),
        ("LaView", "LV-PTK66802", ("hikvision", "probable", "video")),
        ("LaView", "LV-PDB1630-U", ("hikvision", "probable", "intercom")),
        ("LaView", "Halo One", ("hikvision", "probable", "intercom")),
        ("Lorex", "LNB4421B", ("dahua", "probable", "camera")),
        ("Lorex", "LNB45AB", ("dahua", "possible", "camera")),
        ("Lorex", "LNR1140", ("dahua", "possible", "recorder")),
        ("Lorex", "B451AJD-E", ("dahua", "probable", "intercom")),
        ("Lorex", "W462AQC-E", ("dahua", "possible", "camera")),
        ("Lorex", "C884DA", ("dahua", "possible", "camera")),
        ("LTS", "LTN8916-P16", ("hikvision", "probable", "recorder")),
        ("LTS", "CMIP9382W-S", ("hikvision", "probable", "camera")),
        ("LTS", "LTK6128W-WIFI", ("hikvision", "probable", "intercom")),
        ("LTS", "LTCMIP9783NW-SZ", ("hikvision", "possible", "camera")),
        ("Luma", "LUM-510-NVR-8CH", ("hikvision", "probable", "recorder")),
        ("Luma", "LUM-510-DOM-IPH", ("hikvision", "possible", "video")),
        ("Montavue", "MTB8110", ("dahua", "probable", "camera")),
        ("Montavue", "MNR8082", ("dahua", "probable", "recorder")),
        ("Nelly's", "NSC-DB2", ("hikvision", "probable", "intercom")),
        ("Prama", "PT-NRAS2B32-K4", ("hikvision", "probable", "recorder")),
        ("Pyronix", "ENF32APP", ("hikvision", "probable", "")),
        ("Q-See", "QC9116", ("dahua", "possible", "recorder")),
        ("RCA", "HSDB2A", ("hikvision", "probable", "intercom")),
        ("RVi", "1NCT2022", ("dahua", "possible", "camera")),
        ("Safire", "SF-NVR3104-W", ("hikvision", "probable", "recorder")),
        ("Speco", "O4P4X", ("dahua", "probable", "camera")),
        ("Uniden", "DB1", ("hikvision", "probable", "intercom")),
        ("W Box", "0E-8P16CH8TB", ("hikvision", "possible", "video")),
    ],
)
def test_a_number_under_its_label(ask: Ask, label: str, model: str, told: tuple[str, str, str]) -> None:
    (found,) = covered(ask(("inventory.item", f"{label} {model}"), ("inventory.model", model)))

    assert (found.maker, found.verdict.word, found.category) == told
    assert found.model == model


@pytest.mark.parametrize(
    "item",
    [
        "ABUS TVIP62560",
        "ABUS NVR10020",
        "ABUS IPCA66500",
        "Annke N48WHT",
        "Safire SF-NVR6108-8P",
        "Safire SF-IPB380A-8E1-NIGHTPRO",
        "Montavue MNB-8-101",
    ],
)
def test_a_number_of_a_mixed_line_waits_for_another_sign(ask: Ask, item: str) -> None:
    audited = ask(("inventory.item", item))

    assert covered(audited) == []
    assert audited.outcome is Outcome.UNDETERMINED
    assert "another sign must stand beside" in audited.why


def test_the_other_sign_names_the_label(ask: Ask) -> None:
    (found,) = covered(ask(("inventory.item", "ABUS NVR10020"), ("if.mac", "bc:ad:28:5a:00:18")))

    assert (found.maker, found.brand, found.verdict.word) == ("hikvision", "ABUS", "probable")


@pytest.mark.parametrize(
    ("item", "bought", "verdict"),
    [
        ("Pyronix ENF32APP", "2012-03-01", ""),
        ("Pyronix ENF32APP", "2018-03-01", "probable"),
        ("Lorex LNB4421B", "2013-06-01", ""),
        ("Lorex LNR1140", "2013-06-01", ""),
    ],
)
def test_a_unit_bought_before_the_maker_bought_the_label(ask: Ask, item: str, bought: str, verdict: str) -> None:
    found = covered(ask(("inventory.item", item), ("inventory.acquired", bought)))

    assert [one.verdict.word for one in found] == ([verdict] if verdict else [])


def test_a_prefix_of_lorex_says_nothing_of_a_unit_older_than_the_purchase(ask: Ask) -> None:
    old = ask(("inventory.mac", "00:1f:54:5a:00:17"), ("inventory.acquired", "2014-05-01"))

    assert covered(old) == []


@pytest.mark.parametrize("label", ["RCA", "SecurityTronix", "Nelly's Security", "Uniden", "Clare", "TRENDnet"])
def test_a_reply_of_the_platform_keeps_the_label_it_names(ask: Ask, label: str) -> None:
    (found,) = covered(ask(("isapi.deviceinfo", ISAPI.format(f"<manufacturer>{label}</manufacturer>"))))

    assert (found.maker, found.brand) == ("hikvision", label)


@pytest.mark.parametrize("label", ["EZIP", "Andy", "Techpro", "Kenik", "Night Owl"])
def test_a_reply_of_dahuas_platform_keeps_the_label_it_names(ask: Ask, label: str) -> None:
    (found,) = covered(ask(("dahua.sysinfo", f"vendor={label}\r\n")))

    assert (found.maker, found.brand) == ("dahua", label)


def test_the_type_a_doorbell_answers_with_names_its_label(ask: Ask) -> None:
    reply = "appAutoStart=true\r\ndeviceType=AD410\r\nprocessor=SSC339\r\n"
    reply += "serialNumber=5A0000APAZ00017\r\nupdateSerial=DB6I\r\n"
    (found,) = covered(ask(("dahua.sysinfo", reply)))

    assert (found.maker, found.brand) == ("dahua", "Amcrest")


def test_the_cloud_host_of_many_labels_names_none_and_no_intercom(ask: Ask) -> None:
    reply = ISAPI.format("<model>N46PCK</model><manufacturer>Annke</manufacturer><host>dev.guardingvision.com</host>")
    (found,) = covered(ask(("isapi.deviceinfo", reply)))
    (host,) = covered(ask(("http.response", "dev.guardingvision.com")))

    assert (found.brand, found.category) != ("Niko", "intercom")
    assert (found.brand, found.category in {"video", "recorder"}) == ("Annke", True)
    assert (host.brand, host.category) == ("", "video")
