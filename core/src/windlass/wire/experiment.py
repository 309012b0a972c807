"""Experiments on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import Experiment, LifecycleStage, Tag, ViewType
from windlass.wire.message import WINDLASS, Id, Message, message
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present


class ExperimentJson(TypedDict, total=False):
    """An experiment."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    creation_time: int
    last_update_time: int
    tags: list[KeyValueJson]


class ExperimentAnswer(TypedDict):
    """One experiment."""

    experiment: ExperimentJson


class ExperimentIdAnswer(TypedDict):
    """The id of a new experiment."""

    experiment_id: str


class ExperimentsAnswer(TypedDict, total=False):
    """A page of experiments."""

    experiments: list[ExperimentJson]
    next_page_token: str


def encode_experiment(experiment: Experiment) -> ExperimentJson:
    """The JSON of an experiment."""
    return cast(
        ExperimentJson,
        present(
            {
                "experiment_id": experiment.experiment_id,
                "name": experiment.name,
                "artifact_location": experiment.artifact_location,
                "lifecycle_stage": str(experiment.lifecycle_stage),
                "creation_time": experiment.creation_time,
                "last_update_time": experiment.last_update_time,
                "tags": encode_pairs(experiment.tags),
            }
        ),
    )


def decode_experiment(json: Mapping[str, Any]) -> Experiment:
    """The experiment behind its JSON."""
    return Experiment(
        experiment_id=str(json["experiment_id"]),
        name=json["name"],
        artifact_location=json.get("artifact_location", ""),
        lifecycle_stage=json.get("lifecycle_stage", LifecycleStage.ACTIVE),
        creation_time=int(json.get("creation_time", 0)),
        last_update_time=int(json.get("last_update_time", 0)),
        tags=decode_pairs(json.get("tags")),
    )


@message("POST", "/experiments/create", idempotent=False)
class CreateExperiment(Message):
    """Makes an experiment."""

    name: str
    artifact_location: str | None = None
    tags: tuple[Tag, ...] = ()


@message("GET", "/experiments/get")
class GetExperiment(Message):
    """Asks for an experiment by id."""

    experiment_id: Id


@message("GET", "/experiments/get-by-name")
class GetExperimentByName(Message):
    """Asks for an experiment by name."""

    experiment_name: str


@message("POST GET", "/experiments/search")
class SearchExperiments(Message):
    """Asks for the experiments that match."""

    filter: str | None = None
    order_by: tuple[str, ...] = ()
    max_results: int = 1000
    page_token: str | None = None
    view_type: ViewType = ViewType.ACTIVE_ONLY


@message("GET", "/experiments/list")
class ListExperiments(Message):
    """Asks for all experiments, as clients of MLflow 1 do; those before 1.28 take what comes for everything."""

    view_type: ViewType = ViewType.ACTIVE_ONLY
    max_results: int = 50_000
    page_token: str | None = None


@message("POST", "/experiments/update")
class UpdateExperiment(Message):
    """Renames an experiment."""

    experiment_id: Id
    new_name: str | None = None


@message("POST", "/experiments/delete")
class DeleteExperiment(Message):
    """Moves an experiment to the bin."""

    experiment_id: Id


@message("POST", "/experiments/restore")
class RestoreExperiment(Message):
    """Takes an experiment out of the bin."""

    experiment_id: Id


@message("POST", "/experiments/set-experiment-tag")
class SetExperimentTag(Message):
    """Sets a tag of an experiment."""

    experiment_id: Id
    key: str
    value: str


@message("POST", "/experiments/delete-experiment-tag")
class DeleteExperimentTag(Message):
    """Removes a tag of an experiment."""

    experiment_id: Id
    key: str


@message("POST", "/experiments/purge", family=WINDLASS)
class PurgeExperiment(Message):
    """Removes a deleted experiment for good."""

    experiment_id: Id
