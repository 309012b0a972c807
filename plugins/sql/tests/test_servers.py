"""The suites and the state machine on PostgreSQL and MariaDB."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from windlass.interfaces import ModelRegistry, RecordStore, RunBatch, TrackingStore
from windlass.testing import strategies as some
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.record_store import RecordStoreSuite
from windlass.testing.samples import metric, new_experiment, new_run
from windlass.testing.stateful import TrackingStoreMachine
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass_sql.records import SqlRecordStore
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore

EXAMPLES = int(os.environ.get("WINDLASS_TEST_EXAMPLES", "15"))


class TestTrackingStore(TrackingStoreSuite):
    @pytest.fixture
    def store(self, server_database) -> TrackingStore:
        return SqlTrackingStore(server_database)

    def test_minus_zero_keeps_its_sign(self, store) -> None:
        if store._database.engine.dialect.name != "mysql":
            super().test_minus_zero_keeps_its_sign(store)
            return
        # What docs/how-to/databases.md says: MySQL and MariaDB have but one zero.
        run_id = new_run(store, new_experiment(store).experiment_id).info.run_id
        store.runs.log(run_id, RunBatch(metrics=[metric("m", -0.0)]))
        assert [str(point.value) for point in store.runs.metric_history(run_id, "m")] == ["0.0"]

    def test_encoded_points_are_the_points(self, store) -> None:
        if store._database.engine.dialect.name != "mysql":
            super().test_encoded_points_are_the_points(store)
            return
        with pytest.raises(AssertionError, match=r"'-0\.0' in"):
            super().test_encoded_points_are_the_points(store)


class TestModelRegistry(ModelRegistrySuite):
    @pytest.fixture
    def registry(self, server_database) -> ModelRegistry:
        return SqlModelRegistry(server_database)


class TestRecordStore(RecordStoreSuite):
    @pytest.fixture
    def records(self, server_database) -> RecordStore:
        return SqlRecordStore(server_database)


class Machine(TrackingStoreMachine):
    @rule(run_id=TrackingStoreMachine.runs, batch=some.batches)
    def log(self, run_id: str, batch: RunBatch) -> None:
        """As everywhere, without the sign of zero."""
        metrics = [replace(one, value=one.value + 0.0) for one in batch.metrics]
        self.pair.do(lambda store: store.runs.log(run_id, replace(batch, metrics=metrics)))
        self.pair.do(lambda store: store.runs.get(run_id))


def test_random_operations_do_what_they_do_in_memory(server_database, empty):
    class EmptiedMachine(Machine):
        def open_store(self):
            empty(server_database)
            return SqlTrackingStore(server_database)

    some_of_them = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),  # making an example smaller takes minutes on a server
    )
    run_state_machine_as_test(EmptiedMachine, settings=some_of_them)
