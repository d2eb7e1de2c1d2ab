"""News of a scan nobody watches, a short plain text: by apprise to chat and mail, to syslog.

Nothing is sent on a quiet night, and whatever a device calls itself, a line stays a line.
"""

import logging
import os
import socket
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from logging.handlers import SysLogHandler
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.normal import one_line
from auditor.targets.notify import Notify, syslog_address
from auditor.targets.secrets import Vault

if TYPE_CHECKING:
    from apprise import Apprise

MOST_LINES = 20
_LINE = 300
# Exit code → the severity of syslog (RFC 5424, 6.2.1); any other is an error.
SEVERITIES = {1: logging.WARNING, 3: logging.INFO}
# What chats take for a call to everybody, or for markup.
_MARKS = str.maketrans({"@": "\uff20", "<": "\u2039", ">": "\u203a"})


def news_text(lines: Sequence[str], most: int = MOST_LINES) -> str:
    """Return what is sent: a line an event, without control characters; empty without events."""
    shown = [line for line in (one_line(line, _LINE) for line in lines) if line]
    more = [f"and {len(shown) - most} more"] if len(shown) > most else []
    return "\n".join([*shown[:most], *more])


class Channels:
    """Where news go; made before anybody is contacted, so that a mistake is refused in time."""

    def __init__(self, notify: Notify, vault: Vault, now: Callable[[], datetime]) -> None:
        self._syslog, self._now = notify.syslog, now
        self._apprise = _apprise(notify.apprise, vault) if notify.apprise else None

    @property
    def reach_anybody(self) -> bool:
        """Tell whether the configuration names anybody who is told."""
        return bool(self._apprise is not None or self._syslog)

    def send(self, title: str, text: str, code: int, warn: Callable[[str], None]) -> None:
        """Send a text to each; a failure is one warning a channel and ends nothing."""
        if not text:
            return
        if self._apprise is not None:
            with _silence():
                went = _notify(self._apprise, title, text)
            if not went:
                warn("the news could not be sent by apprise; the run itself is not touched by that")
        if self._syslog:
            try:
                _log(self._syslog, text, SEVERITIES.get(code, logging.ERROR), self._now())
            except OSError as exc:
                warn(f"the news could not be sent to syslog: {exc.strerror or type(exc).__name__}")


def _apprise(names: Sequence[str], vault: Vault) -> "Apprise":
    """Return apprise with the addresses the credentials name; else a `UsageError`."""
    urls = {name: vault.fetch(name, "url") for name in names}
    with _silence():
        try:
            import apprise
        except ImportError:
            advice = "pip install 'network-equipment-auditor[notify]'"
            raise UsageError(f"apprise is not installed; {advice}", where="notify.apprise") from None
        channels = apprise.Apprise(asset=apprise.AppriseAsset(app_id="auditor", async_mode=False))
        for name, url in urls.items():
            if not channels.add(url):
                raise UsageError("apprise does not know this sort of address", where=f"credential {name}")
    return channels


def _notify(channels: "Apprise", title: str, text: str) -> bool:
    from apprise import NotifyFormat

    try:
        return bool(channels.notify(title=title, body=text.translate(_MARKS), body_format=NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001 - a plugin of whatever quality; news are never worth a run
        return False


@contextmanager
def _silence() -> Iterator[None]:
    """Log nothing meanwhile: libraries log the address of a request, which is a secret.

    Nor is a person bothered with what some plugin uses that is deprecated.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _log(where: str, text: str, level: int, at: datetime) -> None:
    """Send a message a line in the form of RFC 5424, over UDP (RFC 5426) or to a local socket."""
    handler = _Syslog(syslog_address(where), facility=SysLogHandler.LOG_DAEMON)
    handler.append_nul = False
    head = f"1 {at.isoformat(timespec='milliseconds')} {socket.gethostname() or '-'} auditor {os.getpid()} news -"
    try:
        for line in text.splitlines():
            # What is no ASCII is marked as UTF-8 (6.4).
            body = line if line.isascii() else f"\ufeff{line}"
            handler.emit(logging.LogRecord("auditor.news", level, "", 0, f"{head} {body}", None, None))
    finally:
        handler.close()


class _Syslog(SysLogHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the standard library
        """Raise what went wrong: whoever sends tells it in a line."""
        del record
        raise  # noqa: PLE0704 - called by `emit` while it handles the exception
