"""Run by Alembic: migrate over the connection that is handed in, in its transaction."""

from alembic import context

from auditor.store.schema import tables

context.configure(connection=context.config.attributes["connection"], target_metadata=tables, transactional_ddl=False)
context.run_migrations()
