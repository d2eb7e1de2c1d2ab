"""Huawei, ZTE and Hytera: what firmware writes convicts, what others write does not."""

from datetime import date

import pytest

from auditor.model import AuditedAsset, CollectedAsset, Fact, Outcome, Seen, Tier, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 21)
CHASSIS = "2102350ABCDEL6000017"
SWITCH = (("inventory.vendor", "Huawei"), ("inventory.model", "S5720-28X-SI-AC"))


@pytest.fixture(scope="module")
def judged():
    """Return a function that judges a device by facts: kind, value and command."""
    known = Knowledge(book=load(), registry=Registry.load())

    def ask(*said: tuple[str, ...]) -> AuditedAsset:
        facts = tuple(Fact(kind=one[0], value=one[1], where=one[2] if len(one) > 2 else "") for one in said)
        return judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts), known, TODAY)

    return ask


def verdicts(audited: AuditedAsset) -> dict[str, Verdict]:
    return {found.maker: found.verdict for found in audited.findings if found.tier is Tier.COVERED}


def row(vendor: str, model: str) -> tuple[tuple[str, str], ...]:
    return (("inventory.vendor", vendor), ("inventory.model", model))


# ── what clears nobody ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "note",
    [
        "replaced the old H3C S5500 in 2019",
        "uplink to Ruijie S5750",
        "stands beside the xFusion rack",
        "runs like Comware",
        "uplink to Huawei core",
        "3Com patch panel",
    ],
)
def test_a_note_takes_nothing_from_a_row_that_names_its_maker(judged, note: str) -> None:
    assert verdicts(judged(*SWITCH, ("inventory.description", note))) == verdicts(judged(*SWITCH))


@pytest.mark.parametrize(
    "words",
    [
        ("telnet.banner", "Comware training lab"),
        ("telnet.banner", "this is not an H3C"),
        ("ftp.banner", "220 H3C image archive"),
        ("http.title", "From H3C to Huawei"),
        ("http.title", "Ruijie and Huawei lab"),
    ],
)
def test_words_of_an_operator_take_nothing_from_what_the_firmware_says(judged, words: tuple[str, str]) -> None:
    own = ("telnet.banner", "Warning: Telnet is not a secure protocol, and it is recommended to use Stelnet.\nLogin:")
    assert verdicts(judged(own, words)) == {"huawei": Verdict.PROBABLE}


def test_what_comware_itself_prints_still_counts(judged) -> None:
    own = ("telnet.banner", "* Copyright (c) 2004-2015 Hangzhou H3C Tech. Co., Ltd. All rights reserved. *\nLogin:")
    assert judged(own).outcome is Outcome.NO_MATCH
    assert judged(("http.title", "H3C Web Management Platform")).outcome is Outcome.NO_MATCH


def test_a_free_script_on_the_makers_own_page_changes_nothing(judged) -> None:
    page = "<title>HG8245Q</title>Copyright &copy; Huawei Technologies Co., Ltd. 2012-2019. All rights reserved."
    plain = verdicts(judged(("http.response", page)))
    assert plain == {"huawei": Verdict.PROBABLE}
    assert verdicts(judged(("http.response", page + "<script>/* a library, MIT License */</script>"))) == plain


def test_xfusion_clears_no_server_of_before_its_time(judged) -> None:
    server = (*row("Huawei", "2288H V5"), ("inventory.acquired", "2019-03-01"))
    assert verdicts(judged(*server, ("http.title", "xFusion iBMC"))) == {"huawei": Verdict.PROBABLE}
    assert verdicts(judged(*server, ("snmp.enterprise", "58132"))) == {"huawei": Verdict.PROBABLE}
    assert judged(("snmp.enterprise", "58132"), ("http.title", "xFusion iBMC")).outcome is Outcome.NO_MATCH


@pytest.mark.parametrize("model", ["USG2110-F", "USG2130W", "USG2160BSR", "USG2205HSR", "USG2250"])
def test_a_small_usg_of_huawei_is_not_taken_for_zyxels(judged, model: str) -> None:
    assert verdicts(judged(("inventory.model", model))) == {"huawei": Verdict.PROBABLE}


# ── what convicts nobody, or no further than it carries ─────────────────────────────────────────────────────────────

PRODUCTS = ["ZXR10 5950", "SmartAX MA5800", "ZXA10 C320", "OptiX OSN 1800", "CloudEngine S5735", "Huawei NE40E-X8"]
PRODUCTS += [
    "Huawei HG8245H",
    "ZXCTN 6180",
    "Quidway S9306",
    "Hytera RD985",
    "SUN2000-10KTL",
    "Huawei Technologies gear",
]


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    "lead", ["Cisco IOS Software, C3750, uplink to", "Juniper mx204, to", "RouterOS CCR1036 feeds"]
)
@pytest.mark.parametrize("kind", ["snmp.sysdescr", "lldp.sysdescr", "cdp.platform"])
def test_a_product_named_further_in_is_not_the_device(judged, kind: str, lead: str, product: str) -> None:
    assert verdicts(judged((kind, f"{lead} {product} core"))) == {}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("snmp.sysdescr", "ZTE Ethernet Switch  ZXR10 5260-28TD-H, Version: V2.05.12B10"),
        ("lldp.sysdescr", "M6000v2.00.30(1.1.2), ZXR10, ZXR10 M6000-08 Software"),
        ("snmp.sysdescr", "SmartAX MA5683T Multi-service Access Module"),
        ("snmp.sysdescr", "ZXCTN 6180H-A"),
        ("snmp.sysdescr", "ZXR10 3906 NOS 9.07p2.ospf1/DS-P6-068-E0"),
        ("snmp.sysdescr", "ZXV10_W902_V1.0.02"),
        ("snmp.sysdescr", "Huawei Optix RTN V100R010C00SPC100"),
        ("snmp.sysdescr", "UPS 2000\nSNMP version: V100R002C02B190\nWebsite: http://www.huawei.com"),
    ],
)
def test_the_same_words_at_the_beginning_are(judged, kind: str, text: str) -> None:
    assert set(verdicts(judged((kind, text))).values()) == {Verdict.CONFIRMED}


@pytest.mark.parametrize("code", ["HWTC00A1B2C3", "5A54454700A1B2C3"])
def test_a_vendor_code_can_be_set_so_it_confirms_nobody(judged, code: str) -> None:
    assert set(verdicts(judged(("gpon.serial", code))).values()) == {Verdict.PROBABLE}
    assert set(verdicts(judged(*row("Nokia", "G-010S-P"), ("inventory.serial", code))).values()) == {Verdict.POSSIBLE}


HERITAGE = "Copyright(c) 2003-2006 Hangzhou Huawei-3Com Tech. Co., Ltd.\nVRP Software, Version 3.10, Release 0031\n"


def test_what_the_joint_venture_left_is_possible_and_both_sides_are_shown(judged) -> None:
    for said in (
        (("cli.output", HERITAGE + "Quidway S3526E uptime is 3 weeks", "display version"),),
        (("ssh.banner", "SSH-2.0-VRP-3.3"), ("if.mac", "00:0f:e2:5a:00:17")),
    ):
        (finding,) = [one for one in judged(*said).findings if one.maker == "huawei"]
        assert finding.verdict is Verdict.POSSIBLE
        assert any(item.rule.startswith("h3c/") for item in finding.against)


def test_a_quidway_of_huawei_alone_stays_probable(judged) -> None:
    own = "VRP Software, Version 3.10, Release 1510\nCopyright(c) 1998-2007 Huawei Technologies Co., Ltd.\n"
    reply = ("cli.output", own + "Quidway S6506R uptime is 3 weeks", "display version")
    assert verdicts(judged(reply)) == {"huawei": Verdict.PROBABLE}


@pytest.mark.parametrize(
    "said",
    [
        (("http.server", "IPWEBS/1.3.1"),),
        (("http.server", "CPE-SERVER/1.0 Supports only GET"),),
        (("http.server", "MF743/1.0 UPnP/1.0 miniupnpd/1.0"),),
        (("ftp.banner", "220 OX800 FTP version 1.0 ready"),),
        (("entity.mfg", "Allied Telesis"), ("entity.model", "AR4050S")),
        (("inventory.vendor", "Trikom"), ("inventory.model", "F609")),
    ],
)
def test_what_others_share_names_nobody(judged, said: tuple[tuple[str, str], ...]) -> None:
    assert verdicts(judged(*said)) == {}


# ── models and categories ───────────────────────────────────────────────────────────────────────────────────────────

SPELLINGS = [
    "HUAWEI", "HUAWEI TECHNOLOGIES CO.,LTD", "Huawei Technologies Co., Ltd.", "Huawei Technologies Co.,Ltd",
    "Huawei Tech",
    "Huawei Symantec Technologies Co.,Ltd.", "Huawei Device Co., Ltd.", "Huawei Technologies (USA)",
    "HUAWEI TECH. CO., LTD",
]  # fmt: skip


@pytest.mark.parametrize("vendor", SPELLINGS)
def test_every_spelling_of_the_vendor_leaves_the_model_clean(judged, vendor: str) -> None:
    (finding,) = judged(*row(vendor, "S5735-L24P4X-A1")).findings
    assert (finding.model, finding.category) == ("S5735-L24P4X-A1", "switch")


@pytest.mark.parametrize(
    ("vendor", "written", "model", "category"),
    [
        ("Huawei", "NetEngine 8000 V800R021C10SPC600", "NetEngine 8000", "router"),
        ("Huawei", "OceanStor 5300 V5 V500R007C60", "OceanStor 5300 V5", "storage"),
        ("Huawei", "AR6121E (V300R022C00SPC100)", "AR6121E", "router"),
        ("ZTE", "ZXDU68 S301", "ZXDU68 S301", "power"),
        ("zte corporation", "ZXHN H168N V3.5", "ZXHN H168N V3.5", "cpe"),
        ("ZTE", "F6600P", "F6600P", "ont"),
        ("ZTE Corporation", "ZXA10 C320", "ZXA10 C320", "olt"),
        ("ZTE", "ZXR10 M6000-8S", "ZXR10 M6000-8S", "router"),
        ("ZTE", "MC888B", "MC888B", "cpe"),
        ("Huawei", "OptiXstar P612E-E", "OptiXstar P612E-E", "ont"),
        ("Huawei", "USG6525E", "USG6525E", "firewall"),
        ("Huawei", "AirEngine 5761-21", "AirEngine 5761-21", "wlan"),
        ("Huawei", "UPS5000-E-200K", "UPS5000-E-200K", "power"),
        ("Huawei", "SmartLogger3000A", "SmartLogger3000A", "power"),
        ("Huawei", "OSN 1800 V", "OSN 1800 V", "transport"),
        ("Huawei", "RTN 950A", "RTN 950A", "microwave"),
        ("Huawei", "BBU5900", "BBU5900", "ran"),
        ("Huawei", "IVS1800-D16", "IVS1800-D16", "recorder"),
        ("Huawei", "M2120-EVL(7-35mm)", "M2120-EVL(7-35mm)", "camera"),
        ("Huawei", "TaiShan 200", "TaiShan 200", "server"),
        ("Huawei", "eSpace U1981", "eSpace U1981", "voice"),
        ("Hytera Communications Corporation Limited", "PNC380", "PNC380", "radio"),
    ],
)
def test_vendor_and_model_give_the_category_and_the_model_as_written(
    judged, vendor: str, written: str, model: str, category: str
) -> None:
    (finding,) = judged(*row(vendor, written)).findings
    assert (finding.model, finding.category) == (model, category)


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("OceanStor DeviceManager", "storage"),
        ("SmartLogger 3000A", "power"),
        ("EchoLife HG612 - Login", "ont"),
        ("OptiXstar HN8145X6", "ont"),
        ("Secoway USG2130", "firewall"),
    ],
)
def test_a_title_is_of_the_sort_its_name_says(judged, title: str, category: str) -> None:
    (finding,) = judged(("http.title", title)).findings
    assert (finding.verdict, finding.category) == (Verdict.PROBABLE, category)


ALONE = {
    "huawei": "CE6857-48S6CQ-EI S5720-28X-SI-AC S5731-H24T4XC NE40E-X8A NE8000-M14-DC ATN910C-B USG6555E "
    "MA5801-GP16 EA5800-X7"
    " RTN\u00a0950A OSN\u00a01800 UPS5000-E-200K HiSecEngine\u00a0USG6525E eKitEngine\u00a0S310-24T4S "
    "iMaster\u00a0NCE-Campus"
    " IVS1800-D16 HoloSens\u00a0M2120 EG8145V5 AP6050DN E3372h-320 Dorado-3000-v6 SDongleA-05 RH2288H\u00a0V3",
    "zte": "ZXHN\u00a0H298A ZXR10\u00a05960-56QU M6000-8S MF296C MC888B ZXDU68\u00a0S301 ZXA10\u00a0C600",
    "hytera": "PD785G RD985S PNC380 PDC760 MD785 HM785 PNC360S",
}
SHARED = [
    "S5700", "S5750-48GT4XS-HP-H", "AR1220", "AC6508", "USG2200", "CE12808", "2288H V5", "C600", "C320", "T8000-18",
    "F6600P", "F660", "5960-52TM-H", "VM685", "DS-6250", "HG659", "SUN2000", "2928E", "MU5001", "PTC680",
]  # fmt: skip


@pytest.mark.parametrize(
    ("maker", "model"), [(maker, model) for maker, all_ in ALONE.items() for model in all_.split(" ")]
)
def test_a_bare_number_that_one_maker_alone_prints_is_probable(judged, maker: str, model: str) -> None:
    assert verdicts(judged(("inventory.model", model.replace("\u00a0", " ")))) == {maker: Verdict.PROBABLE}


@pytest.mark.parametrize("model", SHARED)
def test_a_bare_number_that_several_print_stays_open_and_says_what_would_settle_it(judged, model: str) -> None:
    audited = judged(("inventory.model", model))
    assert audited.outcome is Outcome.UNDETERMINED
    assert "label" in audited.why


# ── replies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "reply", "maker", "verdict"),
    [
        (
            "display system sys-info",
            "  The description of this node:\n    Huawei Integrated Access Software\n",
            "huawei",
            3,
        ),
        (
            "show running-config",
            "add-rack rackno 1 racktype C320Rack\nadd-card rackno 1 shelfno 1 slotno 1 GTGH",
            "zte",
            2,
        ),
    ],
)
def test_an_access_node_is_known_by_the_words_of_its_system(judged, command, reply, maker, verdict) -> None:
    assert verdicts(judged(("cli.output", reply, command))) == {maker: Verdict(verdict)}
