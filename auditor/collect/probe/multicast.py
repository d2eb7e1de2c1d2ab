"""Discovery in multicast groups: one packet a protocol, answers of listed targets only."""

import contextlib
import select
import socket
import time
from collections.abc import Iterator, Sequence

from auditor.collect.base import Setup
from auditor.collect.probe.registry import SEARCHES
from auditor.model import Fact, Observation, Record, Scope, Target
from auditor.parse.services import Group

_SECONDS = 3.0
_DATAGRAM = 65_535
_PER_DEVICE = 20
_BUFFER = 4 << 20
_TURN = 64


def hear(
    targets: Sequence[Target], setup: Setup, groups: Sequence[Group], seconds: float = _SECONDS
) -> Iterator[Record]:
    """Ask each group once and yield what listed targets answer within `seconds`."""
    by_address: dict[str, list[Target]] = {}
    for target in targets:
        by_address.setdefault(target.address, []).append(target)
    answers = _listen(groups, frozenset(by_address), seconds, setup.scope)
    at = setup.now()
    for address, facts in sorted(answers.items()):
        for target in by_address[address]:
            yield Observation(target=target, collector="probe", at=at, facts=tuple(dict.fromkeys(facts)))


def _listen(groups: Sequence[Group], addresses: frozenset[str], seconds: float, scope: Scope) -> dict[str, list[Fact]]:
    answers: dict[str, list[Fact]] = {}
    counts: dict[tuple[socket.socket, str], int] = {}
    with contextlib.ExitStack() as stack:
        sockets = {}
        for group in groups:
            # A group that cannot be joined here (no route, port in use) is not heard; the others are.
            with contextlib.suppress(OSError):
                sockets[stack.enter_context(_ask(group, scope))] = group
        for sock, data, address in _datagrams(tuple(sockets), seconds):
            # Strangers are not even counted; whoever talks without end is not listened to any longer.
            if address in addresses and (number := counts.get((sock, address), 0)) < _PER_DEVICE:
                counts[sock, address] = number + 1
                answers.setdefault(address, []).extend(SEARCHES[sockets[sock].name].read(data))
    return {address: facts for address, facts in answers.items() if facts}


def _ask(group: Group, scope: Scope) -> socket.socket:
    """Return a socket that has sent a group its question; time to live 1 stays on this segment."""
    scope.check(group.group, group=True)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        if group.bind:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("", group.port))
            member = socket.inet_aton(group.group) + bytes(4)  # on any interface
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        sock.setblocking(False)
        sock.sendto(SEARCHES[group.name].question(group.group, group.port), (group.group, group.port))
    except OSError:
        sock.close()
        raise
    return sock


def _datagrams(sockets: tuple[socket.socket, ...], seconds: float) -> Iterator[tuple[socket.socket, bytes, str]]:
    """Yield what arrives until the time is over, each socket in its turn."""
    until = time.monotonic() + seconds
    while sockets and (left := until - time.monotonic()) > 0:
        for sock in select.select(sockets, [], [], left)[0]:
            # Several a turn: one select per datagram would let a loud device fill the buffer ahead of the others.
            with contextlib.suppress(OSError):
                for _ in range(_TURN):
                    data, sender = sock.recvfrom(_DATAGRAM)
                    yield sock, data, str(sender[0])
