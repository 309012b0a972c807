"""State machines: random operations on a store under test and on core's memory store, which must stay alike.

Subclass TrackingStoreMachine, let `open_store` return a new store, and give its `TestCase` to pytest:
`TestLikeMemory = Machine.TestCase`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from windlass.builtin.memory_state import TrackingState
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.entities import DEFAULT_EXPERIMENT_ID, Experiment, LifecycleStage, LoggedModel, Run, RunData, RunInfo
from windlass.interfaces import (
    ExperimentUpdate,
    LoggedModelUpdate,
    RunBatch,
    RunUpdate,
    TrackingStore,
)
from windlass.search import EXPERIMENTS, LOGGED_MODELS, RUNS, Query
from windlass.testing import strategies as some
from windlass.testing.comparison import Pair

_stages = st.none() | st.sampled_from(LifecycleStage)
_deleted = st.lists(some.keys, max_size=2).map(tuple)
_page = st.integers(1, 4)


class TrackingStoreMachine(RuleBasedStateMachine):
    """Compares a tracking store with the memory store; override `open_store`."""

    experiments = Bundle("experiments")
    runs = Bundle("runs")

    def open_store(self) -> TrackingStore:
        """A new, empty store."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        tested = self.open_store()
        # When the default experiment was made and where its files go is each store's own business.
        state = TrackingState(experiments={DEFAULT_EXPERIMENT_ID: tested.experiments.get(DEFAULT_EXPERIMENT_ID)})
        self.pair: Pair[TrackingStore] = Pair(tested, MemoryTrackingStore(state))
        self.count = 0

    def teardown(self) -> None:
        self.pair.tested.close()

    @initialize(target=experiments)
    def default_experiment(self) -> str:
        return DEFAULT_EXPERIMENT_ID

    @rule(target=experiments, name=some.names, tags=some.tags, time=some.times)
    def create_experiment(self, name: str, tags: dict[str, str], time: int) -> str:
        self.count += 1
        experiment = Experiment(str(self.count), name, "s3://bucket", "active", time, time, tags)
        self.pair.do(lambda store: store.experiments.create(experiment))
        return experiment.experiment_id

    @rule(
        experiment_id=experiments,
        update=st.builds(
            ExperimentUpdate,
            name=st.none() | some.names,
            lifecycle_stage=_stages,
            tags=some.tags,
            deleted_tags=_deleted,
            last_update_time=some.times,
        ),
    )
    def update_experiment(self, experiment_id: str, update: ExperimentUpdate) -> None:
        self.pair.do(lambda store: store.experiments.update(experiment_id, update))

    @rule(experiment_id=experiments)
    def purge_experiment(self, experiment_id: str) -> None:
        self.pair.do(lambda store: store.experiments.purge(experiment_id))

    @rule(target=runs, experiment_id=experiments, name=some.texts, tags=some.tags, time=some.times)
    def create_run(self, experiment_id: str, name: str, tags: dict[str, str], time: int) -> str:
        self.count += 1
        info = RunInfo(f"{self.count:032x}", experiment_id, name, "ada", start_time=time, artifact_uri="s3://bucket")
        self.pair.do(lambda store: store.runs.create(Run(info, RunData(tags=tags))))
        return info.run_id

    @rule(
        run_id=runs,
        update=st.builds(
            RunUpdate,
            status=st.none() | st.sampled_from(["FINISHED", "FAILED"]),
            end_time=st.none() | some.times,
            run_name=st.none() | some.texts,
            lifecycle_stage=_stages,
            deleted_tags=_deleted,
        ),
    )
    def update_run(self, run_id: str, update: RunUpdate) -> None:
        self.pair.do(lambda store: store.runs.update(run_id, update))

    @rule(run_id=runs, batch=some.batches)
    def log(self, run_id: str, batch: RunBatch) -> None:
        self.pair.do(lambda store: store.runs.log(run_id, batch))
        self.pair.do(lambda store: store.runs.get(run_id))

    @rule(run_id=runs)
    def purge_run(self, run_id: str) -> None:
        self.pair.do(lambda store: store.runs.purge(run_id))

    @rule(run_id=runs, key=some.keys, max_results=st.none() | _page)
    def metric_history(self, run_id: str, key: str, max_results: int | None) -> None:
        def all_points(store: TrackingStore) -> list[Any]:
            page = store.runs.metric_history(run_id, key, max_results=max_results)
            points = list(page)
            while page.token is not None:
                page = store.runs.metric_history(run_id, key, max_results=max_results, page_token=page.token)
                points += page
            return points

        self.pair.do(all_points)

    @rule(experiment_id=experiments, model_id=st.sampled_from(some.MODEL_IDS), tags=some.tags, params=some.tags)
    def create_logged_model(
        self, experiment_id: str, model_id: str, tags: dict[str, str], params: dict[str, str]
    ) -> None:
        model_type = "agent" if tags else None
        model = LoggedModel(model_id, experiment_id, "model", model_type=model_type, params=params, tags=tags)
        self.pair.do(lambda store: store.logged_models.create(model))

    @rule(
        model_id=st.sampled_from(some.MODEL_IDS),
        update=st.builds(
            LoggedModelUpdate,
            status=st.none() | st.just("READY"),
            lifecycle_stage=_stages,
            params=some.tags,
            tags=some.tags,
            deleted_tags=_deleted,
            last_updated_timestamp=some.times,
        ),
    )
    def update_logged_model(self, model_id: str, update: LoggedModelUpdate) -> None:
        self.pair.do(lambda store: store.logged_models.update(model_id, update))

    @rule(model_id=st.sampled_from(some.MODEL_IDS))
    def purge_logged_model(self, model_id: str) -> None:
        self.pair.do(lambda store: store.logged_models.purge(model_id))

    @rule(
        query=st.builds(
            Query,
            filter=some.filters(RUNS),
            order_by=some.orderings(RUNS),
            max_results=_page,
            view=some.views,
            experiment_ids=st.just(("0", "1", "2", "3", "4")),
        )
    )
    def search_runs(self, query: Query) -> None:
        self.pair.search(lambda store, asked: store.runs.search(asked), query)

    @rule(
        query=st.builds(
            Query,
            filter=some.filters(EXPERIMENTS),
            order_by=some.orderings(EXPERIMENTS),
            max_results=_page,
            view=some.views,
        )
    )
    def search_experiments(self, query: Query) -> None:
        self.pair.search(lambda store, asked: store.experiments.search(asked), query)

    @rule(
        query=st.builds(
            Query,
            filter=some.filters(LOGGED_MODELS),
            order_by=some.orderings(LOGGED_MODELS),
            max_results=_page,
            view=some.views,
            experiment_ids=st.just(("0", "1", "2", "3", "4")),
            datasets=st.lists(st.tuples(some.dataset_names, st.none() | st.just("1")), max_size=2).map(tuple),
        )
    )
    def search_logged_models(self, query: Query) -> None:
        self.pair.search(lambda store, asked: store.logged_models.search(asked), query)
