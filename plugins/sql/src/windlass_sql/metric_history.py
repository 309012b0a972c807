"""The history of a metric, page by page along its primary key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from windlass.entities import Metric, Page
from windlass.search import Field, FieldKind, IsNull, Query, decode_cursor, encode_cursor
from windlass_sql.run_reading import read_metric
from windlass_sql.tables import metrics, series

_ORDER = (metrics.c.step, metrics.c.timestamp, metrics.c.kind, metrics.c.value)


def read_history(
    connection: sa.Connection,
    run_id: str,
    key: str,
    *,
    limit: int | None,
    page_token: str | None,
    page_key: bytes,
) -> Page[Metric]:
    """The points by step, timestamp and value; all of them without a limit."""
    query = Query(filter=IsNull(Field(FieldKind.METRIC, key)), experiment_ids=(run_id,), page_token=page_token)
    signing_key = page_key + b"history"
    statement = (
        sa.select(series.c.key, metrics)
        .join_from(series, metrics)
        .where(series.c.run_id == run_id, series.c.key == key)
        .order_by(*_ORDER)
    )
    if (after := decode_cursor(query, signing_key)) is not None:
        values = [sa.literal(value, column.type) for value, column in zip(after, _ORDER, strict=True)]
        # The first half is implied by the second, but only that an index can use.
        statement = statement.where(metrics.c.step >= after[0], sa.tuple_(*_ORDER) > sa.tuple_(*values))
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = connection.execute(statement).all()
    page = rows if limit is None else rows[:limit]
    token = encode_cursor(_position(page[-1]), query, signing_key) if len(page) < len(rows) else None
    return Page([read_metric(row) for row in page], token)


def _position(row: sa.Row[Any]) -> list[Any]:
    return [row.step, row.timestamp, row.kind, row.value]
