"""JSON and XML that other programs export, read with the doors shut: a size cap, no recursion, one clear line when it is neither."""

import json
import re
from collections.abc import Iterator, Mapping

from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.parse import xml

CAP = 256 << 20
XML_CAP = 64 << 20
Entry = Mapping[str, object]
_BEGINS = re.compile(r"\ufeff?\s*+(?:\{\s*+[\"}]|\[\s*+[\"{\[\]])")


def load(source: Source) -> object:
    """Return the document a file holds."""
    try:
        return json.loads(source.text(CAP))
    except json.JSONDecodeError as exc:
        raise InputError(f"is no JSON: {exc.msg}", where=f"{source.path}: line {exc.lineno}") from None
    except (ValueError, RecursionError) as exc:
        raise InputError(f"is no JSON anybody can read: {exc}", where=str(source.path)) from None


def load_all(source: Source) -> object:
    """Return the document a file holds, or the list of documents where it holds one a line."""
    try:
        return load(source)
    except InputError:
        lines = [line for line in source.text(CAP).splitlines() if line.strip()]
        try:
            return [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            pass
        raise


def begins(source: Source) -> bool:
    """Tell whether a file begins as JSON does, so that it is damaged where it is none; the prompt of a shell begins with `[` too."""
    return _BEGINS.match(source.head(4096)) is not None


def nested(document: object) -> Iterator[Entry]:
    """Yield every object of a document, in the order of the file, those inside others too."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield value
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def elements(source: Source) -> Iterator[Entry] | None:
    """Return every XML element as an object, its attributes and the texts of its children its keys; None where a file is no XML."""
    text = source.text(XML_CAP)
    root = xml.parse(text, XML_CAP)
    if root is None and text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        raise InputError("is no well-formed XML; was it cut short?", where=str(source.path))
    if root is None:
        return None
    return ({**node.attrib, **{xml.local(child): (child.text or "").strip() for child in node}} for node in root.iter())


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
