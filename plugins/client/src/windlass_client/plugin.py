"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl

_SCHEMES = ("http", "https")


@hookimpl
def windlass_providers() -> list[Provider]:
    """Stores behind a Windlass or MLflow server, and the files that it serves."""
    return [
        Provider(
            Kind.TRACKING_STORE,
            _SCHEMES,
            "windlass_client.tracking_store:HttpTrackingStore",
            "Runs behind a Windlass or MLflow server.",
            suite="windlass_client.conformance:TestHttpTrackingStore",
        ),
        Provider(
            Kind.MODEL_REGISTRY,
            _SCHEMES,
            "windlass_client.model_registry:HttpModelRegistry",
            "Registered models behind a Windlass or MLflow server.",
            suite="windlass_client.conformance:TestHttpModelRegistry",
        ),
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("mlflow-artifacts",),
            "windlass_client.artifact_repository:HttpArtifactRepository",
            "Files that a Windlass or MLflow server keeps for its clients.",
            suite="windlass_client.conformance:TestHttpArtifactRepository",
        ),
    ]
