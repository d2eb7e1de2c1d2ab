"""Journals of this tool or another that writes the format: damaged lines are told and passed over, never guessed at."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.formats import journal
from auditor.imports.source import Source
from auditor.model import Record, Run


def read(source: Source) -> Iterator[Record]:
    """Yield the records of a journal in their order; a torn last line and unknown types end in a warning."""
    known = False
    for number, raw in enumerate(source.lines(), 1):
        line = raw.decode("utf-8", "replace").strip().removeprefix("\ufeff")
        if not line:
            continue
        where = f"{source.path}: line {number}"
        try:
            record = journal.decode(line)
        except InputError as exc:
            if not raw.endswith(b"\n") and known:
                source.warn(f"{where}: the last line is torn and was dropped")
                return
            raise exc.under(f"{where}: ") from None
        known = True
        if record is None:
            source.warn(f"{where}: unknown type, passed over")
        elif not isinstance(record, Run):
            yield record
    if not known:
        raise InputError("holds no journal line", where=str(source.path))
