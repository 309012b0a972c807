"""Metrics: every point of a run, and the latest of each key.

A value is the pair of `kind` and `value`: kind 0 is the finite number `value`, 1 and -1 are the infinities, -2 is NaN,
all three with the value 0. The pair sorts like the values do, with NaN lowest, and every database can hold it.
"""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.runs import run_id, run_place, runs
from windlass_sql.tables.types import name, real, text

# What the points of one metric of one run have in common, which is most of what they would take up.
series = sa.Table(
    "windlass_series",
    metadata,
    sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("run_id", sa.ForeignKey(runs.c.run_id, ondelete="CASCADE"), nullable=False),
    sa.Column("key", name(250), nullable=False),
    # Where the summaries of the series end, if it has any: points that come later leave them as they are.
    sa.Column("summarised_step", sa.BigInteger),
    sa.Column("summarised_timestamp", sa.BigInteger),
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

# A row for each group of neighbouring points: the first of them, the least and the greatest. The last row of a series
# only says where the points begin that are not summarised yet.
summaries = sa.Table(
    "windlass_metric_summaries",
    metadata,
    sa.Column("series_id", sa.ForeignKey(series.c.series_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("value", real(), primary_key=True, autoincrement=False),
    sa.Column("least_step", sa.BigInteger, nullable=False),
    sa.Column("least_timestamp", sa.BigInteger, nullable=False),
    sa.Column("least_kind", sa.SmallInteger, nullable=False),
    sa.Column("least_value", real(), nullable=False),
    sa.Column("greatest_step", sa.BigInteger, nullable=False),
    sa.Column("greatest_timestamp", sa.BigInteger, nullable=False),
    sa.Column("greatest_kind", sa.SmallInteger, nullable=False),
    sa.Column("greatest_value", real(), nullable=False),
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
    *run_place(),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_windlass_latest_metrics_value",
    latest_metrics.c.experiment_id,
    latest_metrics.c.key,
    latest_metrics.c.kind,
    latest_metrics.c.value,
    latest_metrics.c.start_time.desc(),
    latest_metrics.c.run_id,
)
