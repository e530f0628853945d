"""Alembic's door: runs the steps on the connection that ``Database.migrate`` gives it."""

from alembic import context

from burnish.apps.studio.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
