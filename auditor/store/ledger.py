"""A chain of digests over runs, steps, waivers and decisions: none is taken out unseen."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from auditor.formats.fields import canonical
from auditor.store import schema
from auditor.store.rows import agrees
from auditor.store.schema import link

ROOT = "0" * 64
# The link of a pruning: the runs that lost their content, or one device with the runs that lost a part.
PRUNE = "prune"
# What a link is written for, and has to be there.
LINKED = (schema.run, schema.step, schema.waiver, schema.decision, schema.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """The newest link of a ledger: its number, its digest, its time (RFC 3339, UTC)."""

    links: int
    digest: str
    at: str


def append(base: Connection, kind: str, at: str, content: Mapping[str, Any]) -> int:
    """Write one link and return its number; call it only in a transaction that may write."""
    text = canonical(content)
    last = head(base)
    digest = chain(last.digest, kind, at, text)
    # Counted here: a sequence of PostgreSQL leaves out numbers of transactions that failed.
    base.execute(link.insert().values(seq=last.links + 1, kind=kind, at=at, content=text, digest=digest))
    return last.links + 1


def note(base: Connection, kind: str, at: str, content: Mapping[str, Any]) -> None:
    """Write a link unless one of the same kind and content is there."""
    same = select(link.c.seq).where(link.c.kind == kind, link.c.content == canonical(content))
    if base.execute(same).first() is None:
        append(base, kind, at, content)


def head(base: Connection) -> LedgerHead:
    """Return the newest link; an empty ledger has a digest of zeros."""
    row = base.execute(select(link).order_by(link.c.seq.desc()).limit(1)).first()
    return LedgerHead(links=row.seq, digest=row.digest, at=row.at) if row else LedgerHead(links=0, digest=ROOT, at="")


def first(base: Connection) -> str:
    """Return the digest of the first link, which names a store; empty where there is none."""
    digest: str | None = base.execute(select(link.c.digest).order_by(link.c.seq).limit(1)).scalar()
    return digest or ""


def link_of(base: Connection, name: str) -> str:
    """Return in words which link stands for a run, by its id, or nothing."""
    query = select(link.c.seq, link.c.digest).join(schema.run, schema.run.c.link == link.c.seq)
    row = base.execute(query.where(schema.run.c.id == name)).first()
    return f"link {row.seq} of the ledger, SHA-256 {row.digest}" if row else ""


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


def _contents(base: Connection) -> Iterator[str]:
    """Yield the first row that is not what its link says of it, or the first that is missing."""
    links = {row.seq: row for row in base.execute(select(schema.link))}
    empty = {one for row in links.values() if row.kind == PRUNE for one in json.loads(row.content).get("runs", ())}
    ids = {table.name: set[str]() for table in LINKED}
    for table in LINKED:
        for row in base.execute(select(table).order_by(table.c.link)).mappings():
            entry = links.pop(row["link"], None)
            ids[table.name].add(str(row["id"]))
            if entry is None or entry.kind != table.name or not agrees(entry.content, row):
                yield f"{table.name} {row['id']} is not what link {row['link']} of the ledger says of it"
                return
            if row.get("pruned") and row["id"] not in empty:
                yield f"run {row['id']} was emptied, and no link of the ledger tells of it"
                return
    yield from _missing(links.values(), ids)


def _missing(links: Iterable[Any], ids: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield what links without a row tell of; a run that was kept again has one for each time."""
    for row in links:
        name = json.loads(row.content).get("id", "")
        if row.kind in ids and not (row.kind == schema.run.name and name in ids[row.kind]):
            yield f"{row.kind} {name or row.seq} is missing, which link {row.seq} of the ledger tells of"
            return
