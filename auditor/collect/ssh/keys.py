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
from typing import Any
from urllib.parse import quote, unquote

from auditor.collect.ssh.errors import SessionError, classify
from auditor.collect.ssh.route import reach
from auditor.collect.ssh.transport import transport_over
from auditor.errors import OutputError
from auditor.model import Reason, Scope, Target
from auditor.parse import services
from auditor.snmp.pace import Gate

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
    return parse_keys(file.read_text(encoding="utf-8", errors="replace") if path and file.is_file() else "")


def parse_keys(text: str) -> Keys:
    """Return the keys in the text of a known_hosts file, but those of marked or hashed hosts."""
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


def site_files(known_hosts: str) -> dict[str, str]:
    """Return the file of each site with host keys of its own; an empty name means all sites."""
    own = sorted(Path(f"{known_hosts}.d").expanduser().glob("site-*"))
    own = [file for file in own if file.suffix != ".lock"]
    return {"": known_hosts} | {unquote(file.name.removeprefix("site-")): str(file) for file in own}


def site_keys(known_hosts: str, site: str) -> Keys:
    """Return the keys that count at a site: its own before those of every site."""
    own = read_keys(site_file(known_hosts, site)) if site else {}
    return {**read_keys(known_hosts), **own}


def check(keys: Keys, name: str, key_type: str, blob: str) -> None:
    """Raise a `SessionError` unless a host showed the key it was enrolled with."""
    types = keys.get(name)
    if not types:
        raise SessionError(
            Reason.HOST_KEY,
            f"{name} is not enrolled; its key is {fingerprint(blob)}: compare it with the device's own, then scan once "
            "with --enrol or give the key to 'auditor enrol import'",
        )
    if types.get(key_type) != blob:
        raise SessionError(
            Reason.HOST_KEY,
            f"the host key of {name} has changed; it shows {fingerprint(blob)}: if the device was replaced or reset, "
            f"'auditor enrol forget' takes the old one back",
        )


def fingerprint(blob: str) -> str:
    """Return a key's SHA-256 fingerprint as OpenSSH prints it."""
    digest = hashlib.sha256(base64.b64decode(blob)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def enrol(target: Target, known_hosts: str, scope: Scope, *, replace: bool = False, **way: Any) -> str:
    """Fetch a device's host key, write it to its site's file, return its fingerprint.

    A key that differs from an enrolled one is refused with reason `host-key` unless `replace` says a person has checked
    it. `way` may name `ssh_config`, `gate` and the `patience`: seconds for the connection, and for the keys after it.
    """
    port = services.port("ssh", target)
    name, (key_type, blob) = host_name(target.address, port), _fetch(target, scope, **way)
    path = site_file(known_hosts, target.site)
    with _ENROLLING, _lock(path) as file:
        keys, site_wide = read_keys(path), site_keys(known_hosts, target.site)
        if site_wide.get(name) and not replace:
            check(site_wide, name, key_type, blob)
            return fingerprint(blob)
        keys[name] = {key_type: blob}
        _write(file, keys)
    return fingerprint(blob)


def _fetch(
    target: Target,
    scope: Scope,
    *,
    ssh_config: str = "",
    gate: Gate | None = None,
    patience: tuple[float, float] = (_ENROL_TIMEOUT, _ENROL_TIMEOUT),
) -> tuple[str, str]:
    try:
        way = reach(target, ssh_config, patience[0], scope, gate)
    except OSError as exc:
        raise classify(exc) from None
    try:
        transport = transport_over(way.sock, patience[1])
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


def add_keys(path: str, new: Keys, *, replace: bool = False) -> list[str]:
    """Write keys to a known_hosts file; return the hosts left out, as they have another key."""
    with _ENROLLING, _lock(path) as file:
        keys, left = read_keys(path), list[str]()
        for name, types in new.items():
            own = keys.get(name, {})
            if not replace and any(own.get(kind, blob) != blob for kind, blob in types.items()):
                left.append(name)
            else:
                keys[name] = dict(types) if replace else own | types
        _write(file, keys)
    return left


def forget_host(path: str, name: str) -> bool:
    """Take a host out of a known_hosts file; tell whether it was there."""
    with _ENROLLING, _lock(path) as file:
        keys = read_keys(path)
        if keys.pop(name, None) is None:
            return False
        _write(file, keys)
    return True


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


def key_lines(keys: Keys) -> Iterator[str]:
    """Yield the lines of a known_hosts file (sshd(8)), one for each key."""
    for name, kinds in sorted(keys.items()):
        yield from (f"{name} {kind} {blob}\n" for kind, blob in sorted(kinds.items()))


def _write(file: Path, keys: Keys) -> None:
    rows = key_lines(keys)
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
