"""Runs on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import (
    LifecycleStage,
    ModelInput,
    ModelOutput,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
)
from windlass.wire.dataset import DatasetInputJson, decode_dataset_input, encode_dataset_input
from windlass.wire.metric import MetricJson, decode_metric, encode_metric
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present


class RunInfoJson(TypedDict, total=False):
    """Who, when and where; the id stands under its older name too."""

    run_id: str
    run_uuid: str
    run_name: str
    experiment_id: str
    user_id: str
    status: str
    start_time: int
    end_time: int
    artifact_uri: str
    lifecycle_stage: str


class RunDataJson(TypedDict, total=False):
    """What the run logged; of each metric only the latest point."""

    metrics: list[MetricJson]
    params: list[KeyValueJson]
    tags: list[KeyValueJson]


class ModelInputJson(TypedDict):
    """A logged model that the run read."""

    model_id: str


class ModelOutputJson(TypedDict):
    """A logged model that the run wrote."""

    model_id: str
    step: int


class RunInputsJson(TypedDict, total=False):
    """What the run read."""

    dataset_inputs: list[DatasetInputJson]
    model_inputs: list[ModelInputJson]


class RunOutputsJson(TypedDict, total=False):
    """What the run wrote."""

    model_outputs: list[ModelOutputJson]


class RunJson(TypedDict):
    """A run."""

    info: RunInfoJson
    data: RunDataJson
    inputs: RunInputsJson
    outputs: RunOutputsJson


class RunAnswer(TypedDict):
    """One run."""

    run: RunJson


class RunInfoAnswer(TypedDict):
    """A run without what it logged."""

    run_info: RunInfoJson


class RunsAnswer(TypedDict, total=False):
    """A page of runs."""

    runs: list[RunJson]
    next_page_token: str


def encode_run(run: Run) -> RunJson:
    """The JSON of a run."""
    return {
        "info": encode_run_info(run.info),
        "data": _encode_data(run.data),
        "inputs": encode_inputs(run.inputs),
        "outputs": encode_outputs(run.outputs),
    }


def decode_run(json: Mapping[str, Any]) -> Run:
    """The run behind its JSON."""
    data, inputs, outputs = json.get("data") or {}, json.get("inputs") or {}, json.get("outputs") or {}
    return Run(
        info=decode_run_info(json["info"]),
        data=RunData(
            latest_metrics=tuple(decode_metric(one) for one in data.get("metrics", ())),
            params=decode_pairs(data.get("params")),
            tags=decode_pairs(data.get("tags")),
        ),
        inputs=RunInputs(
            dataset_inputs=tuple(decode_dataset_input(one) for one in inputs.get("dataset_inputs", ())),
            model_inputs=tuple(ModelInput(one["model_id"]) for one in inputs.get("model_inputs", ())),
        ),
        outputs=RunOutputs(
            tuple(ModelOutput(one["model_id"], int(one.get("step", 0))) for one in outputs.get("model_outputs", ()))
        ),
    )


def encode_run_info(info: RunInfo) -> RunInfoJson:
    """The JSON of a run's info."""
    return cast(
        RunInfoJson,
        present(
            {
                "run_id": info.run_id,
                "run_uuid": info.run_id,
                "run_name": info.run_name,
                "experiment_id": info.experiment_id,
                "user_id": info.user_id,
                "status": str(info.status),
                "start_time": info.start_time,
                "end_time": info.end_time,
                "artifact_uri": info.artifact_uri,
                "lifecycle_stage": str(info.lifecycle_stage),
            }
        ),
    )


def decode_run_info(json: Mapping[str, Any]) -> RunInfo:
    """The info behind its JSON."""
    ended = json.get("end_time")
    return RunInfo(
        run_id=json.get("run_id") or json["run_uuid"],
        experiment_id=str(json.get("experiment_id", "")),
        run_name=json.get("run_name", ""),
        user_id=json.get("user_id", ""),
        status=json.get("status", RunStatus.RUNNING),
        start_time=int(json.get("start_time", 0)),
        end_time=None if ended is None else int(ended),
        artifact_uri=json.get("artifact_uri", ""),
        lifecycle_stage=json.get("lifecycle_stage", LifecycleStage.ACTIVE),
    )


def _encode_data(data: RunData) -> RunDataJson:
    return cast(
        RunDataJson,
        present(
            {
                "metrics": [encode_metric(metric) for metric in data.latest_metrics],
                "params": encode_pairs(data.params),
                "tags": encode_pairs(data.tags),
            }
        ),
    )


def encode_outputs(outputs: RunOutputs) -> RunOutputsJson:
    """The JSON of what a run wrote."""
    models = [ModelOutputJson(model_id=one.model_id, step=one.step) for one in outputs.model_outputs]
    return cast(RunOutputsJson, present({"model_outputs": models}))


def encode_inputs(inputs: RunInputs) -> RunInputsJson:
    """The JSON of what a run read."""
    return cast(
        RunInputsJson,
        present(
            {
                "dataset_inputs": [encode_dataset_input(one) for one in inputs.dataset_inputs],
                "model_inputs": [ModelInputJson(model_id=one.model_id) for one in inputs.model_inputs],
            }
        ),
    )
