"""The reports other programs read: the audit document, whole or a line at a time."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from auditor.formats.document import ASSET, LAWS, json_lines, summary, to_document
from auditor.formats.fields import dump
from auditor.model import Audit
from auditor.report.base import Options

LONG = 4096


def as_json(audit: Audit, _options: Options) -> bytes:
    """Return the audit document, schema 1."""
    return b"".join(pieces_of_json(audit))


def pieces_of_json(audit: Audit) -> Iterator[bytes]:
    """Yield the audit document in pieces: it may be larger than the memory."""
    long = lru_cache(maxsize=LAWS)(str.encode)
    for piece in json_lines(audit):
        # What laws ask comes as the same text again and again.
        yield piece.encode() if len(piece) < LONG else long(piece)


def as_jsonl(audit: Audit, _options: Options) -> bytes:
    """Return the document a line at a time: run, assets, unread; `type` tells which."""
    return b"".join(f"{line}\n".encode() for line in _lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    head = to_document(replace(audit, assets=())) | {"type": "audit", "summary": summary(audit)}
    unread = head.pop("unread")
    del head["assets"]
    yield dump(head)
    for item in audit.assets:
        yield dump({"type": "asset"} | ASSET.write(item))
    for entry in unread if isinstance(unread, list) else []:
        yield dump({"type": "unread"} | entry)
