"""Who speaks decides: notes hint, neighbours convict nobody who answered, none clears.

A grid of other makers' devices with every way a note can mention a covered product, read by the real importers; and one
of forged LLDP and CDP frames about devices that answered.
"""

import csv
import io
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor import pipeline
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Outcome, Run, Seen, Target, Tier, Verdict
from auditor.rules.labelled import spells

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
KNOWN = pipeline.learn(choice=pipeline.PolicyChoice(ids=["us-fcc-covered-list"]))
CASE = pipeline.AuditCase(run=Run(id="r", started=AT), finished=AT, as_of=AT.date())

# Twenty makers no list covers, with a product and the words its firmware writes into sysDescr.
OTHERS = (
    ("Cisco", "C9300-24T", "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4"),
    ("Juniper", "MX204", "Juniper Networks, Inc. mx204 internet router, kernel JUNOS 21.4R3-S4.9"),
    ("Arista", "DCS-7050SX3", "Arista Networks EOS version 4.30.1F running on an Arista Networks DCS-7050SX3-48YC8"),
    ("MikroTik", "CCR2004-1G-12S+2XS", "RouterOS CCR2004-1G-12S+2XS"),
    ("Nokia", "7750 SR-1", "TiMOS-C-22.10.R3 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2022 Nokia."),
    ("Calix", "E7-2", "Calix E7-2, 22.2.0.1"),
    ("Adtran", "NetVanta 3448", "NetVanta 3448, Version: R13.11.0.E, Date: Mon Feb 22 2021"),
    ("Fortinet", "FortiGate 100F", "FortiGate-100F v7.2.5,build1517,230606"),
    ("Palo Alto", "PA-440", "Palo Alto Networks PA-400 series firewall"),
    ("Extreme", "X465-48P", "ExtremeXOS (X465-48P) version 31.7.1.4 by release-manager"),
    ("Axis", "P3245-LV", "; AXIS P3245-LV; Network Camera; 11.6.94; Sep 11 2023 10:11; 7DB; 1;"),
    ("Hanwha Vision", "XNV-8083R", "Hanwha Vision XNV-8083R"),
    ("Vivotek", "FD9391-EHTV", "VIVOTEK FD9391-EHTV"),
    ("Avigilon", "H5A-BO-IR", "Avigilon H5A-BO-IR"),
    ("Ubiquiti", "USW-Pro-48-PoE", "USW-Pro-48-PoE, 6.5.59, Linux 3.6.5"),
    (
        "Dell",
        "S5248F-ON",
        "Dell EMC Networking OS10 Enterprise. System Description: OS10 Enterprise. OS Version: 10.5.4.4.",
    ),
    ("Allied Telesis", "AT-x530-28GPXm", "Allied Telesis router/switch, Software (AlliedWare Plus) Version 5.5.3-0.1"),
    ("Brother", "HL-L6400DW", "Brother NC-8300h, Firmware Ver.1.21  (19.03.26),MID 84U-F04,FID 2"),
    ("APC", "SMT1500RM2U", "APC Web/SNMP Management Card (MB:v4.1.0 PF:v2.5.0.8 PN:apc_hw21_aos_2508.bin)"),
    ("Motorola Solutions", "SLR 5700", "Motorola Solutions SLR 5700 repeater"),
)
# What a covered product is called in a note, with its maker.
PRODUCTS = (
    ("huawei", "Huawei S5720-28X-LI-AC"),
    ("zte", "ZTE ZXR10 5950-H"),
    ("hikvision", "Hikvision DS-2CD2143G2-I"),
    ("dahua", "Dahua DH-IPC-HFW2431S-S-S2"),
    ("hytera", "Hytera PD785G"),
)
# How people mention it: English, German, French, Spanish.
NOTES = (
    "uplink to {}",
    "replaced the old {} in 2023",
    "{} was here before",
    "{} decommissioned 2022-05, swap of cabinet",
    "spare for {}; same power supply",
    "monitors {} at the gate",
    "Anbindung an {}, Port 7",
    "Ersatz für {} seit März",
    "früher {}, jetzt neu",
    "liaison vers {} (cœur)",
    "remplace {} depuis 2023",
    "enlace hacia {}, sala 2",
    "sustituye al {} retirado",
)


def judged(*records):
    return pipeline.audit(records, KNOWN, CASE).assets


def covered(item, level=Verdict.POSSIBLE):
    return [finding for finding in item.findings if finding.tier is Tier.COVERED and finding.verdict >= level]


@pytest.fixture
def imported(tmp_path):
    """Return a function that writes a file and returns the assets made of it."""

    def assets(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return judged(*read(SourceFile(path=path, site="hq", at=AT, warn=lambda _line: None)))

    return assets


def mentions():
    """Yield maker, device, product and a note on it: 20 makers with 13 ways of 5 products."""
    for (maker, model, descr), (number, note) in itertools.product(OTHERS, enumerate(NOTES)):
        yield maker, model, descr, note.format(PRODUCTS[number % len(PRODUCTS)][1])


def as_csv(title, rows):
    text = io.StringIO()
    csv.writer(text).writerows([title, *rows])
    return text.getvalue()


@pytest.mark.parametrize("title", ["Description", "Notes", "Bemerkung", "Remarque", "Observaciones"])
def test_a_note_in_a_table_accuses_nobody(imported, title):
    rows = [
        (f"10.{at // 250}.0.{at % 250 + 1}", maker, model, note)
        for at, (maker, model, _, note) in enumerate(mentions())
    ]

    items = imported("inventory.csv", as_csv(("ip", "vendor", "model", title), rows))

    assert len(items) == len(rows) == 260
    assert [item.asset.address for item in items if covered(item, Verdict.PROBABLE)] == []


@pytest.mark.parametrize("place", ["description", "comments"])
def test_a_note_in_netbox_accuses_nobody(imported, place):
    devices = [
        {
            "id": at,
            "name": f"dev{at}",
            "device_type": {"model": model, "manufacturer": {"name": maker}},
            "site": {"name": "hq"},
            place: note,
        }
        for at, (maker, model, _, note) in enumerate(mentions())
    ]

    items = imported("netbox.json", json.dumps({"count": len(devices), "next": None, "results": devices}))

    assert len(items) == len(devices)
    assert [item.asset.name for item in items if covered(item, Verdict.PROBABLE)] == []


@pytest.mark.parametrize("kind", ["snmp.syslocation", "snmp.sysname", "if.descr", "inventory.description"])
def test_a_note_beside_what_a_device_says_accuses_nobody(kind):
    records = [
        Observation(
            target=Target(address=f"192.0.2.{at}"),
            collector="snmp",
            at=AT,
            facts=(Fact(kind="snmp.sysdescr", value=descr), Fact(kind=kind, value=note)),
        )
        for at, (_, _, descr, note) in enumerate(mentions())
    ]

    assert [item.asset.key for item in judged(*records) if covered(item, Verdict.PROBABLE)] == []


def test_an_operators_words_behind_what_the_firmware_writes_accuse_nobody():
    records = [
        Observation(
            target=Target(address=f"192.0.2.{at}"),
            collector="snmp",
            at=AT,
            facts=(Fact(kind="snmp.sysdescr", value=f"{descr}, {note}"),),
        )
        for at, (_, _, descr, note) in enumerate(mentions())
    ]

    assert [item.asset.facts[0].value for item in judged(*records) if covered(item, Verdict.PROBABLE)] == []


@pytest.mark.parametrize(("maker", "product"), PRODUCTS)
def test_the_same_product_as_vendor_and_model_or_as_the_item_is_accused(imported, maker, product):
    brand, _, model = product.partition(" ")
    by_columns = imported("a.csv", as_csv(("ip", "vendor", "model"), [("192.0.2.1", brand, model)]))
    as_item = imported("b.csv", as_csv(("ip", "description"), [("192.0.2.1", f"{product} in rack 4")]))

    assert [[finding.maker for finding in covered(item, Verdict.PROBABLE)] for item in by_columns] == [[maker]]
    assert [[finding.maker for finding in covered(item, Verdict.PROBABLE)] for item in as_item] == [[maker]]
    assert {finding.verdict for item in as_item for finding in item.findings} == {Verdict.PROBABLE}


@pytest.mark.parametrize(("maker", "product"), PRODUCTS)
def test_a_mention_further_in_is_a_note_even_where_a_row_says_nothing_else(imported, maker, product):
    (item,) = imported("a.csv", as_csv(("ip", "description"), [("192.0.2.1", f"cabinet of the {product} by the door")]))

    assert [(finding.maker, finding.verdict) for finding in item.findings] in ([], [(maker, Verdict.POSSIBLE)])


@pytest.mark.parametrize(
    "note", ["VRP (R) training, room 4", "Versatile Routing Platform course", "Huawei core, uplink 3"]
)
def test_a_note_that_begins_with_a_maker_and_names_no_product_is_no_item(imported, note):
    (item,) = imported("a.csv", as_csv(("ip", "description"), [("192.0.2.1", note)]))

    assert covered(item, Verdict.PROBABLE) == []


@pytest.mark.parametrize("note", [f"{product} client and viewer installed" for _, product in PRODUCTS])
def test_a_note_beside_a_stated_vendor_names_nobody_by_itself(imported, note):
    head = ("hostname", "manufacturer", "model", "description")

    (item,) = imported("a.csv", as_csv(head, [("pc1", "Dell Inc.", "OptiPlex 7060", note)]))

    assert covered(item) == []


@pytest.mark.parametrize("vendor", ["", "---", "?"])
def test_an_empty_vendor_is_no_look_up(vendor):
    assert not spells(vendor, "HUAWEI TECHNOLOGIES CO.,LTD")


@pytest.mark.parametrize(("maker", "product"), PRODUCTS)
@pytest.mark.parametrize(
    "other", ["H3C S5500-28C-EI", "Cisco C9300-24T", "Ruijie S5750", "xFusion 2288H V7", "Axis P3245-LV"]
)
def test_a_note_that_names_another_maker_clears_nobody(imported, maker, product, other):
    brand, _, model = product.partition(" ")
    head, plain = ("ip", "vendor", "model", "description"), ("192.0.2.1", brand, model)

    (alone,) = imported("a.csv", as_csv(head, [(*plain, "")]))
    (noted,) = imported("b.csv", as_csv(head, [(*plain, f"replaced the old {other} in 2019")]))

    assert [(one.maker, one.verdict, one.against) for one in covered(noted)] == [
        (one.maker, one.verdict, one.against) for one in covered(alone)
    ]
    assert covered(noted)[0].maker == maker


# ── what is heard ───────────────────────────────────────────────────────────────────────────────────────────────────

VRP = "S5720-28X Huawei Versatile Routing Platform Software VRP (R) software,Version 5.170 (S5720 V200R011C10SPC600)"
CLAIMS = (
    ("lldp.sysdescr", VRP),
    ("lldp.sysdescr", "ZXR10 5950-52TM-H, ZTE ZXR10 Software Version: ZXR10 5900 V3.00.20"),
    ("cdp.platform", "Huawei S5720-28X-LI-AC"),
    ("cdp.platform", "ZTE ZXR10 5950"),
    ("lldp.sysdescr", "DS-2CD2143G2-I Hikvision network camera"),
)
ANSWERS = (
    *(("snmp.sysdescr", descr) for _, _, descr in OTHERS),
    ("snmp.sysdescr", "Linux web01 5.10.0-26-amd64 #1 SMP Debian 5.10.197-1 x86_64"),
    ("ssh.banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2"),
    ("http.server", "nginx/1.22.1"),
    ("http.server", "Microsoft-IIS/10.0"),
    ("snmp.sysobjectid", "1.3.6.1.4.1.9.1.1208"),
)
OWN_MAC = "00:56:2b:00:00:07"  # Cisco's


def answered(kind, value):
    return Observation(
        target=Target(address="192.0.2.7", site="hq"),
        collector="snmp",
        at=AT,
        facts=(
            Fact(kind=kind, value=value),
            Fact(kind="if.mac", value=OWN_MAC, where="1"),
            Fact(kind="snmp.sysname", value="edge7"),
        ),
    )


def box(items, address="192.0.2.7"):
    """Return the one device read at an address."""
    (item,) = [item for item in items if item.asset.address == address]
    return item


def switch(name, *facts):
    own = (Fact(kind="snmp.sysdescr", value=OTHERS[0][2]), Fact(kind="snmp.sysname", value=name))
    return Observation(target=Target(address=name, site="hq"), collector="snmp", at=AT, facts=(*own, *facts))


def learned(mac, port):
    about = f"mac:{mac}"
    return (Fact(kind="fdb.mac", value=mac, about=about), Fact(kind="fdb.port", value=port, about=about))


def frame(kind, value, *, port="Gi1/0/48", chassis=OWN_MAC, name="edge7"):
    about = "lldp:1.1"
    local = "cdp.localport" if kind.startswith("cdp") else "lldp.localport"
    return (
        Fact(kind=kind, value=value, about=about),
        Fact(kind="lldp.chassis", value=chassis, about=about),
        Fact(kind="lldp.sysname", value=name, about=about),
        Fact(kind=local, value=port, about=about),
    )


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_forged_frame_convicts_nobody_who_answered(claim, answer):
    items = judged(answered(*answer), switch("sw2", *frame(*claim)))

    assert covered(box(items), Verdict.PROBABLE) == []


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_forged_frame_moves_nobody_who_answered(claim, answer):
    truth = switch("sw1", *learned(OWN_MAC, "Gi1/0/3"))

    before, after = (
        box(judged(answered(*answer), truth)),
        box(judged(answered(*answer), truth, switch("sw2", *frame(*claim)))),
    )

    assert (after.asset.place.switch, after.asset.place.port) == (before.asset.place.switch, before.asset.place.port)


def test_what_a_neighbour_claims_of_a_device_that_names_another_maker_is_shown_with_what_contradicts_it():
    (item,) = [
        item
        for item in judged(answered("snmp.sysobjectid", "1.3.6.1.4.1.9.1.1208"), switch("sw2", *frame(*CLAIMS[0])))
        if item.asset.address == "192.0.2.7"
    ]

    (finding,) = covered(item)
    assert (finding.maker, finding.verdict) == ("huawei", Verdict.POSSIBLE)
    assert [one.fact.value for one in finding.against] == ["1.3.6.1.4.1.9.1.1208"]


@pytest.mark.parametrize("claim", CLAIMS[:4])
def test_what_is_only_heard_is_accused_as_probable_at_most(claim):
    mac = "00:e0:fc:10:00:01"
    items = judged(switch("sw1", *frame(*claim, chassis=mac, name="far")))

    (heard,) = [item for item in items if item.asset.seen is Seen.HEARD]
    assert [finding.verdict for finding in covered(heard)][:1] == [Verdict.PROBABLE]
    assert heard.outcome is Outcome.MATCH


@pytest.mark.parametrize("forged", ["H3C S5500-28C-EI Comware Platform Software", OTHERS[0][2], "Ruijie S5750"])
def test_a_forged_frame_clears_nobody(forged):
    own = answered("snmp.sysdescr", VRP)

    (before,) = [item for item in judged(own) if item.asset.address == "192.0.2.7"]
    (after,) = [
        item
        for item in judged(own, switch("sw2", *frame("lldp.sysdescr", forged)))
        if item.asset.address == "192.0.2.7"
    ]

    assert [(one.maker, one.verdict) for one in covered(after)] == [(one.maker, one.verdict) for one in covered(before)]
    assert covered(after)[0].verdict is Verdict.CONFIRMED


# ── books, and who is one witness ───────────────────────────────────────────────────────────────────────────────────


def row(address="192.0.2.9", at="row 2", **cells):
    facts = tuple(Fact(kind=f"inventory.{kind}", value=value, where=at) for kind, value in cells.items())
    return Observation(target=Target(address=address, site="hq"), collector="inventory", at=AT, facts=facts)


def test_books_that_contradict_a_device_that_answered_are_possible_at_most():
    snmp = Observation(
        target=Target(address="192.0.2.9", site="hq"),
        collector="snmp",
        at=AT,
        facts=(
            Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.9.1.1208"),
            Fact(kind="snmp.sysdescr", value=OTHERS[0][2]),
        ),
    )

    (item,) = judged(snmp, row(vendor="Huawei", model="S5720-28X-LI-AC"))

    assert {finding.verdict for finding in covered(item)} <= {Verdict.POSSIBLE}


def test_books_and_hearsay_that_contradict_each_other_are_both_shown_and_stay_probable():
    mac = "00:e0:fc:10:00:01"
    items = judged(
        row(vendor="H3C", model="S5500-28C-EI", mac=mac),
        switch("sw1", *frame("lldp.sysdescr", VRP, chassis=mac, name="far")),
    )

    (item,) = [item for item in items if item.asset.address == "192.0.2.9"]
    (finding,) = [one for one in covered(item) if one.maker == "huawei"]
    assert finding.verdict is Verdict.PROBABLE
    assert "h3c" in {one.says.maker for one in finding.against}


@pytest.mark.parametrize(
    "vendor",
    [
        "HUAWEI TECHNOLOGIES CO.,LTD",
        "Huawei Technologies Co., Ltd.",
        "Huawei Technologies",
        "HuaweiTe",
        "huawei technologies",
    ],
)
def test_a_vendor_looked_up_by_mac_is_the_same_witness_as_the_mac(vendor):
    (item,) = judged(row(vendor=vendor, mac="00:e0:fc:10:00:01"))

    assert [finding.verdict for finding in covered(item)] == [Verdict.PROBABLE]
    assert {one.witness for one in covered(item)[0].evidence} == {"mac"}


def test_a_vendor_a_person_wrote_is_a_witness_of_its_own():
    (item,) = judged(row(vendor="Huawei", mac="00:e0:fc:10:00:01"))

    assert {one.witness for one in covered(item)[0].evidence} == {"mac", "inventory"}


def test_what_our_own_report_concluded_adds_nothing_when_it_comes_back():
    heard = switch("sw1", *learned("00:e0:fc:10:00:01", "Gi1/0/3"))
    back = row(vendor="Huawei", model="S5720-28X-LI-AC", mac="00:e0:fc:10:00:01")
    marked = tuple(
        one if one.kind == "inventory.mac" else replace(one, extra='{"concluded_by": "auditor"}') for one in back.facts
    )

    def verdicts(*records):
        return {(item.asset.macs, one.maker, one.verdict) for item in judged(*records) for one in covered(item)}

    assert verdicts(heard, replace(back, facts=marked)) == verdicts(heard)
    assert verdicts(heard, back) != verdicts(heard)


# ── dates ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_label_does_not_name_another_maker():
    """A label several makers' boxes bear is no word against any of them."""
    shared = KNOWN.book.shared
    homes = {}
    for rule in KNOWN.book.rules:
        if rule.says.brand in shared:
            homes.setdefault(rule.says.brand, set()).add(rule.says.maker)

    assert shared
    assert all(len(makers) > 1 for makers in homes.values())
