"""One agent's script, from the first question to its result: attempts, patience, silence."""

from collections import Counter

from auditor.ber import BerError
from auditor.model import Limits, Reason
from auditor.snmp.getting import Getting
from auditor.snmp.message import GET, PlainMessage, Secured
from auditor.snmp.question import AgentProfile, Ask, Asking
from auditor.snmp.script import Agent, Answer, Counts, Fault, Get, Question, Result, Script
from auditor.snmp.session import Again, Drop, session_for
from auditor.snmp.trace import tracing
from auditor.snmp.usm import UsmError
from auditor.snmp.walk import Walking

_SLOWEST = 4.0
_MORE_PATIENCE = 0.5
_QUICK = 0.125
_MAX_UNANSWERED = 10_000
_SILENT_QUESTIONS = 2
_NOTHING = Ask(GET, [])


class Patience:
    """How long to wait for a reply: as configured, then as the agent's pace says (RFC 6298).

    Each loss makes the waits longer, so that an agent which answers only so many requests a second is met at its own
    rate.
    """

    __slots__ = ("_caution", "_mean", "_most", "_spread", "_start")

    def __init__(self, timeout: float) -> None:
        self._start = timeout
        self._most = timeout * _SLOWEST
        self._mean = self._spread = 0.0
        self._caution = 1.0

    def took(self, seconds: float, *, at_once: bool) -> None:
        """Take note of one round trip, and whether it was the first attempt's."""
        if at_once:
            self._caution = max(1.0, self._caution * 0.9)
        if not self._mean:
            self._mean, self._spread = seconds, seconds / 2
            return
        self._spread += (abs(seconds - self._mean) - self._spread) / 4
        self._mean += (seconds - self._mean) / 8

    def lose(self) -> None:
        """Take note of an attempt without a reply."""
        self._caution = min(_SLOWEST, self._caution * (1 + _MORE_PATIENCE))

    def wait(self) -> float:
        """Return the seconds to wait for a reply to what is sent now."""
        pace = self._mean + 4 * self._spread
        base = max(pace, self._start / 2) if self._mean else self._start
        return min(base * self._caution, self._most)


class Conversation:
    """One agent and its script under way.

    `outgoing` gives the datagram to send, `hear` takes a message in, `silence` says that the wait is over; after each
    of them either `done` is true or there is something to send.
    """

    def __init__(self, agent: Agent, script: Script, limits: Limits, order: int) -> None:
        self.order = order
        self.done = False
        self.attempt = 0
        self.due = 0.0
        self.learned = AgentProfile(most=limits.varbinds, bulk=agent.version != "1")
        self._agent, self._script, self._limits = agent, script, limits
        self._patience = Patience(limits.timeout)
        self._counts: Counter[str] = Counter()
        self._trace = tracing(agent)
        # Every attempt has an identifier of its own, so a late reply still tells how long the agent takes.
        self._sent: dict[int, float] = {}
        self._began = self._last = 0.0
        self._quiet = 0
        self._answered = False
        self._dead: Fault | None = None
        self._hint: Fault | None = None
        self._value: object = None
        self._asking: Asking | None = None
        self._ask = _NOTHING
        try:
            self._session = session_for(agent, self.learned)
            self._unfit: Fault | None = None
        except UsmError as error:
            self._unfit = Fault(reason=Reason.NO_CREDENTIAL, detail=str(error))

    @property
    def memory(self) -> int:
        """Return the estimated octets of replies kept for the question under way."""
        return self._asking.memory if self._asking else 0

    @property
    def ids(self) -> list[int]:
        """Return the identifiers under which a reply is still welcome, the latest last."""
        return list(self._sent)

    def start(self, now: float) -> None:
        """Run the script to its first question."""
        self._began = self._last = now
        if self._unfit:
            self._dead = self._unfit
        self._step(None, now)

    def fail(self, fault: Fault, now: float) -> None:
        """End the conversation: every open question is answered empty and incomplete."""
        if self._trace is not None:
            self._trace.log_end(fault)
        self._dead = self._dead or fault
        if self._asking:
            self._asking.give_up(fault)
            self._step(self._asking.answer(), now)

    def _step(self, answer: Answer | None, now: float) -> None:
        """Hand the script its answer and take its next question; past a fault, answer at once."""
        self._asking = None
        for _ in range(_MAX_UNANSWERED):
            try:
                question = next(self._script) if answer is None else self._script.send(answer)
            except StopIteration as end:
                self._value = end.value
                self.done = True
                return
            if self._dead is None:
                self._take_up(question, now)
                return
            answer = Answer(complete=False, why=self._dead.detail, reason=self._dead.reason)
        self._script.close()
        self.done = True

    def _take_up(self, question: Question, now: float) -> None:
        self._question = question
        known = self.learned, now
        self._asking = Getting(question, *known) if isinstance(question, Get) else Walking(question, *known)
        self._next(now)

    def _next(self, now: float) -> None:
        """Take the question's next request; where there is none, the question is answered."""
        self._sent, self.attempt = {}, 0
        asking_now = self._asking
        ask = asking_now.ask() if asking_now else None
        if ask is not None:
            self._ask = ask
        elif asking_now is not None:
            self._step(asking_now.answer(), now)

    def outgoing(self, request_id: int, now: float) -> bytes:
        """Return the datagram to send now, and wait for its reply from now on."""
        if self._trace is not None:
            knows = self._agent.version != "3" or bool(self._session.engine_id)
            self._trace.log_request(self._ask, self.attempt, knows_engine=knows)
        datagram = self._session.dress(self._ask, self._question, request_id, now)
        self._sent[request_id] = now
        self._counts["requests"] += 1
        self.due = min(now + self._patience.wait(), self._began + self._limits.deadline)
        return datagram

    def unsent(self, request_id: int) -> None:
        """Take back what `outgoing` did: the socket did not take the datagram."""
        del self._sent[request_id]
        self._counts["requests"] -= 1

    def hear(self, incoming: PlainMessage | Secured, datagram: bytes, now: float) -> bool:
        """Take a message in; tell whether the conversation moved on."""
        verdict = self._session.judge(incoming, datagram, now)
        reply_id = incoming.msg_id if isinstance(incoming, Secured) else incoming.pdu.request_id
        took = now - self._sent.get(reply_id, now)
        if self._trace is not None:
            self._trace.log_reply(verdict, took)
        if isinstance(verdict, Drop):
            self.count_drop(verdict)
            return False
        if isinstance(verdict, Fault):
            self.fail(verdict, now)
            return True
        if isinstance(verdict, Again):
            return True
        asking_now = self._asking
        if asking_now is None:
            return False
        self.learned.is_quick = took < self._limits.timeout * _QUICK
        try:
            asking_now.hear(verdict, now)
        except BerError:
            self.count_drop(Drop.MALFORMED)
            return False
        self._move_on(now, took)
        return True

    def _move_on(self, now: float, took: float) -> None:
        self._answered = True
        self._counts["replies"] += 1
        self._quiet = 0
        self._last = now
        self._patience.took(took, at_once=not self.attempt)
        if now >= self._began + self._limits.deadline:
            self.fail(self._too_long(), now)
        else:
            self._next(now)

    def count_drop(self, drop: Drop) -> None:
        """Count a message that was thrown away."""
        if self._trace is not None:
            self._trace.log_drop(drop)
        self._counts[drop.value] += 1

    def hint(self, fault: Fault, now: float) -> bool:
        """Take note of an ICMP error; tell whether it ended a conversation that was never answered."""
        self._hint = fault
        if self._answered or fault.reason is not Reason.CLOSED:
            return False
        self.fail(fault, now)
        return True

    def pause(self, seconds: float) -> None:
        """Give back time in which we did not want to send."""
        self._began += seconds

    def silence(self, now: float) -> None:
        """Learn that the wait is over: try again, ask for less, or give the question up."""
        if now >= self._began + self._limits.deadline:
            self.fail(self._too_long(), now)
            return
        self.attempt += 1
        self._patience.lose()
        if self._trace is not None:
            self._trace.silent(now - max(self._sent.values(), default=now))
        asking_now = self._asking
        if asking_now is None:
            return
        if self.attempt <= self._limits.retries:
            self._counts["retries"] += 1
            asking_now.miss(last=self.attempt == self._limits.retries)
            self._ask = asking_now.ask() or self._ask
            return
        self._give_up(asking_now, now)

    def _give_up(self, asking_now: Asking, now: float) -> None:
        fault = self._silent()
        self._quiet += 1
        if not self._answered or self._quiet >= _SILENT_QUESTIONS:
            self.fail(fault, now)
            return
        asking_now.give_up(fault)
        self._step(asking_now.answer(), now)

    def _silent(self) -> Fault:
        """Return what a missing reply means, by what came instead."""
        counts, attempts = self._counts, self._limits.retries + 1
        text = f"no reply to {attempts} requests" if attempts > 1 else "no reply to a request"
        if counts[Drop.SPOOFED]:
            return Fault(
                reason=Reason.SPOOFED,
                detail=f"{text}, but {counts[Drop.SPOOFED]} from elsewhere or unproven were dropped",
            )
        if counts[Drop.MALFORMED]:
            return Fault(reason=Reason.PROTOCOL, detail=f"{text}, but {counts[Drop.MALFORMED]} that cannot be read")
        if counts[Drop.STRAY]:
            return Fault(reason=Reason.PROTOCOL, detail=f"{text}, but {counts[Drop.STRAY]} that answer something else")
        if self._session.engine_id and not self._answered:
            text += " after the engine had made itself known; some agents meet a wrong privacy password with silence"
        return self._hint or Fault(reason=Reason.TIMEOUT, detail=text)

    def _too_long(self) -> Fault:
        return Fault(reason=Reason.LIMIT, detail=f"not done within {self._limits.deadline:g} s")

    def result(self) -> Result:
        """Return what came of it; call it once `done` is true."""
        engine_id = b"" if self._unfit else self._session.engine_id
        return Result(
            agent=self._agent,
            value=self._value,
            fault=self._dead,
            counts=Counts(**self._counts),
            engine_id=engine_id,
            seconds=self._last - self._began,
        )
