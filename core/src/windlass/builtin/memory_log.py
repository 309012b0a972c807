"""Logging in memory: what one batch does to a run and to the logged models that it measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from windlass.builtin.memory_state import TrackingState, origin
from windlass.entities import DatasetInput, Metric, Run, RunData, RunInputs, RunOutputs
from windlass.errors import Conflict
from windlass.interfaces import RunBatch

RUN_NAME_TAG = "mlflow.runName"
T = TypeVar("T")


def check_params(owner: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Raise Conflict if a param that is there already would change."""
    for key, value in new.items():
        if old.get(key, value) != value:
            raise Conflict(
                f"{owner} has the param {key!r} with the value {old[key]!r} already, got {value!r}",
                hint="a param is written once; use a tag for what changes",
                field=key,
            )


def log(state: TrackingState, run_id: str, batch: RunBatch) -> None:
    """Add a batch that has been checked."""
    for metric in batch.metrics:
        _add_metric(state, run_id, metric)
    run = state.runs[run_id]
    info = replace(run.info, run_name=batch.tags.get(RUN_NAME_TAG, run.info.run_name))
    data = RunData(params={**run.data.params, **batch.params}, tags={**run.data.tags, **batch.tags})
    datasets = [DatasetInput(one.dataset, dict(one.tags)) for one in batch.datasets]
    inputs = RunInputs(
        _appended(run.inputs.dataset_inputs, datasets), _appended(run.inputs.model_inputs, batch.model_inputs)
    )
    outputs = RunOutputs(_appended(run.outputs.model_outputs, batch.model_outputs))
    state.runs[run_id] = Run(info, data, inputs, outputs)


def _add_metric(state: TrackingState, run_id: str, metric: Metric) -> None:
    state.histories[run_id].setdefault(metric.key, {}).setdefault(metric.order, metric)
    if metric.model_id is not None:
        points = state.model_metrics.setdefault(metric.model_id, {})
        place = (metric.key, origin(metric), run_id)
        if place not in points or metric.order > points[place].order:
            points[place] = metric


def _appended(old: Sequence[T], new: Sequence[T]) -> tuple[T, ...]:
    """The old ones and those of the new ones that are not there yet."""
    result = list(old)
    for one in new:
        if one not in result:
            result.append(one)
    return tuple(result)
