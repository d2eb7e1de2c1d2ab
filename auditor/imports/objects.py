"""JSON, XML and YAML exports, read with a size cap, no recursion and one clear error."""

import json
import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from auditor.errors import InputError
from auditor.imports.source import SourceFile
from auditor.parse import xml

CAP = 256 << 20
XML_CAP = 64 << 20
YAML_CAP = 16 << 20
Entry = Mapping[str, object]
_BEGINS = re.compile(r"\ufeff?\s*+(?:\{\s*+[\"}]|\[\s*+[\"{\[\]])")


def load(source: SourceFile) -> object:
    """Return the document a file holds."""
    try:
        return json.loads(source.text(CAP))
    except json.JSONDecodeError as exc:
        raise InputError(f"is no JSON: {exc.msg}", where=f"{source.path}: line {exc.lineno}") from None
    except (ValueError, RecursionError) as exc:
        raise InputError(f"is no JSON anybody can read: {exc}", where=str(source.path)) from None


def load_all(source: SourceFile) -> object:
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


def begins(source: SourceFile) -> bool:
    """Tell whether a file begins as JSON does; a shell's prompt begins with `[` too."""
    return _BEGINS.match(source.head(4096)) is not None


def inner(document: object) -> Iterator[Entry]:
    """Yield every object of a document, in the order of the file, those inside others too."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield value
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def elements(source: SourceFile) -> Iterator[Entry] | None:
    """Return every XML element as an object of attributes and child texts; None if no XML."""
    root = _root(source)
    if root is None:
        return None
    return ({**node.attrib, **{xml.local(child): (child.text or "").strip() for child in node}} for node in root.iter())


def document(source: SourceFile) -> object:
    """Return a document of objects and lists: JSON, one document a line too, XML, or YAML."""
    first = source.head(64).lstrip("\ufeff \t\r\n")[:1]
    if first.isalpha() or first == "-":
        return _yaml(source)
    if first != "<":
        return load_all(source)
    root = _root(source)
    return [] if root is None else {xml.local(root): _tree(root)}


def _yaml(source: SourceFile) -> object:
    """Return a document of YAML.

    Aliases, by which a small file may stand for a huge one, are refused.
    """
    import yaml

    text = source.text(YAML_CAP)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader)):
            raise InputError("is YAML with aliases; export it as JSON", where=str(source.path))
        return yaml.load(text, loader)  # noqa: S506 - a safe loader in either case
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f"{source.path}: line {mark.line + 1}" if mark else str(source.path)
        raise InputError("is no YAML anybody can read", where=where) from None


def _tree(node: Element) -> Entry:
    """Return an element as an object of its children; its depth is bounded by the parser's."""
    values: dict[str, list[object]] = {}
    for child in node:
        values.setdefault(xml.local(child), []).append(_tree(child) if len(child) else (child.text or "").strip())
    return {name: items[0] if len(items) == 1 else items for name, items in values.items()}


def _root(source: SourceFile) -> Element | None:
    text = source.text(XML_CAP)
    root = xml.parse(text, XML_CAP)
    if root is None and text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        raise InputError("is no well-formed XML; was it cut short?", where=str(source.path))
    return root


def entries(document: object, *keys: str) -> Iterator[Entry]:
    """Yield the objects of a list, of one under `keys`, or the one the document is."""
    if isinstance(document, Mapping):
        items = next((document[key] for key in keys if isinstance(document.get(key), list)), [document])
    else:
        items = document
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, Mapping))


def text(entry: Entry, *path: str) -> str:
    """Return the text at the end of a path of keys, a number as text, or an empty string."""
    value: object = entry
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return plain(value)


def plain(value: object) -> str:
    """Return a text or number as text, anything else as an empty string."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # JSON can spell half a surrogate pair, which no UTF-8 file can hold.
    return str(value).encode("utf-8", "replace").decode("utf-8")
