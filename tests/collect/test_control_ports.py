"""Ports of control systems are never touched.

By no collector, whatever is asked, and wherever a device points.
"""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from auditor.collect.base import Setup
from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.snmp.collector import SnmpCollector
from auditor.collect.ssh.collector import SshCollector
from auditor.collect.ssh.keys import enrol
from auditor.collect.sweep.collector import Ways, sweep
from auditor.model import Credential, Limits, Reason, Span, Target, Unread
from auditor.parse.snmp_probes import probe_table
from tests.tools.loopback import SCOPE
from tests.tools.probe_asked import NOW, answer, probe, said
from tests.tools.probe_lab import Net

# Those that need no root to listen on: EtherNet/IP, DNP3, OPC UA, BACnet.
OT = (2222, 44818, 20000, 4840, 47808)
PLACE = "127.0.0.1"


class Guard:
    """Listens on ports of control systems over TCP and UDP.

    The system keeps whoever comes until asked.
    """

    def __init__(self) -> None:
        self._held = ExitStack()
        self._tcp = {port: self._held.enter_context(socket.create_server((PLACE, port))) for port in OT}
        self._udp = {port: self._held.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for port in OT}
        for port, sock in self._udp.items():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the whole run withholds these ports
            sock.bind((PLACE, port))

    @property
    def touched(self) -> list[str]:
        """Return the ports somebody opened or sent to."""
        ways = {f"tcp/{port}": sock for port, sock in self._tcp.items()}
        ways |= {f"udp/{port}": sock for port, sock in self._udp.items()}
        ready = select.select(list(ways.values()), [], [], 0.1)[0]
        return [way for way, sock in ways.items() if sock in ready]

    def close(self) -> None:
        self._held.close()


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.close()


class Vault:
    def fetch(self, _name: str, _part: str) -> str:
        return "secret-of-it"


def setup(tmp_path: Path, **more: object) -> Setup:
    kinds = {"v2": "snmp-v2c", "v3": "snmp-v3", "cli": "ssh", "cams": "http"}
    return Setup(
        scope=SCOPE,
        credentials={name: Credential(name=name, kind=kind, user="audit") for name, kind in kinds.items()},
        secrets=Vault(),
        now=lambda: NOW,
        limits=Limits(timeout=0.2, retries=0, deadline=3.0, packets_per_second=0),
        known_hosts=str(tmp_path / "known_hosts"),
        **more,
    )


def target(port: int, **more: object) -> Target:
    ways = ("snmp", "ssh", "http", "https", "telnet", "ftp", "rtsp", "ssdp", "ws-discovery", "sadp", "dhip")
    credentials = ("v3", "v2", "cli", "cams")
    return Target(address=PLACE, ports=tuple((way, port) for way in ways), credentials=credentials, **more)


@pytest.mark.parametrize("driver", ["huawei", ""])
def test_no_collector_opens_one_though_the_target_says_so(guard: Guard, tmp_path: Path, driver: str) -> None:
    how = setup(tmp_path)
    targets = [target(port, driver=driver) for port in OT]
    records = [
        record for one in (SnmpCollector(), ProbeCollector(), SshCollector()) for record in one.collect(targets, how)
    ]
    unread = {(record.collector, record.target.port("ssh", 0)) for record in records if isinstance(record, Unread)}

    assert set(OT) <= probe_table().forbidden
    assert guard.touched == []
    assert unread == {(name, port) for name in ("snmp", "probe", "ssh") for port in OT}
    assert {record.reason for record in records if isinstance(record, Unread)} == {Reason.LIMIT}


def test_no_sweep_asks_one_over_snmp(guard: Guard, tmp_path: Path) -> None:
    first = int.from_bytes(socket.inet_aton(PLACE), "big")
    for port in OT:
        span = Span(first=first, last=first, version=4, like=target(port))
        list(sweep([span], setup(tmp_path), Ways(ports=(), icmp=False, passes=1)))

    assert guard.touched == []


def test_no_enrolment_and_no_ssh_config_leads_to_one(guard: Guard, tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text("Host *\n  Port 2222\n", encoding="ascii")
    where = Target(address=PLACE, driver="huawei", credentials=("cli",))
    (record,) = SshCollector().collect([where], setup(tmp_path, ssh_config=str(config)))

    with pytest.raises(Exception, match="never touched"):
        enrol(target(44818), str(tmp_path / "known_hosts"), SCOPE)
    assert (record.reason, guard.touched) == (Reason.LIMIT, [])


def test_no_page_and_no_search_answer_leads_to_one(guard: Guard) -> None:
    with Net() as net:
        away = net.http({"/": answer(status="302 Found", Location=f"http://{PLACE}:44818/", Server="webs")})
        found = said(probe({"http": away}, "http"))
        for name, reply in (
            ("ssdp", f"HTTP/1.1 200 OK\r\nLOCATION: http://{PLACE}:20000/d.xml\r\n\r\n"),
            ("ws-discovery", f"<E><XAddrs>http://{PLACE}:4840/onvif/device_service</XAddrs></E>"),
        ):
            probe({name: net.udp(lambda _data, reply=reply: reply.encode())})

    assert found["http.server"] == "webs"
    assert guard.touched == []
