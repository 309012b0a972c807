"""What alembic runs: migrations on the connection that `windlass_sql.upgrade` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from windlass_sql.tables import metadata
from windlass_sql.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
