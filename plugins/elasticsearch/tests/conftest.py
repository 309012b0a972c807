"""Prefixes for tests, on the server that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from windlass.config import Settings
from windlass.uri import Uri
from windlass_elasticsearch import beginning
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.indices import ALL
from windlass_elasticsearch.schema import open_cluster
from windlass_elasticsearch.testing import new_prefix
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore


@pytest.fixture(scope="session")
def prefix_uri() -> Iterator[Uri]:
    """A prefix for all tests of a process, which do not look at each other's experiments."""
    with new_prefix() as uri:
        open_cluster(uri, Settings()).close()
        yield uri


@pytest.fixture
def store(prefix_uri) -> Iterator[ElasticsearchTrackingStore]:
    with ElasticsearchTrackingStore.open(prefix_uri, Settings()) as store:
        yield store


@pytest.fixture
def other(prefix_uri) -> Iterator[ElasticsearchTrackingStore]:
    """The same as another process sees it."""
    with ElasticsearchTrackingStore.open(prefix_uri, Settings()) as store:
        yield store


@pytest.fixture
def own_uri() -> Iterator[Uri]:
    """A prefix for one test, in which there is nothing yet."""
    with new_prefix() as uri:
        yield uri


@pytest.fixture
def empty(store) -> Iterator[Callable[[Cluster], None]]:
    """Brings the indices back to what they are when they are new, and does so once more at the end."""

    def remove_all(cluster: Cluster) -> None:
        names = [cluster.alias(index.name) for index in ALL]
        cluster.client.indices.refresh(index=names)
        cluster.client.delete_by_query(index=names, query={"match_all": {}}, refresh=True, conflicts="proceed")
        beginning.fill(cluster, Settings())

    yield remove_all
    remove_all(store._cluster)
