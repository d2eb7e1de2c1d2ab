"""Signs of life for a monitor of jobs, as healthchecks.io takes them: start, end, failure."""

import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from urllib.parse import urlsplit

from auditor.errors import UsageError
from auditor.version import VERSION

SECONDS = 5.0
START, END, FAILURE = "/start", "", "/fail"


def check(url: str) -> None:
    """Refuse what is no address of a web server, without repeating it: it may be a secret."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if url and not (is_web and url.isascii() and url.isprintable() and " " not in url):
        raise UsageError("is no address of a web server; write https://HOST/…", where="--ping")


def ping(url: str, event: str, warn: Callable[[str], None], seconds: float = SECONDS) -> None:
    """Tell a monitor of one event within some seconds; a failure is one warning and no more."""
    if not url:
        return
    parts = urlsplit(url)
    address = parts._replace(path=parts.path.rstrip("/") + event, fragment="").geturl()
    request = urllib.request.Request(address, headers={"User-Agent": f"auditor/{VERSION}"})  # noqa: S310 - see `check`
    try:
        with urllib.request.urlopen(request, timeout=seconds) as reply:  # noqa: S310 - http and https alone
            reply.read(1)
    except (OSError, HTTPException, ValueError) as exc:
        # The path is what tells one job from another, and often a secret.
        warn(f"the ping to {parts.hostname} failed: {_why(exc)}; the run goes on")


def _why(exc: Exception) -> str:
    if isinstance(exc, urllib.error.HTTPError):
        return f"HTTP {exc.code}"
    reason = getattr(exc, "reason", exc)
    return getattr(reason, "strerror", None) or type(reason).__name__
