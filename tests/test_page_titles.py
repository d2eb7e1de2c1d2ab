"""A page may be about a device and not of one.

Boards, exporters, manuals and lists on a server accuse the server of nothing.
"""

from datetime import date

import pytest

from auditor.model import CollectedAsset, Fact, Seen, Tier, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 21)
ABOUT = """
Hikvision Exporter|Hikvision ISAPI Dashboard|DS-2CD2143G2-I stream addresses|How to reset a Hikvision DVR
Camera board - Hikvision
Dahua Camera Viewer|Dahua Exporter|IPC-HFW2441S-S Manual|Kuma: Dahua NVR5216|Dahua or Hikvision?|Set up a DH-NVR4108
Hytera DMR Dashboard|Hytera talk groups|ZTE F660 Exporter|ZTE C320 ONU list|ONU Manager ZTE C320
ZXHN H108N config decoder
ZTE MF283+ unlocked|ZTE Corporation - encyclopaedia|Graphs: ZXR10 5960|Huawei HG8245H Unlock Tool
Huawei S5720 Config Generator
Huawei Lab Inventory|Huawei SMS Sender|SmartAX MA5608T Exporter|SUN2000-10KTL Dashboard
EchoLife HG8245 password calculator
Huawei OLT Manager|Huawei Config Server|Hikvision Device Manager|Dahua Camera Config
Hytera Network Management Console|ZTE OLT Platform
Huawei Technologies Co., Ltd - annual report|Ticket 17: USG6330 replaced|NetBox: Huawei S5720-28X|RH2288H V3 spare parts
""".strip().replace("\n", "|").split("|")  # fmt: skip
OWN = {
    "hikvision": ("HIKVISION Network Camera", "DS-7608NI-K2", "Hikvision DS-2CD2143G2-I - Login", "EZVIZ Camera"),
    "dahua": ("Dahua NVR", "DH-NVR4216-16P-4KS2", "Dahua Login", "DAHUA IPC-HFW2441S-S"),
    "zte": ("ZXHN H298A V1.1", "ZTE MF283+", "Welcome to ZXDSL 931WII", "ZTE 5G CPE MC801A", "F660"),
    "hytera": ("Hytera Repeater Web", "Hytera RD985S"),
    "huawei": ("HUAWEI USG6308E", "HG8245H", "Huawei Home Gateway", "OceanStor DeviceManager", "HUAWEI"),
}


@pytest.fixture(scope="module")
def sure():
    """Return a function that tells which covered makers a page title alone makes probable."""
    known = Knowledge(book=load(), registry=Registry.load())

    def judged(title: str) -> dict[str, Verdict]:
        facts = (Fact(kind="http.title", value=title, where="/"),)
        found = judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts), known, TODAY).findings
        return {one.maker: one.verdict for one in found if one.tier is Tier.COVERED and one.verdict > Verdict.POSSIBLE}

    return judged


@pytest.mark.parametrize("title", ABOUT)
def test_a_page_about_a_device_accuses_nobody(sure, title: str):
    assert sure(title) == {}


@pytest.mark.parametrize(("maker", "title"), [(maker, title) for maker, titles in OWN.items() for title in titles])
def test_a_page_of_a_device_names_its_maker_and_confirms_nothing(sure, maker: str, title: str):
    assert sure(title) == {maker: Verdict.PROBABLE}
