"""One file being imported: its octets with a size cap, and where to send a warning."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from auditor.errors import InputError
from auditor.model import Record

CAP = 1 << 30
LINE_CAP = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to read, the site its devices belong to unless it says otherwise, the time to give undated facts (UTC)."""

    path: Path
    site: str
    at: datetime
    warn: Callable[[str], None]

    def data(self, cap: int = CAP) -> bytes:
        """Return the file's octets, unpacked where they are gzip; more than `cap` is refused."""
        try:
            with self.path.open("rb") as file:
                zipped = file.read(2) == b"\x1f\x8b"
            with gzip.open(self.path) if zipped else self.path.open("rb") as file:
                data = file.read(cap + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=str(self.path)) from None
        if len(data) > cap:
            raise InputError(f"is larger than {cap >> 20} MB; split it", where=str(self.path))
        return data

    def text(self, cap: int = CAP) -> str:
        """Return the file as text; a byte-order mark goes, octets that are not UTF-8 are read as Latin-1 would."""
        data = self.data(cap)
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return data.decode("utf-16", "replace")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def head(self, octets: int) -> str:
        """Return the file's beginning as text, to see what it is."""
        taken = bytearray()
        for line in self.lines():
            taken += line
            if len(taken) >= octets:
                break
        sample = bytes(taken[:octets])
        return (
            sample.decode("utf-16", "replace")
            if sample[:2] in {b"\xff\xfe", b"\xfe\xff"}
            else sample.decode("utf-8", "replace")
        )

    def lines(self) -> Iterator[bytes]:
        """Yield the file's lines one by one, with their newline where they have one, in bounded memory."""
        try:
            with self.path.open("rb") as file:
                zipped = file.read(2) == b"\x1f\x8b"
            with gzip.open(self.path) if zipped else self.path.open("rb") as file:
                while line := file.readline(LINE_CAP):
                    yield line
        except (OSError, EOFError, zlib.error) as exc:
            raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=str(self.path)) from None


class Importer(Protocol):
    """Reads one sort of file."""

    def __call__(self, source: Source) -> Iterator[Record]:
        """Yield what the file records; raise `InputError` where it is not of this sort."""
        ...
