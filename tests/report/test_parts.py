"""Parts stand in every report that lists things, also those nobody accuses."""

import csv
import io
import json

import openpyxl
import pytest

from auditor.report.base import Options
from auditor.report.explain import explain
from auditor.report.redact import redact
from auditor.report.registry import render
from auditor.run.assets import matches
from tests.tools.audits import SUPPLY, audit, switch

OPTIONS = Options(names={"zte": "ZTE"})


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(audit(), name, OPTIONS).decode())))


@pytest.mark.parametrize("name", ["json", "jsonl", "html", "replace-csv", "netbox-items", "cyclonedx"])
def test_a_part_nobody_accuses_stands_in_the_report(name: str) -> None:
    text = render(audit(), name, OPTIONS).decode()

    assert SUPPLY.serial in text
    assert SUPPLY.model in text


@pytest.mark.parametrize(("name", "count"), [("xlsx", 2), ("replace-xlsx", 1)])
def test_the_workbooks_have_a_sheet_of_parts(name: str, count: int) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(render(audit(), name, OPTIONS)))["Parts"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert lines[0][:5] == ["Site", "Device", "Address", "Part", "Sort"]
    assert len(lines) == count + 1
    assert any(SUPPLY.serial in line for line in lines)


def test_inventory_items_hang_on_the_names_of_the_devices() -> None:
    names = {row["name"] for row in rows("netbox")}

    for row in rows("netbox-items"):
        assert row["device"] in names
        assert row["description"].startswith("auditor: ")
    assert [(row["name"], row["part_id"], row["manufacturer"]) for row in rows("netbox-items")] == [
        ("LTE 1", "MF206", "ZTE"),
        ("PWR 1", "PAC-600S", "Acme"),
    ]


def test_components_of_a_bill_are_nested_in_their_device() -> None:
    bill = json.loads(render(audit(), "cyclonedx", OPTIONS))
    nested = [part for device in bill["components"] for part in device.get("components", ())]

    assert {part["name"] for part in nested} == {"MF206", "PAC-600S"}


def test_the_note_on_a_device_lists_what_stands_in_it() -> None:
    assert "PWR 1 PAC-600S serial PSU0000000017" in explain(switch(), audit(), "text")


def test_a_device_is_found_by_the_serial_number_of_a_part() -> None:
    assert [item.asset.name for item in matches(audit(), SUPPLY.serial)] == ["sw-hq-1"]


@pytest.mark.parametrize("name", ["json", "html", "replace-csv", "netbox-items", "cyclonedx"])
def test_no_serial_number_of_a_part_is_shared(name: str) -> None:
    text = render(redact(audit(), b"key"), name, OPTIONS).decode()

    assert SUPPLY.serial not in text
    assert SUPPLY.model in text
