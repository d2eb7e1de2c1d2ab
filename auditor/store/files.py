"""Writing a report: whole or not at all, never through a link or out of its folder."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from auditor.errors import OutputError
from auditor.normal import file_name

MODE = 0o644


def _token() -> str:
    return secrets.token_hex(8)


def write(path: Path, content: bytes, token: Callable[[], str] = _token) -> None:
    """Replace a file in one step; on any failure what stood there stays.

    `token` names the spare file beside it and must not be guessable where others may write to the folder.
    """
    if is_special(path):
        _into(path, content)
        return
    spare = path.with_name(f".{path.name[:100]}.{token()}.part")
    try:
        handle = _create(spare)
        try:
            _fill(handle, content)
            spare.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                spare.unlink()
            raise
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror or exc}", where=str(path)) from None
    _settle(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder reports go to, where there is none yet."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(f"cannot be made: {exc.strerror}", where=str(folder)) from None


def is_special(path: Path) -> bool:
    """Tell whether a path is a device or pipe, never to be replaced; a link to one is refused."""
    try:
        mode = path.lstat().st_mode
        leads = stat.S_ISLNK(mode) and not (path.is_file() or path.is_dir()) and path.exists()
    except OSError:
        return False
    if leads or stat.S_ISBLK(mode):
        raise OutputError("leads to a device or a pipe; leave --output away to write to stdout", where=str(path))
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def inside(folder: Path, *words: str, suffix: str) -> Path:
    """Return a path directly in a folder, however hostile the words its name is made of."""
    return folder / f"{file_name('-'.join(words))}.{file_name(suffix)}"


def _create(path: Path) -> int:
    # O_EXCL and O_NOFOLLOW: nobody who can write to the folder can point us at another file.
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)


def _into(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror or exc}", where=str(path)) from None


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    # The rename itself must reach the disk too; some file systems cannot sync a folder, and then there is nothing to
    # do.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
