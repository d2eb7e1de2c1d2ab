"""Every known way to be wrong about a maker, each named after the trap.

Thirty that accuse wrongly, nineteen that miss.

The engine, the rules and the registry are the real ones; the facts are what a collector or an import hands over.
"""

import tomllib
from datetime import UTC, date, datetime

import pytest

from auditor.model import Fact, Observation, Outcome, Seen, Target, Tier, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import builtin, load
from auditor.rules.oui import Kind, Registry
from tests.tools.judging import judge_one
from tests.tools.merging import merge

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
BOX = "192.0.2.7"
ENTERPRISES = "1.3.6.1.4.1."


@pytest.fixture(scope="module")
def known():
    """Return the rules and the registry; no law is asked here."""
    return Knowledge(book=load(), registry=Registry.load())


@pytest.fixture
def ask(known):
    """Return a function that judges everything one observation shows.

    The box first, then the neighbours it heard.
    """

    def judged(*said):
        facts = tuple(fact if isinstance(fact, Fact) else Fact(kind=fact[0], value=fact[1]) for fact in said)
        seen = Observation(target=Target(address=BOX), collector="test", at=AT, facts=facts)
        assets = [judge_one(asset, known, TODAY) for asset in merge([seen], known.identifies)]
        return sorted(assets, key=lambda one: one.asset.seen is not Seen.READ)

    return judged


def oid(arcs):
    return ("snmp.sysobjectid", ENTERPRISES + arcs)


def accused(assets, least=Verdict.POSSIBLE):
    """Return the covered makers the box itself is taken for, at a verdict or above."""
    return {f.maker for f in assets[0].findings if f.tier is Tier.COVERED and f.verdict >= least}


def finding(assets, maker):
    return next(f for f in assets[0].findings if f.maker == maker)


# ── accusing wrongly ────────────────────


def test_a_syncserver_under_hikvisions_number_is_a_time_server(ask):
    clock = ask(oid("39165.1.6"), ("snmp.enterprise", "39165"))

    assert accused(clock) == set()
    assert clock[0].outcome is Outcome.NO_MATCH


def test_hikvisions_number_needs_a_second_sign(ask):
    # The number alone is borrowed by others: it needs a second sign, such as objects that answer under it.
    assert accused(ask(oid("39165.1.1")), Verdict.PROBABLE) == set()
    assert accused(ask(oid("39165.1.1"), ("snmp.enterprise", "39165")), Verdict.PROBABLE) == {"hikvision"}


def test_the_lwip_default_number_is_no_hytera_repeater(ask):
    assert accused(ask(oid("26381"), ("snmp.enterprise", "26381"))) == set()


def test_the_number_of_scildon_alone_is_no_hikvision_recorder(ask):
    assert accused(ask(oid("50001"), ("snmp.enterprise", "50001"))) == set()
    recorder = ask(oid("50001"), ("snmp.sysdescr", "Hikvision company products"))
    assert accused(recorder, Verdict.PROBABLE) == {"hikvision"}


@pytest.mark.parametrize("arcs", ["2011.10.1.33", "43.45.1.2.23.5"])
def test_products_of_the_joint_venture_with_3com_are_a_matter_of_date(ask, arcs):
    switch = ask(oid(arcs), ("snmp.enterprise", "2011"))

    assert accused(switch, Verdict.PROBABLE) == set()


def test_comware_is_not_vrp(ask):
    switch = ask(
        ("snmp.sysdescr", "H3C Comware Platform Software, Software Version 7.1.070, Release 6708P02"),
        ("snmp.enterprise", "2011"),
    )

    assert accused(switch) == set()


def test_a_server_controller_of_huawei_may_be_xfusions_since_it_was_sold(ask):
    server = ask(oid("2011.2.235"), ("snmp.sysdescr", "Hardware management system"), ("snmp.enterprise", "2011"))

    assert accused(server) == {"huawei"}
    assert accused(server, Verdict.PROBABLE) == set()


def test_a_huawei_optic_in_anothers_switch_is_a_part_of_it(ask):
    row = "68"
    switch = ask(
        oid("35265.1.81"),
        ("snmp.sysdescr", "MES3324F 28-port 1G/10G Managed Switch"),
        Fact(kind="entity.mfg", value="HUAWEI", where=row),
        Fact(kind="entity.class", value="port", where=row),
        Fact(kind="entity.descr", value="SFP transceiver", where=row),
    )

    assert accused(switch) == set()
    assert {part.maker for part in switch[0].parts} <= {"huawei"}


@pytest.mark.parametrize("maker", ["OEM", "FS", "WTD", "PRECISION", "HISILICON"])
def test_the_makers_of_optics_and_drivers_in_a_chassis_name_no_box(ask, maker):
    assert accused(ask(oid("9.1.1"), Fact(kind="entity.mfg", value=maker, where="9"))) == set()


def test_what_lldp_says_of_a_neighbour_names_the_neighbour_alone(ask):
    about = "lldp:00:1e:10:5a:00:17"
    own, neighbour = ask(
        oid("35265.1.81"),
        ("snmp.sysdescr", "MES2324P 28-port 1G/10G Managed Switch"),
        Fact(kind="lldp.chassis", value="00:1e:10:5a:00:17", about=about),
        Fact(kind="lldp.sysdescr", value="Huawei Switch S9306", about=about),
    )

    assert accused([own]) == set()
    assert accused([neighbour], Verdict.PROBABLE) == {"huawei"}
    assert neighbour.asset.seen is Seen.HEARD


@pytest.mark.parametrize("kind", ["snmp.sysname", "snmp.syslocation", "if.descr", "if.name", "dhcp.hostname"])
def test_words_an_operator_chose_accuse_nobody(ask, kind):
    assert accused(ask(oid("9.1.1"), (kind, "Mgmt LAB Huawei S5720 ZTE Hikvision Dahua Hytera"))) == set()


@pytest.mark.parametrize("kind", ["telnet.banner", "ftp.banner", "banner.other"])
@pytest.mark.parametrize("maker", ["Huawei", "Hikvision", "Dahua", "Hytera"])
def test_a_name_in_a_greeting_an_operator_wrote_is_not_enough(ask, kind, maker):
    assert accused(ask((kind, f"Link to {maker} core, call 555 before work")), Verdict.PROBABLE) == set()


def test_a_phone_in_the_arp_table_is_an_end_users_device(ask):
    about = "mac:003de15a0017"
    own, phone = ask(
        ("snmp.sysdescr", "RouterOS RB4011iGS+"), Fact(kind="arp.mac", value="00:3d:e1:5a:00:17", about=about)
    )

    assert accused([own]) == set()
    assert finding([phone], "huawei").category == "handset"
    assert finding([phone], "huawei").verdict <= Verdict.PROBABLE


@pytest.mark.parametrize(
    "name", ["Aztech", "Naztec, Inc.", "Viztech", "ZTEC Instruments", "Brähler ICS Konferenztechnik AG", "Aztek"]
)
def test_the_letters_zte_inside_another_name_are_not_zte(ask, name):
    for kind in ("inventory.vendor", "entity.mfg", "snmp.sysdescr", "http.server", "dhcp.vendorclass"):
        assert accused(ask((kind, name))) == set(), kind


@pytest.mark.parametrize(
    "name",
    [
        "Shanghai Dahua Scale Factory",
        "Dahua Electronics Corporation",
        "Hikari Co.,Ltd.",
        "Shenzhen Hikeen Technology CO.,LTD",
        "D-Hike Electroncs Technology Co.,Ltd",
        "Hochiki Corporation",
        "Shenzhen Haiyingzhilian Industrial Co., Ltd.",
        "Wuxi Zhongxing Optoelectronics Technology Co.,Ltd.",
    ],
)
def test_names_that_hold_a_covered_makers_syllables_are_other_companies(ask, known, name):
    assert accused(ask(("inventory.vendor", name))) == set()
    registry_rules = [rule for rule in known.book.rules if rule.registry]
    assert not [rule.id for rule in registry_rules if name in rule.registrants and rule.says.maker in {"dahua", "zte"}]


def test_lorex_industries_is_not_the_camera_label(ask):
    assert accused(ask(oid("14457.1"), ("inventory.vendor", "Lorex Industries, Inc."))) == set()


@pytest.mark.parametrize("name", ["Teltronic AG", "Teltronics, Inc."])
def test_teltronics_is_not_teltronic(ask, name):
    assert accused(ask(("inventory.vendor", name))) == set()
    assert accused(ask(oid("3600.1"))) == set()


@pytest.mark.parametrize("model", ["USG60", "USG-PRO-4", "USG FLEX 200", "USG-3P", "USG2200", "USG2200-VPN", "USG1900"])
def test_usg_is_a_word_of_three_makers(ask, model):
    assert accused(ask(("inventory.model", model)), Verdict.PROBABLE) == set()


@pytest.mark.parametrize("model", ["USG6555E", "USG2130", "USG2205BSR", "USG9520"])
def test_a_usg_of_four_figures_is_huaweis_where_the_others_have_none(ask, model):
    assert accused(ask(("inventory.model", model)), Verdict.PROBABLE) == {"huawei"}
    assert accused(ask(("inventory.model", model), ("inventory.vendor", "Huawei")), Verdict.PROBABLE) == {"huawei"}


@pytest.mark.parametrize("model", ["S5130-28S-EI", "S5700-28C", "S5750-48GT4XS-HP-H", "S5850-48S6Q", "S4600-28P-SI"])
def test_an_s_number_needs_its_brand(ask, model):
    assert accused(ask(("inventory.model", model)), Verdict.PROBABLE) == set()
    assert accused(ask(("inventory.model", model), ("inventory.vendor", "H3C"))) == set()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("http.server", "Cross Web Server"), ("http.server", "uc-httpd 1.0.0"), ("http.title", "NETSurveillance WEB")],
)
def test_a_recorder_on_a_hisilicon_chip_is_neither_hikvision_nor_dahua(ask, kind, words):
    recorder = ask((kind, words))

    assert accused(recorder) == set()
    assert [part.category for part in recorder[0].parts] == ["component"]


def test_welcome_to_zxdsl_is_zte_whatever_nmap_calls_it(ask):
    assert accused(ask(("telnet.banner", "Welcome to ZXDSL 531\r\nlogin:")), Verdict.PROBABLE) == {"zte"}


def test_a_certificate_shared_by_a_development_kit_is_no_evidence(ask, known):
    shared = "6cf53ed14fe53f7321940911dc93ff8dbe9d4b4116a6ed95b41fb60d834c8780"

    assert accused(ask(("tls.subject", "CN=gateway,O=Broadcom"), ("http.response", shared))) == set()
    assert not [rule.id for rule in known.book.rules if shared in rule.regex]


def test_the_favicon_hash_on_contradictory_lists_is_no_evidence(ask):
    assert accused(ask(("http.favicon", "999357577"))) == set()


@pytest.mark.parametrize("brand", ["Alibi", "Amcrest", "Honeywell", "Bosch", "Panasonic", "Speco", "Luma", "AVYCON"])
def test_no_brand_is_accused_for_its_name(ask, brand):
    for kind in ("inventory.vendor", "onvif.deviceinformation", "http.title"):
        assert accused(ask((kind, brand))) == set(), kind


@pytest.mark.parametrize("brand", ["Alibi", "SecurityTronix", "Advidia", "Annke", "Q-See", "Montavue"])
def test_a_brand_that_changed_its_maker_needs_more_than_its_name(ask, brand):
    assert accused(ask(("inventory.vendor", brand))) == set()


@pytest.mark.parametrize("path", ["/cam/realmonitor?channel=1&subtype=0", "/Streaming/Channels/101"])
def test_a_stream_path_that_clones_copy_is_weak(ask, path):
    camera = ask(("banner.other", f"rtsp://192.0.2.7:554{path}"))

    assert accused(camera, Verdict.PROBABLE) == set()


def test_a_tp_link_recording_in_dahuas_file_format_is_no_dahua(ask):
    assert accused(ask(("http.title", "VIGI C340"), ("banner.other", "DHAV"))) == set()


def test_gw_securitys_pages_resemble_hikvisions_and_are_not(ask):
    pages = (
        ("http.response", 'window.location.href = "/doc/page/login.asp"'),
        ("http.response", "<LoginTips2>User name cannot be longer than 16 characters</LoginTips2>"),
    )

    assert accused(ask(*pages)) == set()


@pytest.mark.parametrize(
    ("mac", "maker"),
    [
        ("00:a3:07:5a:00:17", "huawei"),
        ("e8:ff:1e:45:a0:17", "huawei"),
        ("44:1a:4c:5a:00:17", "huawei"),
        ("00:1e:96:5a:00:17", "hytera"),
        ("00:04:18:5a:00:17", "hytera"),
    ],
)
def test_divested_firms_are_at_most_possible(ask, mac, maker):
    assert accused(ask(("if.mac", mac)), Verdict.PROBABLE) == set()
    assert {found.maker for found in ask(("if.mac", mac))[0].findings} <= {maker, "sepura", "teltronic"}


def test_a_phone_of_honor_is_honors_since_the_sale(ask):
    phone = ask(("inventory.vendor", "Honor Device Co., Ltd."))

    assert accused(phone) == set()
    assert phone[0].outcome is Outcome.NO_MATCH


@pytest.mark.parametrize("mac", ["3a:72:c2:5a:00:17", "4a:c0:3f:5a:00:17"])
def test_a_company_id_with_the_local_bit_is_no_registry_entry(ask, mac):
    assert accused(ask(("if.mac", mac)), Verdict.PROBABLE) == set()


def test_a_random_address_is_never_looked_up(ask, known):
    twin = "021e105a0017"  # 00-1E-10 is Huawei's; the local bit makes it anybody's

    assert known.registry.kind(twin) is Kind.LOCAL
    assert accused(ask(("if.mac", "02:1e:10:5a:00:17"))) == set()


def test_a_dongle_in_a_server_is_a_part_and_not_the_host(ask):
    host = ask(("snmp.sysdescr", "Peplink Balance 20X"), ("usb.id", "12d1:1506"))

    assert accused(host, Verdict.PROBABLE) == set()


def test_no_rule_rests_on_machine_written_pages(known):
    assert not [rule.id for rule in known.book.rules if "51sen" in rule.source]


# ── missing what is there ────────────────────


def test_yunshan_is_huawei_though_it_says_neither_vrp_nor_versatile(ask):
    text = "Huawei YunShan OS\nVersion 1.23.0.1 (S5700 V600R023C00SPC100) \r\nHUAWEI CloudEngine S5735-S-V2"
    switch = ask(("snmp.sysdescr", text))

    assert accused(switch, Verdict.CONFIRMED) == {"huawei"}
    assert "Versatile" not in text


@pytest.mark.parametrize("arcs", ["56813.2.23.814", "2011.2.379.7"])
def test_futurematrix_is_found_under_both_numbers(ask, arcs):
    assert accused(ask(oid(arcs)), Verdict.PROBABLE) == {"huawei"}


def test_dahua_is_found_under_the_number_nobody_assigned(ask):
    assert accused(ask(oid("1004849.3.2.10")), Verdict.CONFIRMED) == {"dahua"}


def test_a_hikvision_camera_without_an_identifier_is_found_by_its_own_scalar(ask):
    scalar = Fact(kind="snmp.value", value="DS-2CD2T43G2-2I", where=ENTERPRISES + "39165.1.1.0")
    camera = ask(scalar)

    assert finding(camera, "hikvision").verdict is Verdict.CONFIRMED
    assert finding(camera, "hikvision").model == "DS-2CD2T43G2-2I"


def test_a_huawei_power_card_behind_net_snmps_number_is_found_by_its_scalar(ask):
    generic = oid("8072.3.2.10")

    assert ask(generic)[0].outcome is Outcome.UNDETERMINED
    monitor = ask(generic, Fact(kind="snmp.value", value="SMU02C", where=ENTERPRISES + "2011.6.164.1.1.1.4.0"))
    assert accused(monitor, Verdict.PROBABLE) == {"huawei"}
    ups = ask(generic, Fact(kind="snmp.value", value="HUAWEI", where="1.3.6.1.2.1.33.1.1.1.0"))
    assert accused(ups, Verdict.PROBABLE) == {"huawei"}


@pytest.mark.parametrize(
    ("text", "arcs", "maker"),
    [
        ("ISM SNMP Agent", "2011.2.91", "huawei"),
        ("C300 Version V2.0.1 Software", "3902.1082.1001.300.2.1", "zte"),
        ("NVR", "1004849.3.2.10", "dahua"),
        ("none", "1004849.3.2.10", "dahua"),
    ],
)
def test_a_text_without_a_name_is_settled_by_the_identifier(ask, text, arcs, maker):
    assert accused(ask(("snmp.sysdescr", text), oid(arcs)), Verdict.PROBABLE) == {maker}


def test_an_annke_on_a_third_partys_prefix_is_found_by_what_the_platform_keeps(ask):
    camera = ask(
        ("if.mac", "d0:3b:f4:5a:00:17"),
        ("sadp.reply", "<ProbeMatch><DeviceDescription>C800</DeviceDescription></ProbeMatch>"),
    )

    assert accused(camera, Verdict.PROBABLE) == {"hikvision"}


@pytest.mark.parametrize("mac", ["b0:b3:53:65:a0:17"])
def test_a_block_of_28_bits_names_its_owner_and_not_the_registry(ask, known, mac):
    assert known.registry.registrant(mac.replace(":", "")) == "Hangzhou Hikrobot Technology Co., Ltd."
    assert accused(ask(("if.mac", mac)), Verdict.PROBABLE) == {"hikvision"}


def test_the_table_of_prefixes_tells_its_date(known):
    assert known.tables().oui is not None
    assert known.tables().oui >= date(2026, 6, 25)


def test_cameras_behind_a_recorder_are_no_part_of_its_silence(ask):
    """What a recorder hides cannot be seen.

    What its own table lists about them is heard, and named.
    """
    about = "mac:bcad285a0018"
    recorder, camera = ask(
        ("snmp.sysdescr", "Hikvision company products"), Fact(kind="arp.mac", value="bc:ad:28:5a:00:18", about=about)
    )

    assert accused([recorder]) == {"hikvision"}
    assert accused([camera]) == {"hikvision"}


def test_a_mac_behind_a_router_is_learned_from_the_switch_that_has_it(ask):
    _, camera = ask(
        ("snmp.sysdescr", "Cisco IOS Software, C2960X"),
        Fact(kind="fdb.mac", value="bc:ad:28:5a:00:19", about="mac:bcad285a0019"),
    )

    assert accused([camera], Verdict.PROBABLE) == {"hikvision"}


@pytest.mark.parametrize(
    ("serial", "maker"), [("HWTC0A0B0C17", "huawei"), ("485754430A0B0C17", "huawei"), ("ZTEG0A0B0C17", "zte")]
)
def test_a_terminal_in_bridge_mode_is_named_by_its_serial_on_the_olt(ask, serial, maker):
    own, terminal = ask(("snmp.sysdescr", "Calix E7-2"), Fact(kind="gpon.serial", value=serial, about=f"gpon:{serial}"))

    assert accused([own]) == set()
    assert accused([terminal], Verdict.PROBABLE) == {maker}


@pytest.mark.parametrize(
    ("name", "maker"), [("Huawei Technologies", "huawei"), ("zte", "zte"), ("Zhejiang Dahua Technology", "dahua")]
)
def test_a_name_nmap_shortened_is_still_that_maker(ask, name, maker):
    assert accused(ask(("inventory.vendor", name)), Verdict.PROBABLE) == {maker}


def test_a_neutral_camera_is_found_by_what_the_label_does_not_cover(ask):
    assert accused(ask(("rtsp.auth", 'Digest realm="IP Camera(C4321)"')), Verdict.PROBABLE) == {"hikvision"}
    general = ask(("dahua.sysinfo", "vendor=General\r\n"))
    assert accused(general, Verdict.PROBABLE) == {"dahua"}


@pytest.mark.parametrize("mac", ["00:00:5e:00:01:0a", "00:00:5e:00:02:0a", "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01"])
def test_a_virtual_router_address_names_no_maker(ask, known, mac):
    assert known.registry.kind(mac.replace(":", "")) is Kind.VIRTUAL
    assert ask(("if.mac", mac))[0].findings == ()


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("ZTE ZXR10 5960-52TM Software, 5900 Version: V3.03.11", "zte"),
        ("Huawei Versatile Routing Platform Software\nVRP (R) software, Version 8.180 (CE6881 V200R019C10)", "huawei"),
    ],
)
def test_what_netmikos_detection_does_not_know_is_known_here(ask, text, maker):
    assert accused(ask(("snmp.sysdescr", text)), Verdict.CONFIRMED) == {maker}


@pytest.mark.parametrize(
    "reply",
    [
        "FutureMatrix S5736-S48S4XC Routing Switch uptime is 3 weeks",
        "Huarong Versatile Routing Platform Software\nVRP (R) software, Version 5.170 (S5736 V200R022C00SPC500)",
    ],
)
def test_futurematrix_at_the_command_line_never_says_huawei(ask, reply):
    switch = ask(Fact(kind="cli.output", value=reply, where="display version"))

    assert "Huawei" not in reply
    assert accused(switch, Verdict.PROBABLE) == {"huawei"}


def test_luminys_and_lorex_are_decided_by_what_the_platform_keeps(ask):
    assert accused(ask(("inventory.vendor", "Luminys"))) == set()
    assert accused(ask(("if.mac", "80:43:5e:5a:00:17")), Verdict.PROBABLE) == set()
    lorex = ask(("rtsp.server", "Dahua Rtsp Server"), ("if.mac", "00:1f:54:5a:00:17"))
    assert accused(lorex, Verdict.PROBABLE) == {"dahua"}


@pytest.mark.parametrize(("model", "maker"), [("DS-3E0318P-E/M", "hikvision"), ("DH-PFS3010-8ET-96", "dahua")])
def test_network_switches_of_the_camera_makers_are_theirs_too(ask, model, maker):
    assert accused(ask(("inventory.model", model)), Verdict.PROBABLE) == {maker}


def test_a_withdrawn_rule_does_not_come_back_under_its_old_name(known):
    withdrawn = tomllib.loads((builtin() / "retired" / "retired.toml").read_text(encoding="utf-8"))["retired"]

    assert withdrawn
    assert all(entry["because"].endswith(".") and entry["on"] <= datetime.now(UTC).date() for entry in withdrawn)
    assert {entry["id"] for entry in withdrawn}.isdisjoint(known.book.by_id())
