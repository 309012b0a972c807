"""Contents: everything that a store may hold, drawn by hypothesis, for tests that move or copy whole stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from windlass.entities import (
    DEFAULT_EXPERIMENT_ID,
    Experiment,
    LifecycleStage,
    LoggedModel,
    ModelStage,
    ModelVersion,
    RegisteredModel,
    Run,
    RunData,
    RunInfo,
    RunStatus,
)
from windlass.errors import Conflict
from windlass.interfaces import (
    ExperimentUpdate,
    LoggedModelUpdate,
    ModelRegistry,
    RecordStore,
    RegisteredModelUpdate,
    RunBatch,
    RunUpdate,
    TrackingStore,
)
from windlass.testing import strategies as some

_DELETED = LifecycleStage.DELETED
_REVIVED = "revived"
"""What becomes of a run that is restored while its experiment is in the bin."""
_few = st.integers(0, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a store; experiments are named by their place, the default one is the first."""

    experiments: tuple[tuple[Mapping[str, str], int, bool], ...]
    logged_models: tuple[tuple[int, Mapping[str, str], bool], ...]
    runs: tuple[tuple[int, str, tuple[RunBatch, ...], str, str], ...]
    models: tuple[tuple[Mapping[str, str], tuple[tuple[str, bool], ...], frozenset[int]], ...]
    records: Mapping[str, Mapping[str, Any]]

    def write(self, tracking: TrackingStore, registry: ModelRegistry, records: RecordStore) -> None:
        """Put all of it into an empty store."""
        self._write_tracking(tracking)
        for number, (tags, versions, aliased) in enumerate(self.models):
            _write_model(registry, f"model {number} ü", tags, versions, aliased)
        for collection, values in self.records.items():
            for key, value in values.items():
                for given in ({}, {"value": value}):
                    records.put(collection, key, given)

    def _write_tracking(self, store: TrackingStore) -> None:
        ids = [DEFAULT_EXPERIMENT_ID, *(str(number) for number in range(1, len(self.experiments)))]
        for one, (tags, time, _) in zip(ids[1:], self.experiments[1:], strict=True):
            store.experiments.create(Experiment(one, f"experiment {one} ü", "s3://bucket", "active", time, time, tags))
        for model_id, (place, tags, _) in zip(some.MODEL_IDS, self.logged_models, strict=False):
            given = LoggedModel(model_id, ids[place % len(ids)], "model", "s3://b", 1, 2, params=tags, tags=tags)
            store.logged_models.create(given)
        for number, run in enumerate(self.runs):
            _write_run(store, _run_id(number), ids[run[0] % len(ids)], run)
        self._delete(store, ids)

    def _delete(self, store: TrackingStore, ids: Sequence[str]) -> None:
        for model_id, (_, _, deleted) in zip(some.MODEL_IDS, self.logged_models, strict=False):
            if deleted:
                store.logged_models.update(model_id, LoggedModelUpdate(lifecycle_stage=_DELETED))
        for one, (tags, _, deleted) in zip(ids, self.experiments, strict=True):
            if one == DEFAULT_EXPERIMENT_ID and tags:
                store.experiments.update(one, ExperimentUpdate(tags=tags))
            if deleted:
                store.experiments.update(one, ExperimentUpdate(lifecycle_stage=_DELETED))
        for number, (*_, end) in enumerate(self.runs):
            if end == _REVIVED:
                store.runs.update(_run_id(number), RunUpdate(lifecycle_stage=LifecycleStage.ACTIVE))


def _run_id(number: int) -> str:
    return f"{number:032x}"


def _write_run(store: TrackingStore, run_id: str, experiment_id: str, run: Any) -> None:
    _, name, batches, status, end = run
    info = RunInfo(run_id, experiment_id, name, "ada", status, 5, None if status == "RUNNING" else 9, "s3://bucket/ä")
    store.runs.create(Run(info, RunData(tags={"t": name})))
    for batch in batches:
        try:
            store.runs.log(run_id, batch)
        except Conflict:
            # A param that an earlier batch has written otherwise.
            continue
    if end == _DELETED:
        store.runs.update(run_id, RunUpdate(lifecycle_stage=_DELETED))


def _write_model(
    registry: ModelRegistry,
    name: str,
    tags: Mapping[str, str],
    versions: tuple[tuple[str, bool], ...],
    aliased: frozenset[int],
) -> None:
    registry.models.create(RegisteredModel(name, 3, 4, "about it", tags))
    for stage, _ in versions:
        made = ModelVersion(name, 0, "s3://b", "run", "m-1", "link", 5, 6, "d", "ada", stage, "READY", "ok", tags)
        registry.versions.create(made)
    for number, (_, deleted) in enumerate(versions, 1):
        if deleted:
            registry.versions.delete(name, number)
        elif number in aliased:
            update = RegisteredModelUpdate(aliases={f"alias-{number}": number}, last_updated_timestamp=number)
            registry.models.update(name, update)


_records = st.dictionaries(
    st.sampled_from(["accounts", "webhooks", "ünï"]),
    st.dictionaries(some.names, st.recursive(some.texts | some.times | st.none(), st.lists, max_leaves=3), max_size=3),
    max_size=2,
)

contents: SearchStrategy[Contents] = st.builds(
    Contents,
    experiments=st.lists(st.tuples(some.tags, some.times, st.booleans()), min_size=1, max_size=3).map(tuple),
    logged_models=st.lists(st.tuples(_few, some.tags, st.booleans()), max_size=3).map(tuple),
    runs=st.lists(
        st.tuples(
            _few,
            some.texts,
            st.lists(some.batches, max_size=3).map(tuple),
            st.sampled_from(RunStatus),
            st.sampled_from([LifecycleStage.ACTIVE, _DELETED, _REVIVED]),
        ),
        max_size=4,
    ).map(tuple),
    models=st.lists(
        st.tuples(
            some.tags,
            st.lists(st.tuples(st.sampled_from(ModelStage), st.booleans()), max_size=4).map(tuple),
            st.frozensets(st.integers(1, 4)),
        ),
        max_size=2,
    ).map(tuple),
    records=_records,
)
