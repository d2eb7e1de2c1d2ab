"""Which TCP ports accept a connection: connects and closes, sends and reads nothing."""

import errno
import resource
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from auditor.collect.sweep.addresses import GONE, AddressBlock
from auditor.model import Limits
from auditor.snmp.pace import Pace

WAY = "tcp"
SPARE_FILES = 64
PATIENCE = 0.05
# The kernel asks again unasked after so many seconds (RFC 6298 2.1), and at the earliest after as many more each time.
AGAIN = 1.0
_BEFORE_AGAIN = 0.9
_SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS})
# The last: this machine has no address to ask from, as of IPv6 where it is switched off; waiting mends nothing.
_NOWHERE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})


def attempts(passes: int, timeout: float) -> int:
    """Return how many SYN packets an unanswered connection sends within `timeout` seconds."""
    return max(1, min(passes, 1 + int(timeout / AGAIN)))


class OpenAttempt(NamedTuple):
    """One connection under way, and when it began."""

    sock: socket.socket
    position: int
    port: int
    began: float


class PortProber:
    """Tries ports in rounds; the second SYN of the kernel is the second pass."""

    def __init__(self, block: AddressBlock, pace: Pace, limits: Limits, passes: int) -> None:
        self._block, self._pace = block, pace
        self._attempts = attempts(passes, limits.timeout)
        self._timeout = limits.timeout if self._attempts > 1 else min(limits.timeout, _BEFORE_AGAIN)
        most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
        self._most = max(1, min(limits.in_flight, most_files))
        self._poll = select.poll()
        self._open: dict[int, OpenAttempt] = {}  # by file number, the oldest first
        self._again: deque[tuple[float, int, float, int]] = deque()

    def knock(self, ports: tuple[int, ...]) -> None:
        """Connect to each port of each address; open ones are noted as `tcp:<port>`."""
        waiting = self._pairs(ports)
        pair = next(waiting, None)
        try:
            while pair or self._open:
                room = pair is not None
                while pair and room and self._pace.wait() == 0:
                    room = len(self._open) < self._most and self._begin(*pair)
                    pair = next(waiting, None) if room else pair
                self._turn(room=pair is not None and room)
        finally:
            for knock in self._open.values():
                knock.sock.close()

    def _pairs(self, ports: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        states = self._block.states(WAY)
        for port in ports:
            for position in range(self._block.size):
                if states[position] != GONE:
                    yield position, port

    def _begin(self, position: int, port: int) -> bool:
        """Try one port; false while this machine is short of files or neighbours."""
        try:
            sock = socket.socket(self._block.family, socket.SOCK_STREAM)
        except OSError as error:
            if error.errno in _SHORT and self._open:
                return False
            raise
        sock.setblocking(False)
        if sys.platform == "linux":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, max(1, self._attempts - 1))
        code = sock.connect_ex((self._block.address(position), port))
        if code not in _SHORT:
            self._pace.spend()
        if code == errno.EINPROGRESS:
            self._wait_for(sock, position, port)
            return True
        self._result(code, position, port)
        sock.close()
        return code not in _SHORT

    def _wait_for(self, sock: socket.socket, position: int, port: int) -> None:
        now, number = time.monotonic(), sock.fileno()
        self._open[number] = OpenAttempt(sock, position, port, now)
        if self._attempts > 1:
            self._again.append((now + AGAIN, number, now, self._attempts - 1))
        self._poll.register(number, select.POLLOUT)

    def _turn(self, *, room: bool) -> None:
        """Take in results; wait until a packet may go, or without `room` until one is given up."""
        oldest = next(iter(self._open.values()), None)
        wait = max(0.0, oldest.began + self._timeout - time.monotonic()) if oldest else PATIENCE
        wait = min(wait, self._pace.wait()) if room else wait
        for number, _ in self._poll.poll(wait * 1000):
            knock = self._open[number]
            self._result(knock.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), knock.position, knock.port)
            self._close(number)
        now = time.monotonic()
        self._count_again(now)
        late = takewhile(lambda number: self._open[number].began + self._timeout <= now, self._open)
        for number in list(late):
            self._close(number)

    def _count_again(self, now: float) -> None:
        """Take note of the packets the kernel has sent again, so that others wait for them."""
        while self._again and self._again[0][0] <= now:
            due, number, began, left = self._again.popleft()
            knock = self._open.get(number)
            if knock is not None and knock.began == began:
                self._pace.spend()
                if left > 1:
                    self._again.append((due + AGAIN, number, began, left - 1))

    def _result(self, code: int, position: int, port: int) -> None:
        if code == 0:
            # An open port costs the acknowledgement of its answer and the end of the connection as well.
            self._pace.spend(2)
            self._block.note(position, f"{WAY}:{port}")
        elif code == errno.ECONNREFUSED and not self._block.is_loopback(position):
            self._block.note(position, "closed")
        elif code in _NOWHERE:
            self._block.give_up(position, WAY)

    def _close(self, number: int) -> None:
        self._poll.unregister(number)
        self._open.pop(number).sock.close()
