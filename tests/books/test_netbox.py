"""A run into NetBox: dry first, nothing the second night, and a person's words stay."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from tests.tools.netbox_server import TOKEN, netbox_server

GEAR = """\
Name,IP,MAC,Vendor,Model,Serial,Site
sw1,192.0.2.1,00-25-9E-00-00-01,Huawei,S5720-28X-SI-AC,2102350DLS10000001,hq
cam,192.0.2.2,e0-50-8b-00-00-07,Dahua,IPC-HDW2431T,5K00000PAG00001,hq
cam,192.0.2.3,00-00-5E-00-53-02,Acme,X1,,depot
"""


@pytest.fixture
def box():
    """Return an empty NetBox."""
    with netbox_server() as tables:
        yield tables


@pytest.fixture
def auditor(tmp_path, monkeypatch, box):
    """Return a function that runs a command with this NetBox in its configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETBOX_TOKEN", TOKEN)
    Path("auditor.toml").write_text(
        f'[credential.netbox]\nkind = "netbox"\nurl = "{box.url}"\nsecret = "env:NETBOX_TOKEN"\n'
        '[options]\nstore = "s.db"\n'
    )

    def call(*words, code=0):
        done = CliRunner().invoke(main, words)
        assert done.exit_code == code, done.output
        return done

    return call


def night(auditor, text=GEAR):
    Path("gear.csv").write_text(text)
    auditor("import", "gear.csv", "-q", "--fail-on", "never", "-o", "out.txt")


def apply(auditor, code=0):
    done = auditor("netbox", "write", "--apply", "-f", "json", code=code)
    return [(one["action"], one["sort"], one["name"]) for one in json.loads(done.stdout)]


def device(box, name):
    (one,) = [one for one in box.rows("dcim/devices") if one["name"] == name]
    return one


def test_an_empty_netbox_holds_every_device_and_the_second_night_changes_nothing(auditor, box):
    night(auditor)
    apply(auditor)

    switch = device(box, "sw1")
    assert switch["site"]["name"] == "hq"
    assert switch["device_type"]["model"] == "S5720-28X-SI-AC"
    assert switch["device_type"]["manufacturer"]["name"] == "Huawei"
    assert (switch["serial"], switch["status"]["value"]) == ("2102350DLS10000001", "active")
    assert switch["primary_ip4"]["address"] == "192.0.2.1/32"
    assert "00:25:9e:00:00:01" in [one["mac_address"] for one in box.rows("dcim/mac-addresses")]
    assert sorted(one["name"] for one in box.rows("dcim/devices")) == ["cam", "cam", "sw1"]
    box.requests.clear()
    night(auditor)

    assert apply(auditor) == []
    assert box.writes() == []


def test_a_dry_run_says_what_the_real_one_does_and_sends_nothing(auditor, box):
    night(auditor)
    done = auditor("netbox", "write", "-f", "json")
    dry = [(one["action"], one["sort"], one["name"]) for one in json.loads(done.stdout)]

    assert box.writes() == []
    assert "nothing was written, --apply writes" in done.stderr
    assert TOKEN not in done.output
    assert dry == apply(auditor)


def test_what_a_person_changed_stays_and_what_we_wrote_is_kept_up_to_date(auditor, box):
    night(auditor)
    apply(auditor)
    number = device(box, "sw1")["id"]
    box.change("PATCH", "dcim/devices", number, {"name": "core-1", "description": "", "comments": "mind the fan"})
    night(auditor, GEAR.replace("S5720-28X-SI-AC", "S6730-H24X6C").replace("2102350DLS10000001", "2102350DLS10000001"))

    changes = apply(auditor)

    core = device(box, "core-1")
    assert core["id"] == number
    assert (core["description"], core["comments"]) == ("", "mind the fan")
    assert core["device_type"]["model"] == "S6730-H24X6C"
    assert ("keep", "device", "core-1") in changes
    assert ("update", "device", "core-1") in changes
    assert {action for action, *_ in apply(auditor)} == {"keep"}


def test_a_device_a_person_entered_is_found_and_only_its_gaps_are_filled(auditor, box):
    maker = box.add("dcim/manufacturers", {"name": "HUAWEI", "slug": "huawei"})
    kind = box.add("dcim/device-types", {"manufacturer": maker["id"], "model": "S5720", "slug": "s5720"})
    role = box.add("dcim/device-roles", {"name": "Access", "slug": "access"})
    site = box.add("dcim/sites", {"name": "HQ", "slug": "hq", "status": "active"})
    own = {"name": "lobby", "device_type": kind["id"], "role": role["id"], "site": site["id"], "status": "active"}
    by_tag = box.add("dcim/devices", {**own, "asset_tag": "2102350dls10000001"})
    by_mac = box.add("dcim/devices", {**own, "name": "lobby-cam"})
    port = box.add("dcim/interfaces", {"device": by_mac["id"], "name": "eth0", "type": "other"})
    at = {"assigned_object_type": "dcim.interface", "assigned_object_id": port["id"]}
    box.add("dcim/mac-addresses", {"mac_address": "E0:50:8B:00:00:07", **at})
    night(auditor)

    apply(auditor)

    assert len(box.rows("dcim/devices")) == 3
    lobby, camera = device(box, "lobby"), device(box, "lobby-cam")
    assert (lobby["id"], camera["id"]) == (by_tag["id"], by_mac["id"])
    assert lobby["device_type"]["model"] == "S5720"
    assert (lobby["serial"], camera["serial"]) == ("2102350DLS10000001", "5K00000PAG00001")
    assert [one["name"] for one in box.rows("dcim/sites")] == ["HQ", "depot"]
    assert (
        len([one for one in box.rows("dcim/mac-addresses") if one["mac_address"].upper() == "E0:50:8B:00:00:07"]) == 1
    )


def test_a_serial_number_that_contradicts_a_mac_or_a_name_makes_two_devices(auditor, box):
    night(auditor)
    apply(auditor)
    number = device(box, "sw1")["id"]
    box.change("PATCH", "dcim/devices", number, {"serial": "OTHER", "custom_fields": {"auditor": None}})

    apply(auditor)

    assert device(box, "sw1")["id"] == number
    assert device(box, "sw1 (2)")["serial"] == "2102350DLS10000001"


def test_a_device_that_was_removed_is_tagged_not_deleted_and_loses_the_tag_when_it_is_back(auditor, box):
    night(auditor)
    apply(auditor)
    auditor("removal", "note", "sw1", "removed", "--who", "A. Officer", "--at", "2036-01-01")
    night(auditor, "\n".join(line for line in GEAR.splitlines() if not line.startswith("sw1")))

    assert apply(auditor) == [("update", "device", "sw1")]
    assert [tag["slug"] for tag in device(box, "sw1")["tags"]] == ["auditor-gone"]
    assert apply(auditor) == []
    night(auditor)
    apply(auditor)
    assert device(box, "sw1")["tags"] == []


def test_what_netbox_refuses_is_said_and_the_rest_is_written(auditor, box):
    night(auditor)
    box.veto = "sw1"

    done = auditor("netbox", "write", "--apply", code=3)

    assert "name: Names follow the rule of the house." in done.stdout
    assert "1 refused" in done.stderr
    assert [one["name"] for one in box.rows("dcim/devices")] == ["cam", "cam"]
    assert len(box.rows("ipam/ip-addresses")) == 2
    box.veto = ""
    assert ("create", "device", "sw1") in apply(auditor)


def test_a_slug_or_an_address_that_is_taken_is_no_obstacle(auditor, box):
    box.add("ipam/ip-addresses", {"address": "192.0.2.1/24"})
    other = box.add("dcim/manufacturers", {"name": "Elsewhere", "slug": "dahua-2"})
    box.add("dcim/manufacturers", {"name": "Da-hua", "slug": "acme"})
    box.add("dcim/device-types", {"manufacturer": other["id"], "model": "Y", "slug": "dahua-ipc-hdw2431t"})
    night(auditor)

    apply(auditor)

    assert len(box.rows("dcim/devices")) == 3
    assert device(box, "sw1")["primary_ip4"]["address"] == "192.0.2.1/24"


@pytest.mark.parametrize(
    ("instead", "problem"),
    [
        ((302, {"Location": "https://192.0.2.9/login/"}, b""), "sends us elsewhere, to https://192.0.2.9/login/"),
        ((200, {}, b"<html>"), "something that is no JSON"),
        ((403, {}, b'{"detail": "Invalid token"}'), "Invalid token (HTTP 403)"),
        ((200, {}, b'{"netbox-version": "3.7.8"}'), "is NetBox 3.7.8; 4.2 or newer is needed"),
        ((200, {}, b"{}"), "says no version of NetBox"),
    ],
)
def test_a_server_that_is_no_netbox_is_one_line(auditor, box, instead, problem):
    night(auditor)
    box.instead = instead

    done = auditor("netbox", "write", code=2)

    assert problem in done.stderr
    assert TOKEN not in done.output


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://netbox.example.org", "would send the token to netbox.example.org for all to read"),
        ("ftp://127.0.0.1", "is no address of an API"),
        ("https://user:pw@127.0.0.1", "is no address of an API"),
        ("http://127.0.0.1:1", "does not answer"),
    ],
)
def test_a_token_goes_over_https_or_to_loopback_alone(auditor, url, problem):
    night(auditor)
    text = Path("auditor.toml").read_text()
    Path("auditor.toml").write_text(
        "\n".join(f'url = "{url}"' if line.startswith("url") else line for line in text.splitlines())
    )

    assert problem in auditor("netbox", "write", code=2).stderr


def test_devices_are_read_as_books_and_as_targets(auditor):
    night(auditor)
    apply(auditor)
    auditor("netbox", "read", "-o", "books.json")

    assert auditor("netbox", "read", "-f", "targets").stdout.splitlines() == [
        "192.0.2.3 site=depot",
        "192.0.2.1 site=hq",
        "192.0.2.2 site=hq",
    ]
    done = auditor("reconcile", "books.json", "-f", "json", code=3)
    assert {one["matched_by"] for one in json.loads(done.stdout)}


def test_a_token_of_the_second_version_goes_as_a_bearer(auditor, box, monkeypatch):
    monkeypatch.setenv("NETBOX_TOKEN", "nbt_abc.def")
    box.token = "Bearer nbt_abc.def"

    assert json.loads(auditor("netbox", "read").stdout)["count"] == 0


def test_the_numbers_of_another_store_are_other_devices(auditor, box):
    night(auditor)
    apply(auditor)
    text = Path("auditor.toml").read_text()
    Path("auditor.toml").write_text(text.replace("s.db", "other.db"))
    other = GEAR.replace("sw1", "sw9").replace("2102350DLS10000001", "").replace("00-25-9E", "00-25-9F")
    night(auditor, "\n".join(other.splitlines()[:2]).replace("192.0.2.1,", "192.0.2.99,"))

    assert ("create", "device", "sw9") in apply(auditor)
    assert device(box, "sw1")["serial"] == "2102350DLS10000001"
    night(auditor, GEAR)
    apply(auditor)
    Path("auditor.toml").write_text(text)

    assert apply(auditor) == [], "two stores that know one device leave each other's number alone"
