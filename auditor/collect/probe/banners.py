"""What a server says to whoever connects, nothing sent: SSH, Telnet, FTP."""

from auditor.collect.probe.base import BANNER_CAP, Facts, Visit
from auditor.parse.cli import clean

_IAC = 255


async def ask_ssh(visit: Visit) -> Facts:
    """Read the identification string (RFC 4253 section 4.2), the first line that is one."""
    data = await visit.wire.tcp(visit.port, enough=b"\n", cap=BANNER_CAP)
    lines = [line for line in data.decode("ascii", "replace").splitlines() if line.startswith("SSH-")]
    return visit.fact("ssh.banner", lines[0][:255] if lines else "")


async def ask_ftp(visit: Visit) -> Facts:
    """Read the greeting (RFC 959, reply 220)."""
    data = await visit.wire.tcp(visit.port, enough=b"\n", cap=BANNER_CAP)
    text = clean(data.decode("utf-8", "replace")).strip()
    return visit.fact("ftp.banner", text.removeprefix("220").lstrip(" -") if text.startswith("220") else "")


async def ask_telnet(visit: Visit) -> Facts:
    """Read what Telnet shows before login, without its option octets."""
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
