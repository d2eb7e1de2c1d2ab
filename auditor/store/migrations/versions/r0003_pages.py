"""What pages look up: findings as last seen, what was not read, who may ask; shared duties.

The tables stand here as they were made: a later change of the schema is a revision of its own.
"""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, SmallInteger, Table, Text

revision = "0003"
down_revision = "0002"

tables = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


for name in ("device", "link"):
    key = "number" if name == "device" else "seq"
    Table(name, tables, Column(key, Integer, primary_key=True))

Table(
    "document_part",
    tables,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
)

Table(
    "claim",
    tables,
    Column("device", Integer, ForeignKey("device.number", ondelete="CASCADE"), primary_key=True),
    Column("maker", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    *map(_text, ("site", "id", "tier", "brand", "model", "category", "waived")),
    Column("level", SmallInteger, nullable=False),
    Column("duties", Integer, nullable=True, index=True),
    Index("claim_maker", "maker", "device"),
    Index("claim_site", "site", "device"),
)

Table(
    "duty",
    tables,
    Column("duties", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    *map(_text, ("policy", "title", "duty", "applies", "due")),
    Column("context", Boolean, nullable=False),
    Index("duty_policy", "policy"),
)

Table(
    "unread",
    tables,
    Column("site", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    *map(_text, ("address", "collector", "reason", "detail", "at")),
    _text("run"),
)

Table(
    "token",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *map(_text, ("name", "role", "sites", "digest", "who", "at")),
    Column("link", Integer, ForeignKey("link.seq", ondelete="CASCADE"), nullable=False),
)

# What pages go through device by device.
ORDERS = (
    "device_site ON device (site, number)",
    "device_outcome ON device (site, outcome, merged_into, number)",
    "device_merged ON device (merged_into) WHERE merged_into IS NOT NULL",
)


def upgrade() -> None:
    """Make tables and indexes; what they say of what is kept already, the store fills in."""
    base = op.get_bind()
    tables.create_all(base, tables=[table for table in tables.sorted_tables if table.name not in {"device", "link"}])
    for words in ORDERS:
        op.execute(f"CREATE INDEX {words}")
