"""paramiko's transport with two of its waits mended. Imported when the first session opens."""

import logging
import threading
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

_PAUSE = 0.01
_GRACE = 5.0
# Offered last, so that a device which can do better does; old gear can do nothing else.
LEGACY = {
    "kex": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "keys": ["ssh-rsa"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
}


@cache
def paramiko_module() -> Any:
    """Import paramiko once, quietly: it names TripleDES, of which cryptography warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paramiko
    # Its transport logs what a device sends and prints tracebacks of a thread; our own records say what happened.
    for name in ("paramiko", "netmiko"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return paramiko


@cache
def transport_class() -> Any:
    """Return a transport that asks for the login service once, with a limit to its patience.

    paramiko's plain one asks again before keyboard-interactive, which strict servers refuse; its own cure for that
    waits for ever.
    """
    paramiko = paramiko_module()
    base: Any = paramiko.ServiceRequestingTransport
    handler = _handler_class()

    class OneService(base):  # type: ignore[misc]  # paramiko ships no types
        def get_auth_handler(self) -> Any:
            return handler(self)

        def ensure_session(self) -> None:
            """Ask for the login service and wait for it, for the end or for the deadline."""
            if self._service_userauth_accepted:
                return
            message = paramiko.Message()
            message.add_byte(bytes([paramiko.common.MSG_SERVICE_REQUEST]))
            message.add_string("ssh-userauth")
            self._send_message(message)
            until = time.monotonic() + self.auth_timeout
            while not self._service_userauth_accepted:
                if not self.active:
                    raise self.get_exception() or EOFError
                if time.monotonic() > until:
                    raise paramiko.AuthenticationException("Authentication timeout.")
                time.sleep(_PAUSE)
            self.auth_handler = self.get_auth_handler()

    return OneService


@cache
def _handler_class() -> Any:
    """Return a login handler that makes its event before the login is sent, not after it."""
    base: Any = paramiko_module().auth_handler.AuthOnlyHandler

    class Prompt(base):  # type: ignore[misc]  # paramiko ships no types
        _event: threading.Event | None = None

        @property
        def auth_event(self) -> threading.Event | None:
            return self._event

        @auth_event.setter
        def auth_event(self, _late: object) -> None:
            pass

        def send_auth_request(self, *request: Any) -> Any:
            self._event = threading.Event()
            return super().send_auth_request(*request)

    return Prompt


def transport_over(
    sock: Any,
    timeout: float,
    *,
    prefer: tuple[str, ...] = (),
    on_start: Callable[[Any], None] = lambda _transport: None,
) -> Any:
    """Return a paramiko transport that has agreed on keys; old algorithms come last.

    `prefer` names the key types a host was enrolled with, so that a server with several shows the one we know.
    """
    sock.settimeout(timeout)
    transport = transport_class()(sock)
    on_start(transport)
    transport.daemon = True
    transport.banner_timeout = timeout
    # paramiko tells silence in the key exchange as an end of file; our own wait, which ends before, tells it as
    # silence.
    transport.handshake_timeout = timeout + _GRACE
    options = transport.get_security_options()
    first = [kind for name in prefer for kind in _signatures(name)]
    kinds = sorted(options.key_types, key=lambda kind: (kind not in first, kind in LEGACY["keys"]))
    options.key_types = kinds
    options.kex = sorted(options.kex, key=lambda kind: kind in LEGACY["kex"])
    options.ciphers = sorted(options.ciphers, key=lambda kind: kind in LEGACY["ciphers"])
    try:
        transport.start_client(timeout=timeout)
    except BaseException:
        transport.close()
        transport.join(2)
        raise
    return transport


def _signatures(key_type: str) -> tuple[str, ...]:
    """Return the signature algorithms one kind of key can make (RFC 8332 for RSA)."""
    return ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa") if key_type == "ssh-rsa" else (key_type,)
