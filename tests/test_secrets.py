"""A canary in every place a secret can come from.

After real scans, failed ones too, it is nowhere it could be read.
"""

import contextlib
import gzip
import os
import pty
import re
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from auditor.collect.probe.collector import ProbeCollector
from auditor.errors import UsageError
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.lab.samples import home
from auditor.model import Credential, Reason, Target, Unread
from tests.tools.loopback import free_port
from tests.tools.probe_lab import Net
from tests.tools.promises import setup
from tests.tools.ssh_lab import IOS, Device, Lab

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
ROOT = Path(__file__).parents[1]
OPTIONS = ("--no-progress", "--rate", "5000", "--deadline", "15", "--fail-on", "never", "-vv", "--log-format", "json")
# Prints its secret, and keeps what it was given on the way: its arguments and its whole environment.
TELLER = """import os, sys, time
from pathlib import Path
own = Path("/proc/self")
Path(sys.argv[1] + ".told").write_bytes((own / "cmdline").read_bytes() + (own / "environ").read_bytes())
time.sleep(0.2)
print(Path(sys.argv[1]).read_text())
"""
PROC = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads arguments and environments in /proc")


def unpacked(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@dataclass
class Scan:
    """One scan in a process of its own.

    What it said, wrote, logged, and how its processes were called.
    """

    folder: Path
    code: int = 0
    out: str = ""
    err: str = ""
    argv: set[bytes] = field(default_factory=set)
    children: set[bytes] = field(default_factory=set)

    def traces(self) -> dict[str, bytes]:
        """Return everything of the scan that others could come to read, by what it is."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and "hidden" not in path.parts]
        kept = {f"file {path.relative_to(self.folder)}": unpacked(path) for path in files}
        told = {f"told {path.name}": path.read_bytes() for path in self.folder.rglob("*.told")}
        spoken = {"stdout": self.out.encode(), "stderr": self.err.encode()}
        return (
            kept | told | spoken | {"argv": b"\n".join(self.argv), "children's environment": b"\n".join(self.children)}
        )

    def leaks(self, secrets):
        """Return where a secret can be read, and which."""
        ways = [
            (name, way) for name, secret in secrets.items() for way in (secret.encode(), secret.encode().hex().encode())
        ]
        return sorted(
            {f"{name} in {place}" for place, text in self.traces().items() for name, way in ways if way in text}
        )


def scan(folder, words, environ, *, crash=False):
    """Scan in a process of its own, watching its processes all the while."""
    made = Scan(folder)
    environ = {**os.environ, "HOME": str(folder / "hidden"), "PYTHONWARNINGS": "ignore", **environ}
    if crash:
        environ["CANARY_CRASH"] = "1"
    command = [sys.executable, "-m", "tests.tools.canary", str(folder / "debug.log"), *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, cwd=ROOT, text=True
    ) as process:
        watching = threading.Thread(target=watch, args=(process, made))
        watching.start()
        made.out, made.err = process.communicate(timeout=120)
        watching.join()
    made.code = process.returncode
    return made


def watch(process, made):
    """Note arguments of a process and its children, and the children's environments, to the end."""
    own = Path("/proc") / str(process.pid)
    while process.poll() is None:
        with contextlib.suppress(OSError):
            made.argv.add((own / "cmdline").read_bytes())
        for child in children(own):
            with contextlib.suppress(OSError):
                made.argv.add((child / "cmdline").read_bytes())
                # Between fork and exec a child still is its parent, arguments and environment and all.
                if (child / "cmdline").read_bytes() != (own / "cmdline").read_bytes():
                    made.children.add((child / "environ").read_bytes())
        time.sleep(0.02)


def children(process):
    """Yield what any thread of a process has started (proc(5), `task/*/children`).

    What ends meanwhile is left out.
    """
    for thread in (process / "task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from (Path("/proc") / number for number in thread.read_text().split())


def spread(lab, folder):
    """Let every secret of a lab come from another sort of place.

    Return the configuration, the environment and who came from where.
    """
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    (folder / "teller.py").write_text(TELLER)
    places = {
        ("core", "auth_secret"): "systemd",
        ("core", "priv_secret"): "file",
        ("access", "secret"): "env",
        ("cli", "secret"): "netmiko",
        ("cli", "enable_secret"): "netmiko",
        ("cameras", "secret"): "command",
    }
    text = lab.config.read_text(encoding="utf-8")
    for (name, part), scheme in places.items():
        secret, path = lab.secrets[name, part], hidden / f"{name}.{part}"
        write_secret(path, secret)
        spelled = {
            "env": "env:CANARY_COMMUNITY",
            "file": f"file:{path}",
            "systemd": f"systemd:{path.name}",
            "netmiko": "netmiko:lab",
            "command": f'command:["{sys.executable}", "{folder}/teller.py", "{path}"]',
        }[scheme]
        text = re.sub(rf'(?m)^{part} = "file:[^"]*/{name}\.{part}"$', f"{part} = {spelled!r}", text)
    login = f"lab:\n  password: {lab.secrets['cli', 'secret']}\n  secret: {lab.secrets['cli', 'enable_secret']}\n"
    write_secret(hidden / ".netmiko.yml", login)
    config = folder / "auditor.toml"
    config.write_text(text)
    assert text.count("/secrets/") == 0, "a secret still comes from where the lab put it"
    environ = {"CREDENTIALS_DIRECTORY": str(hidden), "CANARY_COMMUNITY": lab.secrets["access", "secret"]}
    return config, environ, set(places.values())


def write_secret(path, secret):
    path.write_text(secret)
    path.chmod(0o600)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    plan = networks.load(home() / "networks" / "demo.toml")
    with play(plan, home(), tmp_path_factory.mktemp("lab")) as playing:
        yield playing


@pytest.fixture
def arranged(lab, tmp_path):
    """Return the words of a scan of the lab and its environment.

    The files of secrets are in `hidden`.
    """
    config, environ, _ = spread(lab, tmp_path)
    (tmp_path / "known_hosts").write_bytes(lab.known_hosts.read_bytes())
    words = ["--config", str(config), "scan", "-f", "json", *OPTIONS, "--store", str(tmp_path / "s.db"), *lab.targets]
    return words, environ


def named(secrets):
    return {f"{name}.{part}": secret for (name, part), secret in secrets.items() if name != "changed"}


@PROC
@pytest.mark.slow
def test_no_secret_of_a_scan_of_the_lab_can_be_read_anywhere(lab, tmp_path, arranged):
    words, environ = arranged
    made = scan(tmp_path, words, environ)

    assert made.code == 3, made.err[-2000:]
    assert '"outcome":"match"' in made.out.replace(" ", "")
    traces = made.traces()
    assert traces["file debug.log"].count(b"\n") > 100
    assert b"paramiko" in traces["file debug.log"]
    assert b"asked GETBULK" in traces["file debug.log"]
    assert any("jsonl" in name for name in traces)
    assert len(made.argv) >= 2, "the command that gives a secret was never seen"
    assert made.leaks(named(lab.secrets)) == []


@PROC
@pytest.mark.slow
def test_the_second_opinion_keeps_secrets_as_well(lab, tmp_path, arranged):
    words, environ = arranged
    made = scan(tmp_path, [*words, "--snmp-engine", "pysnmp", "--collector", "snmp"], environ)

    assert made.code == 3, made.err[-2000:]
    assert made.leaks(named(lab.secrets)) == []


@PROC
def test_a_traceback_of_a_bug_shows_no_secret(lab, tmp_path, arranged):
    words, environ = arranged
    made = scan(tmp_path, words, environ, crash=True)

    assert "ZeroDivisionError: a bug, for once" in made.err
    assert made.leaks(named(lab.secrets)) == []


@PROC
def test_wrong_secrets_are_secrets_too(tmp_path, arranged):
    """Every login fails: what was refused, and why, is told without what was sent."""
    words, environ = arranged
    wrong = {}
    for path in [*(tmp_path / "hidden").iterdir()]:
        wrong[path.name] = f"wrong-canary-{len(wrong)}-7f3a"
        text = (
            f"lab:\n  password: {wrong[path.name]}\n  secret: {wrong[path.name]}\n"
            if path.suffix == ".yml"
            else wrong[path.name]
        )
        path.write_text(text)
    made = scan(tmp_path, words, environ | {"CANARY_COMMUNITY": "wrong-canary-community"})

    assert made.code == 3, made.err[-2000:]
    assert '"authentication"' in made.out
    assert made.leaks(wrong | {"community": "wrong-canary-community"}) == []


# ── SSH alone: enable secret, passphrase of a key, a changed host key ────────────────────


@pytest.fixture
def switch():
    """Play one IOS switch with an enable secret."""
    device = Device(replies=IOS, prompt="sw1>", enable="canary-enable-7f3a", password="canary-login-7f3a")
    device.refusal = "% Invalid input detected at '^' marker."
    with Lab() as running:
        yield running, device, running.add(device, server_version="Cisco-1.25")


def ssh_words(folder, port, lines):
    (folder / "hidden").mkdir(mode=0o700, exist_ok=True)
    config = folder / "auditor.toml"
    text = '[credential.c]\nkind = "ssh"\nuser = "audit"\n' + "\n".join(lines)
    config.write_text(
        text + f'\n[site.hq]\nsubnets = ["127.0.0.0/24"]\ncredentials = ["c"]\nports = {{ ssh = {port} }}\n'
    )
    options = ["-f", "json", *OPTIONS, "--store", str(folder / "s.db"), "--collector", "ssh"]
    return ["--config", str(config), "scan", "--enrol", *options, "127.0.0.1"]


@PROC
@pytest.mark.parametrize("enable", ["canary-enable-7f3a", "canary-wrong-enable"])
def test_an_enable_secret_right_or_wrong_is_nowhere(switch, tmp_path, enable):
    _, device, port = switch
    lines = ['secret = "env:LOGIN"', 'enable_secret = "env:ENABLE"']
    made = scan(tmp_path, ssh_words(tmp_path, port, lines), {"LOGIN": device.password, "ENABLE": enable})

    assert "(secret)" in device.lines, made.err[-2000:]
    assert made.leaks({"login": device.password, "enable": enable}) == []


@PROC
@pytest.mark.parametrize("passphrase", ["canary-passphrase-7f3a", "canary-wrong-passphrase"])
def test_the_passphrase_of_a_key_right_or_wrong_is_nowhere(switch, tmp_path, passphrase):
    _, device, port = switch
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    (tmp_path / "hidden").mkdir(mode=0o700)
    path = tmp_path / "hidden" / "key"
    path.write_bytes(key.export_private_key("openssh", passphrase="canary-passphrase-7f3a"))
    path.chmod(0o600)
    made = scan(
        tmp_path,
        ssh_words(tmp_path, port, [f'key_file = "{path}"', 'key_secret = "env:PHRASE"']),
        {"PHRASE": passphrase},
    )

    assert made.code == 3, made.err[-2000:]
    assert ("key file cannot be used" in made.out) is ("wrong" in passphrase)
    assert made.leaks({"passphrase": passphrase}) == []
    assert device.logins == []


@PROC
def test_a_changed_host_key_gets_no_password_and_no_log_line_has_it(switch, tmp_path):
    _, device, port = switch
    other = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().split()[1]
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} ssh-rsa {other}\n")
    made = scan(tmp_path, ssh_words(tmp_path, port, ['secret = "env:LOGIN"']), {"LOGIN": device.password})

    assert '"host-key"' in made.out
    assert device.logins == []
    assert made.leaks({"login": device.password}) == []


# ── typed in, and from a keyring ────────────────────


def test_what_is_typed_in_is_neither_echoed_nor_kept(switch, tmp_path):
    _, device, port = switch
    words = ssh_words(tmp_path, port, ['secret = "ask"'])
    shown = typed(tmp_path, words, device.password)

    assert b"of credential c" in shown
    assert device.logins == [True], shown[-2000:]
    made = Scan(tmp_path, out=shown.decode("utf-8", "replace"))
    assert made.leaks({"login": device.password}) == []


def typed(folder, words, secret):
    """Run a scan on its own terminal, type a secret when asked, return all the terminal showed."""
    command = [sys.executable, "-m", "tests.tools.canary", str(folder / "debug.log"), *words]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        environ = {**os.environ, "HOME": str(folder / "hidden"), "PYTHONWARNINGS": "ignore"}
        os.execve(sys.executable, command, environ)  # noqa: S606 - ours, on a terminal of its own
    shown, answered, until = b"", False, time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 65_536)
            except OSError:
                break
            if not data:
                break
            shown += data
        if not answered and b"of credential c" in shown:
            time.sleep(0.3)
            os.write(terminal, secret.encode() + b"\n")
            answered = True
    os.close(terminal)
    os.waitpid(child, 0)
    return shown


def test_a_secret_from_the_keyring_is_nowhere(tmp_path):
    pytest.importorskip("keyring", reason="keyring is not installed; its reader is only run where it is")
    backend = tmp_path / "backends" / "canary_backend.py"
    backend.parent.mkdir()
    backend.write_text(
        "from keyring.backend import KeyringBackend\n\n\nclass Canary(KeyringBackend):\n    priority = 99\n\n"
        "    def get_password(self, service, username):\n        return '-'.join(('canary', 'keyring', '7f3a'))\n\n"
        "    def set_password(self, service, username, password):\n        raise NotImplementedError\n"
    )
    environ = {"PYTHON_KEYRING_BACKEND": "canary_backend.Canary", "PYTHONPATH": str(backend.parent)}
    words = ssh_words(tmp_path, free_port(kind=socket.SOCK_STREAM), ['secret = "keyring:auditor/core"'])
    made = scan(tmp_path, words, environ)

    assert made.code == 3, made.err[-2000:]
    assert made.leaks({"keyring": "canary-keyring-7f3a"}) == []


@PROC
def test_a_secret_that_cannot_be_fetched_ends_a_run_before_it_begins(switch, tmp_path):
    _, device, port = switch
    lines = ['secret = "env:LOGIN"', 'enable_secret = "env:NOT_SET"']
    made = scan(tmp_path, ssh_words(tmp_path, port, lines), {"LOGIN": device.password})

    assert made.code == 2, made.err[-2000:]
    assert "the environment variable NOT_SET is not set" in made.err
    assert device.logins == []
    assert made.leaks({"login": device.password}) == []


def test_a_web_password_that_cannot_be_fetched_ends_no_run():
    class Empty:
        def fetch(self, name, _part):
            raise UsageError("is not set", where=f"credential {name}")

    page = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="c", nonce="n"\r\nContent-Length: 0\r\n\r\n'
    with Net() as net:
        ports = (("http", net.http({"/ISAPI/System/deviceInfo": page})),)
        how = setup([Credential(name="cams", kind="http", user="a")], Empty(), probes=("isapi",))
        records = list(ProbeCollector().collect([Target(address="127.0.0.1", ports=ports, credentials=("cams",))], how))

    assert Reason.NO_CREDENTIAL in [record.reason for record in records if isinstance(record, Unread)]


# ── that the search finds what it looks for ────────────────────


def test_a_leak_would_be_found(tmp_path):
    (tmp_path / "journals").mkdir()
    (tmp_path / "journals" / "run.jsonl").write_text('{"detail":"canary-7f3a"}')
    made = Scan(tmp_path, err="community 63616e6172792d37663361", argv={b"auditor\0canary-7f3a"})

    assert made.leaks({"c": "canary-7f3a"}) == ["c in argv", "c in file journals/run.jsonl", "c in stderr"]
