"""A `Get` under way: objects in groups, smaller ones where the agent finds them too big."""

from auditor import ber
from auditor.model import Reason, VarBind
from auditor.snmp import question
from auditor.snmp.message import GET, Pdu
from auditor.snmp.script import Answer, Fault, Get

_AT_ONCE = 24
_REFUSALS = 2


class Getting:
    """A `Get` under way: objects in groups, smaller where too big, alone where blamed."""

    def __init__(self, question: Get, profile: question.AgentProfile, now: float) -> None:
        self.memory = 0
        self._left = [ber.oid(oid) for oid in question.oids]
        self._asked: list[bytes] = []
        self._at_once = _AT_ONCE
        self._blamed: list[bytes] = []
        self._denied: list[bytes] = []
        self._refusals = 0
        self._is_answered = False
        self._learned = profile
        self._began = now
        self._binds: list[VarBind] = []
        self._absent: list[str] = []
        self._faults: list[Fault] = []

    def ask(self) -> question.Ask | None:
        """Return a GET of the next few objects."""
        if not self._left:
            self._again()
        self._asked = self._left[: self._at_once]
        return question.Ask(GET, self._asked) if self._asked else None

    def _again(self) -> None:
        """Ask one by one for what was blamed, and for what was denied if no group was answered."""
        if not self._is_answered:
            self._blamed += self._denied
        else:
            self._absent += map(ber.oid_text, self._denied)
        self._left, self._blamed, self._denied = self._blamed, [], []
        self._at_once = 1

    def hear(self, pdu: Pdu, now: float) -> None:
        """Sort the reply into found, absent and missing."""
        if pdu.status:
            self._refuse(pdu)
            return
        names, tags, values = ber.split_varbinds(pdu.region)
        self._refusals = 0
        self._is_answered |= len(self._asked) > 1
        by_name = {name: (tag, value) for name, tag, value in zip(names, tags, values, strict=True)}
        missing = 0
        for name in self._asked:
            tag, value = by_name.get(name, (None, b""))
            if tag is None:
                missing += 1
            elif tag in ber.EXCEPTIONS:
                self._absent.append(ber.oid_text(name))
            else:
                self._keep(name, tag, value, now)
        if missing:
            self._faults.append(Fault(reason=Reason.PARTIAL, detail=f"{missing} missing from a reply"))
        del self._left[: len(self._asked)]

    def _keep(self, name: bytes, tag: int, value: bytes, now: float) -> None:
        self._binds.append(VarBind(ber.oid_text(name), tag, value))
        self.memory += len(value) + question.HELD_PER_BIND
        if name == question.SYS_UP_TIME and self._learned.uptime is None:
            self._learned.hear_uptime(ber.number(value[:8]), now, self._began)

    def _refuse(self, pdu: Pdu) -> None:
        at = pdu.which - 1
        inside = 0 <= at < len(self._asked)
        if len(self._asked) > 1 and (pdu.status == question.TOO_BIG or not inside):
            self._at_once = len(self._asked) // 2
        elif len(self._asked) > 1:
            self._refusals += 1
            (self._denied if pdu.status == question.NO_SUCH_NAME else self._blamed).append(self._left.pop(at))
            if self._refusals > _REFUSALS and pdu.status != question.NO_SUCH_NAME:
                # An agent that blames one after the other means the group.
                self._at_once = 1
        else:
            self._fail(ber.oid_text(self._left.pop(0)), pdu.status)

    def _fail(self, name: str, status: int) -> None:
        if status == question.NO_SUCH_NAME:
            self._absent.append(name)
        else:
            fault = question.status_fault(status)
            self._faults.append(Fault(reason=fault.reason, detail=f"{fault.detail} at {name}"))

    def miss(self, *, last: bool) -> None:
        """Change nothing: a GET is as small as its objects."""

    def give_up(self, fault: Fault) -> None:
        """Stop asking."""
        self._faults.append(fault)
        self._left, self._blamed, self._denied = [], [], []

    def answer(self) -> Answer:
        """Return the objects found."""
        return question.answer_of(iter(self._binds), self._faults, tuple(self._absent))
