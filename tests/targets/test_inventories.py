"""Other tools' inventories as target lists.

Hosts, sites, drivers and ports come in, secrets stay where they are.
"""

import json
import time

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.collect.ssh.drivers import driver_table
from auditor.errors import AuditorError
from auditor.targets import config as configuration
from auditor.targets.inventories import read, target_lines
from auditor.targets.select import select

DRIVERS = driver_table().names()
SECRET = "hunter2-canary"
HOSTS = f"""---
core-1:
  hostname: 192.0.2.1
  port: 2222
  username: admin
  password: {SECRET}
  platform: huawei_vrp
  groups: [hq]
edge-1:
  hostname: edge-1.example
  groups:
    - branch
192.0.2.3: {{}}
"""
GROUPS = """
hq:
  data: {site: hq}
  groups: [all-sites]
branch:
  platform: ios
  data:
    site: branch
all-sites:
  platform: linux
"""
DEFAULTS = f"username: admin\npassword: {SECRET}\nport: 22\n"
ANSIBLE = {
    "_meta": {
        "hostvars": {
            "core-1": {
                "ansible_host": "192.0.2.1",
                "ansible_port": 2222,
                "ansible_network_os": "community.network.ce",
                "ansible_password": SECRET,
                "site": "hq",
            },
            "localhost": {"ansible_connection": "local"},
        }
    },
    "all": {"children": ["ungrouped", "switches"]},
    "switches": {"hosts": ["core-1", "edge-1.example", "localhost"]},
}
NETBOX = {
    "count": 3,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": 1,
            "name": "core-1",
            "platform": {"id": 1, "name": "Huawei VRP", "slug": "huawei-vrp"},
            "site": {"id": 1, "name": "hq", "slug": "hq"},
            "primary_ip": {"id": 1, "family": 4, "address": "192.0.2.1/24"},
            "primary_ip4": {"id": 1, "family": 4, "address": "192.0.2.1/24"},
        },
        {
            "id": 2,
            "name": "edge-1",
            "platform": None,
            "site": {"id": 2, "name": "North Depot", "slug": "north-depot"},
            "primary_ip": None,
            "primary_ip6": {"id": 2, "family": 6, "address": "2001:db8::2/64"},
        },
        {"id": 3, "name": "panel", "platform": None, "site": {"name": "hq"}, "primary_ip": None},
    ],
}
NETBOX_CSV = (
    "Name,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,IP Address\ncore-1,Active,,hq,,,Core,Huawei,"
    "S5720,192.0.2.1/24\npanel,Active,,hq,,,Panel,Generic,48-Pair,\n"
)


@pytest.fixture
def nornir(tmp_path):
    for name, text in (("hosts.yaml", HOSTS), ("groups.yaml", GROUPS), ("defaults.yaml", DEFAULTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "hosts.yaml"


def test_a_nornir_host_inherits_from_its_groups_in_order_and_then_from_the_defaults(nornir):
    assert read(nornir, DRIVERS) == [
        "192.0.2.1 site=hq driver=huawei_vrp ssh=2222",
        "edge-1.example site=branch driver=cisco_ios ssh=22",
        "192.0.2.3 ssh=22",
    ]


def test_a_platform_without_a_driver_of_ours_is_left_to_what_the_device_says():
    assert target_lines("a: {hostname: 192.0.2.1, platform: linux}", "hosts.yaml") == ["192.0.2.1"]
    assert target_lines("a: {hostname: 192.0.2.1, platform: zte_zxros}", "h.yaml", drivers=DRIVERS) == [
        "192.0.2.1 driver=zte_zxros"
    ]


def test_what_ansible_inventory_lists_is_read_whether_or_not_a_host_has_variables():
    assert target_lines(json.dumps(ANSIBLE), "inventory.json", drivers=DRIVERS) == [
        "192.0.2.1 site=hq driver=huawei_vrpv8 ssh=2222",
        "edge-1.example",
    ]


def test_what_a_host_does_not_say_its_groups_say_the_nearest_first():
    listed = {
        "_meta": {"hostvars": {"a": {"ansible_host": "192.0.2.1"}}},
        "all": {"children": ["net", "ungrouped"]},
        "net": {"children": ["core"], "vars": {"site": "all", "ansible_port": 8022}},
        "core": {"children": ["net"], "hosts": ["a", "b.example"], "vars": {"site": "hq"}},
    }

    assert target_lines(json.dumps(listed), "inventory.json") == [
        "192.0.2.1 site=hq ssh=8022",
        "b.example site=hq ssh=8022",
    ]


def test_hosts_that_are_no_targets_are_told():
    told = []
    for text, name in (
        (json.dumps(ANSIBLE), "inventory.json"),
        (json.dumps(NETBOX), "devices.json"),
        (NETBOX_CSV, "d.csv"),
    ):
        target_lines(text, name, tell=told.append)

    assert told == [
        "inventory.json: 1 not contacted, Ansible reads it on the machine itself: 'localhost'",
        "devices.json: 1 not contacted, it has no primary address: 'panel'",
        "d.csv: 1 not contacted, it has no primary address: 'panel'",
    ]


def test_a_site_a_line_of_targets_has_no_room_for_is_told():
    told = []
    lines = target_lines("name,ip address,site\na,192.0.2.1,North Depot\nb,192.0.2.2,hq\n", "d.csv", tell=told.append)

    assert lines == ["192.0.2.1", "192.0.2.2 site=hq"]
    assert told == ["d.csv: 1 without the site it names, which is more than one word: 'a'"]


def test_one_page_of_several_is_no_list_of_targets():
    with pytest.raises(AuditorError, match=r"one page of 3 devices and not the last"):
        target_lines(json.dumps(NETBOX | {"next": "https://netbox.example/?offset=3"}), "devices.json")


def test_an_ansible_inventory_file_is_known_for_what_it_is():
    with pytest.raises(AuditorError, match="ansible-inventory --list"):
        target_lines("[core]\ncore-1 ansible_password=x\n", "hosts.ini")


def test_netbox_devices_are_targets_where_they_have_an_address():
    assert target_lines(json.dumps(NETBOX), "devices.json", drivers=DRIVERS) == [
        "192.0.2.1 site=hq driver=huawei_vrp",
        "2001:db8::2 site=north-depot",
    ]
    assert target_lines(NETBOX_CSV, "netbox_devices.csv") == ["192.0.2.1 site=hq"]


def test_a_plain_list_of_targets_stays_what_it_is():
    assert target_lines("10.0.0.0/24 # core\n\ncore-1.example site=hq\n", "targets.txt") == [
        "10.0.0.0/24",
        "core-1.example site=hq",
    ]


@pytest.mark.parametrize(
    "address", ["192.0.2.1 credential=root", "10.0.0.1-250", "a#b", "--yes", "\u202e", "10.0.0.0 /8"]
)
def test_no_host_of_a_file_is_more_than_one_address_or_name(address):
    for text, name in (
        (f"a: {{hostname: {json.dumps(address)}}}", "hosts.yaml"),
        (_ansible(address), "inventory.json"),
    ):
        with pytest.raises(AuditorError, match="host 'a'"):
            target_lines(text, name)


def test_an_address_with_a_prefix_length_is_one_address_and_no_subnet():
    assert target_lines(_ansible("10.0.0.1/8"), "inventory.json") == ["10.0.0.1"]


def _ansible(address):
    return json.dumps({"_meta": {"hostvars": {"a": {"ansible_host": address}}}})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hosts.yaml", f"a: {{password: {SECRET}"),
        ("hosts.yaml", f"- {SECRET}"),
        ("hosts.yaml", f"a: {{hostname: '{SECRET} x', password: {SECRET}}}"),
        ("hosts.yaml", f"a: !!python/object/apply:os.system ['{SECRET}']"),
        ("hosts.yaml", "[" * 5000),
        ("hosts.yaml", "all: {hosts: {a: {}}}"),
        ("inventory.json", f'{{"password": "{SECRET}'),
        ("inventory.json", "[" * 100_000),
        ("inventory.json", '{"_meta": {"hostvars": {}}}'),
        ("inventory.json", '{"devices": 1}'),
    ],
)
def test_what_is_no_inventory_ends_in_one_line_that_shows_no_secret(name, text):
    with pytest.raises(AuditorError) as caught:
        target_lines(text, name)

    assert name in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_groups_that_point_at_each_other_end():
    groups = "".join(f"g{n}: {{groups: [{', '.join(f'g{m}' for m in range(40))}]}}\n" for n in range(40))
    started = time.monotonic()

    found = target_lines(
        "a: {hostname: 192.0.2.1, groups: [g0]}", "hosts.yaml", lambda name: groups if "groups" in name else ""
    )

    assert found == ["192.0.2.1"]
    assert time.monotonic() - started < 5


def test_the_lines_select_the_devices_they_name(nornir):
    config = configuration.parse("", "auditor.toml")
    lines = [line for line in read(nornir, DRIVERS) if "example" not in line]

    found = list(select([line.replace("192.0.2.", "10.0.0.") for line in lines], config))

    assert [(target.address, target.site, target.driver, dict(target.ports)) for target in found] == [
        ("10.0.0.1", "hq", "huawei_vrp", {"ssh": 2222}),
        ("10.0.0.3", "", "", {"ssh": 22}),
    ]


def test_a_scan_plans_over_an_inventory_and_prints_none_of_its_secrets(tmp_path):
    hosts = tmp_path / "hosts.yaml"
    hosts.write_text(HOSTS.replace("192.0.2.", "10.0.0.").replace("edge-1.example", "10.0.0.2"), encoding="utf-8")
    (tmp_path / "groups.yaml").write_text(GROUPS, encoding="utf-8")

    result = CliRunner().invoke(main, ["scan", "-i", str(hosts), "--dry-run", "--store", "none"])

    assert result.exit_code == 0, result.output
    assert "10.0.0.1" in result.output
    assert SECRET not in result.output


def test_devices_of_librenms_and_netdisco_are_targets_and_what_is_switched_off_is_named():
    said = []
    librenms = {
        "status": "ok",
        "devices": [
            {"hostname": "sw1.example.org", "ip": "192.0.2.1", "disabled": 0},
            {"hostname": "sw2.example.org", "ip": "", "overwrite_ip": "192.0.2.2", "disabled": False},
            {"hostname": "old.example.org", "ip": "192.0.2.3", "disabled": 1},
        ],
    }
    netdisco = [{"ip": "192.0.2.9", "dns": "core.example.org", "snmp_comm": "hidden"}]

    assert target_lines(json.dumps(librenms), "x", tell=said.append) == ["192.0.2.1", "192.0.2.2"]
    assert "old.example.org" in said[0]
    assert target_lines(json.dumps(netdisco), "x") == ["192.0.2.9"]
