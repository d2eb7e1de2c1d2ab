"""The rate that all runs of one user on one machine share, kept in a file under its lock."""

import fcntl
import os
import stat
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import OutputError
from auditor.snmp.pace import BURST, Gate, Moments

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# The machine's start (its clock counts from there), and the next free moment.
_FORM = struct.Struct("36sd")
# Seconds ahead that nobody books: whatever says so is no moment.
_LONGEST = 3600.0


class SharedMoments(Moments):
    """Next free moments handed out over all programs that open the same file.

    Each packet of a run takes up its share of a second, so that two runs together are never faster than the faster one
    alone.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = _opened(path)
        self._start = _boot()

    def take(self, now: float, seconds: float) -> float:
        """Return the moment of whoever asks now; the next is so many seconds later, for everybody."""
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                at = max(self._read(now), now - BURST)
                os.pwrite(self._file, _FORM.pack(self._start, at + seconds), 0)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return at

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _read(self, now: float) -> float:
        """Return the next free moment; what another start of the machine left behind says nothing."""
        data = os.pread(self._file, _FORM.size, 0)
        start, moment = _FORM.unpack(data) if len(data) == _FORM.size else (b"", 0.0)
        return float(moment) if start == self._start and moment < now + _LONGEST else 0.0


@contextmanager
def shared_gate(per_second: float, tell: Callable[[str], None]) -> Iterator[Gate]:
    """Yield the gate of a run, which counts what other runs of this user send as well.

    Where the file cannot be had, `tell` takes why, and the run counts for itself.
    """
    moments: SharedMoments | None = None
    try:
        moments = SharedMoments(rate_file())
    except OutputError as exc:
        tell(f"{exc}; other runs of this user are not counted in the rate")
    try:
        yield Gate(per_second, moments=moments)
    finally:
        if moments is not None:
            moments.close()


def rate_file() -> Path:
    """Return the file that runs of this user share on this machine (XDG_RUNTIME_DIR)."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/auditor-{os.getuid()}"
    return Path(folder) / "auditor-rate"


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(path)) from None
    state = os.fstat(file)
    if state.st_uid != os.getuid() or not stat.S_ISREG(state.st_mode):
        os.close(file)
        raise OutputError("belongs to somebody else; runs cannot share their rate", where=str(path))
    return file


def _boot() -> bytes:
    try:
        return _BOOT.read_bytes().strip().ljust(36)[:36]
    except OSError:
        return b" " * 36
