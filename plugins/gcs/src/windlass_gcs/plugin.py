"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """An artifact repository in Google Cloud Storage."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("gs",),
            "windlass_gcs.repository:GcsArtifactRepository",
            "Files in Google Cloud Storage.",
            suite="windlass_gcs.conformance:TestGcsArtifactRepository",
            install="windlass[gcs]",
        ),
    ]
