"""Scans the sample network and prints, as JSON, who tried to leave loopback.

Run where nothing but loopback exists; no test in here.
"""

import ipaddress
import json
import socket
import sys
import tempfile
from pathlib import Path

from tests.tools import promises

OUTSIDE: list[str] = []
NAMES: list[str] = []


def watch(event: str, arguments: tuple) -> None:
    """Note every name looked up and every address that is not loopback's (sys.addaudithook)."""
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"} and arguments[0]:
        NAMES.extend([str(arguments[0])] if not _is_address(arguments[0]) else [])
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        OUTSIDE.extend([host] if not _is_address(host) or not ipaddress.ip_address(host).is_loopback else [])


def _is_address(text: object) -> bool:
    try:
        ipaddress.ip_address(text.decode() if isinstance(text, bytes) else str(text))
    except ValueError:
        return str(text) == "localhost"
    return True


def left() -> int:
    """Return how often the kernel was to send what has no route (IpOutNoRoutes, both families)."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()]
    heads, values = [row for row in rows if row[0] == "Ip:"]
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text(encoding="ascii").splitlines())
    return int(values[heads.index("OutNoRoutes")]) + int(six.get("Ip6OutNoRoutes", 0))


def main() -> None:
    sys.addaudithook(watch)
    before = left()
    with promises.lab() as playing, tempfile.TemporaryDirectory() as folder:
        _, document, _ = promises.scan(playing, Path(folder))
    told = {"names": NAMES[:], "outside": OUTSIDE[:], "left": left() - before}
    told["assets"] = len(json.loads(document)["assets"])
    # That an attempt is counted at all is shown by making one.
    before = left()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stray:
        told["control"] = int(
            stray.connect_ex(("192.0.2.1", 9)) != 0 and left() - before == 1 and "192.0.2.1" in OUTSIDE
        )
    print(json.dumps(told))  # noqa: T201 - what the caller reads


if __name__ == "__main__":
    main()
