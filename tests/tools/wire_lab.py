"""Scenes of a sweep over a real wire.

A veth pair between two network namespaces that nobody else sees. No test in here.

    python -m tests.tools.wire_lab SCENE                     print what happened as JSON
    unshare --map-root-user python -m tests.tools.wire_lab …  the same for whoever is not root

The sweep runs in this process; a thread with a namespace of its own is the network: the kernel there answers ARP and
echo and sends what ICMP errors are due, and every packet that arrives is noted with the time the kernel gives it.
"""

import ctypes
import json
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Self

from auditor.collect.base import Setup
from auditor.collect.events import CollectEvent
from auditor.collect.ssh.keys import enrol
from auditor.collect.sweep.addresses import AddressBlock
from auditor.collect.sweep.batch import Batch
from auditor.collect.sweep.collector import Ways, packets, sweep
from auditor.collect.sweep.packets import engine
from auditor.collect.sweep.udp import UdpProber
from auditor.model import Credential, Limits, Observation, Span, Target
from auditor.run.stages import Order, collect
from auditor.snmp.pace import Pace
from auditor.targets.scope import ScopeGuard
from auditor.targets.spans import whole
from tests.tools.loopback import busiest
from tests.tools.ssh_lab import VRP, Device, Lab

# Documentation addresses (RFC 5737), which a user would have to allow by a file and a flag.
SCOPE = ScopeGuard(allowed=(whole("198.51.96.0/20"), whole("203.0.113.0/24")))
NEW_NETWORK = 0x4000_0000  # CLONE_NEWNET of unshare(2)
ARP, IP = 0x0806, 0x0800
TIMESTAMPS = 35  # SO_TIMESTAMPNS, and the kind of its control message
HERE, THERE = "198.51.100.1", "198.51.100.2"
ROUTED = int(IPv4Address("203.0.113.0"))
SYSTEM = Path("/proc/sys/net")


class Passwords:
    def fetch(self, _name: str, part: str) -> str:
        return "sshpass123" if part == "password" else ""


class Secrets:
    def fetch(self, _name: str, _part: str) -> str:
        return "public"


def own_network() -> None:
    """Move the calling thread into an empty network of its own.

    Raises `OSError` where that is not permitted.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "no network namespace of our own")


def ip(*words: str) -> None:
    """Run one command of iproute2 in the network of the calling thread."""
    subprocess.run(["ip", *" ".join(words).split()], check=True)


class Wire:
    """The other end, in a thread. `prepare` runs there once the wire is up.

    `heard` is (moment, ethertype, packet without frame).
    """

    def __init__(self, prepare: Callable[[], None] = lambda: None, mask: int = 24) -> None:
        self.heard: list[tuple[float, int, bytes]] = []
        self._prepare, self._mask = prepare, mask
        self._ready, self._linked, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        own_network()
        self._thread.start()
        self._ready.wait(10)
        ip("link set lo up")
        ip("link add here type veth peer name there netns", str(self._thread.native_id))
        ip(f"address add {HERE}/{self._mask} dev here")
        ip("link set here up")
        self._ready.clear()
        self._linked.set()
        self._ready.wait(10)
        ip(f"route add 203.0.113.0/24 via {THERE}")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        own_network()
        self._ready.set()
        self._linked.wait(10)
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)) as ear:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            ear.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
            ip(f"address add {THERE}/{self._mask} dev there")
            ip("link set lo up")
            ip("link set there up")
            ear.bind(("there", 3))
            ear.settimeout(0.1)
            self._prepare()
            self._ready.set()
            self._listen(ear)

    def _listen(self, ear: socket.socket) -> None:
        while not self._stop.is_set():
            try:
                packet, notes, _, peer = ear.recvmsg(2048, 128)
            except TimeoutError:
                continue
            seconds, nanos = struct.unpack("qq", notes[0][2][:16])
            if peer[2] != socket.PACKET_OUTGOING:
                self.heard.append((seconds + nanos / 1e9, peer[1], packet))

    def routed(self) -> list[tuple[float, str]]:
        """Return when a packet to each address behind the router arrived."""
        sent = [(at, packet) for at, kind, packet in self.heard if kind == IP]
        return [(at, str(IPv4Address(packet[16:20]))) for at, packet in sent if packet[16:19] == b"\xcb\x00\x71"]

    def asked(self) -> list[tuple[float, str]]:
        """Return when an ARP request for each address arrived."""
        sent = [(at, packet) for at, kind, packet in self.heard if kind == ARP and packet[6:8] == b"\x00\x01"]
        return [(at, str(IPv4Address(packet[24:28]))) for at, packet in sent]


def setup(**limits: Any) -> Setup:
    return Setup(
        scope=SCOPE,
        credentials={"public": Credential(name="public", kind="snmp-v2c")},
        secrets=Secrets(),
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        limits=Limits(**{"timeout": 0.3, "packets_per_second": 0.0} | limits),
    )


def span(first: int, size: int, version: int = 4) -> Span:
    return Span(first=first, last=first + size - 1, version=version, like=Target(address="", credentials=("public",)))


def look(spans: list[Span], how: Setup, ways: Ways) -> dict[str, list[str]]:
    return {seen.target.address: list(seen.target.collectors) for seen in answers(spans, how, ways)}


def answers(spans: list[Span], how: Setup, ways: Ways) -> list[Observation]:
    """Return whoever a sweep heard."""
    return [record for record in sweep(spans, how, ways) if isinstance(record, Observation)]


def echo() -> dict[str, Any]:
    """Ask 40 addresses of either version for an echo; one of each is there."""
    only = Ways(snmp=False, engine=False, ports=())

    def two() -> None:
        ip("address add fd00:db8::7/64 dev there nodad")

    with Wire(two) as wire:
        ip("address add fd00:db8::1/64 dev here nodad")
        refused: list[str] = []
        how = setup()
        silent = answers([span(int(IPv4Address(THERE)), 40)], _telling(how, refused), only)
        (SYSTEM / "ipv4/ping_group_range").write_text("0 0", encoding="ascii")
        spans = [span(int(IPv4Address(THERE)), 40), span(int(IPv6Address("fd00:db8::2")), 40, 6)]
        return {"found": look(spans, how, only), "refused": refused, "silent": len(silent), "heard": len(wire.heard)}


def _telling(how: Setup, words: list[str]) -> Setup:
    return Setup(
        scope=SCOPE,
        credentials=how.credentials,
        secrets=how.secrets,
        now=how.now,
        limits=how.limits,
        notify=lambda notice: words.append(notice.event) if notice.event is not CollectEvent.PACKETS else None,
    )


def unreachable() -> dict[str, Any]:
    """Ask hosts a router says are not there (of five, then it is silent), then the router."""

    def router() -> None:
        (SYSTEM / "ipv4/ip_forward").write_text("1", encoding="ascii")
        (SYSTEM / "ipv4/icmp_ratelimit").write_text("0", encoding="ascii")
        ip("route add unreachable 203.0.113.0/24")

    ways = Ways(icmp=False, ports=(22,))
    with Wire(router) as wire:
        hosts = look([span(ROUTED + 1, 10)], setup(), ways)
        time.sleep(1.1)  # the router has one more word to say then
        states = _two_in_a_row(span(ROUTED + 21, 2))
        found = look([span(int(IPv4Address(THERE)), 1)], setup(), ways)
        time.sleep(0.1)
        return {"hosts": hosts, "packets": Counter(to for _, to in wire.routed()), "two": states, "router": found}


def _two_in_a_row(two: Span) -> list[int]:
    """Send to one host and, once the router has said that it is not there, to the next.

    Return what is known of both.
    """
    field, probe = AddressBlock(two.like, 4, [range(two.first, two.last + 1)]), engine()
    with UdpProber(field, Pace(0.0)) as ear:
        batch = Batch(ear._socket, probe.before, probe.after, 161)
        for at in (0, 4):
            batch.load(field.octets[at : at + 4], field.tokens[at : at + 4])
            ear._fire(batch, field.octets[at : at + 4], "engine")
            time.sleep(0.05)
    return list(field.states("engine"))


def arp() -> dict[str, Any]:
    """Sweep 400 addresses of an attached network without any limit.

    One device, at the very end, is there.
    """

    def device() -> None:
        ip("address add 198.51.101.146/21 dev there")

    with Wire(device, mask=21) as wire:
        spans = [span(int(IPv4Address("198.51.100.3")), 400)]
        found = look(spans, setup(timeout=1.0), Ways(icmp=False, ports=(80,)))
        asked = wire.asked()
        per_address = Counter(to for _, to in asked)
        return {
            "found": found,
            "addresses": len(per_address),
            "each": len(asked) / len(per_address),
            "busiest": busiest([at for at, _ in asked]),
        }


def pace() -> dict[str, Any]:
    """Sweep 60 addresses that swallow everything, at 200 packets a second, for over a second."""
    with Wire() as wire:
        how, ways = setup(packets_per_second=200.0, timeout=1.05), Ways(icmp=False, ports=(22, 80, 443, 8000))
        spans = [span(ROUTED + 1, 60)]
        found = look(spans, how, ways)
        sent = wire.routed()
        return {
            "found": found,
            "sent": len(sent),
            "told": packets(spans, how, ways),
            "busiest": busiest([at for at, _ in sent]),
        }


def sessions() -> dict[str, Any]:
    """Read six devices of two sites by probes and over SSH at 60 packets a second."""
    rate, lab, ports = 60.0, Lab(), list[int]()
    table = "\n".join(f"00e0-fc12-{number:04x} 10/-/- GE0/0/{number % 48} dynamic" for number in range(1000))

    def devices() -> None:
        # A thread begun here, as the servers' is, lives in the network of the other end.
        lab.__enter__()
        ports.extend(lab.add(Device(replies=VRP | {"display mac-address": table}), address=THERE) for _ in range(6))

    with Wire(devices) as wire, tempfile.TemporaryDirectory() as folder:
        how = replace(
            setup(packets_per_second=rate, timeout=2.0),
            credentials={"audit": Credential(name="audit", kind="ssh", user="audit")},
            secrets=Passwords(),
            known_hosts=f"{folder}/known_hosts",
            probes=("http",),
        )
        spans = [
            replace(
                span(int(IPv4Address(THERE)), 1),
                like=Target(
                    address="",
                    site=site,
                    credentials=("audit",),
                    driver="huawei",
                    ports=(("ssh", port), ("http", port)),
                ),
            )
            for site, port in zip("ab" * 3, ports, strict=True)
        ]
        for one in spans:
            enrol(next(iter(one.targets())), how.known_hosts, SCOPE)
        time.sleep(0.3)
        wire.heard.clear()
        limits = {"a": how.limits, "b": how.limits}
        records = list(collect(spans, how, Order(limits=limits)))
        time.sleep(0.3)
        sent = [(at, packet) for at, kind, packet in wire.heard if kind == IP]
        lab.__exit__()
        return {
            "read": sum(isinstance(record, Observation) and record.collector == "ssh" for record in records),
            "seconds": sent[-1][0] - sent[0][0],
            "own": busiest([at for at, packet in sent if is_own(packet)]),
            "every": max(busiest([at for at, _ in sent], 10.0) / 10.0, len(sent) / (sent[-1][0] - sent[0][0])),
            "rate": rate,
        }


def is_own(packet: bytes) -> bool:
    """Tell whether a program sent a packet: any but those of TCP that carry nothing and open nothing (RFC 9293)."""
    tcp = packet[(packet[0] & 15) * 4 :]
    total = int.from_bytes(packet[2:4])
    return packet[9] != socket.IPPROTO_TCP or bool(tcp[13] & 2) or total > (packet[0] & 15) * 4 + (tcp[12] >> 4) * 4


def nowhere() -> dict[str, Any]:
    """Ask over IPv6 on a machine that has no address to ask from, as where IPv6 is switched off."""
    own_network()
    began = time.monotonic()
    found = look([span(int(IPv6Address("2001:db8::1")), 2, 6)], setup(timeout=0.1), Ways(ports=(22, 80)))
    return {"found": found, "seconds": time.monotonic() - began}


SCENES: dict[str, Callable[[], dict[str, Any]]] = {
    "echo": echo,
    "unreachable": unreachable,
    "arp": arp,
    "pace": pace,
    "sessions": sessions,
    "nowhere": nowhere,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(SCENES[sys.argv[1]]()))
