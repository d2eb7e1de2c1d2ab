"""What a report rests on, by SHA-256, signed with an ssh key where asked for.

A manifest is JSON with sorted keys. It is signed as `ssh-keygen -Y sign -n auditor` does (PROTOCOL.sshsig of
OpenSSH), so that anybody with OpenSSH can check it without this program.
"""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from auditor.errors import InputError, OutputError, UsageError
from auditor.normal import one_line

FORMAT = 1
NAME = "manifest.json"
SIGNATURE = f"{NAME}.sig"
NAMESPACE = "auditor"
SHOWN = 20
EXAMPLES = 3
PATIENCE_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One file by name, SHA-256 and length in octets."""

    name: str
    sha256: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One run and its files. `tables` gives digests or versions; `purposes` are the user's.

    `organisation` is who asked, None where nobody said; `evidence` are the files attached to its devices, which lie
    beside the store.
    """

    run: str
    as_of: str
    finished: str
    tool: str
    document: str
    journal: Digest
    tables: Mapping[str, str]
    purposes: Mapping[str, tuple[str, ...]]
    files: tuple[Digest, ...]
    organisation: Mapping[str, Any] | None = None
    evidence: tuple[Digest, ...] = ()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some octets in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest(path: Path, name: str = "") -> Digest:
    """Return the digest of a file; a file that cannot be read is an `InputError`."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=str(path)) from None
    return Digest(name=name or path.name, sha256=sha256(content), length=len(content))


def folder_digest(folders: Iterable[Traversable]) -> str:
    """Return one SHA-256 over the data files of some folders and their names."""
    lines = [
        f"{file.name}\0{sha256(file.read_bytes())}\n"
        for folder in folders
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.is_file() and file.name.endswith((".toml", ".tsv"))
    ]
    return sha256("".join(lines).encode())


def inside(folder: Path) -> tuple[Digest, ...]:
    """Return the digests of the regular files of a folder but manifest, signature, hidden ones."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = [(path, path.relative_to(folder).as_posix()) for path in paths]
    return tuple(
        digest(path, name) for path, name in names if not name.startswith(".") and name not in {NAME, SIGNATURE}
    )


def encode(manifest: Manifest) -> bytes:
    """Return a manifest as JSON; the same manifest gives the same bytes."""
    text = json.dumps({"manifest": FORMAT} | asdict(manifest), indent=1, sort_keys=True, ensure_ascii=True)
    return f"{text}\n".encode()


def decode(content: bytes, name: str) -> Manifest:
    """Return the manifest in a file; what is none is an `InputError`."""
    try:
        top: Any = json.loads(content)
        if top["manifest"] != FORMAT:
            raise InputError(f"is of format {top['manifest']!r:.20}, this auditor knows {FORMAT}", where=name)
        return Manifest(
            **{key: str(top[key]) for key in ("run", "as_of", "finished", "tool", "document")},
            journal=_digest(top["journal"]),
            tables={str(key): str(value) for key, value in top["tables"].items()},
            purposes={str(key): tuple(map(str, value)) for key, value in top["purposes"].items()},
            files=tuple(map(_digest, top["files"])),
            organisation=top.get("organisation"),
            evidence=tuple(map(_digest, top.get("evidence", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("is no manifest of auditor", where=name) from None


def _digest(entry: Mapping[str, Any]) -> Digest:
    return Digest(name=str(entry["name"]), sha256=str(entry["sha256"]), length=int(entry["length"]))


def changed_files(manifest: Manifest, folder: Path) -> Iterator[str]:
    """Yield each file that is gone, changed, or not named in the manifest."""
    present = {one.name: one for one in inside(folder)}
    for one in manifest.files:
        now = present.pop(one.name, None)
        name = one_line(one.name)
        if now is None:
            yield f"{name}: gone"
        elif now != one:
            yield f"{name}: changed; it has {now.length} octets, the manifest says {one.length}"
    yield from (f"{one_line(name)}: not in the manifest" for name in sorted(present))


def changed_tables(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Yield each table that is not what it was."""
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{one_line(name)}: was {one_line(then.get(name, 'absent'))}, is {now.get(name, 'absent')}"


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in words what differs between two documents, `SHOWN` devices at most."""
    lines = [
        f"{key}: was {json.dumps(then.get(key))}, is {json.dumps(now.get(key))}"
        for key in ("schema", "tool", "run", "summary", "notes")
        if then.get(key) != now.get(key)
    ]
    lines += [f"table {line}" for line in changed_tables(_flat(then.get("tables", {})), _flat(now.get("tables", {})))]
    devices = list(_changed_devices(then.get("assets", []), now.get("assets", [])))
    more = [f"and {len(devices) - SHOWN} more devices"] if len(devices) > SHOWN else []
    lines += devices[:SHOWN] + more
    if then.get("unread") != now.get("unread"):
        lines.append(f"unread: {len(then.get('unread', []))} entries then, {len(now.get('unread', []))} now")
    return [one_line(line) for line in lines]


def _flat(tables: Mapping[str, Any]) -> dict[str, str]:
    policies = tables.get("policies", {})
    return {"rules": str(tables.get("rules")), "oui": str(tables.get("oui"))} | {
        f"policy {key}": str(day) for key, day in policies.items()
    }


def _changed_devices(then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    old, new = ({(item["site"], item["key"]): item for item in items} for items in (then, now))
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before is None or after is None:
            yield f"{key[1]}: {'not there then' if before is None else 'not there now'}"
        elif before != after:
            names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            yield f"{key[1]}: {', '.join(sorted(names))} differ{_verdicts(before, after)}"


def _verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return which verdicts, rules and obligations make two devices' findings differ."""
    notes = []
    for name, read in _SIDES.items():
        old, new = set(read(before)), set(read(after))
        if old != new:
            notes.append(f"{name}: {_few(old - new)} then, {_few(new - old)} now")
    return f" ({'; '.join(notes)})" if notes else ""


def _few(words: set[str]) -> str:
    first, rest = sorted(words)[:EXAMPLES], len(words) - EXAMPLES
    return ", ".join(first) + (f" and {rest} more" if rest > 0 else "") or "nothing else"


_SIDES: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "verdicts": lambda item: [f"{one['maker']} {one['verdict']}" for one in item["findings"]],
    "rules": lambda item: [proof["rule"] for one in item["findings"] for proof in one["for"] + one["against"]],
    "sources": lambda item: [
        f"{proof['rule']} from {proof['source']}" for one in item["findings"] for proof in one["for"] + one["against"]
    ],
    "obligations": lambda item: [
        f"{duty['policy']} {duty['applies']}" for one in item["findings"] for duty in one["obligations"]
    ],
}


def signature_of(path: Path) -> Path:
    """Return where the signature of a file stands."""
    return path.with_name(f"{path.name}.sig")


def sign(path: Path, key: Path) -> Path:
    """Sign a file as `ssh-keygen -Y sign` does, passphrase included; return the signature."""
    signature = signature_of(path)
    signature.unlink(missing_ok=True)
    result = _keygen(["-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(path)], b"")
    if result.returncode or not signature.is_file():
        raise OutputError(f"ssh-keygen could not sign: {_last(result)}", where=str(key))
    return signature


def check_signature(path: Path, signers: Path, identity: str) -> str:
    """Return whose signature a file carries, or raise; `signers` as in ssh-keygen(1)."""
    signature = signature_of(path)
    if not signature.is_file():
        raise InputError(f"there is no signature {signature.name} beside it", where=str(path))
    words = ["-Y", "verify", "-f", str(signers), "-I", identity, "-n", NAMESPACE, "-s", str(signature)]
    result = _keygen(words, path.read_bytes())
    if result.returncode:
        raise InputError(f"the signature is not one of {identity}: {_last(result)}", where=str(signature))
    return one_line(result.stdout.decode("utf-8", "replace"))


def _keygen(words: Sequence[str], data: bytes) -> "subprocess.CompletedProcess[bytes]":
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError("signatures need ssh-keygen of OpenSSH; install it (Debian: openssh-client)")
    try:
        return subprocess.run(  # noqa: S603 - our options and the user's paths; no shell reads them
            [program, *words], input=data, capture_output=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"ssh-keygen said nothing for {PATIENCE_S} s") from None


def _last(result: "subprocess.CompletedProcess[bytes]") -> str:
    lines = (result.stderr or result.stdout).decode("utf-8", "replace").strip().splitlines()
    return one_line(lines[-1]) if lines else f"it ended with {result.returncode}"
