"""What a recording of SNMP variables is, and how the simple values in it are read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from auditor import ber
from auditor.errors import InputError
from auditor.model import VarBind

MANY_PROBLEMS = 100
_REMEMBERED = 4096

Lines = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpRecording:
    """The variables of a recording in its order, and what could not be read, a sentence a line.

    `remarks` say how the recording is worse than it could have been, though it was read.
    """

    varbinds: tuple[VarBind, ...]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class RecordingNotes:
    """What is to be said of a recording beside its variables; whole once all of them were taken.

    `problems` are the first of the lines that could not be read, `unread` counts them all.
    """

    unread: int = 0
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def complain(self, problem: str) -> None:
        """Note a line that could not be read."""
        self.unread += 1
        if len(self.problems) < MANY_PROBLEMS:
            self.problems.append(problem)

    def remark(self, remark: str) -> None:
        """Note once how the recording is worse than it could have been."""
        if remark not in self.remarks:
            self.remarks.append(remark)


def collect(
    texts: Iterable[tuple[int, str]], parse: Callable[[str], VarBind | None], notes: RecordingNotes
) -> Iterator[VarBind]:
    """Yield the variable of each numbered text; one that cannot be read goes to the notes."""
    for number, text in texts:
        try:
            varbind = parse(text)
        except (ValueError, InputError) as exc:
            notes.complain(f"line {number}: {exc}")
        else:
            if varbind is not None:
                yield varbind


@lru_cache(maxsize=_REMEMBERED)
def number_content(digits: str) -> bytes:
    """Return the content octets of a decimal number (X.690, 8.3)."""
    return ber.integer_content(int(digits))


def ip_octets(value: str) -> bytes:
    """Return the four octets of a dotted IPv4 address, or raise `InputError`."""
    parts = value.strip().split(".")
    if len(parts) != 4 or not all(part.isdecimal() and int(part) <= 0xFF for part in parts):  # noqa: PLR2004 - IPv4
        raise InputError(f"{value!r:.40} is no IpAddress")
    return bytes(int(part) for part in parts)
