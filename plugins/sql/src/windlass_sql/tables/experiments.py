"""Experiments and their tags."""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.types import name, text

experiments = sa.Table(
    "windlass_experiments",
    metadata,
    sa.Column("experiment_id", name(64), primary_key=True),
    sa.Column("name", name(500), nullable=False, unique=True),
    sa.Column("artifact_location", text(), nullable=False),
    sa.Column("lifecycle_stage", name(16), nullable=False),
    sa.Column("creation_time", sa.BigInteger, nullable=False),
    sa.Column("last_update_time", sa.BigInteger, nullable=False),
)

experiment_tags = sa.Table(
    "windlass_experiment_tags",
    metadata,
    sa.Column("experiment_id", sa.ForeignKey(experiments.c.experiment_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
    sqlite_with_rowid=False,
)
