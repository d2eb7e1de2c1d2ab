"""Broken packets for the BER reader, the USM session and the agent.

`python -m tests.tools.snmp_fuzz [COUNT]` runs a million.
"""

import random
import sys
import time

from auditor import ber
from auditor.ber import BerError
from auditor.lab.agent import PlayedAgent, Player
from auditor.model import VarBind
from auditor.snmp import message, usm
from auditor.snmp.question import AgentProfile, Ask
from auditor.snmp.script import Agent, Fault, Get, User
from auditor.snmp.session import Again, Drop, UserSession, session_for

MILLION = 1_000_000
USER = User(name="audit", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="privpass123")
_BINDS = (
    VarBind("1.3.6.1.2.1.1.1.0", ber.OCTET_STRING, b"a switch"),
    VarBind("1.3.6.1.2.1.1.2.0", ber.OBJECT_IDENTIFIER, ber.oid("1.3.6.1.4.1.2011.2.23.1")),
    VarBind("1.3.6.1.2.1.1.3.0", ber.TIMETICKS, b"\x01\x02\x03"),
)


def swallow(data: bytes) -> None:
    """Read a datagram in every way there is; a refusal is fine, any other exception is ours."""
    try:
        if message.version_of(data) == message.V3:
            received = message.read_secured(data)
            if not received.is_encrypted:
                message.varbinds(message.read_scoped(received.scoped_pdu).pdu.region)
        else:
            message.varbinds(message.read_plain(data).pdu.region)
    except BerError:
        pass
    message.parse_probe_reply(data)


def seeds(player: Player, session: UserSession) -> list[bytes]:
    """Return honest datagrams of every kind, to be broken."""
    names = [ber.oid(bind.oid) for bind in _BINDS]
    get = message.pdu(message.GET, 1 << 30, 0, 0, message.null_binds(names))
    bulk = message.pdu(message.GET_BULK, 1 << 30, 0, 9, message.null_binds(names))
    asked = [message.plain(version, b"public", pdu) for version, pdu in ((0, get), (1, get), (1, bulk))]
    asked += [message.probe_v3(1 << 30), session.dress(Ask(message.GET, names), Get(oids=()), 1 << 30, 0.0)]
    return asked + [reply for reply in map(player.respond, asked) if reply]


def broken(data: bytes, chance: random.Random) -> bytes:
    """Return a datagram with octets changed, cut out, doubled or made up."""
    octets = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(octets)) if octets else 0
        kind = chance.randrange(6)
        if kind == 0:
            octets[at : at + 1] = bytes((chance.randrange(256),))
        elif kind == 1:
            octets[at : at + 1] = bytes((chance.choice((0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFE, 0xFF)),))
        elif kind == 2:
            del octets[at : at + chance.randint(1, 8)]
        elif kind == 3:
            octets[at:at] = octets[at : at + chance.randint(1, 16)]
        elif kind == 4:
            octets[at:at] = chance.randbytes(chance.randint(1, 8))
        else:
            del octets[at:]
    return bytes(octets)


def _resigned(data: bytes, keys: usm.Keys) -> bytes:
    """Return a broken v3 message with a right digest, to reach what lies behind the digest."""
    try:
        received = message.read_secured(data)
    except BerError:
        return data
    blank = data[: received.auth_at] + bytes(len(received.digest)) + data[received.auth_at + len(received.digest) :]
    return usm.sign(keys, blank, received.auth_at) if len(received.digest) == 24 else data


def main(count: int = MILLION, seed: int = 0) -> int:
    """Feed broken packets to everything that reads them.

    Return how many were believed or took over a second. A crash is a crash.
    """
    chance = random.Random(seed)
    player = Player(PlayedAgent(address="127.0.0.1", port=161, varbinds=_BINDS, users=(USER,)))
    session = session_for(Agent("127.0.0.1", version="3", user=USER), AgentProfile(most=96, bulk=True))
    assert isinstance(session, UserSession)
    engine = message.read_secured(player.respond(message.probe_v3(1 << 30)) or b"")
    assert session.judge(engine, b"", 0.0) is Again.ENGINE
    honest = seeds(player, session)
    acquainted = (session.engine_id, session._keys)
    bad = 0
    for _ in range(count):
        original = chance.choice(honest)
        data = broken(original, chance)
        if chance.random() < 0.3:
            data = _resigned(data, session._keys)
        began = time.monotonic()
        swallow(data)
        player.respond(data)
        _judge(session, data)
        session.engine_id, session._keys = acquainted
        bad += time.monotonic() - began > 1
    return bad


def _judge(session: UserSession, data: bytes) -> None:
    try:
        judged = session.judge(message.read_secured(data), data, 0.0)
    except BerError:
        return
    if isinstance(judged, Fault | Again | Drop):
        # Let it stay acquainted with its engine whatever the packet said.
        session._engines = session._resyncs = 0
        return
    try:
        ber.split_varbinds(judged.region)
    except BerError:
        return


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else MILLION
    started = time.monotonic()
    slow = main(asked)
    sys.stdout.write(
        f"{asked} broken SNMP packets: 0 crashes, {slow} slower than 1 s, {time.monotonic() - started:.0f} s\n"
    )
    sys.exit(min(1, slow))
