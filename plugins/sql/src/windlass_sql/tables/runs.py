"""Runs with their params, tags, inputs and outputs."""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.experiments import experiments
from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.types import name, text
from windlass_sql.tables.value_index import index_values

runs = sa.Table(
    "windlass_runs",
    metadata,
    sa.Column("run_id", name(64), primary_key=True),
    sa.Column("experiment_id", sa.ForeignKey(experiments.c.experiment_id), nullable=False),
    sa.Column("run_name", name(250), nullable=False),
    sa.Column("user_id", name(250), nullable=False),
    sa.Column("status", name(16), nullable=False),
    sa.Column("start_time", sa.BigInteger, nullable=False),
    sa.Column("end_time", sa.BigInteger),
    sa.Column("artifact_uri", text(), nullable=False),
    sa.Column("lifecycle_stage", name(16), nullable=False),
    # 1 if the run is in the bin because its experiment is, and comes back with it.
    sa.Column("deleted_with_experiment", sa.SmallInteger, nullable=False, server_default="0"),
)
sa.Index(
    "ix_windlass_runs_newest", runs.c.experiment_id, runs.c.lifecycle_stage, runs.c.start_time.desc(), runs.c.run_id
)


def run_id() -> sa.Column[str]:
    """The column by which everything that a run has belongs to it."""
    return sa.Column("run_id", sa.ForeignKey(runs.c.run_id, ondelete="CASCADE"), primary_key=True)


def run_place() -> tuple[sa.Column[str], sa.Column[int]]:
    """Where the run stands in the order of its experiment, which never changes: here again for the indexes."""
    return sa.Column("experiment_id", name(64), nullable=False), sa.Column("start_time", sa.BigInteger, nullable=False)


params = sa.Table(
    "windlass_params",
    metadata,
    run_id(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
    *run_place(),
    sqlite_with_rowid=False,
)

run_tags = sa.Table(
    "windlass_run_tags",
    metadata,
    run_id(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
    *run_place(),
    sqlite_with_rowid=False,
)
index_values(params)
index_values(run_tags)

datasets = sa.Table(
    "windlass_datasets",
    metadata,
    # A digest of all the rest: equal data sets are kept once, and those that differ in anything apart.
    sa.Column("dataset_id", name(32), primary_key=True),
    sa.Column("name", name(500), nullable=False),
    sa.Column("digest", name(36), nullable=False),
    sa.Column("source_type", name(36), nullable=False),
    sa.Column("source", text(), nullable=False),
    sa.Column("schema", text()),
    sa.Column("profile", text()),
)

inputs = sa.Table(
    "windlass_inputs",
    metadata,
    run_id(),
    # A digest of the data set and its tags.
    sa.Column("input_id", name(32), primary_key=True),
    sa.Column("dataset_id", sa.ForeignKey(datasets.c.dataset_id), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
)

input_tags = sa.Table(
    "windlass_input_tags",
    metadata,
    sa.Column("run_id", name(64), primary_key=True),
    sa.Column("input_id", name(32), primary_key=True),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
    sa.ForeignKeyConstraint(["run_id", "input_id"], [inputs.c.run_id, inputs.c.input_id], ondelete="CASCADE"),
)

model_inputs = sa.Table(
    "windlass_model_inputs",
    metadata,
    run_id(),
    sa.Column("model_id", name(64), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
)

model_outputs = sa.Table(
    "windlass_model_outputs",
    metadata,
    run_id(),
    sa.Column("model_id", name(64), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, nullable=False),
)
