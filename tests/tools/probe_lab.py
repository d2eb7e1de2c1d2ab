"""Bare TCP and UDP servers on loopback for the probe tests, well-behaved or hostile.

No test in here.
"""

import asyncio
from collections.abc import Callable

from tests.tools.loopback import Loop


class Net(Loop):
    """Runs servers; `with Net() as net: port = net.tcp(talk)`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def udp(self, answer: Callable[[bytes], bytes], port: int = 0) -> int:
        """Start a UDP server that answers each datagram, and return its port."""
        return self.run(self._udp(answer, port))

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

    async def _udp(self, answer: Callable[[bytes], bytes], port: int) -> int:
        net = self

        class Answering(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.DatagramTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
                net.asked.append(data.decode("latin-1"))
                if reply := answer(data):
                    self.transport.sendto(reply, address)

        transport, _protocol = await self.loop.create_datagram_endpoint(Answering, local_addr=("127.0.0.1", port))
        self.open.append(transport)
        return transport.get_extra_info("sockname")[1]
