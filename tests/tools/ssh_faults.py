"""SSH devices that misbehave in every way known, and what the collector must make of it."""

import asyncio
import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import asyncssh

from auditor.collect.base import Setup
from auditor.collect.ssh.collector import SshCollector
from auditor.model import Credential, Fact, Limits, Observation, Reason, Record, Target, Unread
from tests.tools.loopback import SCOPE
from tests.tools.ssh_lab import IOS, VRP, Device, Lab

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DEADLINE = 8.0
PATIENCE = 5.0
HEALTHY = 5
WHOLE = None
OLD = {"kex_algs": ["diffie-hellman-group1-sha1"], "encryption_algs": ["aes128-cbc"], "mac_algs": ["hmac-sha1"]}
SAVE = "Warning: There are security risks in the configuration file. Are you sure to continue? [Y/N] [y/n]>"


class Vault:
    """Secrets by credential name.

    `wrong` knows a password nobody takes, `enabler` an enable secret nobody takes.
    """

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def fetch(self, name: str, part: str) -> str:
        self.fetched.append(f"{name}.{part}")
        known = {"password": "sshpass123", "enable": "refused-secret" if name == "enabler" else ""}
        return "not-the-password" if (name, part) == ("wrong", "password") else known.get(part, "")


class Trickle(Device):
    """Prints one character each 50 ms: a version reply takes longer than anybody waits."""

    async def reply(self, process: Any, line: str) -> None:
        for char in self.replies.get(line, ""):
            process.stdout.write(char)
            await asyncio.sleep(0.05)


@dataclass
class Case:
    """One device: how it misbehaves, the reason it must give (none: whole), what it may cost."""

    name: str
    reason: Reason | None
    device: Device | None = None
    talk: Any = None
    driver: str = "huawei"
    credential: str = "audit"
    key: str = "right"
    logins: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    connections: int = 0
    port: int = 0


async def _tarpit(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(1000):
        writer.write(b"x\r\n")
        await asyncio.sleep(0.2)


async def _reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _mute(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def _half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-HUAWEI-1.5\r\n")
    await asyncio.sleep(3600)


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-HUAWEI-1.5\r\n" + bytes(range(256)) * 40)
    await asyncio.sleep(3600)


def cases() -> list[Case]:
    """Return every fault anew; devices remember what was done to them."""
    return [
        Case("endless banner", Reason.TIMEOUT, talk=_tarpit, logins=0),
        Case("reset at connect", Reason.CLOSED, talk=_reset, logins=0),
        Case("never says a word", Reason.TIMEOUT, talk=_mute, logins=0),
        Case("stops after its name", Reason.TIMEOUT, talk=_half, logins=0),
        Case("garbage for a key exchange", Reason.PROTOCOL, talk=_garbage, logins=0),
        Case("hangs in authentication", Reason.TIMEOUT, Device(fault="auth-hang"), credential="hangs", logins=0),
        Case("command hangs", Reason.TIMEOUT, Device(fault="hang")),
        Case("closes mid-output", Reason.CLOSED, Device(fault="close")),
        Case("50 ms per character", Reason.TIMEOUT, Trickle()),
        Case("no prompt", Reason.TIMEOUT, Device(fault="no-prompt")),
        Case("50 MB of output", Reason.LIMIT, Device(fault="flood")),
        Case("ANSI and OSC sequences", WHOLE, Device(fault="ansi")),
        Case("no echo", WHOLE, Device(fault="mute-echo")),
        Case("prompts that come late", WHOLE, Device(fault="late-prompts")),
        Case("pages though told not to", WHOLE, Device(page=2)),
        Case("keyboard-interactive only", WHOLE, Device(keyboard=True)),
        Case("asks to save its configuration", Reason.PROTOCOL, Device(greeting=SAVE)),
        Case("wrong password", Reason.AUTHENTICATION, Device(), credential="wrong"),
        Case("host key changed", Reason.HOST_KEY, Device(), key="other", logins=0),
        Case("unknown host", Reason.HOST_KEY, Device(), key="none", logins=0),
        Case("old algorithms only", WHOLE, Device(), options=OLD),
        Case("enable refused", Reason.AUTHORIZATION, _locked(), driver="cisco_ios", credential="enabler"),
        Case("enable mode that nobody leaves", Reason.PROTOCOL, _stays_enabled(), driver="huawei_smartax"),
        Case("closed port", Reason.REFUSED, logins=0),
        Case("blackhole", Reason.TIMEOUT, logins=0),
    ]


def _locked() -> Device:
    """Return a switch whose enable secret is not the one we were given."""
    return Device(prompt="sw1>", enable="right", replies=IOS, refusal="% Invalid input detected at '^' marker.")


def _stays_enabled() -> Device:
    """Return an OLT that enters enable mode and does not know how to leave it.

    Netmiko raises a bare ValueError at it.
    """
    return Device(prompt="MA5800>", mode=("enable",), refusal="% Unknown command, the error locates at '^'")


def healthy(number: int = HEALTHY) -> list[Case]:
    """Return devices that behave."""
    return [Case(f"healthy {index}", WHOLE, Device()) for index in range(number)]


@contextlib.contextmanager
def _nobody() -> Iterator[int]:
    """Yield a port of 127.0.0.1 where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def _blackhole() -> Iterator[int]:
    """Yield a port that answers no connection: its queue is full and nobody empties it."""
    with contextlib.ExitStack() as held:
        hole = held.enter_context(socket.socket())
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        for _ in range(4):
            caller = held.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(hole.getsockname())
        yield hole.getsockname()[1]


class Zoo:
    """Plays cases on loopback; `with Zoo(cases) as zoo: zoo.read()`."""

    def __init__(self, played: Sequence[Case]) -> None:
        self.cases = list(played)
        self.lab = Lab()
        self.vault = Vault()
        self._held = contextlib.ExitStack()
        self._other = asyncssh.generate_private_key("ssh-rsa", key_size=2048)

    def __enter__(self) -> Self:
        self._held.enter_context(self.lab)
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory()))
        self.known_hosts = folder / "known_hosts"
        blobs = {"right": self.lab.key, "other": self._other}
        lines = []
        for case in self.cases:
            case.port = self._open(case)
            if case.key in blobs:
                blob = blobs[case.key].export_public_key().decode().split()[1]
                lines.append(f"[127.0.0.1]:{case.port} ssh-rsa {blob}\n")
        self.known_hosts.write_text("".join(lines), encoding="ascii")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._held.close()

    def _open(self, case: Case) -> int:
        if case.device is not None:
            return self.lab.add(case.device, **case.options)
        if case.talk is not None:
            return self.lab.tcp(self._counted(case))
        return self._held.enter_context(_blackhole() if case.name == "blackhole" else _nobody())

    def _counted(self, case: Case) -> Any:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            case.connections += 1
            await case.talk(reader, writer)

        return talk

    def target(self, case: Case) -> Target:
        return Target(
            address="127.0.0.1", ports=(("ssh", case.port),), driver=case.driver, credentials=(case.credential,)
        )

    def setup(self, **limits: Any) -> Setup:
        names = ("audit", "wrong", "hangs", "enabler")
        return Setup(
            scope=SCOPE,
            credentials={name: Credential(name=name, kind="ssh", user="audit") for name in names},
            secrets=self.vault,
            now=lambda: NOW,
            limits=Limits(**{"deadline": DEADLINE, **limits}),
            known_hosts=str(self.known_hosts),
        )

    def read(self, **limits: Any) -> dict[str, "Told"]:
        """Read every case at once and return what came of each, by name."""
        names = {case.port: case for case in self.cases}
        told = {case.name: Told(case) for case in self.cases}
        began = time.monotonic()
        for record in SshCollector(PATIENCE).collect(map(self.target, self.cases), self.setup(**limits)):
            told[names[record.target.port("ssh", 0)].name].hear(record, time.monotonic() - began)
        return told


@dataclass
class Told:
    """What came of one case: its records, and when the last of them came, in seconds."""

    case: Case
    records: list[Record] = field(default_factory=list)
    seconds: float = 0.0

    def hear(self, record: Record, seconds: float) -> None:
        self.records.append(record)
        self.seconds = seconds

    @property
    def facts(self) -> list[Fact]:
        return [fact for record in self.records if isinstance(record, Observation) for fact in record.facts]

    @property
    def unread(self) -> list[Unread]:
        return [record for record in self.records if isinstance(record, Unread)]

    @property
    def whole(self) -> bool:
        said = {fact.where: fact.value for fact in self.facts if fact.kind == "cli.output"}
        return not self.unread and said.get("display version") == VRP["display version"]

    @property
    def connections(self) -> int:
        return self.case.device.connections if self.case.device else self.case.connections

    @property
    def logins(self) -> int:
        return len(self.case.device.logins) if self.case.device else 0

    @property
    def lines(self) -> int:
        return len([line for line in self.case.device.lines if line]) if self.case.device else 0

    @property
    def happened(self) -> str:
        return "; ".join(f"{item.reason.value}: {item.detail}" for item in self.unread) or "read whole"

    @property
    def good(self) -> bool:
        """Tell whether it was read as far as it could be, in its time, with no login too many."""
        case = self.case
        clean = not any(char < " " and char not in "\n\t" for fact in self.facts for char in fact.value)
        right = self.whole if case.reason is None else case.reason in [item.reason for item in self.unread]
        return right and clean and self.seconds <= DEADLINE * 1.2 and self.logins <= case.logins
