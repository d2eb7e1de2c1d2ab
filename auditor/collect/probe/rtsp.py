"""Server and realm of an RTSP server (RFC 2326)."""

from auditor.collect.probe.base import Facts, Visit
from auditor.model import Fact
from auditor.parse import web


async def ask(visit: Visit) -> Facts:
    """Ask OPTIONS and DESCRIBE; the headers of the answers name server and realm."""
    url = f"rtsp://{visit.wire.target.address}:{visit.port}/"
    facts: list[Fact] = []
    for number, method in enumerate(("OPTIONS", "DESCRIBE"), 1):
        request = f"{method} {url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: auditor\r\n\r\n"
        response = web.head(await visit.wire.tcp(visit.port, request.encode(), enough=b"\r\n\r\n"))
        if response is None:
            break
        facts += web.rtsp(response)
    return tuple(dict.fromkeys(facts))
