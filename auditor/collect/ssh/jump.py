"""What an ssh_config makes of an address: another name, jump hosts, a proxy, all in scope."""

import os
import re
import shlex
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from auditor.collect.ssh.errors import SessionError
from auditor.errors import OutOfScopeError
from auditor.model import Reason, Scope

# A child gets what ssh needs and none of our variables, some of which hold secrets.
_CHILD_ENVIRONMENT = ("HOME", "LANG", "LOGNAME", "PATH", "SSH_AUTH_SOCK", "USER")
_SSH_PORT = 22
_LONGEST_CHAIN = 8
_PATIENCE = 10.0
# What may name a host in a proxy's command: words without a slash, `user@host:port` and brackets included.
_WORD = re.compile(
    r"(?<![\w./-])(?:[\w.+-]+@)?(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Fa-f:]*::?[0-9A-Fa-f:.]+)|(\w[\w.-]*))(?![\w/])"
)
_LITERAL = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_MAX_PORT = 65_535


def child_environment() -> dict[str, str]:
    """Return the variables a child process may see."""
    return {name: os.environ[name] for name in _CHILD_ENVIRONMENT if name in os.environ}


def settings_of(address: str, ssh_config: str) -> dict[str, str]:
    """Return what an ssh_config says of a host, keys in lower case; empty without such a file."""
    path = Path(ssh_config).expanduser() if ssh_config else None
    if path is None or not path.is_file():
        return {}
    import paramiko

    settings = paramiko.SSHConfig.from_path(str(path)).lookup(address)
    return {key: value for key, value in settings.items() if isinstance(value, str)}


def permit(host: str, port: int, scope: Scope, site: str) -> list[str]:
    """Return the addresses of a host that may be contacted, at least one, or `OutOfScopeError`."""
    try:
        settings = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        unknown = f"the address of {host} cannot be told here, so nobody can tell whether it is excluded"
        detail = f"{unknown}; write it as HostName"
        raise SessionError(Reason.UNREACHABLE, detail) from None
    refusal: OutOfScopeError | None = None
    places = []
    for place in dict.fromkeys(str(row[4][0]) for row in settings):
        try:
            scope.check(place, site)
            places.append(place)
        except OutOfScopeError as exc:
            refusal = exc
    if not places and refusal is not None:
        raise refusal if host in refusal.why else OutOfScopeError(f"{host} leads there: {refusal.why}")
    return places


@dataclass(frozen=True, slots=True)
class Jumps:
    """The jump hosts and proxies of one ssh_config; `scope` is asked of every one."""

    ssh_config: str
    scope: Scope
    site: str

    def command(self, hop: dict[str, str], place: str, port: int) -> list[str]:
        """Return the command whose stdin and stdout reach an address; empty for none."""
        if (proxy := hop.get("proxycommand", "none")) != "none":
            self._check_words(proxy)
            return shlex.split(proxy)
        jumps = hop.get("proxyjump", "none")
        return [] if jumps == "none" else self._through(jumps.split(","), _join(place, port), 0)

    def _through(self, jumps: list[str], onward: str, depth: int) -> list[str]:
        """Return the ssh command through jump hosts, each pinned to the address in scope."""
        *before, last = (jump.strip() for jump in jumps)
        if depth >= _LONGEST_CHAIN:
            raise SessionError(Reason.LIMIT, f"more than {_LONGEST_CHAIN} jump hosts in a row")
        settings = self._settings(last)
        port = int(settings.get("port", _SSH_PORT))
        place = permit(settings.get("hostname") or last, port, self.scope, self.site)[0]
        words = ["ssh", "-F", str(Path(self.ssh_config).expanduser()), "-oBatchMode=yes", f"-oHostName={place}"]
        own = settings.get("proxyjump", "none")
        if before or own != "none":
            inner = self._through(before or own.split(","), _join(place, port), depth + 1)
            words.append("-oProxyCommand=" + shlex.join(inner).replace("%", "%%"))
        elif (proxy := settings.get("proxycommand", "none")) != "none":
            self._check_words(proxy)
        else:
            words.append("-oProxyCommand=none")
        return [*words, *_key_name(settings, place, port), "-W", onward, _destination(last)]

    def _settings(self, jump: str) -> dict[str, str]:
        """Return what `ssh -G` says of a jump host; it contacts nobody. First values, lower case."""
        path = str(Path(self.ssh_config).expanduser())
        try:
            result = subprocess.run(  # noqa: S603 - no shell; the file and the word are the user's own
                ["ssh", "-G", "-F", path, _destination(jump)],  # noqa: S607 - whichever ssh the user has
                capture_output=True,
                check=True,
                timeout=_PATIENCE,
                env=child_environment(),
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise FileNotFoundError(2, "ssh is not installed") from None
        except subprocess.SubprocessError:
            raise SessionError(Reason.UNREACHABLE, f"ssh cannot tell what the jump host {jump} is") from None
        rows = (line.partition(" ") for line in result.stdout.decode("utf-8", "replace").splitlines())
        settings: dict[str, str] = {}
        for key, _, value in rows:
            settings.setdefault(key.lower(), value.strip())
        return settings

    def _check_words(self, command: str) -> None:
        """Ask the scope of every word of a proxy's command that names a host."""
        words = [next(filter(None, match.groups())) for match in _WORD.finditer(command.partition(" ")[2])]
        for word in dict.fromkeys([*words, *_LITERAL.findall(command)]):
            if word.isdecimal() and int(word[:6]) <= _MAX_PORT:
                continue
            host = settings_of(word, self.ssh_config).get("hostname", word)
            try:
                permit(host, _SSH_PORT, self.scope, self.site)
            except SessionError:
                continue


def _key_name(settings: dict[str, str], place: str, port: int) -> list[str]:
    """Return the option with which ssh looks up the host key under its usual name."""
    name = settings.get("hostname", place)
    if name == place or "hostkeyalias" in settings:
        return []
    return [f"-oHostKeyAlias={name if port == _SSH_PORT else f'[{name}]:{port}'}"]


def _destination(jump: str) -> str:
    return jump if jump.startswith("ssh://") else f"ssh://{jump}"


def _join(place: str, port: int) -> str:
    return f"[{place}]:{port}" if ":" in place else f"{place}:{port}"
