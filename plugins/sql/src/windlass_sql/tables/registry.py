"""Registered models and their versions.

A model has an id of its own, so that a new name changes one row.
"""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.types import name, text

registered_models = sa.Table(
    "windlass_registered_models",
    metadata,
    sa.Column("id", name(32), primary_key=True),
    sa.Column("name", name(250), nullable=False, unique=True),
    sa.Column("creation_timestamp", sa.BigInteger, nullable=False),
    sa.Column("last_updated_timestamp", sa.BigInteger, nullable=False),
    sa.Column("description", text(), nullable=False),
    # The highest version number there ever was.
    sa.Column("last_version", sa.Integer, nullable=False),
)


def owner() -> sa.Column[str]:
    """The column by which something belongs to a registered model."""
    return sa.Column("owner", sa.ForeignKey(registered_models.c.id, ondelete="CASCADE"), primary_key=True)


registered_model_tags = sa.Table(
    "windlass_registered_model_tags",
    metadata,
    owner(),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
)

model_versions = sa.Table(
    "windlass_model_versions",
    metadata,
    owner(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", text(), nullable=False),
    sa.Column("run_id", name(250), index=True),
    sa.Column("model_id", name(250), index=True),
    sa.Column("run_link", text(), nullable=False),
    sa.Column("creation_timestamp", sa.BigInteger, nullable=False),
    sa.Column("last_updated_timestamp", sa.BigInteger, nullable=False),
    sa.Column("description", text(), nullable=False),
    sa.Column("user_id", name(250), nullable=False),
    sa.Column("current_stage", name(32), nullable=False),
    sa.Column("status", name(32), nullable=False),
    sa.Column("status_message", text(), nullable=False),
)


def version_key() -> sa.ForeignKeyConstraint:
    """What ties tags and aliases to a version."""
    return sa.ForeignKeyConstraint(
        ["owner", "version"], [model_versions.c.owner, model_versions.c.version], ondelete="CASCADE"
    )


model_version_tags = sa.Table(
    "windlass_model_version_tags",
    metadata,
    sa.Column("owner", name(32), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("value", text(), nullable=False),
    version_key(),
)

aliases = sa.Table(
    "windlass_aliases",
    metadata,
    sa.Column("owner", name(32), primary_key=True),
    sa.Column("alias", name(255), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    version_key(),
)
