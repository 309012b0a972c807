"""Building runs from rows: a page of runs costs one statement a table, however many runs it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
from windlass.search import Selection
from windlass_sql.children import belongs_to_many, grouped, load_rows
from windlass_sql.numbers import decode
from windlass_sql.raw_rows import RowsOf
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

EVERYTHING = Selection(metrics=None, params=None, tags=None, inputs=True, outputs=True)
_RUNS = sa.select(runs).where(belongs_to_many(runs.c.run_id))
_POINT = ("key", "kind", "value", "timestamp", "step", "model_id", "dataset_name", "dataset_digest")
_EVERY_METRIC, _SOME_METRICS = (RowsOf(latest_metrics, _POINT, keyed=keyed) for keyed in (False, True))
_TEXTS = {
    table: tuple(RowsOf(table, ("key", "value"), keyed=keyed) for keyed in (False, True))
    for table in (params, run_tags)
}
_WITH_INPUTS, _WITH_MODELS, _WITH_OUTPUTS = (RowsOf(one, ()) for one in (inputs, model_inputs, model_outputs))
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


def build_runs(connection: sa.Connection, rows: Sequence[Any], select: Selection | None = None) -> list[Run]:
    """The runs of these rows of the table of runs, in their order, with what is selected; what is not is not read."""
    ids = [row.run_id for row in rows]
    wanted = select or EVERYTHING
    metrics: dict[str, list[Metric]] = defaultdict(list)
    for run_id, key, kind, value, *rest in latest_rows(connection, ids, wanted.metrics):
        metrics[run_id].append(Metric(key, decode(kind, value), *rest))
    of_params = _texts(params, connection, ids, wanted.params)
    of_tags = _texts(run_tags, connection, ids, wanted.tags)
    of_inputs = read_inputs(connection, ids) if wanted.inputs else {}
    of_outputs = read_outputs(connection, ids) if wanted.outputs else {}
    return [
        Run(
            _info(row),
            RunData(tuple(metrics.get(row.run_id, ())), of_params.get(row.run_id, {}), of_tags.get(row.run_id, {})),
            of_inputs.get(row.run_id, RunInputs()),
            of_outputs.get(row.run_id, RunOutputs()),
        )
        for row in rows
    ]


def latest_rows(connection: sa.Connection, ids: Sequence[str], keys: frozenset[str] | None) -> Iterator[Any]:
    """The latest points of the runs, with one of the keys or all: the run's id, then key, kind, value and the rest."""
    if keys is None:
        return _EVERY_METRIC.read(connection, ids)
    return _SOME_METRICS.read(connection, ids, keys) if keys else iter(())


def read_inputs(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, RunInputs]:
    """What those of the runs read that read anything; few do, so it is worth asking first."""
    some = {run_id: None for rows in (_WITH_INPUTS, _WITH_MODELS) for (run_id,) in rows.read(connection, ids)}
    readers = list(some)
    of_datasets, of_models = _dataset_inputs(connection, readers), _model_inputs(connection, readers)
    return {
        run_id: RunInputs(tuple(of_datasets.get(run_id, ())), tuple(of_models.get(run_id, ()))) for run_id in readers
    }


def read_outputs(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, RunOutputs]:
    """What those of the runs wrote that wrote anything."""
    writers = list({run_id: None for (run_id,) in _WITH_OUTPUTS.read(connection, ids)})
    found = load_rows(connection, _MODEL_OUTPUTS, writers)
    written = grouped((row.run_id, ModelOutput(row.model_id, row.step)) for row in found)
    return {run_id: RunOutputs(tuple(models)) for run_id, models in written.items()}


def _texts(
    table: sa.Table, connection: sa.Connection, ids: Sequence[str], keys: frozenset[str] | None
) -> Mapping[str, dict[str, str]]:
    every, some = _TEXTS[table]
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if keys is None or keys:
        for run_id, key, value in every.read(connection, ids) if keys is None else some.read(connection, ids, keys):
            found[run_id][key] = value
    return found


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
