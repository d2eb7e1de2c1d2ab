"""Which addresses lie on a network of this machine: asking there costs an ARP request."""

from collections.abc import Iterable
from pathlib import Path

# An address that is not there is looked for three times in three seconds: 750 of the 1,024 neighbours a kernel keeps
# (gc_thresh3).
LOCAL_PER_SECOND = 250.0
ROUTES = Path("/proc/net/route")
_UP, _GATEWAY = 1, 2


def on_link(version: int, pieces: Iterable[range], routes: str | None = None) -> bool:
    """Tell whether any address lies on a network of this machine (Linux route table)."""
    if version != 4:  # noqa: PLR2004 - an IP version
        return False
    networks = _networks(_routes() if routes is None else routes)
    return any(piece[0] <= last and piece[-1] >= first for first, last in networks for piece in pieces)


def _routes() -> str:
    try:
        return ROUTES.read_bytes().decode("ascii", "replace")
    except OSError:
        return ""


def _networks(routes: str) -> list[tuple[int, int]]:
    ranges = []
    for line in routes.splitlines()[1:]:
        cells = line.split()
        flags = int(cells[3], 16)
        if flags & _UP and not flags & _GATEWAY and cells[0] != "lo":
            first = int.from_bytes(bytes.fromhex(cells[1]), "little")
            mask = int.from_bytes(bytes.fromhex(cells[7]), "little")
            if mask:
                ranges.append((first, first | (mask ^ 0xFFFF_FFFF)))
    return ranges
