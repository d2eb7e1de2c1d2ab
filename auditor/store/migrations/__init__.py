"""Changes of the tables, in Alembic's order."""
