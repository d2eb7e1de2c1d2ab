"""JSON that other programs export, read with the doors shut: a size cap, no recursion, one clear line when it is not JSON."""

import json
from collections.abc import Iterator, Mapping

from auditor.errors import InputError
from auditor.imports.source import Source

CAP = 256 << 20
Entry = Mapping[str, object]


def load(source: Source) -> object:
    """Return the document a file holds."""
    try:
        return json.loads(source.text(CAP))
    except json.JSONDecodeError as exc:
        raise InputError(f"is no JSON: {exc.msg}", where=f"{source.path}: line {exc.lineno}") from None
    except (ValueError, RecursionError) as exc:
        raise InputError(f"is no JSON anybody can read: {exc}", where=str(source.path)) from None


def entries(document: object, *keys: str) -> Iterator[Entry]:
    """Yield the objects of a list, of the list under one of `keys`, or the one object the document is."""
    if isinstance(document, Mapping):
        listed = next((document[key] for key in keys if isinstance(document.get(key), list)), [document])
    else:
        listed = document
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, Mapping))


def text(entry: Entry, *path: str) -> str:
    """Return the text at the end of a path of keys, a number as text, or an empty string."""
    value: object = entry
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # JSON can spell half a surrogate pair, which no UTF-8 file can hold.
    return str(value).encode("utf-8", "replace").decode("utf-8")
