"""SSH collection through a real OpenSSH server, a real jump host and a ProxyCommand."""

import getpass
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.collect.base import Setup
from auditor.collect.ssh.collector import SshCollector
from auditor.collect.ssh.keys import enrol
from auditor.model import Credential, Limits, Observation, Reason, Record, Target, Unread
from tests.tools.loopback import SCOPE, free_port
from tests.tools.ssh_lab import Device, Lab

# The other end of a forced command: a VRP prompt on a real terminal, which echoes by itself.
SCRIPT = """#!{python}
import sys
replies = {{
    "screen-length 0 temporary": "Info: The configuration takes effect on the current user terminal interface only.",
    "display version": "Huawei Versatile Routing Platform Software\\n"
    "VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)\\n"
                       "HUAWEI S5720-28X-SI-AC Routing Switch uptime is 1 week",
    "display esn": "ESN of slot 0: 2102354DOC0000000001",
}}
while True:
    sys.stdout.write("<HUAWEI>")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line or line.strip() == "quit":
        break
    if line.strip():
        print(replies.get(line.strip(), "Error: Unrecognized command found at '^' position."))
"""


class NoSecrets:
    def fetch(self, _name: str, _part: str) -> str:
        return ""


class Password:
    def fetch(self, _name: str, part: str) -> str:
        return "sshpass123" if part == "password" else ""


# What gear of 2010 offers and nothing else.
OLD = (
    "KexAlgorithms diffie-hellman-group1-sha1\nHostKeyAlgorithms ssh-rsa\nCiphers aes128-cbc,3des-cbc\nMACs hmac-sha1\n"
    "PubkeyAcceptedAlgorithms +ssh-rsa\n"
)


@pytest.fixture
def sshd(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[int, Path]]:
    """Yield port and key of a real sshd that runs our script; a parameter adds to its settings."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin") or ""
    if not program or not shutil.which("ssh-keygen"):
        pytest.skip("sshd is not installed (Debian: openssh-server)")
    more = getattr(request, "param", "")
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        kind = ["rsa", "-b", "2048"] if more else ["ed25519"]
        subprocess.run(["ssh-keygen", "-q", "-t", *kind, "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "authorized").write_text((tmp_path / "user.pub").read_text())
    script = tmp_path / "vrp.py"
    script.write_text(SCRIPT.format(python=sys.executable))
    script.chmod(0o755)
    port = free_port(kind=socket.SOCK_STREAM)
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"PermitRootLogin yes\nPasswordAuthentication no\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"{more}Match LocalPort {port}\n  ForceCommand {script}\n"
    )
    with subprocess.Popen([program, "-D", "-e", "-f", tmp_path / "sshd_config"], stderr=subprocess.DEVNULL) as server:
        _wait(port)
        yield port, tmp_path / "user"
        server.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def read(target: Target, secrets: object, known_hosts: str, key: str = "", ssh_config: str = "") -> list[Record]:
    credential = Credential(name="audit", kind="ssh", user=getpass.getuser() if key else "audit", key_file=key)
    setup = Setup(
        scope=SCOPE,
        credentials={"audit": credential},
        secrets=secrets,
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        limits=Limits(deadline=20.0),
        known_hosts=known_hosts,
        ssh_config=ssh_config,
    )
    return list(SshCollector().collect([target], setup))


def kinds(records: list[Record]) -> set[str]:
    return {fact.kind for record in records if isinstance(record, Observation) for fact in record.facts}


def reasons(records: list[Record]) -> list[Reason]:
    return [record.reason for record in records if isinstance(record, Unread)]


@pytest.mark.real
def test_a_real_openssh_server_is_read_with_a_key(sshd: tuple[int, Path], tmp_path: Path) -> None:
    port, key = sshd
    target = Target(address="127.0.0.1", ports=(("ssh", port),), driver="huawei", credentials=("audit",))
    known_hosts = str(tmp_path / "ours")
    enrol(target, known_hosts, SCOPE)
    records = read(target, NoSecrets(), known_hosts, str(key))

    assert "entity.serial" in kinds(records)
    assert reasons(records) == []


@pytest.mark.real
@pytest.mark.parametrize("sshd", [OLD], indirect=True, ids=["group1-sha1, ssh-rsa, cbc"])
def test_a_real_openssh_server_with_nothing_but_old_algorithms_is_read(sshd: tuple[int, Path], tmp_path: Path) -> None:
    port, key = sshd
    target = Target(address="127.0.0.1", ports=(("ssh", port),), driver="huawei", credentials=("audit",))
    known_hosts = str(tmp_path / "ours")
    enrol(target, known_hosts, SCOPE)
    records = read(target, NoSecrets(), known_hosts, str(key))

    assert " ssh-rsa " in (tmp_path / "ours").read_text()
    assert "entity.serial" in kinds(records)
    assert reasons(records) == []


@pytest.mark.real
@pytest.mark.parametrize("jumps", ["jump", "jump,second", "third"])
def test_a_device_behind_real_jump_hosts_is_read(sshd: tuple[int, Path], tmp_path: Path, jumps: str) -> None:
    port, key = sshd
    config = tmp_path / "ssh_config"
    with Lab() as lab:
        device = lab.add(Device())
        config.write_text(
            f"Host third\n  ProxyJump second\nHost 127.0.0.1\n  ProxyJump {jumps}\n"
            f"Host jump second third\n  HostName localhost\n  Port {port}\n  User {getpass.getuser()}\n"
            f"  IdentityFile {key}\n  StrictHostKeyChecking accept-new\n  UserKnownHostsFile {tmp_path}/jump_hosts\n"
        )
        target = Target(address="127.0.0.1", ports=(("ssh", device),), driver="huawei", credentials=("audit",))
        known_hosts = str(tmp_path / "ours")
        enrol(target, known_hosts, SCOPE, ssh_config=str(config))
        records = read(target, Password(), known_hosts, ssh_config=str(config))

    assert "entity.serial" in kinds(records)
    assert reasons(records) == []
    # The name, not the address it was pinned to, is what OpenSSH keeps the key under.
    assert (tmp_path / "jump_hosts").read_text().startswith(f"[localhost]:{port} ")


RELAY = """
import os, select, socket, sys
assert not [name for name in os.environ if name.startswith("AUDITOR")], "a secret reached a child"
far = socket.create_connection((sys.argv[1], int(sys.argv[2])))
near = {0: far.fileno(), far.fileno(): 1}
while True:
    for ready in select.select(list(near), [], [])[0]:
        data = os.read(ready, 65536)
        if not data:
            sys.exit()
        os.write(near[ready], data)
"""


def test_a_proxy_command_is_used_and_sees_none_of_our_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITOR_CANARY", "canary")
    relay, config = tmp_path / "relay.py", tmp_path / "ssh_config"
    relay.write_text(RELAY)
    config.write_text(f"Host *\n  ProxyCommand {sys.executable} {relay} %h %p\n")
    with Lab() as lab:
        port = lab.add(Device())
        target = Target(address="127.0.0.1", ports=(("ssh", port),), driver="huawei", credentials=("audit",))
        # paramiko fills %p from the file, so the port stands there.
        config.write_text(f"Host *\n  Port {port}\n  ProxyCommand {sys.executable} {relay} %h %p\n")
        known_hosts = str(tmp_path / "ours")
        enrol(target, known_hosts, SCOPE, ssh_config=str(config))
        records = read(target, Password(), known_hosts, ssh_config=str(config))

    assert "entity.serial" in kinds(records)
    assert reasons(records) == []


def test_the_driver_is_chosen_by_the_banner_behind_a_proxy_too(tmp_path: Path) -> None:
    relay, config = tmp_path / "relay.py", tmp_path / "ssh_config"
    relay.write_text(RELAY)
    with Lab() as lab:
        port = lab.add(Device(), server_version="HUAWEI-1.5")
        config.write_text(f"Host *\n  Port {port}\n  ProxyCommand {sys.executable} {relay} %h %p\n")
        target = Target(address="127.0.0.1", ports=(("ssh", port),), credentials=("audit",))
        known_hosts = str(tmp_path / "ours")
        enrol(target, known_hosts, SCOPE, ssh_config=str(config))
        records = read(target, Password(), known_hosts, ssh_config=str(config))

    assert "entity.serial" in kinds(records)
    assert reasons(records) == []


def test_a_proxy_that_dies_is_told_and_reaped(tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    config.write_text(f"Host *\n  ProxyCommand {sys.executable} -c pass\n")
    target = Target(address="127.0.0.1", ports=(("ssh", 22),), driver="huawei", credentials=("audit",))
    records = read(target, Password(), str(tmp_path / "ours"), ssh_config=str(config))

    assert reasons(records)[0] in {Reason.CLOSED, Reason.TIMEOUT, Reason.PROTOCOL}
    assert len(reasons(records)) == 1
