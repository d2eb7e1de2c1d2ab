"""DHIP (UDP 37810) and the older search before it (UDP 5050): two questions of one platform."""

from auditor.collect.probe.base import Search
from auditor.parse import discovery


def _question(_address: str, _port: int) -> bytes:
    """Return a DHIP search: a header of 32 octets, then JSON."""
    body = b'{ "method" : "DHDiscover.search", "params" : { "mac" : "", "uni" : 1 } }\n'
    length = len(body).to_bytes(4, "little") + bytes(4)
    return b"\x20\0\0\0DHIP" + bytes(8) + length * 2 + body


def _older_question(_address: str, _port: int) -> bytes:
    """Return 32 octets that open with 0xa3."""
    return bytes((0xA3, 1, 0, 1)).ljust(16, b"\0") + b"\x02".ljust(16, b"\0")


SEARCH = Search(question=_question, read=discovery.dhip)
OLDER_SEARCH = Search(question=_older_question, read=discovery.dahua_5050)
