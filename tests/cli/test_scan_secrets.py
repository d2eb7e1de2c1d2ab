"""A secret that cannot be had ends a scan before it begins.

Each told in a line, nobody contacted, nothing written.
"""

import json
import socket
import sys

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.formats import journal
from auditor.model import Observation, Reason, Run, Target, Unread
from tests.tools.promises import NOW

FAILS = f'command:["{sys.executable}", "-c", "raise SystemExit(3)"]'
KINDS = {
    "community": ('kind = "snmp-v2c"\nsecret = "env:GONE"', ["the environment variable GONE is not set"]),
    "snmp v3": (
        (
            'kind = "snmp-v3"\nuser = "a"\nauth = "SHA256"\nauth_secret = "env:GONE"\npriv = "AES"\npriv_secret = '
            '"env:LOST"'
        ),
        ["the environment variable GONE is not set", "the environment variable LOST is not set"],
    ),
    "ssh": (f'kind = "ssh"\nuser = "a"\nsecret = \'{FAILS}\'', ["python", "ended with code 3"]),
    "enable": ('kind = "ssh"\nuser = "a"\nsecret = "env:HERE"\nenable_secret = "env:GONE"', ["GONE is not set"]),
    "key": ('kind = "ssh"\nuser = "a"\nkey_file = "k"\nkey_secret = "file:none"', ["none cannot be read"]),
    "web": ('kind = "http"\nuser = "a"\nsecret = "systemd:cams"', ["the service needs LoadCredential="]),
    "nobody to ask": ('kind = "ssh"\nuser = "a"\nsecret = "ask"', ["nobody is there to type"]),
}


class Ground:
    """A folder to scan from, and an address at which every packet would be seen."""

    def __init__(self, folder, udp, tcp):
        self.folder, self.udp, self.tcp = folder, udp, tcp
        self.store = folder / "s.db"

    def configure(self, **credentials):
        text = "".join(f"[credential.{name}]\n{lines}\n" for name, lines in credentials.items())
        ports = (
            f"{{ snmp = {self.udp.getsockname()[1]}, ssh = {self.tcp.getsockname()[1]}, http = "
            f"{self.tcp.getsockname()[1]} }}"
        )
        text += (
            f'[site.hq]\nsubnets = ["127.0.0.1/32"]\ncredentials = {json.dumps(list(credentials))}\nports = {ports}\n'
        )
        text += "[limits]\ntimeout = 0.1\nretries = 1\n"
        (self.folder / "auditor.toml").write_text(text)

    def scan(self, *words):
        config = str(self.folder / "auditor.toml")
        given = [
            "--config",
            config,
            "scan",
            "-q",
            "--store",
            str(self.store),
            "--collector",
            "snmp",
            *words,
            "127.0.0.1",
        ]
        return CliRunner().invoke(main, given, env={"HERE": "a-secret", "AUDITOR_STORE": ""})

    def contacted(self):
        for opened, ask in ((self.udp, lambda one: one.recv(1)), (self.tcp, lambda one: one.accept())):
            try:
                ask(opened)
            except BlockingIOError:
                continue
            return True
        return False


@pytest.fixture
def ground(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        for opened in (udp, tcp):
            opened.bind(("127.0.0.1", 0))
            opened.setblocking(False)
        tcp.listen()
        yield Ground(tmp_path, udp, tcp)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_cannot_be_had_is_told_before_anybody_is_contacted(ground, kind):
    lines, told = KINDS[kind]
    ground.configure(core=lines)

    shown = ground.scan("--collector", "probe", "--collector", "ssh")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert [word for word in told if word not in shown.stderr] == []
    assert shown.stderr.startswith("auditor: credential core: ")
    assert shown.stderr.endswith("nothing was contacted\n")
    assert not ground.contacted()
    assert sorted(path.name for path in ground.folder.iterdir()) == ["auditor.toml", "s.hq.lock"]


def test_what_the_other_credentials_open_can_still_be_read(ground):
    ground.configure(core=KINDS["community"][0], access='kind = "snmp-v2c"\nsecret = "env:HERE"')

    shown = ground.scan()

    assert shown.exit_code == 2
    assert shown.stderr.splitlines() == [
        "auditor: credential core: the environment variable GONE is not set",
        "nothing was contacted; to read what the other credentials open: --credential access",
    ]
    assert not ground.contacted()
    assert ground.scan("--credential", "access").exit_code == 3
    assert ground.contacted()


def test_a_secret_that_no_stage_uses_is_not_missed(ground):
    ground.configure(cli=KINDS["ssh"][0], access='kind = "snmp-v2c"\nsecret = "env:HERE"')

    assert ground.scan().exit_code == 3


def test_a_resumed_run_without_its_secrets_leaves_the_journal_as_it_was(ground):
    ground.configure(core=KINDS["community"][0])
    target = Target(address="127.0.0.1", site="hq")
    records = [
        Observation(target=target, collector="ssh", at=NOW, facts=()),
        Unread(target=target, collector="snmp", at=NOW, reason=Reason.TIMEOUT),
    ]
    path = ground.folder / "journals" / "run-1.jsonl"
    path.parent.mkdir()
    path.write_text("\n".join([journal.encode_run(Run(id="run-1", started=NOW)), *map(journal.encode, records), ""]))
    before = path.read_bytes()

    assert ground.scan("--resume", "run-1").exit_code == 2
    assert path.read_bytes() == before
