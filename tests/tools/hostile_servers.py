"""Servers that never end, never speak or speak nonsense, over TCP and UDP.

Every probe is pointed at them. No test in here.
"""

import asyncio
import gzip


async def _endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def _endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nServer: endless\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _endless_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 1000)
        await writer.drain()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for char in b"HTTP/1.1 200 OK\r\nServer: slow" * 100:
        writer.write(bytes((char,)))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(256)) * 64)
    await writer.drain()


async def _bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = gzip.compress(bytes(20_000_000))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def _title(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n<title>" + b"<title " * 20_000 + b"A" * 100_000)
    await writer.drain()


TCP = {
    "endless headers": _endless_headers,
    "endless body": _endless_body,
    "endless chunks": _endless_chunks,
    "drip": _drip,
    "silent": _silent,
    "garbage": _garbage,
    "bomb": _bomb,
    "title": _title,
}
_ENTITIES = b'<!DOCTYPE b [<!ENTITY a "%s">%s]><ProbeMatch><DeviceSN>&e9;</DeviceSN></ProbeMatch>' % (
    b"a" * 1_000,
    b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(10)),
)
UDP = {
    "empty": b"",
    "zeros": bytes(9_000),
    "all octets": bytes(range(256)) * 100,
    "entities": _ENTITIES,
    "deep json": b"\x20\0\0\0DHIP" + bytes(24) + b'{"a":' * 10_000,
    "deep xml": b"<ProbeMatch>" * 5_000,
    "endless field": b"\xb3" + bytes(31) + b"Name:" + b"A" * 60_000,
    "away": b"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.1/x\r\nSERVER: " + b"x" * 20_000 + b"\r\n\r\n",
}
silent = _silent
