"""A table for what the platform itself remembers: users, grants, webhooks, the audit log, deployments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from windlass_sql.tables.types import name, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of records."""
    op.create_table(
        "windlass_records",
        sa.Column("collection", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.PrimaryKeyConstraint("collection", "key", name="pk_windlass_records"),
    )
