"""The FTP greeting (RFC 959, reply 220)."""

from auditor.collect.probe.base import BANNER_CAP, Facts, Visit
from auditor.parse.cli import clean


async def ask(visit: Visit) -> Facts:
    """Read the greeting; nothing is sent."""
    data = await visit.wire.tcp(visit.port, enough=b"\n", cap=BANNER_CAP)
    text = clean(data.decode("utf-8", "replace")).strip()
    return visit.fact("ftp.banner", text.removeprefix("220").lstrip(" -") if text.startswith("220") else "")
