"""Searches of camera makers: SADP (UDP 37020), DHIP (UDP 37810), the older one (UDP 5050)."""

import uuid

from auditor.collect.probe.base import Search
from auditor.parse import discovery


def _sadp(_address: str, _port: int) -> bytes:
    """Return an inquiry, which cameras and recorders of one platform answer in XML."""
    ask = f'<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>{uuid.uuid4()}</Uuid><Types>inquiry</Types></Probe>'
    return ask.encode()


def _dhip(_address: str, _port: int) -> bytes:
    """Return a DHIP search: a header of 32 octets, then JSON."""
    body = b'{ "method" : "DHDiscover.search", "params" : { "mac" : "", "uni" : 1 } }\n'
    length = len(body).to_bytes(4, "little") + bytes(4)
    return b"\x20\0\0\0DHIP" + bytes(8) + length * 2 + body


def _older(_address: str, _port: int) -> bytes:
    """Return 32 octets that open with 0xa3."""
    return bytes((0xA3, 1, 0, 1)).ljust(16, b"\0") + b"\x02".ljust(16, b"\0")


SADP = Search(question=_sadp, read=discovery.sadp)
DHIP = Search(question=_dhip, read=discovery.dhip)
DAHUA_5050 = Search(question=_older, read=discovery.dahua_5050)
