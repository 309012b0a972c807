"""StoreImport: everything in one store moved to another one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress

from windlass.entities import Experiment, LifecycleStage
from windlass.errors import InvalidValue, NotFound, Unsupported
from windlass.services.importing import logged_models, runs
from windlass.services.importing.comparison import Comparison
from windlass.services.importing.experiments import (
    bin_experiment,
    drop_unused,
    find_experiment,
    is_unused,
    move_experiment,
)
from windlass.services.importing.records import move_records, records
from windlass.services.importing.registry import move_model, numbers
from windlass.services.importing.sides import OWN_COLLECTION, Side
from windlass.services.importing.tally import Moved

Tell = Callable[[str, int], None]
"""Is told what is being done, and how many things it was done to so far."""


def _nobody(_what: str, _count: int) -> None:
    return None


class StoreImport:
    """Moves all that `source` has to `target`, which may hold other things as well.

    It can be killed at any moment: started again, it skips what is there and equal and adds what is missing. What the
    target has otherwise is a Conflict that names it. Nobody else may write to either side meanwhile. Files stay where
    they are; their URIs are carried along.
    """

    def __init__(self, source: Side, target: Side, tell: Tell = _nobody) -> None:
        self._source, self._target, self._tell = source, target, tell

    def check(self, *, change: bool = True) -> None:
        """Raise if this pair cannot be: both are one store, or the target chooses ids itself.

        Without `change` nothing is written for it, and two names of one store may go unnoticed.
        """
        source, target = self._source, self._target
        if target.tracking.is_remote or target.registry.is_remote:
            raise Unsupported(
                f"{target.name} chooses ids and numbers itself", hint="import into the store that its server uses"
            )
        numbers(target)
        if source.name == target.name or (change and self._is_one_store()):
            raise InvalidValue("to", target.name, "is the store that is imported from")

    def count(self) -> dict[Moved, int]:
        """How many things of each kind the source has; points of metrics are not counted, which takes long."""
        counts: dict[Moved, int] = {kind: 0 for kind in Moved if kind is not Moved.POINTS}
        for experiment in self._experiments():
            counts[Moved.EXPERIMENTS] += 1
            ids = [experiment.experiment_id]
            counts[Moved.LOGGED_MODELS] += sum(map(len, self._source.logged_models(ids)))
            counts[Moved.RUNS] += sum(map(len, self._source.runs(ids)))
            self._tell("counting experiments", counts[Moved.EXPERIMENTS])
        for page in self._source.models():
            counts[Moved.MODELS] += len(page)
            counts[Moved.VERSIONS] += sum(len(some) for model in page for some in self._source.versions(model.name))
        for name in self._source.collections():
            counts[Moved.RECORDS] += sum(map(len, self._source.collection(name)))
        return counts

    def move(self) -> None:
        """Move everything; what is deleted goes into the bin at the end, because nothing can be added to it there."""
        experiments = self._move_experiments()
        self._move_logged_models(experiments)
        self._move_runs(experiments)
        self._complete(experiments)
        self._move_models()
        self._move_records()
        self._fill_bin(experiments)

    def compare(self) -> Comparison:
        """What the source has, compared with what the target has of it."""
        comparison, source = Comparison(self._source, self._target), self._source
        experiments = list(self._experiments())
        comparison.experiments(experiments)
        for experiment in experiments:
            ids = [experiment.experiment_id]
            for models in source.logged_models(ids):
                comparison.logged_models(models)
            for page in source.runs(ids):
                comparison.runs(page)
                self._tell("comparing runs", comparison.kinds[Moved.RUNS].source.count)
        for found in source.models():
            for model in found:
                comparison.model(model)
                self._tell("comparing registered models", comparison.kinds[Moved.MODELS].source.count)
        for name in source.collections():
            comparison.collection(name)
            self._tell("comparing records", comparison.kinds[Moved.RECORDS].source.count)
        return comparison

    def _experiments(self) -> Iterator[Experiment]:
        """Those that are moved: an unused default experiment stays behind where the target uses its own."""
        for page in self._source.experiments():
            for experiment in page:
                if not (is_unused(self._source, experiment) and self._is_used(experiment.experiment_id)):
                    yield experiment

    def _is_used(self, experiment_id: str) -> bool:
        found = find_experiment(self._target, experiment_id)
        return found is not None and not is_unused(self._target, found)

    def _move_experiments(self) -> list[Experiment]:
        drop_unused(self._source, self._target)
        experiments = list(self._experiments())
        for count, experiment in enumerate(experiments, 1):
            move_experiment(experiment, self._target)
            self._tell(Moved.EXPERIMENTS, count)
        return experiments

    def _move_logged_models(self, experiments: list[Experiment]) -> None:
        count = 0
        for experiment in experiments:
            for page in self._source.logged_models([experiment.experiment_id]):
                logged_models.move_logged_models(page, self._target)
                self._tell(Moved.LOGGED_MODELS, count := count + len(page))

    def _move_runs(self, experiments: list[Experiment]) -> None:
        count = 0
        for experiment in experiments:
            for page in self._source.runs([experiment.experiment_id]):
                runs.move_runs(page, self._source, self._target, experiment=experiment)
                self._tell(Moved.RUNS, count := count + len(page))

    def _complete(self, experiments: list[Experiment]) -> None:
        ids = [experiment.experiment_id for experiment in experiments]
        for experiment_id in ids:
            for page in self._source.logged_models([experiment_id]):
                logged_models.complete_metrics(page, self._source, self._target, ids)

    def _move_models(self) -> None:
        count = versions = 0
        for page in self._source.models():
            for model in page:
                versions += move_model(model, self._source, self._target)
                count += 1
                self._tell(f"{Moved.MODELS} ({versions} versions)", count)

    def _move_records(self) -> None:
        count = 0
        for name in self._source.collections():
            for page in self._source.collection(name):
                move_records(page, self._target)
                self._tell(Moved.RECORDS, count := count + len(page))

    def _fill_bin(self, experiments: list[Experiment]) -> None:
        for experiment in experiments:
            ids = [experiment.experiment_id]
            for page in self._source.runs(ids):
                runs.bin_runs(page, self._source, self._target, experiment=experiment)
            for models in self._source.logged_models(ids):
                logged_models.bin_logged_models(models, self._target)
            if experiment.lifecycle_stage == LifecycleStage.DELETED:
                bin_experiment(experiment.experiment_id, self._target)
                for page in self._source.runs(ids):
                    runs.revive_runs(page, self._target)

    def _is_one_store(self) -> bool:
        """Whether a mark left in the target shows in the source, however both are called."""
        if self._source.records is None or self._target.records is None:
            return False
        mark, target = secrets.token_hex(16), records(self._target)
        target.put(OWN_COLLECTION, mark, {})
        try:
            with suppress(NotFound):
                return self._source.records.get(OWN_COLLECTION, mark).key == mark
            return False
        finally:
            target.delete(OWN_COLLECTION, mark)
