"""A chain of digests over runs, steps, waivers and decisions: none is taken out unseen."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from auditor.store import schema
from auditor.store.schema import link

ROOT = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """The newest link of a ledger: how many there are, its digest, its time (RFC 3339, UTC)."""

    links: int
    digest: str
    at: str


def append(base: Connection, kind: str, at: str, content: Mapping[str, Any]) -> int:
    """Write one link and return its number; call it only in a transaction that may write."""
    text = canonical(content)
    digest = chain(head(base).digest, kind, at, text)
    result = base.execute(link.insert().values(kind=kind, at=at, content=text, digest=digest))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def head(base: Connection) -> LedgerHead:
    """Return the newest link; an empty ledger has a digest of zeros."""
    row = base.execute(select(link).order_by(link.c.seq.desc()).limit(1)).first()
    count = base.execute(select(func.count()).select_from(link)).scalar_one()
    return LedgerHead(links=count, digest=row.digest, at=row.at) if row else LedgerHead(links=0, digest=ROOT, at="")


def breaks(base: Connection) -> Iterator[str]:
    """Yield what is wrong with the first link that does not fit: broken, missing or re-dated."""
    before, number = ROOT, 0
    for row in base.execute(select(link).order_by(link.c.seq)):
        if row.seq != number + 1:
            missing = f"link {number + 1}" + (f" to {row.seq - 1}" if row.seq - number > 2 else "")  # noqa: PLR2004
            yield f"{missing} of the ledger {'are' if ' to ' in missing else 'is'} missing"
            return
        if chain(before, row.kind, row.at, row.content) != row.digest:
            yield f"link {row.seq} of the ledger ({row.kind} of {row.at}) is not what was written"
            return
        before, number = row.digest, row.seq
    yield from _contents(base)


def chain(before: str, kind: str, at: str, content: str) -> str:
    """Return a link's digest: SHA-256 over the one before it, its kind, time and content."""
    return hashlib.sha256(f"{before}\n{kind}\n{at}\n{content}".encode("utf-8", "replace")).hexdigest()


def canonical(content: Mapping[str, Any]) -> str:
    """Return content as JSON, the same for equal content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _contents(base: Connection) -> Iterator[str]:
    """Yield the first row that is not what its link says of it."""
    links = {row.seq: row for row in base.execute(select(schema.link))}
    numbers: set[int] = set()
    for table in (schema.run, schema.step, schema.waiver, schema.decision):
        for row in base.execute(select(table).order_by(table.c.link)):
            entry = links.get(row.link)
            numbers.add(row.link)
            if entry is None or entry.kind != table.name or not _says(json.loads(entry.content), row):
                yield f"{table.name} {getattr(row, 'id', '')} is not what link {row.link} of the ledger says of it"
                return


def _says(content: Mapping[str, Any], row: Row[Any]) -> bool:
    cells = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return all(cells[key] == value for key, value in content.items() if key in cells)
