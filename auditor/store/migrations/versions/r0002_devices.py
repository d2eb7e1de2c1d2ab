"""Devices over all runs, documents kept once, a ledger; old runs are put aside.

The tables stand here as they were made: a later change of the schema is a revision of its own.
"""

from alembic import op
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
)

revision = "0002"
down_revision = "0001"

tables = MetaData()


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=True)


def _number(name: str, to: str = "", *, index: bool = False, absent: bool = False) -> Column[int]:
    keys = (ForeignKey(to, ondelete="SET NULL" if absent else "CASCADE"),) if to else ()
    return Column(name, Integer, *keys, nullable=absent, index=index)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


Table(
    "document",
    tables,
    _key("id"),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

Table("link", tables, _key("seq"), _text("kind"), _text("at"), _text("content"), _text("digest"))

Table(
    "run",
    tables,
    _key("number"),
    Column("id", Text, nullable=False, unique=True),
    *map(_text, ("started", "finished", "as_of", "tool", "sites", "summary", "journal", "sha256", "pruned")),
    _number("head", absent=True),
    _number("link", "link.seq", absent=True),
)

Table(
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

Table(
    "device",
    tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *map(_text, ("site", "first", "last", "last_read", "gone", "key", "address", "name", "seen", "outcome", "makers")),
    _number("runs"),
    _number("last_site", "run_site.id", absent=True),
    _number("document", absent=True),
    _number("merged_into", absent=True),
)

Table(
    "presence",
    tables,
    Column("site", Text, primary_key=True),
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    _number("last"),
    _number("read", absent=True),
    _text("plug"),
)


Table(
    "mark",
    tables,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), nullable=False),
    Index("mark_device", "device"),
)

Table(
    "sighting",
    tables,
    Column("run_site", Integer, ForeignKey("run_site.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("device", Integer, nullable=True),
    Column("document", Integer, nullable=False),
    Index("sighting_device", "device", "run_site"),
    sqlite_with_rowid=False,
)

Table(
    "finding",
    tables,
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    Column("maker", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    _text("id"),
    _text("first"),
)

Table(
    "silence",
    tables,
    Column("run_site", Integer, ForeignKey("run_site.id", ondelete="CASCADE"), primary_key=True),
    Column("device", Integer, primary_key=True),
    Column("gone", Boolean, nullable=False),
    Index("silence_device", "device"),
)

Table(
    "event",
    tables,
    _key("id"),
    _number("run_site", "run_site.id", index=True),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("sort", "key", "address", "before", "after", "because")),
)

Table(
    "step",
    tables,
    _key("id"),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("asset", "state", "at", "who", "note", "proof")),
    _number("link", "link.seq"),
)

Table(
    "waiver",
    tables,
    _key("id"),
    Column("device", Integer, nullable=True, index=True),
    *map(_text, ("finding", "maker", "site", "law", "silence", "who", "why", "authority", "at", "until")),
    _number("link", "link.seq"),
)

Table(
    "decision",
    tables,
    _key("id"),
    *map(_text, ("sort", "devices", "mark", "who", "why", "at", "undone")),
    _number("link", "link.seq"),
)


def upgrade() -> None:
    """Put the first tables aside, where they can hold anything, and make the new ones."""
    base = op.get_bind()
    is_file = base.dialect.name == "sqlite"
    for word in ("run", "removal"):
        if is_file:
            op.rename_table(word, f"{word}_0001")
        else:
            op.drop_table(word)  # no auditor of that time wrote to a server
    tables.create_all(base)
    if is_file:
        base.exec_driver_sql("PRAGMA user_version = 2")
