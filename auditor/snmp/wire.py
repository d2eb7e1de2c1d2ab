"""The sockets: one UDP socket per address family. Never blocks, never raises for a stranger."""

import errno
import selectors
import socket
import struct
from collections.abc import Iterator
from typing import Any, Self

from auditor.model import Reason, Scope
from auditor.snmp.script import Fault

Peer = tuple[str, int]

RECEIVE_BUFFER = 8 << 20
_DATAGRAM = 65_535
_AT_ONCE = 4096
# Linux tells of ICMP errors through a queue of its own (ip(7)); elsewhere a closed port is a timeout.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_ERROR_QUEUE = getattr(socket, "MSG_ERRQUEUE", 0)
_EXTENDED_ERROR = struct.Struct("=IBBBB")


def peer_of(address: str, port: int) -> Peer:
    """Return address and port as the kernel spells them; no IP address is an `OSError`."""
    infos = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    host, number = infos[0][4][:2]
    return str(host), int(number)


def _family(peer: Peer) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in peer[0] else socket.AF_INET


class Wire:
    """Sends and receives datagrams; `scope` says who may be asked."""

    def __init__(self, scope: Scope | None = None) -> None:
        self._scope = scope
        self._checked: set[Peer] = set()
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}
        self._errors: list[tuple[Peer, Fault]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every socket."""
        self._selector.close()
        for open_socket in self._sockets.values():
            open_socket.close()

    def _open(self, family: socket.AddressFamily) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if _ERROR_QUEUE:
            is_v4 = family == socket.AF_INET
            level, option = (socket.SOL_IP, _IP_RECVERR) if is_v4 else (socket.IPPROTO_IPV6, _IPV6_RECVERR)
            sock.setsockopt(level, option, 1)
        self._selector.register(sock, selectors.EVENT_READ)
        self._sockets[family] = sock
        return sock

    def send(self, datagram: bytes, peer: Peer) -> None:
        """Send one datagram.

        `BlockingIOError` when the socket is full, `OutOfScopeError` when the peer may not be asked, `OSError` when
        there is no way to it.
        """
        if peer not in self._checked and self._scope is not None:
            self._scope.check(peer[0])
            self._checked.add(peer)
        family = _family(peer)
        sock = self._sockets.get(family) or self._open(family)
        try:
            sock.sendto(datagram, peer)
        except BlockingIOError:
            raise
        except OSError:
            # The error may be an ICMP message about somebody else, told on the next send: clear it and try once more.
            self._drain_errors(sock)
            sock.sendto(datagram, peer)

    def try_send(self, datagram: bytes, peer: Peer) -> bool:
        """Send one datagram, or tell that it could not be sent."""
        try:
            self.send(datagram, peer)
        except OSError:
            return False
        return True

    def wait(self, seconds: float) -> None:
        """Wait until something arrives, `seconds` at most."""
        if self._sockets:
            self._selector.select(max(0.0, seconds))

    def receive(self) -> Iterator[tuple[bytes, Peer]]:
        """Yield what has arrived, datagram and sender, a few thousand at most."""
        for sock in self._sockets.values():
            for _ in range(_AT_ONCE):
                try:
                    datagram, sender = sock.recvfrom(_DATAGRAM)
                except BlockingIOError:
                    break
                except OSError:
                    self._drain_errors(sock)
                    continue
                yield datagram, (sender[0], sender[1])

    def errors(self) -> list[tuple[Peer, Fault]]:
        """Return the ICMP errors since the last call: whom we had asked, what the network said."""
        if not self._errors:
            return []
        errors, self._errors = self._errors, []
        return errors

    def _drain_errors(self, sock: socket.socket) -> None:
        for _ in range(_AT_ONCE if _ERROR_QUEUE else 0):
            try:
                _, ancillary, _, sender = sock.recvmsg(1, 512, _ERROR_QUEUE)
            except OSError:
                return
            fault = _fault(ancillary)
            if fault is not None and sender:
                self._errors.append(((sender[0], sender[1]), fault))


def _fault(ancillary: list[tuple[int, int, bytes]]) -> Fault | None:
    for _, kind, data in ancillary:
        if kind in (_IP_RECVERR, _IPV6_RECVERR) and len(data) >= _EXTENDED_ERROR.size:
            code: Any = _EXTENDED_ERROR.unpack_from(data)[0]
            if code == errno.ECONNREFUSED:
                return Fault(reason=Reason.CLOSED, detail="the port is closed (ICMP)")
            return Fault(reason=Reason.UNREACHABLE, detail="unreachable (ICMP)")
    return None
