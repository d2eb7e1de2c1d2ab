"""The formats other programs read, against their schemas and what those programs ask for."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from auditor.model import Audit, Reason
from auditor.report.base import Options
from auditor.report.registry import render
from tests.tools.audits import audit, poisoned, unread
from tests.tools.hostile_audits import strings
from tests.tools.npm import package


def hostile() -> Audit:
    words = iter(strings())
    return poisoned(audit(), lambda: next(words))


AUDITS = pytest.mark.parametrize("made", [audit(), hostile()], ids=["plain", "hostile"])


@AUDITS
def test_cyclonedx_says_the_bill_is_valid(made: Audit) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    bill = render(made, "cyclonedx", Options()).decode()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None


def twins() -> Audit:
    """Return an audit of devices whose keys and names differ in nothing that can be shown."""
    assets = tuple(
        replace(item, asset=replace(item.asset, key="k" + "\x07" * number, name="n", site="s"))
        for number, item in enumerate(audit().assets)
    )
    return replace(audit(), assets=assets)


@pytest.mark.parametrize("made", [hostile(), twins()], ids=["hostile", "twins"])
def test_every_asset_is_a_device_in_the_bill_and_no_reference_is_used_twice(made: Audit) -> None:
    bill = json.loads(render(made, "cyclonedx", Options()))

    assert {item["type"] for item in bill["components"]} == {"device"}
    assert len({item["bom-ref"] for item in bill["components"]}) == len(audit().assets)


@pytest.mark.real
@AUDITS
def test_sarif_says_the_log_is_valid(made: Audit) -> None:
    import jsonschema  # with its formats, two seconds that no other worker need spend

    schema = next(package("@microsoft/jest-sarif").rglob("sarif-2.1.0*.json"))

    jsonschema.validate(json.loads(render(made, "sarif", Options())), json.loads(schema.read_text(encoding="utf-8")))


def test_sarif_keeps_waivers_components_and_failures_apart() -> None:
    run = json.loads(render(audit(), "sarif", Options()))["runs"][0]

    assert [(result["kind"], result["level"]) for result in run["results"]] == [
        ("fail", "error"), ("fail", "warning"), ("fail", "note"), ("review", "none"), ("informational", "none"),
    ]  # fmt: skip
    assert [bool(result.get("suppressions")) for result in run["results"]] == [False, False, True, False, False]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_gives_each_finding_a_place_a_help_and_a_print_that_stays() -> None:
    run = json.loads(render(hostile(), "sarif", Options()))["runs"][0]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    prints = [result["partialFingerprints"] for result in run["results"]]

    for place in places:
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+/[A-Za-z0-9._~%-]+", place["artifactLocation"]["uri"])
        assert place["region"] == {"startLine": 1}
    assert all(one["primaryLocationLineHash"] == f"{one['finding/v1']}:1" for one in prints)
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["help"]["text"]
        assert rule.get("helpUri", "https://").startswith("https://")


def rows(name: str, made: Audit) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(made, name, Options()).decode(), newline="")))


@pytest.mark.parametrize("made", [hostile(), twins()], ids=["hostile", "twins"])
def test_netbox_gets_every_field_it_demands_and_no_name_twice_at_a_site(made: Audit) -> None:
    devices = rows("netbox", made)

    for field in ("name", "role", "manufacturer", "device_type", "site", "status"):
        assert all(device[field] for device in devices), field
    assert len({(device["site"], device["name"]) for device in devices}) == len(devices)
    assert max(len(device["name"]) for device in devices) <= 64


def test_snipe_it_numbers_its_assets_itself() -> None:
    assert {row["Asset Tag"] for row in rows("snipe-it", audit())} == {""}
    assert rows("snipe-it", audit())[0].keys() >= {
        "Item Name",
        "Model name",
        "Manufacturer",
        "Serial number",
        "Category",
        "Status",
    }


def test_the_counts_add_up_to_the_findings() -> None:
    counts = rows("counts-csv", audit())

    assert sum(int(row["findings"]) for row in counts) == sum(bool(row["finding"]) for row in rows("csv", audit()))
    assert all(
        int(row["confirmed"]) + int(row["probable"]) + int(row["possible"]) == int(row["findings"]) for row in counts
    )


def test_the_counts_of_an_audit_without_findings_are_a_header() -> None:
    text = render(replace(audit(), assets=()), "counts-csv", Options()).decode()

    assert text == '"site","tier","maker","category","model","confirmed","probable","possible","findings","said_by"\r\n'


def test_the_replace_list_holds_devices_of_covered_makers_waived_ones_included() -> None:
    listed = rows("replace-csv", audit())

    assert [row["maker"] for row in listed] == ["Huawei", "Dahua", "Hikvision"]
    assert listed[1]["missing"] == "model; serial number; address; date of acquisition; purpose of use"
    assert listed[2]["verdict"] == "possible (waived until 2027-01-31)"


def test_a_table_of_findings_does_not_pass_over_what_nobody_knows() -> None:
    lost = unread("192.0.2.200", "hq", Reason.TIMEOUT, "no reply to 3 requests")
    told = rows("csv", replace(audit(), unread=(*audit().unread, lost)))

    silent = [
        (row["outcome"], row["address"] or row["mac"], row["maker"], row["verdict"])
        for row in told
        if not row["finding"]
    ]
    assert silent == [
        ("no match", "192.0.2.10", "", ""),
        ("undetermined", "02:00:00:00:00:0a", "", ""),
        ("unread", "192.0.2.77", "", ""),
        ("unread", "192.0.2.200", "", ""),
    ]  # fmt: skip
    assert "login refused; 1 attempt made" in told[-4]["why"]
    assert {row["outcome"] for row in told if row["finding"]} == {"match", "no match"}
