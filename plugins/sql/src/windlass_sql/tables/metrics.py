"""Metrics: every point of a run, and the latest of each key.

A value is the pair of `kind` and `value`: kind 0 is the finite number `value`, 1 and -1 are the infinities, -2 is NaN,
all three with the value 0. The pair sorts like the values do, with NaN lowest, and every database can hold it.
"""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.runs import run_id, runs
from windlass_sql.tables.types import name, real, text

# What the points of one metric of one run have in common, which is most of what they would take up.
series = sa.Table(
    "windlass_series",
    metadata,
    sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("run_id", sa.ForeignKey(runs.c.run_id, ondelete="CASCADE"), nullable=False),
    sa.Column("key", name(250), nullable=False),
    sa.UniqueConstraint("run_id", "key"),
)

metrics = sa.Table(
    "windlass_metrics",
    metadata,
    sa.Column("series_id", sa.ForeignKey(series.c.series_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("value", real(), primary_key=True, autoincrement=False),
    sa.Column("model_id", text()),
    sa.Column("dataset_name", text()),
    sa.Column("dataset_digest", text()),
    sqlite_with_rowid=False,
)

latest_metrics = sa.Table(
    "windlass_latest_metrics",
    metadata,
    run_id(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("value", real(), nullable=False),
    sa.Column("model_id", text()),
    sa.Column("dataset_name", text()),
    sa.Column("dataset_digest", text()),
    sqlite_with_rowid=False,
)
sa.Index("ix_windlass_latest_metrics_value", latest_metrics.c.key, latest_metrics.c.kind, latest_metrics.c.value)
