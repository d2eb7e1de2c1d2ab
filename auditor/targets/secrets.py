"""Fetches the secret behind a credential's name at the moment of use.

It is never in a repr, a log, an argument or a child's environment.
"""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from auditor import ownership
from auditor.errors import UsageError
from auditor.targets.config import Config
from auditor.targets.source import PARTS, SecretSource

OTHERS_MAY_READ = 0o077
LONGEST = 4096
COMMAND_SECONDS = 60.0
HIDDEN = "(secret)"
# Parts that may share one secret when the configuration names only `secret`.
SHARED = frozenset({"auth_secret", "priv_secret"})

Ask = Callable[[str, str], str]


def nobody_to_ask(name: str, part: str) -> str:
    """Refuse a secret that must be typed in."""
    raise UsageError(f"the {part} must be typed in, and nobody is there to type", where=f"credential {name}")


class Vault:
    """The way to every secret of a configuration.

    `environ` is the environment, `home` the home folder, `ask` a prompt given (credential name, part). What was
    fetched is remembered for the run: a person is asked once, and no run that has begun ends for a secret that is gone.
    """

    def __init__(self, config: Config, environ: Mapping[str, str], home: Path, ask: Ask = nobody_to_ask) -> None:
        self._entries = config.credentials
        self._environ = environ
        self._home = home
        self._remembered: dict[tuple[str, str], str] = {}
        self._spellings: set[str] = set()
        self._readers: dict[str, Callable[[SecretSource, str, str], str]] = {
            "env": self._env,
            "file": self._file,
            "keyring": self._keyring,
            "systemd": self._systemd,
            "netmiko": self._netmiko,
            "ask": lambda _source, name, part: ask(name, part),
            "command": self._command,
        }

    def __repr__(self) -> str:
        return f"Vault({len(self._entries)} credentials)"

    def fetch(self, name: str, part: str) -> str:
        """Return one part of a credential (a key of `source.PARTS`); empty where it has none."""
        entry = self._entries.get(name)
        if entry is None:
            raise UsageError("no credential has this name", where=f"credential {name}")
        key = PARTS[part]
        source = entry.sources.get(key) or (entry.sources.get("secret") if key in SHARED else None)
        if source is None:
            return ""
        if (name, key) in self._remembered:
            return self._remembered[name, key]
        secret = self._readers[source.scheme](source, name, part)
        self._spellings |= _spellings(secret)
        self._remembered[name, key] = secret
        return secret

    def veil(self, text: str) -> str:
        """Return a text without any secret fetched so far: as it is, escaped, in hex or base64."""
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, HIDDEN)
        return text

    def check(self) -> list[UsageError]:
        """Return what is wrong with each secret that needs neither a person nor a command."""
        problems = []
        for name, entry in self._entries.items():
            for key, source in entry.sources.items():
                if source.scheme in {"ask", "command"}:
                    continue
                try:
                    self._readers[source.scheme](source, name, key)
                except UsageError as exc:
                    problems.append(exc)
        return problems

    def _env(self, source: SecretSource, name: str, _part: str) -> str:
        value = self._environ.get(source.rest, "")
        return value or _missing(name, f"the environment variable {source.rest} is not set")

    def _file(self, source: SecretSource, name: str, _part: str) -> str:
        path = Path(source.rest.replace("~/", f"{self._home}/", 1) if source.rest.startswith("~/") else source.rest)
        return _secret_file(path, name, strict=True)

    def _systemd(self, source: SecretSource, name: str, _part: str) -> str:
        folder = self._environ.get("CREDENTIALS_DIRECTORY", "")
        if not folder:
            _missing(name, "$CREDENTIALS_DIRECTORY is not set; the service needs LoadCredential=")
        # systemd gives the folder to the service alone, whatever the mode of the file says.
        return _secret_file(Path(folder) / source.rest, name, strict=False)

    def _keyring(self, source: SecretSource, name: str, _part: str) -> str:
        try:
            import keyring
        except ImportError:
            _missing(name, "the keyring package is not installed; pip install keyring")
        service, _, user = source.rest.partition("/")
        try:
            value = keyring.get_password(service, user)
        except Exception as exc:  # noqa: BLE001 - each backend raises its own sort
            _missing(name, f"the keyring gave {type(exc).__name__}")
        return str(value) if value else _missing(name, f"the keyring holds nothing for {service}/{user}")

    def _netmiko(self, source: SecretSource, name: str, part: str) -> str:
        path = self._home / ".netmiko.yml"
        import yaml

        try:
            devices = yaml.safe_load(_secret_file(path, name, strict=True))
        except yaml.YAMLError:
            _missing(name, f"{path} is not valid YAML")
        device = devices.get(source.rest) if isinstance(devices, dict) else None
        value = device.get("secret" if part == "enable" else "password") if isinstance(device, dict) else None
        if not isinstance(value, str) or not value:
            _missing(name, f"{path} has no device '{source.rest}' with a password")
        if value.startswith("__encrypt__"):
            _missing(name, f"the password of '{source.rest}' in {path} is encrypted; use another source")
        return value

    def _command(self, source: SecretSource, name: str, _part: str) -> str:
        argv = source.argv()
        try:
            result = subprocess.run(  # noqa: S603 - words of the user's own configuration; no shell reads them
                argv, capture_output=True, timeout=COMMAND_SECONDS, check=False, env=self._child_environment()
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            _missing(name, f"the command {argv[0]} failed: {type(exc).__name__}")
        if result.returncode:
            _missing(name, f"the command {argv[0]} ended with code {result.returncode}")
        return _first_line(result.stdout, name)

    def _child_environment(self) -> dict[str, str]:
        """Return the environment without the variables that hold secrets of other credentials."""
        secret = {
            item.rest for entry in self._entries.values() for item in entry.sources.values() if item.scheme == "env"
        }
        return {key: value for key, value in self._environ.items() if key not in secret}


def _spellings(secret: str) -> set[str]:
    """Return the ways a library might write a secret into a log."""
    raw = secret.encode("utf-8", "surrogateescape")
    ways = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], raw.hex(), base64.b64encode(raw).decode()}
    ways |= {raw.hex().upper(), raw.hex(" "), raw.hex(" ").upper(), repr(raw)[2:-1]}
    return ways - {""}


def _secret_file(path: Path, name: str, *, strict: bool) -> str:
    try:
        with os.fdopen(ownership.open_file(path) if strict else os.open(path, os.O_RDONLY), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if strict and mode & OTHERS_MAY_READ:
                _missing(name, f"{path} can be read by others (mode {mode & 0o777:04o}); chmod 600 it")
            raw = file.read(1_000_000)
    except OSError as exc:
        _missing(name, f"{path} cannot be read: {exc.strerror}")
    return raw.decode("utf-8", "surrogateescape") if path.suffix == ".yml" else _first_line(raw, name)


def _first_line(raw: bytes, name: str) -> str:
    line = raw.split(b"\n", 1)[0].rstrip(b"\r")
    if not line or len(line) > LONGEST:
        _missing(name, "the secret is empty or longer than 4,096 octets")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        _missing(name, "the secret is not UTF-8 text")


def _missing(name: str, problem: str) -> NoReturn:
    raise UsageError(problem, where=f"credential {name}") from None
