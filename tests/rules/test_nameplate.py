"""What a device is, whoever made it: read from its own words, books, hearsay, in this order."""

import gzip
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from auditor.errors import AuditorError
from auditor.model import DEVICE, About, AuditedAsset, Fact, Observation, Run, Seen, Target, kind_of
from auditor.pipeline import AuditCase, audit, learn
from auditor.rules import enterprises, systems
from tests.tools.enterprises_build import build, table

KNOWN = learn()
DAHUA = "deviceType=IPC-HDW2431T\r\nserialNumber=5E00000PAZ00017\r\nhardwareVersion=1.00\r\n"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def device(*facts: tuple[str, str], about: str = "", where: str = "1") -> AuditedAsset:
    """Return what is made of a device that says some facts of itself, or of a neighbour."""
    said = tuple(
        Fact(kind=kind_of(kind), value=value, where=where, about=About(about) if about else DEVICE)
        for kind, value in facts
    )
    seen = Observation(target=Target(address="192.0.2.1", site="hq"), collector="snmp", at=NOON, facts=said)
    assets = audit([seen], KNOWN, AuditCase(run=Run(id="r", started=NOON), finished=NOON, as_of=date(2026, 11, 21)))
    wanted = Seen.HEARD if about else Seen.READ
    return next(one for one in assets.assets if one.asset.seen is wanted)


def test_sysobjectid_names_the_holder_of_its_number_without_its_legal_form():
    assert device(("snmp.sysobjectid", "1.3.6.1.4.1.30826.2")).vendor == "Smartoptics"
    assert device(("snmp.sysobjectid", "1.3.6.1.4.1.9.1.1208")).vendor == "Cisco"


def test_a_librarys_number_names_nobody():
    assert device(("snmp.sysobjectid", "1.3.6.1.4.1.8072.3.2.10")).vendor == ""


def test_the_only_other_number_that_answered_names_who_a_library_hides():
    said = [("snmp.sysobjectid", "1.3.6.1.4.1.8072.3.2.10"), ("snmp.enterprise", "2021"), ("snmp.enterprise", "6574")]

    assert device(*said).vendor == "Synology"
    assert device(*said, ("snmp.enterprise", "24681")).vendor == ""


def test_a_description_says_vendor_model_firmware_and_role():
    item = device(
        ("snmp.sysdescr", "Arista Networks EOS version 4.28.3M running on an Arista Networks DCS-7280SR3-48YC8")
    )

    assert (item.vendor, item.model, item.firmware, item.role) == ("Arista", "DCS-7280SR3-48YC8", "4.28.3M", "switch")


def test_an_order_number_goes_before_a_series():
    described = (
        "snmp.sysdescr",
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE",
    )

    assert device(described).model == "C2960X"
    assert device(described, ("entity.model", "WS-C2960X-24PS-L")).model == "WS-C2960X-24PS-L"


def test_a_part_number_of_figures_gives_way_to_a_name():
    assert device(("entity.model", "1000000001-01")).model == "1000000001-01"
    assert device(("entity.model", "1000000001-01"), ("snmp.sysdescr", "XT3510-24GP")).model == "XT3510-24GP"


def test_a_model_in_the_place_of_a_maker_is_no_vendor():
    assert device(("entity.mfg", "XT3510-24GP"), ("entity.model", "XT3510-24GP")).vendor == ""


def test_own_words_go_before_what_an_inventory_states():
    stated = [("inventory.vendor", "Acme Networks, Inc."), ("inventory.model", "AN-100"), ("inventory.firmware", "1.2")]

    item = device(*stated)
    assert (item.vendor, item.model, item.firmware) == ("Acme Networks", "AN-100", "1.2")
    assert device(*stated, ("snmp.sysobjectid", "1.3.6.1.4.1.30065.1")).vendor == "Arista"


def test_a_neighbour_is_what_it_announces():
    item = device(("cdp.platform", "cisco WS-C2960X-48FPS-L"), about="lldp:sw2")

    assert (item.vendor, item.model) == ("Cisco", "WS-C2960X-48FPS-L")


@pytest.mark.parametrize(("services", "role"), [("6", "network"), ("78", "network"), ("72", ""), ("0", "")])
def test_the_layers_a_box_serves_are_a_hint_of_its_role(services, role):
    assert device(("snmp.value", services), where="1.3.6.1.2.1.1.7.0").role == role


def test_a_hint_gives_way_to_whatever_else_says_what_a_box_is():
    layers = Fact(kind="snmp.value", value="78", where="1.3.6.1.2.1.1.7.0")
    described = Fact(kind="snmp.sysdescr", value="Arista Networks EOS version 4.28.3M running on an Arista Networks X")
    seen = Observation(target=Target(address="192.0.2.1"), collector="snmp", at=NOON, facts=(layers, described))
    case = AuditCase(run=Run(id="r", started=NOON), finished=NOON, as_of=date(2026, 11, 21))

    assert audit([seen], KNOWN, case).assets[0].role == "switch"


def test_a_probable_finding_says_more_than_a_grammar():
    item = device(
        (
            "snmp.sysdescr",
            "S5720-28X-SI-AC\nHuawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170",
        ),
        ("inventory.vendor", "Dell"),
    )

    assert (item.vendor, item.model, item.role) == ("Huawei", "S5720-28X-SI-AC", "network")


def test_the_main_boards_serial_stands_in_where_the_box_has_none():
    board = (("entity.class", "module"), ("entity.name", "Main board"), ("entity.serial", "BRD0000042A"))
    part = tuple(Fact(kind=kind_of(kind), value=value, where="7", about=About("part:7")) for kind, value in board)
    seen = Observation(target=Target(address="192.0.2.1", site="hq"), collector="snmp", at=NOON, facts=part)
    case = AuditCase(run=Run(id="r", started=NOON), finished=NOON, as_of=date(2026, 11, 21))

    assert audit([seen], KNOWN, case).assets[0].asset.serial == "BRD0000042A"


GRAMMAR = """
[[system]]
id = "acme"
vendor = "Acme"
regex = '''^AcmeOS (?P<firmware>[\\d.]+)'''
source = "https://example.org"
never = ["{never}"]

  [[system.example]]
  value = "AcmeOS 1.2"
  firmware = "{firmware}"
"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GRAMMAR.format(never="Zenith 1", firmware="1.3"), "is read as"),
        (GRAMMAR.format(never="AcmeOS 9", firmware="1.2"), "is another's words"),
        (GRAMMAR.format(never="Zenith 1", firmware="1.2").replace("^Acme", "^(Acme"), "missing"),
        ('[spelling]\n"Acme" = ["Acme Inc"]\n"Zenith" = ["Acme"]\n', "is spelled"),
    ],
)
def test_a_grammar_unlike_its_examples_is_refused(text, complaint):
    with pytest.raises(AuditorError, match=complaint):
        systems.load(text)


def test_a_registry_that_is_not_what_its_source_counts_is_complained_of(tmp_path):
    whole = files("oui_rules") / enterprises.FOLDER
    assert list(enterprises.check(whole)) == []
    (tmp_path / enterprises.SOURCE).write_bytes((whole / enterprises.SOURCE).read_bytes())
    (tmp_path / enterprises.TABLE).write_bytes(gzip.compress(enterprises.HEAD + b"9\tCisco\n2\tIBM\n"))

    assert len(list(enterprises.check(tmp_path))) == 2


def test_the_table_holds_names_without_remarks_and_no_reserved_number():
    lines = ["# head", "0\tReserved", "9\tciscoSystems", "30065\tArista Networks, Inc.\t# formerly 'Arastra, Inc.'"]

    assert table(lines) == enterprises.HEAD + b"9\tciscoSystems\n30065\tArista Networks, Inc.\n"


def test_another_package_than_the_pinned_one_is_refused(tmp_path):
    (tmp_path / enterprises.SOURCE).write_bytes(
        (files("oui_rules") / enterprises.FOLDER / enterprises.SOURCE).read_bytes()
    )
    (tmp_path / "package.deb").write_bytes(b"another")

    with pytest.raises(AuditorError, match="pins another"):
        build(tmp_path, tmp_path / "package.deb")


@pytest.mark.parametrize(
    ("facts", "places"),
    [
        ([("entity.serial", "2102000000AA000042"), ("inventory.serial", "2102000000AA000043")], "table inventory"),
        ([("dahua.sysinfo", DAHUA), ("inventory.serial", "5E00000PAZ00018")], "reply inventory"),
        ([("dahua.sysinfo", DAHUA), ("entity.serial", "2102000000AA000042")], "hardware table reply"),
    ],
)  # fmt: skip
def test_two_serials_of_one_box_are_a_conflict(facts, places):
    (words,) = device(*facts).asset.conflicts

    assert [place in words for place in places.split()] == [True] * len(places.split())


@pytest.mark.parametrize(
    "stated", ["5E00000PAZ00017", "5e00000paz00017", "see label", "00000000", "IPC-5E00000PAZ00017"]
)
def test_one_number_spelled_twice_or_a_filler_is_no_conflict(stated):
    assert device(("dahua.sysinfo", DAHUA), ("inventory.serial", stated)).asset.conflicts == ()


@pytest.mark.parametrize(
    ("oid", "value", "firmware"),
    [
        ("1.3.6.1.4.1.2011.6.3.1.999.0", "MA5603TV800R018C10", "MA5603TV800R018C10"),
        ("1.3.6.1.4.1.2011.6.3.1.31.0", "SMU02BV500R002C20SPC101", "V500R002C20SPC101"),
        ("1.3.6.1.4.1.34774.4.1.1.6.0", "V300R006C50SPC100", "V300R006C50SPC100"),
        ("1.3.6.1.4.1.2011.2.235.1.1.11.50.1.4.11.65.99.116.105.118.101.32.105.66.77.67", "3.45", "3.45"),
        ("1.3.6.1.2.1.33.1.1.4.0", "V100R002C02", "V100R002C02"),
    ],
)
def test_firmware_stands_in_the_makers_own_variables(oid, value, firmware):
    assert device(("snmp.value", value), where=oid).firmware == firmware


def test_the_software_of_the_hardware_table_is_firmware():
    assert device(("entity.model", "XT-35"), ("entity.firmware", "4.2.1")).firmware == "4.2.1"


def test_a_covered_makers_number_on_anothers_box_names_nobody_but_its_builder():
    clock = device(("snmp.sysobjectid", "1.3.6.1.4.1.39165.1.6"), ("snmp.sysdescr", "SyncServer S600"))

    assert (clock.findings, clock.vendor) == ((), "Microsemi")


def test_another_maker_is_no_name():
    item = device(("inventory.vendor", "Axis"), ("inventory.model", "P3245-LV"))

    assert (item.findings, item.vendor, item.model) == ((), "Axis", "P3245-LV")


def test_a_terminal_is_named_by_the_vendor_code_of_its_serial():
    item = device(("gpon.serial", "ALCL0A000042"), about="gpon:ALCL0A000042")

    assert (item.vendor, item.role) == ("Nokia", "ont")


@pytest.mark.parametrize(
    ("stated", "role"),
    [("Access Switch", "switch"), ("IP phone", "voice"), ("NVR", "recorder"), ("Kitchen", "Kitchen")],
)
def test_an_inventory_states_what_a_device_does_in_the_vocabularys_words_or_its_own(stated, role):
    books = (("inventory.vendor", "Acme"), ("inventory.model", "X9"), ("inventory.role", stated))

    assert device(*books).role == role
    assert (
        device(
            *books, ("snmp.sysdescr", "Juniper Networks, Inc. ex4300-48p Ethernet Switch, kernel JUNOS 18.4R2-S7.4")
        ).role
        == "switch"
    )


@pytest.mark.parametrize(
    ("announces", "role"),
    [("bridge telephone", "voice"), ("B, W", "wlan"), ("B, R", "switch"), ("router", "router"), ("station", "")],
)
def test_a_neighbour_does_what_it_announces_where_nothing_better_says_it(announces, role):
    heard = (("lldp.chassis", "00:00:5e:00:53:01"), ("lldp.capabilities", announces))

    assert device(*heard, about="lldp:00005e005301").role == role
    assert device(*heard, ("lldp.sysdescr", "SPA112 adapter"), about="lldp:00005e005301").role == "voice"


def test_a_release_in_a_description_is_firmware():
    assert device(("snmp.sysdescr", "AP6050DN FIT, V200R019C10SPC800")).firmware == "V200R019C10SPC800"


@pytest.mark.parametrize(
    ("model", "outcome"), [("TP48300", "UNDETERMINED"), ("DS-6211", "UNDETERMINED"), ("MD785i", "MATCH")]
)
def test_a_bare_number_of_a_covered_maker_is_no_clean_bill(model, outcome):
    assert device(("inventory.model", model)).outcome.name == outcome
