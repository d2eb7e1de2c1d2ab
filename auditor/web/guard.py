"""What no page decides by itself: which host, how much, which headers."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Octets of a request at most: a photograph of a telephone and the form around it.
BODY_CAP = 24 << 20
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """An ASGI application around another: refuses hosts and bodies, adds headers.

    `hosts` are what a browser may call this server; another name is a page that had its own name point here.
    """

    def __init__(self, app: App, hosts: frozenset[str], *, tls: bool) -> None:
        self.app, self.hosts = app, hosts
        more = {"strict-transport-security": "max-age=31536000"} if tls else {}
        self.headers = [(name.encode(), value.encode()) for name, value in (HEADERS | more).items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if (refusal := self._refusal(scope["method"], headers)) is not None:
            await self._refuse(send, *refusal)
            return
        await self.app(scope, _cap(receive), self._with_headers(send))

    def _refusal(self, method: str, headers: MutableMapping[str, str]) -> tuple[int, str] | None:
        if headers.get("host", "").lower() not in self.hosts:
            return 421, "this server does not answer to that name; see auditor serve --name"
        if method in SAFE:
            return None
        length = headers.get("content-length", "")
        if (length.isdecimal() and int(length) > BODY_CAP) or "chunked" in headers.get("transfer-encoding", ""):
            return 413, f"a request has at most {BODY_CAP >> 20} MB, and says how many"
        origin = headers.get("origin", "")
        is_foreign = origin and urlsplit(origin).netloc.lower() not in self.hosts
        if is_foreign or headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return 403, "this request comes from another page"
        return None

    async def _refuse(self, send: Send, status: int, words: str) -> None:
        head = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *self.headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": f"{words}\n".encode()})

    def _with_headers(self, send: Send) -> Send:
        async def protect(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in self.headers if one[0] not in own)]
            await send(message)

        return protect


def _cap(receive: Receive) -> Receive:
    """Return a source of a body that ends a request which says less than it has."""
    octets = 0

    async def receive_some() -> Message:
        nonlocal octets
        message = await receive()
        octets += len(message.get("body", b""))
        return message if octets <= BODY_CAP else {"type": "http.disconnect"}

    return receive_some
