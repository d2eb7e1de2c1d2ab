"""Duties that many documents have in common are one document of their own."""

from alembic import op
from sqlalchemy import Column, Integer

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table that says which documents name it; those that are kept hold their own."""
    op.create_table(
        "document_part",
        Column("document", Integer, primary_key=True, autoincrement=False),
        Column("part", Integer, primary_key=True, autoincrement=False),
    )
