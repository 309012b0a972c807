"""The conformance suites on this plugin's stores: `pytest --pyargs windlass_elasticsearch.conformance`.

They need a server, see `windlass.testing.services`; the tests of a suite share one prefix on it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from windlass.config import Settings
from windlass.interfaces import ModelRegistry, RecordStore, TrackingStore
from windlass.testing.model_registry import ModelRegistrySuite
from windlass.testing.record_store import RecordStoreSuite
from windlass.testing.tracking_store import TrackingStoreSuite
from windlass.uri import Uri
from windlass_elasticsearch.records import ElasticsearchRecordStore
from windlass_elasticsearch.registry import ElasticsearchModelRegistry
from windlass_elasticsearch.testing import new_prefix
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore


@pytest.fixture(scope="module")
def prefix() -> Iterator[Uri]:
    """A new prefix for the suites of this module."""
    with new_prefix() as uri:
        yield uri


class TestElasticsearchTrackingStore(TrackingStoreSuite):
    """The tracking store on Elasticsearch."""

    @pytest.fixture
    def store(self, prefix: Uri) -> Iterator[TrackingStore]:
        """A store on the prefix."""
        with ElasticsearchTrackingStore.open(prefix, Settings()) as store:
            yield store


class TestElasticsearchModelRegistry(ModelRegistrySuite):
    """The model registry on Elasticsearch."""

    @pytest.fixture
    def registry(self, prefix: Uri) -> Iterator[ModelRegistry]:
        """A registry on the prefix."""
        with ElasticsearchModelRegistry.open(prefix, Settings()) as registry:
            yield registry


class TestElasticsearchRecordStore(RecordStoreSuite):
    """The record store on Elasticsearch."""

    @pytest.fixture
    def records(self, prefix: Uri) -> Iterator[RecordStore]:
        """A store on the prefix."""
        with ElasticsearchRecordStore.open(prefix, Settings()) as records:
            yield records
