"""Journals of this tool or another: damaged lines are told and passed over."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.formats import journal
from auditor.imports.source import LINE_CAP, SourceFile
from auditor.model import Record, Run


def read(source: SourceFile) -> Iterator[Record]:
    """Yield a journal's records in order; what cannot be read makes the file unread in part."""
    problems: list[str] = []
    yield from journal.joined(_lines(source, problems))
    yield from source.partial(problems, "journal")


def _lines(source: SourceFile, problems: list[str]) -> Iterator[Record]:
    count = False
    for number, raw in _whole(source.lines(), problems):
        line = raw.decode("utf-8", "replace").strip().removeprefix("\ufeff")
        if not line:
            continue
        where = f"{source.path}: line {number}"
        try:
            record = journal.decode(line)
        except InputError as exc:
            if not raw.endswith(b"\n") and count:
                source.warn(f"{where}: the last line is torn and was dropped")
                return
            raise exc.under(f"{where}: ") from None
        count = True
        if record is None and journal.decode_devices(line) is None:
            source.warn(f"{where}: unknown type, passed over")
        elif record is not None and not isinstance(record, Run):
            yield record
    if not count and not problems:
        raise InputError("holds no journal line", where=str(source.path))


def _whole(pieces: Iterator[bytes], problems: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number; one that comes in pieces is a problem."""
    number, is_begun = 1, False
    for piece in pieces:
        is_end = piece.endswith(b"\n")
        if len(piece) == LINE_CAP and not is_end and not is_begun:
            problems.append(
                f"line {number} is longer than {LINE_CAP >> 20} MB, which no line of a journal is; left out"
            )
            is_begun = True
        elif not is_begun:
            yield number, piece
        if is_end:
            number, is_begun = number + 1, False
