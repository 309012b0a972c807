"""Samples: small entities and queries that the suites work with."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from windlass.entities import Experiment, LoggedModel, Metric, ModelVersion, RegisteredModel, Run, RunData, RunInfo
from windlass.interfaces import ModelRegistry, TrackingStore
from windlass.search import Field, FieldKind, OrderBy, Query, Schema, parse_filter, parse_order_by

MISSING_RUN = "f" * 32
MISSING_EXPERIMENT = "999999999999"
MISSING_MODEL = "m-" + "f" * 32
HARD_TEXTS = ("", " ", "ünïcödé", "日本語", "🚂 4 bytes", "a'b\"c`d\\e", "line\nbreak\ttab", "%_*?[x]", "x" * 5000)
"""Values that stores like to bend."""

_ids = count(1_700_000_000_000)


def new_name(prefix: str = "sample") -> str:
    """A name that nobody else uses."""
    return f"{prefix}-{secrets.token_hex(8)}"


def new_experiment(store: TrackingStore, name: str | None = None, **fields: Any) -> Experiment:
    """An experiment in the store."""
    experiment_id = str(next(_ids))
    given: dict[str, Any] = {"artifact_location": "s3://bucket/artifacts", "creation_time": 1, "last_update_time": 1}
    return store.experiments.create(Experiment(experiment_id, name or new_name(), **(given | fields)))


def new_run(store: TrackingStore, experiment_id: str, *, tags: dict[str, str] | None = None, **fields: Any) -> Run:
    """A run in the store; `fields` are those of RunInfo."""
    run_id = secrets.token_hex(16)
    name = fields.pop("run_name", f"run-{run_id[:4]}")
    given: dict[str, Any] = {"user_id": "ada", "start_time": 1000, "artifact_uri": f"s3://bucket/artifacts/{run_id}"}
    info = RunInfo(run_id, experiment_id, name, **(given | fields))
    return store.runs.create(Run(info, RunData(tags={**(tags or {}), "mlflow.runName": name})))


def new_logged_model(store: TrackingStore, experiment_id: str, **fields: Any) -> LoggedModel:
    """A logged model in the store."""
    location = "s3://bucket/artifacts/model"
    given: dict[str, Any] = {"name": "model", "artifact_location": location, "creation_timestamp": 1}
    model_id = "m-" + secrets.token_hex(16)
    return store.logged_models.create(LoggedModel(model_id, experiment_id, **(given | fields)))


def new_model(registry: ModelRegistry, name: str | None = None, **fields: Any) -> RegisteredModel:
    """A registered model in the registry."""
    return registry.models.create(RegisteredModel(name or new_name("model"), **fields))


def new_version(registry: ModelRegistry, name: str, **fields: Any) -> ModelVersion:
    """A version in the registry."""
    return registry.versions.create(ModelVersion(name, 0, **({"source": "s3://bucket/artifacts/model"} | fields)))


def metric(key: str, value: float, *, timestamp: int = 1, step: int = 0, **fields: Any) -> Metric:
    """A point of a metric."""
    return Metric(key, value, timestamp, step, **fields)


def query(schema: Schema, text: str = "", order_by: Sequence[str | OrderBy] = (), **fields: Any) -> Query:
    """A query as services build it: parsed, its ordering completed by the entity's default."""
    keys = [parse_order_by(one, schema) if isinstance(one, str) else one for one in order_by]
    named = {key.field for key in keys}
    for name, ascending in schema.default_order:
        field = Field(FieldKind.ATTRIBUTE, name)
        if field not in named:
            keys.append(OrderBy(field, ascending))
    return Query(filter=parse_filter(text, schema), order_by=tuple(keys), **fields)


def needs_own_data(owner: TrackingStore | ModelRegistry) -> None:
    """Skip what only holds where the store itself owns the data: its ids, times and places, and purging."""
    if owner.is_remote:
        pytest.skip("a remote store chooses ids, times and places itself")
