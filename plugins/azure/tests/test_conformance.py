"""The repository passes the suite of its interface; the same class ships in the wheel."""

from __future__ import annotations

from windlass_azure.conformance import TestAzureArtifactRepository, azure_container, azure_settings

__all__ = ["TestAzureArtifactRepository", "azure_container", "azure_settings"]
