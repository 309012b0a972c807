"""What all processes that open the database share."""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.types import name, text

settings = sa.Table(
    "windlass_settings",
    metadata,
    sa.Column("name", name(64), primary_key=True),
    sa.Column("value", text(), nullable=False),
)
