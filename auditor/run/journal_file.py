"""The journal of a running collection: on disk before anything is judged, fit to be resumed.

A turn (see `turns`) is written whole or not at all, so that a resumed run knows whose turn is over.
"""

import logging
import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from auditor import ownership
from auditor.collect.sweep.collector import NAME as SWEEP
from auditor.collect.sweep.collector import over
from auditor.errors import InputError, OutputError
from auditor.formats import journal
from auditor.model import EmptySweep, Observation, Reason, Record, Run, Unread
from auditor.run.home import home
from auditor.run.recorded import Recording
from auditor.run.turns import Turn, turn_key, turns

# A device that was read and lacks these parts is done with; one that failed otherwise is asked again by a resumed run.
PARTS = frozenset({Reason.PARTIAL, Reason.NOT_PARSED, Reason.AUTHORIZATION, Reason.LIMIT})

_log = logging.getLogger("auditor.read")


@dataclass(slots=True)
class JournalFile:
    """A journal open for appending, or none."""

    path: Path | None
    file: int | None
    run: str = ""

    def keep(self, records: Iterable[Record]) -> Generator[Record, None, None]:
        """Yield records as they come; a turn is on disk when the next begins, the last at the end."""
        with turns(self._write) as add:
            for record in records:
                add(record)
                _note(record)
                yield record

    def open_with(self, run: Run) -> None:
        """Write the line that opens a run."""
        self._append((journal.encode_run(run), "\n"))

    def _write(self, turn: Turn) -> None:
        if self.file is not None:
            self._append(chain.from_iterable(chain(journal.pieces(record), "\n") for record in turn))

    def _append(self, texts: Iterable[str]) -> None:
        if self.file is None:
            return
        octets = bytearray()
        for text in texts:
            octets += text.encode()
        end = os.fstat(self.file).st_size
        left = memoryview(octets)
        try:
            while left:
                left = left[os.write(self.file, left) :]
        except OSError as exc:
            with suppress(OSError):  # half a line helps nobody; where even that cannot be taken back, a reader drops it
                os.ftruncate(self.file, end)
            raise OutputError(
                f"cannot write the journal: {exc.strerror}; what it holds is kept, make room and go on with --resume",
                where=str(self.path),
            ) from None


@contextmanager
def journal_file(path: Path | None, run: Run) -> Iterator[JournalFile]:
    """Open the journal of a run for appending; without a path nothing is written."""
    if path is None:
        yield JournalFile(None, None, run.id)
        return
    try:
        ownership.make_folder(path.parent)
        file = ownership.open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, follow=False)
    except OSError as exc:
        raise OutputError(f"cannot open the journal: {exc.strerror}", where=str(path)) from None
    try:
        if stat.S_ISREG(os.fstat(file).st_mode):  # the mode of a device or a pipe is nobody's to change
            os.fchmod(file, 0o600)
        out = JournalFile(path, file, run.id)
        if _last_run(_whole(path, file)) != run.id:
            out.open_with(run)
        yield out
    finally:
        os.close(file)


def journal_path(name: str, store: str, run: str) -> Path | None:
    """Return where a run's journal goes: the file named, else beside the store, else nowhere."""
    if name:
        return Path(name)
    folder = home(store)
    return folder.journal(run) if folder else None


def resume(path: Path, run_id: str, warn: Callable[[str], None]) -> Recording:
    """Return a run with what it has finished; what is to be asked again leaves its journal.

    The journal is replaced in one step; lines of other runs and of unknown types stay as they are.
    """
    ownership.check(path, follow=False)
    data = path.read_bytes()
    lines = data.split(b"\n")
    torn = lines.pop()
    entries = _entries(lines, run_id, str(path))
    head = next((entry for mine, entry, _ in entries if mine and isinstance(entry, Run)), None)
    if head is None:
        raise InputError(f"holds no run {run_id}; nothing to resume", where=str(path))
    lines_left: list[bytes] = []
    records: list[Record] = []
    groups = [list(turn) for _, turn in groupby(entries, key=lambda entry: (entry[0], _turn(entry[1])))]
    for number, turn in enumerate(groups, 1):
        own = [entry for mine, entry, _ in turn if mine and isinstance(entry, Record)]
        cut = number == len(groups) and bool(torn) and _same_turn(turn[-1][2], torn)
        if not own or (_over(own) and not cut):
            lines_left += [line for _, _, line in turn]
            records += own
    if torn:
        warn(f"{path}: the last line is torn and was dropped")
    whole = b"".join(line + b"\n" for line in lines_left)
    if whole != data:
        _replace(path, whole)
    return Recording(run=head, records=tuple(journal.joined(records)), path=path)


def _entries(lines: list[bytes], run_id: str, name: str) -> list[tuple[bool, Record | Run | None, bytes]]:
    """Return each line with whether it belongs to the run, and what it says."""
    out: list[tuple[bool, Record | Run | None, bytes]] = []
    mine = False
    for number, line in enumerate(lines, 1):
        text = line.decode("utf-8", "replace").strip().removeprefix("\ufeff")
        try:
            entry = journal.decode(text) if text else None
        except InputError as exc:
            raise exc.under(f"{name}: line {number}: ") from None
        if isinstance(entry, Run):
            mine = entry.id == run_id
        out.append((mine, entry, line))
    return out


def _turn(entry: Record | Run | None) -> tuple[str, str, str] | None:
    return turn_key(entry) if isinstance(entry, Record) else None


def _over(turn: list[Record]) -> bool:
    failure = any(isinstance(record, Unread) and record.reason not in PARTS for record in turn)
    # What a sweep found while it was interrupted it finds again, and a row stands in a journal once.
    cut = any(isinstance(record, Observation) and record.collector == SWEEP and not over(record) for record in turn)
    return not failure and not cut and any(not isinstance(record, Unread) for record in turn)


def _same_turn(line: bytes, torn: bytes) -> bool:
    """Tell whether a torn line went on with the turn of the line before it.

    Both name target and collector in the same words then.
    """
    mark = b'"target":'
    whole = line[line.find(mark) : line.find(b',"at":')]
    start = torn[torn.find(mark) :].partition(b',"at":')[0]
    return mark in torn and whole.startswith(start)


def _replace(path: Path, data: bytes) -> None:
    try:
        ownership.replace_file(path, data)
    except OSError as exc:
        raise OutputError(f"cannot write the journal: {exc.strerror}", where=str(path)) from None


def _whole(path: Path, file: int) -> bytes:
    """Cut off a torn last line, so that nothing is appended to it; return what is left."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        os.ftruncate(file, end)
    return data[:end]


def _last_run(data: bytes) -> str:
    """Return the id of the run whose lines stand at the end, or nothing."""
    for line in reversed(data.split(b"\n")):
        if b'"type":"run"' in line.replace(b" ", b""):
            with suppress(InputError):
                read = journal.decode(line.decode("utf-8", "replace"))
                return read.id if isinstance(read, Run) else ""
    return ""


def _note(record: Record) -> None:
    """Log one record of a collection: who was read, and who was not and why."""
    where = f"{record.target.site or '-'} {record.target.address} {record.collector}"
    if isinstance(record, Observation):
        _log.info("%s: read, %d facts", where, len(record.facts))
    elif isinstance(record, EmptySweep):
        _log.info("%s: nobody answered at %s", where, ", ".join(record.ranges))
    else:
        _log.info("%s: unread, %s, %s", where, record.reason.value, record.detail)
