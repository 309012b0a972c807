"""The plain forms of entities, by which two stores are compared: without what a store derives from the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from windlass.entities import Experiment, LoggedModel, Metric, ModelVersion, RegisteredModel, Run
from windlass.services.importing.tally import canonical

Form = dict[str, Any]


def experiment_form(experiment: Experiment) -> Form:
    """All of an experiment."""
    return asdict(experiment)


def run_form(run: Run) -> Form:
    """All of a run but its metrics, whose points are compared for themselves."""
    return {
        **asdict(run.info),
        "params": dict(run.data.params),
        "tags": dict(run.data.tags),
        "dataset_inputs": _unordered(asdict(one) for one in run.inputs.dataset_inputs),
        "model_inputs": _unordered(asdict(one) for one in run.inputs.model_inputs),
        "model_outputs": _unordered(asdict(one) for one in run.outputs.model_outputs),
    }


def point_form(point: Metric) -> list[Any]:
    """All of a point of a metric; of the two zeros, which not all databases tell apart, it makes one."""
    measured = [point.model_id, point.dataset_name, point.dataset_digest]
    return [point.key, point.step, point.timestamp, point.value + 0.0, *measured]


def logged_model_form(model: LoggedModel) -> Form:
    """All of a logged model; its metrics come from the runs that measured it."""
    return {**asdict(model), "metrics": _unordered(map(point_form, model.metrics))}


def model_form(model: RegisteredModel) -> Form:
    """All of a registered model but its versions."""
    form = asdict(model)
    del form["latest_versions"]
    return form


def version_form(version: ModelVersion) -> Form:
    """All of a version; its aliases belong to its model."""
    form = asdict(version)
    del form["aliases"]
    return form


def _unordered(values: Iterable[Any]) -> list[str]:
    return sorted(map(canonical, values))
