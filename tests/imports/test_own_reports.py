"""What our reports concluded comes back in tables: no second witness of itself."""

import json

import pytest

from auditor import normal
from auditor.errors import InputError
from auditor.imports.registry import read
from auditor.model import Fact, Observation, Target
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render
from tests.imports.conftest import AT
from tests.tools.audits import audit
from tests.tools.merging import merge

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
    text = (
        "device,address,maker,model,said_by\na,192.0.2.1,Huawei,S5720,auditor\nb,192.0.2.2,ZTE,ZXR10,\nc,"
        "192.0.2.3,ZTE,ZXR10,Kim\n"
    )

    told = marks(read(file("mixed.csv", text)))

    assert [by for kind, by in told if kind == "inventory.vendor"] == ["auditor", "", ""]
    assert any("1 row is what a report of this program concluded" in text for text in file.warnings)


def test_a_filing_that_comes_back_is_our_own_word_too(file):
    text = (
        "manufacturer (OFFICIAL),model (OFFICIAL),serial (DERIVED),notice (DERIVED)\nHuawei,S5720,"
        "S57200011223344,list of 2026\n"
    )

    told = marks(read(file("filing.csv", text)))

    assert dict(told)["inventory.vendor"] == "auditor"


def test_labels_of_macs_that_come_back_add_no_maker(file):
    text = "mac,registrant,maker,tier,kind,said_by\nbc:ad:28:00:00:01,X,hikvision,covered,universal,auditor\n"

    assert marks(read(file("labels.csv", text))) == [("inventory.mac", ""), ("inventory.vendor", "auditor")]


def test_a_report_for_people_is_no_inventory(file):
    source = file("report.md", render(audit(), "md", Options()))

    with pytest.raises(InputError, match="import the journal it was made from"):
        list(read(source))


def test_ids_of_findings_are_no_macs(file):
    records = [
        one for one in read(file("back.xlsx", render(audit(), "xlsx", Options()))) if isinstance(one, Observation)
    ]

    ids = {item.id for audited in audit().assets for item in audited.findings}
    assert not ids & {normal.mac(fact.value) for one in records for fact in one.facts if fact.kind == "inventory.mac"}


def test_a_column_of_numbers_drawn_by_chance_is_no_column_of_macs(file):
    rows = "".join(f"10.0.0.{at},Axis,P3245,{at * 0x9E3779B97F4A7C15 % 2**48:012x}\n" for at in range(1, 60))

    records = list(read(file("a.csv", "ip,vendor,model,ticket\n" + rows)))

    assert not [fact for one in records for fact in one.facts if fact.kind == "inventory.mac"]


def test_a_row_that_comes_back_beside_its_journal_adds_no_device(file):
    switch = Observation(
        target=Target(address="192.0.2.1", site="hq"),
        collector="snmp",
        at=AT,
        facts=(
            Fact(kind="snmp.sysname", value="sw1"),
            Fact(kind="gpon.serial", value="HWTC0000A001", about="gpon:HWTC0000A001"),
            Fact(kind="fdb.mac", value="bc:ad:28:00:00:09", about="mac:bcad28000009"),
            Fact(kind="arp.mac", value="bc:ad:28:00:00:0a", about="ip:192.0.2.77"),
        ),
    )
    back = "name,ip,mac,vendor,model,serial,site,said_by\n"
    back += "HWTC0000A001,,,Huawei,HG8245H,HWTC0000A001,hq,auditor\n"
    back += "cam,,bc:ad:28:00:00:09,Hikvision,DS-2CD2042WD-I,,elsewhere,auditor\n"
    back += ",192.0.2.77,,Hikvision,DS-2CD2042WD-I,,hq,auditor\n"
    back += "bc:ad:28:00:00:0a,,,Hikvision,DS-2CD2042WD-I,,hq,auditor\n"
    back += "unknown-to-the-run,,,Hikvision,DS-2CD2042WD-I,,hq,auditor\n"

    alone = merge([switch])
    beside = merge([switch, *(one for one in read(file("back.csv", back)) if isinstance(one, Observation))])

    assert {asset.key for asset in beside} - {asset.key for asset in alone} == {"hq/unknown-to-the-run"}
    assert [asset.seen for asset in beside if asset in alone] == [asset.seen for asset in alone]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_an_audit_document_is_refused_by_name(file, name):
    source = file(f"back.{name}", render(audit(), name, Options()))

    with pytest.raises(InputError, match="is an audit document of this program"):
        list(read(source))


def test_an_audit_document_without_a_device_is_refused_by_name_too(file):
    document = json.loads(render(audit(), "json", Options())) | {"assets": []}

    with pytest.raises(InputError, match="is an audit document of this program"):
        list(read(file("empty.json", json.dumps(document, sort_keys=True))))
