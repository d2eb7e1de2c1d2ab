"""The server: one process, uvicorn under FastAPI, on loopback unless more is asked for."""

import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any

from auditor.errors import UsageError
from auditor.run.browse import look_of_pages
from auditor.run.home import account, store_of, store_url
from auditor.run.options import Option
from auditor.run.tokens import digest_of
from auditor.web.visitors import DoorRules

EXTRA = "auditor serve needs FastAPI: pip install 'network-equipment-auditor[hub]'"
# Requests at once; whoever holds connections open holds up nobody's memory.
MOST_AT_ONCE = 128
IDLE_S = 15
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRequest:
    """Where to serve, under which names, for whom."""

    host: Annotated[str, Option("Address to listen on.", metavar="ADDRESS", shows_default=True)] = "127.0.0.1"
    port: Annotated[int, Option("Port to listen on (0: any free one).", metavar="PORT", shows_default=True)] = 8889
    name: Annotated[
        tuple[str, ...],
        Option("Name browsers call it by, with a port if it is not the usual one (repeatable).", metavar="HOST"),
    ] = ()
    tls_cert: Annotated[str, Option("Certificate chain, PEM.", metavar="FILE")] = ""
    tls_key: Annotated[str, Option("Its private key, PEM.", metavar="FILE")] = ""
    proxy: Annotated[
        tuple[str, ...], Option("Trust the person's name that this proxy sends (repeatable).", metavar="ADDRESS")
    ] = ()
    proxy_header: Annotated[
        str, Option("Header in which the proxy sends it.", metavar="HEADER", shows_default=True)
    ] = "X-Remote-User"

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine can reach it."""
        return ip_address(self.host).is_loopback

    @property
    def is_tls(self) -> bool:
        """Tell whether it speaks TLS by itself."""
        return bool(self.tls_cert)


def serve(request: ServeRequest, url: str, say: Callable[[str], None]) -> None:
    """Serve a store until interrupted; `say` is told where, and the one-time token on loopback."""
    rules, secret = _rules(request, url)
    uvicorn = _demand_extra()
    from auditor.web.app import application

    with _listening(request) as listener:
        port = listener.getsockname()[1]
        base = f"{'https' if request.is_tls else 'http'}://{_in_brackets(request.host)}:{port}"
        app = application(rules, _hosts(request, port), tls=request.is_tls or bool(request.proxy))
        config = uvicorn.Config(
            app, log_config=None, access_log=False, proxy_headers=False, server_header=False, lifespan="off",
            limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=IDLE_S, timeout_graceful_shutdown=5,
            ssl_certfile=request.tls_cert or None, ssl_keyfile=request.tls_key or None,
        )  # fmt: skip
        threading.Thread(target=look_of_pages, daemon=True).start()
        say(f"serving {store_url(url)} on {base}")
        say(f"enter once: {base}/enter?token={secret}" if secret else "enter with a token of 'auditor serve token add'")
        uvicorn.Server(config).run(sockets=[listener])


def _rules(request: ServeRequest, url: str) -> tuple[DoorRules, str]:
    """Return whom to let in and the one-time token; what is not safe is a `UsageError`."""
    if store_of(url) is None:
        raise UsageError("there is nothing to show without a store", where="--store none")
    if bool(request.tls_cert) != bool(request.tls_key):
        raise UsageError("take both or neither", where="--tls-cert, --tls-key")
    for name in filter(None, (request.tls_cert, request.tls_key)):
        if not Path(name).is_file():
            raise UsageError("there is no such file", where=name)
    try:
        is_local = request.is_local
        proxies = tuple(ip_network(word) for word in request.proxy)
    except ValueError as exc:
        raise UsageError(str(exc), where="--host, --proxy") from None
    if not (is_local or request.is_tls or proxies):
        raise UsageError(
            "beyond this machine takes --tls-cert and --tls-key, or a --proxy that has them", where="--host"
        )
    secret = secrets.token_urlsafe(32) if is_local and not proxies else ""
    once = digest_of(secret) if secret else ""
    rules = DoorRules(store=url, owner=account(), once=once, proxies=proxies, header=request.proxy_header.lower())
    return rules, secret


def _demand_extra() -> Any:
    try:
        import fastapi  # noqa: F401 - told in our words where it is missing
        import python_multipart  # noqa: F401 - the same
        import uvicorn
    except ImportError:
        raise UsageError(EXTRA) from None
    return uvicorn


def _listening(request: ServeRequest) -> socket.socket:
    family = socket.AF_INET6 if ":" in request.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((request.host, request.port))
    except (OSError, OverflowError) as exc:
        listener.close()
        raise UsageError(f"cannot listen: {exc}", where=f"{request.host}:{request.port}") from None
    return listener


def _hosts(request: ServeRequest, port: int) -> frozenset[str]:
    """Return what the header Host may say."""
    names = [name.lower() for name in request.name]
    local = LOCAL_NAMES if request.is_local else ()
    return frozenset([*names, *(f"{name}:{port}" for name in (*local, _in_brackets(request.host)))])


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host
