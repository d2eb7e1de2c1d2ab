"""The SSH host keys that are enrolled: list them, hand them on, take them over, forget one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor import ownership
from auditor.collect.ssh.keys import (
    add_keys,
    fingerprint,
    forget_host,
    key_lines,
    parse_keys,
    read_keys,
    site_file,
    site_files,
)
from auditor.errors import InputError, UsageError
from auditor.run.home import data_home, home


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledKey:
    """One host key; without a site it counts wherever a site has none of its own."""

    site: str
    host: str
    type: str
    fingerprint: str


def known_hosts(store: str) -> Path:
    """Return the file of SSH host keys, beside the store: a store and its trust go together."""
    folder = home(store)
    path = folder.known_hosts if folder else data_home() / "known_hosts"
    sites = path.with_name("known_hosts.d")
    for file in (path, *(sites.iterdir() if sites.is_dir() else [])):
        ownership.check(file)
    return path


def enrolled_keys(store: str) -> Iterator[EnrolledKey]:
    """Yield every key, as fingerprints to compare with what a device shows of itself."""
    for site, file in site_files(str(known_hosts(store))).items():
        for host, kinds in sorted(read_keys(file).items()):
            for kind, blob in sorted(kinds.items()):
                advice = f"'auditor enrol forget {host}' takes it out"
                yield EnrolledKey(site=site, host=host, type=kind, fingerprint=_fingerprint(host, blob, file, advice))


def _fingerprint(host: str, blob: str, file: str, advice: str) -> str:
    try:
        return fingerprint(blob)
    except ValueError:
        raise InputError(f"the key of {host} is no base64; {advice}", where=file) from None


def known_hosts_of(store: str, site: str) -> str:
    """Return the keys of a site (empty: of all) as a known_hosts file of OpenSSH (sshd(8))."""
    return "".join(key_lines(read_keys(site_file(str(known_hosts(store)), site))))


def take_over(source: Path, store: str, site: str, *, replace: bool) -> str:
    """Add the keys of a known_hosts file; return what came of it.

    A host with another key enrolled is left as it is unless `replace` says that a person has compared them.
    """
    ownership.check(source)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(
            f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where=str(source)
        ) from None
    keys = parse_keys(text)
    hashes = sum(line.startswith("|") for line in text.splitlines())
    if not keys:
        why = "its host names are hashed; write it with HashKnownHosts no" if hashes else "no host keys in it"
        raise InputError(f"{why}; lines are: ADDRESS TYPE KEY", where=str(source))
    for host, kinds in keys.items():
        for blob in kinds.values():
            _fingerprint(host, blob, str(source), "take the line out or fetch it again")
    left = add_keys(site_file(str(known_hosts(store)), site), keys, replace=replace)
    parts = [f"{len(keys) - len(left)} of {len(keys)} hosts enrolled"]
    parts += [f"another key is enrolled for {', '.join(left)}: compare, then --replace"] if left else []
    parts += [f"{hashes} lines with hashed host names left out"] if hashes else []
    return "; ".join(parts)


def forget(host: str, store: str, site: str) -> str:
    """Take back the key of a host; return what came of it."""
    if not forget_host(site_file(str(known_hosts(store)), site), host):
        place = f"at {site}" if site else "for every site"
        raise UsageError(f"no key is enrolled {place}; 'auditor enrol list' shows hosts and sites", where=host)
    return f"forgot the key of {host}; the next scan with --enrol takes a new one"
