"""What a sweep sends and how it reads replies: SNMP, SNMPv3 engine discovery, ICMP echo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from auditor.model import Fact, VarBind
from auditor.parse import snmp as parse
from auditor.snmp import message

_ID = 0x4242_4242
ECHO_REQUEST, ECHO_REPLY = 8, 0
ECHO6_REQUEST, ECHO6_REPLY = 128, 129
_ECHO_MARK = b"auditor sweep"
_ECHO_HEAD = 8
# Of a thousand devices most say one of few things, model by model: so many different answers are read once.
_ANSWERS = 256


class SweepReply(NamedTuple):
    """One reply: the token it carries, the way it answered and what it said."""

    token: int
    way: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Probe:
    """One datagram with a hole for the token. `way` is what an answer to it is called."""

    way: str
    before: bytes
    after: bytes
    read: Callable[[bytes], SweepReply | None]


def community(secret: bytes, kind: str) -> Probe:
    """Return a GET of sysDescr and sysObjectID; `kind` is `snmp-v1` or `snmp-v2c`."""
    version = message.V1 if kind == "snmp-v1" else message.V2C
    return Probe("snmp", *message.around_id(message.probe_plain(version, secret, _ID), _ID), read_snmp)


def engine() -> Probe:
    """Return an SNMPv3 engine discovery; it needs no credential (RFC 3411 snmpEngineID)."""
    return Probe("engine", *message.around_id(message.probe_v3(_ID), _ID), read_snmp)


def echo(version: int) -> Probe:
    """Return an ICMP echo request (RFC 792, 4443); the kernel fills in identifier and checksum."""
    kind = ECHO_REQUEST if version == 4 else ECHO6_REQUEST  # noqa: PLR2004 - an IP version
    return Probe("icmp", bytes((kind, 0, 0, 0, 0, 0, 0, 1)), _ECHO_MARK, read_echo)


def read_snmp(datagram: bytes) -> SweepReply | None:
    """Return what an SNMP datagram answers, or nothing where it is no answer to a probe."""
    reply = message.parse_probe_reply(datagram)
    if reply is None:
        return None
    if reply.engine_id:
        fact = Fact(kind="snmp.engineid", value=reply.engine_id[:32].hex(), where="engine discovery")
        return SweepReply(reply.request_id, "engine", (fact,))
    return SweepReply(reply.request_id, "snmp", _facts(reply.varbinds))


@lru_cache(maxsize=_ANSWERS)
def _facts(varbinds: tuple[VarBind, ...]) -> Sequence[Fact]:
    """Return what two variables say."""
    return parse.facts(varbinds)


def read_echo(datagram: bytes) -> SweepReply | None:
    """Return what an echo reply answers, or nothing where it is another message."""
    token, mark = datagram[_ECHO_HEAD : _ECHO_HEAD + 4], datagram[_ECHO_HEAD + 4 :]
    if datagram[:1] not in {bytes((ECHO_REPLY,)), bytes((ECHO6_REPLY,))} or mark != _ECHO_MARK:
        return None
    return SweepReply(int.from_bytes(token, "big"), "icmp", ())
