"""What every played network needs.

A port nobody uses, the busiest second, servers in a thread of their own. No test in here.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self, TypeVar

from auditor.parse.snmp_probes import probe_table
from auditor.targets.scope import ScopeGuard

Made = TypeVar("Made")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# What a run without exclusions asks: private and loopback addresses, nothing else.
SCOPE = ScopeGuard()


def free_port(address: str = "127.0.0.1", *, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return a port nobody used a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


class QuietHandler(BaseHTTPRequestHandler):
    """Answers without writing a line of each request on stderr."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """Serve in a thread while the block runs; yield the address to ask at."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://{server.server_address[0]}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Withheld:
    """Holds the ports of control systems, so that the system hands none of them out as free.

    Several test runs may hold them at once: each lets the others bind the same port, and none of them listens.
    """

    def __init__(self) -> None:
        self._held = [
            held
            for port in probe_table().forbidden
            for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
            for held in _bound(family, kind, anywhere, port)
        ]

    def close(self) -> None:
        """Let go of all."""
        for held in self._held:
            held.close()


def _bound(family: int, kind: int, address: str, port: int) -> Iterator[socket.socket]:
    held = socket.socket(family, kind)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        held.bind((address, port))
    except OSError:
        held.close()  # where it cannot be had, nobody else gets it either
        return
    yield held


def busiest(moments: list[float], window: float = 1.0) -> int:
    """Return the most moments within any window of so many seconds."""
    start = most = 0
    ordered = sorted(moments)
    for end, moment in enumerate(ordered):
        while ordered[start] <= moment - window:
            start += 1
        most = max(most, end - start + 1)
    return most


class Loop:
    """An event loop in a thread of its own.

    What is in `open` is closed at the end, what still runs is cancelled.
    """

    settle = 0.02  # seconds for closed connections to say goodbye

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="net", daemon=True)
        self.open: list[Any] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Made]) -> Made:
        """Run something in the loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def tcp(self, talk: Talk, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> int:
        """Start a bare TCP server and return its port."""
        return self.run(self._tcp(talk, tls, address))

    async def _tcp(self, talk: Talk, tls: ssl.SSLContext | None, address: str) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
            writer.close()

        server = await asyncio.start_server(guarded, address, 0, ssl=tls)
        self.open.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        # A connection taken just now must begin before its server closes and before it can be cancelled; on a busy
        # machine it takes its time.
        tasks, earlier = self._tasks(), None
        while tasks != earlier:
            await asyncio.sleep(self.settle)
            tasks, earlier = self._tasks(), tasks
        for item in self.open:
            item.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(self.settle)

    @staticmethod
    def _tasks() -> set[asyncio.Task[Any]]:
        return asyncio.all_tasks() - {asyncio.current_task()}
