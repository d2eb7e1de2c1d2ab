"""The journal of a stored run: ended by its devices' numbers, packed, the same content."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, OutputError
from auditor.formats import journal
from auditor.store.home import Home

SUFFIX = ".gz"
# Twice as quick as gzip's own level, and a sixteenth longer at most.
LEVEL = 4
_LAST = f'{{"type":"{journal.DEVICES}"'.encode()


def packed_name(path: Path, home: Home | None) -> Path | None:
    """Return what a journal is called once packed; one that a person named is not."""
    if home is None or path.absolute() != home.journal(path.stem).absolute():
        return None
    return path.with_name(f"{path.name}{SUFFIX}")


def content_digest(path: Path) -> str:
    """Return the SHA-256 of what a journal records, packed or not, without its last numbers.

    A file that cannot be read is an `InputError`; a device or a pipe has no digest.
    """
    if path.exists() and not path.is_file():
        return ""
    content = hashlib.sha256()
    try:
        for line in _lines(path):
            if not line.startswith(_LAST):
                content.update(line)
    except (OSError, EOFError) as exc:
        problem = getattr(exc, "strerror", None) or exc
        raise InputError(f"cannot be read: {problem}", where=str(path)) from None
    return content.hexdigest()


def end_journal(path: Path, archive: Path | None, devices: Mapping[str, str]) -> None:
    """Write the numbers of devices as a journal's last line; pack it where that is asked."""
    if not path.is_file():
        return
    line = f"{journal.encode_devices(devices)}\n".encode()
    try:
        if archive is None:
            file = ownership.open_file(path, os.O_WRONLY | os.O_APPEND, follow=False)
            with os.fdopen(file, "ab") as stream:
                stream.write(line)
            return
        _pack(path, archive, line)
    except OSError as exc:
        raise OutputError(f"cannot end the journal: {exc.strerror}", where=str(path)) from None


def unpack(path: Path) -> None:
    """Make the journal of a stored run one that can be gone on with, where it was packed."""
    archive = path.with_name(f"{path.name}{SUFFIX}")
    if archive.is_file():
        ownership.check(archive, follow=False)
        ownership.replace_file(path, b"".join(line for line in _lines(archive) if not line.startswith(_LAST)))
        archive.unlink()


def _pack(path: Path, archive: Path, line: bytes) -> None:
    spare = archive.with_name(f".{archive.name}.part")
    spare.unlink(missing_ok=True)
    file = ownership.open_file(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, follow=False)
    try:
        with os.fdopen(file, "wb") as out, gzip.GzipFile("", "wb", LEVEL, out, 0) as stream:
            with path.open("rb") as content:
                shutil.copyfileobj(content, stream, 1 << 20)
            stream.write(line)
            stream.flush()
            os.fsync(file)
        spare.replace(archive)
    finally:
        spare.unlink(missing_ok=True)
    path.unlink()


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if is_packed else path.open("rb") as stream:
        yield from stream
