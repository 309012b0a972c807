"""Logged models on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import LifecycleStage, LoggedModel, LoggedModelStatus
from windlass.wire.metric import MetricJson, decode_metric, encode_metric
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present, text_or_none

_STATUS_NAMES: Mapping[str, str] = {
    LoggedModelStatus.PENDING: "LOGGED_MODEL_PENDING",
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}
_STATUSES = {name: str(status) for status, name in _STATUS_NAMES.items()}


class LoggedModelInfoJson(TypedDict, total=False):
    """What a logged model is; `lifecycle_stage` only if it is deleted."""

    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    status_message: str
    model_type: str
    source_run_id: str
    lifecycle_stage: str
    tags: list[KeyValueJson]


class LoggedModelDataJson(TypedDict, total=False):
    """What was logged to it."""

    params: list[KeyValueJson]
    metrics: list[MetricJson]


class LoggedModelJson(TypedDict):
    """A logged model."""

    info: LoggedModelInfoJson
    data: LoggedModelDataJson


class LoggedModelAnswer(TypedDict):
    """One logged model."""

    model: LoggedModelJson


class LoggedModelsAnswer(TypedDict, total=False):
    """A page of logged models."""

    models: list[LoggedModelJson]
    next_page_token: str


def encode_logged_model(model: LoggedModel) -> LoggedModelJson:
    """The JSON of a logged model."""
    deleted = model.lifecycle_stage != LifecycleStage.ACTIVE
    info = {
        "model_id": model.model_id,
        "experiment_id": model.experiment_id,
        "name": model.name,
        "creation_timestamp_ms": model.creation_timestamp,
        "last_updated_timestamp_ms": model.last_updated_timestamp,
        "artifact_uri": model.artifact_location,
        "status": encode_status(model.status),
        "status_message": model.status_message,
        "model_type": model.model_type,
        "source_run_id": model.source_run_id,
        "lifecycle_stage": str(model.lifecycle_stage) if deleted else None,
        "tags": encode_pairs(model.tags),
    }
    metrics = [encode_metric(metric, model.source_run_id) for metric in model.metrics]
    data = {"params": encode_pairs(model.params), "metrics": metrics}
    return {"info": cast(LoggedModelInfoJson, present(info)), "data": cast(LoggedModelDataJson, present(data))}


def decode_logged_model(json: Mapping[str, Any]) -> LoggedModel:
    """The logged model behind its JSON."""
    info, data = json["info"], json.get("data") or {}
    return LoggedModel(
        model_id=info["model_id"],
        experiment_id=str(info.get("experiment_id", "")),
        name=info.get("name", ""),
        artifact_location=info.get("artifact_uri", ""),
        creation_timestamp=int(info.get("creation_timestamp_ms", 0)),
        last_updated_timestamp=int(info.get("last_updated_timestamp_ms", 0)),
        source_run_id=text_or_none(info.get("source_run_id")),
        model_type=text_or_none(info.get("model_type")),
        status=decode_status(info.get("status", "LOGGED_MODEL_PENDING")),
        status_message=info.get("status_message"),
        lifecycle_stage=str(info.get("lifecycle_stage", LifecycleStage.ACTIVE)),
        params=decode_pairs(data.get("params")),
        tags=decode_pairs(info.get("tags")),
        metrics=tuple(decode_metric(one) for one in data.get("metrics", ())),
    )


def encode_status(status: str) -> str:
    """The wire's name of a status."""
    return _STATUS_NAMES[status]


def decode_status(name: str) -> str:
    """The status behind the wire's name; one of a newer server counts as it is spelled."""
    return _STATUSES.get(name, name)
