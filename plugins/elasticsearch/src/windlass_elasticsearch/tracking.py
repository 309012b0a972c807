"""ElasticsearchTrackingStore: experiments, runs and logged models on Elasticsearch."""

from __future__ import annotations

from typing import Self

from windlass.config import Settings
from windlass.interfaces import TrackingStore
from windlass.uri import Uri
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.experiments import ElasticsearchExperimentStore
from windlass_elasticsearch.logged_models import ElasticsearchLoggedModelStore
from windlass_elasticsearch.runs import ElasticsearchRunStore
from windlass_elasticsearch.schema import exists, open_cluster


class ElasticsearchTrackingStore(TrackingStore):
    """Keeps everything in the indices of one prefix."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._experiments = ElasticsearchExperimentStore(cluster)
        self._runs = ElasticsearchRunStore(cluster)
        self._logged_models = ElasticsearchLoggedModelStore(cluster)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the cluster that `uri` names, making the indices where there are none."""
        return cls(open_cluster(uri, settings))

    @classmethod
    def exists(cls, uri: Uri, settings: Settings) -> bool:
        """Whether there are indices of ours."""
        return exists(uri, settings)

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the indices to this release's schema."""
        from windlass_elasticsearch.upgrade import upgrade  # noqa: PLC0415  only needed here

        return upgrade(uri, settings)

    @property
    def experiments(self) -> ElasticsearchExperimentStore:
        """The experiments."""
        return self._experiments

    @property
    def runs(self) -> ElasticsearchRunStore:
        """The runs."""
        return self._runs

    @property
    def logged_models(self) -> ElasticsearchLoggedModelStore:
        """The logged models."""
        return self._logged_models

    def close(self) -> None:
        """Give the connection back."""
        self._cluster.close()
