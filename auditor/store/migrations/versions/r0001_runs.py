"""One row a run with its whole document: the stores of 0.1 to 0.4 (user_version 1)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    words = ("started", "finished", "as_of", "sites", "summary", "journal", "sha256")
    op.create_table(
        "run",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *(sa.Column(word, sa.Text, nullable=False) for word in words),
        sa.Column("audit", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "removal",
        *(sa.Column(word, sa.Text, primary_key=True) for word in ("asset", "at", "state")),
        *(sa.Column(word, sa.Text, nullable=False) for word in ("who", "note")),
    )
