"""The wire under the probes: few octets out, capped octets in, no port of a control system."""

import asyncio
import contextlib
import hashlib
import re
import ssl
import warnings
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from auditor import normal
from auditor.collect.base import kept_off
from auditor.model import Kind, Scope, Target
from auditor.parse import services, web
from auditor.snmp.pace import ACKNOWLEDGED, Pace

_CHUNK = 4_096
# What a connection sends: SYN, ACK, the question, two acknowledgements of the answer, the end; TLS: a handshake more.
_PLAIN, _TLS = 6, 4
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_AGENT = "auditor"
# ssl.OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on.
_LEGACY_SERVER = 0x4


class ForbiddenPortError(Exception):
    """A probe was pointed at a port of a control system; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServer:
    """One web server of a device."""

    port: int
    tls: bool = False


@dataclass(slots=True)
class ProbeWire:
    """All traffic with one device goes through here; `timeout` is seconds for each exchange."""

    target: Target
    timeout: float
    pace: Pace
    scope: Scope
    has_answer: bool = False
    has_refusal: bool = False
    certificates: dict[int, dict[Kind, str]] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)

    async def tcp(self, port: int, send: bytes = b"", *, enough: bytes = b"", cap: int = web.HEAD_CAP) -> bytes:
        """Return what a TCP port says, at most `cap` octets, until `enough`, silence or the end."""
        async with self._stream(port, None) as (reader, writer):
            if send:
                writer.write(send)
            return await self._read(reader, enough, cap)

    async def http(self, door: WebServer, path: str, **request: str) -> web.Response | None:
        """Return the answer to a GET (or POST with a `body`); certificates are not judged."""
        body = request.pop("body", "")
        method = "POST" if body else "GET"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {_host(self.target.address)}", f"User-Agent: {_AGENT}"]
        lines += ["Accept: */*", "Accept-Encoding: identity", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in request.items()]
        if body:
            lines += ["Content-Type: application/soap+xml; charset=utf-8", f"Content-Length: {len(body.encode())}"]
        async with self._stream(door.port, _tls() if door.tls else None) as (reader, writer):
            if door.tls:
                self._certificate(door.port, writer)
            writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            return await self._answer(reader)

    async def either(
        self, doors: Iterable[WebServer], path: str, **request: str
    ) -> tuple[WebServer | None, web.Response | None]:
        """Return the first door that shows a page, and the page; one that leads on to TLS does not."""
        for door in doors:
            response = None
            with contextlib.suppress(OSError, EOFError, ForbiddenPortError):
                response = await self.http(door, path, **request)
            leads = web.redirect(response, self.target.address) if response is not None else None
            if response is not None and not (leads is not None and leads.tls and not door.tls):
                return door, response
        return None, None

    async def further(self, door: WebServer, path: str) -> web.Response | None:
        """Return a page a device pointed to, or nothing: what was read before stays read."""
        try:
            return await self.http(door, path)
        except (OSError, EOFError, ForbiddenPortError):
            return None

    def door(self, place: web.Destination, here: WebServer | None = None) -> WebServer:
        """Return the server a place lies at; a scheme's usual port is where this target has it."""
        if place.tls is None and here is not None:
            return here
        secure = bool(place.tls)
        return WebServer(port=place.port or services.port("https" if secure else "http", self.target), tls=secure)

    async def udp(self, port: int, send: bytes) -> bytes:
        """Return the first datagram the device answers with, or nothing."""
        _check_port(port)
        self.scope.check(self.target.address, self.target.site)
        await self._turn(1)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        transport, _protocol = await loop.create_datagram_endpoint(
            lambda: _First(answer), remote_addr=(self.target.address, port)
        )
        try:
            transport.sendto(send)
            async with asyncio.timeout(self.timeout):
                data = await answer
        except (TimeoutError, OSError):
            return b""
        finally:
            transport.close()
        self.has_answer = True
        return data

    async def _turn(self, packets: int) -> None:
        if wait := self.pace.book(packets):
            await asyncio.sleep(wait)

    @contextlib.asynccontextmanager
    async def _stream(
        self, port: int, tls: ssl.SSLContext | None
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        _check_port(port)
        if port in self.dead:
            raise ConnectionRefusedError
        await self._turn(_PLAIN if tls is None else _PLAIN + _TLS)
        async with asyncio.timeout(self.timeout * 2):
            # A port that did not open for one probe is not knocked at again for the next.
            self.dead.add(port)
            try:
                reader, writer = await self._open(port, tls)
            except ConnectionRefusedError:
                self.has_refusal = True
                raise
            self.dead.discard(port)
            self.has_answer = True
            try:
                yield reader, writer
            finally:
                writer.transport.abort()

    async def _open(self, port: int, tls: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return an open connection; a TLS server that hangs up is asked once more in TLS 1.0."""
        self.scope.check(self.target.address, self.target.site)
        try:
            return await asyncio.open_connection(self.target.address, port, ssl=tls, limit=2 * _CHUNK)
        except (ssl.SSLError, ConnectionResetError):
            if tls is None:
                raise
        await self._turn(_PLAIN + _TLS)
        old = _tls(ssl.TLSVersion.TLSv1)
        return await asyncio.open_connection(self.target.address, port, ssl=old, limit=2 * _CHUNK)

    async def _read(self, reader: asyncio.StreamReader, enough: bytes, cap: int) -> bytes:
        data = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.timeout):
                while len(data) < cap and not (enough and enough in data):
                    chunk = await reader.read(min(_CHUNK, cap - len(data)))
                    if not chunk:
                        break
                    data += chunk
        if acknowledgements := len(data) // ACKNOWLEDGED:
            # The kernel has sent them by itself; whoever is next waits for that.
            self.pace.spend(acknowledgements)
        return data

    async def _answer(self, reader: asyncio.StreamReader) -> web.Response | None:
        """Read headers up to their cap, then as much body as is announced, sent, and allowed."""
        data = await self._read(reader, b"\r\n\r\n", web.HEAD_CAP)
        # Small servers of the last decade end their lines with a bare LF.
        top, *rest = _BLANK_LINE.split(data, maxsplit=1)
        body, response = b"".join(rest), web.head(top)
        if response is None:
            return None
        is_chunked = "chunked" in response.header("transfer-encoding").lower()
        length = response.header("content-length")
        size = min(int(length), web.BODY_CAP) if length.isdecimal() and not is_chunked else web.BODY_CAP
        if len(body) < size:
            body += await self._read(reader, b"\r\n0\r\n" if is_chunked else b"", size - len(body))
        return web.whole(response, body if is_chunked else body[:size])

    def _certificate(self, port: int, writer: asyncio.StreamWriter) -> None:
        tls_object = writer.get_extra_info("ssl_object")
        der = tls_object.getpeercert(binary_form=True) if tls_object is not None else None
        if der:
            self.certificates[port] = dict(_names(der))


class _First(asyncio.DatagramProtocol):
    """Keeps the first datagram; the socket is connected, so other senders are dropped."""

    def __init__(self, answer: "asyncio.Future[bytes]") -> None:
        self.answer = answer

    def datagram_received(self, data: bytes, _address: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


def _check_port(port: int) -> None:
    if why := kept_off(port):
        raise ForbiddenPortError(why)


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@cache
def _tls(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
    """Return a context that takes any certificate and any old cipher, and sends nothing secret."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # Recorders of the last decade speak TLS 1.0; the module warns of it, and nothing secret goes over it.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    # A server from before RFC 5746 is old, not false.
    context.options |= _LEGACY_SERVER
    return context


def _names(der: bytes) -> Iterator[tuple[Kind, str]]:
    """Yield SHA-256, subject and issuer (RFC 4514) of a certificate, as far as it can be read."""
    from cryptography import x509

    yield "tls.fingerprint", hashlib.sha256(der).hexdigest()
    try:
        with warnings.catch_warnings():
            # A certificate may break rules the parser warns of; it is shown as it is.
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
            yield "tls.subject", normal.one_line(certificate.subject.rfc4514_string())
            yield "tls.issuer", normal.one_line(certificate.issuer.rfc4514_string())
    except (ValueError, TypeError):
        return
