"""Building runs from rows: a page of runs costs one statement a table, however many runs it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import (
    Dataset,
    DatasetInput,
    Metric,
    ModelInput,
    ModelOutput,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
)
from windlass.errors import NotFound
from windlass_sql.children import belongs_to_many, grouped, load_rows, load_texts
from windlass_sql.numbers import decode
from windlass_sql.tables import (
    datasets,
    input_tags,
    inputs,
    latest_metrics,
    model_inputs,
    model_outputs,
    params,
    run_tags,
    runs,
)

_Rows = Sequence[sa.Row[Any]]
_LATEST = sa.select(latest_metrics).where(belongs_to_many(latest_metrics.c.run_id)).order_by(latest_metrics.c.key)
_RUNS = sa.select(runs).where(belongs_to_many(runs.c.run_id))
_INPUT_TAGS = sa.select(input_tags).where(belongs_to_many(input_tags.c.run_id))
_INPUTS = (
    sa.select(inputs.c.run_id, inputs.c.input_id, datasets)
    .join_from(inputs, datasets)
    .where(belongs_to_many(inputs.c.run_id))
    .order_by(inputs.c.position)
)
_MODEL_INPUTS = sa.select(model_inputs).where(belongs_to_many(model_inputs.c.run_id)).order_by(model_inputs.c.position)
_MODEL_OUTPUTS = (
    sa.select(model_outputs).where(belongs_to_many(model_outputs.c.run_id)).order_by(model_outputs.c.position)
)


def read_run(connection: sa.Connection, run_id: str) -> Run:
    """The run; NotFound if there is none."""
    rows = list(load_rows(connection, _RUNS, [run_id]))
    if not rows:
        raise NotFound(f"there is no run {run_id!r}")
    return build_runs(connection, rows)[0]


def build_runs(connection: sa.Connection, rows: _Rows) -> list[Run]:
    """The runs of these rows of the table of runs, in their order."""
    ids = [row.run_id for row in rows]
    metrics = grouped((row.run_id, read_metric(row)) for row in load_rows(connection, _LATEST, ids))
    of_params, of_tags = load_texts(connection, params, ids), load_texts(connection, run_tags, ids)
    of_inputs, of_models = _dataset_inputs(connection, ids), _model_inputs(connection, ids)
    of_outputs = _model_outputs(connection, ids)
    return [
        Run(
            _info(row),
            RunData(tuple(metrics.get(row.run_id, ())), of_params.get(row.run_id, {}), of_tags.get(row.run_id, {})),
            RunInputs(tuple(of_inputs.get(row.run_id, ())), tuple(of_models.get(row.run_id, ()))),
            RunOutputs(tuple(of_outputs.get(row.run_id, ()))),
        )
        for row in rows
    ]


def read_metric(row: sa.Row[Any]) -> Metric:
    """The point of a row of `metrics` or `latest_metrics`."""
    return Metric(
        row.key,
        decode(row.kind, row.value),
        row.timestamp,
        row.step,
        row.model_id,
        row.dataset_name,
        row.dataset_digest,
    )


def _info(row: sa.Row[Any]) -> RunInfo:
    return RunInfo(
        run_id=row.run_id,
        experiment_id=row.experiment_id,
        run_name=row.run_name,
        user_id=row.user_id,
        status=row.status,
        start_time=row.start_time,
        end_time=row.end_time,
        artifact_uri=row.artifact_uri,
        lifecycle_stage=row.lifecycle_stage,
    )


def _dataset_inputs(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, list[DatasetInput]]:
    tags: dict[tuple[str, str], dict[str, str]] = {}
    for row in load_rows(connection, _INPUT_TAGS, ids):
        tags.setdefault((row.run_id, row.input_id), {})[row.key] = row.value
    return grouped(
        (row.run_id, DatasetInput(_dataset(row), tags.get((row.run_id, row.input_id), {})))
        for row in load_rows(connection, _INPUTS, ids)
    )


def _dataset(row: sa.Row[Any]) -> Dataset:
    return Dataset(row.name, row.digest, row.source_type, row.source, row.schema, row.profile)


def _model_inputs(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, list[ModelInput]]:
    found = load_rows(connection, _MODEL_INPUTS, ids)
    return grouped((row.run_id, ModelInput(row.model_id)) for row in found)


def _model_outputs(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, list[ModelOutput]]:
    found = load_rows(connection, _MODEL_OUTPUTS, ids)
    return grouped((row.run_id, ModelOutput(row.model_id, row.step)) for row in found)
