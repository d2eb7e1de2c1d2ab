"""The hub's HTTPS server, where sites join.

One path, one question: `POST /join` with an `Application` as JSON; the answer holds the certificate. Whoever
has no invitation learns nothing.
"""

import http.client
import json
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from auditor.errors import AuditorError, InputError, OutputError, UsageError
from auditor.hub.authority import Pair

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
PATH = "/join"
# A request, an answer, who is served at once, how long one may take.
LONGEST, MOST, PATIENCE_S = 16_384, 32, 10


@dataclass(frozen=True, slots=True)
class Application:
    """What a site asks to join with: role, secret of its invitation, certificate request (PEM)."""

    role: str
    secret: str
    request: str

    def __repr__(self) -> str:
        return f"Application({self.role!r})"


class JoinServer(ThreadingHTTPServer):
    """Serves applications at a place.

    `admit` returns a certificate (PEM) or raises an `AuditorError`.
    `note` takes a line for each: who asked, and what came of it.
    """

    daemon_threads = True

    def __init__(
        self, place: tuple[str, int], pair: Pair, admit: Callable[[Application], bytes], note: Callable[[str], None]
    ) -> None:
        self.admit, self.note = admit, note
        self._context, self._free = _server_context(pair), threading.BoundedSemaphore(MOST)
        try:
            super().__init__(place, JoinHandler)
        except OSError as exc:
            raise UsageError(f"cannot listen there: {exc.strerror}", where=f"{place[0]}:{place[1]}") from None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread; the handshake counts to its time."""
        if not self._free.acquire(blocking=False):
            return
        try:
            request.settimeout(PATIENCE_S)
            with self._context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
        except OSError:
            pass  # whoever breaks off, or speaks no TLS, is owed nothing
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that serving failed: a bug must not be silent, and must not end the server."""
        del request
        self.note(f"{client_address[0]}: not served, an error of ours")


class JoinHandler(BaseHTTPRequestHandler):
    """Answers one site."""

    server: JoinServer
    server_version, sys_version = "auditor", ""
    timeout = PATIENCE_S

    def do_POST(self) -> None:
        """Answer an application."""
        status, answer = self._answer()
        self.send_response(status)
        content = json.dumps(answer).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def _answer(self) -> tuple[int, dict[str, str]]:
        peer = self.client_address[0]
        length = self.headers.get("Content-Length", "")
        if self.path != PATH or not length.isdecimal() or int(length) > LONGEST:
            return 400, {"problem": "not asked as a site asks"}
        try:
            application = from_texts(Application, self.rfile.read(int(length)))
            if application is None:
                raise InputError("is no application to join", where="request")
            certificate = self.server.admit(application)
        except AuditorError as exc:
            self.server.note(f"{peer}: not let in: {exc}")
            return 403, {"problem": str(exc)}
        self.server.note(f"{peer}: joined as {application.role}")
        return 200, {"certificate": certificate.decode()}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
        """Say nothing more: each application has its line."""


def from_texts(kind: type[T], data: bytes) -> T | None:
    """Return a dataclass of texts from JSON; None where one is missing, strange or no text."""
    names = {entry.name: entry.default is MISSING for entry in fields(kind)}
    needs = {name for name, is_needed in names.items() if is_needed}
    try:
        entry = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(entry, dict) and needs <= entry.keys() <= names.keys()):
        return None
    return kind(**entry) if all(isinstance(one, str) for one in entry.values()) else None


def apply(url: str, authority: str, application: Application) -> bytes:
    """Send an application to a hub vouched for by `authority` (PEM); return what it signs.

    `OutputError` where the hub cannot be reached or is another one, `UsageError` where it refuses.
    """
    where = urlsplit(url)
    try:
        context = ssl.create_default_context(cadata=authority)
    except ssl.SSLError:
        raise UsageError("is no invitation; copy it whole", where="TOKEN") from None
    line = http.client.HTTPSConnection(where.hostname or "", where.port or 443, timeout=PATIENCE_S, context=context)
    try:
        line.request("POST", PATH, json.dumps(asdict(application)), {"Content-Type": "application/json"})
        answer = line.getresponse()
        status, content = answer.status, answer.read(LONGEST)
    except (OSError, http.client.HTTPException) as exc:
        raise OutputError(f"the hub cannot be reached: {exc}", where=url) from None
    finally:
        line.close()
    return _certificate(status, content, url)


def _certificate(status: int, content: bytes, url: str) -> bytes:
    try:
        entry = json.loads(content)
    except ValueError:
        entry = None
    answer = entry if isinstance(entry, dict) else {}
    certificate = answer.get("certificate")
    if status != http.client.OK or not isinstance(certificate, str):
        raise UsageError(f"the hub did not let us in: {answer.get('problem') or f'status {status}'}", where=url)
    return certificate.encode()


def _server_context(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The module reads a chain from a file only; this one is its owner's alone, and gone when the name is.
    with tempfile.NamedTemporaryFile() as file:
        file.write(pair.key + pair.public)
        file.flush()
        context.load_cert_chain(file.name)
    return context
