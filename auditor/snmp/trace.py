"""What is logged of single requests at debug level: never names, never a device's words."""

import logging

from auditor import ber
from auditor.snmp import message
from auditor.snmp.message import Pdu
from auditor.snmp.question import Ask, status_name
from auditor.snmp.script import Agent, Fault
from auditor.snmp.session import Again, Drop, Judged

_log = logging.getLogger(__name__)
_KINDS = {message.GET: "GET", message.GET_NEXT: "GETNEXT", message.GET_BULK: "GETBULK"}


class Trace:
    """Tells of one conversation."""

    __slots__ = ("_where",)

    def __init__(self, agent: Agent) -> None:
        self._where = f"{agent.address} port {agent.port}"

    def log_request(self, ask: Ask, attempt: int, *, knows_engine: bool) -> None:
        """Tell of a request: PDU, first OID, how many names and repetitions."""
        again = f", attempt {attempt + 1}" if attempt else ""
        if not knows_engine or not ask.names:
            _log.debug("%s: asked for its SNMPv3 engine%s", self._where, again)
            return
        repeat = f", {ask.repetitions} repetitions" if ask.kind == message.GET_BULK else ""
        what = f"{_KINDS.get(ask.kind, hex(ask.kind))} {ber.oid_text(ask.names[0])}"
        _log.debug("%s: asked %s, %d names%s%s", self._where, what, len(ask.names), repeat, again)

    def log_reply(self, verdict: Judged, seconds: float) -> None:
        """Tell what a message turned out to be."""
        if isinstance(verdict, Pdu):
            status = status_name(verdict.status) + (f" at name {verdict.which}" if verdict.status else "")
            _log.debug("%s: answered in %.3f s, %s, %s", self._where, seconds, status, _count(verdict.region))
        elif isinstance(verdict, Again):
            _log.debug("%s: made its %s known", self._where, verdict.value)

    def log_drop(self, drop: Drop) -> None:
        """Tell of a message that was thrown away."""
        _log.debug("%s: a %s message was dropped", self._where, drop.value)

    def silent(self, seconds: float) -> None:
        """Tell that no reply came within so many seconds."""
        _log.debug("%s: no reply within %.3f s", self._where, seconds)

    def log_end(self, fault: Fault) -> None:
        """Tell why nothing more is asked."""
        _log.debug("%s: given up, %s, %s", self._where, fault.reason.value, fault.detail)


def tracing(agent: Agent) -> Trace | None:
    """Return what tells of a conversation with an agent, or nothing where nobody listens."""
    return Trace(agent) if _log.isEnabledFor(logging.DEBUG) else None


def _count(region: bytes) -> str:
    try:
        return f"{len(ber.split_varbinds(region)[0])} variables"
    except ber.BerError:
        return "variables that cannot be read"
