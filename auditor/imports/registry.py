"""Which formats can be imported, and which one a file is in."""

import importlib
from collections.abc import Iterator

from auditor.errors import UsageError
from auditor.imports.source import Importer, Source
from auditor.model import Record

# Each format's module has one function, `read`; a module is loaded when a file of its sort turns up.
FORMATS: dict[str, str] = {
    "journal": "auditor.imports.journals",
}


def importer(name: str) -> Importer:
    """Return the reader of one format."""
    if name not in FORMATS:
        raise UsageError(f"'{name}' is no format; known: auto, {', '.join(FORMATS)}", where="--type")
    read: Importer = importlib.import_module(FORMATS[name]).read
    return read


def read(source: Source, sort: str = "auto") -> Iterator[Record]:
    """Yield the records of one file, of the named sort or the one its content shows."""
    return importer("journal" if sort == "auto" else sort)(source)
