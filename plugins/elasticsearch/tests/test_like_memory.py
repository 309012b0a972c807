"""Random operations: the store on Elasticsearch and the memory store stay alike."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from windlass.testing.registry_machine import ModelRegistryMachine
from windlass.testing.stateful import TrackingStoreMachine
from windlass_elasticsearch.registry import ElasticsearchModelRegistry
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

EXAMPLES = int(os.environ.get("WINDLASS_TEST_EXAMPLES", "8"))
SOME = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),  # making an example smaller takes minutes on a server
)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_operations_do_what_they_do_in_memory(store, empty):
    class Machine(TrackingStoreMachine):
        def open_store(self):
            empty(store._cluster)
            return ElasticsearchTrackingStore(store._cluster)

        def teardown(self):
            """All examples share the store."""

    run_state_machine_as_test(Machine, settings=SOME)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_operations_on_models_do_what_they_do_in_memory(store, empty):
    class Machine(ModelRegistryMachine):
        def open_registry(self):
            empty(store._cluster)
            return ElasticsearchModelRegistry(store._cluster)

    run_state_machine_as_test(Machine, settings=SOME)
