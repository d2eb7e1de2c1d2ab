"""What our own reports concluded comes back in tables people keep: it is no second witness of itself."""

import json

import pytest

from auditor.imports.registry import read
from auditor.model import Observation
from auditor.report import FORMATS, Options, render
from tests.report.factory import audit

# Which device a row is about a person may know too; who made it is what we said.
IDENTITY = {"inventory.name", "inventory.mac"}
TABLES = ["csv", "replace-csv", "netbox", "snipe-it", "counts-csv", "xlsx", "replace-xlsx"]
PERSON = (
    "Name,IP,MAC,Manufacturer,Model,Serial\nlobby,192.0.2.9,bc:ad:28:00:00:09,Hikvision,DS-2CD2042WD-I,LOBBY900112233\n"
)


def marks(records):
    """Return for each fact whether it is marked as our own conclusion, by kind."""
    return [
        (fact.kind, (json.loads(fact.extra) if fact.extra else {}).get("concluded_by", ""))
        for record in records
        if isinstance(record, Observation)
        for fact in record.facts
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_report_that_comes_back_is_marked_as_our_own_word(file, name):
    told = marks(read(file(f"back.{FORMATS[name].suffix}", render(audit(), name, Options()))))

    assert {by for kind, by in told if kind not in IDENTITY} <= {"auditor"}
    assert {by for kind, by in told if kind in IDENTITY} <= {""}
    assert sum("what a report of this program concluded" in text for text in file.warnings) == 1


@pytest.mark.parametrize("name", ["csv", "netbox", "snipe-it", "replace-csv", "xlsx"])
def test_a_list_of_devices_that_comes_back_still_lists_them(file, name):
    told = marks(read(file(f"back.{FORMATS[name].suffix}", render(audit(), name, Options()))))

    assert ("inventory.vendor", "auditor") in told


def test_counts_and_evidence_that_come_back_make_no_devices(file):
    assert not marks(read(file("counts.csv", render(audit(), "counts-csv", Options()))))


def test_what_netbox_gives_back_over_its_api_is_known_by_its_description(file):
    device = {"id": 7, "name": "cam-7", "serial": "CAM70011223344", "site": {"name": "hq"}}
    device |= {"device_type": {"manufacturer": {"name": "Hikvision"}, "model": "DS-7"}, "primary_ip": None}
    ours = device | {"description": "auditor: match (Hikvision probable)", "comments": "read"}
    theirs = device | {
        "id": 8,
        "name": "cam-8",
        "serial": "CAM80011223344",
        "description": "ask the auditor: match the label",
    }

    told = marks(read(file("devices.json", json.dumps({"results": [ours, theirs]}))))

    assert told.count(("inventory.vendor", "auditor")) == 1
    assert told.count(("inventory.vendor", "")) == 1


def test_a_persons_inventory_is_marked_nowhere(file):
    told = marks(read(file("inventory.csv", PERSON)))

    assert {by for _kind, by in told} == {""}
    assert len(told) == 5
    assert not file.warnings


def test_a_row_a_person_added_to_our_table_counts_as_theirs(file):
    text = "device,address,maker,model,said_by\na,192.0.2.1,Huawei,S5720,auditor\nb,192.0.2.2,ZTE,ZXR10,\nc,192.0.2.3,ZTE,ZXR10,Kim\n"

    told = marks(read(file("mixed.csv", text)))

    assert [by for kind, by in told if kind == "inventory.vendor"] == ["auditor", "", ""]
    assert any("1 row is what a report of this program concluded" in text for text in file.warnings)


def test_a_filing_that_comes_back_is_our_own_word_too(file):
    text = "manufacturer (OFFICIAL),model (OFFICIAL),serial (DERIVED),notice (DERIVED)\nHuawei,S5720,S57200011223344,list of 2026\n"

    told = marks(read(file("filing.csv", text)))

    assert dict(told)["inventory.vendor"] == "auditor"


def test_labels_of_macs_that_come_back_add_no_maker(file):
    text = "mac,registrant,maker,tier,kind,said_by\nbc:ad:28:00:00:01,X,hikvision,covered,universal,auditor\n"

    assert marks(read(file("labels.csv", text))) == [("inventory.mac", ""), ("inventory.vendor", "auditor")]
