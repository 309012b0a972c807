"""Summaries of long histories of metrics, from which charts are drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from windlass_sql.tables.types import real

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of summaries, and say of each series how far they go."""
    op.add_column("windlass_series", sa.Column("summarised_step", sa.BigInteger(), nullable=True))
    op.add_column("windlass_series", sa.Column("summarised_timestamp", sa.BigInteger(), nullable=True))
    op.create_table(
        "windlass_metric_summaries",
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", real(), autoincrement=False, nullable=False),
        sa.Column("least_step", sa.BigInteger(), nullable=False),
        sa.Column("least_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("least_kind", sa.SmallInteger(), nullable=False),
        sa.Column("least_value", real(), nullable=False),
        sa.Column("greatest_step", sa.BigInteger(), nullable=False),
        sa.Column("greatest_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("greatest_kind", sa.SmallInteger(), nullable=False),
        sa.Column("greatest_value", real(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["windlass_series.series_id"],
            name="fk_windlass_metric_summaries_series_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("series_id", "step", "timestamp", "kind", "value", name="pk_windlass_metric_summaries"),
        sqlite_with_rowid=False,
    )
