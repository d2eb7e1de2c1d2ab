"""Agents on loopback for the tests of the SNMP collector: invented devices, real UDP."""

import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from auditor import ber
from auditor.collect import collector
from auditor.collect.base import Setup
from auditor.lab.agent import Player, Responder
from auditor.model import Credential, Limits, Target, VarBind
from auditor.snmp import message
from auditor.snmp.script import User
from tests.tools.loopback import SCOPE

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
QUICK = Limits(timeout=0.2, retries=1, deadline=10.0, packets_per_second=0.0)
USER = User(name="audit", auth="SHA256", auth_secret="auth-secret", priv="AES", priv_secret="priv-secret")
CREDENTIALS = (
    Credential(name="public", kind="snmp-v2c"),
    Credential(name="old", kind="snmp-v1"),
    Credential(name="wrong", kind="snmp-v2c"),
    Credential(name="core", kind="snmp-v3", user="audit", auth="SHA256", priv="AES"),
    Credential(name="stale", kind="snmp-v3", user="audit", auth="SHA256", priv="AES"),
)
SECRETS = {
    ("public", "community"): "public",
    ("old", "community"): "public",
    ("wrong", "community"): "private",
    ("core", "auth"): "auth-secret",
    ("core", "priv"): "priv-secret",
    ("stale", "auth"): "another-secret",
    ("stale", "priv"): "another-secret",
}


@dataclass
class Secrets:
    values: dict[tuple[str, str], str]
    fetched: Counter[str] = field(default_factory=Counter)

    def fetch(self, name, part):
        self.fetched[name] += 1
        return self.values[name, part]


def setup(limits=QUICK):
    return Setup(
        scope=SCOPE,
        credentials={item.name: item for item in CREDENTIALS},
        secrets=Secrets(SECRETS),
        now=lambda: NOW,
        limits=limits,
    )


def text(oid, value):
    return VarBind(oid, 0x04, value if isinstance(value, bytes) else value.encode())


def number(oid, value):
    return VarBind(oid, 0x02, ber.integer_content(value))


def name(oid, value):
    return VarBind(oid, 0x06, ber.oid(value))


def system(sysobjectid="1.3.6.1.4.1.2011.2.23.291", descr="S5720"):
    return [
        text("1.3.6.1.2.1.1.1.0", descr),
        name("1.3.6.1.2.1.1.2.0", sysobjectid),
        VarBind("1.3.6.1.2.1.1.3.0", 0x43, ber.integer_content(500_000)),
    ]


def switch():
    rows = system()
    for port in range(1, 49):
        rows += [text(f"1.3.6.1.2.1.2.2.1.6.{port}", bytes.fromhex("00e0fc0000") + bytes([port]))]
        rows += [
            text(f"1.3.6.1.2.1.31.1.1.1.1.{port}", f"GE0/0/{port}"),
            number(f"1.3.6.1.2.1.17.1.4.1.2.{port}", port),
        ]
    for host in range(300):
        arcs = f"188.173.40.0.{host >> 8}.{host & 255}"
        rows += [number(f"1.3.6.1.2.1.17.7.1.2.2.1.2.20.{arcs}", 1 + host % 48)]
        mac = bytes.fromhex("bcad2800") + host.to_bytes(2, "big")
        rows += [text(f"1.3.6.1.2.1.4.22.1.2.7.10.9.{host >> 8}.{host & 255}", mac)]
    rows += [text("1.3.6.1.2.1.47.1.1.1.1.11.1", "210235000010000001"), number("1.3.6.1.2.1.47.1.1.1.1.5.1", 3)]
    return rows


@contextmanager
def played(*devices):
    with Responder(devices) as responder:
        thread = threading.Thread(target=responder.serve, args=(0.02,))
        thread.start()
        try:
            yield responder
        finally:
            responder.stop()
            thread.join()


def target(port, *credentials, address="127.20.0.1", site=""):
    return Target(address=address, site=site, credentials=credentials or ("public",), ports=(("snmp", port),))


def collect(*targets, limits=QUICK, word="snmp"):
    return list(collector(word).collect(targets, setup(limits)))


def kinds(record):
    return Counter(fact.kind for fact in record.facts)


@contextmanager
def faulty(device, spoil):
    """Play a device whose every reply PDU goes through `spoil(request, reply)`."""
    player, stop = Player(device), threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((device.address, device.port))
        opened.settimeout(0.05)

        def serve():
            while not stop.is_set():
                with suppress(TimeoutError):
                    data, sender = opened.recvfrom(65_535)
                    asked, reply = message.read_plain(data), message.read_plain(player.respond(data))
                    said = message.pdu(*spoil(asked.pdu, reply.pdu))
                    opened.sendto(message.plain(reply.version, reply.community, said), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield player
        finally:
            stop.set()
            thread.join()


def failing(kinds, status, which, most=0):
    """Return a spoiler that answers such requests for more than `most` objects with an error."""

    def spoil(asked, reply):
        if asked.kind in kinds and len(ber.split_varbinds(asked.region)[0]) > most:
            return reply._replace(status=status, which=which, region=asked.region)
        return reply

    return spoil
