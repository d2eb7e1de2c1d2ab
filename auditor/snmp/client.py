"""The SNMP client: thousands of agents over one socket per family, one question each.

A reply counts only if it comes from the address and port that were asked and carries an identifier still awaited;
whatever else arrives is dropped and counted. Silence, lies and errors of one agent end in its own `Result`, never in an
exception.
"""

import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from auditor.ber import BerError
from auditor.errors import OutOfScopeError
from auditor.model import Limits, Reason, Scope
from auditor.snmp import message
from auditor.snmp.conversation import Conversation
from auditor.snmp.message import PlainMessage, Secured
from auditor.snmp.pace import BURST, Gate, Pace
from auditor.snmp.script import Agent, Fault, Result, Script
from auditor.snmp.session import Drop, request_ids
from auditor.snmp.wire import Peer, Wire, peer_of

Job = tuple[Agent, Script]

_BATCH = 32
_LONGEST_WAIT = 0.5
_AT_LEAST = 64
_MEMORY = 64_000_000


class Client:
    """Runs scripts against agents. `limits` says how gently; `clock` is monotonic seconds.

    `gate` is what runs side by side share; `scope` is asked of every address before the first packet to it. `memory`
    bounds the estimated octets of replies held: above it only the oldest agents go on.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        gate: Gate | None = None,
        scope: Scope | None = None,
        *,
        memory: int = _MEMORY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self.strays = 0
        self.gate, self.scope, self.memory, self.clock = gate, scope, memory, clock

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Yield one result per job, in the order they finish; jobs are taken up as others finish."""
        with Wire(self.scope) as wire:
            run = _ClientRun(self, wire)
            try:
                yield from run.all(iter(jobs))
            finally:
                self.strays += run.strays


class _ClientRun:
    def __init__(self, client: Client, wire: Wire) -> None:
        self._limits, self._clock, self._wire = client.limits, client.clock, wire
        self._gate, self._memory = client.gate, client.memory
        self._pace = Pace(client.limits.packets_per_second, client.gate, burst=BURST, clock=client.clock)
        self._ids = request_ids()
        self._orders = itertools.count()
        self._active: dict[int, Conversation] = {}
        self._peers: dict[Peer, Conversation] = {}
        self._queues: dict[Peer, deque[Conversation]] = {}
        self._where: dict[int, Peer] = {}
        self._awaited: dict[int, Conversation] = {}
        # The oldest goes first: at a low rate devices are read one after the other, not all of them slowly and none to
        # its end.
        self._ready: list[tuple[int, Conversation]] = []
        self._since: dict[int, float] = {}
        self._parked: list[tuple[float, Conversation]] = []
        self._timers: list[tuple[float, int, Conversation]] = []
        self._finished: deque[Result] = deque()
        self._held: dict[int, int] = {}
        self._total = 0
        self.strays = 0

    def all(self, jobs: Iterator[Job]) -> Iterator[Result]:
        more = True
        while more or self._active or self._finished:
            while self._finished:
                yield self._finished.popleft()
            while more and len(self._active) < self._limits.in_flight:
                job = next(jobs, None)
                more = job is not None
                if job is not None:
                    self._admit(*job)
            self._turn()

    def _turn(self) -> None:
        """Send what may be sent, take in what came, then see who has been silent for too long."""
        if self._gate is not None:
            self._gate.check()
        wait = self._send()
        if self._active and not self._finished:
            self._wire.wait(min(wait, self._until_timer(), _LONGEST_WAIT))
        self._receive()
        self._expire()

    def _admit(self, agent: Agent, script: Script) -> None:
        conversation = Conversation(agent, script, self._limits, next(self._orders))
        now = self._clock()
        try:
            peer = peer_of(agent.address, agent.port)
        except OSError:
            conversation.start(now)
            conversation.fail(Fault(reason=Reason.UNREACHABLE, detail="not an IP address"), now)
            self._finished.append(conversation.result())
            return
        self._active[conversation.order] = conversation
        self._where[conversation.order] = peer
        if peer in self._peers:
            self._queues.setdefault(peer, deque()).append(conversation)
            return
        self._begin(peer, conversation, now)

    def _begin(self, peer: Peer, conversation: Conversation, now: float) -> None:
        self._peers[peer] = conversation
        conversation.start(now)
        self._move(conversation, now)

    def _move(self, conversation: Conversation, now: float) -> None:
        """Put a conversation among the ready or the finished after something happened to it."""
        memory = conversation.memory
        self._total += memory - self._held.get(conversation.order, 0)
        self._held[conversation.order] = memory
        if not conversation.done:
            self._queue(conversation, now)
            if self._parked and self._total < self._memory // 2:
                self._unpark(now)
            return
        order = conversation.order
        self._finished.append(conversation.result())
        self._total -= self._held.pop(order)
        del self._active[order]
        peer = self._where.pop(order)
        del self._peers[peer]
        self._unpark(now)
        queue = self._queues.get(peer)
        if queue:
            self._begin(peer, queue.popleft(), now)

    def _queue(self, conversation: Conversation, now: float) -> None:
        # A late reply moves on a conversation that stands here already, for its next attempt.
        if conversation.order not in self._since:
            self._since[conversation.order] = now
            heapq.heappush(self._ready, (conversation.order, conversation))

    def _unpark(self, now: float) -> None:
        for since, conversation in self._parked:
            conversation.pause(now - since)
            self._queue(conversation, now)
        self._parked.clear()

    def _may_go_on(self, conversation: Conversation) -> bool:
        """Tell whether memory lets a conversation go on; the oldest few always may."""
        if self._total < self._memory:
            return True
        return conversation.order <= next(iter(self._active)) + _AT_LEAST

    def _send(self) -> float:
        """Send to whoever is ready, receive in between; return seconds until the next packet."""
        count = 0
        while self._ready:
            now = self._clock()
            wait = self._pace.wait()
            if wait:
                return wait
            order, conversation = heapq.heappop(self._ready)
            # The time a device has is its own: what we wait for our turn to send is given back.
            conversation.pause(now - self._since.pop(order))
            if conversation.done:
                continue
            if not self._may_go_on(conversation):
                self._parked.append((now, conversation))
                continue
            if not self._dispatch(conversation, now):
                return BURST
            count += 1
            if count % _BATCH == 0:
                self._receive()
        return _LONGEST_WAIT

    def _dispatch(self, conversation: Conversation, now: float) -> bool:
        """Send one request; tell whether the socket took it, so that sending may go on."""
        request_id = next(self._ids)
        datagram = conversation.outgoing(request_id, now)
        try:
            self._wire.send(datagram, self._where[conversation.order])
        except BlockingIOError:
            conversation.unsent(request_id)
            self._queue(conversation, now)
            return False
        except OutOfScopeError as error:
            conversation.fail(Fault(reason=Reason.EXCLUDED, detail=error.why), now)
            self._move(conversation, now)
            return True
        except OSError as error:
            conversation.fail(Fault(reason=Reason.UNREACHABLE, detail=error.strerror or "cannot send"), now)
            self._move(conversation, now)
            return True
        self._pace.spend()
        self._awaited[request_id] = conversation
        heapq.heappush(self._timers, (conversation.due, request_id, conversation))
        return True

    def _until_timer(self) -> float:
        return max(0.0, self._timers[0][0] - self._clock()) if self._timers else _LONGEST_WAIT

    def _receive(self) -> None:
        for datagram, peer in self._wire.receive():
            self._take(datagram, peer, self._clock())
        for peer, fault in self._wire.errors():
            conversation = self._peers.get(peer)
            if conversation is not None and self._is_waiting(conversation):
                ids, now = conversation.ids, self._clock()
                if conversation.hint(fault, now):
                    self._settle(conversation, ids, now)

    def _is_waiting(self, conversation: Conversation) -> bool:
        return any(request_id in self._awaited for request_id in conversation.ids)

    def _take(self, datagram: bytes, peer: Peer, now: float) -> None:
        try:
            incoming: PlainMessage | Secured
            if message.version_of(datagram) == message.V3:
                incoming = message.read_secured(datagram)
                request_id = incoming.msg_id
            else:
                incoming = message.read_plain(datagram)
                request_id = incoming.pdu.request_id
        except BerError:
            self._stray(peer, Drop.MALFORMED)
            return
        conversation = self._awaited.get(request_id)
        if conversation is None:
            self._stray(peer, Drop.STRAY)
        elif self._where[conversation.order] != peer:
            conversation.count_drop(Drop.SPOOFED)
        else:
            ids = conversation.ids
            if conversation.hear(incoming, datagram, now):
                self._settle(conversation, ids, now)

    def _stray(self, peer: Peer, drop: Drop) -> None:
        self.strays += 1
        conversation = self._peers.get(peer)
        if conversation is not None:
            conversation.count_drop(drop)

    def _settle(self, conversation: Conversation, ids: list[int], now: float) -> None:
        """Stop waiting for the replies to a question that is over."""
        for request_id in ids:
            self._awaited.pop(request_id, None)
        self._move(conversation, now)

    def _expire(self) -> None:
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _, request_id, conversation = heapq.heappop(self._timers)
            # A timer counts only for the last attempt, and only while its reply is still awaited.
            if request_id not in self._awaited or conversation.ids[-1:] != [request_id]:
                continue
            ids = conversation.ids
            conversation.silence(now)
            if conversation.ids[-1:] == [request_id] and not conversation.done:
                self._queue(conversation, now)
            else:
                self._settle(conversation, ids, now)


def discover(
    addresses: Iterable[tuple[str, int]],
    limits: Limits | None = None,
    gate: Gate | None = None,
    scope: Scope | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[str, int, message.ProbeReply]]:
    """Yield address, port and engine of every agent that answers an SNMPv3 engine discovery."""
    limits = limits or Limits()
    pace, ids = Pace(limits.packets_per_second, gate, burst=BURST, clock=clock), request_ids()
    pending: dict[int, Peer] = {}
    targets = iter(addresses)
    more = True
    with Wire(scope) as wire:
        until = clock()
        while more or (pending and clock() < until):
            while more and not pace.wait():
                target = next(targets, None)
                more = target is not None
                if target is None:
                    break
                request_id = next(ids)
                pending[request_id] = peer_of(*target)
                wire.try_send(message.probe_v3(request_id), pending[request_id])
                pace.spend()
                until = clock() + limits.timeout
            wait = min(pace.wait(), limits.timeout) if more else max(0.0, until - clock())
            wire.wait(min(wait, _LONGEST_WAIT))
            if gate is not None:
                gate.check()
            yield from _engines(wire, pending)
            _forget_closed(wire, pending)


def _engines(wire: Wire, pending: dict[int, Peer]) -> Iterator[tuple[str, int, message.ProbeReply]]:
    for datagram, peer in wire.receive():
        reply = message.parse_probe_reply(datagram)
        if reply is not None and reply.version == "3" and pending.get(reply.request_id) == peer:
            del pending[reply.request_id]
            yield peer[0], peer[1], reply


def _forget_closed(wire: Wire, pending: dict[int, Peer]) -> None:
    """Wait no longer for whoever has no such port, as the network says."""
    closed_peers = {peer for peer, fault in wire.errors() if fault.reason is Reason.CLOSED}
    for request_id in [request_id for request_id, peer in pending.items() if peer in closed_peers]:
        del pending[request_id]
