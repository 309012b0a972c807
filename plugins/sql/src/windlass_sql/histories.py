"""The histories of many runs, page by page along their primary key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import Metric, Page
from windlass.search import Query, decode_cursor, encode_cursor
from windlass_sql.children import belongs_to_many, chunks, load_rows
from windlass_sql.metric_history import ORDER, POINT, as_metric
from windlass_sql.raw_rows import all_rows
from windlass_sql.tables import metrics, series

_SERIES = sa.select(series.c.series_id, series.c.run_id, series.c.key).where(belongs_to_many(series.c.run_id))
_PLACE = (metrics.c.series_id, *ORDER)


def read_histories(
    connection: sa.Connection, run_ids: Sequence[str], *, limit: int, page_token: str | None, page_key: bytes
) -> Page[tuple[str, Metric]]:
    """A page of the points of all metrics of the runs, each with the id of its run."""
    query = Query(experiment_ids=tuple(run_ids), page_token=page_token)
    signing_key = page_key + b"histories"
    known = {number: (run_id, key) for number, run_id, key in load_rows(connection, _SERIES, run_ids)}
    rows = list(_rows(connection, known, decode_cursor(query, signing_key), limit + 1))
    page = rows[:limit]
    token = encode_cursor(list(page[-1][: len(_PLACE)]), query, signing_key) if len(page) < len(rows) else None
    return Page([_point(known, row) for row in page], token)


def _point(known: Mapping[int, tuple[str, str]], row: Any) -> tuple[str, Metric]:
    run_id, key = known[row[0]]
    return run_id, as_metric(key, row[1:])


def _rows(
    connection: sa.Connection, known: Mapping[int, Any], after: Sequence[Any] | None, limit: int
) -> Iterator[Any]:
    """The first rows of these series behind a place."""
    left = limit
    numbers = sorted(one for one in known if after is None or one >= after[0])
    for some in chunks(numbers):
        statement = sa.select(metrics.c.series_id, *POINT).where(metrics.c.series_id.in_(some))
        if after is not None:
            values = [sa.literal(value, column.type) for value, column in zip(after, _PLACE, strict=True)]
            statement = statement.where(sa.tuple_(*_PLACE) > sa.tuple_(*values))
        rows = all_rows(connection, statement.order_by(*_PLACE).limit(left))
        yield from rows
        left -= len(rows)
        if not left:
            return
