"""What questions under way share: the next request, what an agent taught us, error-status."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from auditor import ber
from auditor.model import Reason, VarBind
from auditor.oids import scalar
from auditor.snmp.message import Pdu
from auditor.snmp.script import Answer, Fault

TOO_BIG = 1
NO_SUCH_NAME = 2
SYS_UP_TIME = ber.oid(scalar("sysUpTime"))
HELD_PER_BIND = 160
# RFC 3416, section 3, in the order of their numbers.
_STATUS = [
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType",
    "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable",
    "commitFailed", "undoFailed", "authorizationError", "notWritable", "inconsistentName",
]  # fmt: skip
_FORBIDDEN = frozenset(("noAccess", "authorizationError"))
_FIRST_VARBINDS = 32
_TICKS = 100
_WRAP = 2**32
_NEAR_WRAP = _WRAP - 3600 * _TICKS


class Ask(NamedTuple):
    """One request: the PDU, the names as octets, for a GETBULK how many repetitions."""

    kind: int
    names: list[bytes]
    repetitions: int = 0


@dataclass(slots=True)
class AgentProfile:
    """What has been learned about one agent while talking to it.

    `varbinds` fit in a reply of it; `bulk` tells whether its version has GETBULK; `uptime` is its last sysUpTime in
    hundredths of a second; `restarts` counts the reboots SNMPv3 told us of; `fits` is the most it ever sent at once,
    `bulk_misses` how often only a GETNEXT got through; `is_quick` whether its last reply came soon enough to ask for
    more.
    """

    most: int
    bulk: bool
    varbinds: int = _FIRST_VARBINDS
    bulk_heard: bool = False
    uptime: int | None = None
    bulk_misses: int = 0
    restarts: int = 0
    fits: int = 0
    is_quick: bool = True

    def grow(self) -> None:
        """Ask for twice as much from now on."""
        self.varbinds = min(self.most, self.varbinds * 2)

    def hear_uptime(self, ticks: int, now: float, since: float) -> bool:
        """Take note of sysUpTime; tell whether the agent restarted after `since`, by the same clock."""
        before, self.uptime = self.uptime, ticks
        if before is None:
            return ticks / _TICKS < (now - since) * 0.9
        return ticks < before < _NEAR_WRAP


class Asking(Protocol):
    """A question under way."""

    memory: int

    def ask(self) -> Ask | None:
        """Return the next request, or nothing when all has been said."""

    def hear(self, pdu: Pdu, now: float) -> None:
        """Take in the reply to the last request; a `BerError` changes nothing."""

    def miss(self, *, last: bool) -> None:
        """Learn that the last request was not answered; `last` when there will be one attempt more."""

    def give_up(self, fault: Fault) -> None:
        """Stop asking; what was heard is kept and marked incomplete."""

    def answer(self) -> Answer:
        """Return what was heard."""


def status_name(status: int) -> str:
    """Return what RFC 3416, section 3, calls an error-status."""
    return _STATUS[status] if 0 <= status < len(_STATUS) else f"error-status {status}"


def status_fault(status: int) -> Fault:
    """Return an error-status as a fault with its name."""
    name = status_name(status)
    return Fault(reason=Reason.AUTHORIZATION if name in _FORBIDDEN else Reason.PARTIAL, detail=name)


def answer_of(binds: Iterator[VarBind], faults: list[Fault], absent: tuple[str, ...] = ()) -> Answer:
    """Return what was heard, with every fault told once."""
    whys = list(dict.fromkeys(fault.detail for fault in faults))
    reason = faults[0].reason if faults else None
    return Answer(varbinds=binds, complete=not faults, why="; ".join(whys[:8]), reason=reason, absent=absent)
