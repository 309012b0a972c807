"""Garbage collection: removing for good what has been deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from windlass.entities import Experiment, LifecycleStage, LoggedModel, Run, ViewType
from windlass.errors import InvalidValue, NotFound, Unsupported
from windlass.interfaces import LoggedModelUpdate, ModelRegistry, TrackingStore
from windlass.search import LOGGED_MODELS, RUNS
from windlass.services.artifact_place import ArtifactPlace
from windlass.services.artifacts import ArtifactService
from windlass.services.experiments import ExperimentService
from windlass.services.file_count import FileCount, count_files
from windlass.services.garbage.own_places import place_of_experiment, place_of_logged_model, place_of_run
from windlass.services.garbage.used_files import UsedFiles, place_key
from windlass.services.identity import now_ms
from windlass.services.limits import INT64
from windlass.services.logged_models import LoggedModelService
from windlass.services.paging import Search, every
from windlass.services.runs import DELETED_TAG, RunService

T = TypeVar("T")
Step = Callable[[], None]
"""Called after everything that was removed; what it raises ends the collection."""
_LOOK_AGAIN = 50


@dataclass(frozen=True, slots=True)
class Garbage:
    """What a collection removes, and what it spares: ids with who uses their files."""

    experiments: list[Experiment] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    logged_models: list[LoggedModel] = field(default_factory=list)
    spared: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.experiments or self.runs or self.logged_models)

    def __len__(self) -> int:
        return len(self.experiments) + len(self.runs) + len(self.logged_models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for: what was deleted before a time in epoch ms, or what these ids name, which must be deleted."""

    before: int
    run_ids: frozenset[str] = frozenset()
    experiment_ids: frozenset[str] = frozenset()
    logged_model_ids: frozenset[str] = frozenset()

    @property
    def by_id(self) -> bool:
        """Whether only certain runs or logged models are wanted."""
        return bool(self.run_ids or self.logged_model_ids)


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
        self,
        *,
        older_than: int = 0,
        run_ids: Collection[str] = (),
        experiment_ids: Collection[str] = (),
        logged_model_ids: Collection[str] = (),
    ) -> Garbage:
        """What has been deleted for at least `older_than` milliseconds; ids narrow it down, and must be deleted."""
        if self._tracking.is_remote:
            raise Unsupported(
                "gc works on the store itself", hint="run it where the server runs, with its --backend-store-uri"
            )
        wanted = Wanted(
            # Without an age everything goes, whatever is known about its time.
            before=now_ms() - older_than if older_than else INT64[1],
            run_ids=frozenset(run_ids),
            experiment_ids=frozenset(experiment_ids),
            logged_model_ids=frozenset(logged_model_ids),
        )
        found, used = Garbage(), UsedFiles.of(self._registry)
        for experiment in self._all_experiments():
            if not wanted.experiment_ids or experiment.experiment_id in wanted.experiment_ids:
                self._sort(experiment, found, wanted, used)
        _check_found("run_ids", wanted.run_ids, {run.info.run_id for run in found.runs}, found)
        _check_found("logged_model_ids", wanted.logged_model_ids, {one.model_id for one in found.logged_models}, found)
        return found

    def measure(self, garbage: Garbage) -> FileCount:
        """How many files and bytes belong to it."""
        roots = [run.info.artifact_uri for run in garbage.runs]
        return count_files(self._artifacts, roots + [one.artifact_location for one in garbage.logged_models])

    def collect(self, garbage: Garbage, on_step: Step | None = None) -> None:
        """Remove it: the files first, so that an interrupted collection can be started again.

        What has been restored or registered since it was found stays.
        """
        step = on_step or _nothing
        for model, used in self._with_users(garbage.logged_models):
            if self._is_garbage(model) and used.by_model(model) is None:
                self._remove_model(model)
            step()
        for run, used in self._with_users(garbage.runs):
            if self._is_deleted_run(run) and used.by_run(run) is None:
                self._remove(place_of_run(run))
                self._tracking.runs.purge(run.info.run_id)
            step()
        everywhere = self._all_experiments() if garbage.experiments else []
        for experiment, used in self._with_users(garbage.experiments):
            if self._is_empty(experiment):
                others = [one for one in everywhere if one.experiment_id != experiment.experiment_id]
                if used.at(experiment.artifact_location) is None and not _holds(experiment, others):
                    self._remove_directory(experiment)
                self._tracking.experiments.purge(experiment.experiment_id)
            step()

    def _with_users(self, found: Iterable[T]) -> Iterator[tuple[T, UsedFiles]]:
        """Each with what is in use now, looked up again every now and then."""
        used = UsedFiles()
        for number, one in enumerate(found):
            if number % _LOOK_AGAIN == 0:
                used = UsedFiles.of(self._registry)
            yield one, used

    def _remove(self, place: ArtifactPlace) -> None:
        # What is not for us to touch stays where it is.
        if self._artifacts.may_touch(place.root):
            self._artifacts.delete(place.root, place.path)

    def _remove_model(self, model: LoggedModel) -> None:
        self._remove(place_of_logged_model(model))
        if model.lifecycle_stage == LifecycleStage.ACTIVE:
            # One of a deleted experiment, which takes its models along without marking each.
            update = LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED, last_updated_timestamp=now_ms())
            self._tracking.logged_models.update(model.model_id, update)
        self._tracking.logged_models.purge(model.model_id)

    def _remove_directory(self, experiment: Experiment) -> None:
        # What is still there belongs to runs that were purged without their files.
        if (place := place_of_experiment(experiment)) is not None:
            self._remove(place)

    def _is_garbage(self, model: LoggedModel) -> bool:
        try:
            present = self._logged_models.get(model.model_id, allow_deleted=True)
        except NotFound:
            return False
        return present.lifecycle_stage == LifecycleStage.DELETED or _is_deleted(
            self._experiments.get(model.experiment_id)
        )

    def _is_deleted_run(self, run: Run) -> bool:
        try:
            return self._runs.get(run.info.run_id).info.lifecycle_stage == LifecycleStage.DELETED
        except NotFound:
            return False

    def _is_empty(self, experiment: Experiment) -> bool:
        """Whether the experiment is still deleted, and nothing is left in it that it would take along."""
        search = Search(view=ViewType.ALL, experiment_ids=[experiment.experiment_id], max_results=1)
        return (
            _is_deleted(self._experiments.get(experiment.experiment_id))
            and not self._tracking.runs.search(search.query(RUNS))
            and not self._tracking.logged_models.search(search.query(LOGGED_MODELS))
        )

    def _all_experiments(self) -> list[Experiment]:
        return list(every(lambda token: self._experiments.search(view=ViewType.ALL, page_token=token)))

    def _sort(self, experiment: Experiment, found: Garbage, wanted: Wanted, used: UsedFiles) -> None:
        whole = _is_deleted(experiment) and experiment.last_update_time <= wanted.before and not wanted.by_id
        spared = len(found.spared)
        if not whole:
            used.add_models(self._models(experiment, ViewType.ACTIVE_ONLY))
        if wanted.run_ids or not wanted.logged_model_ids:
            self._sort_runs(experiment, found, wanted, used, whole=whole)
        if wanted.logged_model_ids or not wanted.run_ids:
            self._sort_models(experiment, found, wanted, used, whole=whole)
        if whole and len(found.spared) == spared:
            found.experiments.append(experiment)

    def _sort_runs(
        self, experiment: Experiment, found: Garbage, wanted: Wanted, used: UsedFiles, *, whole: bool
    ) -> None:
        for run in self._deleted_runs(experiment):
            by_id = run.info.run_id in wanted.run_ids
            if by_id if wanted.run_ids else whole or _deleted_at(run, experiment) <= wanted.before:
                _keep_or_take(run.info.run_id, used.by_run(run), run, found.runs, found.spared)

    def _sort_models(
        self, experiment: Experiment, found: Garbage, wanted: Wanted, used: UsedFiles, *, whole: bool
    ) -> None:
        for model in self._models(experiment, ViewType.ALL if whole else ViewType.DELETED_ONLY):
            by_id = model.model_id in wanted.logged_model_ids
            old = whole or model.last_updated_timestamp <= wanted.before
            if by_id if wanted.logged_model_ids else old:
                _keep_or_take(model.model_id, used.by_model(model), model, found.logged_models, found.spared)

    def _deleted_runs(self, experiment: Experiment) -> Iterator[Run]:
        ids = [experiment.experiment_id]
        select = [f"tags.{DELETED_TAG}"]
        return every(lambda token: self._runs.search(ids, view=ViewType.DELETED_ONLY, page_token=token, select=select))

    def _models(self, experiment: Experiment, view: ViewType) -> Iterator[LoggedModel]:
        ids = [experiment.experiment_id]
        return every(lambda token: self._logged_models.search(ids, view=view, page_token=token))


def _keep_or_take(key: str, user: str | None, one: T, taken: list[T], spared: dict[str, str]) -> None:
    if user is None:
        taken.append(one)
    else:
        spared[key] = user


def _check_found(name: str, wanted: frozenset[str], taken: set[str], found: Garbage) -> None:
    if missing := wanted - taken - set(found.spared):
        raise InvalidValue(name, sorted(missing), f"must be {name.partition('_id')[0].replace('_', ' ')}s in the bin")


def _deleted_at(run: Run, experiment: Experiment) -> int:
    """When the run was deleted; just now, as far as anyone can tell, if neither it nor its experiment says."""
    text = run.data.tags.get(DELETED_TAG, "")
    if text.isascii() and text.isdigit():
        return int(text)
    return experiment.last_update_time if _is_deleted(experiment) else now_ms()


def _holds(experiment: Experiment, others: Iterable[Experiment]) -> bool:
    """Whether one of the others keeps its files in the directory of this one."""
    key = place_key(experiment.artifact_location)
    return any(f"{place_key(one.artifact_location)}/".startswith(f"{key}/") for one in others if one.artifact_location)


def _is_deleted(experiment: Experiment) -> bool:
    return experiment.lifecycle_stage == LifecycleStage.DELETED


def _nothing() -> None:
    """What happens after a step if nobody wants to know."""
