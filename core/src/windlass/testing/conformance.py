"""Core's own implementations, measured like everyone else's: `pytest --pyargs windlass.testing.conformance`."""

from __future__ import annotations

from pathlib import Path

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.builtin.local_context import LocalContext
from windlass.builtin.memory_records import MemoryRecordStore
from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_tracking import MemoryTrackingStore
from windlass.config import Settings
from windlass.interfaces import ArtifactRepository, ModelRegistry, RecordStore, RunContext, TrackingStore
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.record_store import RecordStoreSuite
from windlass.testing.run_context import RunContextSuite
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri


class TestMemoryTrackingStore(TrackingStoreSuite):
    """Runs in memory."""

    @pytest.fixture
    def store(self) -> TrackingStore:
        """A store of its own."""
        return MemoryTrackingStore.open(Uri.parse("memory:"), Settings())


class TestMemoryModelRegistry(ModelRegistrySuite):
    """Registered models in memory."""

    @pytest.fixture
    def registry(self) -> ModelRegistry:
        """A registry of its own."""
        return MemoryModelRegistry.open(Uri.parse("memory:"), Settings())


class TestMemoryRecordStore(RecordStoreSuite):
    """Records in memory."""

    @pytest.fixture
    def records(self) -> RecordStore:
        """A store of its own."""
        return MemoryRecordStore.open(Uri.parse("memory:"), Settings())


class TestLocalArtifactRepository(ArtifactRepositorySuite):
    """Files in a local directory."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> ArtifactRepository:
        """A new directory, with a name that needs escapes in a URI."""
        return LocalArtifactRepository.open(Uri.parse((tmp_path / "root with space").as_uri()), Settings())


class TestLocalContext(RunContextSuite):
    """The user, the source file and the git commit."""

    @pytest.fixture
    def context(self) -> RunContext:
        """The context of this process."""
        return LocalContext()
