"""Indexes over the values of params and tags on servers, which have them on SQLite already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BEGINNING = 128


def upgrade() -> None:
    """Create an index for each of the two tables."""
    for table in ("windlass_params", "windlass_run_tags"):
        match op.get_bind().dialect.name:
            case "postgresql":
                op.create_index(f"ix_{table}_value", table, ["key", sa.text(f'"left"(value, {_BEGINNING})')])
            case "mysql" | "mariadb":
                op.create_index(f"ix_{table}_value", table, ["key", "value"], mysql_length={"value": _BEGINNING})
