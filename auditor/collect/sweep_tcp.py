"""Which TCP ports of a stretch of addresses accept a connection. Connects and closes; sends nothing, reads nothing."""

import errno
import resource
import select
import socket
import time
from collections import deque
from collections.abc import Iterator

from auditor.collect.sweep_field import Field
from auditor.collect.sweep_pace import Pace

SPARE_FILES = 64
_LOCAL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL})


class Knocker:
    """Tries ports in rounds, many connections at a time, each given up after `timeout` seconds."""

    def __init__(self, field: Field, pace: Pace, *, timeout: float, in_flight: int) -> None:
        self._field, self._pace, self._timeout = field, pace, timeout
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
        self._most = max(1, min(in_flight, allowed))
        self._poll = select.poll()
        self._open: dict[int, tuple[socket.socket, int, int]] = {}
        self._due: deque[tuple[float, int, socket.socket]] = deque()

    def knock(self, ports: tuple[int, ...]) -> None:
        """Connect to each port of each address; open ones are noted as `tcp:<port>`."""
        waiting = self._pairs(ports)
        more = True
        while more or self._open:
            while more and len(self._open) < self._most and self._pace.wait() == 0:
                pair = next(waiting, None)
                more = pair is not None
                if pair is not None:
                    self._begin(*pair)
            self._turn()

    def _pairs(self, ports: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        for port in ports:
            for position in range(len(self._field.addresses)):
                yield position, port

    def _begin(self, position: int, port: int) -> None:
        opened = socket.socket(self._field.family, socket.SOCK_STREAM)
        opened.setblocking(False)
        self._pace.spend(1)
        code = opened.connect_ex((self._field.address(position), port))
        if code == errno.EINPROGRESS:
            self._open[opened.fileno()] = (opened, position, port)
            self._due.append((time.monotonic() + self._timeout, opened.fileno(), opened))
            self._poll.register(opened, select.POLLOUT)
            return
        self._result(code, position, port)
        opened.close()

    def _turn(self) -> None:
        now = time.monotonic()
        wait = max(0.0, self._due[0][0] - now) if self._due else 0.0
        pace = self._pace.wait()
        for number, _ in self._poll.poll(max(0.0, min(wait, pace or wait, 0.5)) * 1000):
            opened, position, port = self._open[number]
            self._result(opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), position, port)
            self._close(number)
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _, number, opened = self._due.popleft()
            if number in self._open and self._open[number][0] is opened:
                self._close(number)

    def _result(self, code: int, position: int, port: int) -> None:
        if code == 0:
            self._field.note(position, f"tcp:{port}")
        elif code == errno.ECONNREFUSED and not self._field.is_loopback(position):
            self._field.note(position, "closed")

    def _close(self, number: int) -> None:
        opened, _, _ = self._open.pop(number)
        self._poll.unregister(number)
        opened.close()
