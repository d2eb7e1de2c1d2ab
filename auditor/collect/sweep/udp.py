"""Asks many addresses over one socket and takes in replies: SNMP and ICMP echo.

Sends in batches, reads between them, never faster than the pace, and slower where nearly everybody answers: a network
that all speaks at once would overrun its own buffers and ours.
"""

import errno
import select
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

from auditor.collect.sweep.addresses import AddressBlock
from auditor.collect.sweep.batch import BATCH, TOKEN, Batch
from auditor.collect.sweep.packets import Probe, SweepReply
from auditor.snmp.pace import Pace

BUFFER = 8 << 20
# A packet waits here while ARP looks for its address: room for about 256 (the kernel takes twice what is said) bounds
# the broadcasts.
SENDING = 106_496
DATAGRAM = 4096
DENSE = 0.3
LAG = 512
PATIENCE = 0.05
# A send that fails so often in a row, with nothing to read of anybody else, is refused for its own address.
REFUSALS = 4
_FORCE = 33
_RECEIVE_ERRORS = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_ERROR_QUEUE = getattr(socket, "MSG_ERRQUEUE", 0)
_EXTENDED = struct.Struct("=IBBBB")
# Origin (ICMP, ICMPv6), type and code: no such network or host (RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1); nobody at the
# port.
_NOWHERE = frozenset({(2, 3, 0), (2, 3, 1), (2, 3, 6), (2, 3, 7), (3, 1, 0), (3, 1, 3)})
_PORT_UNREACHABLE = frozenset({(2, 3, 3), (3, 1, 4)})
_ALL_WAYS = ("snmp", "engine", "icmp", "tcp")


class UdpProber:
    """One socket with the addresses it asks: sends probes, reads replies; a context manager."""

    def __init__(self, block: AddressBlock, pace: Pace, *, icmp: bool = False) -> None:
        self._block = block
        self._pace = pace
        self._socket = _icmp(block.family) if icmp else _ready(socket.socket(block.family, socket.SOCK_DGRAM))
        self._ways = ("icmp",) if icmp else ("snmp", "engine")
        self.port = 0
        self.counts: Counter[str] = Counter()
        self._read: Callable[[bytes], SweepReply | None] = lambda _datagram: None
        self._recent = [0, 0]
        self._batches: dict[Probe, Batch] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, probe: Probe, port: int) -> None:
        """Send one probe to everybody who has not answered that way yet."""
        octets, tokens = self._block.waiting(probe.way)
        self._read, self.port, self._recent = probe.read, port, [0, 0]
        batch = self._batches.get(probe) or self._batches.setdefault(
            probe, Batch(self._socket, probe.before, probe.after, port)
        )
        width, step = self._block.width, self._pace.batch(BATCH)
        for first in range(0, len(tokens) // TOKEN, step):
            addresses = octets[first * width : (first + step) * width]
            count = len(addresses) // width
            batch.load(addresses, tokens[first * TOKEN : (first + step) * TOKEN])
            self.listen(self._pace.wait(count))
            self._fire(batch, addresses, probe.way)
            self._pace.spend(count)
            self._ease(count)

    def listen(self, seconds: float) -> None:
        """Take in what arrives within so many seconds; zero takes in what is already there."""
        until = time.monotonic() + seconds
        self._drain()
        while (left := until - time.monotonic()) > 0:
            if select.select([self._socket], [], [], left)[0]:
                self._drain()

    def _fire(self, batch: Batch, addresses: bytes, way: str) -> None:
        through, width = 0, self._block.width
        count = len(addresses) // width
        refusals = 0
        while through < count:
            try:
                through += batch.send(through, count)
                refusals = 0
            except BlockingIOError:
                select.select([], [self._socket], [], PATIENCE)
                self._drain()
            except OSError as error:
                self.counts["send errors"] += 1
                # What a router says of one address is told on the next send, to another (ip(7)), and now and then
                # before it can be read.
                refusals = 0 if self._errors() else refusals + 1
                if error.errno == errno.ENOBUFS:
                    self.listen(PATIENCE)
                elif refusals >= REFUSALS:
                    self._block.give_up(self._block.position(addresses[through * width :][:width]), way)
                    self.counts["unreachable"] += 1
                    through, refusals = through + 1, 0
        self.counts["sent"] += through

    def _ease(self, count: int) -> None:
        """Wait for those who answer where most do, so that sending never runs away from the answers."""
        recent = self._recent
        recent[0] += count
        self._drain()
        quiet = time.monotonic() + PATIENCE
        while recent[1] > DENSE * recent[0] and recent[0] - recent[1] > LAG and time.monotonic() < quiet:
            before = recent[1]
            select.select([self._socket], [], [], 0.005)
            self._drain()
            if recent[1] > before:
                quiet = time.monotonic() + PATIENCE
        if recent[0] > LAG * 8:
            recent[0], recent[1] = recent[0] // 2, recent[1] // 2

    def _drain(self) -> None:
        receive = self._socket.recvfrom
        while True:
            try:
                datagram, peer = receive(DATAGRAM)
            except BlockingIOError:
                # An error that interrupted a batch is no longer told here, but it waits in the queue all the same.
                if not self._errors():
                    return
            except OSError:
                self._errors()
            else:
                self._take(datagram, peer)

    def _take(self, datagram: bytes, peer: tuple[str, int]) -> None:
        self.counts["received"] += 1
        reply = self._read(datagram)
        if reply is None:
            self.counts["unreadable"] += 1
            return
        position = self._block.at(peer[0])
        # A device that answers from another of its addresses is counted, not believed.
        is_elsewhere = position < 0 or (peer[1] != self.port and self.port)
        if is_elsewhere or not self._block.accept(position, *reply):
            self.counts["strays"] += 1
            return
        self._recent[1] += 1

    def _errors(self) -> int:
        """Read ICMP errors and return how many: a closed port is a live address."""
        read = 0
        while _ERROR_QUEUE and sys.platform == "linux":
            try:
                _, notes, _, peer = self._socket.recvmsg(DATAGRAM, 512, _ERROR_QUEUE)
            except OSError:
                break
            read += 1
            position = self._block.at(peer[0]) if peer else -1
            for _, _, data in notes:
                if position >= 0 and len(data) >= _EXTENDED.size:
                    self._note(position, _EXTENDED.unpack_from(data)[1:4])
        return read

    def _note(self, position: int, kind: tuple[int, ...]) -> None:
        self.counts["icmp errors"] += 1
        # A router that keeps us from one port says nothing of the others; one that finds no such host does.
        for way in _ALL_WAYS if kind in _NOWHERE else self._ways:
            self._block.give_up(position, way)
        if kind in _PORT_UNREACHABLE and not self._block.is_loopback(position):
            self._block.note(position, "closed")


def _icmp(family: socket.AddressFamily) -> socket.socket:
    """Return a ping socket, or `PermissionError` under net.ipv4.ping_group_range (icmp(7))."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    return _ready(socket.socket(family, socket.SOCK_DGRAM, protocol))


def _ready(sock: socket.socket) -> socket.socket:
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENDING)
    for option in (_FORCE, socket.SO_RCVBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)
            break
        except OSError:
            continue
    if sys.platform == "linux":
        sock.setsockopt(*_RECEIVE_ERRORS[socket.AddressFamily(sock.family)], 1)
    return sock
