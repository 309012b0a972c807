"""Logging to a run: encoding a batch outside of the transaction, and writing it with few statements inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from operator import itemgetter

import sqlalchemy as sa

from windlass.entities import DatasetInput, Metric, ModelInput, ModelOutput
from windlass.interfaces import RunBatch
from windlass_sql import inserts
from windlass_sql.dialect import Row
from windlass_sql.numbers import FINITE
from windlass_sql.numbers import encode as encode_number
from windlass_sql.run_inputs import write_inputs, write_outputs
from windlass_sql.series import make_series
from windlass_sql.summaries import take_back
from windlass_sql.tables import latest_metrics, logged_model_metrics, metrics, params, run_tags, runs
from windlass_sql.texts import add_params, put_tags

RUN_NAME_TAG = "mlflow.runName"
_DIGEST = 32
_MOMENT = itemgetter(0, 1)
_AGE = itemgetter(0, 1, 2, 3)
_MODEL = 4

Place = tuple[str, int]
"""A run's experiment and its start time, which are kept beside its values."""


@dataclass(slots=True)
class Encoded:
    """A batch as rows; `renames` says whether the tag of the run's name changes the run itself.

    The points stand by key, each as the columns behind `series_id` in the table of all points; those that say what was
    measured are left out of all of them where no point says it.
    """

    points: Mapping[str, list[Row]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[DatasetInput] = ()
    model_inputs: Sequence[ModelInput] = ()
    model_outputs: Sequence[ModelOutput] = ()
    renames: bool = True


def encode(batch: RunBatch) -> Encoded:
    """The batch as rows."""
    return Encoded(
        _by_key(batch.metrics),
        batch.params,
        batch.tags,
        batch.datasets,
        batch.model_inputs,
        batch.model_outputs,
    )


def write(connection: sa.Connection, run_id: str, batch: Encoded, *, place: Place) -> None:
    """Write the batch in the connection's transaction."""
    if batch.params:
        add_params(connection, params, run_id, batch.params, what=f"run {run_id}", beside=place)
    if batch.points:
        _write_points(connection, run_id, batch.points, place=place)
    if batch.tags:
        put_tags(connection, run_tags, run_id, batch.tags, beside=place)
        if batch.renames and RUN_NAME_TAG in batch.tags:
            named = runs.update().where(runs.c.run_id == run_id).values(run_name=batch.tags[RUN_NAME_TAG])
            connection.execute(named)
    if batch.datasets or batch.model_inputs:
        write_inputs(connection, run_id, batch.datasets, batch.model_inputs)
    if batch.model_outputs:
        write_outputs(connection, run_id, batch.model_outputs)


def _write_points(connection: sa.Connection, run_id: str, points: Mapping[str, list[Row]], *, place: Place) -> None:
    found = make_series(connection, run_id, list(points))
    # Along the primary key, in which they lie in the table: that takes half the time.
    along = sorted((number, key) for key, (number, _, _) in found.items())
    inserts.add_missing(connection, metrics, [(number, *row) for number, key in along for row in points[key]])
    for key, (number, step, timestamp) in found.items():
        if step is not None and (earliest := min(map(_MOMENT, points[key]))) <= (step, timestamp):
            take_back(connection, number, earliest)
    latest = [(run_id, key, *_whole(max(rows, key=_AGE)), *place) for key, rows in points.items()]
    inserts.put_newer(connection, latest_metrics, latest)
    of_models = [
        _of_model(run_id, key, row)
        for key, rows in points.items()
        for row in rows
        if len(row) > _MODEL and row[_MODEL] is not None
    ]
    if of_models:
        inserts.put_newer(connection, logged_model_metrics, of_models)


def _whole(row: Row) -> Row:
    """The row with the columns that say what was measured."""
    return row if len(row) > _MODEL else (*row, None, None, None)


def _by_key(metrics: Sequence[Metric]) -> dict[str, list[Row]]:
    measured = any(_says_what_was_measured(one) for one in metrics)
    points: dict[str, list[Row]] = {}
    for metric in metrics:
        value = metric.value
        kind, number = (FINITE, value) if isfinite(value) else encode_number(value)
        row: Row = (metric.step, metric.timestamp, kind, number)
        if measured:
            row = (*row, metric.model_id, metric.dataset_name, metric.dataset_digest)
        if (rows := points.get(metric.key)) is None:
            points[metric.key] = [row]
        else:
            rows.append(row)
    return points


def _says_what_was_measured(one: Metric) -> bool:
    return one.model_id is not None or one.dataset_name is not None or one.dataset_digest is not None


def _of_model(run_id: str, key: str, row: Row) -> Row:
    """A row of the table of the metrics of logged models, where what was measured is part of the key."""
    *point, model_id, name, digest = row
    return (model_id, key, _digest([model_id, name, digest]), run_id, *point, name, digest)


def _digest(values: list[str | None]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:_DIGEST]
