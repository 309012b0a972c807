"""RetentionPolicies: the retention policies of experiments, where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from windlass.entities import Experiment, LifecycleStage, Record
from windlass.errors import Conflict, NotFound, Unsupported
from windlass.interfaces import RecordStore
from windlass.services.experiments import ExperimentService
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.visibility import EVERYTHING, Visibility

_COLLECTION = "retention"
_PAGE = 1000


class RetentionPolicies:
    """One policy for each experiment that has one, as a record."""

    def __init__(
        self,
        *,
        records: Callable[[], RecordStore],
        experiments: ExperimentService,
        visibility: Visibility = EVERYTHING,
        remote: bool,
    ) -> None:
        self._open_records = records
        self._experiments = experiments
        self._visibility = visibility
        self._remote = remote

    def put(self, policy: RetentionPolicy) -> RetentionPolicy:
        """Keep a policy for its experiment, in the place of another one."""
        self.experiment(policy.experiment_id)
        self._records.put(_COLLECTION, policy.experiment_id, policy.checked().as_record())
        return policy

    def get(self, experiment_id: str) -> RetentionPolicy:
        """The policy of an experiment; NotFound if it has none."""
        try:
            return RetentionPolicy.of_record(self._records.get(_COLLECTION, experiment_id).value)
        except NotFound:
            self._experiments.get(experiment_id)
            raise NotFound(
                f"experiment {experiment_id} has no retention policy", hint="`windlass retention set` makes one"
            ) from None

    def remove(self, experiment_id: str) -> None:
        """Forget the policy of an experiment; nothing happens if it has none."""
        self._records.delete(_COLLECTION, experiment_id)

    def visible(self) -> list[RetentionPolicy]:
        """The policies of all experiments that may be seen."""
        found = [RetentionPolicy.of_record(one.value) for one in self._all()]
        shown = set(self._visibility.experiment_ids(one.experiment_id for one in found))
        return [one for one in found if one.experiment_id in shown]

    def experiment(self, experiment_id: str) -> Experiment:
        """The experiment of a policy; NotFound if there is none, Conflict if it is in the bin."""
        experiment = self._experiments.get(experiment_id)
        if experiment.lifecycle_stage != LifecycleStage.ACTIVE:
            raise Conflict(f"experiment {experiment_id} is deleted", hint="`windlass gc` removes it with all its runs")
        return experiment

    def _all(self) -> Iterator[Record]:
        after = ""
        while found := self._records.list(_COLLECTION, after=after, max_results=_PAGE):
            yield from found
            after = found[-1].key

    @property
    def _records(self) -> RecordStore:
        if self._remote:
            raise Unsupported(
                "retention policies are kept where the runs are", hint="use `windlass retention`, which asks the server"
            )
        return self._open_records()
