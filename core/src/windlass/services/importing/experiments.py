"""Moving experiments: all of them are active until everything is in them."""

from __future__ import annotations

from dataclasses import replace

from windlass.entities import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, Experiment, LifecycleStage
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import ExperimentUpdate
from windlass.services.importing.differences import check_alike, check_stage, conflict
from windlass.services.importing.forms import experiment_form
from windlass.services.importing.sides import Side

_DELETE = ExperimentUpdate(lifecycle_stage=LifecycleStage.DELETED)


def find_experiment(side: Side, experiment_id: str) -> Experiment | None:
    """The experiment of this id, if the side has it."""
    try:
        return side.tracking.experiments.get(experiment_id)
    except NotFound:
        return None


def is_unused(side: Side, experiment: Experiment) -> bool:
    """Whether this is the default experiment that every store begins with, and nobody has used it.

    It counts as unused in the bin as well, where an import that was killed may have left it.
    """
    as_made = (experiment.experiment_id, experiment.name, dict(experiment.tags))
    if as_made != (DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, {}):
        return False
    ids = [experiment.experiment_id]
    return next(side.runs(ids), None) is None and next(side.logged_models(ids), None) is None


def move_experiment(experiment: Experiment, target: Side) -> None:
    """Make the experiment where it is missing, active for now."""
    found = find_experiment(target, experiment.experiment_id)
    if found is not None and is_unused(target, found) and experiment_form(found) != experiment_form(experiment):
        # Where its files go and when it was made was the target's choice, and cannot be changed.
        _remove(target, found.experiment_id)
        found = None
    if found is None:
        _create(experiment, target)
        return
    what = f"experiment {experiment.experiment_id}"
    check_alike(what, experiment_form(experiment), experiment_form(found), but=("lifecycle_stage",))
    check_stage(what, experiment.lifecycle_stage, found.lifecycle_stage, deleted=LifecycleStage.DELETED)


def drop_unused(source: Side, target: Side) -> None:
    """Remove the default experiment that the target began with, if the source has none any more."""
    found = find_experiment(target, DEFAULT_EXPERIMENT_ID)
    if found is not None and find_experiment(source, DEFAULT_EXPERIMENT_ID) is None and is_unused(target, found):
        _remove(target, DEFAULT_EXPERIMENT_ID)


def bin_experiment(experiment_id: str, target: Side) -> None:
    """Put an experiment into the target's bin, with the active runs in it."""
    if target.tracking.experiments.get(experiment_id).lifecycle_stage != LifecycleStage.DELETED:
        target.tracking.experiments.update(experiment_id, _DELETE)


def _create(experiment: Experiment, target: Side) -> None:
    try:
        target.tracking.experiments.create(replace(experiment, lifecycle_stage=LifecycleStage.ACTIVE))
    except AlreadyExists as error:
        raise conflict(f"has another experiment named {experiment.name!r}") from error


def _remove(target: Side, experiment_id: str) -> None:
    # Only what is in the bin can be purged.
    target.tracking.experiments.update(experiment_id, _DELETE)
    target.tracking.experiments.purge(experiment_id)
