"""The way to a device: a TCP connection, or through the jump hosts of an ssh_config."""

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass

from auditor.collect.base import kept_off
from auditor.collect.ssh.errors import SessionError
from auditor.collect.ssh.jump import Jumps, child_environment, permit, settings_of
from auditor.model import Reason, Scope, Target
from auditor.parse import services

_BANNER_LINES = 20
_BANNER_OCTETS = 4_096
_SSH_PORT = 22


@dataclass(slots=True)
class Way:
    """An open byte stream to a device, and the proxy process behind it where there is one."""

    sock: socket.socket
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


def reach(target: Target, ssh_config: str, timeout: float, scope: Scope) -> Way:
    """Open the way to a device; an `OSError` or `SessionError` says why not.

    Every address on the way is asked of `scope` first, whatever the ssh_config makes of it: `OutOfScopeError`, and
    nothing is sent.
    """
    hop, port = settings_of(target.address, ssh_config), services.port("ssh", target)
    port = int(hop.get("port", port)) if port == _SSH_PORT else port
    if why := kept_off(port):
        raise SessionError(Reason.LIMIT, why)
    places = permit(hop.get("hostname", target.address), port, scope, target.site)
    command = Jumps(ssh_config, scope, target.site).command(hop, places[0], port)
    if command:
        return _through(command, hop.get("user", ""))
    return Way(sock=_connect(places, port, timeout), user=hop.get("user", ""))


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
