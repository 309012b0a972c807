"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl

_SCHEMES = ("elasticsearch",)


@hookimpl
def windlass_providers() -> list[Provider]:
    """A tracking store, a model registry and records on Elasticsearch."""
    return [
        Provider(
            Kind.TRACKING_STORE,
            _SCHEMES,
            "windlass_elasticsearch.tracking:ElasticsearchTrackingStore",
            "Runs on Elasticsearch.",
            suite="windlass_elasticsearch.conformance:TestElasticsearchTrackingStore",
            install="windlass-elasticsearch",
        ),
        Provider(
            Kind.MODEL_REGISTRY,
            _SCHEMES,
            "windlass_elasticsearch.registry:ElasticsearchModelRegistry",
            "Registered models on Elasticsearch.",
            suite="windlass_elasticsearch.conformance:TestElasticsearchModelRegistry",
            install="windlass-elasticsearch",
        ),
        Provider(
            Kind.RECORD_STORE,
            _SCHEMES,
            "windlass_elasticsearch.records:ElasticsearchRecordStore",
            "What the platform itself remembers, on Elasticsearch.",
            suite="windlass_elasticsearch.conformance:TestElasticsearchRecordStore",
            install="windlass-elasticsearch",
        ),
    ]
