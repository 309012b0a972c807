"""What a filter or an ordering sees of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from windlass.builtin import memory_search
from windlass.entities import DatasetInput, Metric, Run
from windlass.search import Field, FieldKind, OrderBy, Value, aggregate_values, readings
from windlass.search.cursor import SortValue

CONTEXT_TAG = "mlflow.data.context"


Histories = Mapping[str, Mapping[Any, Metric]]
"""The points of a run by metric."""


def values(run: Run, field: Field, histories: Histories) -> Iterable[Value]:
    """The values of a field of a run; several for data sets."""
    if field.aggregate is not None:
        return aggregate_values(histories.get(field.key, {}).values(), field.aggregate)
    match field.kind:
        case FieldKind.METRIC:
            return [metric.value for metric in run.data.latest_metrics if metric.key == field.key]
        case FieldKind.PARAM:
            return [run.data.params[field.key]] if field.key in run.data.params else []
        case FieldKind.TAG:
            return [run.data.tags[field.key]] if field.key in run.data.tags else []
        case FieldKind.DATASET:
            return [value for one in run.inputs.dataset_inputs for value in _dataset(one, field.key)]
        case FieldKind.ATTRIBUTE:
            return memory_search.attribute(run.info, field.key)


def sort_value(run: Run, order: OrderBy, histories: Histories) -> SortValue:
    """What a run is sorted by."""
    found = (memory_search.first(values(run, field, histories)) for field in readings(order.field))
    return next((one for one in found if one is not None), None)


def _dataset(one: DatasetInput, key: str) -> Iterable[Value]:
    if key == "context":
        return [one.tags[CONTEXT_TAG]] if CONTEXT_TAG in one.tags else []
    return memory_search.attribute(one.dataset, key)
