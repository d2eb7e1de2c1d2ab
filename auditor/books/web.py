"""JSON over HTTPS to a server a person named, with a token, and to no other address."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import ip_address
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from auditor.errors import ServiceError, UsageError
from auditor.normal import one_line
from auditor.version import VERSION

CAP = 256 << 20
SECONDS = 60.0
OK, LAST_OK = 200, 299
LONGEST = 300
Query = Mapping[str, "str | int | Iterable[str | int]"]


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a server answered: the status of HTTP and the document, None where there is none."""

    status: int
    document: Any

    @property
    def is_good(self) -> bool:
        """Tell whether the server did what it was asked."""
        return OK <= self.status <= LAST_OK

    @property
    def complaint(self) -> str:
        """Return in one line what the server has against a request, by field."""
        return one_line("; ".join(_complaints(self.document)) or f"HTTP status {self.status}", LONGEST)


class Server:
    """A server at `url`, https or on loopback, with a good certificate; redirects are refused.

    `headers` hold the token; `ca_file` names the authorities of a house of its own.
    """

    def __init__(self, url: str, headers: Mapping[str, str], ca_file: str = "", seconds: float = SECONDS) -> None:
        self.url = https_url(url)
        self._headers = {"Accept": "application/json", "User-Agent": f"auditor/{VERSION}", **headers}
        self._seconds = seconds
        try:
            context = ssl.create_default_context(cafile=ca_file or None)
        except OSError as exc:
            raise UsageError(
                f"cannot be read as certificates: {exc.strerror or exc}", where=f"ca_file {ca_file}"
            ) from None
        # What is not encrypted goes to loopback alone, and by no proxy.
        ways = [urllib.request.ProxyHandler({})] if self.url.startswith("http:") else []
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context), *ways)

    def get(self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Return a document; whatever goes wrong is a `ServiceError`."""
        words = f"?{urlencode(dict(query), doseq=True)}" if query else ""
        answer = self.send("GET", path + words, headers=headers)
        if not answer.is_good:
            raise ServiceError(f"{answer.complaint} (HTTP {answer.status})", where=f"{self.url}{path}")
        return answer.document

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> WebAnswer:
        """Return the answer to one request, whatever its status; no answer is a `ServiceError`."""
        data = None if body is None else json.dumps(body).encode()
        lines = {**self._headers, **(headers or {}), **({"Content-Type": "application/json"} if data else {})}
        request = urllib.request.Request(self.url + path, data, lines, method=method)  # noqa: S310 - see `https_url`
        try:
            with self._opener.open(request, timeout=self._seconds) as reply:
                return WebAnswer(reply.status, self._document(reply, path))
        except urllib.error.HTTPError as exc:
            with exc:
                if exc.headers.get("Location"):
                    where = one_line(exc.headers["Location"], LONGEST)
                    problem = f"sends us elsewhere, to {where}; name that address if it is meant"
                    raise ServiceError(problem, where=self.url) from None
                return WebAnswer(exc.code, self._document(exc, path, lenient=True))
        except (OSError, HTTPException, ValueError) as exc:
            why = getattr(exc, "reason", None) or exc
            raise ServiceError(f"does not answer: {one_line(str(why), LONGEST)}", where=self.url) from None

    def _document(self, reply: IO[bytes], path: str, *, lenient: bool = False) -> Any:
        raw = reply.read(CAP + 1)
        if len(raw) > CAP:
            raise ServiceError(f"answers with more than {CAP >> 20} MB", where=f"{self.url}{path}")
        try:
            return json.loads(raw) if raw.strip() else None
        except (ValueError, RecursionError):
            if lenient:
                return None
            raise ServiceError(
                "answers with something that is no JSON; is it the address of the API?", where=f"{self.url}{path}"
            ) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_what: object) -> None:
        """Follow nothing: a token goes to the address a person wrote, and nowhere else."""


def https_url(url: str) -> str:
    """Return an address without a slash at its end; neither https nor loopback is refused."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("is no address; write https://HOST", where="url") from None
    is_plain = url.isascii() and url.isprintable() and not set(' "<>\\^`{|}') & set(url)
    if (
        not host
        or not is_plain
        or parts.scheme not in {"http", "https"}
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise UsageError("is no address of an API; write https://HOST, without user, query and mark", where="url")
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(f"would send the token to {host} for all to read; write https://", where="url")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _complaints(document: object, key: str = "") -> list[str]:
    """Return the sentences of an error as Django's REST framework nests them."""
    if isinstance(document, Mapping):
        pairs = (
            ("" if name in {"detail", "non_field_errors", "__all__", "message", "error"} else str(name), value)
            for name, value in document.items()
        )
        return [line for name, value in pairs for line in _complaints(value, ".".join(filter(None, (key, name))))]
    if isinstance(document, list):
        return [line for value in document for line in _complaints(value, key)]
    return [f"{key}: {document}" if key else str(document)] if document not in (None, "") else []
