"""The subnets this machine stands in that may be contacted: what `init` proposes."""

import json
import struct
import subprocess
from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

from auditor.targets.scope import HOME, MANY
from auditor.targets.spans import minus, whole

_ROUTES = Path("/proc/net/route")
_UP, _GATEWAY = 0x1, 0x2
# Bridges and pairs of containers and virtual machines: nobody's network equipment stands there.
_INSIDE = ("lo", "docker", "br-", "veth", "virbr", "cni", "podman")
_SECONDS = 5


def own_subnets(routes: Path = _ROUTES) -> tuple[str, ...]:
    """Return the private IPv4 subnets of this machine's interfaces; none where nobody says them.

    Linux says them in its table of routes, else `ip -json` (iproute2) does. Larger ones than a scan takes without a
    question are left out.
    """
    try:
        networks = list(of_routes(routes.read_text(encoding="ascii")))
    except (OSError, ValueError):
        networks = list(of_addresses(_addresses()))
    return tuple(str(one) for one in dict.fromkeys(networks) if _is_proposed(one))


def of_routes(text: str) -> Iterator[IPv4Network]:
    """Yield the subnets reached without a gateway, from /proc/net/route (proc(5))."""
    for line in text.splitlines()[1:]:
        cells = line.split()
        flags = int(cells[3], 16)
        if flags & _UP and not flags & _GATEWAY and not cells[0].startswith(_INSIDE):
            # Numbers stand there in the octet order of the machine.
            network, mask = (int.from_bytes(struct.pack("=I", int(cells[at], 16))) for at in (1, 7))
            yield IPv4Network((network, mask.bit_count()))


def of_addresses(text: str) -> Iterator[IPv4Network]:
    """Yield the subnets of interfaces, from the output of `ip -json -4 address`."""
    try:
        links = json.loads(text)
        for link in links:
            if not link["ifname"].startswith(_INSIDE):
                for one in link["addr_info"]:
                    yield IPv4Network((one["local"], one["prefixlen"]), strict=False)
    except (ValueError, KeyError, TypeError):
        return


def _addresses() -> str:
    try:
        command = ["ip", "-json", "-4", "address"]
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout  # noqa: S603 - words of ours
    except (OSError, subprocess.SubprocessError):
        return ""


def _is_proposed(network: IPv4Network) -> bool:
    alone = network.num_addresses <= 1 or network.num_addresses > MANY
    return not alone and not minus([whole(str(network))], HOME) and not network.is_loopback
