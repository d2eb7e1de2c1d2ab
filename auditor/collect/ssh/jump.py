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


def configured(address: str, ssh_config: str) -> dict[str, str]:
    """Return what an ssh_config says of a host, keys in lower case; empty without such a file."""
    path = Path(ssh_config).expanduser() if ssh_config else None
    if path is None or not path.is_file():
        return {}
    import paramiko

    found = paramiko.SSHConfig.from_path(str(path)).lookup(address)
    return {key: value for key, value in found.items() if isinstance(value, str)}


def permitted(host: str, port: int, scope: Scope, site: str) -> list[str]:
    """Return the addresses of a host that may be contacted, at least one, or `OutOfScopeError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        detail = f"the address of {host} cannot be told here, so nobody can tell whether it is excluded; write it as HostName"
        raise SessionError(Reason.UNREACHABLE, detail) from None
    refused: OutOfScopeError | None = None
    places = []
    for place in dict.fromkeys(str(row[4][0]) for row in found):
        try:
            scope.check(place, site)
            places.append(place)
        except OutOfScopeError as exc:
            refused = exc
    if not places and refused is not None:
        raise refused if host in refused.why else OutOfScopeError(f"{host} leads there: {refused.why}")
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
        return [] if jumps == "none" else self._through(jumps.split(","), _joined(place, port), 0)

    def _through(self, jumps: list[str], onward: str, depth: int) -> list[str]:
        """Return the ssh command through jump hosts, each pinned to the address in scope."""
        *before, last = (jump.strip() for jump in jumps)
        if depth >= _LONGEST_CHAIN:
            raise SessionError(Reason.LIMIT, f"more than {_LONGEST_CHAIN} jump hosts in a row")
        found = self._settings(last)
        port = int(found.get("port", _SSH_PORT))
        place = permitted(found.get("hostname") or last, port, self.scope, self.site)[0]
        words = ["ssh", "-F", str(Path(self.ssh_config).expanduser()), "-oBatchMode=yes", f"-oHostName={place}"]
        own = found.get("proxyjump", "none")
        if before or own != "none":
            nested = self._through(before or own.split(","), _joined(place, port), depth + 1)
            words.append("-oProxyCommand=" + shlex.join(nested).replace("%", "%%"))
        elif (proxy := found.get("proxycommand", "none")) != "none":
            self._check_words(proxy)
        else:
            words.append("-oProxyCommand=none")
        return [*words, *_key_name(found, place, port), "-W", onward, _destination(last)]

    def _settings(self, jump: str) -> dict[str, str]:
        """Return what `ssh -G` says of a jump host; it contacts nobody. First values, lower case."""
        path = str(Path(self.ssh_config).expanduser())
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the file and the word are the user's own
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
        rows = (line.partition(" ") for line in done.stdout.decode("utf-8", "replace").splitlines())
        found: dict[str, str] = {}
        for key, _, value in rows:
            found.setdefault(key.lower(), value.strip())
        return found

    def _check_words(self, command: str) -> None:
        """Ask the scope of every word of a proxy's command that names a host."""
        words = [next(filter(None, match.groups())) for match in _WORD.finditer(command.partition(" ")[2])]
        for word in dict.fromkeys([*words, *_LITERAL.findall(command)]):
            if word.isdecimal() and int(word[:6]) <= _MAX_PORT:
                continue
            host = configured(word, self.ssh_config).get("hostname", word)
            try:
                permitted(host, _SSH_PORT, self.scope, self.site)
            except SessionError:
                continue


def _key_name(found: dict[str, str], place: str, port: int) -> list[str]:
    """Return the option with which ssh looks up the host key under its usual name."""
    name = found.get("hostname", place)
    if name == place or "hostkeyalias" in found:
        return []
    return [f"-oHostKeyAlias={name if port == _SSH_PORT else f'[{name}]:{port}'}"]


def _destination(jump: str) -> str:
    return jump if jump.startswith("ssh://") else f"ssh://{jump}"


def _joined(place: str, port: int) -> str:
    return f"[{place}]:{port}" if ":" in place else f"{place}:{port}"
