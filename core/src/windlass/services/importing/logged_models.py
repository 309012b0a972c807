"""Moving logged models; what runs measured of them comes with the runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from windlass.entities import LifecycleStage, LoggedModel, Metric
from windlass.errors import AlreadyExists
from windlass.interfaces import LoggedModelUpdate, RunBatch
from windlass.search import Field, FieldKind, IsNull
from windlass.services.importing.differences import check_alike, check_stage, conflict
from windlass.services.importing.forms import logged_model_form, point_form
from windlass.services.importing.sides import Side
from windlass.services.importing.tally import canonical

_DELETE = LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED)


def twins(models: Sequence[LoggedModel], target: Side) -> dict[str, LoggedModel]:
    """Those of the models that the target has, by id."""
    experiments, ids = list({model.experiment_id for model in models}), [model.model_id for model in models]
    return {model.model_id: model for page in target.logged_models(experiments, ids) for model in page}


def move_logged_models(models: Sequence[LoggedModel], target: Side) -> None:
    """Make those that are missing, active for now."""
    there = twins(models, target)
    for model in models:
        what = f"logged model {model.model_id}"
        if (found := there.get(model.model_id)) is not None:
            but = ("lifecycle_stage", "metrics")
            check_alike(what, logged_model_form(model), logged_model_form(found), but=but)
            check_stage(what, model.lifecycle_stage, found.lifecycle_stage, deleted=LifecycleStage.DELETED)
            continue
        try:
            target.tracking.logged_models.create(replace(model, lifecycle_stage=LifecycleStage.ACTIVE, metrics=()))
        except AlreadyExists as error:
            raise conflict(f"has {what} in another experiment") from error


def complete_metrics(models: Sequence[LoggedModel], source: Side, target: Side, experiment_ids: Sequence[str]) -> None:
    """Log the points of models that no history of a run has.

    Where one run measured two models at one moment with one result, its history has only the first of both points.
    """
    there = twins(models, target)
    for model in models:
        known = set(map(_text, there[model.model_id].metrics)) if model.model_id in there else set()
        for point in model.metrics:
            if _text(point) not in known:
                _log_again(point, source, target, experiment_ids)


def bin_logged_models(models: Sequence[LoggedModel], target: Side) -> None:
    """Put what is deleted in the source into the target's bin."""
    deleted = [model for model in models if model.lifecycle_stage == LifecycleStage.DELETED]
    there = twins(deleted, target) if deleted else {}
    for model_id, found in there.items():
        if found.lifecycle_stage != LifecycleStage.DELETED:
            target.tracking.logged_models.update(model_id, _DELETE)


def _log_again(point: Metric, source: Side, target: Side, experiment_ids: Sequence[str]) -> None:
    for run_id in _runs_with(point, source, experiment_ids):
        target.tracking.runs.log(run_id, RunBatch(metrics=[point]))
        return


def _runs_with(point: Metric, source: Side, experiment_ids: Sequence[str]) -> Iterator[str]:
    """The runs whose history has a point of the same step, time and value."""
    measured = IsNull(Field(FieldKind.METRIC, point.key), negated=True)
    for page in source.found(measured, experiment_ids):
        for run in page:
            history = source.tracking.runs.metric_history(run.info.run_id, point.key)
            if any(one.order == point.order for one in history):
                yield run.info.run_id


def _text(point: Metric) -> str:
    return canonical(point_form(point))
