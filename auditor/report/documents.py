"""The reports other programs read: the audit document, whole or a line at a time."""

from auditor.document import dump, json_lines, to_document
from auditor.model import Audit
from auditor.report.base import Options


def as_json(audit: Audit, _options: Options) -> bytes:
    """Return the audit document, schema 1."""
    return b"".join(piece.encode() for piece in json_lines(audit))


def as_jsonl(audit: Audit, _options: Options) -> bytes:
    """Return the audit document a line at a time: first the run with its summary, then assets, then unread; `type` tells which."""
    document = to_document(audit)
    assets, unread = document.pop("assets"), document.pop("unread")
    lines = [dump({"type": "audit", **document})]
    lines += [dump({"type": "asset", **item}) for item in _objects(assets)]
    lines += [dump({"type": "unread", **item}) for item in _objects(unread)]
    return ("\n".join(lines) + "\n").encode()


def _objects(items: object) -> list[dict[str, object]]:
    return items if isinstance(items, list) else []
