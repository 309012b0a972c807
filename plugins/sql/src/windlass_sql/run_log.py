"""Logging to a run: encoding a batch outside of the transaction, and writing it with few statements inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import sqlalchemy as sa

from windlass.entities import DatasetInput, Metric, ModelInput, ModelOutput
from windlass.interfaces import RunBatch
from windlass_sql import dialect
from windlass_sql.dialect import Row
from windlass_sql.numbers import FINITE
from windlass_sql.numbers import encode as encode_number
from windlass_sql.run_inputs import write_inputs, write_outputs
from windlass_sql.tables import latest_metrics, logged_model_metrics, metrics, params, run_tags, runs
from windlass_sql.texts import add_params, put_tags

RUN_NAME_TAG = "mlflow.runName"
_DIGEST = 32


@dataclass(slots=True)
class Encoded:
    """A batch as rows; `renames` says whether the tag of the run's name changes the run itself."""

    points: list[Row] = field(default_factory=list)
    latest: list[Row] = field(default_factory=list)
    of_models: list[Row] = field(default_factory=list)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[DatasetInput] = ()
    model_inputs: Sequence[ModelInput] = ()
    model_outputs: Sequence[ModelOutput] = ()
    renames: bool = True


def encode(run_id: str, batch: RunBatch) -> Encoded:
    """The batch as rows."""
    points = [_point(run_id, metric) for metric in batch.metrics]
    return Encoded(
        points,
        _newest(points),
        [_of_model(point) for point in points if point[6] is not None],
        batch.params,
        batch.tags,
        batch.datasets,
        batch.model_inputs,
        batch.model_outputs,
    )


def write(connection: sa.Connection, run_id: str, batch: Encoded) -> None:
    """Write the batch in the connection's transaction."""
    if batch.params:
        add_params(connection, params, run_id, batch.params, what=f"run {run_id}")
    if batch.points:
        dialect.add_missing(connection, metrics, batch.points)
        dialect.put_newer(connection, latest_metrics, batch.latest)
    if batch.of_models:
        dialect.put_newer(connection, logged_model_metrics, batch.of_models)
    if batch.tags:
        put_tags(connection, run_tags, run_id, batch.tags)
        if batch.renames and RUN_NAME_TAG in batch.tags:
            named = runs.update().where(runs.c.run_id == run_id).values(run_name=batch.tags[RUN_NAME_TAG])
            connection.execute(named)
    if batch.datasets or batch.model_inputs:
        write_inputs(connection, run_id, batch.datasets, batch.model_inputs)
    if batch.model_outputs:
        write_outputs(connection, run_id, batch.model_outputs)


def _point(run_id: str, metric: Metric) -> Row:
    """A row of the table of all points."""
    value = metric.value
    kind, number = (FINITE, value) if isfinite(value) else encode_number(value)
    measured = (metric.model_id, metric.dataset_name, metric.dataset_digest)
    return (run_id, metric.key, metric.step, metric.timestamp, kind, number, *measured)


def _newest(points: list[Row]) -> list[Row]:
    """Of each key the newest point, so that one statement a key decides; of equals the first."""
    if len(points) == 1:
        return points
    newest: dict[str, Row] = {}
    for point in points:
        old = newest.get(point[1])
        if old is None or point[2:6] > old[2:6]:
            newest[point[1]] = point
    return list(newest.values())


def _of_model(point: Row) -> Row:
    """A row of the table of the metrics of logged models, where what was measured is part of the key."""
    run_id, key, step, timestamp, kind, value, model_id, name, digest = point
    origin = _digest([model_id, name, digest])
    return (model_id, key, origin, run_id, step, timestamp, kind, value, name, digest)


def _digest(values: list[str | None]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:_DIGEST]
