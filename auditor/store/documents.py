"""Asset documents kept once: a quiet night stores none, ages and counters are kept apart.

What a device says anew every night (an uptime in a reply, the count of rows about it) is kept as a patch to the
document of the night before, so that every run can be given back to the octet. Duties that many assets have in common
are a document of their own; in the asset's their SHA-256 stands.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from auditor.errors import InputError
from auditor.formats.fields import dump
from auditor.store.bulk import insert
from auditor.store.schema import claim, device, document, document_part, link, run, run_site, sighting

# Counts that run, and the kinds of fact whose text tells ages and counters.
COUNTERS = frozenset({"rows", "local_macs"})
RUNNING = frozenset({"cli.output", "fdb.age", "http.response"})
# A patch is no longer than this, or the document is kept anew.
PATCH = 600
# No document is larger, unpacked: one device, or what a site's runs share.
CAP = 128 << 20
# A quick packing for the thousands of small texts; of longer ones there are few, and some of them every night.
LONG, QUICK, WELL = 16 << 10, 1, 6
# Stands for the duties of a finding in a kept asset. Quotes within a text are escaped, so that no device can say it.
_COMMON = re.compile(r'"obligations":\{"sha256":"([0-9a-f]{64})"\}')
# So many values at most in one statement (SQLite's own limit was 999 until 3.32).
MOST = 900
# Every column that names a document; what none of them names may go.
REFERENCES = (
    sighting.c.document,
    device.c.document,
    document_part.c.part,
    claim.c.duties,
    run.c.head,
    run_site.c.coverage,
    run_site.c.patches,
    run_site.c.state,
)
Json = Any
Patch = dict[str, Any]


def sha256(text: str) -> bytes:
    """Return the digest a document is found by."""
    return hashlib.sha256(text.encode()).digest()


def keep(base: Connection, text: str) -> int:
    """Keep a text once and return its id."""
    return keep_all(base, {sha256(text): text})[sha256(text)]


def keep_all(base: Connection, texts: Mapping[bytes, str]) -> dict[bytes, int]:
    """Keep texts once, by digest; return their ids."""
    ids = look_up(base, texts)
    return ids | write(base, {digest: text for digest, text in texts.items() if digest not in ids})


def write(base: Connection, texts: Mapping[bytes, str]) -> dict[bytes, int]:
    """Write texts that are not kept yet, by digest; return their ids."""
    # Nobody else writes meanwhile, so that the next ids are known without asking for each.
    first = (base.execute(select(func.max(document.c.id))).scalar() or 0) + 1
    ids = {digest: number for number, digest in enumerate(texts, first)}
    insert(base, document, ("id", "sha256", "body"), ((ids[key], key, pack(text)) for key, text in texts.items()))
    return ids


def pack(text: str) -> bytes:
    """Return a text as a zlib stream."""
    octets = text.encode()
    return zlib.compress(octets, WELL if len(octets) > LONG else QUICK)


def look_up(base: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """Return the ids of documents that are kept, by digest."""
    ids: dict[bytes, int] = {}
    for group in groups(digests):
        query = select(document.c.sha256, document.c.id).where(document.c.sha256.in_(group))
        ids |= {bytes(row.sha256): row.id for row in base.execute(query)}
    return ids


def fetch(base: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return documents by id; one that is not what its digest says is an `InputError`."""
    return dict(each(base, ids))


def each(base: Connection, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield documents with their ids, a few at a time, for whoever keeps less than their text."""
    common: dict[str, str] = {}
    for texts in _batches(base, ids):
        common |= _common(base, texts.values(), common)
        yield from ((number, _whole_text(text, common)) for number, text in texts.items())


def assets(base: Connection, ids: Iterable[int]) -> Iterator[tuple[int, Json]]:
    """Yield asset documents by id; devices of which laws ask the same share a list."""
    lists: dict[object, Json] = {}
    for texts in _batches(base, ids):
        lists |= {key: json.loads(text) for key, text in _common(base, texts.values(), lists).items()}
        for number, text in texts.items():
            asset = json.loads(text)
            for one in (*asset["findings"], *asset["parts"]):
                duties = one.get("obligations")
                if isinstance(duties, dict):
                    one["obligations"] = lists[duties["sha256"]]
                elif duties:
                    key = tuple((duty["policy"], duty["duty"], duty["applies"]) for duty in duties)
                    one["obligations"] = lists.setdefault(key, duties)
            yield number, asset


def kept(base: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return documents by id as they are kept: with digests for what they have in common."""
    return {number: text for texts in _batches(base, ids) for number, text in texts.items()}


def _batches(base: Connection, ids: Iterable[int]) -> Iterator[dict[int, str]]:
    for group in groups(sorted(set(ids))):
        rows = base.execute(select(document).where(document.c.id.in_(group))).all()
        if missing := set(group) - {row.id for row in rows}:
            raise InputError(f"document {min(missing)} is missing; restore the store from a backup")
        yield {row.id: unpack(row.id, row.sha256, row.body) for row in rows}


def _common(base: Connection, texts: Iterable[str], known: Container[object]) -> dict[str, str]:
    """Return the texts that documents have in common, by their digests, but for those at hand."""
    digests = {digest for text in texts for digest in _COMMON.findall(text) if digest not in known}
    ids = look_up(base, map(bytes.fromhex, digests))
    if len(ids) < len(digests):
        raise InputError("a document that others have in common is missing; restore the store from a backup")
    bodies = kept(base, ids.values())
    return {digest.hex(): bodies[number] for digest, number in ids.items()}


def _whole_text(text: str, common: Mapping[str, str]) -> str:
    return _COMMON.sub(lambda match: f'"obligations":{common[match[1]]}', text)


def unpack(number: int, digest: bytes, body: bytes) -> str:
    """Return the text of a stored document, made sure to be the one that was written."""
    try:
        text = inflate(body).decode()
    except (zlib.error, TypeError, UnicodeDecodeError) as exc:
        problem = f"document {number} cannot be unpacked ({exc if isinstance(exc, zlib.error) else type(exc).__name__})"
    else:
        if sha256(text) == bytes(digest):
            return text
        problem = f"document {number} is not what its digest says"
    raise InputError(f"{problem}; restore the store from a backup")


def inflate(body: bytes, cap: int = CAP) -> bytes:
    """Return what was packed; `zlib.error` where it is cut off or has more octets than `cap`."""
    stream = zlib.decompressobj()
    octets = stream.decompress(body, cap)
    if stream.unconsumed_tail:
        raise zlib.error(f"more than {cap >> 20} MB")
    if not stream.eof:
        raise zlib.error("cut off")
    return octets


def patch(before: Json, after: Json) -> Patch | None:
    """Return what ages and counters make of a document; None where anything else differs."""
    changes: Patch = {}
    if not _fits(before, after, "", changes) or len(json.dumps(changes)) > PATCH:
        return None
    return changes


def with_patch(before: Json, changes: Mapping[str, Any]) -> Json:
    """Return a document with its patch applied; the one that is given stays as it is."""
    after = json.loads(json.dumps(before))
    for path, value in changes.items():
        *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
        place = after
        for step in steps:
            place = place[step]
        place[last] = _lines(place[last], value) if isinstance(value, dict) else value
    return after


def whole(base: Connection, number: int, *, by_ledger: bool = True) -> str:
    """Return the audit document of a run, by its number, to the octet as it was written.

    One that the ledger says otherwise of is an `InputError`, unless it is to be looked at all the same.
    """
    query = select(run.c.id, run.c.head, run.c.pruned, link.c.content)
    row = base.execute(query.outerjoin(link, link.c.seq == run.c.link).where(run.c.number == number)).one()
    if row.pruned or row.head is None:
        raise InputError(f"the content of run {row.id} was pruned on {row.pruned}; its journal or a backup may hold it")
    places = base.execute(select(run_site.c.id, run_site.c.patches).where(run_site.c.run == number)).all()
    query = select(sighting.c.position, sighting.c.document).where(sighting.c.run_site.in_([one.id for one in places]))
    positions: dict[int, int] = {one.position: one.document for one in base.execute(query)}
    texts = kept(base, [row.head, *positions.values(), *(one.patches for one in places if one.patches)])
    changes = {int(at): words for one in places if one.patches for at, words in json.loads(texts[one.patches]).items()}
    assets = (
        dump(with_patch(json.loads(texts[document]), changes[at])) if at in changes else texts[document]
        for at, document in sorted(positions.items())
    )
    text = assemble(texts[row.head], assets)
    if by_ledger and sha256(text).hex() != _digest(row.content) and not _is_pruned(base, row.id):
        raise InputError(f"the document of run {row.id} is not what the ledger says; restore the store from a backup")
    return _whole_text(text, _common(base, [text], ()))


def _digest(content: str | None) -> str:
    """Return the digest that a link has of a run's document."""
    try:
        return str(json.loads(content or "")["document"])
    except (ValueError, TypeError, KeyError):
        return ""


def _is_pruned(base: Connection, name: str) -> bool:
    """Tell whether a device was taken out of a run on request."""
    contents = base.execute(select(link.c.content).where(link.c.kind == "prune")).scalars()
    return any(name in json.loads(content).get("parts_of", ()) for content in contents)


def assemble(head: str, assets: Iterable[str]) -> str:
    """Return the text of an audit document: assets first, as the order of keys has it."""
    return '{"assets":[' + ",".join(assets) + "]," + head[1:]


class DocumentDigest:
    """The SHA-256 of what `assemble` gives, taken asset by asset: the text is never there whole."""

    def __init__(self) -> None:
        self._hash, self._comma = hashlib.sha256(b'{"assets":['), b""

    def add(self, asset: str) -> bytes:
        """Take the text of the next asset; return its own digest."""
        octets = asset.encode()
        self._hash.update(self._comma)
        self._hash.update(octets)
        self._comma = b","
        return hashlib.sha256(octets).digest()

    def end(self, head: str) -> str:
        """Take what stands beside the assets, and return the digest in hexadecimal."""
        self._hash.update(b"]," + head[1:].encode())
        return self._hash.hexdigest()


def groups(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield items in tuples that one statement can take."""
    rest = iter(items)
    while group := tuple(islice(rest, MOST)):
        yield group


def _fits(before: Json, after: Json, path: str, changes: Patch) -> bool:
    """Tell whether two values differ in nothing but what is in the patch."""
    if before == after:
        return True
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return all(
            _counts(key, before, after, f"{path}{key}", changes)
            or _fits(before[key], after[key], f"{path}{key}/", changes)
            for key in after
        )
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return all(
            _fits(one, other, f"{path}{at}/", changes)
            for at, (one, other) in enumerate(zip(before, after, strict=True))
        )
    return False


def _counts(key: str, before: Mapping[str, Any], after: Mapping[str, Any], path: str, changes: Patch) -> bool:
    """Note a counter, or a text that tells ages and counters; False for what is neither."""
    if before[key] == after[key]:
        return True
    if key in COUNTERS:
        changes[path] = after[key]
        return True
    if key != "value" or after.get("kind") not in RUNNING:
        return False
    lines = dict(_changed_lines(before[key], after[key]))
    changes[path] = lines if lines and _lines(before[key], lines) == after[key] else after[key]
    return True


def _changed_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = before.split("\n"), after.split("\n")
    if len(old) == len(new):
        yield from ((str(at), new[at]) for at in range(len(new)) if old[at] != new[at])


def _lines(text: str, changes: Mapping[str, str]) -> str:
    lines = text.split("\n")
    for at, line in changes.items():
        lines[int(at)] = line
    return "\n".join(lines)
