"""Labels and who built the box.

Known rebrands are unmasked by their model, nobody is accused by a label or a number alone.

`rebrand_models.tsv` lists published model numbers with the label they are sold under and the maker that built them.
"""

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.model import Fact, Observation, Strength, Target, Tier, Verdict
from auditor.pipeline import learn
from auditor.rules.book import RuleBook
from auditor.rules.load import builtin
from auditor.rules.matcher import matcher_of
from auditor.rules.oui import Registry
from auditor.tables import read_toml
from tests.tools.judging import judge_one
from tests.tools.merging import merge

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
MODELS = Path(__file__).parent / "rebrand_models.tsv"
MACS = ("if.mac", "inventory.mac")

FOREIGN = """
WS-C2960X-48TS-L C9300-48P N9K-C93180YC-EX ISR4331/K9 ASR-920-12CZ-A AIR-AP2802I-E-K9 CP-8841 SG350-28
S5130S-28S-EI S5560X-30C-EI S6800-54QF S12508 MSR3620 WX3540H JG936A 5130-24G-4SFP+ J9729A 2930F-48G-PoE+
SuperStack\u00a03
EX2300-48P MX204 QFX5120-48Y SRX345 DCS-7050SX3-48YC8 CCR1036-12G-4S CRS328-24P-4S+ RB4011iGS+ hAP
USG-PRO-4 US-24-250W UAP-AC-PRO USG60W USG FLEX\u00a0100 GS1920-24v2 NSG300 XGS4600-32 VMG8825-T50 NWA1123-AC
S3900-24T4S S5800-48F4S RG-S2910-24GT4XS-E DCRS-5960-28T S4600-28P-SI MES2324FB MES3324F S2980G-24T4J
P3245-LVE M3065-V Q6135-LE A1001 NBE-3502-AL NDE-8504-R FLEXIDOME HC30W45R2 HC60WB5R2 H4C HD4MDIPX WV-S2536L WV-V1330LK
XNV-8080R QNV-8080R SNC-VM772R SNV-6084R FD9389-EHTV MD8563 IPC322SR3-DVPF28-C NVR301-04S3 TC-C32GN
VIGI\u00a0C340 RLC-810A
AVC-NCB41M O4VT2 LUM-220-IP-BUL VX-3V28-OD-RIAW 12.0W-H5A-DO1-D MX-M73 DW-PVX16 CAM-IC-D2
TL-SG3424 Archer\u00a0C7 DGS-1210-28 DIR-825 GS724T R7000 FGT60E PA-220 CP-5400 NSA-2650 XTM515 SG-3100 APU2
PowerEdge\u00a0R740 ProLiant\u00a0DL380 SR650 ThinkSystem DS4246 FAS2552 DS1819+ TS-453D ME4024 UCSC-C220-M5SX
SmartUPS\u00a01500 AP9631 PDU-MH E3000 EATON\u00a05PX B125C D130 MC9200 ET51 VersaLink\u00a0C405 M404dn ImageRUNNER
7360ISAM 7750SR-12 G-240W-A XS-010X-Q FRITZ!Box\u00a07590 TG789vac DVG-5402SP SPA112 GXP2170 T46S VVX411 IP-T27
AP-505 R710 AP4800 C120 IPM-8220 AP3705i MR36 AP410C H510 R650 SM-AX A3002R DAP-2610 EAP245 WAP371
TMR880i SRG3900 SC2020 MTM5400 DM4600 XPR7550 DP4801 NX-5200 IC-F5062D VX-261 RD-LINK MD-390 HP-605X
""".split()  # noqa: SIM905  a table to read, not a list to parse

LABELS = (
    "Honeywell", "AVYCON", "Bosch", "Amcrest", "Speco", "Luma", "Panasonic", "Alibi", "Lorex", "LTS", "Swann", "ABUS",
    "Intelbras", "CP Plus",
    "Digital Watchdog", "Night Owl", "3xLOGIC", "TRENDnet", "Vodafone", "Verizon", "T-Mobile", "AT&T",
)  # fmt: skip
STATED_COMPLIANT = (
    ("Honeywell", "HC30W45R2"), ("Honeywell", "HC60WB5R2"), ("Bosch", "NBE-3502-AL"), ("Bosch", "DIVAR IP 5000"),
    ("AVYCON", "AVC-NCB41M"), ("Speco", "O4VT2"), ("Luma", "LUM-220-IP-BUL"), ("Panasonic", "WV-S2536L"),
    ("Amcrest", "AM-GL300"), ("Amcrest", "AWC897"), ("Alibi", "ALI-FD41"), ("IC Realtime", "IPND-B40"),
    ("CP Plus", "CP-E35Q"), ("Intelbras", "SG 2404"), ("Openreach", "B-FOCuS V-2FUb"), ("TalkTalk", "DSL-3780"),
    ("Swann", "SWIFI-CAM"), ("Panasonic", "KX-NS500"), ("Opengear", "IM7216"), ("Baofeng", "BD200"),
)  # fmt: skip


SCOPES_OF_A_NEUTRAL_BUILD = "\n".join(
    f"onvif://www.onvif.org/{one}"
    for one in ("location/country/china", "name/General", "hardware/IP_Camera", "Profile/Streaming",
                "type/Network_Video_Transmitter", "extension/unique_identifier/1")
)  # fmt: skip


@pytest.fixture(scope="module")
def known():
    return learn()


@pytest.fixture(scope="module")
def ask(known):
    """Return a function that judges what one observation says of a box."""

    def judged(*said: tuple[str, str]):
        facts = tuple(Fact(kind=kind, value=value) for kind, value in said)
        seen = Observation(target=Target(address="192.0.2.7"), collector="test", at=AT, facts=facts)
        (asset,) = merge([seen], known.identifies)
        return judge_one(asset, known, TODAY)

    return judged


def accused(audited, least: Verdict = Verdict.POSSIBLE) -> set[str]:
    return {one.maker for one in audited.findings if one.tier is Tier.COVERED and one.verdict >= least}


def published() -> list[tuple[str, str, str]]:
    with MODELS.open(encoding="utf-8", newline="") as file:
        return [(row["brand"], row["model"], row["maker"]) for row in csv.DictReader(file, delimiter="\t")]


def test_ninety_nine_of_a_hundred_published_models_are_recalled_when_the_label_is_known(ask):
    models = published()

    missed = [
        (brand, model)
        for brand, model, maker in models
        if maker not in accused(ask(("inventory.model", model), ("inventory.item", f"{brand} {model}")))
    ]

    assert len(models) >= 300
    assert len(missed) <= len(models) // 100, missed


def test_no_published_model_is_laid_at_another_makers_door(ask):
    wrong = [
        (brand, model, found)
        for brand, model, maker in published()
        if (found := accused(ask(("inventory.model", model), ("inventory.item", f"{brand} {model}"))) - {maker})
    ]

    assert wrong == []


def in_discovery(brand: str, model: str) -> list[tuple[str, str]]:
    """Return what either maker's firmware answers to a search for cameras, with no login."""
    dahua = ("location/country/china", f"name/{brand}", f"hardware/{model}", "Profile/Streaming")
    joined = model.replace(" ", "%20")
    hikvision = ("type/video_encoder", f"hardware/{joined}", f"name/{brand}%20{joined}", "location/city/hangzhou")
    return [
        ("onvif.scopes", "\n".join(f"onvif://www.onvif.org/{one}" for one in order)) for order in (dahua, hikvision)
    ]


def test_a_label_is_unmasked_by_what_it_answers_to_a_search_for_cameras(ask):
    cameras = [row for row in published() if row[2] in {"dahua", "hikvision"}]
    heard = [(maker, accused(ask(reply))) for brand, model, maker in cameras for reply in in_discovery(brand, model)]

    assert len(heard) >= 500
    assert sum(maker in found for maker, found in heard) >= len(heard) * 97 // 100
    assert [found for maker, found in heard if found - {maker}] == []


@pytest.mark.parametrize(("brand", "model"), [*STATED_COMPLIANT, *(("Camera", model) for model in FOREIGN)])
def test_a_foreign_answer_to_a_search_for_cameras_accuses_nobody(ask, brand: str, model: str):
    assert all(accused(ask(reply)) == set() for reply in in_discovery(brand, model.replace("\u00a0", " ")))


@pytest.mark.parametrize("model", FOREIGN)
def test_a_foreign_model_number_alone_accuses_nobody(ask, model: str):
    said = ask(("inventory.model", model.replace("\u00a0", " ")))

    assert accused(said, Verdict.PROBABLE) == set()
    assert [one.rule for finding in said.findings for one in finding.evidence if one.says.brand] == []


@pytest.mark.parametrize(("brand", "model"), STATED_COMPLIANT, ids=lambda text: text)
def test_a_model_the_label_buys_elsewhere_accuses_nobody(ask, brand: str, model: str):
    said = ("inventory.vendor", brand), ("inventory.model", model), ("inventory.item", f"{brand} {model}")

    assert accused(ask(*said), Verdict.PROBABLE) == set()
    assert [one.rule for finding in ask(*said).findings for one in finding.evidence if one.says.brand] == []


@pytest.mark.parametrize("label", LABELS)
def test_a_label_alone_accuses_nobody(ask, label: str):
    maker = f"<tds:Manufacturer>{label}</tds:Manufacturer>"
    for kind, value in (
        ("inventory.vendor", label),
        ("inventory.item", f"{label} camera"),
        ("onvif.deviceinformation", maker),
    ):
        assert accused(ask((kind, value))) == set(), kind


def test_no_label_of_any_rebrand_file_accuses(known, ask):
    makers = ("Dahua", "Hikvision", "Huawei", "Hytera")
    own = {"Imou", "HiLook", "HiWatch", "EZVIZ", "HIKMICRO", "Pyronix", "Prama", "Quidway", "FutureMatrix"}
    labels = {label for label in known.book.brands.values() if not any(maker in label for maker in makers)} - own

    assert {
        label for label in labels if accused(ask(("inventory.item", f"{label} unit"), ("http.title", label)))
    } == set()


def test_the_prefix_of_a_mixed_label_accuses_nobody(ask):
    """A label that states its registrants and buys from several makers has no rule on them."""
    registry = Registry.load()
    heads = [
        read_toml(path.read_text(encoding="utf-8"), path.name)
        for path in (builtin() / "rebrands").iterdir()
        if path.name.endswith(".toml")
    ]
    mixed = {name for head in heads for name in head.texts("registrants")}
    blocks = [block for block in registry if block.registrant in mixed]

    assert len(mixed) >= 10
    assert {block.registrant for block in blocks} == mixed
    for block in blocks:
        assert accused(ask(("inventory.mac", block.prefix.ljust(12, "5")))) == set()


def test_a_third_partys_prefix_is_worth_a_second_look_and_no_more(ask):
    """traps.csv: a fleet of Annke cameras on the prefix of Shenzhen Kean Digital."""
    alone = ask(("if.mac", "d0:3b:f4:12:34:56"))

    assert [(one.maker, one.brand, one.verdict) for one in alone.findings] == [("hikvision", "Annke", Verdict.POSSIBLE)]


def test_a_model_and_a_customer_code_confirm_each_other(ask):
    said = ("inventory.item", "Amcrest NV4108E-HS"), ("inventory.firmware", "V4.000.00AC002.0.R.220902")

    (found,) = (one for one in ask(*said).findings if one.maker == "dahua")

    assert (found.verdict, found.brand, found.model) == (Verdict.CONFIRMED, "Amcrest", "NV4108E-HS")


def test_signs_that_others_share_accuse_nobody_until_one_of_its_own_stands_beside_them(ask):
    port, title = ("ports.open", "80,554,37777"), ("http.title", "WEB SERVICE")

    for shared in ((port,), (title,), (port, title)):
        assert accused(ask(*shared)) == set()
        assert "Dahua" in ask(*shared).why
    assert accused(ask(port, ("onvif.scopes", SCOPES_OF_A_NEUTRAL_BUILD)), Verdict.PROBABLE) == {"dahua"}


def test_a_stick_is_a_part_of_its_host(ask):
    host = ask(("snmp.sysdescr", "Cradlepoint IBR900"), ("usb.id", "12d1:1526"))

    assert accused(host) == set()
    assert [(one.maker, one.brand, one.model) for one in host.parts] == [("huawei", "Vodafone", "K3772")]


def test_what_one_source_calls_possible_stays_possible(ask):
    (found,) = ask(("inventory.item", "W Box 0E-8P16CH8TB")).findings

    assert (found.maker, found.verdict) == ("hikvision", Verdict.POSSIBLE)


def test_what_the_sources_call_likely_is_never_confirmed_by_the_number(ask):
    (found,) = ask(("inventory.item", "IC Realtime ICIP-B2731")).findings

    assert (found.maker, found.verdict) == ("dahua", Verdict.PROBABLE)


@pytest.mark.parametrize(
    ("model", "maker"),
    [("K3765", "huawei"), ("K3765-Z", ""), ("K3805-Z", "zte"), ("R206", "huawei"), ("R206-z", "zte")],
)
def test_the_suffix_z_decides_between_huawei_and_zte(ask, model: str, maker: str):
    assert accused(ask(("inventory.item", f"Vodafone {model}"))) == ({maker} if maker else set())


def test_a_model_number_that_needs_its_label_says_nothing_without_it(known):
    """Every rule that reads label and model together is silent on the model alone."""
    book: RuleBook = known.book
    matcher = matcher_of(book)
    registry = Registry.load()
    caught = [
        (rule.id, model)
        for rule in book.rules
        if book.homes[rule.id] == "rebrands" and "inventory.description" in rule.facts
        for example in rule.examples
        if (model := dict(example.captures).get("model", ""))
        for hit in matcher.hits("inventory.item", model, "", registry)
        if hit.rule.id == rule.id
    ]

    assert caught == []


def test_a_rebrand_rule_never_claims_more_than_its_source(known):
    """A hint is capped, a rule that reads a number is no proof: the platform's own words are."""
    rules = [rule for rule in known.book.rules if known.book.homes[rule.id] == "rebrands"]

    assert [rule.id for rule in rules if rule.strength is Strength.PROOF] == []
    assert [rule.id for rule in rules if rule.strength is Strength.HINT and rule.cap is Verdict.CONFIRMED] == []


def test_every_watch_file_says_which_list_names_its_maker():
    lists = re.compile(r"1260H|Entity List|Covered List|No list")

    silent = [
        path.name
        for path in (builtin() / "watch").iterdir()
        if path.name.endswith(".toml")
        for rule in read_toml(path.read_text(encoding="utf-8"), path.name).sections("rule")
        if rule.text("id") in {"registrant", "vendor-word"} and not lists.search(rule.text("because"))
    ]

    assert silent == []


def test_a_watch_maker_is_never_a_match(ask):
    seen = ask(("inventory.vendor", "Uniview"), ("inventory.mac", "c4:79:05:00:00:01"))

    assert seen.outcome == "no_match"
    assert [(one.maker, one.tier) for one in seen.findings] == [("uniview", Tier.WATCH)]


AMBIGUOUS = "S5120-28P-SI S5800-48MBQ S5700-28C AR2220 MD-390 HP-605X BD200 MC1550 C300 C350 USG60"


@pytest.mark.parametrize("model", AMBIGUOUS.split())
def test_a_number_that_several_makers_use_flags_nobody_on_its_own(model):
    row = Fact(kind="inventory.model", value=model, where="row 2")
    (asset,) = merge([Observation(target=Target(address="a"), collector="inventory", at=AT, facts=(row,))])

    assert judge_one(asset, learn(), TODAY).findings == ()
