"""The way to a device: a TCP connection, or through the jump hosts of an ssh_config."""

import errno
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from auditor.collect.base import kept_off
from auditor.collect.ssh.errors import SessionError
from auditor.collect.ssh.jump import Jumps, child_environment, permit, settings_of
from auditor.model import Reason, Scope, Target
from auditor.parse import services
from auditor.snmp.pace import ACKNOWLEDGED, SEGMENT, Gate, StoppedError

_BANNER_LINES = 20
_BANNER_OCTETS = 4_096
_SSH_PORT = 22
# What a reply costs in acknowledgements that ride on nothing: its echo and its end.
_REPLY = 2
# SYN and its ACK; the end of a connection costs FIN and ACK.
_OPENING = _CLOSING = 2


class PacedSocket:
    """A TCP connection under the rate of the run: what goes out waits, ACKs are counted.

    The kernel acknowledges what it takes in by itself: reading waits for that, so that a device does not send faster
    than may be acknowledged.
    """

    def __init__(self, sock: socket.socket, gate: Gate) -> None:
        self._sock, self._gate = sock, gate
        self._octets = 0
        self._wait_to_acknowledge()

    def __getattr__(self, name: str) -> Any:
        """Give what is not paced as the socket has it."""
        return getattr(self._sock, name)

    def send(self, data: bytes | memoryview) -> int:
        """Send some octets once a segment may go, and the acknowledgement of its reply after it."""
        self._admit(1 + _REPLY)
        return self._sock.send(data)

    def sendall(self, data: bytes) -> None:
        """Send all octets, a segment at a time."""
        view = memoryview(data)
        while view:
            view = view[self.send(view[:SEGMENT]) :]

    def recv(self, most: int) -> bytes:
        """Return what has come; whoever reads much waits until it may be acknowledged."""
        data = self._sock.recv(most)
        self._wait_to_acknowledge()
        self._octets += len(data)
        acknowledgements, self._octets = divmod(self._octets, ACKNOWLEDGED)
        if acknowledgements:
            self._admit(acknowledgements)
        return data

    def _wait_to_acknowledge(self) -> None:
        """Have pieces of a reply acknowledged together (tcp(7)); the kernel forgets it soon."""
        if sys.platform == "linux" and self._sock.family != socket.AF_UNIX:
            with suppress(OSError):
                self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)

    def _admit(self, packets: int) -> None:
        try:
            self._gate.admit(packets)
        except StoppedError:
            raise ConnectionAbortedError(errno.ECONNABORTED, "the run was stopped") from None


@dataclass(slots=True)
class Way:
    """An open byte stream to a device, and the proxy process behind it where there is one."""

    sock: Any  # a socket, or one that is paced
    proxy: "subprocess.Popen[bytes] | None" = None
    user: str = ""

    def close(self) -> None:
        """Close the stream and reap the proxy."""
        self.sock.close()
        if self.proxy is None:
            return
        self.proxy.terminate()
        try:
            self.proxy.wait(2)
        except subprocess.TimeoutExpired:
            self.proxy.kill()
            self.proxy.wait()


def reach(target: Target, ssh_config: str, timeout: float, scope: Scope, gate: Gate | None = None) -> Way:
    """Open the way to a device, at the pace of `gate`; errors say why not.

    They are `OSError`, `SessionError` and `OutOfScopeError`: every address on the way is asked of `scope` first,
    whatever the ssh_config makes of it, and nothing is sent.
    """
    hop, port = settings_of(target.address, ssh_config), services.port("ssh", target)
    port = int(hop.get("port", port)) if port == _SSH_PORT else port
    if why := kept_off(port):
        raise SessionError(Reason.LIMIT, why)
    places = permit(hop.get("hostname", target.address), port, scope, target.site)
    command = Jumps(ssh_config, scope, target.site).command(hop, places[0], port)
    if gate is not None:
        gate.admit(_OPENING + _CLOSING)
    user = hop.get("user", "")
    way = _through(command, user) if command else Way(_connect(places, port, timeout), user=user)
    return way if gate is None else replace(way, sock=PacedSocket(way.sock, gate))


def _connect(places: list[str], port: int, timeout: float) -> socket.socket:
    """Return a connection to the first of some permitted addresses that takes one."""
    until = time.monotonic() + timeout
    for place in places[:-1]:
        try:
            return socket.create_connection((place, port), timeout=max(0.1, (until - time.monotonic()) / 2))
        except OSError:
            continue
    return socket.create_connection((places[-1], port), timeout=max(0.1, until - time.monotonic()))


def banner(way: Way, timeout: float) -> str:
    """Return a server's SSH identification (RFC 4253 4.2), or nothing; nothing is sent."""
    deadline = time.monotonic() + timeout
    data = b""
    while len(data) < _BANNER_OCTETS and data.count(b"\n") < _BANNER_LINES:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        way.sock.settimeout(left)
        chunk = way.sock.recv(512)
        data += chunk
        if not chunk or _identification(data):
            break
    return _identification(data)


def _identification(data: bytes) -> str:
    """Return the first whole line that is one; other lines may come before it."""
    for line in data.split(b"\n")[:-1]:
        if line.startswith(b"SSH-"):
            return line[:255].decode("ascii", "replace").strip()
    return ""


def _through(command: list[str], user: str) -> Way:
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(2, f"{command[0]} is not installed")
    ours, theirs = socket.socketpair()
    with theirs:
        proxy = subprocess.Popen(  # noqa: S603 - the command is the user's own ssh_config, split without a shell
            [program, *command[1:]],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
    return Way(sock=ours, proxy=proxy, user=user)
