"""Experiments in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from windlass.builtin import memory_search
from windlass.builtin.memory_state import TrackingState
from windlass.entities import Experiment, LifecycleStage, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentStore, ExperimentUpdate
from windlass.search import Field, FieldKind, Query, Value


class MemoryExperimentStore(ExperimentStore):
    """The experiments of a memory store."""

    def __init__(self, state: TrackingState) -> None:
        self._state = state

    def create(self, experiment: Experiment) -> Experiment:
        """Keep a new experiment."""
        with self._state.lock:
            if experiment.experiment_id in self._state.experiments:
                raise AlreadyExists(f"experiment {experiment.experiment_id} exists already", field="experiment_id")
            self._check_name(experiment.name)
            kept = replace(experiment, tags=dict(experiment.tags))
            self._state.experiments[experiment.experiment_id] = kept
            return kept

    def get(self, experiment_id: str) -> Experiment:
        """The experiment, deleted or not."""
        with self._state.lock:
            if experiment_id not in self._state.experiments:
                raise NotFound(f"there is no experiment {experiment_id!r}")
            return self._state.experiments[experiment_id]

    def get_by_name(self, name: str) -> Experiment:
        """The experiment of this name, deleted or not."""
        with self._state.lock:
            for experiment in self._state.experiments.values():
                if experiment.name == name:
                    return experiment
        raise NotFound(f"there is no experiment named {name!r}")

    def update(self, experiment_id: str, update: ExperimentUpdate) -> Experiment:
        """Change what `update` names."""
        with self._state.lock:
            old = self.get(experiment_id)
            if update.name is not None and update.name != old.name:
                self._check_name(update.name)
            kept = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
            new = replace(
                old,
                name=old.name if update.name is None else update.name,
                lifecycle_stage=update.lifecycle_stage or old.lifecycle_stage,
                last_update_time=update.last_update_time or old.last_update_time,
                tags={**kept, **update.tags},
            )
            self._state.experiments[experiment_id] = new
            if update.lifecycle_stage is not None:
                self._take_runs_along(experiment_id, update.lifecycle_stage)
            return new

    def search(self, query: Query) -> Page[Experiment]:
        """One page of the experiments that match."""
        with self._state.lock:
            return memory_search.search(
                [one for one in self._state.experiments.values() if query.view.shows(one.lifecycle_stage)],
                query,
                values=_values,
                sort_value=lambda one, order: memory_search.first(_values(one, order.field)),
                key=self._state.page_key + b"experiments",
            )

    def purge(self, experiment_id: str) -> None:
        """Remove a deleted experiment with its runs and logged models for good."""
        state = self._state
        with state.lock:
            if self.get(experiment_id).lifecycle_stage != LifecycleStage.DELETED:
                raise Conflict(f"experiment {experiment_id} is active", hint="delete it first")
            for run_id in [one for one, run in state.runs.items() if run.info.experiment_id == experiment_id]:
                state.forget_run(run_id)
            for model_id in [one for one, model in state.logged_models.items() if model.experiment_id == experiment_id]:
                state.forget_model(model_id)
            del state.experiments[experiment_id]

    def _check_name(self, name: str) -> None:
        if any(experiment.name == name for experiment in self._state.experiments.values()):
            raise AlreadyExists(f"an experiment named {name!r} exists already, perhaps deleted", field="name")

    def _take_runs_along(self, experiment_id: str, stage: str) -> None:
        """Delete the active runs of a deleted experiment; revive those of a restored one that went with it."""
        for run_id, run in self._state.runs.items():
            if run.info.experiment_id != experiment_id:
                continue
            if stage == LifecycleStage.DELETED and run.info.lifecycle_stage == LifecycleStage.ACTIVE:
                self._state.deleted_with.add(run_id)
            elif stage == LifecycleStage.ACTIVE and run_id in self._state.deleted_with:
                self._state.deleted_with.discard(run_id)
            else:
                continue
            self._state.runs[run_id] = replace(run, info=replace(run.info, lifecycle_stage=stage))


def _values(experiment: Experiment, field: Field) -> Iterable[Value]:
    if field.kind is FieldKind.TAG:
        return [experiment.tags[field.key]] if field.key in experiment.tags else []
    return memory_search.attribute(experiment, field.key)
