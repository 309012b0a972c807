"""The experiment and the start time of a run beside each of its values, and indexes that begin with the experiment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from windlass_sql.tables.types import name, real, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEGINNING = 128
_TEXTS = ("windlass_params", "windlass_run_tags")
_METRICS = "windlass_latest_metrics"


def upgrade() -> None:
    """Fill the new columns from the runs, table by table, and make the indexes anew."""
    for table in (*_TEXTS, _METRICS):
        # Without the index filling goes faster.
        op.drop_index(f"ix_{table}_value", table_name=table)
        match op.get_bind().dialect.name:
            case "sqlite":
                _make_anew(table)
            case dialect:
                _add_columns(table, dialect)
        _create_index(table)


def _make_anew(table: str) -> None:
    """SQLite cannot add columns that must be given a value."""
    old = f"{table}_0004"
    op.rename_table(table, old)
    op.create_table(
        table,
        sa.Column("run_id", name(64), nullable=False),
        sa.Column("key", name(250), nullable=False),
        *(_point() if table == _METRICS else [sa.Column("value", text(), nullable=False)]),
        *_place(nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["windlass_runs.run_id"], name=f"fk_{table}_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "key", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO {table} SELECT old.*, runs.experiment_id, runs.start_time "  # noqa: S608  our own names
        f"FROM {old} AS old JOIN windlass_runs AS runs ON runs.run_id = old.run_id"
    )
    op.drop_table(old)


def _point() -> list[sa.Column[object]]:
    return [
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("value", real(), nullable=False),
        sa.Column("model_id", text(), nullable=True),
        sa.Column("dataset_name", text(), nullable=True),
        sa.Column("dataset_digest", text(), nullable=True),
    ]


def _place(*, nullable: bool) -> list[sa.Column[object]]:
    return [
        sa.Column("experiment_id", name(64), nullable=nullable),
        sa.Column("start_time", sa.BigInteger(), nullable=nullable),
    ]


def _add_columns(table: str, dialect: str) -> None:
    for column in _place(nullable=True):
        op.add_column(table, column)
    op.execute(_filling(table, dialect))
    for column in _place(nullable=True):
        op.alter_column(table, column.name, existing_type=column.type, nullable=False)


def _filling(table: str, dialect: str) -> str:
    same = f"runs.run_id = {table}.run_id"
    if dialect in {"mysql", "mariadb"}:
        own = f"{table}.experiment_id = runs.experiment_id, {table}.start_time = runs.start_time"
        return f"UPDATE {table} JOIN windlass_runs AS runs ON {same} SET {own}"  # noqa: S608  our own names
    own = "experiment_id = runs.experiment_id, start_time = runs.start_time"
    return f"UPDATE {table} SET {own} FROM windlass_runs AS runs WHERE {same}"  # noqa: S608  our own names


def _create_index(table: str) -> None:
    value = ["kind", "value"] if table == _METRICS else [_of_text(op.get_bind().dialect.name)]
    parts = ["experiment_id", "key", *value, "start_time DESC", "run_id"]
    # "key" is a word of MySQL's.
    op.create_index(f"ix_{table}_value", table, [one if one == "key" else sa.text(one) for one in parts])


def _of_text(dialect: str) -> str:
    match dialect:
        case "postgresql":
            return f'"left"(value, {_BEGINNING})'
        case "mysql" | "mariadb":
            return f"value({_BEGINNING})"
        case _:
            return "value"
