"""The history of a metric, page by page along its primary key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import Metric
from windlass.search import Field, FieldKind, IsNull, Query, decode_cursor, encode_cursor
from windlass.wire.encoded import encoded_array, encoded_origin, encoded_point, quote
from windlass_sql.numbers import FINITE, decode, encode
from windlass_sql.raw_rows import all_rows
from windlass_sql.summaries import behind
from windlass_sql.tables import metrics, series

ORDER = (metrics.c.step, metrics.c.timestamp, metrics.c.kind, metrics.c.value)
POINT = (*ORDER, metrics.c.model_id, metrics.c.dataset_name, metrics.c.dataset_digest)


def read_history(
    connection: sa.Connection,
    run_id: str,
    key: str,
    *,
    limit: int | None,
    page_token: str | None,
    page_key: bytes,
) -> tuple[Sequence[Any], str | None]:
    """Rows of the points by step, timestamp and value, all of them without a limit, and the token of the next page."""
    query = Query(filter=IsNull(Field(FieldKind.METRIC, key)), experiment_ids=(run_id,), page_token=page_token)
    signing_key = page_key + b"history"
    statement = (
        sa.select(*POINT)
        .join_from(series, metrics)
        .where(series.c.run_id == run_id, series.c.key == key)
        .order_by(*ORDER)
    )
    if (after := decode_cursor(query, signing_key)) is not None:
        values = [sa.literal(value, column.type) for value, column in zip(after, ORDER, strict=True)]
        # The first half is implied by the second, but only that an index can use.
        statement = statement.where(metrics.c.step >= after[0], sa.tuple_(*ORDER) > sa.tuple_(*values))
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = all_rows(connection, statement)
    page = rows if limit is None else rows[:limit]
    token = encode_cursor(_position(page[-1]), query, signing_key) if len(page) < len(rows) else None
    return page, token


def read_behind(
    connection: sa.Connection, run_id: str, key: str, after: tuple[int, int, float] | None, *, limit: int
) -> list[Metric]:
    """The next points behind a step, timestamp and value; the first ones without."""
    statement = (
        sa.select(*POINT)
        .join_from(series, metrics)
        .where(series.c.run_id == run_id, series.c.key == key)
        .order_by(*ORDER)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(behind(metrics, (*after[:2], *encode(after[2])), including=False))
    return [as_metric(key, row) for row in connection.execute(statement)]


def as_metric(key: str, row: Any) -> Metric:
    """The point of a row."""
    step, timestamp, kind, value, *origin = row
    return Metric(key, decode(kind, value), timestamp, step, *origin)


def as_json(key: str, rows: Sequence[Any]) -> str:
    """The points of the rows as a JSON array."""
    name = quote(key)
    return encoded_array([_encoded(name, *row) for row in rows])


def _encoded(
    key: str,
    step: int,
    timestamp: int,
    kind: int,
    value: float,
    model_id: str | None,
    dataset_name: str | None,
    dataset_digest: str | None,
) -> str:
    if kind == FINITE and model_id is None and dataset_name is None and dataset_digest is None:
        # Nearly all of them, a million in one history.
        return f'{{"key":{key},"value":{value!r},"timestamp":{timestamp},"step":{step}}}'
    origin = encoded_origin(model_id, dataset_name, dataset_digest)
    return encoded_point(key, decode(kind, value), timestamp, step, origin)


def _position(row: Any) -> list[Any]:
    return list(row[: len(ORDER)])
