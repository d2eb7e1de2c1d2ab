"""A label that makers share, with a number no list holds, is an open question; a model is shown as stated."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from auditor.model import AuditedAsset, Fact, Observation, Outcome, Target, kind_of
from auditor.pipeline import learn
from tests.tools.judging import judge_one
from tests.tools.merging import merge

AT = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
Ask = Callable[..., AuditedAsset]


@pytest.fixture(scope="module")
def ask() -> Ask:
    known = learn()

    def judged(**said: str) -> AuditedAsset:
        kinds = {name: kind_of(name.replace("_", ".", 1)) for name in said}
        facts = tuple(Fact(kind=kinds[name], value=value, where="row 2") for name, value in said.items())
        seen = Observation(target=Target(address="192.0.2.7"), collector="inventory", at=AT, facts=facts)
        (asset,) = merge([seen], known.identifies)
        return judge_one(asset, known, date(2026, 11, 30))

    return judged


@pytest.mark.parametrize("label", ["Lorex", "Annke Europe", "LTS", "Swann", "CP PLUS", "Vodafone"])
def test_a_shared_label_with_a_number_in_no_list_is_undetermined(ask: Ask, label: str) -> None:
    item = ask(inventory_vendor=label, inventory_model="QX-9")

    assert (item.outcome, item.findings) == (Outcome.UNDETERMINED, ())
    assert "would settle it" in item.why


def test_it_names_every_covered_maker_that_builds_for_the_label(ask: Ask) -> None:
    assert "Dahua and Hikvision" in ask(inventory_vendor="Annke", inventory_model="QX-9").why


def test_a_manufacturer_in_a_reply_is_a_label_too(ask: Ask) -> None:
    reply = "<tds:Manufacturer>Lorex</tds:Manufacturer><tds:Model>QX-9</tds:Model>"

    assert ask(onvif_deviceinformation=reply).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("vendor", ["Cisco", "Lorexia", "Three Rivers", "Acme by Lorex"])
def test_another_name_is_no_label(ask: Ask, vendor: str) -> None:
    item = ask(inventory_vendor=vendor, inventory_model="QX-9")

    assert item.outcome is Outcome.NO_MATCH or vendor == "Three Rivers"


@pytest.mark.parametrize(
    ("vendor", "model", "shown"),
    [
        ("EZVIZ", "Meadow 9", "Meadow 9"),
        ("HiWatch", "Terrace-4K", "Terrace-4K"),
        ("HIKMICRO", "Lantern2", "Lantern2"),
        ("Imou", "Meadow 9", "Meadow 9"),
        ("HiLook", "IPC-CFW12", "IPC-CFW12"),
        ("Lorex", "LNB9001-C", "LNB9001-C"),
        ("EmpireTech", "IPC-B74IR-ASE-3.6MM-S2", "IPC-B74IR-ASE-3.6MM-S2"),
        ("Imou", "Ranger 3 (IPC-A46L)", "IPC-A46L"),
    ],
)
def test_a_model_in_no_table_is_shown_as_stated(ask: Ask, vendor: str, model: str, shown: str) -> None:
    (finding,) = ask(inventory_vendor=vendor, inventory_model=model).findings

    assert (finding.brand, finding.model) == (vendor, shown)


def test_of_two_models_stated_none_is_shown() -> None:
    known = learn()
    rows = (
        ("inventory.vendor", "EZVIZ", "1"),
        ("inventory.model", "Meadow 9", "1"),
        ("inventory.model", "Brook 4", "2"),
    )
    facts = tuple(Fact(kind=kind_of(kind), value=value, where=where) for kind, value, where in rows)
    seen = Observation(target=Target(address="192.0.2.7"), collector="inventory", at=AT, facts=facts)
    (asset,) = merge([seen], known.identifies)

    assert judge_one(asset, known, date(2026, 11, 30)).findings[0].model == ""


TAIL = "serialNumber=5E00000PAZ00017\r\nhardwareVersion=1.00\r\n"


@pytest.mark.parametrize(
    ("reply", "brand", "model", "category"),
    [
        (f"deviceType=AD420\r\nupdateSerial=DB6I\r\n{TAIL}", "Amcrest", "AD420", "intercom"),
        (f"deviceType=DH-XVR5108HS-I3\r\n{TAIL}", "", "DH-XVR5108HS-I3", "recorder"),
        (f"deviceType=31\r\nupdateSerial=NVR5216-4KS2\r\n{TAIL}", "", "NVR5216-4KS2", "recorder"),
    ],
)
def test_the_type_a_reply_gives_names_the_label_and_the_model(ask: Ask, reply, brand, model, category) -> None:
    (finding,) = ask(dahua_sysinfo=reply).findings

    assert (finding.maker, finding.brand, finding.model, finding.category) == ("dahua", brand, model, category)
    assert finding.serial == "5E00000PAZ00017"


def test_a_label_stated_beside_a_makers_own_number_survives(ask: Ask) -> None:
    (finding,) = ask(inventory_vendor="EmpireTech", inventory_model="NVR5216-EI").findings

    assert (finding.maker, finding.brand, finding.category) == ("dahua", "EmpireTech", "recorder")


def test_a_label_of_another_maker_is_no_brand_of_this_one(ask: Ask) -> None:
    findings = ask(inventory_vendor="Swann", inventory_model="DH-NVR5216-EI").findings

    assert {finding.brand for finding in findings if finding.maker == "dahua"} <= {""}
