"""Writing a report: whole or not at all, never through a link, never outside the folder asked for."""

import contextlib
import os
import secrets
from pathlib import Path

from auditor.errors import OutputError
from auditor.normal import file_name

MODE = 0o644


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step; on any failure what stood there stays and no half-written file is left."""
    spare = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        _fill(spare, content)
        spare.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            spare.unlink()
        raise OutputError(f"cannot be written: {exc.strerror or exc}", where=str(path)) from None
    _settle(path.parent)


def inside(folder: Path, *words: str, suffix: str) -> Path:
    """Return a path directly in a folder, however hostile the words its name is made of."""
    return folder / f"{file_name('-'.join(words))}.{file_name(suffix)}"


def _fill(path: Path, content: bytes) -> None:
    # O_EXCL and O_NOFOLLOW: nobody who can write to the folder can point us at another file.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    # The rename itself must reach the disk too; some file systems cannot sync a folder, and then there is nothing to do.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
