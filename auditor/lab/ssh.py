"""SSH servers of the lab: recorded sessions behind a real login, over paramiko."""

import logging
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import paramiko

from auditor.lab.shell import Shell, ShellAnswer

PAGE_LINES = 24
MORE = "  ---- More ----"
# paramiko's server tells tracebacks of every caller that hangs up, as a sweep does; nobody needs to read those.
_LOG = f"{__name__}.transport"
logging.getLogger(_LOG).setLevel(logging.CRITICAL + 1)
_WAIT = 10.0
_IDLE = 120.0
_POLL = 0.2
# A device takes its time over a password; paramiko's client may miss an answer that comes before it begins to listen.
_PONDERS = 0.05
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """One SSH server: address, name, what it plays, who is let in (empty: nobody)."""

    address: str
    port: int
    banner: str
    transcript: str
    user: str = ""
    password: str = field(default="", repr=False)
    enable: str = field(default="", repr=False)


class SshServers:
    """Plays hosts over SSH; the constructor binds, `start` serves until `close`."""

    def __init__(self, hosts: Iterable[SshHost]) -> None:
        self.stats: Counter[str] = Counter()
        self.commands: list[tuple[str, str]] = []
        self.key = paramiko.ECDSAKey.generate()
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        for host in hosts:
            listener = socket.create_server((host.address, host.port), backlog=32)
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, host)

    def known_hosts(self) -> str:
        """Return the lines an OpenSSH known_hosts file needs to trust these servers."""
        hosts = [key.data for key in self._selector.get_map().values()]
        return "".join(
            f"[{host.address}]:{host.port} {self.key.get_name()} {self.key.get_base64()}\n" for host in hosts
        )

    def start(self) -> None:
        """Accept connections until `close`."""
        if self._selector.get_map():
            self._spawn(self._accept)

    def close(self) -> None:
        """End every session and free every socket."""
        self._stopped.set()
        for thread in list(self._threads):
            thread.join(_WAIT)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()

    def count(self, what: str) -> None:
        """Count one event; sessions run in threads of their own."""
        with self._lock:
            self.stats[what] += 1

    def note_line(self, host: SshHost, line: str) -> None:
        """Note one line a session typed."""
        with self._lock:
            self.commands.append((host.address, line))

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            for key, _ in self._selector.select(_POLL):
                if isinstance(key.fileobj, socket.socket):
                    connection, _peer = key.fileobj.accept()
                    self.count("ssh_connections")
                    self._spawn(self._serve, connection, key.data)

    def _serve(self, connection: socket.socket, host: SshHost) -> None:
        connection.setblocking(True)
        transport = paramiko.Transport(connection)
        transport.set_log_channel(_LOG)
        try:
            if host.banner:
                transport.local_version = host.banner
            transport.add_server_key(self.key)
            door = _Door(host, self)
            transport.start_server(server=door)
            channel = transport.accept(_WAIT)
            if channel is not None and door.shell_wanted.wait(_WAIT):
                self.count("ssh_sessions")
                _Session(channel, host, self).run(self._stopped)
        except (paramiko.SSHException, EOFError, OSError):
            # A client that goes away in the middle is every day's business of a server.
            self.count("ssh_broken")
        finally:
            transport.close()
            connection.close()


class _Door(paramiko.ServerInterface):  # type: ignore[misc]  # paramiko ships no types
    """Lets one user in, and opens shells."""

    def __init__(self, host: SshHost, servers: SshServers) -> None:
        self.shell_wanted = threading.Event()
        self._host = host
        self._servers = servers

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 - paramiko's signature
        """Offer passwords only."""
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        """Let the one user in; count the others."""
        time.sleep(_PONDERS)
        if self._host.user and (username, password) == (self._host.user, self._host.password):
            return int(paramiko.AUTH_SUCCESSFUL)
        self._servers.count("failed_logins")
        return int(paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 - paramiko's signature
        """Open sessions and nothing else."""
        return int(paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED)

    def check_channel_pty_request(self, *_: object) -> bool:
        """Pretend to have a terminal."""
        return True

    def check_channel_window_change_request(self, *_: object) -> bool:
        """Take any size."""
        return True

    def check_channel_shell_request(self, channel: object) -> bool:  # noqa: ARG002 - paramiko's signature
        """Begin the session."""
        self.shell_wanted.set()
        return True


class _Session:
    """One person, or program, at one prompt."""

    def __init__(self, channel: paramiko.Channel, host: SshHost, servers: SshServers) -> None:
        self._channel = channel
        self._host = host
        self._servers = servers
        self._shell = Shell(host.transcript)
        self._stopped = threading.Event()
        self._echo = True
        channel.settimeout(_POLL)

    def run(self, stop: threading.Event) -> None:
        """Talk until the other side leaves or the lab closes."""
        self._stopped = stop
        lines = self._lines()
        *questions, last = self._shell.questions
        for question in questions:
            self._say(question)
            next(lines, None)
            self._say("\n")
        self._say(f"{last}\n{self._shell.prompt}" if last else self._shell.prompt)
        for line in lines:
            self._servers.note_line(self._host, line)
            answer = self._shell.enter(line)
            if answer.ends:
                break
            self._answer(answer, lines)
        self._channel.close()

    def _answer(self, answer: ShellAnswer, lines: Iterator[str]) -> None:
        if answer.asks_password:
            self._say(answer.text)
            self._echo = False
            enter = next(lines, "")
            self._echo = True
            if enter == self._host.enable:
                self._shell.let_in(answer)
            else:
                self._servers.count("failed_logins")
                self._say("\n% Access denied")
            self._say(f"\n{self._shell.prompt}")
            return
        for page in self._pages(answer.text):
            self._say(page)
            if page.endswith(MORE) and not self._read():
                return
        self._say(self._shell.prompt)

    def _pages(self, text: str) -> Iterator[str]:
        lines = [f"{line}\n" for line in text.split("\n")] if text else []
        if not self._shell.paged:
            yield "".join(lines)
            return
        for start in range(0, len(lines), PAGE_LINES):
            more = MORE if start + PAGE_LINES < len(lines) else ""
            yield "".join(lines[start : start + PAGE_LINES]) + more

    def _say(self, text: str) -> None:
        self._channel.sendall(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))

    def _lines(self) -> Iterator[str]:
        """Yield what is typed, a line at a time, with echo; passwords have none."""
        enter, last = bytearray(), b""
        while data := self._read():
            for at in range(len(data)):
                char = data[at : at + 1]
                if char == b"\n" and last == b"\r":
                    last = char
                    continue
                last = char
                if char in b"\r\n":
                    self._say("\n")
                    yield enter.decode("utf-8", "replace")
                    enter.clear()
                elif len(enter) < _LONGEST_LINE:
                    enter += char
                    if self._echo:
                        self._channel.sendall(char)

    def _read(self) -> bytes:
        """Return what came next, nothing when the other side is gone or silent for long."""
        for _ in range(int(_IDLE / _POLL)):
            if self._stopped.is_set():
                return b""
            try:
                return bytes(self._channel.recv(1024))
            except TimeoutError:
                continue
        return b""
