"""What alembic runs: the migrations, inside the transaction that `app.store.migrate` has opened."""

from alembic import context

from app.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
