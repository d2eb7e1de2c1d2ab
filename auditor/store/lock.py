"""One run at a time: an advisory lock (flock, POSIX) that ends with its process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auditor import ownership
from auditor.errors import LockedError, OutputError

LONGEST_NOTE = 200


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs; a held one is a `LockedError` naming its holder."""
    try:
        ownership.make_folder(path.parent, 0o700)
        handle = ownership.open_file(path, os.O_RDWR | os.O_CREAT, follow=False)
    except OSError as exc:
        raise OutputError(f"cannot keep the lock: {exc.strerror}", where=str(path)) from None
    try:
        _take(handle, path)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(handle, LONGEST_NOTE).decode("ascii", "replace").strip()
        who = f"process {holder}" if holder.isdecimal() else "another process"
        raise LockedError(
            f"another run holds the lock ({who}); wait for it or use another --store", where=str(path)
        ) from None
    with suppress(OSError):  # the note is a courtesy; a full disk must not stop a run that has its lock
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
