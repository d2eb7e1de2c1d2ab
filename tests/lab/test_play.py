"""The demo network answers on loopback over every protocol and leaves nothing behind."""

import contextlib
import shutil
import socket
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor import ber
from auditor.collect.base import Setup
from auditor.collect.probe.collector import ProbeCollector
from auditor.errors import UsageError
from auditor.lab import network as networks
from auditor.lab import samples
from auditor.lab.play import _SHIFTS, play
from auditor.model import Target, VarBind
from auditor.parse import snmprec
from auditor.snmp import message
from auditor.targets import config
from tests.lab.conftest import SAMPLES, elsewhere
from tests.tools.loopback import SCOPE

SYS_DESCR = "1.3.6.1.2.1.1.1.0"


def get(lab, name, community, oid=SYS_DESCR):
    """Return what one GET over UDP brings, None where nobody answers."""
    endpoint = next(endpoint for endpoint in lab.endpoints if endpoint.name == name)
    body = message.pdu(message.GET, 7, 0, 0, message.null_binds([ber.oid(oid)]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.5)
        asker.sendto(message.plain(1, community.encode(), body), (endpoint.address, lab.network.ports["snmp"]))
        try:
            reply = asker.recv(65_535)
        except (TimeoutError, ConnectionRefusedError):
            return None
    return message.read_plain(reply)


def test_the_demo_network_stands_within_three_seconds_and_goes_without_trace(tmp_path):
    network = elsewhere(networks.load(SAMPLES / "networks" / "demo.toml"))
    threads = threading.active_count()
    began = time.monotonic()

    with play(network, SAMPLES, tmp_path) as lab:
        took = time.monotonic() - began
        assert len(lab.endpoints) >= 24
    again = time.monotonic()
    with play(network, SAMPLES, tmp_path):
        pass

    assert took < 3
    assert time.monotonic() - again < 6
    assert threading.active_count() == threads


def test_an_agent_answers_its_community_and_no_other(lab):
    before = lab.stats["bad_community"]

    assert get(lab, "hq-acc2", lab.secrets["access", "secret"]).pdu.status == 0
    assert get(lab, "hq-acc2", "public") is None
    assert lab.stats["bad_community"] == before + 1


def test_a_set_is_refused_and_counted(lab):
    address = next(endpoint.address for endpoint in lab.endpoints if endpoint.name == "hq-acc2")
    body = message.pdu(message.SET, 7, 0, 0, ber.join_varbinds([(ber.oid("1.3.6.1.2.1.1.5.0"), 4, b"owned")]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(1)
        asker.sendto(
            message.plain(1, lab.secrets["access", "secret"].encode(), body), (address, lab.network.ports["snmp"])
        )
        reply = message.read_plain(asker.recv(65_535))

    assert reply.pdu.status != 0
    assert lab.stats["set"] == 1


@pytest.mark.real
@pytest.mark.skipif(shutil.which("snmpbulkwalk") is None, reason="snmpbulkwalk is not installed")
def test_net_snmp_reads_the_forwarding_table_over_authpriv(lab):
    keys = {word: lab.secrets["core", f"{word}_secret"] for word in ("auth", "priv")}
    said = subprocess.run(
        (
            f"snmpbulkwalk -v3 -l authPriv -u audit -a SHA-256 -A {keys['auth']} -x AES -X {keys['priv']} -On "
            f"127.0.50.1:{lab.network.ports['snmp']} 1.3.6.1.2.1.17.7.1.2.2.1.2"
        ).split(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    # The Amcrest camera is two switches away: the core sees it on the port of the first.
    assert ".20.156.142.205.0.1.20 = INTEGER: 34" in said


def test_a_page_behind_the_login_needs_the_login(lab):
    url = f"http://127.0.50.12:{lab.network.ports['http']}/ISAPI/System/deviceInfo"

    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(url, timeout=5)
    page = opener(url, lab.secrets["cameras", "secret"]).open(url, timeout=5).read().decode()

    assert "<model>DS-2CD2143G0-I</model>" in page


def test_a_wrong_password_opens_no_page_and_is_counted(lab):
    url = f"http://127.0.50.14:{lab.network.ports['http']}/cgi-bin/magicBox.cgi?action=getVendor"
    before = lab.stats["failed_logins"]

    with pytest.raises((urllib.error.HTTPError, ValueError)):
        opener(url, "guess").open(url, timeout=5)

    assert lab.stats["failed_logins"] > before


def opener(url, password):
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, url, "audit", password)
    return urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(known))


def test_greetings_are_given_as_recorded(lab):
    with socket.create_connection(("127.0.50.3", lab.network.ports["telnet"]), timeout=5) as caller:
        assert b"recommended to use Stelnet" in caller.recv(4096)
    with socket.create_connection(("127.0.60.9", lab.network.ports["rtsp"]), timeout=5) as caller:
        caller.sendall(b"DESCRIBE rtsp://127.0.60.9/ RTSP/1.0\r\nCSeq: 2\r\n\r\n")
        said = caller.recv(4096)
    assert b"CSeq: 2" in said
    assert b"Server: Dahua Rtsp Server" in said
    assert b'realm="Login to 5A0000APAZ00609"' in said


@pytest.mark.parametrize("name", ["hq-cam1", "hq-cam2"])
def test_a_camera_states_its_maker_in_its_certificate_and_describes_itself_over_upnp(lab, name):
    """A rebranded one too, whose description names the brand.

    The certificate is still the maker's.
    """
    (there,) = [endpoint for endpoint in lab.endpoints if endpoint.name == name]
    target = Target(address=there.address, ports=tuple(there.ports.items()))
    setup = Setup(
        scope=SCOPE,
        credentials={},
        secrets=None,
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        probes=("https", "ssdp"),
    )
    (record,) = ProbeCollector().collect([target], setup)
    said = {fact.kind: fact.value for fact in record.facts}

    assert "O=HIKVISION" in said["tls.subject"]
    assert said["tls.subject"] == said["tls.issuer"]
    assert f"<manufacturer>{'HIKVISION' if name == 'hq-cam1' else 'ANNKE'}</manufacturer>" in said["upnp.description"]
    assert said["entity.serial"] in said["upnp.description"]


def test_the_generated_configuration_is_valid_and_its_secrets_are_private(lab):
    found = config.load([lab.config])

    assert set(found.sites) == {"hq", "depot"}
    assert "changed" not in found.credentials
    for path in (lab.folder / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = lab.config.read_text(encoding="utf-8")
    assert not [secret for secret in lab.secrets.values() if secret in text]


def test_a_second_lab_stands_beside_the_first(lab, tmp_path):
    with play(lab.network, SAMPLES, tmp_path) as second:
        assert not set(second.network.ports.values()) & set(lab.network.ports.values())
        assert get(second, "hq-acc2", second.secrets["access", "secret"]).pdu.status == 0
        assert get(second, "hq-acc2", lab.secrets["access", "secret"]) is None


def test_no_room_for_a_lab_is_told_and_nothing_stays_bound(tmp_path):
    network = elsewhere(networks.load(SAMPLES / "networks" / "demo.toml"))
    with contextlib.ExitStack() as held:
        for shift in _SHIFTS:
            held.enter_context(socket.create_server(("127.0.60.9", network.ports["http"] + shift)))
        with pytest.raises(UsageError, match="cannot listen"), play(network, SAMPLES, tmp_path):
            pass
    with play(network, SAMPLES, tmp_path) as lab:
        assert lab.network.ports == network.ports


def test_another_device_of_the_kind_shares_no_identity_with_the_sample(tmp_path):
    network = elsewhere(networks.load(SAMPLES / "networks" / "demo.toml"))
    device = next(device for device in network.devices if device.name == "hq-acc2")
    other = replace(device, name="twin", mac="a8f5ac00feed", serial="2102350ABCDMK9999999", switch="", port="")
    network = replace(network, devices=(other,), bystanders=())
    label = samples.labels(SAMPLES)["huawei/s5720"]

    with play(network, SAMPLES, tmp_path) as lab:
        varbinds = lab.responder.players[0].device.varbinds

    said = b"\n".join(bind.raw for bind in varbinds)
    assert VarBind("1.3.6.1.2.1.1.5.0", 4, b"twin") in varbinds
    assert b"2102350ABCDMK9999999" in said
    assert label.serial.encode() not in said
    assert label.name.encode() not in said
    assert bytes.fromhex(label.mac) not in said


def test_every_recorded_variable_is_answered(lab):
    """What the sample file says is what the wire says, but for the tables the wiring replaces."""
    walk = snmprec.snmprec((SAMPLES / "huawei/usg6308e.snmprec").read_text(encoding="utf-8"))
    player = next(player for player in lab.responder.players if player.device.address == "127.0.50.8")
    own = {bind.oid for bind in walk.varbinds if not bind.oid.startswith("1.3.6.1.2.1.4.20.")}

    assert own <= {bind.oid for bind in player.device.varbinds}
