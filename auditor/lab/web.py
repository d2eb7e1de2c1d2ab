"""Web pages behind a login, greetings on Telnet and RTSP: all that is text over TCP."""

import asyncio
import base64
import binascii
import hashlib
import re
import secrets
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from auditor.lab.samples import RecordedPage

_SECONDS = 10.0
_LIMIT = 65_536
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSite:
    """One web server: its pages, and who sees those behind the login (empty: nobody)."""

    address: str
    port: int
    pages: tuple[RecordedPage, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeter:
    """A port that says something to whoever connects; an RTSP one answers requests instead."""

    address: str
    port: int
    telnet: str = ""
    rtsp_server: str = ""
    rtsp_auth: str = ""


class TextServers:
    """Plays web sites and greetings on one event loop that somebody else runs."""

    def __init__(self, sites: Iterable[WebSite], greeters: Iterable[Greeter]) -> None:
        self.stats: Counter[str] = Counter()
        self._talks: list[tuple[str, int, Talk, ssl.SSLContext | None]] = []
        self._servers: list[asyncio.Server] = []
        self._nonce = secrets.token_hex(16)
        for site in sites:
            self._talks.append((site.address, site.port, self._web(site), site.tls))
        for greeter in greeters:
            self._talks.append((greeter.address, greeter.port, self._greets(greeter), None))

    async def start(self) -> None:
        """Bind every port; nothing is left bound where one of them is taken."""
        try:
            for address, port, talk, tls in self._talks:
                server = await asyncio.start_server(_guard(talk), address, port, limit=_LIMIT, ssl=tls)
                self._servers.append(server)
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """Free every port."""
        for server in self._servers:
            server.close()

    def _web(self, site: WebSite) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            request = await _request(reader)
            if request is None:
                return
            method, path, headers = request
            self.stats["http_requests"] += 1
            writer.write(_http(self._page(site, method, path, headers.get("authorization", ""))))

        return talk

    def _page(self, site: WebSite, method: str, path: str, authorization: str) -> RecordedPage:
        inside = next((page for page in site.pages if page.path == path and page.inside), None)
        outside = next((page for page in site.pages if page.path == path and not page.inside), None)
        if inside is not None and authorization:
            if site.user and is_right(authorization, method, site.user, site.password, self._nonce):
                return inside
            self.stats["failed_logins"] += 1
        if outside is None:
            return RecordedPage(path=path, status=404, headers=_common(site.pages), body="Not found")
        headers = tuple(
            (name, value.replace('nonce="lab"', f'nonce="{self._nonce}"')) for name, value in outside.headers
        )
        return RecordedPage(path=path, status=outside.status, headers=headers, body=outside.body)

    def _greets(self, greeter: Greeter) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.stats["greetings"] += 1
            if greeter.telnet:
                writer.write(greeter.telnet.encode("utf-8", "surrogateescape"))
                await writer.drain()
                # A Telnet server waits for a name; the client leaves first.
                await reader.read(_LIMIT)
                return
            while (request := await _request(reader)) is not None:
                writer.write(_rtsp(greeter, request[0], request[2]))
                await writer.drain()

        return talk


def is_right(authorization: str, method: str, user: str, password: str, nonce: str) -> bool:
    """Tell whether a header proves the password: Basic (RFC 7617), Digest (RFC 7616, MD5)."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True) == f"{user}:{password}".encode()
        except (binascii.Error, ValueError):
            return False
    fields = {name: text or bare for name, text, bare in _PAIR.findall(rest)}
    if scheme.lower() != "digest" or fields.get("username") != user or fields.get("nonce") != nonce:
        return False
    first = _md5(f"{user}:{fields.get('realm', '')}:{password}")
    second = _md5(f"{method}:{fields.get('uri', '')}")
    extra = [fields.get(name, "") for name in ("nc", "cnonce", "qop")]
    middle = ":".join([nonce, *extra]) if all(extra) else nonce
    return secrets.compare_digest(fields.get("response", ""), _md5(f"{first}:{middle}:{second}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _guard(talk: Talk) -> Talk:
    async def guard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                await talk(reader, writer)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            # Whatever a client does, the next one is served.
            return
        finally:
            writer.close()

    return guard


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) < 2:  # noqa: PLR2004 - method and path
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    if (size := headers.get("content-length", "0")).isdecimal() and int(size) <= _LIMIT:
        await reader.readexactly(int(size))
    return words[0], words[1], headers


def _http(page: RecordedPage) -> bytes:
    body = page.body.encode("utf-8", "surrogateescape")
    headers = [(name, value) for name, value in page.headers if name.lower() not in {"content-length", "connection"}]
    headers += [("Content-Length", str(len(body))), ("Connection", "close")]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    first = f"HTTP/1.1 {page.status} {_REASONS.get(page.status, 'Status')}"
    return f"{first}\r\n{head}\r\n".encode("latin-1", "replace") + body


def _rtsp(greeter: Greeter, method: str, headers: dict[str, str]) -> bytes:
    lines = [f"CSeq: {headers.get('cseq', '1')}"]
    if greeter.rtsp_server:
        lines.append(f"Server: {greeter.rtsp_server}")
    if method == "OPTIONS" or not greeter.rtsp_auth:
        lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        return ("RTSP/1.0 200 OK\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()
    lines.append(f"WWW-Authenticate: {greeter.rtsp_auth}")
    return ("RTSP/1.0 401 Unauthorized\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


def _common(pages: tuple[RecordedPage, ...]) -> tuple[tuple[str, str], ...]:
    """Return the Server header every page of a device carries, if any."""
    server = next((page.header("Server") for page in pages if page.header("Server")), "")
    return (("Server", server),) if server else ()


_REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
