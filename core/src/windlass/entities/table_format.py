"""TableFormat: how a large table is written to a file."""

from __future__ import annotations

from enum import StrEnum


class TableFormat(StrEnum):
    """The formats: Arrow's stream of record batches, or Parquet."""

    ARROW = "arrow"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """What it is called on the web."""
        return f"application/vnd.apache.{'arrow.stream' if self is TableFormat.ARROW else 'parquet'}"
