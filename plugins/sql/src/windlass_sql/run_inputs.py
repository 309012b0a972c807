"""What runs read and wrote: data sets and logged models, each once and in the order in which they came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from windlass.entities import Dataset, DatasetInput, ModelInput, ModelOutput
from windlass_sql import inserts
from windlass_sql.tables import datasets, input_tags, inputs, model_inputs, model_outputs

_DIGEST = 32


def write_inputs(
    connection: sa.Connection, run_id: str, given: Sequence[DatasetInput], models: Sequence[ModelInput]
) -> None:
    """Add the inputs that the run does not have yet."""
    if given:
        _write_datasets(connection, run_id, given)
    if models:
        start = _next_position(connection, model_inputs, run_id)
        rows = [(run_id, one.model_id, start + number) for number, one in enumerate(models)]
        inserts.add_missing(connection, model_inputs, rows)


def write_outputs(connection: sa.Connection, run_id: str, models: Sequence[ModelOutput]) -> None:
    """Add the outputs that the run does not have yet."""
    start = _next_position(connection, model_outputs, run_id)
    rows = [(run_id, one.model_id, one.step, start + number) for number, one in enumerate(models)]
    inserts.add_missing(connection, model_outputs, rows)


def _write_datasets(connection: sa.Connection, run_id: str, given: Sequence[DatasetInput]) -> None:
    start = _next_position(connection, inputs, run_id)
    dataset_rows, input_rows, tag_rows = [], [], []
    for number, one in enumerate(given):
        fields = _fields(one.dataset)
        dataset_id = _digest(fields)
        input_id = _digest([dataset_id, sorted(one.tags.items())])
        dataset_rows.append((dataset_id, *fields))
        input_rows.append((run_id, input_id, dataset_id, start + number))
        tag_rows += [(run_id, input_id, key, value) for key, value in one.tags.items()]
    inserts.add_missing(connection, datasets, dataset_rows)
    inserts.add_missing(connection, inputs, input_rows)
    if tag_rows:
        inserts.add_missing(connection, input_tags, tag_rows)


def _fields(dataset: Dataset) -> list[str | None]:
    """The columns of a data set behind its id."""
    return [dataset.name, dataset.digest, dataset.source_type, dataset.source, dataset.schema, dataset.profile]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:_DIGEST]


def _next_position(connection: sa.Connection, table: sa.Table, run_id: str) -> int:
    highest = connection.execute(sa.select(sa.func.max(table.c.position)).where(table.c.run_id == run_id)).scalar()
    return 0 if highest is None else highest + 1
