"""Experiments over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.errors import InvalidValue
from windlass.services.workspace import Workspace
from windlass.wire import experiment as wire
from windlass_server.endpoint import Endpoints, answer_page, tags

experiments = Endpoints("experiments")


@experiments.add
def create_experiment(workspace: Workspace, request: wire.CreateExperiment) -> wire.ExperimentIdAnswer:
    """Make an experiment."""
    made = workspace.experiments.create(
        request.name, artifact_location=request.artifact_location or None, tags=tags(request.tags)
    )
    return {"experiment_id": made.experiment_id}


@experiments.add
def get_experiment(workspace: Workspace, request: wire.GetExperiment) -> wire.ExperimentAnswer:
    """The experiment of an id."""
    return {"experiment": wire.encode_experiment(workspace.experiments.get(request.experiment_id))}


@experiments.add
def get_experiment_by_name(workspace: Workspace, request: wire.GetExperimentByName) -> wire.ExperimentAnswer:
    """The experiment of a name."""
    return {"experiment": wire.encode_experiment(workspace.experiments.get_by_name(request.experiment_name))}


@experiments.add
def search_experiments(workspace: Workspace, request: wire.SearchExperiments) -> wire.ExperimentsAnswer:
    """The experiments that match."""
    page = workspace.experiments.search(
        filter=request.filter or "",
        order_by=request.order_by,
        max_results=request.max_results,
        page_token=request.page_token or None,
        view=request.view_type,
    )
    return cast(wire.ExperimentsAnswer, answer_page("experiments", page, wire.encode_experiment))


@experiments.add
def list_experiments(workspace: Workspace, request: wire.ListExperiments) -> wire.ExperimentsAnswer:
    """All experiments."""
    page = workspace.experiments.search(
        max_results=request.max_results, page_token=request.page_token or None, view=request.view_type
    )
    return cast(wire.ExperimentsAnswer, answer_page("experiments", page, wire.encode_experiment))


@experiments.add
def update_experiment(workspace: Workspace, request: wire.UpdateExperiment) -> None:
    """Rename an experiment."""
    if request.new_name is None:
        raise InvalidValue("new_name", None, "is missing")
    workspace.experiments.rename(request.experiment_id, request.new_name)


@experiments.add
def delete_experiment(workspace: Workspace, request: wire.DeleteExperiment) -> None:
    """Move an experiment to the bin."""
    workspace.experiments.delete(request.experiment_id)


@experiments.add
def restore_experiment(workspace: Workspace, request: wire.RestoreExperiment) -> None:
    """Take an experiment out of the bin."""
    workspace.experiments.restore(request.experiment_id)


@experiments.add
def set_experiment_tag(workspace: Workspace, request: wire.SetExperimentTag) -> None:
    """Set a tag."""
    workspace.experiments.set_tags(request.experiment_id, {request.key: request.value})


@experiments.add
def delete_experiment_tag(workspace: Workspace, request: wire.DeleteExperimentTag) -> None:
    """Remove a tag."""
    workspace.experiments.delete_tag(request.experiment_id, request.key)


@experiments.add
def purge_experiment(workspace: Workspace, request: wire.PurgeExperiment) -> None:
    """Remove a deleted experiment for good."""
    workspace.tracking.experiments.purge(request.experiment_id)
