"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """An artifact repository in S3."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("s3", "s3a"),
            "windlass_s3.repository:S3ArtifactRepository",
            "Files in Amazon S3 and what speaks its protocol.",
            suite="windlass_s3.conformance:TestS3ArtifactRepository",
            install="windlass[s3]",
        ),
    ]
