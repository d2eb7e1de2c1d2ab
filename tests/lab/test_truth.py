"""A scan of each sample network comes to the truth it states and changes nothing."""

import json
import string
from collections import Counter

import pytest
from click.testing import CliRunner

from auditor.assets.ports import load_ports
from auditor.cli import main
from auditor.collect.ssh.drivers import driver_table
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.rules.load import builtin
from tests.lab.conftest import SAMPLES, elsewhere

PORTS = load_ports([builtin()])
LETTERS = string.ascii_letters
NAMES = [path.stem for path in sorted((SAMPLES / "networks").glob("*.toml"))]


@pytest.fixture(scope="module", params=NAMES)
def scanned(request, tmp_path_factory):
    """Play one network, scan it as it configures; return lab, audit and how the scan ended."""
    folder = tmp_path_factory.mktemp(request.param)
    network = elsewhere(networks.load(SAMPLES / "networks" / f"{request.param}.toml"))
    with play(network, SAMPLES, folder) as lab:
        words = ["--config", str(lab.config), "scan", "-i", str(folder / "targets.txt"), "--rate", "5000", "-q"]
        words += [
            "--store",
            str(folder / "auditor.db"),
            "-f",
            "json",
            "-o",
            str(folder / "audit.json"),
            "--no-progress",
        ]
        result = CliRunner().invoke(main, [*words, "--deadline", "30"])
    return lab, json.loads((folder / "audit.json").read_text(encoding="utf-8")), result


def counted(audit, site):
    """Return covered findings by maker, those of boxes only heard of apart."""
    counts = Counter()
    for asset in audit["assets"]:
        if asset["site"] == site:
            heard = "heard_" if asset["seen"] == "heard" else ""
            counts.update(heard + finding["maker"] for finding in asset["findings"] if finding["tier"] == "covered")
    return dict(counts)


@pytest.mark.slow
def test_the_audit_comes_to_the_truth(scanned):
    lab, audit, result = scanned
    truth = {site: dict(counts) for site, counts in lab.network.truth.items()}

    assert result.exit_code == 1
    for site, wanted in truth.items():
        makers = {name: count for name, count in wanted.items() if name not in {"read", "unread"}}
        assert counted(audit, site) == makers, site


@pytest.mark.slow
def test_every_device_that_answers_was_read(scanned):
    lab, audit, _result = scanned
    wanted = Counter(seen=sum(counts["read"] for counts in lab.network.truth.values()))

    assert sum(asset["seen"] == "read" for asset in audit["assets"]) == wanted["seen"]


@pytest.mark.slow
def test_devices_are_said_to_be_where_they_are_plugged_in(scanned):
    lab, audit, _result = scanned
    tables = {device.name for device in lab.network.devices if "fdb" in device.tables}
    places = {asset["address"]: asset["place"] for asset in audit["assets"] if asset["place"]}
    for device in lab.network.devices:
        at = places.get(lab.network.address(device))
        # A switch's own place may be told from either end of the cable; an end device has one.
        if device.switch in tables and not device.uplink and at is not None:
            # GE0/0/3 and GigabitEthernet0/0/3 are one port: a switch prints both.
            assert (at["switch"], at["port"].lstrip(LETTERS)) == (device.switch, device.port.lstrip(LETTERS)), (
                device.name
            )


@pytest.mark.slow
def test_what_never_answers_is_said_to_be_where_it_is_plugged_in(scanned):
    lab, audit, _result = scanned
    names = {device.name for device in lab.network.devices if {"fdb", "lldp"} <= device.tables}
    places = {mac: asset["place"] for asset in audit["assets"] for mac in asset["macs"] if asset["place"]}
    for one in lab.network.bystanders:
        if one.switch in names and one.mac in places:
            at = places[one.mac]
            assert (at["switch"], PORTS(at["port"])) == (one.switch, PORTS(one.port)), one


@pytest.mark.slow
def test_every_camera_a_recorder_lists_is_a_part_of_it(scanned):
    lab, audit, _result = scanned
    listed = {
        (asset["name"], part["address"], part.get("stated", part)["serial"])
        for asset in audit["assets"]
        for part in asset["parts"]
        if part["part"].startswith("channel:")
    }

    assert listed == {(one.recorder, one.address, one.serial) for one in lab.network.channels}


@pytest.mark.slow
def test_nothing_was_written_and_nothing_unlisted_was_typed(scanned):
    lab, _audit, _result = scanned
    allowed = {line for driver in driver_table().drivers for line in (*driver.session, *driver.lines(), driver.leave)}

    assert lab.stats["set"] == 0
    assert {line for _address, line in lab.commands} - {""} <= allowed | set(lab.secrets.values())


@pytest.mark.slow
def test_no_secret_is_typed_where_no_password_was_asked(scanned):
    """What reaches the lab as a command line stands in a device's command log, and is echoed."""
    lab, _audit, _result = scanned

    assert not {line for _address, line in lab.commands} & set(lab.secrets.values())


@pytest.mark.slow
def test_no_secret_left_the_vault(scanned):
    lab, _audit, result = scanned
    written = [path for path in lab.folder.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    for secret in lab.secrets.values():
        assert secret not in result.output
        assert [path.name for path in written if secret.encode() in path.read_bytes()] == []
