"""Garbage collection: removing for good what has been deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeVar

from windlass.entities import Experiment, LifecycleStage, LoggedModel, Run, ViewType
from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import LoggedModelUpdate, ModelRegistry, TrackingStore
from windlass.search import MODEL_VERSIONS
from windlass.services.artifacts import ArtifactService
from windlass.services.experiments import ExperimentService
from windlass.services.identity import now_ms
from windlass.services.limits import INT64
from windlass.services.logged_models import LoggedModelService
from windlass.services.paging import Search, every
from windlass.services.runs import DELETED_TAG, RunService

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Garbage:
    """What a collection removes, and what it spares because a registered version uses it."""

    experiments: list[Experiment] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    logged_models: list[LoggedModel] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)


class GarbageService:
    """Finds and removes deleted experiments, runs and logged models with their files."""

    def __init__(
        self,
        *,
        tracking: TrackingStore,
        registry: ModelRegistry,
        experiments: ExperimentService,
        runs: RunService,
        logged_models: LoggedModelService,
        artifacts: ArtifactService,
    ) -> None:
        self._tracking = tracking
        self._registry = registry
        self._experiments = experiments
        self._runs = runs
        self._logged_models = logged_models
        self._artifacts = artifacts

    def find(
        self, *, older_than: int = 0, run_ids: Collection[str] = (), experiment_ids: Collection[str] = ()
    ) -> Garbage:
        """What has been deleted for at least `older_than` milliseconds; ids narrow it down, and must be deleted."""
        if self._tracking.is_remote:
            raise Unsupported(
                "gc works on the store itself", hint="run it where the server runs, with its --backend-store-uri"
            )
        # Without an age everything goes, whatever is known about its time.
        before = now_ms() - older_than if older_than else INT64[1]
        found = Garbage()
        for experiment in self._all_experiments():
            if experiment_ids and experiment.experiment_id not in experiment_ids:
                continue
            self._sort(experiment, found, before, run_ids)
        missing = set(run_ids) - {run.info.run_id for run in found.runs} - set(found.spared)
        if missing:
            raise InvalidValue("run_ids", sorted(missing), "must be runs that are deleted")
        return found

    def collect(self, garbage: Garbage) -> None:
        """Remove it: the files first, so that an interrupted collection can be started again.

        What has been restored since it was found stays.
        """
        for model in garbage.logged_models:
            if not self._is_garbage(model):
                continue
            self._artifacts.delete(model.artifact_location)
            if model.lifecycle_stage == LifecycleStage.ACTIVE:
                # One of a deleted experiment, which takes its models along without marking each.
                update = LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED, last_updated_timestamp=now_ms())
                self._tracking.logged_models.update(model.model_id, update)
            self._tracking.logged_models.purge(model.model_id)
        for run in garbage.runs:
            if self._runs.get(run.info.run_id).info.lifecycle_stage != LifecycleStage.DELETED:
                continue
            self._artifacts.delete(run.info.artifact_uri)
            self._tracking.runs.purge(run.info.run_id)
        for experiment in garbage.experiments:
            if _is_deleted(self._experiments.get(experiment.experiment_id)):
                self._tracking.experiments.purge(experiment.experiment_id)

    def _is_garbage(self, model: LoggedModel) -> bool:
        present = self._logged_models.get(model.model_id, allow_deleted=True)
        return present.lifecycle_stage == LifecycleStage.DELETED or _is_deleted(
            self._experiments.get(model.experiment_id)
        )

    def _all_experiments(self) -> list[Experiment]:
        return list(every(lambda token: self._experiments.search(view=ViewType.ALL, page_token=token)))

    def _sort(self, experiment: Experiment, found: Garbage, before: int, run_ids: Collection[str]) -> None:
        whole = _is_deleted(experiment) and experiment.last_update_time <= before and not run_ids
        spared = len(found.spared)
        ids = [experiment.experiment_id]
        for run in every(lambda token: self._runs.search(ids, view=ViewType.DELETED_ONLY, page_token=token)):
            wanted = run.info.run_id in run_ids if run_ids else whole or _deleted_at(run, experiment) <= before
            if wanted:
                self._keep_or_take(run.info.run_id, "run_id", run, found.runs, found.spared)
        if not run_ids:
            self._sort_models(ids, found, before, whole=whole)
        if whole and len(found.spared) == spared:
            found.experiments.append(experiment)

    def _sort_models(self, ids: list[str], found: Garbage, before: int, *, whole: bool) -> None:
        view = ViewType.ALL if whole else ViewType.DELETED_ONLY
        for model in every(lambda token: self._logged_models.search(ids, view=view, page_token=token)):
            if whole or model.last_updated_timestamp <= before:
                self._keep_or_take(model.model_id, "model_id", model, found.logged_models, found.spared)

    def _keep_or_take(self, key: str, field_name: str, one: T, taken: list[T], spared: list[str]) -> None:
        query = Search(filter=f"{field_name} = '{key}'", max_results=1).query(MODEL_VERSIONS)
        if self._registry.versions.search(query):
            spared.append(key)
        else:
            taken.append(one)


def _deleted_at(run: Run, experiment: Experiment) -> int:
    """When the run was deleted; just now, as far as anyone can tell, if neither it nor its experiment says."""
    text = run.data.tags.get(DELETED_TAG, "")
    if text.isascii() and text.isdigit():
        return int(text)
    return experiment.last_update_time if _is_deleted(experiment) else now_ms()


def _is_deleted(experiment: Experiment) -> bool:
    return experiment.lifecycle_stage == LifecycleStage.DELETED
