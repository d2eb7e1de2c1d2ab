"""One SSH session through netmiko, its only home: lines of the list out, counted octets in."""

import logging
import re
import time
import warnings
from functools import cache, partial
from typing import Any

from auditor.collect.ssh.drivers import Driver
from auditor.collect.ssh.errors import ForbiddenLineError, SessionError
from auditor.collect.ssh.keys import Keys, check
from auditor.collect.ssh.reply import ReplyReader, find_prompt
from auditor.collect.ssh.route import Way
from auditor.collect.ssh.transport import paramiko_module, transport_over
from auditor.model import Reason

CHUNK = 65_535
_PREPARE = 15.0
_NAP = 0.5
_REMEMBERED = 400
_ASKED = re.compile(r"(?:pass ?word|secret)[^\n]*$", re.IGNORECASE)
_SECRET_MARK = "(enable secret)"  # noqa: S105 - what is recorded instead of it


class CheckedChannel:
    """The channel netmiko uses: writes are checked against the driver's list, reads counted."""

    def __init__(self, channel: Any, driver: Driver, limits: tuple[int, float], secret: str) -> None:
        self.channel = channel
        self.driver = driver
        self.octets = 0
        self.max_octets, self.deadline = limits
        self.secret = secret
        self.sent: list[str] = []
        self.heard = ""

    def write_channel(self, out_data: str) -> None:
        """Send a line that is on the list; another raises `ForbiddenLineError` before it leaves."""
        for line in out_data.replace("\r", "\n").split("\n"):
            word = line if line == " " else line.strip()
            if self.secret and word == self.secret and self.sent[-1:] == ["enable"]:
                if not _ASKED.search(self.heard):
                    # A device that let us in unasked would take the secret for a command, echo it and keep it in its
                    # log.
                    self.heard = ""
                    self.channel.sendall(b"\n")
                    return
                self.sent.append(_SECRET_MARK)
            elif word == " " or self.driver.may_send(word):
                self.sent += [word] if word.strip() else []
            else:
                raise ForbiddenLineError(repr(word[:60]))
        self.heard = ""
        self.channel.sendall(out_data.encode("utf-8", "replace"))

    def read_buffer(self) -> str:
        """Return what has arrived, at most one chunk; too much or too late ends the session."""
        if time.monotonic() > self.deadline:
            raise SessionError(Reason.TIMEOUT, "the time allowed for this device is over")
        if not self.channel.recv_ready():
            if self.channel.closed or self.channel.eof_received:
                raise SessionError(Reason.CLOSED, "the device closed the session")
            return ""
        data: bytes = self.channel.recv(CHUNK)
        self.octets += len(data)
        if self.octets > self.max_octets:
            raise SessionError(Reason.LIMIT, f"more than {self.max_octets} octets of output")
        text = data.decode("utf-8", "ignore")
        self.heard = (self.heard + text)[-_REMEMBERED:]
        return text

    def read_channel(self) -> str:
        """Return what has arrived by now."""
        parts = []
        while part := self.read_buffer():
            parts.append(part)
        return "".join(parts)


class SshSession:
    """A login to one device: `open`, `ask`, always `close`; any thread may `abort` it."""

    def __init__(self, way: Way, driver: Driver, *, deadline: float, max_output: int, patience: float) -> None:
        self.way = way
        self.driver = driver
        self.deadline = deadline
        self.max_output = max_output
        self.patience = patience
        self.banner = ""
        self.prompt = ""
        self.aborted = False
        self.line: CheckedChannel | None = None
        self._echoes = True
        self._transport: Any = None
        self._netmiko: Any = None

    def connect(self, keys: Keys, name: str) -> None:
        """Agree on keys with the device and make sure it is the enrolled one."""
        timeout = min(float(self.driver.conn_timeout), self._left())
        prefer = tuple(keys.get(name, {}))
        self._transport = transport_over(self.way.sock, timeout, prefer=prefer, on_start=self._note)
        key = self._transport.get_remote_server_key()
        check(keys, name, key.get_name(), key.get_base64())

    def login(self, user: str, password: str, key_file: str) -> None:
        """Log in once: with the key file, else the password, else a key of the agent."""
        import paramiko

        self._transport.auth_timeout = min(float(self.driver.conn_timeout), self._left())
        user = (user or self.way.user) + self.driver.login_suffix
        if key_file:
            further = self._transport.auth_publickey(user, _key(key_file, password))
        elif password:
            further = self._transport.auth_password(user, password)
        else:
            agent = paramiko.Agent()
            try:
                agent_keys = agent.get_keys()
                if not agent_keys:
                    raise SessionError(Reason.NO_CREDENTIAL, "no password, no key file, and no key in an ssh-agent")
                further = self._transport.auth_publickey(user, agent_keys[0])
            finally:
                agent.close()
        if further:
            raise SessionError(Reason.AUTHENTICATION, "the device asks for a second factor")

    def open(self, secret: str) -> None:
        """Open the terminal as netmiko does for this driver; `secret` is the enable secret."""
        channel = self._transport.open_session(timeout=min(self.patience, self._left()))
        channel.settimeout(min(self.patience, self._left()))
        channel.get_pty(term="vt100", width=511, height=1000)
        channel.invoke_shell()
        self.line = CheckedChannel(channel, self.driver, (self.max_output, self.deadline), secret)
        self._netmiko = _netmiko_class(self.driver.netmiko)(
            host="device",
            device_type=self.driver.netmiko,
            secret=secret,
            auto_connect=False,
            read_timeout_override=min(_PREPARE, self._left()),
        )
        # Its naps before each look for more grow to 3 s, and nobody can wake it when the time for this device is over.
        self._netmiko.clear_buffer = partial(self._netmiko.clear_buffer, backoff_max=_NAP)
        self._netmiko.channel = self.line
        self._netmiko.remote_conn = channel
        self._netmiko.special_login_handler()
        # What BaseConnection._open does after its login, without its clean-up, which would wait and write on failure.
        self._line().write_channel(self._netmiko.RETURN)
        self._netmiko.session_preparation()
        self._find_prompt()

    def enable(self) -> bool:
        """Enter enable mode where driver and prompt need it; false where it was refused."""
        if not self.driver.enable or not self.prompt.endswith(">"):
            return True
        try:
            self._netmiko.enable()
        except (ValueError, ForbiddenLineError):
            self._find_prompt()
            return False
        self._find_prompt()
        return True

    def ask(self, command: str) -> str:
        """Send one command and return its reply, pages turned where paging stayed on."""
        line = self._line()
        line.octets = 0
        reply = ReplyReader(line, self.prompt, self._netmiko.RETURN, patience=self.patience, echoes=self._echoes)
        text = reply.to(command)
        self._echoes = reply.echoes
        return text

    def close(self) -> None:
        """Log out, end the transport's thread, close the socket and reap the proxy; never raises."""
        if self._netmiko is not None:
            try:
                self._line().write_channel(self.driver.leave + self._netmiko.RETURN)
            except Exception as exc:  # noqa: BLE001 - a session that is gone needs no farewell
                logging.getLogger(__name__).debug("no farewell: %s", type(exc).__name__)
            # netmiko's own disconnect() reads for seconds; what it leaves behind otherwise is this filter.
            logging.getLogger("netmiko").removeFilter(self._netmiko._secrets_filter)  # noqa: SLF001 - no public way
        self.abort()
        if self._transport is not None and self._transport.is_alive():
            self._transport.join(2)
        self.way.close()

    def abort(self) -> None:
        """Cut the connection, which wakes whoever waits on it."""
        self.aborted = True
        if self._transport is not None:
            self._transport.close()
        else:
            self.way.sock.close()

    def _note(self, transport: Any) -> None:
        self._transport = transport

    def identification(self) -> str:
        """Return the SSH identification string the device sent, as far as it got that far."""
        version = getattr(self._transport, "remote_version", "")
        return str(version)[:255] if version else ""

    def _left(self) -> float:
        return max(0.1, self.deadline - time.monotonic())

    def _line(self) -> CheckedChannel:
        if self.line is None:
            raise SessionError(Reason.CLOSED, "the session is not open")
        return self.line

    def _find_prompt(self) -> None:
        self.prompt = find_prompt(self._line(), self._netmiko.RETURN, min(self.patience, self._left()))


def _key(key_file: str, passphrase: str) -> Any:
    paramiko = paramiko_module()
    try:
        return paramiko.PKey.from_path(key_file, passphrase.encode() if passphrase else None)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as exc:
        # The exception may quote the file; its kind says enough.
        raise SessionError(Reason.NO_CREDENTIAL, f"the key file cannot be used: {type(exc).__name__}") from None


@cache
def _netmiko_class(name: str) -> Any:
    paramiko_module()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from netmiko.ssh_dispatcher import CLASS_MAPPER
    return CLASS_MAPPER[name]
