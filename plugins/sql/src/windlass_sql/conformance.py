"""The conformance suites on this plugin's stores: `pytest --pyargs windlass_sql.conformance`.

They run on a new SQLite file for each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.interfaces import ModelRegistry, RecordStore, TrackingStore
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.record_store import RecordStoreSuite
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri
from windlass_sql.records import SqlRecordStore
from windlass_sql.registry import SqlModelRegistry
from windlass_sql.tracking import SqlTrackingStore


class TestSqlTrackingStore(TrackingStoreSuite):
    """The tracking store on SQLite."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TrackingStore]:
        """A store on a new file."""
        uri = Uri.parse(f"sqlite:///{tmp_path}/windlass.db")
        with SqlTrackingStore.open(uri, Settings(home=tmp_path)) as store:
            yield store


class TestSqlModelRegistry(ModelRegistrySuite):
    """The model registry on SQLite."""

    @pytest.fixture
    def registry(self, tmp_path: Path) -> Iterator[ModelRegistry]:
        """A registry on a new file."""
        uri = Uri.parse(f"sqlite:///{tmp_path}/windlass.db")
        with SqlModelRegistry.open(uri, Settings(home=tmp_path)) as registry:
            yield registry


class TestSqlRecordStore(RecordStoreSuite):
    """The records on SQLite."""

    @pytest.fixture
    def records(self, tmp_path: Path) -> Iterator[RecordStore]:
        """Records in a new file."""
        uri = Uri.parse(f"sqlite:///{tmp_path}/windlass.db")
        with SqlRecordStore.open(uri, Settings(home=tmp_path)) as records:
            yield records
