"""Bare TCP and UDP servers on loopback for the probe tests, well-behaved or hostile. No test in here."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable
from typing import Self

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Net:
    """Runs servers in a thread of its own; `with Net() as net: port = net.tcp(talk)`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="net", daemon=True)
        self.open: list[object] = []
        self.asked: list[str] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def tcp(self, talk: Talk, *, tls: ssl.SSLContext | None = None) -> int:
        """Start a TCP server and return its port."""
        return asyncio.run_coroutine_threadsafe(self._tcp(talk, tls), self.loop).result(10)

    def udp(self, answer: Callable[[bytes], bytes]) -> int:
        """Start a UDP server that answers each datagram, and return its port."""
        return asyncio.run_coroutine_threadsafe(self._udp(answer), self.loop).result(10)

    def http(self, pages: dict[str, str | bytes], **options: object) -> int:
        """Start an HTTP server of whole canned answers by path; what is not there is 404."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = request.split()[1]
            self.asked.append(request)
            answer = pages.get(path, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if callable(answer):
                length = next(
                    (
                        int(row.split(":")[1])
                        for row in request.splitlines()
                        if row.lower().startswith("content-length")
                    ),
                    0,
                )
                answer = answer(request, (await reader.readexactly(length)).decode())
            writer.write(answer if isinstance(answer, bytes) else answer.encode())
            await writer.drain()

        return self.tcp(talk, **options)

    async def _tcp(self, talk: Talk, tls: ssl.SSLContext | None) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
            writer.close()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
        self.open.append(server)
        return server.sockets[0].getsockname()[1]

    async def _udp(self, answer: Callable[[bytes], bytes]) -> int:
        net = self

        class Answering(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.DatagramTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
                net.asked.append(data.decode("latin-1"))
                if reply := answer(data):
                    self.transport.sendto(reply, address)

        transport, _protocol = await self.loop.create_datagram_endpoint(Answering, local_addr=("127.0.0.1", 0))
        self.open.append(transport)
        return transport.get_extra_info("sockname")[1]

    async def _stop(self) -> None:
        for item in self.open:
            item.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.02)
