"""Retention: letting runs go that nobody wants to keep, by the policy of their experiment."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from windlass.entities import LifecycleStage, LoggedModel, Run, ViewType
from windlass.errors import NotFound
from windlass.interfaces import LoggedModelUpdate, ModelRegistry, TrackingStore
from windlass.services.artifacts import ArtifactService
from windlass.services.file_count import NO_FILES, FileCount, count_each
from windlass.services.garbage.service import Garbage, GarbageService, Step
from windlass.services.garbage.used_files import UsedFiles
from windlass.services.identity import now_ms
from windlass.services.logged_models import LoggedModelService
from windlass.services.paging import every
from windlass.services.retention.kept_runs import why_kept
from windlass.services.retention.policies import RetentionPolicies
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.runs import DELETED_BY_TAG, DELETED_TAG, RunService

_MARK = "retention"
_AT_ONCE = 20
_DAY = 86_400_000
_Models = Mapping[str, Sequence[LoggedModel]]
"""The logged models of an experiment by run, those in the bin included."""


@dataclass(frozen=True, slots=True)
class Going:
    """A run that a policy lets go, with what its files and those of its logged models are."""

    run: Run
    count: FileCount


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """What applying a policy would do: `kept` are numbers of runs by reason, `waiting` are in the bin already."""

    policy: RetentionPolicy
    kept: Mapping[str, int] = field(default_factory=dict)
    going: Sequence[Going] = ()
    waiting: Sequence[Going] = ()

    @property
    def count(self) -> FileCount:
        """The files of all runs that go."""
        return sum((one.count for one in (*self.going, *self.waiting)), NO_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was done: the runs that were moved to the bin, those that were freed, and how many are `left` to free."""

    binned: Sequence[str] = ()
    freed: Sequence[str] = ()
    count: FileCount = NO_FILES
    left: int = 0


class RetentionService:
    """The policies of experiments, what they would do, and doing it."""

    def __init__(
        self,
        *,
        policies: RetentionPolicies,
        tracking: TrackingStore,
        registry: ModelRegistry,
        runs: RunService,
        logged_models: LoggedModelService,
        artifacts: ArtifactService,
        garbage: GarbageService,
    ) -> None:
        self.policies = policies
        self._tracking = tracking
        self._registry = registry
        self._runs = runs
        self._logged_models = logged_models
        self._artifacts = artifacts
        self._garbage = garbage

    def preview(self, experiment_id: str) -> RetentionPlan:
        """What applying the policy would do now."""
        policy = self.policies.get(experiment_id)
        models, used = self._models_by_run(experiment_id), UsedFiles.of(self._registry)
        kept, going = self._sort(policy, models, used)
        waiting = [run for run in self._binned(experiment_id) if not _is_used(run, models, used)]
        measured = self._measured([*going, *waiting], models)
        return RetentionPlan(
            policy=policy, kept=Counter(kept.values()), going=measured[: len(going)], waiting=measured[len(going) :]
        )

    def apply(self, experiment_id: str, *, seconds: float | None = None, on_step: Step | None = None) -> Applied:
        """Move what is not kept to the bin, and free what has been there for the time of grace.

        After `seconds` it stops and says how many are left; `on_step` is called after everything that was done, and
        ends it if it raises. What was interrupted is finished by the next call.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        policy = self.policies.get(experiment_id)
        self.policies.experiment(experiment_id)
        models, used = self._models_by_run(experiment_id), UsedFiles.of(self._registry)
        _, going = self._sort(policy, models, used)
        for run in going:
            self._runs.delete(run.info.run_id, by=_MARK)
            if on_step is not None:
                on_step()
        before = now_ms() - policy.grace_days * _DAY
        due = [run for run in self._binned(experiment_id) if _time(run) <= before and not _is_used(run, models, used)]
        freed = self._free(due, models, deadline, on_step)
        return Applied(
            binned=[run.info.run_id for run in going],
            freed=[one.run.info.run_id for one in freed],
            count=sum((one.count for one in freed), NO_FILES),
            left=len(due) - len(freed),
        )

    def _sort(self, policy: RetentionPolicy, models: _Models, used: UsedFiles) -> tuple[dict[str, str], list[Run]]:
        """The kept runs with the reasons, and the runs that go."""
        ids = [policy.experiment_id]
        select = ["tags.*"] if policy.metric is None else ["tags.*", f"metrics.`{policy.metric}`"]
        runs = list(every(lambda token: self._runs.search(ids, select=select, page_token=token)))
        kept = why_kept(policy, runs, models=models, used=used, now=now_ms())
        return kept, [run for run in runs if run.info.run_id not in kept]

    def _free(self, due: Sequence[Run], models: _Models, deadline: float | None, on_step: Step | None) -> list[Going]:
        freed: list[Going] = []
        for start in range(0, len(due), _AT_ONCE):
            if deadline is not None and time.monotonic() > deadline:
                break
            some = due[start : start + _AT_ONCE]
            found = self._measured(some, models)
            self._garbage.collect(Garbage(runs=list(some), logged_models=self._drop_models(some, models)), on_step)
            freed += [one for one in found if self._is_gone(one.run)]
        return freed

    def _drop_models(self, runs: Iterable[Run], models: _Models) -> list[LoggedModel]:
        """Move the logged models of these runs to the bin, and return them."""
        found = [model for run in runs for model in models.get(run.info.run_id, ())]
        for model in found:
            if model.lifecycle_stage == LifecycleStage.ACTIVE:
                update = LoggedModelUpdate(lifecycle_stage=LifecycleStage.DELETED, last_updated_timestamp=now_ms())
                self._tracking.logged_models.update(model.model_id, update)
        return found

    def _measured(self, runs: Sequence[Run], models: _Models) -> list[Going]:
        roots = [(place, run.info.artifact_uri) for place, run in enumerate(runs)]
        for place, run in enumerate(runs):
            roots += [(place, model.artifact_location) for model in models.get(run.info.run_id, ())]
        totals: dict[int, FileCount] = defaultdict(FileCount)
        for (place, _), count in zip(roots, count_each(self._artifacts, [root for _, root in roots]), strict=True):
            totals[place] += count
        return [Going(run, totals[place]) for place, run in enumerate(runs)]

    def _binned(self, experiment_id: str) -> list[Run]:
        """The runs that a policy has moved to the bin."""
        ids, select = [experiment_id], [f"tags.{DELETED_BY_TAG}", f"tags.{DELETED_TAG}"]
        view = ViewType.DELETED_ONLY
        found = every(lambda token: self._runs.search(ids, view=view, select=select, page_token=token))
        return [run for run in found if run.data.tags.get(DELETED_BY_TAG) == _MARK]

    def _models_by_run(self, experiment_id: str) -> dict[str, list[LoggedModel]]:
        ids, view = [experiment_id], ViewType.ALL
        found: dict[str, list[LoggedModel]] = defaultdict(list)
        for model in every(lambda token: self._logged_models.search(ids, view=view, page_token=token)):
            if model.source_run_id:
                found[model.source_run_id].append(model)
        return found

    def _is_gone(self, run: Run) -> bool:
        try:
            self._runs.get(run.info.run_id)
        except NotFound:
            return True
        return False


def _is_used(run: Run, models: _Models, used: UsedFiles) -> bool:
    found = models.get(run.info.run_id, ())
    return used.by_run(run) is not None or any(used.by_model(model) is not None for model in found)


def _time(run: Run) -> int:
    """When the run was moved to the bin, in epoch ms; long ago if nobody knows."""
    text = run.data.tags.get(DELETED_TAG, "")
    return int(text) if text.isascii() and text.isdigit() else 0
