"""Records: what the platform itself remembers."""

from __future__ import annotations

import sqlalchemy as sa

from windlass_sql.tables.metadata import metadata
from windlass_sql.tables.types import name, text

records = sa.Table(
    "windlass_records",
    metadata,
    sa.Column("collection", name(64), primary_key=True),
    sa.Column("key", name(250), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    # A JSON object; databases differ too much in what their own JSON types keep.
    sa.Column("value", text(), nullable=False),
)
