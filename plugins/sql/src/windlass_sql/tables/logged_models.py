"""Logged models with their params, tags and metrics."""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.experiments import experiments
from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.runs import runs
from windlass_sql.tables.types import name, real, text

logged_models = sa.Table(
    "windlass_logged_models",
    metadata,
    sa.Column("model_id", name(64), primary_key=True),
    sa.Column("experiment_id", sa.ForeignKey(experiments.c.experiment_id), nullable=False),
    sa.Column("name", name(250), nullable=False),
    sa.Column("artifact_location", text(), nullable=False),
    sa.Column("creation_timestamp", sa.BigInteger, nullable=False),
    sa.Column("last_updated_timestamp", sa.BigInteger, nullable=False),
    sa.Column("source_run_id", text()),
    sa.Column("model_type", text()),
    sa.Column("status", name(32), nullable=False),
    sa.Column("status_message", text()),
    sa.Column("lifecycle_stage", name(16), nullable=False),
)
sa.Index(
    "ix_windlass_logged_models_newest",
    logged_models.c.experiment_id,
    logged_models.c.lifecycle_stage,
    logged_models.c.creation_timestamp.desc(),
    logged_models.c.model_id.desc(),
)


def model_id() -> sa.Column[str]:
    """The column by which params and tags belong to a logged model."""
    return sa.Column("model_id", sa.ForeignKey(logged_models.c.model_id, ondelete="CASCADE"), primary_key=True)


logged_model_params = sa.Table(
    "windlass_logged_model_params",
    metadata,
    model_id(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
)

logged_model_tags = sa.Table(
    "windlass_logged_model_tags",
    metadata,
    model_id(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
)

logged_model_metrics = sa.Table(
    "windlass_logged_model_metrics",
    metadata,
    # No foreign key: a metric may arrive before its model is registered.
    sa.Column("model_id", name(64), primary_key=True),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("origin", name(32), primary_key=True),
    sa.Column("run_id", sa.ForeignKey(runs.c.run_id, ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("value", real(), nullable=False),
    sa.Column("dataset_name", text()),
    sa.Column("dataset_digest", text()),
)
