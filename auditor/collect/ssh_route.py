"""The way to a device: a plain TCP connection, or through the jump hosts an ssh_config names."""

import os
import shlex
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from auditor.collect.base import kept_off
from auditor.collect.ssh_errors import SessionError
from auditor.model import Reason

_BANNER_LINES = 20
_BANNER_OCTETS = 4_096
# A child gets what ssh needs and none of our variables, some of which hold secrets.
_CHILD_ENVIRONMENT = ("HOME", "LANG", "LOGNAME", "PATH", "SSH_AUTH_SOCK", "USER")


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


def reach(address: str, port: int, ssh_config: str, timeout: float) -> Way:
    """Open the way to a device within `timeout` seconds; an `OSError` says why not, a `SessionError` that its port is not touched."""
    hop = _configured(address, ssh_config)
    port = int(hop.get("port", port)) if port == 22 else port  # noqa: PLR2004 - the SSH port, RFC 4251
    address = hop.get("hostname", address)
    if why := kept_off(port):
        raise SessionError(Reason.LIMIT, why)
    command = _proxy_command(hop, address, port, ssh_config)
    if command:
        return _through(command, hop.get("user", ""))
    return Way(sock=socket.create_connection((address, port), timeout=timeout), user=hop.get("user", ""))


def banner(way: Way, timeout: float) -> str:
    """Return a server's SSH identification string (RFC 4253 section 4.2), or an empty string; nothing is sent."""
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


def _configured(address: str, ssh_config: str) -> dict[str, str]:
    path = Path(ssh_config).expanduser() if ssh_config else None
    if path is None or not path.is_file():
        return {}
    import paramiko

    found = paramiko.SSHConfig.from_path(str(path)).lookup(address)
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _proxy_command(hop: dict[str, str], address: str, port: int, ssh_config: str) -> list[str]:
    """Return the command whose stdin and stdout reach the device; several jumps are ssh's own business (`-J`)."""
    if (command := hop.get("proxycommand", "none")) != "none":
        return shlex.split(command)
    jumps = hop.get("proxyjump", "none").split(",")
    if jumps == ["none"]:
        return []
    chain = ["-J", ",".join(jumps[:-1])] if jumps[:-1] else []
    host = f"[{address}]" if ":" in address else address
    return [
        "ssh",
        "-F",
        str(Path(ssh_config).expanduser()),
        "-oBatchMode=yes",
        *chain,
        "-W",
        f"{host}:{port}",
        jumps[-1],
    ]


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
            env={name: os.environ[name] for name in _CHILD_ENVIRONMENT if name in os.environ},
        )
    return Way(sock=ours, proxy=proxy, user=user)
