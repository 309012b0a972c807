"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from windlass_sql.tables.types import name, real, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    _create_settings()
    _create_experiments()
    _create_runs()
    _create_metrics()
    _create_inputs()
    _create_logged_models()
    _create_registry()


def _create_settings() -> None:
    op.create_table(
        "windlass_settings",
        sa.Column("name", name(64), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_windlass_settings"),
    )


def _create_experiments() -> None:
    op.create_table(
        "windlass_experiments",
        sa.Column("experiment_id", name(64), nullable=False),
        sa.Column("name", name(500), nullable=False),
        sa.Column("artifact_location", text(), nullable=False),
        sa.Column("lifecycle_stage", name(16), nullable=False),
        sa.Column("creation_time", sa.BigInteger(), nullable=False),
        sa.Column("last_update_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", name="pk_windlass_experiments"),
        sa.UniqueConstraint("name", name="uq_windlass_experiments_name"),
    )
    op.create_table(
        "windlass_experiment_tags",
        sa.Column("experiment_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["windlass_experiments.experiment_id"],
            name="fk_windlass_experiment_tags_experiment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", "key", name="pk_windlass_experiment_tags"),
        sqlite_with_rowid=False,
    )


def _create_runs() -> None:
    op.create_table(
        "windlass_runs",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("experiment_id", name(64), nullable=False),
        sa.Column("run_name", name(250), nullable=False),
        sa.Column("user_id", name(250), nullable=False),
        sa.Column("status", name(16), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("artifact_uri", text(), nullable=False),
        sa.Column("lifecycle_stage", name(16), nullable=False),
        sa.Column("deleted_with_experiment", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["windlass_experiments.experiment_id"], name="fk_windlass_runs_experiment_id"
        ),
        sa.PrimaryKeyConstraint("run_id", name="pk_windlass_runs"),
    )
    op.create_index(
        "ix_windlass_runs_newest",
        "windlass_runs",
        ["experiment_id", "lifecycle_stage", sa.literal_column("start_time DESC"), "run_id"],
        unique=False,
    )
    op.create_table(
        "windlass_params",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_params_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_windlass_params"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_windlass_params_value", "windlass_params", ["key", "value"], unique=False)
    op.create_table(
        "windlass_run_tags",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_run_tags_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_windlass_run_tags"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_windlass_run_tags_value", "windlass_run_tags", ["key", "value"], unique=False)


def _create_metrics() -> None:
    op.create_table(
        "windlass_latest_metrics",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", real(), nullable=False),
        sa.Column("model_id", text(), nullable=True),
        sa.Column("dataset_name", text(), nullable=True),
        sa.Column("dataset_digest", text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_latest_metrics_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_windlass_latest_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_windlass_latest_metrics_value", "windlass_latest_metrics", ["key", "kind", "value"], unique=False
    )
    op.create_table(
        "windlass_series",
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_series_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", name="pk_windlass_series"),
        sa.UniqueConstraint("run_id", "key", name="uq_windlass_series_run_id_key"),
    )
    op.create_table(
        "windlass_metrics",
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", real(), autoincrement=False, nullable=False),
        sa.Column("model_id", text(), nullable=True),
        sa.Column("dataset_name", text(), nullable=True),
        sa.Column("dataset_digest", text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"], ["windlass_series.series_id"], name="fk_windlass_metrics_series_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "step", "timestamp", "kind", "value", name="pk_windlass_metrics"),
        sqlite_with_rowid=False,
    )


def _create_inputs() -> None:
    op.create_table(
        "windlass_datasets",
        sa.Column("dataset_id", name(32), nullable=False),
        sa.Column("name", name(500), nullable=False),
        sa.Column("digest", name(36), nullable=False),
        sa.Column("source_type", name(36), nullable=False),
        sa.Column("source", text(), nullable=False),
        sa.Column("schema", text(), nullable=True),
        sa.Column("profile", text(), nullable=True),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_windlass_datasets"),
    )
    op.create_table(
        "windlass_inputs",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("input_id", name(32), nullable=False),
        sa.Column("dataset_id", name(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["windlass_datasets.dataset_id"], name="fk_windlass_inputs_dataset_id"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_inputs_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "input_id", name="pk_windlass_inputs"),
    )
    op.create_table(
        "windlass_model_inputs",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_model_inputs_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "model_id", name="pk_windlass_model_inputs"),
    )
    op.create_table(
        "windlass_model_outputs",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_model_outputs_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "model_id", "step", name="pk_windlass_model_outputs"),
    )
    op.create_table(
        "windlass_input_tags",
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("input_id", name(32), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "input_id"],
            ["windlass_inputs.run_id", "windlass_inputs.input_id"],
            name="fk_windlass_input_tags_run_id_input_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "input_id", "key", name="pk_windlass_input_tags"),
    )


def _create_logged_models() -> None:
    op.create_table(
        "windlass_logged_models",
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("experiment_id", name(64), nullable=False),
        sa.Column("name", name(250), nullable=False),
        sa.Column("artifact_location", text(), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("source_run_id", text(), nullable=True),
        sa.Column("model_type", text(), nullable=True),
        sa.Column("status", name(32), nullable=False),
        sa.Column("status_message", text(), nullable=True),
        sa.Column("lifecycle_stage", name(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["windlass_experiments.experiment_id"], name="fk_windlass_logged_models_experiment_id"
        ),
        sa.PrimaryKeyConstraint("model_id", name="pk_windlass_logged_models"),
    )
    op.create_index(
        "ix_windlass_logged_models_newest",
        "windlass_logged_models",
        [
            "experiment_id",
            "lifecycle_stage",
            sa.literal_column("creation_timestamp DESC"),
            sa.literal_column("model_id DESC"),
        ],
        unique=False,
    )
    op.create_table(
        "windlass_logged_model_metrics",
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("origin", name(32), nullable=False),
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", real(), nullable=False),
        sa.Column("dataset_name", text(), nullable=True),
        sa.Column("dataset_digest", text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["windlass_runs.run_id"], name="fk_windlass_logged_model_metrics_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model_id", "key", "origin", "run_id", name="pk_windlass_logged_model_metrics"),
    )
    op.create_index(
        "ix_windlass_logged_model_metrics_run_id", "windlass_logged_model_metrics", ["run_id"], unique=False
    )
    op.create_table(
        "windlass_logged_model_params",
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["windlass_logged_models.model_id"],
            name="fk_windlass_logged_model_params_model_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "key", name="pk_windlass_logged_model_params"),
    )
    op.create_table(
        "windlass_logged_model_tags",
        sa.Column("model_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["windlass_logged_models.model_id"],
            name="fk_windlass_logged_model_tags_model_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "key", name="pk_windlass_logged_model_tags"),
    )


def _create_registry() -> None:
    op.create_table(
        "windlass_registered_models",
        sa.Column("id", name(32), nullable=False),
        sa.Column("name", name(250), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("description", text(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_windlass_registered_models"),
        sa.UniqueConstraint("name", name="uq_windlass_registered_models_name"),
    )
    op.create_table(
        "windlass_model_versions",
        sa.Column("owner", name(32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", text(), nullable=False),
        sa.Column("run_id", name(250), nullable=True),
        sa.Column("model_id", name(250), nullable=True),
        sa.Column("run_link", text(), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("description", text(), nullable=False),
        sa.Column("user_id", name(250), nullable=False),
        sa.Column("current_stage", name(32), nullable=False),
        sa.Column("status", name(32), nullable=False),
        sa.Column("status_message", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["windlass_registered_models.id"], name="fk_windlass_model_versions_owner", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner", "version", name="pk_windlass_model_versions"),
    )
    op.create_index("ix_windlass_model_versions_model_id", "windlass_model_versions", ["model_id"], unique=False)
    op.create_index("ix_windlass_model_versions_run_id", "windlass_model_versions", ["run_id"], unique=False)
    op.create_table(
        "windlass_registered_model_tags",
        sa.Column("owner", name(32), nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["windlass_registered_models.id"],
            name="fk_windlass_registered_model_tags_owner",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_windlass_registered_model_tags"),
    )
    op.create_table(
        "windlass_aliases",
        sa.Column("owner", name(32), nullable=False),
        sa.Column("alias", name(255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "version"],
            ["windlass_model_versions.owner", "windlass_model_versions.version"],
            name="fk_windlass_aliases_owner_version",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "alias", name="pk_windlass_aliases"),
    )
    op.create_table(
        "windlass_model_version_tags",
        sa.Column("owner", name(32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", name(250), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "version"],
            ["windlass_model_versions.owner", "windlass_model_versions.version"],
            name="fk_windlass_model_version_tags_owner_version",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner", "version", "key", name="pk_windlass_model_version_tags"),
    )
