"""Random operations: the SQL stores and the memory stores stay alike."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from windlass.config import Settings
from windlass.testing.registry_machine import ModelRegistryMachine
from windlass.testing.stateful import TrackingStoreMachine
from windlass.uri import Uri
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore

EXAMPLES = int(os.environ.get("WINDLASS_TEST_EXAMPLES", "25"))


class Machine(TrackingStoreMachine):
    def open_store(self):
        return SqlTrackingStore.open(Uri.parse("sqlite://"), Settings())


class RegistryMachine(ModelRegistryMachine):
    def open_registry(self):
        return SqlModelRegistry.open(Uri.parse("sqlite://"), Settings())


TestSqlStoreIsLikeMemory = Machine.TestCase
TestSqlRegistryIsLikeMemory = RegistryMachine.TestCase
TestSqlStoreIsLikeMemory.settings = TestSqlRegistryIsLikeMemory.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
