"""What a filter or an ordering sees of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from windlass.search import FieldKind, OrderBy, Query, readings
from windlass_sql.history_terms import asks_history, first_of, latest_points, order_points
from windlass_sql.searchable import Column, Condition, Datasets, Metrics, Searchable, Texts
from windlass_sql.tables import datasets, input_tags, inputs, latest_metrics, params, run_tags, runs

CONTEXT_TAG = "mlflow.data.context"
_ATTRIBUTES = ("run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time")


def _belongs(table: sa.FromClause) -> Condition:
    return table.c.run_id == runs.c.run_id


def _points(order: OrderBy, query: Query) -> sa.FromClause:
    return first_of(
        [
            order_points(field, query) if asks_history(field) else latest_points(field.key)
            for field in readings(order.field)
        ]
    )


def _values(key: str, test: Callable[[Column], Condition]) -> sa.Select[Any]:
    used = inputs.alias()
    if key == "context":
        tags = input_tags.alias()
        return sa.select(sa.literal_column("1")).where(_belongs(tags), tags.c.key == CONTEXT_TAG, test(tags.c.value))
    table = datasets.alias()
    return (
        sa.select(sa.literal_column("1"))
        .select_from(used.join(table, used.c.dataset_id == table.c.dataset_id))
        .where(_belongs(used), test(table.c[key]))
    )


RUN_ENTITY = Searchable(
    name="runs",
    source=runs,
    columns=tuple(runs.columns),
    attributes={name: runs.c[name] for name in _ATTRIBUTES},
    texts={FieldKind.PARAM: Texts(params, _belongs), FieldKind.TAG: Texts(run_tags, _belongs)},
    metrics=Metrics(latest_metrics, _belongs, _points),
    datasets=Datasets(_values),
)
