"""The logins of a run that several processes read for, counted in a file under its lock."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from auditor.collect.breaker import LocalCounts, LoginCount

_LOOK = 0.05
_MOST = 1_000_000


class SharedCounts(LocalCounts):
    """Logins counted over all processes that open the same file: an account is locked once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    @contextmanager
    def change(self, credential: str) -> Iterator[LoginCount]:
        """Yield a count that no thread and no process changes meanwhile."""
        with self._changed:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                data = os.pread(self._file, _MOST, 0)
                counts: dict[str, list[int]] = json.loads(data) if data else {}
                count = LoginCount(*counts.get(credential, ()))
                yield count
                counts[credential] = list(astuple(count))
                self._write(json.dumps(counts).encode())
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def wait(self, seconds: float) -> None:
        """Wait until another process may have changed something."""
        time.sleep(min(seconds, _LOOK))

    def _write(self, data: bytes) -> None:
        os.pwrite(self._file, data, 0)
        os.ftruncate(self._file, len(data))
