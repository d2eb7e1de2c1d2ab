"""Sample networks: ports that exist, no identity twice, counts that come to the truth."""

import re
from collections import Counter
from pathlib import Path

import pytest

from auditor.errors import AuditorError
from auditor.lab import network as networks
from auditor.lab import samples
from auditor.lab.cabling import IF_DESCR, IF_NAME
from auditor.lab.cast import IF_PHYS_ADDRESS, cast
from auditor.lab.wiring import wire_up
from auditor.normal import pon_serial
from auditor.parse import cli, snmp

SAMPLES = Path(__file__).parents[2] / "samples"
LABELS = samples.labels(SAMPLES)
NETWORKS = {path.stem: networks.load(path) for path in sorted((SAMPLES / "networks").glob("*.toml"))}

VENDORS = {"HWTC": "huawei", "ZTEG": "zte"}

SMALL = """
[credential.access]
kind = "snmp-v2c"
[[site]]
name = "hq"
net = "192.0.2."
at = "127.0.50."
[[device]]
site = "hq"
host = 3
plays = "huawei/s5720"
snmp = "access"
"""


def play_list(network):
    """Return the devices as they will be played."""
    devices = [device for device in network.devices if device.plays]
    spoken = [cast(device, samples.read(SAMPLES, device.plays), LABELS[device.plays], network) for device in devices]
    return wire_up(network, spoken)


def terminals(device):
    """Return the serial numbers of GPON terminals an OLT lists in its CLI and over SNMP."""
    path = SAMPLES / f"{device.plays}.cli"
    pairs = cli.split_transcript(path.read_text(encoding="utf-8")) if path.is_file() and "ssh" in device.logins else []
    said = [fact for command, reply in pairs for fact in cli.facts(command, reply)]
    if "snmp" in device.logins:
        said.extend(snmp.facts(samples.read(SAMPLES, device.plays).varbinds))
    return {pon_serial(fact.value) for fact in said if fact.kind == "gpon.serial" and fact.about}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_truth_is_the_sum_of_the_labels(name):
    network = NETWORKS[name]
    counted = {site.name: Counter() for site in network.sites}
    for device in network.devices:
        answers = device.plays and not set(device.logins.values()) & network.secret
        maker = LABELS[device.plays].maker if device.plays else "none"
        counted[device.site]["read" if answers else "unread"] += 1
        if maker != "none":
            counted[device.site][maker if answers else f"heard_{maker}"] += 1
        if answers:
            counted[device.site].update(
                f"heard_{VENDORS[serial[:4]]}" for serial in terminals(device) if serial[:4] in VENDORS
            )
    for bystanders in network.bystanders:
        if bystanders.maker:
            counted[bystanders.site][f"heard_{bystanders.maker}"] += 1

    assert {site: dict(counts) for site, counts in counted.items()} == dict(network.truth)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_plug_is_in_a_port_the_switch_has(name):
    network = NETWORKS[name]
    ports = {}
    for played in play_list(network):
        columns = [bind for bind in played.sample.varbinds if bind.oid.startswith((IF_DESCR, IF_NAME))]
        ports[played.name] = {bind.raw.decode() for bind in columns}
    plugs = [(item.switch, item.port) for item in (*network.devices, *network.bystanders) if item.switch]
    plugs += [(device.name, device.uplink) for device in network.devices if device.uplink]

    assert [plug for plug in plugs if plug[1] not in ports[plug[0]]] == []


@pytest.mark.parametrize("name", NETWORKS)
def test_no_two_devices_share_an_identity(name):
    network = NETWORKS[name]
    macs = [bystanders.mac for bystanders in network.bystanders]
    for played in play_list(network):
        own = {bind.raw.hex() for bind in played.sample.varbinds if bind.oid.startswith(IF_PHYS_ADDRESS) and bind.raw}
        macs += (own | {played.mac}) - {played.device.shares}
    serials = [device.serial or LABELS[device.plays].serial for device in network.devices if device.plays]
    addresses = [network.address(device) for device in network.devices]
    engines = [
        bind.raw
        for played in play_list(network)
        for bind in played.sample.varbinds
        if bind.oid == "1.3.6.1.6.3.10.2.1.1.0"
    ]

    for values in (macs, [serial for serial in serials if serial], addresses, engines):
        assert [value for value, times in Counter(values).items() if times > 1] == []


@pytest.mark.parametrize("name", NETWORKS)
def test_covered_makers_keep_their_prefix_and_others_none(name):
    for device in NETWORKS[name].devices:
        if device.plays and device.mac:
            recorded = LABELS[device.plays].mac
            assert device.mac[:6] == recorded[:6], device.name


@pytest.mark.parametrize("name", NETWORKS)
def test_serials_keep_the_grammar_of_the_maker(name):
    for device in NETWORKS[name].devices:
        if device.serial and LABELS[device.plays].maker != "none":
            recorded = LABELS[device.plays].serial
            assert re.sub(r"\d", "0", device.serial)[-8:] == re.sub(r"\d", "0", recorded)[-8:], device.name
            assert len(device.serial) == len(recorded)


def test_a_device_two_switches_away_is_seen_through_the_port_that_leads_there():
    network = NETWORKS["demo"]
    core = next(played for played in play_list(network) if played.name == "hq-core")
    access = next(played for played in play_list(network) if played.name == "hq-acc2")
    arcs = ".20.156.142.205.0.1.20"

    def port(played):
        return [bind.raw[0] for bind in played.sample.varbinds if bind.oid.endswith(f"2.2.1.2{arcs}")]

    assert port(core) == [34]  # Te1/1/1, towards hq-acc1
    assert port(access) == [9]  # GigabitEthernet0/0/3, where it is plugged in


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('at = "127.0.50."', 'at = "10.0.0."', "loopback"),
        ('kind = "snmp-v2c"', 'kind = "snmp-v9"', "is not one of"),
        ("host = 3", 'host = "three"', "device[1].host: 'host' must be a whole number"),
        ('snmp = "access"', 'snmp = "acess"', "device[1].snmp: no credential 'acess'"),
        ('site = "hq"\n', 'site = "hg"\n', "device[1].site: no site 'hg'"),
        ("host = 3", "host = 3\ncolour = 1", "device[1].colour: unknown key"),
        ("host = 3", 'host = 3\nmac = "no"', "device[1].mac: 'no' is no MAC"),
        ("host = 3", 'host = 3\ntables = ["nat"]', "'nat' is no table"),
        ("host = 3", 'host = 3\nlink = "sw1 Gi1"', "no device 'sw1'"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, old, new, words):
    path = tmp_path / "small.toml"
    path.write_text(SMALL.replace(old, new), encoding="utf-8")

    with pytest.raises(AuditorError) as told:
        networks.load(path)

    assert words in str(told.value)


def test_a_network_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(AuditorError, match="cannot be read"):
        networks.load(tmp_path / "none.toml")
