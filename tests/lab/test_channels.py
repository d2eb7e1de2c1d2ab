"""Recorders of the lab list their cameras to whoever has their credential, and a scan reads them."""

import json

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import InputError
from auditor.lab import network as networks
from auditor.lab.play import play
from tests.lab.conftest import SAMPLES, elsewhere

NETWORK = """
[credential.cameras]
kind = "http"
user = "audit"

[[site]]
name = "yard"
net = "192.0.2."
at = "127.0.87."
credentials = ["cameras"]

[[device]]
site = "yard"
host = 11
plays = "hikvision/ds-7608ni"
name = "nvr-gate"
http = "cameras"

[[device]]
site = "yard"
host = 12
plays = "dahua/nvr4108"
name = "nvr-dock"
http = "cameras"

[[channel]]
site = "yard"
recorder = "nvr-gate"
address = "198.51.100.31"
name = "Gate & fence"
model = "DS-2CD2143G0-I"
serial = "DS-2CD2143G0-I20190912AAWRD00000331"
protocol = "HIKVISION"

[[channel]]
site = "yard"
recorder = "nvr-gate"
address = "198.51.100.32"
name = "Yard"

[[channel]]
site = "yard"
recorder = "nvr-dock"
address = "198.51.100.33"
name = "Dock"
model = "IPC-HDW2431T-AS-S2"
serial = "5K0000DPAG00333"
mac = "e0:50:8b:00:03:33"
"""


def scan(folder, text=NETWORK):
    """Play a network, scan its addresses, and return the lab and the channels each recorder has in the audit."""
    path = folder / "recorders.toml"
    path.write_text(text, encoding="utf-8")
    with play(elsewhere(networks.load(path)), SAMPLES, folder) as lab:
        words = ["--config", str(lab.config), "scan", "-i", str(folder / "targets.txt"), "--rate", "5000", "-q"]
        words += ["--collector", "probe", "--store", "none", "-f", "json", "-o", str(folder / "audit.json")]
        CliRunner().invoke(main, words)
    audit = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    return lab, {
        asset["address"]: [part for part in asset["parts"] if part["part"].startswith("channel:")]
        for asset in audit["assets"]
    }


def test_the_cameras_behind_a_recorder_are_its_parts_once_it_is_logged_in_to(tmp_path):
    _, channels = scan(tmp_path)

    said = [(part["name"], part["address"], part.get("maker")) for part in channels["127.0.87.11"]]
    (dock,) = channels["127.0.87.12"]

    assert said == [("Gate & fence", "198.51.100.31", "hikvision"), ("Yard", "198.51.100.32", "")]
    assert (dock["maker"], dock["address"], dock["mac"]) == ("dahua", "198.51.100.33", "e0508b000333")
    assert dock["stated"] == {"firmware": "", "model": "IPC-HDW2431T-AS-S2", "serial": "5K0000DPAG00333"}


def test_a_list_is_closed_to_whoever_lacks_the_credential(tmp_path):
    closed = NETWORK.replace('user = "audit"\n', 'user = "audit"\nknown = false\n')
    lab, channels = scan(tmp_path, closed)

    assert lab.stats["http_requests"] > 0
    assert [channels.get(address, []) for address in ("127.0.87.11", "127.0.87.12")] == [[], []]


def test_a_channel_of_no_recorder_with_a_login_is_a_mistake(tmp_path):
    path = tmp_path / "recorders.toml"
    path.write_text(NETWORK.replace('recorder = "nvr-dock"', 'recorder = "nvr-roof"'), encoding="utf-8")

    with pytest.raises(InputError, match=r"channel\[3\].recorder.*no recorder 'nvr-roof'"):
        networks.load(path)
