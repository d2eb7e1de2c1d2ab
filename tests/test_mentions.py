"""A mention of a maker and a reply that says nothing neither accuse nor clear."""

from datetime import date

import pytest

from auditor.model import AuditedAsset, CollectedAsset, Fact, Outcome, Seen, Strength, Tier, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import load
from auditor.rules.match import match
from auditor.rules.oui import Registry
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 21)
VRP = "Huawei Versatile Routing Platform Software\nVRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)"

MENTIONS = [
    # Relays and viewers in front of somebody else's device.
    ("http.server", "", "nginx (Huawei reverse proxy)"),
    ("http.server", "", "Dahua-exporter/0.3"),
    ("http.server", "", "BlueIris-HTTP/1.1 Hikvision"),
    ("http.auth", "", 'Basic realm="Login to Hytera viewer"'),
    ("rtsp.auth", "", 'Digest realm="Hikvision-proxy"'),
    ("sip.server", "", "Kamailio (Dahua trunk)"),
    ("sip.useragent", "", "Linphone/5.0 (Hikvision P30)"),
    ("ftp.banner", "", "220 ZTE firmware mirror"),
    ("telnet.banner", "", "Ubuntu 22.04 LTS\njump host to HUAWEI MA5800-X7\nlogin: "),
    ("telnet.banner", "", "F5000 Login:"),
    # What an owner chose or noted.
    ("onvif.scopes", "", "onvif://www.onvif.org/name/Hikvision%20lobby onvif://www.onvif.org/hardware/P3245-LVE"),
    ("onvif.scopes", "", "onvif://www.onvif.org/name/Dahua%20lobby onvif://www.onvif.org/hardware/P3245-LVE"),
    ("onvif.scopes", "", "onvif://www.onvif.org/name/Huawei%20lobby onvif://www.onvif.org/hardware/P3245-LVE"),
    ("upnp.description", "", "<friendlyName>Hikvision media</friendlyName><manufacturer>Plex, Inc.</manufacturer>"),
    ("inventory.description", "", "Axis P3245, replaced Hikvision DS-2CD2143G2-I in 2023"),
    ("inventory.description", "", "Cisco 2960, uplink to HUAWEI MA5800-X7"),
    ("inventory.description", "", "was Dahua IPC-HFW2441S-S, now Cisco C9300"),
    ("snmp.sysdescr", "", "Blue Iris 5.7 server, cameras: Hikvision DS-2CD2143G2-I"),
    ("snmp.sysdescr", "", "Linux mon 5.15.0 x86_64, agent for YunShan OS"),
    ("tls.subject", "", "CN=frigate,O=Home,OU=Hikvision cams"),
    # Public sites and free software.
    ("tls.subject", "", "CN=*.huawei.com,O=Huawei Technologies Co., Ltd.,L=Shenzhen,C=CN"),
    (
        "http.response",
        "",
        "<!-- Copyright 2017 ZTE Corporation. Licensed under the Apache License, Version 2.0 --><html>",
    ),
    (
        "http.response",
        "",
        "<html><script>var ask = '<PTZData xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">'</script>",
    ),
    ("http.response", "", "<device><DeviceName>D200-50</DeviceName></device>"),
    # Numbers that others use too.
    ("http.title", "", "NVR2016"),
    ("http.title", "", "MT880"),
    # Commands of other systems.
    ("cli.output", "dir /srv/tftp", "-rw-r--r-- 1 root root 999 Jan  1  2025 vrpcfg.zip"),
    ("cli.output", "dir", "01/01/2025  12:00  1,234 S5700-V200R005C00SPC500.cc"),
    ("cli.output", "/system identity print", "  name: HUAWEI MA5800-X7"),
    ("cli.output", "show version", "Example OS 1.2\n Description: ZXR10 5960-64DL"),
    ("cli.output", "show interfaces description", "Gi0/1   up  up  to gpon-olt_1/2/3"),
]

NOTHING_SAID = [
    ("cli.output", "show version", "% Invalid input detected at '^' marker."),
    ("cli.output", "display version", "Error: Unrecognized command found at '^' position."),
    ("cli.output", "show version", "Permission denied"),
    ("cli.output", "show version", "Command authorization failed."),
    ("cli.output", "show version", "switch-1#"),
    ("cli.output", "show version", " --More-- "),
    ("cli.output", "show version", "Cisc"),
    ("cli.output", "show arp", "Address        Age  Hardware Addr\n192.0.2.1      5    0000.5e00.5317"),
    ("snmp.sysdescr", "", "No Such Object available on this agent at this OID"),
    ("snmp.sysdescr", "", "Hua"),
    ("snmp.sysobjectid", "", "1.3.6.1.2.1"),
    ("onvif.deviceinformation", "", "<s:Fault><s:Text>Sender not Authorized</s:Text></s:Fault>"),
    ("isapi.deviceinfo", "", "HTTP 401"),
    ("dahua.sysinfo", "", "Error"),
    ("inventory.vendor", "", "To be filled by O.E.M."),
]


@pytest.fixture(scope="module")
def judged():
    """Return a function that judges a device which said only the facts given."""
    known = Knowledge(book=load(), registry=Registry.load())

    def ask(*facts: Fact) -> AuditedAsset:
        return judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts), known, TODAY)

    return ask


def accused(audited: AuditedAsset) -> list[str]:
    return [f.maker for f in audited.findings if f.tier is Tier.COVERED and f.verdict > Verdict.POSSIBLE]


@pytest.mark.parametrize(("kind", "where", "value"), MENTIONS)
def test_a_text_that_mentions_a_maker_accuses_nobody(judged, kind: str, where: str, value: str):
    assert accused(judged(Fact(kind=kind, value=value, where=where))) == []


@pytest.mark.parametrize(("kind", "where", "value"), NOTHING_SAID)
def test_a_refusal_or_a_scrap_is_no_clean_bill(judged, kind: str, where: str, value: str):
    assert judged(Fact(kind=kind, value=value, where=where)).outcome is Outcome.UNDETERMINED


def test_what_a_note_mentions_is_a_hint_and_possible_at_most():
    note = Fact(kind="inventory.description", value="took the place of an Amcrest NV4108E-A2")
    asset = CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=(note,))
    (evidence,) = match(load(), asset, Registry.load())
    assert (evidence.strength, evidence.cap) == (Strength.HINT, Verdict.POSSIBLE)


def test_a_device_that_replaced_one_of_its_own_maker_stays_accused(judged):
    note = Fact(kind="inventory.description", value="Dahua IPC-HFW2441S-S, replaced a Dahua IPC-HFW1230S in 2023")
    assert accused(judged(note)) == ["dahua"]


@pytest.mark.parametrize(
    "about", ["self", "mac:", "lldp:", "ip:192.0.2.1\n", "\u202emac:001e105a0017", " ", "\x00", "part:"]
)
def test_what_is_said_about_another_never_accuses_who_said_it_however_the_other_is_written(judged, about: str):
    own = Fact(kind="snmp.sysdescr", value="Linux mon 5.15.0 x86_64")
    said = Fact(kind="lldp.sysdescr", value=VRP, where="1", about=about)
    assert accused(judged(own, said)) == []


def test_a_computer_with_a_modem_of_the_maker_is_not_the_makers(judged):
    system = Fact(kind="snmp.sysdescr", value="Linux gw 5.15.0-91-generic x86_64")
    card = Fact(kind="if.mac", value="00:14:22:5a:00:17", where="2")
    modem = Fact(kind="if.mac", value="34:4b:50:5a:00:17", where="3")
    assert accused(judged(system, modem)) == ["zte"]
    assert accused(judged(system, card, modem)) == []


def test_a_program_that_asks_cameras_by_their_paths_is_no_camera(judged):
    page = Fact(
        kind="http.response", value="<script>ask('/cgi-bin/magicBox.cgi?action=getSystemInfo')</script>", where="/"
    )
    stream = Fact(kind="rtsp.server", value="Rtsp Server/1.0")
    assert accused(judged(page, stream)) == []


def test_a_part_without_a_name_is_still_a_part(judged):
    own = Fact(kind="snmp.sysdescr", value="Linux mon 5.15.0 x86_64")
    audited = judged(own, Fact(kind="entity.mfg", value="HUAWEI", where="7", about="part:"))
    assert [bool(found.part) for found in audited.parts] == [True]
