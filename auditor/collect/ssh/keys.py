"""Host keys: our own known_hosts files, strict when collecting; enrolment is its own step.

Two sites may use one address, so each site has a file of its own in `known_hosts.d/`, which OpenSSH reads as it is. The
file `known_hosts` beside it counts for every site that has no key of its own for an address.
"""

import base64
import fcntl
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from auditor.collect.ssh.errors import SessionError, classify
from auditor.collect.ssh.route import reach
from auditor.collect.ssh.transport import transport_over
from auditor.errors import OutputError
from auditor.model import Reason, Scope, Target
from auditor.parse import services

_ENROLLING = threading.Lock()
_ENROL_TIMEOUT = 30.0
_SSH_PORT = 22

Keys = dict[str, dict[str, str]]


def host_name(address: str, port: int) -> str:
    """Return a host as known_hosts has it: the address, or `[address]:port` off port 22."""
    return address if port == _SSH_PORT else f"[{address}]:{port}"


def read_keys(path: str) -> Keys:
    """Return the keys of a known_hosts file, host → key type → base64; none without a file."""
    file = Path(path).expanduser()
    text = file.read_text(encoding="utf-8", errors="replace") if path and file.is_file() else ""
    keys: Keys = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or line.startswith(("#", "@", "|")):  # noqa: PLR2004 - host, type, key
            continue
        for name in words[0].split(","):
            keys.setdefault(name, {})[words[1]] = words[2]
    return keys


def site_file(known_hosts: str, site: str) -> str:
    """Return the file of a site's host keys; without a site `known_hosts` itself."""
    return f"{known_hosts}.d/site-{quote(site, safe='')}" if site and known_hosts else known_hosts


def site_keys(known_hosts: str, site: str) -> Keys:
    """Return the keys that count at a site: its own before those of every site."""
    own = read_keys(site_file(known_hosts, site)) if site else {}
    return {**read_keys(known_hosts), **own}


def check(keys: Keys, name: str, key_type: str, blob: str) -> None:
    """Raise a `SessionError` unless a host showed the key it was enrolled with."""
    types = keys.get(name)
    if not types:
        raise SessionError(Reason.HOST_KEY, f"{name} is not enrolled; its key is {fingerprint(blob)}")
    if types.get(key_type) != blob:
        raise SessionError(Reason.HOST_KEY, f"the host key of {name} has changed; it shows {fingerprint(blob)}")


def fingerprint(blob: str) -> str:
    """Return a key's SHA-256 fingerprint as OpenSSH prints it."""
    digest = hashlib.sha256(base64.b64decode(blob)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def enrol(target: Target, known_hosts: str, scope: Scope, *, ssh_config: str = "", replace: bool = False) -> str:
    """Fetch a device's host key, write it to its site's file, return its fingerprint.

    A key that differs from an enrolled one is refused with reason `host-key` unless `replace` says a person has checked
    it.
    """
    port = services.port("ssh", target)
    name, (key_type, blob) = host_name(target.address, port), _fetch(target, ssh_config, scope)
    path = site_file(known_hosts, target.site)
    with _ENROLLING, _lock(path) as file:
        keys, site_wide = read_keys(path), site_keys(known_hosts, target.site)
        if site_wide.get(name) and not replace:
            check(site_wide, name, key_type, blob)
            return fingerprint(blob)
        keys[name] = {key_type: blob}
        _write(file, keys)
    return fingerprint(blob)


def _fetch(target: Target, ssh_config: str, scope: Scope) -> tuple[str, str]:
    try:
        way = reach(target, ssh_config, _ENROL_TIMEOUT, scope)
    except OSError as exc:
        raise classify(exc) from None
    try:
        transport = transport_over(way.sock, _ENROL_TIMEOUT)
        try:
            key = transport.get_remote_server_key()
            return key.get_name(), key.get_base64()
        finally:
            transport.close()
            transport.join(2)
    except Exception as exc:  # noqa: BLE001 - classified, never swallowed
        raise classify(exc) from None
    finally:
        way.close()


@contextmanager
def _lock(known_hosts: str) -> Iterator[Path]:
    """Hold the file's lock, so that two programs enrolling at once lose nothing."""
    file = Path(known_hosts).expanduser()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(f"{file}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(file)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(lock)


def _write(file: Path, keys: Keys) -> None:
    rows = (f"{name} {kind} {blob}\n" for name, kinds in sorted(keys.items()) for kind, blob in sorted(kinds.items()))
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".known_hosts-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.writelines(rows)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(file)
    except OSError as exc:
        Path(draft).unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(file)) from None
