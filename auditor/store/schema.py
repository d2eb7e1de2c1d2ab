"""The tables of a store, the same in SQLite and PostgreSQL.

Times are RFC 3339 text in UTC. Documents, coverages and heads of runs are JSON, compressed and found by their SHA-256;
columns that name one are no foreign keys, or letting documents go would look through every table for each.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

tables = MetaData()


# Few devices turn out to be an older one.
_MERGED = text("merged_into IS NOT NULL")


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=True)


def _number(name: str, to: str = "", *, index: bool = False, absent: bool = False) -> Column[int]:
    keys = (ForeignKey(to, ondelete="SET NULL" if absent else "CASCADE"),) if to else ()
    return Column(name, Integer, *keys, nullable=absent, index=index)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


# A JSON text, compressed, once for all who say the same.
document = Table(
    "document",
    tables,
    _key("id"),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

# Duties that many documents have in common are one; here stands which documents name it.
document_part = Table(
    "document_part",
    tables,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
)

# One link of the ledger: its digest covers the one before it, so that none can be taken out or re-dated unseen.
link = Table("link", tables, _key("seq"), _text("kind"), _text("at"), _text("content"), _text("digest"))

# One collection or import; `head` is its audit without the assets, `pruned` the day its content was let go.
run = Table(
    "run",
    tables,
    _key("number"),
    Column("id", Text, nullable=False, unique=True),
    *map(_text, ("started", "finished", "as_of", "tool", "sites", "summary", "journal", "sha256", "pruned")),
    _number("head", absent=True),
    _number("link", "link.seq", absent=True),
)

# What one run did at one site: the unit that is kept, judged and compared.
run_site = Table(
    "run_site",
    tables,
    _key("id"),
    _number("run", "run.number", index=True),
    *map(_text, ("site", "started", "ended", "standing", "against", "rules", "laws", "digest")),
    _number("coverage", absent=True),
    _number("patches", absent=True),
    _number("state", absent=True),
    UniqueConstraint("run", "site"),
)

# A box over time, with what was last seen of it; `merged_into` is the older number it turned out to be.
device = Table(
    "device",
    tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *map(_text, ("site", "first", "last", "last_read", "gone", "key", "address", "name", "seen", "outcome", "makers")),
    _number("runs"),
    _number("last_site", "run_site.id", absent=True),
    _number("document", absent=True),
    _number("merged_into", absent=True),
    Index("device_site", "site", "number"),
    Index("device_outcome", "site", "outcome", "merged_into", "number"),
    Index("device_merged", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
)

# A device at one site: the last baseline runs that saw and read it there, where it surely hung.
presence = Table(
    "presence",
    tables,
    Column("site", Text, primary_key=True),
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    _number("last"),
    _number("read", absent=True),
    _text("plug"),
)

# What tells a box from others: a serial number, a MAC, an engine ID …, at a site; the device that showed it last.
mark = Table(
    "mark",
    tables,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), nullable=False),
    Index("mark_device", "device"),
)

# A device as one run saw it at one site; an asset without a mark has no device.
sighting = Table(
    "sighting",
    tables,
    Column("run_site", Integer, ForeignKey("run_site.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("device", Integer, nullable=True),
    Column("document", Integer, nullable=False),
    Index("sighting_device", "device", "run_site"),
    sqlite_with_rowid=False,
)

# The highest level ever held by a finding on a device, and when it was first held.
finding = Table(
    "finding",
    tables,
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    Column("maker", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    _text("id"),
    _text("first"),
)

# A finding on a device as it was last seen; `duties` is the document of what laws ask, `waived` the day a waiver ends.
claim = Table(
    "claim",
    tables,
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    Column("maker", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    *map(_text, ("site", "id", "tier", "brand", "model", "category", "waived")),
    Column("level", SmallInteger, nullable=False),
    _number("duties", index=True, absent=True),
    Index("claim_maker", "maker", "device"),
    Index("claim_site", "site", "device"),
)

# What laws ask, once for all findings of which they ask the same.
duty = Table(
    "duty",
    tables,
    Column("duties", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    *map(_text, ("policy", "title", "duty", "applies", "due")),
    Column("context", Boolean, nullable=False),
    Index("duty_policy", "policy"),
)

# What the newest baseline run of a site could not read there.
unread = Table(
    "unread",
    tables,
    Column("site", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    *map(_text, ("address", "collector", "reason", "detail", "at", "run")),
)

# A device that a run of its site examined and that neither answered nor was heard; `gone`: by that it is.
silence = Table(
    "silence",
    tables,
    Column("run_site", Integer, ForeignKey("run_site.id", ondelete="CASCADE"), primary_key=True),
    Column("device", Integer, primary_key=True),
    Column("gone", Boolean, nullable=False),
    Index("silence_device", "device"),
)

event = Table(
    "event",
    tables,
    _key("id"),
    _number("run_site", "run_site.id", index=True),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("sort", "key", "address", "before", "after", "because")),
)

step = Table(
    "step",
    tables,
    _key("id"),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("asset", "state", "at", "who", "note", "proof")),
    _number("link", "link.seq"),
)

waiver = Table(
    "waiver",
    tables,
    _key("id"),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("finding", "maker", "site", "law", "silence", "who", "why", "authority", "at", "until")),
    _number("link", "link.seq"),
)

# What a person decided: these devices are one (`merge`), this one is two (`split`); what was decided, waived or
# allowed is taken back (`undo`, `end`, `revoke`: `devices` is its number). `undone` says who took it back and when.
decision = Table(
    "decision",
    tables,
    _key("id"),
    *map(_text, ("sort", "devices", "mark", "who", "why", "at", "undone")),
    _number("link", "link.seq"),
)

# Who may ask `auditor serve`: a name, a role, the sites as JSON (empty: all), the SHA-256 of a random token. A decision
# `revoke` takes it back.
token = Table(
    "token",
    tables,
    _key("id"),
    *map(_text, ("name", "role", "sites", "digest", "who", "at")),
    _number("link", "link.seq"),
)
