"""One file being imported: octets under caps no packed file evades, and warnings."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from auditor.errors import InputError
from auditor.imports import charsets
from auditor.model import Reason, Record, Target, Unread

CAP = 1 << 30
LINE_CAP = 64 << 20
BLOCK = 1 << 20
# A packed recording is rarely a fiftieth of its text; what swells beyond this is a bomb, not a recording.
SWELLS = 250
HARMLESS = 64 << 20
DETAIL_CAP = 1000
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read, the site of its devices, the time of undated facts (UTC)."""

    path: Path
    site: str
    at: datetime
    warn: Callable[[str], None]

    @contextmanager
    def open(self) -> "Iterator[IO[bytes]]":
        """Open the file, unpacked where gzip; whatever goes wrong is an `InputError`."""
        try:
            with self.path.open("rb") as file:
                is_zip = file.read(2) == _GZIP
            with gzip.open(self.path) if is_zip else self.path.open("rb") as stream:
                yield stream  # type: ignore[misc]  # a GzipFile reads as any binary file does
        except (OSError, EOFError, zlib.error) as exc:
            raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=str(self.path)) from None

    def data(self, cap: int = CAP) -> bytes:
        """Return the file's octets, unpacked where they are gzip; more than `cap` is refused."""
        size = bytearray()
        with self.open() as stream:
            while block := stream.read(BLOCK):
                size += block
                if len(size) > cap:
                    raise InputError(f"is larger than {cap >> 20} MB; split it", where=str(self.path))
                self._bear(len(size))
        return bytes(size)

    def text(self, cap: int = CAP) -> str:
        """Return the file as text without its mark; a guessed encoding is told."""
        data = self.data(cap)
        name = charsets.charset(data)
        if name in {charsets.CHINESE, charsets.WESTERN}:
            self.warn(f"{self.path}: is not UTF-8, read as {name.upper()}; save it as UTF-8 if names look wrong")
        return data.decode(name, "replace")

    def beginning(self, octets: int) -> bytes:
        """Return the file's first octets."""
        with self.open() as stream:
            return stream.read(octets)

    def head(self, octets: int) -> str:
        """Return the file's beginning as text, to see what it is."""
        return charsets.decode(self.beginning(octets), whole=False)

    def lines(self) -> Iterator[bytes]:
        """Yield the file's lines with their newlines, in bounded memory."""
        total = 0
        with self.open() as stream:
            while line := stream.readline(LINE_CAP):
                total += len(line)
                self._bear(total)
                yield line

    def blocks(self, cap: int | None = None) -> Iterator[bytes]:
        """Yield whole lines, a megabyte at a time, an endless one cut; refuse more than `cap`."""
        if self.beginning(2) in charsets.MARKS:
            yield self.text(LINE_CAP).encode()
            return
        total, rest = 0, b""
        with self.open() as stream:
            while block := stream.read(BLOCK):
                total += len(block)
                if cap is not None and total > cap:
                    raise InputError(f"is larger than {cap >> 20} MB; split it", where=str(self.path))
                self._bear(total)
                whole, newline, rest = (rest + block).rpartition(b"\n")
                if newline or len(rest) > BLOCK:
                    yield whole + newline or rest
                    rest = rest if newline else b""
        if rest:
            yield rest

    def text_lines(self) -> Iterator[str]:
        """Yield lines as text in bounded memory; UTF-16 is read whole under a cap."""
        if self.beginning(2) in charsets.MARKS:
            yield from self.text(LINE_CAP).splitlines()
            return
        name = charsets.charset(self.beginning(BLOCK), whole=False)
        for raw in self.lines():
            yield raw.decode(name, "replace")

    def partial(self, problems: Sequence[str], collector: str) -> Iterator[Record]:
        """Tell what could not be read and yield the file as unread: half is not whole."""
        for problem in problems:
            self.warn(f"{self.path}: {problem}")
        if problems:
            yield self.unread(collector, Reason.PARTIAL, "; ".join(problems)[:DETAIL_CAP])

    def unread(self, collector: str, reason: Reason, detail: str, label: str = "") -> Record:
        """Return the file, or what bears a label in it, as something that could not be read."""
        return Unread(
            target=Target(address=label or self.path.name, site=self.site),
            collector=collector,
            at=self.at,
            reason=reason,
            detail=detail,
        )

    def _bear(self, octets: int) -> None:
        """Refuse a packed file that swells beyond all measure."""
        if octets > HARMLESS and octets > SWELLS * self.path.stat().st_size:
            raise InputError(
                f"unpacks to more than {SWELLS} times its size; unpack it yourself if that is meant",
                where=str(self.path),
            )


class Importer(Protocol):
    """Reads one sort of file."""

    def __call__(self, source: SourceFile) -> Iterator[Record]:
        """Yield what the file records; raise `InputError` where it is not of this sort."""
        ...
