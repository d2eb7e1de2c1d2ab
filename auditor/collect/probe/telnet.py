"""What Telnet shows before login."""

from auditor.collect.probe.base import BANNER_CAP, Facts, Visit
from auditor.parse.cli import clean

_IAC = 255


async def ask(visit: Visit) -> Facts:
    """Read the greeting without its option octets; nothing is typed."""
    data = await visit.wire.tcp(visit.port, cap=BANNER_CAP)
    return visit.fact("telnet.banner", clean(_without_options(data).decode("utf-8", "replace")).strip())


def _without_options(data: bytes) -> bytes:
    """Return Telnet text without its IAC sequences (RFC 854), an unfinished one included."""
    out, index = bytearray(), 0
    while index < len(data):
        if data[index] != _IAC:
            out.append(data[index])
            index += 1
        elif data[index + 1 : index + 2] == b"\xfa":
            end = data.find(b"\xff\xf0", index)
            index = len(data) if end < 0 else end + 2
        else:
            index += 3 if data[index + 1 : index + 2] in {b"\xfb", b"\xfc", b"\xfd", b"\xfe"} else 2
    return bytes(out)
