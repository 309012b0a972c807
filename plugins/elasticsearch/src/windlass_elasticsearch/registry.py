"""ElasticsearchModelRegistry: registered models and their versions on Elasticsearch."""

from __future__ import annotations

from typing import Self

from windlass.config import Settings
from windlass.interfaces import ModelRegistry
from windlass.uri import Uri
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.model_versions import ElasticsearchModelVersionStore
from windlass_elasticsearch.registered_models import ElasticsearchRegisteredModelStore
from windlass_elasticsearch.schema import open_cluster


class ElasticsearchModelRegistry(ModelRegistry):
    """Keeps registered models beside the runs, in the indices of one prefix."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._models = ElasticsearchRegisteredModelStore(cluster)
        self._versions = ElasticsearchModelVersionStore(cluster)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the cluster that `uri` names, making the indices where there are none."""
        return cls(open_cluster(uri, settings))

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the indices to this release's schema."""
        from windlass_elasticsearch.upgrade import upgrade  # noqa: PLC0415  only needed here

        return upgrade(uri, settings)

    @property
    def models(self) -> ElasticsearchRegisteredModelStore:
        """The registered models."""
        return self._models

    @property
    def versions(self) -> ElasticsearchModelVersionStore:
        """Their versions."""
        return self._versions

    def close(self) -> None:
        """Give the connection back."""
        self._cluster.close()
