"""Files for the inventories of other programs: complete, in order, and read back by our own readers."""

import csv
import io
import zipfile
from dataclasses import replace

import pytest
import yaml

from auditor.model import Audit, Outcome
from auditor.report.base import Options
from auditor.report.records import slug
from auditor.report.registry import render
from auditor.targets.inventories import target_lines
from tests.tools.audits import audit, poisoned, switch
from tests.tools.hostile_audits import strings

ORDER = [
    "1-manufacturers", "2-device-roles", "3-device-types", "4-sites", "5-devices", "6-interfaces", "7-mac-addresses",
    "8-ip-addresses", "9-inventory-items",
]  # fmt: skip


def hostile() -> Audit:
    words = iter(strings())
    return poisoned(audit(), lambda: next(words))


def twins() -> Audit:
    """Return an audit of devices that call themselves alike."""
    assets = (
        replace(item, asset=replace(item.asset, name="N" if at else "n")) for at, item in enumerate(audit().assets)
    )
    return replace(audit(), assets=tuple(assets))


def tables(made: Audit) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each table by the name of its file."""
    with zipfile.ZipFile(io.BytesIO(render(made, "netbox-zip", Options()))) as archive:
        texts = {name.removesuffix(".csv"): archive.read(name).decode() for name in archive.namelist()}
    return {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()}


@pytest.mark.parametrize("made", [audit(), hostile(), twins()], ids=["small", "hostile", "twins"])
def test_an_empty_netbox_finds_whatever_a_row_refers_to_in_an_earlier_table(made: Audit) -> None:
    rows = tables(made)
    names = {name: {row["name"] for row in rows[name]} for name in ORDER[:2] + ORDER[3:6]}
    types = {(row["manufacturer"], row["model"]) for row in rows["3-device-types"]}
    ports = {(row["device"], row["name"]) for row in rows["6-interfaces"]}

    assert list(rows) == ORDER
    assert {row["manufacturer"] for row in rows["3-device-types"]} <= names["1-manufacturers"]
    for row in rows["5-devices"]:
        assert (row["manufacturer"], row["device_type"]) in types
        assert row["role"] in names["2-device-roles"]
        assert row["site"] in names["4-sites"]
    assert {row["device"] for row in rows["6-interfaces"]} <= names["5-devices"]
    assert {row["manufacturer"] for row in rows["9-inventory-items"]} <= {*names["1-manufacturers"], ""}
    for row in (*rows["7-mac-addresses"], *rows["8-ip-addresses"]):
        assert (row["device"], row["interface"]) in ports


@pytest.mark.parametrize("made", [audit(), hostile(), twins()], ids=["small", "hostile", "twins"])
def test_what_netbox_holds_once_stands_in_a_table_once(made: Audit) -> None:
    rows = tables(made)

    for name in ("1-manufacturers", "2-device-roles", "4-sites"):
        for column in ("name", "slug"):
            values = [row[column].casefold() for row in rows[name]]
            assert len(set(values)) == len(values), (name, column)
            assert all(0 < len(value) <= 100 for value in values)
    devices = [row["name"].casefold() for row in rows["5-devices"]]
    assert len(set(devices)) == len(devices), "tables of interfaces name their device by its name alone"
    for name, columns in (("6-interfaces", ("device", "name")), ("8-ip-addresses", ("address",))):
        values = [tuple(row[column] for column in columns) for row in rows[name]]
        assert len(set(values)) == len(values), name


def test_a_name_of_no_latin_letter_has_a_slug_of_its_own() -> None:
    assert slug("海康威视") != slug("大华") != ""
    assert slug("TP-Link Corp.") == "tp-link-corp"


def test_two_devices_of_one_name_at_two_sites_are_two_names() -> None:
    first = switch()
    other = replace(
        first, asset=replace(first.asset, key="other", site="depot"), findings=(), parts=(), outcome=Outcome.NO_MATCH
    )
    made = replace(audit(), assets=(first, other), links=(), gateways=())

    rows = tables(made)

    assert {row["name"] for row in rows["5-devices"]} == {"sw-hq-1", "sw-hq-1 (2)"}
    addresses = [row["address"] for row in rows["8-ip-addresses"]]
    assert len(set(addresses)) == len(addresses) > 0, "NetBox takes an address once"


def test_nornir_reads_what_is_written_for_it_and_so_does_a_scan() -> None:
    text = render(audit(), "nornir", Options()).decode()

    assert target_lines(text, "hosts.yaml") == ["192.0.2.9 site=depot", "192.0.2.10 site=depot", "192.0.2.1 site=hq"]
    assert yaml.safe_load(text)["sw-hq-1"]["data"]["manufacturer"] == "Huawei"


@pytest.mark.parametrize("name", ["ansible", "nornir"])
def test_whatever_a_device_calls_itself_a_text_stays_a_text(name: str) -> None:
    document = yaml.safe_load(render(hostile(), name, Options()))

    def texts(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for one in value.values():
                texts(one)
        else:
            assert isinstance(value, str)

    texts(document)


def test_ansible_finds_the_groups_of_a_host_by_site_role_and_maker() -> None:
    document = yaml.safe_load(render(audit(), "ansible", Options()))["all"]

    assert document["hosts"]["sw-hq-1"]["ansible_host"] == "192.0.2.1"
    assert {name for name, group in document["children"].items() if "sw-hq-1" in group["hosts"]} >= {
        "site_hq",
        "maker_huawei",
    }
    assert all(name.replace("_", "").isalnum() for name in document["children"])
