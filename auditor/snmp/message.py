"""SNMP messages: v1, v2c (RFC 1157, 1901), v3 (RFC 3412), their PDUs (RFC 3416), probes.

Builders return datagrams; readers take a stranger's datagram and return named tuples or raise `BerError`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from auditor import ber
from auditor.ber import BerError
from auditor.model import VarBind
from auditor.oids import scalar

GET = 0xA0
GET_NEXT = 0xA1
RESPONSE = 0xA2
SET = 0xA3
GET_BULK = 0xA5
REPORT = 0xA8
_PDUS = frozenset((GET, GET_NEXT, RESPONSE, SET, GET_BULK, REPORT))

V1 = 0
V2C = 1
V3 = 3
VERSIONS = {"1": V1, "2c": V2C, "3": V3}

AUTH = 0x01
PRIV = 0x02
REPORTABLE = 0x04
USM = 3

MAX_SIZE = 65_507
_ASKED = (scalar("sysDescr"), scalar("sysObjectID"))

_INTEGER_OCTETS = 8
_MAX_NAME = 123
_SHORT = 0x80
_NULL = b"\x05\x00"


class Pdu(NamedTuple):
    """One PDU; `region` is its undivided varbinds.

    `status` and `which` are error-status and error-index, in a GETBULK non-repeaters and max-repetitions.
    """

    kind: int
    request_id: int
    status: int
    which: int
    region: bytes


class PlainMessage(NamedTuple):
    """A v1 or v2c message; `version` is the number on the wire, 0 or 1."""

    version: int
    community: bytes
    pdu: Pdu


class Speaker(NamedTuple):
    """The first fields of msgSecurityParameters: the authoritative engine, its clock, the user."""

    engine_id: bytes = b""
    boots: int = 0
    time: int = 0
    user: bytes = b""


class Secured(NamedTuple):
    """A v3 message, nothing verified: the digest is at `auth_at`, `scoped` may be cipher text."""

    msg_id: int
    flags: int
    speaker: Speaker
    digest: bytes
    auth_at: int
    salt: bytes
    scoped_pdu: bytes
    is_encrypted: bool


class ScopedPdu(NamedTuple):
    """A PDU and the context it speaks of."""

    context_engine_id: bytes
    context: bytes
    pdu: Pdu


class ProbeReply(NamedTuple):
    """What an answer to a probe says: `engine_id` of version 3, the rest of 1 and 2c."""

    version: str
    request_id: int
    community: bytes = b""
    varbinds: tuple[VarBind, ...] = ()
    engine_id: bytes = b""
    boots: int = 0
    time: int = 0


def null_binds(names: Sequence[bytes]) -> bytes:
    """Return names, as content octets, each bound to NULL: what every question carries."""
    return b"".join([_null_bind(name) for name in names])


def _null_bind(name: bytes) -> bytes:
    size = len(name)
    if size > _MAX_NAME:
        return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_IDENTIFIER, name) + _NULL)
    return bytes((0x30, size + 4, 0x06, size)) + name + _NULL


def pdu(kind: int, request_id: int, status: int, which: int, region: bytes) -> bytes:
    """Return one PDU; for a GETBULK `status` and `which` are non-repeaters and max-repetitions."""
    numbers = ber.integer(request_id) + ber.integer(status) + ber.integer(which)
    return ber.tlv(kind, numbers + ber.tlv(ber.SEQUENCE, region))


def request(kind: int, request_id: int, repetitions: int, names: Sequence[bytes]) -> bytes:
    """Return a GET, GETNEXT or GETBULK; `request_id` fills four octets exactly."""
    region = null_binds(names)
    most = bytes((1, repetitions)) if repetitions < _SHORT else b"\x02" + repetitions.to_bytes(2, "big")
    numbers = b"\x02\x04" + request_id.to_bytes(4, "big") + b"\x02\x01\x00\x02" + most
    body = numbers + b"0" + ber.length(len(region)) + region
    return bytes((kind,)) + ber.length(len(body)) + body


def plain(version: int, community: bytes, body: bytes) -> bytes:
    """Return a v1 or v2c message around a PDU."""
    return ber.tlv(ber.SEQUENCE, ber.integer(version) + ber.tlv(ber.OCTET_STRING, community) + body)


def scoped_pdu(engine_id: bytes, context: bytes, body: bytes) -> bytes:
    """Return a scopedPDU (RFC 3412 section 6)."""
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OCTET_STRING, engine_id) + ber.tlv(ber.OCTET_STRING, context) + body)


def usm_parameters(who: Speaker, digest: bytes = b"", salt: bytes = b"") -> bytes:
    """Return msgSecurityParameters, their OCTET STRING included (RFC 3414 2.4)."""
    engine = ber.tlv(ber.OCTET_STRING, who.engine_id) + ber.integer(who.boots) + ber.integer(who.time)
    strings = b"".join([ber.tlv(ber.OCTET_STRING, octets) for octets in (who.user, digest, salt)])
    return ber.tlv(ber.OCTET_STRING, ber.tlv(ber.SEQUENCE, engine + strings))


def secure_message(msg_id: int, flags: int, parameters: bytes, body: bytes) -> bytes:
    """Return a v3 message; `body` is a scopedPDU, or the OCTET STRING that hides one."""
    fields = ber.integer(msg_id) + ber.integer(MAX_SIZE) + ber.tlv(ber.OCTET_STRING, bytes((flags,))) + ber.integer(USM)
    return ber.tlv(ber.SEQUENCE, ber.integer(V3) + ber.tlv(ber.SEQUENCE, fields) + parameters + body)


def _integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = ber.expect(data, at, end, ber.INTEGER)
    if not 0 < stop - start <= _INTEGER_OCTETS:
        raise BerError("an INTEGER of impossible size")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def _octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    start, stop = ber.expect(data, at, end, ber.OCTET_STRING)
    return data[start:stop], stop


def version_of(data: bytes) -> int:
    """Return the version number of a datagram without reading the rest."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    return _integer(data, at, end)[0]


def read_pdu(data: bytes, at: int, end: int) -> Pdu:
    """Return the PDU that begins at `at`; a trap, which has another shape, is a `BerError`."""
    kind, at, stop = ber.header(data, at, end)
    if kind not in _PDUS:
        raise BerError(f"no PDU to read: 0x{kind:02x}")
    request_id, at = _integer(data, at, stop)
    status, at = _integer(data, at, stop)
    which, at = _integer(data, at, stop)
    start, list_end = ber.expect(data, at, stop, ber.SEQUENCE)
    return Pdu(kind, request_id, status, which, data[start:list_end])


_LENGTH = rb"(?:[\x00-\x7f]|\x81[\x80-\xff]|\x82..)"
_SHORT_INTEGER = rb"\x02(\x01.|\x02..|\x03...|\x04....)"
# The head of nearly every v1 and v2c message, recognised in one step; whatever looks different is read piece by piece.
_PLAIN_HEAD = re.compile(
    rb"0(" + _LENGTH + rb")\x02\x01([\x00\x01])\x04" + ber.CONTENT
    + rb"([\xa0-\xa3\xa5\xa8])(" + _LENGTH + rb")" + _SHORT_INTEGER * 3 + rb"0(" + _LENGTH + rb")",
    re.DOTALL,
)  # fmt: skip


def _size(octets: bytes) -> int:
    return octets[0] if len(octets) == 1 else int.from_bytes(octets[1:], "big")


def read_plain(data: bytes) -> PlainMessage:
    """Return a v1 or v2c message."""
    head = _PLAIN_HEAD.match(data)
    if head is None:
        return _read_plain_slowly(data)
    outer, version, community, kind, inner, request_id, status, which, size = head.groups()
    start, whole = head.end(), head.end(1) + _size(outer)
    end = start + _size(size)
    if whole > len(data) or head.end(5) + _size(inner) > whole or end > head.end(5) + _size(inner):
        raise BerError("length beyond the end")
    identifier, error, index = (ber.number(octets[1:]) for octets in (request_id, status, which))
    return PlainMessage(version[0], community[1:], Pdu(kind[0], identifier, error, index, data[start:end]))


def _read_plain_slowly(data: bytes) -> PlainMessage:
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    version, at = _integer(data, at, end)
    if version not in (V1, V2C):
        raise BerError(f"version {version} is neither 1 nor 2c")
    community, at = _octets(data, at, end)
    return PlainMessage(version, community, read_pdu(data, at, end))


def read_secured(data: bytes) -> Secured:
    """Return a v3 message under the user-based security model, nothing verified yet."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    version, at = _integer(data, at, end)
    if version != V3:
        raise BerError(f"version {version} is not 3")
    fields, body = ber.expect(data, at, end, ber.SEQUENCE)
    msg_id, fields = _integer(data, fields, body)
    _, fields = _integer(data, fields, body)
    flags, fields = _octets(data, fields, body)
    model, _ = _integer(data, fields, body)
    if model != USM or len(flags) != 1:
        raise BerError("not the user-based security model")
    outer, body = ber.expect(data, body, end, ber.OCTET_STRING)
    at, stop = ber.expect(data, outer, body, ber.SEQUENCE)
    engine_id, at = _octets(data, at, stop)
    boots, at = _integer(data, at, stop)
    time, at = _integer(data, at, stop)
    user, at = _octets(data, at, stop)
    digest, at = _octets(data, at, stop)
    salt, _ = _octets(data, at, stop)
    tag, start, end = ber.header(data, body, end)
    if tag not in (ber.SEQUENCE, ber.OCTET_STRING):
        raise BerError("neither a scopedPDU nor a cipher text")
    is_encrypted = tag == ber.OCTET_STRING
    body_octets = data[start:end] if is_encrypted else data[body:end]
    who = Speaker(engine_id, boots, time, user)
    return Secured(msg_id, flags[0], who, digest, at - len(digest), salt, body_octets, is_encrypted)


def read_scoped(data: bytes) -> ScopedPdu:
    """Return a scopedPDU; octets after it, the padding of DES, are ignored (RFC 3414 8.1.1.2)."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    engine_id, at = _octets(data, at, end)
    context, at = _octets(data, at, end)
    return ScopedPdu(engine_id, context, read_pdu(data, at, end))


def varbinds(region: bytes) -> tuple[VarBind, ...]:
    """Return a list of varbinds decoded."""
    names, tags, values = ber.split_varbinds(region)
    return tuple(map(VarBind, map(ber.oid_text, names), tags, values))


def probe_plain(version: int, community: bytes, request_id: int, oids: Sequence[str] = _ASKED) -> bytes:
    """Return a GET of a few objects in version 1 or 2c; `request_id` has 31 bits."""
    return plain(version, community, pdu(GET, request_id, 0, 0, null_binds([ber.oid(oid) for oid in oids])))


def probe_v3(msg_id: int) -> bytes:
    """Return an SNMPv3 engine discovery (RFC 3414 4): no user, no secret."""
    body = scoped_pdu(b"", b"", pdu(GET, msg_id, 0, 0, b""))
    return secure_message(msg_id, REPORTABLE, usm_parameters(Speaker()), body)


def around_id(probe: bytes, request_id: int) -> tuple[bytes, bytes]:
    """Return what stands before and after the identifier of a probe, so that it is built once.

    `before + new_id.to_bytes(4, "big") + after` is the same probe under another identifier between 2^23 and 2^31.
    """
    before, _, after = probe.partition(b"\x02\x04" + request_id.to_bytes(4, "big"))
    return before + b"\x02\x04", after


def parse_probe_reply(data: bytes) -> ProbeReply | None:
    """Return what an answer to a probe says, or nothing where the datagram is no such answer."""
    try:
        return _probe_v3_reply(data) if version_of(data) == V3 else _probe_plain_reply(data)
    except BerError:
        return None


def _probe_v3_reply(data: bytes) -> ProbeReply | None:
    reply = read_secured(data)
    who = reply.speaker
    if not who.engine_id:
        return None
    return ProbeReply("3", reply.msg_id, engine_id=who.engine_id, boots=who.boots, time=who.time)


def _probe_plain_reply(data: bytes) -> ProbeReply | None:
    reply = read_plain(data)
    if reply.pdu.kind != RESPONSE:
        return None
    binds = tuple(bind for bind in varbinds(reply.pdu.region) if bind.tag not in ber.EXCEPTIONS)
    version = "1" if reply.version == V1 else "2c"
    return ProbeReply(version, reply.pdu.request_id, community=reply.community, varbinds=binds)
