"""Experiments, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from windlass.entities import DEFAULT_EXPERIMENT_ID, Experiment, LifecycleStage, ViewType
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound
from windlass.fluent.state import chosen, current_settings, current_workspace
from windlass.services.paging import take


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Make an experiment the current one, by name (it is created if missing) or by id."""
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidValue("experiment", (experiment_name, experiment_id), "needs either a name or an id")
    experiments = current_workspace().experiments
    experiment = experiments.get(str(experiment_id)) if experiment_id is not None else _named(str(experiment_name))
    if experiment.lifecycle_stage != LifecycleStage.ACTIVE:
        raise Conflict(
            f"experiment {experiment.name!r} is deleted",
            hint=f"windlass experiments restore --experiment-id {experiment.experiment_id}, or use another name",
        )
    chosen().experiment_id = experiment.experiment_id
    return experiment


def current_experiment_id() -> str:
    """The experiment of the next run: the one set, the one in the environment, or the default one."""
    if (experiment_id := chosen().experiment_id) is not None:
        return experiment_id
    settings = current_settings()
    if settings.experiment_name:
        return _named(settings.experiment_name).experiment_id
    return settings.experiment_id or DEFAULT_EXPERIMENT_ID


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """A new experiment; returns its id."""
    texts = {key: str(value) for key, value in (tags or {}).items()}
    location = str(artifact_location) if artifact_location else None
    return current_workspace().experiments.create(name, artifact_location=location, tags=texts).experiment_id


def get_experiment(experiment_id: str) -> Experiment:
    """The experiment; NotFound if there is none."""
    return current_workspace().experiments.get(str(experiment_id))


def get_experiment_by_name(name: str) -> Experiment | None:
    """The experiment of this name, None if there is none."""
    try:
        return current_workspace().experiments.get_by_name(name)
    except NotFound:
        return None


def delete_experiment(experiment_id: str) -> None:
    """Move it to the bin with its runs."""
    current_workspace().experiments.delete(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Take it out of the bin with the runs that were deleted with it."""
    current_workspace().experiments.restore(experiment_id)


def search_experiments(
    view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """All experiments that match, or the first `max_results`."""
    experiments = current_workspace().experiments
    return take(partial(experiments.search, view=view_type, filter=filter_string, order_by=order_by), max_results)


def list_experiments(view_type: int = ViewType.ACTIVE_ONLY, max_results: int | None = None) -> list[Experiment]:
    """All experiments; the older name of `search_experiments`."""
    return search_experiments(view_type, max_results)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag on the current experiment."""
    set_experiment_tags({key: value})


def set_experiment_tags(tags: Mapping[str, Any]) -> None:
    """Set tags on the current experiment."""
    texts = {key: str(value) for key, value in tags.items()}
    current_workspace().experiments.set_tags(current_experiment_id(), texts)


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the current experiment."""
    current_workspace().experiments.delete_tag(current_experiment_id(), key)


def _named(name: str) -> Experiment:
    experiments = current_workspace().experiments
    try:
        return experiments.get_by_name(name)
    except NotFound:
        try:
            return experiments.create(name)
        except AlreadyExists:
            # Another process was a moment faster.
            return experiments.get_by_name(name)
