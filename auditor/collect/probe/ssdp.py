"""SSDP (UPnP Device Architecture 1.1, 1.3): devices say where their description lies."""

from auditor.collect.probe.base import Facts, Search, Visit
from auditor.parse import discovery


def _question(host: str, port: int) -> bytes:
    """Return an M-SEARCH for root devices."""
    search = f"M-SEARCH * HTTP/1.1\r\nHOST: {host}:{port}\r\n"
    return f'{search}MAN: "ssdp:discover"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n'.encode()


async def _description(visit: Visit, data: bytes) -> Facts:
    """Read the description an answer points to, on the same host only."""
    place = discovery.ssdp_location(data, visit.wire.target.address)
    response = await visit.wire.further(visit.wire.door(place), place.path) if place is not None else None
    return tuple(discovery.description(response, place.path)) if place and response is not None else ()


SEARCH = Search(question=_question, read=discovery.ssdp, further=_description)
