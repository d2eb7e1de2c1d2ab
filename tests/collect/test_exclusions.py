"""An excluded address is reached by nobody, whatever names it.

Real listeners on it count who came.
"""

import ast
import contextlib
import json
import select
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.collect import collector
from auditor.collect.base import Setup
from auditor.collect.ssh.keys import enrol
from auditor.collect.sweep.collector import Ways, sweep
from auditor.model import Credential, Limits, Reason, Span, Target, Unread
from auditor.snmp.client import discover
from auditor.targets.scope import Exclusion, ScopeGuard
from auditor.targets.spans import hole
from tests.tools.probe_asked import NOW, answer, probe
from tests.tools.probe_lab import Net

BARRED, FREE = "127.0.0.66", "127.0.0.65"
NUMBER = int.from_bytes(socket.inet_aton(BARRED), "big")
HOUSE = Path(__file__).parents[2] / "auditor"


class Vault:
    def fetch(self, _name: str, _part: str) -> str:
        return "public-or-secret"


class Listener:
    """Listens on one port of an address over TCP and UDP.

    The system keeps whoever comes until asked.
    """

    def __init__(self, address: str) -> None:
        self._held = contextlib.ExitStack()
        self._tcp = self._held.enter_context(socket.create_server((address, 0)))
        self.port = int(self._tcp.getsockname()[1])
        self._udp = self._held.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        self._udp.bind((address, self.port))

    @property
    def reached(self) -> bool:
        return bool(select.select([self._tcp, self._udp], [], [], 0.2)[0])

    def close(self) -> None:
        self._held.close()


@pytest.fixture
def barred() -> Iterator[Listener]:
    listener = Listener(BARRED)
    yield listener
    listener.close()


def scope(*words: str) -> ScopeGuard:
    return ScopeGuard(Exclusion(hole(word), f"exclude {word}") for word in words or (BARRED,))


def setup(known_hosts: str = "", ssh_config: str = "", asked: ScopeGuard | None = None, **more: object) -> Setup:
    kinds = {"v2": "snmp-v2c", "v3": "snmp-v3", "cli": "ssh", "cams": "http"}
    return Setup(
        scope=asked or scope(),
        credentials={name: Credential(name=name, kind=kind, user="audit") for name, kind in kinds.items()},
        secrets=Vault(),
        now=lambda: NOW,
        limits=Limits(timeout=0.3, retries=0, deadline=8.0, packets_per_second=0),
        known_hosts=known_hosts,
        ssh_config=ssh_config,
        **more,
    )


def target(port: int, address: str = FREE, *credentials: str) -> Target:
    ways = ("snmp", "ssh", "http", "https", "telnet", "rtsp", "ssdp", "ws-discovery", "dhip")
    return Target(
        address=address, ports=tuple((way, port) for way in ways), driver="huawei", credentials=credentials or ("cli",)
    )


HOST_NAMES = (BARRED, "0x7f000042", "127.66", "2130706498", f"::ffff:{BARRED}")


@pytest.mark.parametrize("name", HOST_NAMES)
def test_no_host_name_of_an_ssh_config_leads_to_one(barred: Listener, tmp_path: Path, name: str) -> None:
    refused_on_every_way(barred, tmp_path, f"Host {FREE}\n  HostName {name}\n")


JUMPS = {
    "by address": "Host {free}\n  ProxyJump {barred}:{port}\n",
    "by name": "Host {free}\n  ProxyJump jump\nHost jump\n  HostName {barred}\n  Port {port}\n",
    "by a number": "Host {free}\n  ProxyJump jump\nHost jump\n  HostName 0x7f000042\n  Port {port}\n",
    "first of two": (
        "Host {free}\n  ProxyJump jump,other\nHost jump\n  HostName {barred}\n  Port {port}\nHost other\n  "
        "HostName 127.0.0.67\n"
    ),
    "last of two": "Host {free}\n  ProxyJump other,jump\nHost jump\n  HostName {barred}\n  Port {port}\nHost other\n  "
    "HostName 127.0.0.67\n",
    "the jump host's own": (
        "Host {free}\n  ProxyJump other\nHost other\n  HostName 127.0.0.67\n  ProxyJump jump\n"
        "Host jump\n  HostName {barred}\n  Port {port}\n"
    ),
    "in an included file": "Include {folder}/more\nHost {free}\n  ProxyJump jump\n",
    "by a proxy": "Host {free}\n  ProxyCommand nc {barred} {port}\n",
    "by a shell": "Host {free}\n  ProxyCommand sh -c 'exec 3<>/dev/tcp/{barred}/{port}'\n",
    "by ssh as a proxy": "Host {free}\n  ProxyCommand ssh -p {port} -W %h:%p audit@{barred}\n",
    "by ssh and a name": "Host {free}\n  ProxyCommand ssh -F {folder}/config -W %h:%p jump\n"
    "Host jump\n  HostName {barred}\n",
    "by the proxy of a jump host": (
        "Host {free}\n  ProxyJump other\nHost other\n  HostName 127.0.0.67\n  ProxyCommand nc {barred} {port}\n"
    ),
    "behind a jump host": "Host {free}\n  HostName {barred}\n  ProxyJump other\nHost other\n  HostName 127.0.0.67\n",
}


@pytest.mark.parametrize("way", JUMPS)
def test_no_jump_host_and_no_proxy_leads_to_one(barred: Listener, tmp_path: Path, way: str) -> None:
    (tmp_path / "more").write_text(f"Host jump\n  HostName {BARRED}\n  Port {barred.port}\n")
    words = {"free": FREE, "barred": BARRED, "port": barred.port, "folder": tmp_path}
    refused_on_every_way(barred, tmp_path, JUMPS[way].format(**words))


def refused_on_every_way(barred: Listener, tmp_path: Path, config: str) -> None:
    """Read, enrol and look for a banner through an ssh_config.

    Nothing arrives, and each says which exclusion forbids it.
    """
    (tmp_path / "config").write_text(config, encoding="ascii")
    known_hosts = str(tmp_path / "known_hosts")
    how, where = setup(known_hosts, str(tmp_path / "config")), target(barred.port)
    records = list(collector("ssh").collect([where, replace(where, driver="")], how))

    with pytest.raises(Exception, match=f"exclude {BARRED}"):
        enrol(where, known_hosts, how.scope, ssh_config=how.ssh_config)
    assert not barred.reached
    assert [record.reason for record in records if isinstance(record, Unread)] == [Reason.EXCLUDED] * 2
    assert all(f"exclude {BARRED}" in record.detail for record in records)


def test_a_name_that_means_an_excluded_address_is_not_followed(tmp_path: Path) -> None:
    listener = Listener("127.0.0.1")
    (tmp_path / "config").write_text(f"Host {FREE}\n  HostName localhost\n", encoding="ascii")
    how = setup("", str(tmp_path / "config"), scope("127.0.0.1", "::1"))
    (record,) = collector("ssh").collect([target(listener.port)], how)

    assert not listener.reached
    assert (record.reason, "localhost leads there" in record.detail) == (Reason.EXCLUDED, True)
    listener.close()


def test_a_public_jump_host_needs_the_allow_list_as_every_address_does(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"Host {FREE}\n  ProxyJump 203.0.113.9\n", encoding="ascii")
    (record,) = collector("ssh").collect([target(1)], setup("", str(tmp_path / "config")))

    assert (record.reason, "--allow-file" in record.detail) == (Reason.EXCLUDED, True)
    allowed = ScopeGuard([], [hole("203.0.113.0/24")])
    assert allowed.check("203.0.113.9") is None


@pytest.mark.parametrize("name", ["snmp", "snmp-pysnmp", "probe", "ssh"])
@pytest.mark.parametrize("address", [BARRED, f"::ffff:{BARRED}"])
def test_no_collector_asks_one_that_is_handed_to_it(barred: Listener, name: str, address: str) -> None:
    records = list(collector(name).collect([target(barred.port, address, "v3", "v2", "cli", "cams")], setup()))

    assert not barred.reached
    assert {record.reason for record in records if isinstance(record, Unread)} == {Reason.EXCLUDED}
    assert all(f"exclude {BARRED}" in record.detail for record in records)


def test_an_exclusion_of_one_site_holds_there_alone(barred: Listener) -> None:
    only = ScopeGuard([Exclusion(hole(BARRED), "exclude at hq", site="hq")])
    (record,) = collector("probe").collect([replace(target(barred.port, BARRED), site="hq")], setup(asked=only))
    assert (record.reason, barred.reached) == (Reason.EXCLUDED, False)

    list(collector("probe").collect([target(barred.port, BARRED)], setup(asked=only)))
    assert barred.reached


def test_the_snmp_client_sends_nothing_to_one_by_itself(barred: Listener) -> None:
    limits = Limits(timeout=0.2, retries=0)

    assert list(discover([(BARRED, barred.port), (f"::ffff:{BARRED}", barred.port)], limits, scope=scope())) == []
    assert not barred.reached


def test_no_sweep_over_its_range_asks_one(barred: Listener) -> None:
    like = target(barred.port, "", "v2")
    span = Span(first=NUMBER - 3, last=NUMBER + 3, like=like)
    list(sweep([span], setup(), Ways(ports=(barred.port,), passes=1)))

    assert not barred.reached


def test_no_page_and_no_search_answer_leads_to_one(barred: Listener) -> None:
    away = f"http://{BARRED}:{barred.port}/"
    with Net() as net:
        page = answer(f'<link rel="icon" href="{away}icon.ico">', status="302 Found", Location=away)
        probe({"http": net.http({"/": page})}, "http")
        for name, reply in (
            ("ssdp", f"HTTP/1.1 200 OK\r\nLOCATION: {away}d.xml\r\n\r\n"),
            ("ws-discovery", f"<E><XAddrs>{away}onvif/device_service</XAddrs></E>"),
        ):
            probe({name: net.udp(lambda _data, reply=reply: reply.encode())})

    assert not barred.reached


@pytest.mark.parametrize(
    ("word", "exclusion"),
    [
        (f"{FREE}-67", BARRED),
        ("127.0.0.64/29", "127.0.0.66/32"),
        (f"{FREE} {BARRED}", f"::ffff:{BARRED}"),
        (f"{FREE} ::ffff:{BARRED}", BARRED),
        (f"{FREE} ::ffff:127.0.0.66/127", BARRED),
        (f"{FREE} 0x7f000042", "127.0.0.66-67"),
    ],
)
def test_a_scan_reaches_none_however_target_and_exclusion_are_spelled(
    barred: Listener, tmp_path: Path, word: str, exclusion: str
) -> None:
    ports = [pair for name in ("snmp", "http", "ssh") for pair in ("--port", f"{name}={barred.port}")]
    # The listener stands on one port alone; elsewhere nobody is.
    words = ["scan", *word.split(), "--exclude", exclusion, "--store", "none", "-q", "--probe", "http", *ports]
    with contextlib.chdir(tmp_path):
        shown = CliRunner().invoke(main, [*words, "-f", "json", "--no-progress", "--rate", "5000", "--deadline", "5"])
    contacted = {entry["address"] for entry in json.loads(shown.stdout)["unread"]}

    assert not barred.reached
    assert (FREE in contacted, BARRED in contacted) == (True, False)


def test_enrolment_of_a_scan_reaches_none_and_says_why(barred: Listener, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"Host {FREE}\n  HostName {BARRED}\n", encoding="ascii")
    (tmp_path / "auditor.toml").write_text('[credential.cli]\nkind = "ssh"\nuser = "audit"\nsecret = "env:PASSWORD"\n')
    words = ["scan", FREE, "--exclude", BARRED, "--enrol", "--collector", "ssh", "--port", f"ssh={barred.port}"]
    words += ["--ssh-config", str(tmp_path / "config"), "--store", str(tmp_path / "s.db"), "-f", "json"]
    with contextlib.chdir(tmp_path):
        shown = CliRunner().invoke(main, words, env={"PASSWORD": "secret"})
    (entry,) = json.loads(shown.stdout)["unread"]

    assert not barred.reached
    assert (shown.exit_code, entry["reason"]) == (3, "excluded")
    assert f"exclude {BARRED}" in entry["detail"]
    assert f"exclude {BARRED}" in shown.stderr


# Calls that open a socket, send to an address, or start a program that may.
OPENERS = {
    "create_connection", "open_connection", "create_datagram_endpoint", "sendto", "sendmsg", "connect_ex", "connect",
    "Popen", "run", "urlopen", "create", "_sendmmsg",
}  # fmt: skip
OWNERS = {"socket", "asyncio", "loop", "subprocess", "opened", "sock", "transport", "kinds", "request", "self._socket"}
ASKS = {"check", "permit", "_check_words"}
# Functions that open what another has asked of already; a new one has to ask itself.
ASKED_BEFORE = {
    "ssh.route._connect": "reach hands it addresses out of permit()",
    "ssh.route._through": "Jumps.command has asked of every host in the command",
    "ssh.jump._settings": "ssh -G contacts nobody",
    "sweep.tcp._begin": "fields() leaves the barred addresses out of every stretch",
    "sweep.batch._send_one": "fields() leaves the barred addresses out of every stretch",
    "lab.agent._answer_waiting": "the lab's agent answers whoever asked it",
}


def openers() -> Iterator[tuple[str, bool]]:
    """Yield each function that opens a way to an address, and whether it asks the scope."""
    for path in sorted([*(HOUSE / "collect").rglob("*.py"), *(HOUSE / "snmp").rglob("*.py"), HOUSE / "lab/agent.py"]):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = [call.func for call in ast.walk(function) if isinstance(call, ast.Call)]
                named = {(ast.unparse(call.value), call.attr) for call in calls if isinstance(call, ast.Attribute)}
                plain = {call.id for call in calls if isinstance(call, ast.Name)}
                if any(
                    name in OPENERS and owner in OWNERS and (name, owner) != ("run", "asyncio") for owner, name in named
                ):
                    yield (
                        f"{path.parent.name}.{path.stem}.{function.name}",
                        bool(({name for _, name in named} | plain) & ASKS),
                    )


def test_whoever_opens_a_socket_asks_the_scope_in_the_same_breath() -> None:
    found = dict(openers())

    assert {name for name, asks in found.items() if not asks} == set(ASKED_BEFORE)
    assert {"snmp.wire.send", "probe.wire.udp", "probe.wire._open", "probe.multicast._ask"} <= set(found)
