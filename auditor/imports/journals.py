"""Journals of this tool or another: damaged lines are told and passed over."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.formats import journal
from auditor.imports.source import SourceFile
from auditor.model import Record, Run


def read(source: SourceFile) -> Iterator[Record]:
    """Yield a journal's records in order; a torn last line and unknown types are warned of."""
    yield from journal.joined(_lines(source))


def _lines(source: SourceFile) -> Iterator[Record]:
    count = False
    for number, raw in enumerate(source.lines(), 1):
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
    if not count:
        raise InputError("holds no journal line", where=str(source.path))
