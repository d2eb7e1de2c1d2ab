"""How one agent is spoken to: in a community or SNMPv3; replies have to prove themselves.

A session knows no socket. It turns an `Ask` into a datagram and a message into a PDU, or says why that message is not
to be had.
"""

import secrets
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from auditor import ber
from auditor.model import Reason
from auditor.oids import NAMES
from auditor.snmp import message, usm
from auditor.snmp.message import AUTH, PRIV, REPORTABLE, Pdu, PlainMessage, Secured, Speaker
from auditor.snmp.question import AgentProfile, Ask
from auditor.snmp.script import Agent, Community, Fault, Question, User

_USM_STATS = ber.oid(NAMES["usmStats"])
_REFUSALS = {
    usm.UNSUPPORTED_LEVEL: "the agent does not offer this security level to this user",
    usm.UNKNOWN_USER: "the agent does not know this user",
    usm.WRONG_DIGEST: "wrong authentication password or protocol",
    usm.DECRYPTION: "wrong privacy password or protocol",
}
_MAX_ENGINE_ID = 64
_ENGINES = 2
_RESYNCS = 3
_ID_POOL = 1024


class Drop(StrEnum):
    """Why a message is dropped: not from whom it claims, not readable, not an answer."""

    SPOOFED = "spoofed"
    MALFORMED = "malformed"
    STRAY = "stray"


class Again(StrEnum):
    """Why a request must be built and sent anew: the engine is known now, or its clock is."""

    ENGINE = "engine"
    CLOCK = "clock"


Judged = Pdu | Drop | Again | Fault


def request_ids() -> Iterator[int]:
    """Yield unguessable identifiers of 31 bits that always fill four octets."""
    while True:
        pool = secrets.token_bytes(4 * _ID_POOL)
        for at in range(0, len(pool), 4):
            yield int.from_bytes(pool[at : at + 4], "big") >> 2 | 1 << 30


class AgentSession(Protocol):
    """One agent, spoken to in one version."""

    @property
    def engine_id(self) -> bytes:
        """Return the SNMPv3 engine ID, empty where there is none."""

    def dress(self, ask: Ask, question: Question, request_id: int, now: float) -> bytes:
        """Return the datagram for a request; before the engine is known, the one that finds it."""

    def judge(self, incoming: PlainMessage | Secured, datagram: bytes, now: float) -> Judged:
        """Return the PDU of a message that proves itself, or what to make of it otherwise."""


def session_for(agent: Agent, profile: AgentProfile) -> AgentSession:
    """Return the session for an agent; a user that cannot be used raises `UsmError`."""
    if agent.version == "3" and agent.user is not None:
        return UserSession(agent.user, agent.context, profile)
    return CommunitySession(message.VERSIONS[agent.version], agent.community or Community(secret=""))


class CommunitySession:
    """An agent spoken to in v1 or v2c."""

    engine_id = b""

    def __init__(self, version: int, community: Community) -> None:
        self._version = version
        self._secret = community.secret.encode()
        self._community = self._secret

    def dress(self, ask: Ask, question: Question, request_id: int, now: float) -> bytes:  # noqa: ARG002 - for v3
        """Return the datagram for a request."""
        self._community = self._secret + question.community_suffix.encode()
        return message.plain(self._version, self._community, _pdu(ask, request_id))

    def judge(self, incoming: PlainMessage | Secured, datagram: bytes, now: float) -> Judged:  # noqa: ARG002 - for v3
        """Return the PDU of a message of the same version and community."""
        if not isinstance(incoming, PlainMessage) or incoming.version != self._version:
            return Drop.STRAY
        if incoming.community != self._community:
            return Drop.SPOOFED
        return incoming.pdu if incoming.pdu.kind == message.RESPONSE else Drop.STRAY


def _pdu(ask: Ask, request_id: int) -> bytes:
    return message.request(ask.kind, request_id, ask.repetitions if ask.kind == message.GET_BULK else 0, ask.names)


class UserSession:
    """An agent spoken to in v3: its engine, its clock as it proved it, the user's keys."""

    def __init__(self, user: User, context: str, profile: AgentProfile) -> None:
        usm.check(user)
        self.engine_id = b""
        self._user = user
        self._name = user.name.encode()
        self._level = (AUTH if user.auth else 0) | (PRIV if user.priv else 0)
        self._context = context
        self._learned = profile
        self._keys = usm.Keys()
        self._boots = self._time = 0
        self._clock_at = 0.0
        self._proven = False
        self._engines = self._resyncs = 0
        self._salt = secrets.randbits(64)

    def dress(self, ask: Ask, question: Question, request_id: int, now: float) -> bytes:
        """Return the datagram for a request, signed and encrypted, or the one that finds the engine."""
        if not self.engine_id:
            return message.probe_v3(request_id)
        context = (question.context or self._context).encode()
        body = message.scoped_pdu(self.engine_id, context, _pdu(ask, request_id))
        who = Speaker(self.engine_id, self._boots, self._time + int(now - self._clock_at), self._name)
        self._salt += 1
        return usm.seal(self._keys, (request_id, self._level | REPORTABLE), who, self._salt, body)

    def judge(self, incoming: PlainMessage | Secured, datagram: bytes, now: float) -> Judged:
        """Return the PDU of a message that is signed, timely and encrypted; act on reports."""
        if not isinstance(incoming, Secured):
            return Drop.STRAY
        if incoming.flags & AUTH:
            return self._judge_signed(incoming, datagram, now)
        if self._level and not incoming.flags:
            return self._judge_report(incoming, now)
        return self._judge_open(incoming, now)

    def _judge_signed(self, incoming: Secured, datagram: bytes, now: float) -> Judged:
        who = incoming.speaker
        ours = who.engine_id == self.engine_id and who.user == self._name
        if not ours or not usm.is_genuine(self._keys, datagram, incoming.auth_at, incoming.digest):
            return Drop.SPOOFED
        if who.boots >= usm.MAX_BOOTS:
            return Fault(
                reason=Reason.AUTHENTICATION, detail="the agent's engineBoots is at its maximum; no time is valid"
            )
        if not self._is_timely(who, now):
            return Drop.SPOOFED
        scoped_pdu = self._open(incoming)
        if scoped_pdu is None:
            return Drop.MALFORMED if incoming.is_encrypted else Drop.SPOOFED
        self._set_clock(who, now)
        if scoped_pdu.kind == message.REPORT:
            return self._act(_report(scoped_pdu))
        return self._matching(scoped_pdu, incoming)

    def _open(self, incoming: Secured) -> Pdu | None:
        """Return the PDU; nothing where it does not decrypt or came without the privacy asked for."""
        pdu = _pdu_in(incoming, self._keys)
        is_open = pdu is not None and pdu.kind != message.REPORT and not incoming.is_encrypted
        return None if is_open and self._level & PRIV else pdu

    def _is_timely(self, who: Speaker, now: float) -> bool:
        if not self._proven:
            return True
        due = self._time + int(now - self._clock_at)
        return who.boots > self._boots or (who.boots == self._boots and who.time >= due - usm.WINDOW)

    def _set_clock(self, who: Speaker, now: float) -> None:
        if self._proven and who.boots > self._boots:
            self._learned.restarts += 1
        self._boots, self._time, self._clock_at = who.boots, who.time, now
        self._proven = True

    def _judge_report(self, incoming: Secured, now: float) -> Judged:
        """Act on an unsigned report, all an agent can send before it knows us; never on data."""
        pdu = _pdu_in(incoming, usm.Keys())
        if pdu is None:
            return Drop.MALFORMED
        if pdu.kind != message.REPORT or self._proven:
            return Drop.SPOOFED
        kind = _report(pdu)
        if not self.engine_id or kind == usm.UNKNOWN_ENGINE:
            return self._meet(incoming.speaker, now)
        if kind == usm.NOT_IN_WINDOW:
            self._boots, self._time, self._clock_at = incoming.speaker.boots, incoming.speaker.time, now
        return self._act(kind)

    def _judge_open(self, incoming: Secured, now: float) -> Judged:
        """Judge a message to a user without authentication: only engine and name are compared."""
        pdu = _pdu_in(incoming, usm.Keys())
        if pdu is None:
            return Drop.MALFORMED
        if self._level:
            return Drop.SPOOFED
        if pdu.kind == message.REPORT:
            kind = _report(pdu)
            unknown = not self.engine_id or kind == usm.UNKNOWN_ENGINE
            return self._meet(incoming.speaker, now) if unknown else self._act(kind)
        who = incoming.speaker
        if not self.engine_id or who.engine_id != self.engine_id or who.user != self._name:
            return Drop.SPOOFED
        return self._matching(pdu, incoming)

    def _meet(self, who: Speaker, now: float) -> Judged:
        if not 0 < len(who.engine_id) <= _MAX_ENGINE_ID:
            return Drop.MALFORMED
        self._engines += 1
        if self._engines > _ENGINES:
            return Fault(reason=Reason.PROTOCOL, detail="the agent's engine ID keeps changing")
        self.engine_id = who.engine_id
        self._boots, self._time, self._clock_at = who.boots, who.time, now
        self._keys = usm.keys_for(self._user, who.engine_id)
        return Again.ENGINE

    def _act(self, kind: int) -> Judged:
        if kind in _REFUSALS:
            return Fault(reason=Reason.AUTHENTICATION, detail=_REFUSALS[kind])
        if kind != usm.NOT_IN_WINDOW:
            return Fault(reason=Reason.PROTOCOL, detail="the agent reports an error that names no cause")
        self._resyncs += 1
        if self._resyncs > _RESYNCS:
            return Fault(reason=Reason.AUTHENTICATION, detail="the agent's clock cannot be followed")
        return Again.CLOCK

    @staticmethod
    def _matching(pdu: Pdu, incoming: Secured) -> Judged:
        if pdu.kind != message.RESPONSE or pdu.request_id != incoming.msg_id:
            return Drop.STRAY
        return pdu


def _pdu_in(incoming: Secured, keys: usm.Keys) -> Pdu | None:
    try:
        return usm.unseal(keys, incoming).pdu
    except (ber.BerError, usm.UsmError):
        return None


def _report(pdu: Pdu) -> int:
    """Return which of the usmStats counters a report carries, 0 for none."""
    try:
        names, _, _ = ber.split_varbinds(pdu.region)
    except ber.BerError:
        return 0
    counters = [name for name in names if name.startswith(_USM_STATS) and len(name) > len(_USM_STATS)]
    return counters[0][len(_USM_STATS)] if counters else 0
