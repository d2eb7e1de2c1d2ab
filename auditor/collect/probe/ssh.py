"""The SSH identification string (RFC 4253 section 4.2)."""

from auditor.collect.probe.base import BANNER_CAP, Facts, Visit


async def ask(visit: Visit) -> Facts:
    """Read the first line that is one; nothing is sent."""
    data = await visit.wire.tcp(visit.port, enough=b"\n", cap=BANNER_CAP)
    lines = [line for line in data.decode("ascii", "replace").splitlines() if line.startswith("SSH-")]
    return visit.fact("ssh.banner", lines[0][:255] if lines else "")
