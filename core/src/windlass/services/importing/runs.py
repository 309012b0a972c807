"""Moving runs with the whole histories of their metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from windlass.entities import Experiment, LifecycleStage, Metric, Run
from windlass.errors import AlreadyExists
from windlass.interfaces import RunBatch, RunUpdate
from windlass.services.importing.differences import check_alike, check_stage, conflict
from windlass.services.importing.forms import point_form, run_form
from windlass.services.importing.sides import Side
from windlass.services.importing.tally import canonical
from windlass.services.importing.writing import write_all


def twins(runs: Sequence[Run], target: Side) -> dict[str, Run]:
    """Those of the runs that the target has, by id."""
    experiments, ids = list({run.info.experiment_id for run in runs}), [run.info.run_id for run in runs]
    return {run.info.run_id: run for page in target.runs(experiments, ids) for run in page}


def move_runs(runs: Sequence[Run], source: Side, target: Side, *, experiment: Experiment) -> None:
    """Make those that are missing, active for now, and log the points that they lack."""
    there = twins(runs, target)
    for run in runs:
        if (found := there.get(run.info.run_id)) is not None:
            _check(run, found, experiment)
    missing = [run for run in runs if run.info.run_id not in there]
    write_all([partial(_create, run, target) for run in missing], target)
    # Points arrive in the order of their history, so where the newest one is, all of them are.
    lacking = [run for run in runs if _newest(run) != _newest(there.get(run.info.run_id))]
    for page in source.points(lacking):
        pieces: dict[str, list[Metric]] = {}
        for run_id, point in page:
            pieces.setdefault(run_id, []).append(point)
        batches = [(run_id, RunBatch(metrics=points)) for run_id, points in pieces.items()]
        write_all([partial(target.tracking.runs.log, *one) for one in batches], target)


def bin_runs(runs: Sequence[Run], source: Side, target: Side, *, experiment: Experiment) -> None:
    """Put the runs that were deleted alone into the target's bin; others go there with their experiment."""
    deleted = [run for run in runs if run.info.lifecycle_stage == LifecycleStage.DELETED]
    if experiment.lifecycle_stage == LifecycleStage.DELETED and deleted:
        alone = source.deleted_alone(deleted)
        deleted = [run for run in deleted if run.info.run_id in alone]
    _set_stage(deleted, target, LifecycleStage.DELETED)


def revive_runs(runs: Sequence[Run], target: Side) -> None:
    """Take out of the bin those that were restored while their experiment is in it."""
    _set_stage(
        [run for run in runs if run.info.lifecycle_stage == LifecycleStage.ACTIVE], target, LifecycleStage.ACTIVE
    )


def _set_stage(runs: Sequence[Run], target: Side, stage: LifecycleStage) -> None:
    for run_id, found in twins(runs, target).items() if runs else ():
        if found.info.lifecycle_stage != stage:
            target.tracking.runs.update(run_id, RunUpdate(lifecycle_stage=stage))


def _check(run: Run, found: Run, experiment: Experiment) -> None:
    """Raise Conflict if the target has another run of this id.

    One that is in the bin with its experiment may come out of it at the end.
    """
    what = f"run {run.info.run_id}"
    check_alike(what, run_form(run), run_form(found), but=("lifecycle_stage",))
    if experiment.lifecycle_stage == LifecycleStage.ACTIVE:
        check_stage(what, run.info.lifecycle_stage, found.info.lifecycle_stage, deleted=LifecycleStage.DELETED)


def _create(run: Run, target: Side) -> None:
    info = replace(run.info, lifecycle_stage=LifecycleStage.ACTIVE)
    try:
        target.tracking.runs.create(replace(run, info=info, data=replace(run.data, latest_metrics=())))
    except AlreadyExists as error:
        raise conflict(f"has run {run.info.run_id} in another experiment") from error


def _newest(run: Run | None) -> set[str]:
    return set() if run is None else {canonical(point_form(metric)) for metric in run.data.latest_metrics}
