"""Core's own stores are measured like everyone else's."""

from __future__ import annotations

import pytest

from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri


class TestMemoryTrackingStore(TrackingStoreSuite):
    @pytest.fixture
    def store(self):
        return MemoryTrackingStore.open(Uri.parse("memory:"), Settings())


class TestMemoryModelRegistry(ModelRegistrySuite):
    @pytest.fixture
    def registry(self):
        return MemoryModelRegistry.open(Uri.parse("memory:"), Settings())
