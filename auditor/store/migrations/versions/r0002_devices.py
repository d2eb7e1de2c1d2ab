"""Devices over all runs, documents kept once, a ledger; old runs are read into them."""

from alembic import op

from auditor.store.adopt import adopt
from auditor.store.schema import tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Put the first tables aside, make the new ones, read the old runs into them in their order."""
    base = op.get_bind()
    op.rename_table("run", "run_0001")
    op.rename_table("removal", "removal_0001")
    tables.create_all(base)
    adopt(base)
    op.drop_table("run_0001")
    op.drop_table("removal_0001")
    if base.dialect.name == "sqlite":
        base.exec_driver_sql("PRAGMA user_version = 2")
