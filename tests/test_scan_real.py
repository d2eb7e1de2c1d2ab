"""A whole scan against real programs.

Net-snmp's snmpd over v2c and v3, OpenSSH's sshd, from command line to audit document.
"""

import getpass
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from tests.tools.loopback import free_port

pytestmark = pytest.mark.real

SNMPD = """
agentAddress udp:127.0.0.1:{port}
rocommunity {community} 127.0.0.1
createUser audit SHA-256 "{auth}" AES "{priv}"
rouser audit priv
sysDescr Huawei Versatile Routing Platform Software VRP (R) software, Version 5.170 (S5720 V200R010C00SPC600)
sysObjectID 1.3.6.1.4.1.2011.2.23.339
sysName real-1
"""
SHELL = """
import sys
sys.stdout.write("\\r\\n<real-2>")
sys.stdout.flush()
for line in sys.stdin:
    command = line.strip()
    if command == "display version":
        print("Huawei Versatile Routing Platform Software\\r")
        print("VRP (R) software, Version 5.170 (S5720 V200R010C00SPC600)\\r")
        print("Copyright (C) 2000-2018 HUAWEI TECH CO., LTD\\r")
        print("HUAWEI S5720-28X-LI-AC Routing Switch uptime is 1 day\\r")
    elif command in ("quit", "exit"):
        break
    elif command:
        print("Error: Unrecognized command found at '^' position.\\r")
    sys.stdout.write("<real-2>")
    sys.stdout.flush()
"""
SECRETS = {"community": "canary-community-7", "auth": "canary-auth-pass-7", "priv": "canary-priv-pass-7"}


def program(name):
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def running(*words, ready):
    """Run a daemon in the foreground until the block ends; end it by its own id."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 15
        while not ready():
            assert process.poll() is None, f"{words[0]} ended"
            assert time.monotonic() < deadline, f"{words[0]} never answered"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def snmpd(tmp_path):
    port = free_port(kind=socket.SOCK_DGRAM)
    folder = tmp_path / "snmpd"
    folder.mkdir()
    (folder / "snmpd.conf").write_text(SNMPD.format(port=port, **SECRETS))
    words = (
        program("snmpd"),
        "-f",
        "-Lf",
        str(folder / "log"),
        "-C",
        "-c",
        str(folder / "snmpd.conf"),
        "-I",
        "-smux",
        "-p",
        str(folder / "pid"),
    )
    os.environ["SNMP_PERSISTENT_DIR"] = str(folder)
    try:
        with running(*words, ready=(folder / "pid").exists):
            yield port
    finally:
        del os.environ["SNMP_PERSISTENT_DIR"]


@pytest.fixture
def sshd(tmp_path):
    binary, keygen = program("sshd"), program("ssh-keygen")
    port = free_port(kind=socket.SOCK_STREAM)
    folder = tmp_path / "sshd"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "shell.py").write_text(SHELL)
    shutil.copy(folder / "user.pub", folder / "authorized")
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PermitRootLogin": "prohibit-password",
        "PasswordAuthentication": "no",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": folder / "pid",
        "ForceCommand": f"{sys.executable} -u {folder / 'shell.py'}",
    }
    (folder / "config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    Path("/run/sshd").mkdir(exist_ok=True)

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    with running(binary, "-D", "-e", "-f", str(folder / "config"), ready=answers):
        yield port, folder / "user"


def scan(folder, config, *words):
    (folder / "auditor.toml").write_text(config)
    (folder / "auditor.toml").chmod(0o600)
    shown = CliRunner().invoke(
        main, ["scan", "--store", str(folder / "s.db"), "-f", "json", "--no-progress", *words], env=dict(SECRETS)
    )
    assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
    return shown


@pytest.mark.parametrize(
    "credential",
    [
        'kind = "snmp-v2c"\nsecret = "env:community"',
        (
            'kind = "snmp-v3"\nuser = "audit"\nauth = "SHA256"\nauth_secret = "env:auth"\npriv = "AES"\npriv_secret = '
            '"env:priv"'
        ),
    ],
    ids=["v2c", "v3"],
)
@pytest.mark.parametrize("engine", ["own", "pysnmp"])
def test_a_real_snmpd_is_read_and_named(snmpd, tmp_path, monkeypatch, credential, engine):
    monkeypatch.chdir(tmp_path)

    shown = scan(
        tmp_path,
        f"[credential.core]\n{credential}\n",
        "127.0.0.1",
        "--collector",
        "snmp",
        "--port",
        f"snmp={snmpd}",
        "--snmp-engine",
        engine,
    )

    assert shown.exit_code == 1, shown.stderr
    (asset,) = [asset for asset in json.loads(shown.stdout)["assets"] if asset["address"] == "127.0.0.1"]
    assert (asset["name"], asset["seen"]) == ("real-1", "read")
    assert [(finding["maker"], finding["verdict"]) for finding in asset["findings"]] == [("huawei", "confirmed")]
    everything = shown.output + "".join(
        gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        for path in (tmp_path / "journals").rglob("*.jsonl.gz")
    )
    assert not any(secret in everything for secret in SECRETS.values())


def test_a_wrong_community_is_unread_and_exits_3(snmpd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = '[limits]\ntimeout = 0.2\nretries = 1\n[credential.core]\nkind = "snmp-v2c"\nsecret = "env:auth"\n'

    shown = scan(tmp_path, config, "127.0.0.1", "--collector", "snmp", "--port", f"snmp={snmpd}")

    assert shown.exit_code == 3, shown.stderr
    assert json.loads(shown.stdout)["unread"][0]["reason"] == "timeout"


def test_a_real_openssh_server_is_enrolled_and_read(sshd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    port, key = sshd
    config = f'[credential.cli]\nkind = "ssh"\nuser = "{getpass.getuser()}"\nkey_file = "{key}"\n'
    words = ("--collector", "ssh")
    targets = tmp_path / "targets.txt"
    targets.write_text(f"127.0.0.1 driver=huawei_vrp ssh={port}\n")

    refused = scan(tmp_path, config, *words, "-i", str(targets))
    read = scan(tmp_path, config, *words, "-i", str(targets), "--enrol")

    assert json.loads(refused.stdout)["unread"][0]["reason"] == "host-key"
    assert read.exit_code == 1, read.stderr
    findings = [finding for asset in json.loads(read.stdout)["assets"] for finding in asset["findings"]]
    assert [(finding["maker"], finding["model"]) for finding in findings] == [("huawei", "S5720-28X-LI-AC")]


def test_a_device_that_is_not_there_stops_no_enrolment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("x\n")
    (tmp_path / "secret").chmod(0o600)
    config = '[credential.cli]\nkind = "ssh"\nuser = "a"\nsecret = "file:secret"\n'
    words = ("127.0.0.1", "--collector", "ssh", "--port", f"ssh={free_port(kind=socket.SOCK_STREAM)}", "--enrol")

    shown = scan(tmp_path, config, *words)

    assert shown.exit_code == 3
    assert "not enrolled 127.0.0.1" in shown.stderr
