"""What went wrong on an SSH session: a changed key is no timeout, silence no wrong password."""

import errno
import socket
from pathlib import Path

from auditor import normal
from auditor.errors import AuditorError, OutOfScopeError
from auditor.model import Reason

_DETAIL_CAP = 200
_PACKAGE = Path(__file__).parents[2]
_NET = {errno.ECONNREFUSED: Reason.REFUSED, errno.ECONNRESET: Reason.CLOSED, errno.EPIPE: Reason.CLOSED}
_NET |= dict.fromkeys((errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN), Reason.UNREACHABLE)
_NET |= {errno.ETIMEDOUT: Reason.TIMEOUT}


class SessionError(Exception):
    """One session ended, for a reason that goes into the journal."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = normal.one_line(detail, _DETAIL_CAP)


class ForbiddenLineError(Exception):
    """Somebody tried to send a line that is not on the driver's list; it was not sent."""


def classify(exc: BaseException) -> SessionError:
    """Return any failure of netmiko, paramiko or the socket below them as a `SessionError`."""
    import paramiko
    from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException, ReadException, ReadTimeout

    if isinstance(exc, SessionError):
        return exc
    if isinstance(exc, (paramiko.AuthenticationException, NetmikoAuthenticationException)):
        return _login(str(exc))
    if isinstance(exc, paramiko.SSHException):
        return _ssh(str(exc), exc.__context__)
    if isinstance(exc, OSError):
        return _network(exc)
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Reason, str], ...] = (
        # A secret that cannot be fetched; what other credentials can read is read all the same.
        (AuditorError, Reason.NO_CREDENTIAL, str(exc)),
        (ForbiddenLineError, Reason.PROTOCOL, f"the session wanted a line that is not allowed: {exc}"),
        ((ReadTimeout, NetmikoTimeoutException), Reason.TIMEOUT, "no prompt where one was expected"),
        ((EOFError, ReadException), Reason.CLOSED, "the device closed the connection"),
    )
    for kind, reason, detail in kinds:
        if isinstance(exc, kind):
            return SessionError(reason, detail)
    if not isinstance(exc, ValueError) and _raised_here(exc):
        raise exc
    return SessionError(Reason.PROTOCOL, f"{type(exc).__name__}: {exc}")


def _raised_here(exc: BaseException) -> bool:
    """Tell whether our own code raised an error, a bug; hostile text makes netmiko raise any."""
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and Path(last.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE)


def _login(text: str) -> SessionError:
    if "timeout" in text.lower():
        return SessionError(Reason.TIMEOUT, "no answer to the login; this is no wrong password")
    if "shut down" in text or "EOF" in text:
        return SessionError(Reason.CLOSED, "the device closed the connection during login")
    return SessionError(Reason.AUTHENTICATION, "the device refused the login")


def _ssh(text: str, before: BaseException | None) -> SessionError:
    word = text.lower()
    if "banner" in word and isinstance(before, (EOFError, ConnectionError)):
        # paramiko says the same of a reset and of silence; what it was caught from tells them apart.
        return SessionError(Reason.CLOSED, "the device closed the connection before it said what it is")
    if "banner" in word:
        return SessionError(Reason.TIMEOUT, "no SSH identification string within the time allowed")
    if "no existing session" in word or "timed out" in word or "timeout" in word:
        return SessionError(Reason.TIMEOUT, "the SSH session did not open in the time allowed")
    return SessionError(Reason.PROTOCOL, text)


def _network(exc: OSError) -> SessionError:
    if isinstance(exc, OutOfScopeError):
        return SessionError(Reason.EXCLUDED, exc.why)
    if isinstance(exc, socket.gaierror):
        return SessionError(Reason.UNREACHABLE, "the name is not known")
    if isinstance(exc, TimeoutError):
        return SessionError(Reason.TIMEOUT, "no answer")
    reason = _NET.get(exc.errno or 0, Reason.UNREACHABLE)
    return SessionError(reason, (exc.strerror or str(exc) or type(exc).__name__).lower())
