"""Runs as JSON, straight from rows: what `build_runs` makes entities of, in the form of the HTTP API."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.search import Selection
from windlass.wire.encoded import encoded_array, encoded_info, encoded_origin, encoded_point, encoded_run, quote
from windlass.wire.run import encode_inputs, encode_outputs
from windlass_sql.numbers import FINITE, decode
from windlass_sql.raw_rows import TextsOf
from windlass_sql.run_reading import EVERYTHING, latest_rows, read_inputs, read_outputs
from windlass_sql.tables import params, run_tags


def encode_runs(connection: sa.Connection, rows: Sequence[sa.Row[Any]], select: Selection | None = None) -> str:
    """The runs of these rows of the table of runs as a JSON array, in their order, with what is selected."""
    ids = [row.run_id for row in rows]
    wanted = select or EVERYTHING
    of_metrics = _metrics(connection, ids, wanted.metrics)
    of_params = _texts(_PARAMS, connection, ids, wanted.params)
    of_tags = _texts(_TAGS, connection, ids, wanted.tags)
    of_inputs = read_inputs(connection, ids) if wanted.inputs else {}
    of_outputs = read_outputs(connection, ids) if wanted.outputs else {}
    return encoded_array(
        encoded_run(
            _info(row),
            metrics=encoded_array(of_metrics.get(row.run_id, ())),
            params=of_params.get(row.run_id, "[]"),
            tags=of_tags.get(row.run_id, "[]"),
            inputs=_dumps(encode_inputs(of_inputs[row.run_id])) if row.run_id in of_inputs else "{}",
            outputs=_dumps(encode_outputs(of_outputs[row.run_id])) if row.run_id in of_outputs else "{}",
        )
        for row in rows
    )


def _texts(
    texts: tuple[TextsOf, TextsOf], connection: sa.Connection, ids: Sequence[str], keys: frozenset[str] | None
) -> Mapping[str, str]:
    every, some = texts
    if keys is None:
        return every.read(connection, ids)
    return some.read(connection, ids, keys) if keys else {}


def _metrics(connection: sa.Connection, ids: Sequence[str], keys: frozenset[str] | None) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for run_id, key, kind, value, timestamp, step, *origin in latest_rows(connection, ids, keys):
        number = value if kind == FINITE else decode(kind, value)
        rest = encoded_origin(*origin) if any(origin) else ""
        found[run_id].append(encoded_point(quote(key), number, timestamp, step, rest))
    return found


def _info(row: Any) -> str:
    run_id, experiment_id, run_name, user_id, status, start_time, end_time, artifact_uri, stage, *_ = row
    return encoded_info(
        run_id=run_id,
        experiment_id=experiment_id,
        run_name=run_name,
        user_id=user_id,
        status=status,
        start_time=start_time,
        end_time=end_time,
        artifact_uri=artifact_uri,
        lifecycle_stage=stage,
    )


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


_PARAMS, _TAGS = ((TextsOf(table), TextsOf(table, keyed=True)) for table in (params, run_tags))
