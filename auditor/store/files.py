"""Writing a report: whole or not at all, never through a link or out of its folder."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from auditor.errors import OutputError

MODE = 0o644
BUFFER = 128 << 10
TOKEN = partial(secrets.token_hex, 8)


@contextlib.contextmanager
def whole_file(path: Path, mode: int = MODE, token: Callable[[], str] = TOKEN) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is whole; else what stood there stays.

    `token` names the spare file beside it and must not be guessable where others may write to the folder.
    """
    spare = path.with_name(f".{path.name[:100]}.{token()}.part")
    try:
        if is_special(path):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as file:
                yield file
            return
        # O_EXCL and O_NOFOLLOW: nobody who can write to the folder can point us at another file.
        handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(handle, "wb", buffering=BUFFER) as file:
                yield file
                file.flush()
                os.fsync(handle)
            spare.replace(path)
        finally:
            spare.unlink(missing_ok=True)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror or exc}", where=str(path)) from None
    _settle(path.parent)


def write(path: Path, content: bytes, token: Callable[[], str] = TOKEN) -> None:
    """Replace a file in one step; on any failure what stood there stays."""
    with whole_file(path, token=token) as file:
        file.write(content)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace a file in one step by pieces that are made while they are written."""
    with whole_file(path) as file:
        file.writelines(pieces)


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


def _settle(folder: Path) -> None:
    # The rename itself must reach the disk too, where a file system can sync a folder.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
