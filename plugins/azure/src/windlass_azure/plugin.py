"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """An artifact repository in Azure Blob Storage."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("abfs", "abfss", "wasb", "wasbs", "az"),
            "windlass_azure.repository:AzureArtifactRepository",
            "Files in Azure Blob Storage and Data Lake.",
            suite="windlass_azure.conformance:TestAzureArtifactRepository",
            install="windlass[azure]",
        ),
    ]
